from __future__ import annotations

import json
import logging
import sys

from config.logs import JsonFormatter


def line(message: str, *arguments: object, error: BaseException | None = None) -> dict[str, object]:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("intake", logging.ERROR, __file__, 1, message, arguments, info)
    text = JsonFormatter().format(record)
    assert "\n" not in text
    parsed: dict[str, object] = json.loads(text)
    return parsed


def test_a_line_is_one_json_object_and_control_characters_are_escaped() -> None:
    assert line("id=%s", "a\nFAKE LINE")["message"] == "id=a\nFAKE LINE"


def test_the_text_of_an_exception_is_left_out() -> None:
    try:
        int("Ingeborg Falkenrath")
    except ValueError:
        entry = line("failed", error=sys.exc_info()[1])
    assert entry["error"] == "ValueError"
    assert "Falkenrath" not in json.dumps(entry)
    assert "test_logs.py" in json.dumps(entry["where"])


def test_an_invitation_loses_its_token() -> None:
    assert line('"GET /i/abcDEF123-_ HTTP/1.1" 200')["message"] == '"GET /i/… HTTP/1.1" 200'
