"""Decisions of people, marks, surrogates and cut names through a whole run."""

from __future__ import annotations

import pytest

from redaction import policy
from redaction.engine import redact
from redaction.entities import DenyTerm, Override, Redaction, SourceFile, Verdict
from redaction.filenames import segment
from redaction.formats.text import TextHandler
from redaction.limits import Limits
from redaction.overrides import Reading, digests

KEY = b"k" * 32
TEXT = "Jane Fairweather called. Then we met.\nLater Jane Fairweather left the room.\nThe crane is blue."


def run(text: str, *overrides: Override, name: str = "a.txt", chosen: str = "standard", key: bytes = KEY) -> Redaction:
    files = [SourceFile("f1", name, text.encode())]
    return redact(files, policy.load(chosen), deny=[DenyTerm("Bluebird", "PROJECT")], overrides=overrides, key=key)


def text_of(redaction: Redaction) -> str:
    data = redaction.files[0].data
    assert data is not None, redaction.files[0].reasons
    return data.decode()


def here(action: str, anchor: str, start: int, end: int, text: str = TEXT) -> Override:
    segments = [*TextHandler().extract(text.encode(), Limits()).segments, segment("a.txt")]
    digest = digests(Reading("f1", segments), KEY)[anchor]
    return Override(action, ref="f1", anchor=anchor, start=start, end=end, digest=digest, entity_type="PROJECT")


def test_a_name_kept_in_one_place_is_gone_in_the_others() -> None:
    written = text_of(run(TEXT, here("keep", "l1", 0, 16)))
    assert written.splitlines()[:2] == ["Jane Fairweather called. Then we met.", "Later [PERSON_1] left the room."]


def test_a_word_hidden_in_one_place_stays_in_the_others() -> None:
    text = "The crane is blue.\nA crane is a bird."
    assert text_of(run(text, here("hide", "l1", 4, 9, text))) == "The [PROJECT_1] is blue.\nA crane is a bird."


def test_a_deny_term_is_not_kept_here() -> None:
    text = "So Bluebird starts."
    assert text_of(run(text, here("keep", "l1", 3, 11, text))) == "So [PROJECT_1] starts."


def test_a_decision_that_fits_nothing_holds_the_file() -> None:
    result = run(TEXT, here("hide", "l1", 0, 16, TEXT.replace("met", "ate")))
    assert result.files[0].reasons == ("override-stale",)
    assert result.verdict is Verdict.BLOCKED


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("It was blue-\nbird again.", "It was [PROJECT_1]\n again."),
        ("We call it Blue\nBird again.", "We call it [PROJECT_1]\n again."),
    ],
)
def test_a_term_cut_by_a_line_end_is_written_once(text: str, written: str) -> None:
    assert text_of(run(text)) == written


def test_a_mark_asks_somebody_with_rights() -> None:
    [file] = run("CONFIDENTIAL\n\nThe crane is blue.").files
    assert file.verdict is Verdict.NEEDS_ACK
    assert [(ack.kind, ack.zone, ack.role) for ack in file.acks] == [("confidentiality-mark", "l1", "rights")]
    assert run("The crane is blue.").files[0].verdict is Verdict.CLEAN


def test_surrogates_are_the_same_for_the_same_key_and_read_clean() -> None:
    first, again = (run(TEXT, chosen="surrogates") for _ in range(2))
    other = run(TEXT, chosen="surrogates", key=b"o" * 32)
    assert text_of(first) == text_of(again) != text_of(other)
    assert "Fairweather" not in text_of(first)
    assert "PERSON" not in text_of(first)
    assert first.files[0].verdict is Verdict.CLEAN
    assert first.report["mode"] == "surrogate"


def test_a_secret_is_a_token_under_surrogates_too() -> None:
    assert text_of(run("Key AKIAIOSFODNN7EXAMPLE.", chosen="surrogates")) == "Key REDACTED_AWS_KEY_1."
