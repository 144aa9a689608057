from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from consent import notice, notice_changes
from consent.errors import NoticeError
from consent.notice import NoticeText
from consent.record import sha256_hex
from tests.consent.reading import MEASURES

NAMES = list(notice.released_notices())
# Released before the languages, the words of the page and the map of ISO/IEC 29184 were part of a notice.
COMPLETE = [name for name in NAMES if not name.startswith("2026-11/")]
VERSIONS = sorted({name.partition("/")[0] for name in COMPLETE})
LANGUAGES = ("en", "de")

ART13 = {
    *("1a controller", "1b data protection officer", "1c purposes and legal basis", "1d legitimate interests"),
    *("1e recipients", "1f transfers and safeguards", "2a storage period", "2b rights", "2c withdrawal"),
    *("2d complaint", "2e whether required", "2f automated decisions", "3 further purposes"),
}
ISO29184 = {
    *("5.2.2 notice given", "5.2.3 expression", "5.2.4 languages", "5.2.5 timing", "5.2.6 location", "5.2.7 form"),
    *("5.2.8 ongoing reference", "5.2.9 accessibility", "5.3.2 purpose", "5.3.3 purpose by purpose"),
    *("5.3.4 controller", "5.3.5 what is collected", "5.3.6 how it is collected"),
    *("5.3.7 when and where it is collected", "5.3.8 use", "5.3.9 location", "5.3.10 transfer", "5.3.11 retention"),
    *("5.3.12 participation", "5.3.13 complaint", "5.3.14 access to choices", "5.3.15 basis", "5.3.16 risks"),
    *("5.4.3 freely given", "5.4.6 necessary and optional apart", "5.4.7 frequency", "5.4.8 timeliness"),
    "5.5 renewal",
}
SHORT_FORM = {"en": "**In short.**", "de": "**Kurz gesagt.**"}
RENDERED_2026_11 = "e78609610942711ecae71b0d07810fa049a2ca98e4a15a212589bba0f0b8f0a8"


def load(name: str) -> NoticeText:
    version, language = name.split("/")
    return notice.load(version, language)


def sections(body: str) -> dict[str, str]:
    """Heading → the text under it."""
    parts = re.split(r"^#{2,3} (.+)$", body, flags=re.MULTILINE)
    return dict(zip(parts[1::2], (text.strip() for text in parts[2::2]), strict=True))


EASY_AND_HARD = {
    "en": (
        "The cat sat on the mat. The dog ran to the cat.",
        "Notwithstanding the aforementioned jurisdictional considerations, authorisation is revocable.",
    ),
    "de": (
        "Die Katze saß am Fenster. Der Hund lief zu ihr hin.",
        "Unbeschadet vorstehender Zuständigkeitsbestimmungen ist die Einwilligungserklärung widerruflich.",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_measure_tells_easy_from_hard(language: str) -> None:
    easy, hard = EASY_AND_HARD[language]

    assert MEASURES[language].grade(easy) < 2
    assert MEASURES[language].grade(hard) > 15


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


@pytest.mark.parametrize("name", COMPLETE)
def test_every_item_of_iso_29184_stands_under_a_heading(name: str) -> None:
    text = load(name)

    assert set(text.terms["iso29184"]) == ISO29184
    under = sections(text.body)
    for item, heading in text.terms["iso29184"].items():
        assert under[heading], item


CARDS = {
    "en": ["What", "Who", "How long", "Risks that stay", "Your way out"],
    "de": ["Was", "Wer", "Wie lange", "Was als Gefahr bleibt", "Ihr Weg zurück"],
}


@pytest.mark.parametrize("name", NAMES)
def test_a_notice_has_five_cards_each_with_a_short_form(name: str) -> None:
    text = load(name)

    assert re.findall(r"^## (.+)$", text.body, flags=re.MULTILINE) == CARDS[text.language]
    for card in re.findall(r"^## .+\n\n(.+)$", text.body, flags=re.MULTILINE):
        assert card.startswith(SHORT_FORM[text.language])
    assert text.html.count("<details>") == 5


def test_what_opens_a_card_is_said_in_its_language() -> None:
    assert "<summary>Mehr zu „Wie lange“</summary>" in load("2026-12/de").html
    assert "<summary>Read more about “How long”</summary>" in load("2026-12/en").html


def test_the_first_notice_is_rendered_as_it_was_when_it_was_signed() -> None:
    assert load("2026-11/en").rendered_sha256 == RENDERED_2026_11


def shape(value: Any) -> Any:
    """What is there, whatever it says: the keys, and how many there are of each."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return type(value).__name__


@pytest.mark.parametrize("version", VERSIONS)
def test_every_language_says_all_that_the_others_say(version: str) -> None:
    assert set(notice.languages(version)) == set(LANGUAGES)
    english, german = (notice.load(version, language) for language in LANGUAGES)

    assert shape(german.terms) == shape(english.terms)
    levels = [re.findall(r"^(#+) ", text.body, flags=re.MULTILINE) for text in (english, german)]
    assert levels[0] == levels[1]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_word_is_translated(version: str) -> None:
    """Whole sentences and titles: none is the same in both languages."""
    english, german = (list(words_of(notice.load(version, language).terms)) for language in LANGUAGES)

    assert [pair for pair in zip(english, german, strict=True) if pair[0] == pair[1] != ""] == []


def words_of(terms: dict[str, Any]) -> list[str]:
    """All that is for people to read in the front matter, in order."""
    tables = [terms["declarations"], terms["words"], terms["recipients"], *terms["questions"].values()]
    found = [words for table in tables for words in table.values()]
    for purpose in terms["purposes"]:
        found += [purpose["title"], purpose["text"], *purpose["collection"], purpose["transfer"]["mechanism"]]
    return found + [party[name] for party in terms["parties"] for name in ("name", "address")]


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_no_language_is_the_same_in_each(version: str) -> None:
    english, german = (notice.load(version, language).terms for language in LANGUAGES)

    for name in ("notice_id", "quiz", "controllers", "authority_party", "jurisdictions", "rights", "pii_information"):
        assert german[name] == english[name]
    for name in ("geographic_restrictions", "evidence_after_withdrawal", "governing_language"):
        assert german[name] == english[name]
    for name in ("purpose_id", "dpv", "lawful_basis", "required_for_payment", "processing", "storage_locations"):
        assert [p[name] for p in german["purposes"]] == [p[name] for p in english["purposes"]]
    for name in ("party_id", "role", "type", "contact", "url"):
        assert [p[name] for p in german["parties"]] == [p[name] for p in english["parties"]]


@pytest.mark.parametrize("name", NAMES)
def test_a_notice_reads_easily(name: str) -> None:
    text = load(name)
    measure, under = MEASURES[text.language], sections(text.body)

    assert measure.grade(" ".join(under.values())) <= measure.limit
    for heading, words in under.items():
        assert measure.grade(words) <= measure.section_limit, heading
        assert len(re.findall(r"[.!?](?:\s|$)", words)) <= 5, heading


@pytest.mark.parametrize("name", COMPLETE)
def test_what_is_signed_reads_easily(name: str) -> None:
    """The uses, the declarations and the questions about others, taken together as the page shows them."""
    text = load(name)
    shown = [purpose["text"] for purpose in text.terms["purposes"]] + list(text.terms["declarations"].values())
    shown += [question["label"] for question in text.questions.values()]

    assert MEASURES[text.language].grade(" ".join(shown)) <= MEASURES[text.language].limit


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


def test_an_older_notice_gets_the_words_around_it_from_the_newest() -> None:
    old = load("2026-11/en")

    assert old.words == notice.load(notice.newest(), "en").words
    assert set(old.questions) == {"others_named", "confidential_marked", "special_category", "secrecy_duty"}


def test_what_changed_is_put_in_or_taken_out_and_nothing_else() -> None:
    older, newer = load("2026-11/en"), load("2026-12/en")

    found = notice_changes.changes(older, newer)

    assert found
    for change in found:
        holds, lacks = (newer, older) if change.is_new else (older, newer)
        plain = [" ".join(text.body.replace("*", "").split()) for text in (holds, lacks)]
        assert change.text in plain[0]
        assert change.text not in plain[1]
    assert {"If this notice changes", "What we see"} <= {change.heading for change in found}


def test_nothing_changed_in_the_same_notice() -> None:
    assert notice_changes.changes(load("2026-12/de"), load("2026-12/de")) == []


def test_a_use_that_is_worded_anew_is_a_change() -> None:
    older = load("2026-12/en")
    source = older.source.replace("The systems do not learn from them.", "The systems may learn from them.")
    newer = notice.read(source, "2026-12", "en")

    gone, new = notice_changes.changes(older, newer)

    assert (gone.is_new, new.is_new) == (False, True)
    assert gone.heading == new.heading == "Testing AI systems"
    assert new.text.endswith("The systems may learn from them.")
