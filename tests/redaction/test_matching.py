"""The squeezed matcher: each folding, each decoded view, and the near misses of both."""

from __future__ import annotations

import base64
import html
import quopri
import random
import unicodedata
from urllib.parse import quote

import pytest

from redaction.matching import Matcher, Needle
from redaction.view import invisible, plain, squeeze
from tests.growth import grows_linearly

NAME = "Fairweather"
MATCHER = Matcher([Needle.of(NAME, 0), Needle.of("Jane Fairweather", 0)])


def hits(text: str, matcher: Matcher = MATCHER) -> set[str]:
    return {text[match.start : match.end] for match in matcher.find(text)}


def one(term: str, *, typed: bool = False, cased: bool = False, upper: bool = False) -> Matcher:
    return Matcher([Needle.of(term, 0, typed=typed, cased=cased, upper=upper)])


DROPPED = [
    *"-\u2010\u2011\u2012\u2013\u00ad\u0000\u0002\ufffe\ufeff\u034f\u180e\u061c",
    *map(chr, (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A))),
    *map(chr, (0xFE00, 0xFE0F, 0xE0100, 0xE01EF, 0xE0000, 0xE0001, 0xE0020, 0xE0041, 0xE007F)),
    *"\u115f\u3164\uffa0\u0301\u20dd",
]


@pytest.mark.parametrize("sign", DROPPED, ids=lambda sign: f"U+{ord(sign):04X}")
def test_signs_that_nobody_sees_do_not_hide_a_name(sign: str) -> None:
    assert hits(f"It says Fair{sign}weather here.") == {f"Fair{sign}weather"}
    assert hits(f"It says {sign.join(NAME)} here.") == {sign.join(NAME)}


FOLDED = {
    "capitals": "FAIRWEATHER",
    "full-width": "Ｆａｉｒｗｅａｔｈｅｒ",
    "mathematical bold": "𝐅𝐚𝐢𝐫𝐰𝐞𝐚𝐭𝐡𝐞𝐫",
    "mathematical script": "𝓕𝓪𝓲𝓻𝔀𝓮𝓪𝓽𝓱𝓮𝓻",
    "double-struck": "𝔽𝕒𝕚𝕣𝕨𝕖𝕒𝕥𝕙𝕖𝕣",
    "circled": "Ⓕⓐⓘⓡⓦⓔⓐⓣⓗⓔⓡ",
    "white on black": "🅵🅰🅸🆁🆆🅴🅰🆃🅷🅴🆁",
    "small capitals": "ꜰᴀɪʀᴡᴇᴀᴛʜᴇʀ",
    "Cyrillic capitals": "FАIRWЕАТНЕR",
    "Cyrillic letters": "Fаіrwеаthеr",
    "Greek letters": "Fαιrwεατher",
    "Greek capitals": "FΑΙRWΕΑΤΗΕR",
    "Armenian and Cherokee": "Fairweatհer",
    "accents": "Fäïrwéàthèr",
    "accents apart": unicodedata.normalize("NFD", "Fäïrwéàthèr"),
    "stroke and dotless": "Faırweather",
    "marks without end": "F\u0335a\u0336i\u0337r\u0338w\u0335e\u0336a\u0337t\u0338h\u0335e\u0336r\u0337",
    "set apart": "F a i r w e a t h e r",
    "set apart by points": "F.a.i.r.w.e.a.t.h.e.r",
    "no-break hyphen": "Fair\u2011weather",
    "underscore": "fair_weather",
    "point": "fair.weather",
    "plus": "fair+weather",
    "line end with hyphen": "Fair-\nweather",
    "line end with soft hyphen": "Fair\u00ad\r\nweather",
    "line end in a quote": "Fair-\n> > weather",
    "line end in a quote, no hyphen": "Fair\r\n>weather",
    "line end in a comment": "Fair-\n    # weather",
    "line end before an indent": "Fair-\n                weather",
    "both names over an indented line": "Jane\n             Fairweather",
    "line end alone": "Fair\nweather",
    "both names over a line end": "Jane\nFairweather",
    "thin space": "Jane\u2009Fairweather",
    "table": "Jane | Fairweather",
    "bold": "Jane** Fairweather",
    "domain login": "JANE\\fairweather",
    "UTF-16 read as bytes": "\0".join(NAME),
}


@pytest.mark.parametrize("form", FOLDED.values(), ids=FOLDED.keys())
def test_a_name_is_found_in_every_form(form: str) -> None:
    assert form in hits(f"It says {form} here.")


def _mime_lines(text: str) -> str:
    return base64.encodebytes(text.encode()).decode().strip()


SENTENCE = "Please send the draft to Jane Fairweather by Monday, she knows the file and the people."
DECODED = {
    "percent": ("q=%46%61irweather&x=1", "%46%61irweather"),
    "percent, all": ("".join(f"%{ord(c):02x}" for c in NAME), "".join(f"%{ord(c):02x}" for c in NAME)),
    "percent in UTF-8": (quote("Fäirweather"), quote("Fäirweather")),
    "percent twice": ("%2546airweather", "%2546airweather"),
    "percent blank": ("to=Jane%20Fairweather;", "Jane%20Fairweather"),
    "percent with u": ("%u0046airweather", "%u0046airweather"),
    "decimal entity": ("&#70;airweather", "&#70;airweather"),
    "hexadecimal entities": ("".join(f"&#x{ord(c):x};" for c in NAME), "".join(f"&#x{ord(c):x};" for c in NAME)),
    "named entity": ("F&auml;irweather", "F&auml;irweather"),
    "soft hyphen entity": ("Fair&shy;weather", "Fair&shy;weather"),
    "blank entity": ("Jane&nbsp;Fairweather", "Jane&nbsp;Fairweather"),
    "entity twice": ("&amp;#70;airweather", "&amp;#70;airweather"),
    "entity in a query": (html.escape("?a=1&n=%46airweather"), "%46airweather"),
    "JSON": (r"{\"n\": \"\u0046airweather\"}", r"\u0046airweather"),
    "JSON in mathematical letters": (r"\ud835\udc05airweather", r"\ud835\udc05airweather"),
    "long escape": (r"\U00000046airweather", r"\U00000046airweather"),
    "braced escape": (r"\u{46}airweather", r"\u{46}airweather"),
    "hexadecimal escape": (r"\x46\x61irweather", r"\x46\x61irweather"),
    "octal escape": (r"F\303\244irweather.txt", r"F\303\244irweather"),
    "quoted-printable": ("F=C3=A4irweather", "F=C3=A4irweather"),
    "quoted-printable, soft line end": ("so Fairw=\neather came", "Fairw=\neather"),
    "quoted-printable of a line": (
        quopri.encodestring("Jäne Fairweather".encode()).decode(),
        "J=C3=A4ne Fairweather",
    ),
    "encoded word, Q": ("=?utf-8?Q?J=C3=A4ne_Fairweather?=", "=?utf-8?Q?J=C3=A4ne_Fairweather?="),
    "encoded word, B": ("=?utf-8?B?RmFpcndlYXRoZXI=?=", "=?utf-8?B?RmFpcndlYXRoZXI=?="),
    "punycode": ("https://xn--firweather-q5a.example/", "xn--firweather-q5a"),
    "tags": ("Hi" + "".join(chr(0xE0000 + ord(c)) for c in NAME), "".join(chr(0xE0000 + ord(c)) for c in NAME)),
    "right to left": ("so \u202erehtaewriaF\u202c came", "rehtaewriaF"),
    "base64": (f"key {_mime_lines(NAME * 2)} end", _mime_lines(NAME * 2)),
    "base64 over lines": (f"x\n\n{_mime_lines(SENTENCE)}\n\ny", _mime_lines(SENTENCE)),
    "base64 quoted in a mail": ("> " + _mime_lines(SENTENCE).replace("\n", "\n> "), ""),
    "base64 for addresses": (f"/v1/{base64.urlsafe_b64encode(SENTENCE.encode()).decode()}", ""),
    "base64 of a data address": ("data:text/plain;base64,RmFpcndlYXRoZXI=", "RmFpcndlYXRoZXI="),
    "base64 of UTF-16": (base64.b64encode(SENTENCE.encode("utf-16")).decode(), ""),
    "base64 of UTF-16 without mark": (base64.b64encode(SENTENCE.encode("utf-16-le")).decode(), ""),
    "base64 of base64": (base64.b64encode(base64.b64encode(SENTENCE.encode())).decode(), ""),
    "base64 of percent": (base64.b64encode(b"go to %46airweather today and ask").decode(), ""),
    "base64 of bytes": (base64.b64encode(bytes(range(128, 200)) + b"xx Fairweather").decode(), ""),
    "hexadecimal": (f"0 {NAME.encode().hex()} 1", NAME.encode().hex()),
    "hexadecimal dump": (f"0: {NAME.encode().hex(' ')} |", NAME.encode().hex(" ")),
}


@pytest.mark.parametrize(("text", "found"), DECODED.values(), ids=DECODED.keys())
def test_a_name_is_found_through_its_encoding(text: str, found: str) -> None:
    answer = hits(text)
    assert answer
    assert found in answer or not found


def test_a_whole_blob_is_one_hit() -> None:
    blob = base64.b64encode(SENTENCE.encode()).decode()
    [match] = MATCHER.find(f"data {blob}, more")
    assert (match.start, match.end) == (5, 5 + len(blob))


NEAR_MISSES = [
    "fair weather",
    "Fair weather",
    "fair\nweather",
    "Fair. Weather",
    "fair/weather",
    "fair\n> weather",
    "Fair\n\n\n\n\n\n\n\n\n\nweather",
    "fair 1 weather",
    "Janet Fairfax",
    "wea ther",
    "F a i r weather",
    "c2hhMjU2LWFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6",
    "%46air %77eather is fine",
    "&lt;fair&gt; weather",
]


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_shares_letters_stays(text: str) -> None:
    assert hits(f"It is {text} here.") == set()


LENGTHS = {
    ("Harris", "the Harrisons came"): {"Harrisons"},
    ("Porter", "a reporter and support"): set(),
    ("Lund", "Lundgren"): set(),
    ("Lund", "tom-lund, Lund's LUND"): {"lund", "Lund", "LUND"},
    ("Li", "Li came"): set(),
    ("王伟", "由王伟负责"): {"王伟"},
    ("王", "由王伟负责"): set(),
}


@pytest.mark.parametrize(("case", "found"), LENGTHS.items())
def test_short_names_need_letter_boundaries_and_distinctive_ones_none(case: tuple[str, str], found: set[str]) -> None:
    term, text = case
    assert hits(text, one(term)) == found


TYPED = {
    ("JF", "JF said, jf, JFK, (JF)"): {"JF"},
    ("X", "Project X, ex, X1, Max"): {"X"},
    ("Acme", "Acmes, Acme's, acme.example, acmeCorp, acme_x, ACME-2, Acmeta"): {"Acmes", "Acme", "acme", "ACME"},
    ("Porter", "a reporter"): {"reporter"},
    ("Acme", "www.acmecorp.example, x@acmeltd.com, acmetic.txt"): {"acmecorp", "acmeltd"},
    ("PX-4711", "see PX4711 and px_4711"): {"PX4711", "px_4711"},
    ("Bluebird", "bluebird\nblue\nbird Blue Bird BLUE bird"): {"bluebird", "blue\nbird", "Blue Bird"},
}


@pytest.mark.parametrize(("case", "found"), TYPED.items())
def test_what_a_person_typed_counts_however_short(case: tuple[str, str], found: set[str]) -> None:
    term, text = case
    assert hits(text, one(term, typed=True)) == found


def test_an_acronym_is_found_in_capitals_alone() -> None:
    assert hits("The NLF and the nlf, NLFs", one("NLF", typed=True, upper=True)) == {"NLF", "NLFs"}


def test_numbers_need_boundaries_of_digits() -> None:
    number = one("4929123412341234")
    assert hits("4929 1234 1234 1234, 49291234\n12341234, 49291234123412345", number) == {
        "4929 1234 1234 1234",
        "49291234\n12341234",
    }
    assert hits("٤٩٢٩١٢٣٤١٢٣٤١٢٣٤", number) == {"٤٩٢٩١٢٣٤١٢٣٤١٢٣٤"}


def test_an_initial_is_no_part_of_a_word() -> None:
    assert hits("Fairweather, January", one("Fairweather J")) == set()
    assert hits("Fairweather, J. and Fairweather-J", one("Fairweather J")) == {"Fairweather, J", "Fairweather-J"}


def test_a_word_cut_by_a_line_end_says_where() -> None:
    [match] = MATCHER.find("Fair-\nweather")
    assert match.cuts == (6,)
    assert [match.cuts for match in MATCHER.find("Jane\nFairweather")] == [(), ()]


def test_the_plain_view_puts_accents_on_their_letters() -> None:
    view = plain(unicodedata.normalize("NFD", "Zoë"))
    assert view.text == "Zoë"
    assert view.source_span(2, 3) == (2, 4)


def test_marks_and_tags_are_invisible_and_letters_are_not() -> None:
    assert all(map(invisible, "\u0301\ufe0f\U000e0101\U000e0041\u200d\ufeff\x02\x00\x7f"))
    assert not any(map(invisible, "a1 \n\t-é中"))


@pytest.mark.parametrize("pair", [("ВЕРА", "вера"), ("ΑΘΗΝΑ", "αθηνα"), ("STRASSE", "straße"), ("İ", "i")])
def test_capitals_and_small_letters_fold_to_the_same(pair: tuple[str, str]) -> None:
    assert squeeze(pair[0]) == squeeze(pair[1])


ATTACKS = {
    "base64": "A" * 200_000,
    "base64 in lines": "A" * 76 + "\n" + ("A" * 76 + "\n") * 2000,
    "broken base64 lines": ("A" * 30 + "\n" + "A" * 30 + "!\n") * 3000,
    "percent": "%" * 200_000,
    "percent, all": "%41" * 60_000,
    "percent in percent": "%25" * 60_000,
    "entities": "&a" * 100_000,
    "equals": "=" * 200_000,
    "backslashes": "\\" * 200_000,
    "hexadecimal": "41 " * 60_000,
    "hebrew lines": "א\n" * 50_000,
    "one hebrew line": "א" * 100_000,
    "encoded words": "=?u?Q?" * 30_000,
    "punycode": "xn--" * 50_000,
    "half a name": "Fair" * 50_000,
    "names": "Fairweather " * 10_000,
}


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS.keys())
def test_time_grows_no_faster_than_the_text(text: str) -> None:
    assert grows_linearly(lambda size: list(MATCHER.find(text[:size])), len(text) // 8, len(text))


def test_the_time_of_building_grows_with_the_needles() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = [
        f"Per{letters[i % 26]}{letters[i // 26 % 26]} {letters[i // 676 % 26]}{letters[i // 17576]}mann"
        for i in range(50_000)
    ]

    def built(size: int) -> Matcher:
        return Matcher(Needle.of(name, index) for index, name in enumerate(names[:size]))

    assert grows_linearly(built, 6_250, 50_000)
    matcher = built(50_000)
    assert {match.owner for match in matcher.find(f"so {names[4711]} went")} == {4711}


def test_a_text_that_reads_as_it_stands_is_seen_as_such_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(5)
    signs = "ab-\u2010\u00ad\n\r\u0002\ufffe \u00e9\ufb01\u0301e\u200b\ufe0f\uff71A\u3164~\x85\t\x1f"
    texts = [
        "".join(chance.choices(signs[: chance.randint(2, len(signs))], k=chance.randint(1, 9))) for _ in range(5000)
    ]
    quick = [plain(text) for text in texts]
    assert 100 < sum(view.text == text for view, text in zip(quick, texts, strict=True)) < 4900
    monkeypatch.setattr("redaction.view._is_plain", lambda _text: False)
    for view, text in zip(quick, texts, strict=True):
        slow = plain(text)
        assert (view.text, list(view.starts), list(view.ends)) == (slow.text, slow.starts, slow.ends)
