"""Edits that nobody sees cost next to nothing, and nothing of them is left in a copy."""

from __future__ import annotations

import json
import random
import unicodedata

import pytest

from redaction import bidi, engine, imperceptible, policy
from redaction.detection import detect
from redaction.entities import Kind as SegmentKind
from redaction.entities import Replacement, Segment, SourceFile, Verdict
from redaction.matching import Matcher, Needle
from redaction.names import parse
from redaction.treatment import applied
from redaction.view import SeenWords, plain, squeeze, typed
from tests.corpus.evasion import KINDS, Kind, perturbed, swapped
from tests.corpus.gold import documents
from tests.corpus.losses import Loss, enough, losses

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
JOHN = f"J{swapped('o', 'h')}n"


@pytest.fixture(scope="module")
def sample() -> dict[Kind, Loss]:
    """A sample of ``python -m tests.corpus.losses``, which measures all classes with 1, 3 and 5 edits."""
    return {loss.kind: loss for loss in losses(enough("dev", 4, 400), policy.load("standard"), edits=[3])}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("kind", KINDS)
def test_edits_in_every_mention_lose_at_most_one_point(sample: dict[Kind, Loss], kind: Kind) -> None:
    loss = sample[kind]
    assert loss.mentions >= 400
    assert loss.clean / loss.mentions > 0.9
    assert loss.points <= 1.0


SHOWN = {
    "letters swapped": (f"call {JOHN} now", "call John now"),
    "a word turned round": ("I met \u202enhoJ\u202c here", "I met John here"),
    "a control that is never closed": ("\u202enhoJ tem I\nthere", "I met John\nthere"),
    "isolates in an isolate that runs to the left": ("\u2067\u2066Smith\u2069\u2066John \u2069\u2069!", "John Smith!"),
    "an embedding leaves words in order": ("\u202bJohn Smith\u202c came", "John Smith came"),
    "numbers of an embedding change places": ("\u202b555 0143\u202c", "0143 555"),
    "brackets are mirrored": ("\u202e3410 (020)\u202c", "(020) 0143"),
    "a mark stays on its letter": ("\u202ee\u0301bC\u202c", "Cbe\u0301"),
    "a tab stays where it is": ("\u202enhoJ\thtimS\u202c", "John\tSmith"),
    "a first letter decides": ("\u2068\u202enhoJ\u202c \u05d0\u2069.", "\u05d0 John."),
    "a control that closes nothing": ("Jo\u2069hn\u202c", "John"),
}


@pytest.mark.parametrize(("stored", "seen"), SHOWN.values(), ids=SHOWN)
def test_text_is_read_in_the_order_in_which_it_is_shown(stored: str, seen: str) -> None:
    shown = ["".join(letter for _, letter in bidi.shown(line)) for line in stored.split("\n")]
    assert "\n".join(shown) == seen


PLAIN = {
    "a backspace takes a letter back": ("Jx\bohn", "John"),
    "so does a delete": ("Joq\x7fhn", "John"),
    "two take two": ("Joab\b\bhn", "John"),
    "none takes back a line end": ("John\n\b\bSmith", "John\nSmith"),
    "what nobody sees is not what is taken back": ("Jox\u200b\bhn", "John"),
    "a letter of another script in a word": ("J\u043ehn Sm\u0456th", "John Smith"),
    "capitals by their own form": ("\u0397\u0435nry \u039d\u0430v\u0430rro", "Henry Navarro"),
    "a word of nothing but lookalikes": ("call \u0405\u0430\u0440\u0430 now", "call Sapa now"),
    "with a mark": ("J\u00f6rg \u0419 R\u0435n\u00e9", "J\u00f6rg \u0419 Ren\u00e9"),
    "a lunate sigma is a c": ("Ni\u03f2k", "Nick"),
    "digits of mathematics": ("call \U0001d7d3\U0001d7d55 now", "call 575 now"),
    "an Armenian letter": ("A\u0578\u0578a", "Anna"),
    "swapped, joined and alike at once": (f"J{swapped('о', 'h')}x\bn", "John"),
}


@pytest.mark.parametrize(("stored", "seen"), PLAIN.values(), ids=PLAIN)
def test_the_plain_view_is_what_is_seen(stored: str, seen: str) -> None:
    assert plain(stored).text == seen


@pytest.mark.parametrize(
    "text",
    [
        "Она сама сказала, что Анна не придёт.",
        "Ο Νίκος και η Άννα ήρθαν.",
        "Сара",
        "The file came in.\nАнна и Сара тут. Она рада.",
        "Yılmaz und Jörg",
        "Էջը հին է",
    ],
)
def test_other_scripts_stay_as_they_are(text: str) -> None:
    assert plain(text).text.replace("i", "ı") == text.replace("i", "ı")


def test_a_name_covers_its_controls_and_what_was_taken_back() -> None:
    text = f"call {JOHN}ny Smx\bith now"
    view = plain(text)
    at = view.text.index("Johnny Smith")
    start, end = view.source_span(at, at + len("Johnny Smith"))
    assert text[start:end] == text[5:-4]


@pytest.mark.parametrize("kind", KINDS)
def test_a_known_name_is_found_however_it_is_edited(kind: Kind) -> None:
    matcher = Matcher([Needle.of("Navarro Fairweather", 1)])
    for seed in range(60):
        text, ((start, end, _),) = perturbed(
            "ask Navarro Fairweather.", [(4, 23, "PERSON")], kind, 1 + seed % 5, random.Random(seed)
        )
        assert any(hit.start <= start and end <= hit.end for hit in matcher.find(text)), ascii(text)
        assert squeeze(text) == "asknavarrofairweather"
        edited = Matcher([Needle.of(text[start:end], 1)])
        assert {hit.start for hit in edited.find("so Navarro Fairweather, yes")} == {3}


def test_a_hit_as_stored_is_not_stretched_to_what_a_control_moves() -> None:
    matcher = Matcher([Needle.of("Fairweather", 1)])
    assert {(hit.start, hit.end) for hit in matcher.find("It says Fair\u202bweather here.")} == {(8, 20)}


def test_signs_that_nobody_sees_are_no_words_of_a_name() -> None:
    name = parse("J.\u200b Fairweather")
    assert name is not None
    assert (name.given, name.surname) == (("j",), "fairweather")


@pytest.mark.parametrize(
    ("text", "found", "grown"),
    [
        ("ask Ewa\u00ad\u2062tom\u200ci now", (4, 7), (4, 14)),
        ("ask Ewa\u00adtomi now", (8, 12), (4, 12)),
        ("ask Ewa tomi\u200b now", (4, 7), (4, 7)),
        ("ask Ewaxx\b\btomi now", (4, 7), (4, 15)),
        (f"ask {JOHN}ny now", (4, 5), (4, 20)),
        ("\u200b\u200b", (0, 1), (0, 1)),
    ],
)
def test_what_is_found_ends_where_a_word_ends_that_is_seen(
    text: str, found: tuple[int, int], grown: tuple[int, int]
) -> None:
    assert SeenWords(text).grown(*found) == grown


def test_a_column_is_searched_as_it_is_seen() -> None:
    cells = [
        Segment("r2c1", "N\u200bgo\u2060la", "TX", SegmentKind.CELL, {"column": "Na\u00adme"}),
        Segment("r2c2", "49x\b3817", "TX", SegmentKind.CELL, {"column": "Account"}),
    ]
    found = detect(cells, policy.load("standard"), 0.3)
    for cell, spans in zip(cells, found, strict=True):
        assert any((span.start, span.end) == (0, len(cell.text)) for span in spans)


CLEANED = {
    "zero widths": ("a\u200bb\ufeffc\u2060", "abc"),
    "soft hyphens and tags": ("ex\u00adtra\U000e0041", "extra"),
    "an emoji keeps its joiners": (f"hi {FAMILY} x\u200dy", f"hi {FAMILY} xy"),
    "with a tone and a selector": ("\U0001f469\U0001f3fd\u200d\u2708\ufe0f", "\U0001f469\U0001f3fd\u200d\u2708\ufe0f"),
    "moved letters stand where they are seen": (f"call {JOHN} \u202enhoJ\u202c!", "call John John!"),
    "letters that run to the left stay in their order": ("\u2067\u05d0\u05d1\u2069 a", "\u05d0\u05d1 a"),
    "nothing to do": ("J\u00f6rg", "J\u00f6rg"),
}


@pytest.mark.parametrize(("text", "clean"), CLEANED.values(), ids=CLEANED)
def test_a_copy_holds_no_format_characters(text: str, clean: str) -> None:
    assert applied(text, imperceptible.cleaned(text)) == clean


def test_what_is_replaced_stays_replaced() -> None:
    text = f"a\u200b{JOHN}\u200bb"
    span = Replacement(2, len(text) - 2, "[PERSON_1]")
    assert applied(text, imperceptible.cleaned(text, (span,))) == "a[PERSON_1]b"


EXTENSIONS = ("txt", "md", "csv", "json", "html", "py")


def in_a_file(text: str, extension: str) -> bytes:
    if extension == "json":
        return json.dumps({"note": text}).encode()
    if extension == "html":
        return f"<p>{text}</p>".replace("\b", "").replace("\x7f", "").encode()
    if extension == "py":
        return "\n".join(f"# {line}" for line in text.splitlines()).encode()
    return text.encode()


@pytest.mark.timeout(180)
@pytest.mark.parametrize("kind", KINDS)
def test_copies_of_edited_files_are_clean(kind: Kind) -> None:
    rng = random.Random(kind)
    files = []
    for number, document in enumerate(documents("dev", 6, len(EXTENSIONS))):
        extension = EXTENSIONS[number]
        text, _ = perturbed(f"{document.text} {FAMILY} \u200e", document.spans, kind, 3, rng)
        files.append(SourceFile(str(number), f"notes{number}.{extension}", in_a_file(text, extension)))
    left = [file for file in engine.redact(files, policy.load("standard")).files if file.data is not None]
    assert len(left) > len(EXTENSIONS) // 2
    for file in left:
        text = (file.data or b"").decode()
        if file.media_type_out == "application/json":
            text = json.loads(text)["note"]
        assert text.count("\u200d") == 2
        assert [sign for sign in text.replace(FAMILY, "") if unicodedata.category(sign) == "Cf"] == []
        assert not {"\b", "\x7f"} & set(text)


def test_what_a_backspace_takes_back_does_not_come_back() -> None:
    assert typed("n\bname, Fairx\x7fweather\r\n\b.") == "name, Fairweather\r\n."
    (file,) = engine.redact(
        [SourceFile("1", "a.txt", b"Dear Mr Fairx\bweat\x7fther, welcome.\n")], policy.load("standard")
    ).files
    assert file.data == b"Dear Mr [PERSON_1], welcome.\n"


SUSPICIOUS = {
    "zero widths": ("a\u200bb\u2060c", 2),
    "lookalikes": ("J\u043ehn is h\u0435re", 2),
    "controls": ("Jx\bohn", 1),
    "directions": (JOHN, 10),
    "soft hyphens": ("ex\u00adtra", 0),
    "a joiner of Persian": ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", 0),
    "a direction beside Hebrew": ("\u200f\u05d0\u05d1\u200e a", 0),
    "an emoji": (FAMILY, 0),
    "Russian": ("Она сама", 0),
    "accents": ("Jo\u0308rg Yılmaz", 0),
}


@pytest.mark.parametrize(("text", "signs"), SUSPICIOUS.values(), ids=SUSPICIOUS)
def test_signs_are_counted_that_honest_programs_do_not_write(text: str, signs: int) -> None:
    assert imperceptible.suspicious(text) == signs


def test_many_of_them_ask_a_person() -> None:
    few, many = "an ordinary line\n" * 40 + "\u200b" * 4, "an ordinary line\n" * 40 + "\u200b" * 5
    results = [
        engine.redact([SourceFile("1", "a.txt", text.encode())], policy.load("standard")).files[0]
        for text in (few, many)
    ]
    assert [file.verdict for file in results] == [Verdict.CLEAN, Verdict.NEEDS_ACK]
    assert results[1].reasons == ("hidden-signs",)
    assert [ack.id for ack in results[1].acks] == ["hidden-signs:"]
