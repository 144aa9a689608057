from __future__ import annotations

import pytest

from redaction.entities import Plan
from redaction.errors import RefusedError
from redaction.formats import Limits
from redaction.formats.table import sniff
from redaction.formats.text import TextHandler, without_payloads
from redaction.media import MARKDOWN, TEXT
from redaction.readers.text import lines, undeclared, unmarked
from tests.redaction.plans import plan_for

LIMITS = Limits()
HANDLER = TextHandler()
PICTURE = "iVBORw0KGgo" + "A" * 80


def rewrite(text: str | bytes, words: dict[str, str]) -> str:
    source = text if isinstance(text, bytes) else text.encode()
    return HANDLER.rewrite(source, plan_for(HANDLER.extract(source, LIMITS), words), LIMITS).data.decode()


def test_it_works() -> None:
    text = "# Notes\n\nJane Fairweather called.\n"
    assert rewrite(text, {"Jane Fairweather": "[PERSON_1]"}) == "# Notes\n\n[PERSON_1] called.\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_every_encoding_is_written_as_utf_8(encoding: str) -> None:
    assert rewrite("Größe – Jane\r\nx".encode(encoding), {"Jane": "X"}) == "Größe – X\nx"


def test_signs_of_markdown_inside_of_a_word_do_not_hide_it() -> None:
    assert rewrite("Offer of **Fair**weather.", {"Fairweather": "X"}) == "Offer of **X**."
    assert rewrite("Fair<b></b>wea`th`er", {"Fairweather": "X"}) == "X<b></b>``"
    assert rewrite("2*3*4 and a * b", {}) == "2*3*4 and a * b"


def test_a_word_between_signs_is_never_left_out() -> None:
    text = "Fair<!-- Jane -->weather <i title='Jane'>x</i>"
    assert "Jane" not in rewrite(text, {"Jane": "X"})


def test_the_second_reader_sees_words_without_signs() -> None:
    data = b"**Fair**weather <b>a</b>"
    assert [block.text for block in lines(data)] == ["**Fair**weather <b>a</b>"]
    assert [block.text for block in unmarked(data)] == ["**Fairweather <b>a</b>"]


def test_files_in_base64_stay_behind() -> None:
    assert without_payloads(f"![a](data:image/png;base64,{PICTURE}) x") == ("![a](data:,) x", 1)
    assert without_payloads(f"{PICTURE}== x") == (" x", 1)
    assert without_payloads("data: a, b; the data:image is large") == ("data: a, b; the data:image is large", 0)
    assert undeclared(f"a\n{PICTURE}\n![](data:image/gif;base64,AAAABBBB)\n".encode()) == ["line 2", "line 3"]
    counts = HANDLER.rewrite(PICTURE.encode() + b"\nx", Plan({}, "a.txt"), LIMITS).carriers
    assert counts["H5"]["dropped"] == 1


def test_markdown_stays_markdown() -> None:
    assert HANDLER.rewrite(b"x", Plan({}, "a.md"), LIMITS).media_type == MARKDOWN
    assert HANDLER.rewrite(b"x", Plan({}, "a.txt"), LIMITS).media_type == TEXT


def test_two_runs_write_the_same_and_a_second_one_changes_nothing() -> None:
    text = "Fair**wea**ther\r\n\x0cJane \u2028x\n"
    new = rewrite(text, {"Fairweather": "X", "Jane": "Y"})
    assert new == rewrite(text, {"Fairweather": "X", "Jane": "Y"})
    assert rewrite(new, {"Fairweather": "X", "Jane": "Y"}) == new


REFUSED = {
    "nothing": ("a.txt", b" \n", "empty"),
    "zeros": ("a.txt", b"a\0b", "unsupported"),
    "no letters of any set": ("a.txt", b"\x81\x8d\x8f", "unsupported"),
    "half a character": ("a.txt", b"\xff\xfea", "unsupported"),
    "a PDF": ("a.md", b"%PDF-1.7", "mismatch"),
    "a name that nobody knows": ("a.xyz", b"text", "unsupported"),
}


@pytest.mark.parametrize(("name", "data", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_it_refuses(name: str, data: bytes, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        sniff(name, data)
    assert refused.value.code == code


def test_more_characters_than_the_limit_are_refused() -> None:
    with pytest.raises(RefusedError, match="limit"):
        HANDLER.extract(b"x" * 20, Limits(characters=10))


def test_a_reader_takes_utf_8_alone() -> None:
    with pytest.raises(UnicodeDecodeError):
        lines(b"\xff\xfea\0")
