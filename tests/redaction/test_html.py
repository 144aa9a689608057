from __future__ import annotations

import base64
import io
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw

from redaction.entities import Extraction, Kind, Plan, Tier
from redaction.errors import RefusedError
from redaction.formats import Limits
from redaction.formats.html import HtmlHandler, safe_target, text_of
from redaction.formats.table import sniff
from redaction.media import HTML, TEXT
from redaction.readers import html as reader
from tests.corpus.hostile import Case
from tests.corpus.hostile import html as hostile
from tests.redaction.plans import plan_for

LIMITS = Limits()
HANDLER = HtmlHandler()


def extract(body: str) -> Extraction:
    return HANDLER.extract(body.encode(), LIMITS)


def texts(body: str) -> list[str]:
    return [segment.text for segment in extract(body).segments]


def rewrite(source: str, words: dict[str, str]) -> str:
    plan = plan_for(extract(source), words)
    return HANDLER.rewrite(source.encode(), plan, LIMITS).data.decode()


def body(source: str, words: dict[str, str] | None = None) -> str:
    return rewrite(source, words or {}).partition("<body>")[2].removesuffix("</body></html>\n")


def test_it_works() -> None:
    source = "<!DOCTYPE html><title>Of Jane</title><p class=x>Written by Jane <b>Fair</b>weather.<!-- Jane --></p>"
    assert rewrite(source, {"Jane Fairweather": "[PERSON_1]", "Jane": "[PERSON_1]"}) == (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>Of [PERSON_1]</title></head>'
        "<body><p>Written by [PERSON_1]<b></b>.</p></body></html>\n"
    )


def test_text_is_joined_over_inline_elements_and_cut_at_blocks() -> None:
    source = "<div>a<i>b</i>c<p>d<br>e</p>f<ul><li>g<li>h</ul></div><table><tr><td>i<td>j</table>"
    assert texts(source) == ["abc", "d\ne", "f", "g", "h", "i", "j"]


def test_what_stands_around_hidden_text_is_one() -> None:
    source = "<p>Fair<span hidden>and</span>weather</p>"
    assert texts(source) == ["Fairweather", "and"]
    data = HANDLER.rewrite(source.encode(), Plan({}, "x.html"), LIMITS).data
    assert [block.text for block in reader.blocks(data)] == ["Fairweather", "and"]


def test_blanks_are_those_that_a_browser_shows() -> None:
    assert texts("<p> a \n\t b <pre>\n  c\n d</pre>") == [" a b ", "\n  c\n d"]


DROPPED = {
    "a comment": "<!-- Jane --><p>x</p>",
    "a conditional comment": "<!--[if IE]><p>Jane</p><![endif]--><p>x</p>",
    "a script": "<script>'Jane'</script><p>x</p>",
    "a data block": "<script type='application/ld+json'>{'a': 'Jane'}</script><p>x</p>",
    "a style": "<style>.Jane {}</style><p>x</p>",
    "a class": "<p class='Jane' id='Jane' data-name='Jane' onclick='Jane'>x</p>",
    "a template": "<template>Jane</template><p>x</p>",
    "a frame": "<iframe srcdoc='Jane' src='Jane'>Jane</iframe><p>x</p>",
    "an object": "<object data='Jane'>Jane</object><p>x</p>",
    "a picture": "<img src='Jane.png' srcset='Jane.png'><p>x</p>",
    "a processing instruction": "<?xml-stylesheet href='Jane'?><p>x</p>",
    "a password": "<input type='password' value='Jane'><p>x</p>",
    "an element of the head": "<head><base href='https://Jane.example/'><link href='Jane'></head><p>x</p>",
}


@pytest.mark.parametrize("source", DROPPED.values(), ids=DROPPED.keys())
def test_it_leaves_out(source: str) -> None:
    assert "Jane" not in rewrite(source, {})
    assert "<p>x</p>" in rewrite(source, {})
    assert sum(
        counts["dropped"] for counts in HANDLER.rewrite(source.encode(), Plan({}, "x"), LIMITS).carriers.values()
    )


KEPT = {
    "a title": ("<p title='Jane'>x</p>", '<p title="X">x</p>'),
    "words for a picture": ("<img alt='Jane' src='a.png'>", '<img alt="X">'),
    "a value": ("<input type='text' value='Jane' name='Jane'>", '<input type="text" value="X">'),
    "a shape": ("<table><tr><td colspan='2' width='Jane'>x</td></tr></table>", '<td colspan="2">x</td>'),
    "a link": ("<a href='https://a.example.com/Jane/'>x</a>", '<a href="https://a.example.com/X/">x</a>'),
    "a place on the page": ("<a href='#Jane'>x</a><i id='Jane'>y</i>", '<a href="#place1">x</a><i id="place1">y</i>'),
    "hidden text": ("<p style='display:none'>Jane</p>", '<p hidden="hidden">X</p>'),
    "words of a drawing": ("<svg><text>Ja<tspan>ne</tspan></text></svg>", "<div>X</div>"),
    "text without scripts": ("<noscript><i>Jane</i></noscript>", "<div><i>X</i></div>"),
    "unknown elements": ("<x-a><font color='Jane'>Jane</font></x-a>", "X"),
}


@pytest.mark.parametrize(("source", "expected"), KEPT.values(), ids=KEPT.keys())
def test_it_keeps_and_rewrites(source: str, expected: str) -> None:
    assert expected in body(source, {"Jane": "X"})


TARGETS = {
    "https://a.example.com/b%20c": "https://a.example.com/b c",
    "HTTPS://user:word@A.example.com:8080/b?c=d#e": "https://a.example.com:8080/b",
    "mailto:jane@a.example.com": "about:blank",
    "javascript:alert(1)": "about:blank",
    "data:text/html,x": "about:blank",
    "file:///home/jane/a.html": "about:blank",
    "../people/jane.html": "about:blank",
    "//a.example.com/b": "about:blank",
    "https://[::1]/a": "about:blank",
    "https://[a": "about:blank",
}


@pytest.mark.parametrize(("target", "expected"), TARGETS.items())
def test_a_link_keeps_host_and_path_alone(target: str, expected: str) -> None:
    assert safe_target(target) == expected


def test_a_path_is_decoded_for_the_search_and_encoded_for_the_page() -> None:
    source = "<a href='https://a.example.com/%4Aane%20F/x%3Cy'>x</a>"
    assert "https://a.example.com/Jane F/x<y" in texts(source)
    assert 'href="https://a.example.com/X%20F/x%3Cy"' in body(source, {"Jane": "X"})


def test_addresses_behind_links_and_authors_are_old_properties() -> None:
    source = "<meta name='Author' content='Jane Fairweather'><p><a href='mailto:jane%40a.example.com?subject=x'>x</a>"
    assert extract(source).metadata == ["Jane Fairweather", "jane@a.example.com"]


def test_hidden_text_asks_a_person() -> None:
    assert extract("<p hidden>x</p>").notices == ("hidden-content",)
    assert extract("<p style='color: red'>x</p>").notices == ()
    assert [segment.carrier for segment in extract("<p hidden>x</p><p>y</p>").segments] == ["H4", "H6"]


def test_links_are_names_and_attributes_labels() -> None:
    kinds = {
        segment.text: segment.kind for segment in extract("<a href='https://a.example.com/' title='b'>c</a>").segments
    }
    assert kinds == {"https://a.example.com/": Kind.NAME, "b": Kind.LABEL, "c": Kind.PROSE}


ENCODINGS = {
    "a byte order mark": "\ufeff<p>Größe".encode(),
    "UTF-16": "<p>Größe".encode("utf-16"),
    "the one it names": "<meta charset=windows-1251><p>Größe Ж".encode("cp1251", "replace"),
    "none named": "<p>Größe".encode("cp1252"),
}


@pytest.mark.parametrize("data", ENCODINGS.values(), ids=ENCODINGS.keys())
def test_every_encoding_is_written_as_utf_8(data: bytes) -> None:
    text = HANDLER.rewrite(data, Plan({}, "x.html"), LIMITS).data.decode()
    assert "Größe" in text or "Ж" in text
    assert 'charset="utf-8"' in text
    assert text_of(data, LIMITS)


def picture(words: str, size: tuple[int, int] = (600, 120)) -> str:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((20, 30), words, fill="black", font_size=36)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", comment=words.encode())
    return f'<img src="data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}">'


def test_a_picture_in_the_page_is_read_and_painted_over() -> None:
    source = f"<p>x{picture('Offer of Fairweather today')}</p>".encode()
    extraction = HANDLER.extract(source, LIMITS)
    assert "Offer of Fairweather today" in [segment.text for segment in extraction.segments]
    assert (extraction.opaque, extraction.areas) == (["img1"], {"img1": 720})
    plan = replace(plan_for(extraction, {"Fairweather": "X"}), memo=extraction.memo)
    output = HANDLER.rewrite(source, plan, LIMITS)
    assert output.carriers["H5"] == {"rewritten": 1, "dropped": 0, "kept": 0}
    assert reader.undeclared(output.data) == []
    again = HANDLER.extract(output.data, LIMITS)
    assert "Fairweather" not in "\n".join(segment.text for segment in again.segments)
    assert HANDLER.rewrite(output.data, Plan({}, "x", memo=again.memo), LIMITS).data == output.data
    boxed = HANDLER.rewrite(source, replace(plan, boxed=("img1",)), LIMITS)
    assert HANDLER.extract(boxed.data, LIMITS).memo != again.memo


def test_a_picture_that_was_not_read_stays_behind() -> None:
    source = (
        f"<p>x{picture('Fairweather')}<img src='data:image/png;base64,AAAA'><img src='data:image/png;base64,A'></p>"
    )
    output = HANDLER.rewrite(source.encode(), Plan({}, "x.html"), LIMITS)
    assert b"<body><p>x</p></body>" in output.data
    assert output.carriers["H5"]["dropped"] == 3


def test_a_tiny_picture_asks_nobody() -> None:
    assert list(extract(f"<p>{picture('', (10, 10))}</p>").opaque) == []


def test_the_simpler_form_is_text() -> None:
    source = b"<h1>Of Jane</h1><p title='Jane'>x</p>"
    plan = replace(plan_for(HANDLER.extract(source, LIMITS), {"Jane": "X"}), tier=Tier.B)
    output = HANDLER.rewrite(source, plan, LIMITS)
    assert (output.data, output.media_type, output.tier) == (b"Of X\nx\nX\n", TEXT, Tier.B)


REFUSED = {
    "deep": ("<div>" * 300 + "x", "limit"),
    "very deep": ("<b>" * 100_000 + "x", "limit"),
    "long": ("<p>" + "x" * 2000, "limit"),
    "nothing": ("<!-- x -->", "parse-failed"),
}


@pytest.mark.parametrize(("source", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_it_refuses(source: str, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        HANDLER.extract(
            source.encode(), replace(LIMITS, characters=1_000 if code == "limit" and "xx" in source else 10**6)
        )
    assert refused.value.code == code


SNIFFED = {
    "a page": ("a.html", b"<p>x", HTML),
    "a page of old": ("a.HTM", b"<HTML>x", HTML),
    "text under the name of a page": ("a.html", b"x < y", "mismatch"),
    "a page under the name of text": ("a.txt", b"<html><p>x", TEXT),
    "a PDF under the name of a page": ("a.html", b"%PDF-1.7", "mismatch"),
}


@pytest.mark.parametrize(("name", "data", "expected"), SNIFFED.values(), ids=SNIFFED.keys())
def test_content_and_name_must_agree(name: str, data: bytes, expected: str) -> None:
    if expected == "mismatch":
        with pytest.raises(RefusedError, match=expected):
            sniff(name, data)
    else:
        assert sniff(name, data) == expected


# The readers --------------------------------------------------------------------------------------------------------


PAGES = [case for case in hostile.cases() if not case.refused]


@pytest.mark.parametrize("case", PAGES, ids=lambda case: case.id)
def test_copies_are_declared_stable_and_read_alike(case: Case) -> None:
    plan = plan_for(HANDLER.extract(case.data, LIMITS), {"Fairweather": "[PERSON_1]"})
    data = HANDLER.rewrite(case.data, plan, LIMITS).data
    assert data == HANDLER.rewrite(case.data, plan, LIMITS).data
    assert HANDLER.rewrite(data, Plan({}, "x.html"), LIMITS).data == data
    assert reader.undeclared(data) == []
    for read in reader.READERS:
        seen = "\n".join(block.text for block in read(data))
        written = {word for segment in HANDLER.extract(data, LIMITS).segments for word in segment.text.split()}
        assert [word for word in written if word not in seen] == []


UNDECLARED = {
    "a comment": "<p>x</p><!-- y -->",
    "a script": "<script>x</script>",
    "a class": "<p class='x'>y</p>",
    "a style": "<p style='color: red'>y</p>",
    "an address of a picture": "<img src='a.png'>",
    "a link with a query": "<a href='https://a.example.com/?b'>x</a>",
    "a link that runs": "<a href='javascript:x'>y</a>",
    "an id with a word": "<p id='x'>y</p>",
    "an unknown element": "<x-y>z</x-y>",
    "a value of another kind": "<td colspan='x'>y</td>",
}


@pytest.mark.parametrize("source", UNDECLARED.values(), ids=UNDECLARED.keys())
def test_what_is_not_ours_is_listed(source: str) -> None:
    assert len(reader.undeclared(f"<!DOCTYPE html>{source}".encode())) >= 1
    assert reader.undeclared(source.encode()) == ["tag 1"]


def test_the_walk_over_characters_reads_what_is_damaged() -> None:
    data = b"<p title='a>b' x=y/z>c<i>d</i>e & f &amp; g < h<!-- i --><br>j</p"
    seen = [block.text for block in reader.scan(data)]
    assert seen[:2] == ["cde & f & g < h", "j"]
    assert {"a>b", "y/z", " i "} <= set(seen)
