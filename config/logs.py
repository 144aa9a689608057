"""Logs: one JSON object a line, with ids, counts, types and durations, and never anything that stood in a file.

The text of an exception may repeat what it choked on (a name, a cell, a row), so only its type and the places in the
code are written. Invitation addresses carry their token and lose it here.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from typing import Any

_INVITATION = re.compile(r"(/i/)[^/\s\"']+")


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON; control characters are escaped by JSON itself."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": _INVITATION.sub(r"\1…", record.getMessage()),
        }
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])
            entry["error"] = record.exc_info[0].__name__
            entry["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
        return json.dumps(entry, ensure_ascii=True)


LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        **{app: {"level": "INFO"} for app in ("intake", "redaction", "consent", "config")},
        # Django's own handlers would print a second copy, with the exception's text.
        "django": {"handlers": [], "level": "WARNING"},
        "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
