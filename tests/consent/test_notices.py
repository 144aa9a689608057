from __future__ import annotations

import re
from pathlib import Path

import pytest

from consent import notice
from consent.errors import NoticeError
from consent.notice import NoticeText
from consent.record import sha256_hex

NAMES = sorted(notice.released())

ART13 = {
    *("1a controller", "1b data protection officer", "1c purposes and legal basis", "1d legitimate interests"),
    *("1e recipients", "1f transfers and safeguards", "2a storage period", "2b rights", "2c withdrawal"),
    *("2d complaint", "2e whether required", "2f automated decisions", "3 further purposes"),
}


def load(name: str) -> NoticeText:
    version, language = name.split("/")
    return notice.load(version, language)


def sections(body: str) -> dict[str, str]:
    """Heading → the text under it."""
    parts = re.split(r"^#{2,3} (.+)$", body, flags=re.MULTILINE)
    return dict(zip(parts[1::2], (text.strip() for text in parts[2::2]), strict=True))


def syllables(word: str) -> int:
    """Groups of vowels, a silent e at the end aside: within a few per cent of a dictionary's count."""
    groups = re.findall(r"[aeiouy]+", word.lower())
    silent = word.lower().endswith("e") and not word.lower().endswith("le") and len(groups) > 1
    return max(1, len(groups) - silent)


def grade(text: str) -> float:
    """Flesch-Kincaid: years of school that a text asks for."""
    plain = re.sub(r"https?://\S+|\S+@\S+|[*#]", " ", text)
    sentences = [s for s in re.split(r"[.!?:]+(?:\s|$)", plain) if re.search(r"[A-Za-z]", s)]
    words = re.findall(r"[A-Za-z][A-Za-z'-]*", plain)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_measure_tells_easy_from_hard() -> None:
    assert grade("The cat sat on the mat. The dog ran to the cat.") < 2
    assert grade("Notwithstanding the aforementioned jurisdictional considerations, authorisation is revocable.") > 15


def test_every_notice_is_released_and_every_released_one_is_here() -> None:
    here = {f"{path.parent.name}/{path.stem}" for path in notice.FOLDER.glob("*/*.md")}

    assert here == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_released_notice_was_never_edited(name: str) -> None:
    path = notice.FOLDER / f"{name}.md"

    assert sha256_hex(path.read_bytes()) == notice.released()[name]
    assert load(name).sha256 == notice.released()[name]


@pytest.mark.parametrize("name", NAMES)
def test_every_item_of_article_13_stands_under_a_heading(name: str) -> None:
    text = load(name)

    assert set(text.terms["art13"]) == ART13
    under = sections(text.body)
    for item, heading in text.terms["art13"].items():
        assert under[heading], item


@pytest.mark.parametrize("name", NAMES)
def test_a_notice_has_five_cards_each_with_a_short_form(name: str) -> None:
    body = load(name).body

    assert re.findall(r"^## (.+)$", body, flags=re.MULTILINE) == [
        *("What", "Who", "How long", "Risks that stay", "Your way out"),
    ]
    for card in re.findall(r"^## .+\n\n(.+)$", body, flags=re.MULTILINE):
        assert card.startswith("**In short.**")
    assert load(name).html.count("<details>") == 5


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("/en")])
def test_a_notice_reads_easily(name: str) -> None:
    under = sections(load(name).body)

    assert grade(" ".join(under.values())) <= 8
    for heading, text in under.items():
        assert grade(text) <= 9.5, heading
        assert len(re.findall(r"[.!?](?:\s|$)", text)) <= 5, heading


@pytest.mark.parametrize("name", NAMES)
def test_purposes_are_explained_and_parties_described(name: str) -> None:
    terms = load(name).terms

    assert {purpose["purpose_id"] for purpose in terms["purposes"]} == {"evaluation", "fine_tuning", "training"}
    assert {*terms["controllers"], terms["authority_party"]} <= {party["party_id"] for party in terms["parties"]}
    assert set(terms["declarations"]) == {"record", "rights", "third_party"}


def test_html_in_a_notice_stays_text() -> None:
    page = notice.render(
        "## Who\n\n**In short.** <script>alert(1)</script>\n\n### More\n\n[x](javascript:alert(1)) <b>x</b>\n"
    )

    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page
    assert 'href="javascript' not in page


def test_a_heading_cannot_leave_its_place() -> None:
    page = notice.render('## A"><img src=x>\n\n**In short.** x\n\nmore\n')

    assert "<img" not in page


def test_the_fragment_brings_no_page_heading() -> None:
    assert "<h1" not in load("2026-11/en").html


def test_an_unknown_language_falls_back_to_english() -> None:
    assert notice.load("2026-11", "fr").language == "en"


@pytest.mark.parametrize(("version", "language"), [("2020-01", "en"), ("..", "en"), ("2026-11", "../en"), ("", "")])
def test_an_unknown_notice_is_refused(version: str, language: str) -> None:
    with pytest.raises(NoticeError):
        notice.load(version, language)


def test_an_edited_notice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "2026-11"
    folder.mkdir()
    good = (notice.FOLDER / "2026-11" / "en.md").read_text()
    (folder / "en.md").write_text(good.replace("at any time", "within a week", 1))
    monkeypatch.setattr(notice, "FOLDER", tmp_path)
    notice.load.cache_clear()

    with pytest.raises(NoticeError):
        notice.load("2026-11", "en")


MALFORMED = {
    "no front matter": "## What\n",
    "front matter that never ends": "+++\nversion = '1'\n",
    "front matter that is not TOML": "+++\nversion: 1\n+++\n## What\n",
    "another version": "+++\nversion = '2'\nlanguage = 'en'\n+++\n## What\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_it_refuses(name: str) -> None:
    with pytest.raises(NoticeError):
        notice.read(MALFORMED[name], "1", "en")
