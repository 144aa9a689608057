"""The gold keeps its promises: same seed, same texts; spans where the pieces were put; parts apart; reserved values."""

from __future__ import annotations

import csv
import ipaddress
import json
import random
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tests.corpus.gold import PARTS, Document, Part, documents, names, tables
from tests.corpus.gold.decoys import KINDS
from tests.corpus.gold.document import Page, Piece
from tests.corpus.gold.forms import FORMS, spelled
from tests.corpus.gold.grammar import FIELD
from tests.corpus.gold.people import Person
from tests.corpus.gold.phrases import FOLLOW_UPS, GENRES, PLAIN, RULES
from tests.corpus.gold.values import CARDS, IBANS, NETS

ROOT = Path(__file__).resolve().parents[2]

# One expression per label that has a shape: what the gold marks must be that, whole.
SHAPES = {
    "EMAIL_ADDRESS": r"[a-z_.-]+\d*@([a-z-]+\.example|example\.(com|org|net))",
    "US_SSN": r"9\d\d-[0-4]\d-\d{4}",
    "MAC_ADDRESS": r"00:00:5E:00:53:[0-9A-F]{2}",
    "PLATE_NUMBER": r"[A-Z]{2}0[01] [A-Z]{3}",
    "URL": r"https://([a-z]+\.)?[a-z-]+\.example/\S+",
    "HOSTNAME": r"[a-z0-9-]+\.[a-z-]+\.example",
    "HANDLE": r"@[a-z_.]+\d*",
    "USER_PATH": r"[a-z]+\d*",
    "PHONE_NUMBER": r"(\+1[ -]|\()?\d{3}\)?[-. ]555[-. ]01\d\d|(\+44 20|020) 7946 0\d{3}|\(0161\) 496 0\d{3}"
    r"|(07700 900|\+44 7700 900 )\d{3}|01632 960\d{3}|030 23125 \d{3}|\+49 69 90009 \d{3}|\+49 \(0\)40 66969 \d{3}"
    r"|01 99 00 \d\d \d\d|\+33 6 39 98 \d\d \d\d|0491 570 006|\+61 491 570 156|08-465 004 \d\d",
    "TICKET_NUMBER": r"(INC|REQ|SUP-|CHG)\d{6}",
    "INVOICE_NUMBER": r"(INV-?|RE-)\d{6}",
    "DATE_OF_BIRTH": r"\d{4}-\d\d-\d\d|\d\d[/.]\d\d[/.]\d{4}|\d\d [A-Z][a-z]+ \d{4}|[A-Z][a-z]+ \d\d, \d{4}",
    "PASSWORD": r"\S{8,16}",
    "GEO_COORDINATES": r"-?\d+\.\d{5}, -?\d+\.\d{5}",
}


@pytest.fixture(scope="module")
def gold() -> dict[Part, list[Document]]:
    return {part: list(documents(part, 1, 2000)) for part in PARTS}


@pytest.fixture(scope="module")
def mentions(gold: dict[Part, list[Document]]) -> dict[str, set[str]]:
    """Every spelling by label."""
    found = defaultdict(set)
    for document in gold["dev"] + gold["test"]:
        for start, end, label in document.spans:
            found[label].add(document.text[start:end])
    return found


def test_the_same_seed_gives_the_same_texts_and_another_seed_others() -> None:
    first = list(documents("dev", 7, 60))
    assert first == list(documents("dev", 7, 60))
    assert first[:20] == list(documents("dev", 7, 20))
    assert {document.text for document in first}.isdisjoint(document.text for document in documents("dev", 8, 60))


def test_a_page_notes_where_each_piece_lands() -> None:
    inner, page = Page(), Page()
    for piece in ("Dear ", Piece("Ann\nLee", "PERSON", "en_GB"), ",\nsee ", Piece("v1.2.3.4", decoy="version"), "\n"):
        inner.write(piece)
    page.write(Piece("Bo", "PERSON", "sv_SE", before='"', after='"'))
    page.write(" wrote:\n")
    page.quote(inner)
    document = page.document("x/1", "mail", "x")
    assert document.text == '"Bo" wrote:\n> Dear Ann\n> Lee,\n> see v1.2.3.4\n> '
    assert [document.text[start:end] for start, end, _ in document.spans] == ["Bo", "Ann\n> Lee"]
    assert [document.text[start:end] for start, end, _ in document.decoys] == ["v1.2.3.4"]
    assert document.groups == ("sv_SE", "en_GB")


@pytest.mark.parametrize("part", PARTS)
def test_size(gold: dict[Part, list[Document]], part: Part) -> None:
    found = gold[part]
    labels = Counter(label for document in found for _, _, label in document.spans)
    assert len(found) == len({document.id for document in found}) == 2000
    assert labels.total() >= 6000
    assert len(labels) >= 25
    assert min(labels.values()) >= 40
    genres = Counter(document.genre for document in found)
    assert set(genres) == {*GENRES, "table"}
    assert min(genres.values()) >= 80


@pytest.mark.parametrize("part", PARTS)
def test_spans_are_in_order_inside_the_text_and_without_blanks_at_their_edges(
    gold: dict[Part, list[Document]], part: Part
) -> None:
    for document in gold[part]:
        at = 0
        for start, end, kind in sorted((*document.spans, *document.decoys)):
            assert at <= start < end <= len(document.text), document.id
            piece = document.text[start:end]
            assert piece == piece.strip(), (document.id, kind)
            at = end
        assert list(document.spans) == sorted(document.spans)


def test_nothing_else_of_a_text_says_a_name_again(gold: dict[Part, list[Document]]) -> None:
    """A whole name of two words stands only where the gold has it: no template holds one."""
    for document in gold["dev"] + gold["test"]:
        rest = "".join(
            document.text[low:high]
            for low, high in zip(
                (0, *(end for _, end, _ in document.spans)),
                (*(start for start, _, _ in document.spans), len(document.text)),
                strict=True,
            )
        )
        for start, end, label in document.spans:
            if label == "PERSON" and " " in document.text[start:end]:
                assert document.text[start:end] not in rest, document.id


@pytest.mark.parametrize("label", SHAPES)
def test_values_have_their_reserved_shape(mentions: dict[str, set[str]], label: str) -> None:
    assert mentions[label]
    for value in mentions[label]:
        assert re.fullmatch(SHAPES[label], value), value


def test_addresses_in_nets_are_those_of_documentation(mentions: dict[str, set[str]]) -> None:
    nets = [ipaddress.ip_network(f"{net}.0/24") for net in NETS] + [ipaddress.ip_network("2001:db8::/32")]
    for value in mentions["IP_ADDRESS"]:
        assert any(ipaddress.ip_address(value) in net for net in nets), value


def test_account_numbers_are_published_and_their_check_digits_hold(mentions: dict[str, set[str]]) -> None:
    assert {value.replace(" ", "") for value in mentions["IBAN_CODE"]} <= set(IBANS)
    for number in IBANS:
        turned = number[4:] + number[:4]
        assert int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1, number
    assert {re.sub("[ -]", "", value) for value in mentions["CREDIT_CARD"]} <= set(CARDS)
    for number in CARDS:
        doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number))]
        assert sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0, number


def test_british_post_codes_end_as_none_does(mentions: dict[str, set[str]]) -> None:
    codes = [found for value in mentions["ADDRESS"] for found in re.findall(r"[A-Z]{2}\d+ \d[A-Z]{2}\b", value)]
    assert codes
    assert all(code.endswith("ZZ") for code in codes)


@pytest.mark.parametrize("part", PARTS)
def test_each_name_has_an_origin(gold: dict[Part, list[Document]], part: Part) -> None:
    groups: Counter[str] = Counter()
    for document in gold[part]:
        assert len(document.groups) == sum(label == "PERSON" for _, _, label in document.spans)
        groups.update(document.groups)
    assert set(groups) == {pool.group for pool in names.pools(part)}
    assert len({group.split("/")[0] for group in groups}) >= 16
    assert sum(group.endswith("/native") for group in groups) >= 5
    assert min(groups.values()) >= 100


def test_a_native_name_is_written_in_its_own_script(gold: dict[Part, list[Document]]) -> None:
    for document in gold["dev"]:
        people = (mark for mark in document.spans if mark[2] == "PERSON")
        for (start, end, _), group in zip(people, document.groups, strict=True):
            latin = any("a" <= letter <= "z" for letter in document.text[start:end].lower())
            assert latin != group.endswith("/native"), document.id


def test_parts_share_no_name() -> None:
    def pool(part: Part) -> set[str]:
        groups = [names.words(part), *((found.given, found.family) for found in names.pools(part))]
        return {names.folded(name) for given, family in groups for name in (*given, *family)}

    assert len(pool("dev")) > 5000
    assert pool("dev").isdisjoint(pool("test"))
    assert all(found.given and found.family for part in PARTS for found in names.pools(part))


def test_parts_share_no_template_and_no_text(gold: dict[Part, list[Document]]) -> None:
    def templates(part: Part) -> set[str]:
        written = {template for alternatives in RULES[part].values() for template in alternatives}
        return {template for template in written if re.search("[a-z]{3}", FIELD.sub("", template))}

    assert len(templates("dev")) > 100
    assert templates("dev").isdisjoint(templates("test"))
    assert RULES["dev"].keys() == RULES["test"].keys() >= {*GENRES, *FOLLOW_UPS, *PLAIN}
    assert len(tables.headers("dev") & tables.headers("test")) == 0
    assert {document.text for document in gold["dev"]}.isdisjoint(document.text for document in gold["test"])


@pytest.mark.parametrize("part", PARTS)
def test_a_fifth_and_more_are_hard_negatives(gold: dict[Part, list[Document]], part: Part) -> None:
    kinds = Counter(kind for document in gold[part] for _, _, kind in document.decoys)
    marked = sum(len(document.spans) for document in gold[part])
    assert set(kinds) == set(KINDS)
    assert kinds.total() / (kinds.total() + marked) >= 0.2
    assert sum(not document.spans for document in gold[part]) >= 50


@pytest.mark.parametrize("part", PARTS)
def test_submissions_share_people(gold: dict[Part, list[Document]], part: Part) -> None:
    submissions = defaultdict(list)
    for document in gold[part]:
        submissions[document.submission].append(document)
    several = [found for found in submissions.values() if len(found) > 1]
    assert len(several) >= 100
    assert max(map(len, several)) == 5
    shared = 0
    for first, *others in several:
        known = {first.text[start:end] for start, end, label in first.spans if label == "PERSON"}
        parts = {word for name in known for word in name.split()} - known
        later = {other.text[start:end] for other in others for start, end, label in other.spans if label == "PERSON"}
        shared += bool(parts & later)
    assert shared / len(several) >= 0.6


def test_forms_of_a_name() -> None:
    rng = random.Random(0)
    who = Person("Joan", "Miller", "en_US", False, False, "K", "joan.miller")
    assert set(FORMS) == {
        "full", "given", "family", "last_first", "middle", "initial", "initials", "nickname", "lower", "lower_given",
        "capitals", "wrapped", "misspelt", "scanned",
    }  # fmt: skip
    written = {form: {spelled(who, form, rng).text for _ in range(60)} for form in FORMS}
    assert written["last_first"] == {"Miller, Joan", "Miller, Joan K."}
    assert written["initials"] == {"Miller, JK", "J.K. Miller"}
    assert written["initial"] == {"J. Miller"}
    assert written["middle"] == {"Joan K. Miller"}
    assert written["capitals"] == {"JOAN MILLER"}
    assert written["lower"] == {"joan miller"}
    assert written["wrapped"] == {"Joan\nMiller"}
    assert {"Joan Mliler", "Joan Mller", "Joan Miiller"} <= written["misspelt"]
    assert written["scanned"] >= {"Joan Mi1ler", "J0an Miller"}


@pytest.mark.parametrize("part", PARTS)
def test_some_names_are_words(gold: dict[Part, list[Document]], part: Part) -> None:
    words = {*names.words(part)[0]}
    alone = [
        document.text[start:end]
        for document in gold[part]
        for start, end, label in document.spans
        if label == "PERSON" and document.text[start:end] in words
    ]
    assert len(alone) >= 100


def test_tables_are_csv_and_their_cells_are_gold(gold: dict[Part, list[Document]]) -> None:
    found = [document for document in gold["dev"] if document.genre == "table"]
    for document in found:
        separator = ";" if ";" in document.text.split("\n")[0] else ","
        rows = list(csv.reader(document.text.splitlines(), delimiter=separator))
        assert len({len(row) for row in rows}) == 1
        cells = {cell for row in rows[1:] for cell in row}
        assert {document.text[start:end] for start, end, _ in document.spans} <= cells, document.id


def test_the_command_writes_the_gold_of_the_score(tmp_path: Path) -> None:
    out = tmp_path / "gold.jsonl"
    command = [sys.executable, "-m", "tests.corpus.gold", *f"--part test --seed 3 --documents 25 --out {out}".split()]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    expected = list(documents("test", 3, 25))
    assert [row["text"] for row in rows] == [document.text for document in expected]
    assert [tuple(map(tuple, row["spans"])) for row in rows] == [document.spans for document in expected]
    assert [tuple(row["groups"]) for row in rows] == [document.groups for document in expected]
    assert {frozenset(row) for row in rows} == {frozenset({"id", "text", "genre", "spans", "groups"})}
    assert result.stdout == f"25 documents, {sum(len(document.spans) for document in expected)} mentions\n"
