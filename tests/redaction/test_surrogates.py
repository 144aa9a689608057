"""Surrogates and moved dates: the same for the same entity and key, in reserved spaces, and never anything real."""

from __future__ import annotations

import re

import pytest

from redaction import policy
from redaction.entities import DenyTerm, Kind, Span
from redaction.operators.date_shift import DateShift, shifted
from redaction.operators.surrogate import Surrogate
from redaction.registry import Registry, Sighting
from redaction.surrogates import shift_of
from redaction.treatment import Writer, applied, replacements

KEY = b"k" * 32
OTHER = b"o" * 32
SIGHTINGS = (
    ("Jane Fairweather", "PERSON"),
    ("Tom Okafor", "PERSON"),
    ("jane.fairweather@acme.test", "EMAIL_ADDRESS"),
    ("Hollis Logistics Ltd", "ORGANIZATION"),
    ("Leeds", "LOCATION"),
    ("+44 20 7946 0123", "PHONE_NUMBER"),
    ("10.4.8.15", "IP_ADDRESS"),
    ("fe80::1ff:fe23:4567:890a", "IP_ADDRESS"),
    ("00:1b:44:11:3a:b7", "MAC_ADDRESS"),
    ("https://intranet.hollis.test/team", "URL"),
    ("221b Baker Street, London", "ADDRESS"),
    ("12345678", "ACCOUNT_NUMBER"),
    ("AKIAIOSFODNN7EXAMPLE", "AWS_KEY"),
)
INVENTED = policy.load("surrogates")


def registry() -> Registry:
    made = Registry([Sighting(text, kind, "ner") for text, kind in SIGHTINGS], deny=[DenyTerm("Bluebird", "PROJECT")])
    made.number(range(len(made.records)), {})
    return made


class Run:
    """One run over the same submission."""

    def __init__(self, key: bytes = KEY, texts: tuple[str, ...] = (), chosen: policy.Policy = INVENTED) -> None:
        self.registry = registry()
        self.writer = Writer(self.registry, chosen, key, (*texts, *(text for text, _ in SIGHTINGS)), ["Bluebird"])

    def write(self, text: str, entity_type: str, kind: Kind = Kind.PROSE, whole: str = "") -> str:
        owner = self.registry.owner(whole or text, entity_type)
        span = Span(0, len(text), entity_type, 1.0, "ner")
        return applied(text, replacements(text, [self.writer.treated((span, owner), text, kind)]))


def test_one_key_makes_the_same_and_another_key_others() -> None:
    first, again, other = Run(), Run(), Run(OTHER)
    for text, kind in SIGHTINGS:
        assert first.write(text, kind) == again.write(text, kind)
    assert first.write("Jane Fairweather", "PERSON") != other.write("Jane Fairweather", "PERSON")


def test_the_order_of_the_files_changes_no_surrogate() -> None:
    forth, back = Run(), Run()
    made = [forth.write(text, kind) for text, kind in SIGHTINGS]
    assert [back.write(text, kind) for text, kind in reversed(SIGHTINGS)] == made[::-1]


RESERVED = {
    "EMAIL_ADDRESS": r"[a-z]+\.[a-z]+@example\.com",
    "URL": r"https://[a-z-]+-\d{3}\.example\.com/",
    "PHONE_NUMBER": r"\+1-555-01\d\d",
    "MAC_ADDRESS": r"00:00:5e:00:53:[0-9a-f]{2}",
    "IP_ADDRESS": r"192\.0\.2\.\d{1,3}|2001:db8::[0-9a-f]+:[0-9a-f]+",
    "ACCOUNT_NUMBER": r"\[ACCOUNT_1\]",
    "AWS_KEY": r"REDACTED_AWS_KEY_1",
}


@pytest.mark.parametrize("case", [case for case in SIGHTINGS if case[1] in RESERVED], ids=str)
def test_values_lie_in_reserved_spaces_or_stay_tokens(case: tuple[str, str]) -> None:
    assert re.fullmatch(RESERVED[case[1]], Run().write(*case))


def test_a_name_is_written_like_the_real_one() -> None:
    run = Run()
    given, surname = run.write("Jane Fairweather", "PERSON").split(" ")
    forms = {
        "Fairweather": surname,
        "Jane": given,
        "J. Fairweather": f"{given[0]}. {surname}",
        "Fairweather, Jane": f"{surname}, {given}",
        "JANE FAIRWEATHER": f"{given} {surname}".upper(),
        "jane.fairweather": f"{given}.{surname}".lower(),
        "jane_fairweather": f"{given}_{surname}".lower(),
    }
    assert {text: run.write(text, "PERSON", whole="Jane Fairweather") for text in forms} == forms
    assert run.write("jane.fairweather@acme.test", "EMAIL_ADDRESS") == f"{given}.{surname}@example.com".lower()
    assert run.write("@jfairweather", "HANDLE", whole="Jane Fairweather") == f"@{given}_{surname}".lower()


def test_a_company_keeps_its_legal_form_alone() -> None:
    run = Run()
    short = run.write("Hollis Logistics", "ORGANIZATION")
    assert run.write("Hollis Logistics Ltd", "ORGANIZATION") == f"{short} Ltd"
    assert "Hollis" not in short


def test_no_surrogate_repeats_a_word_of_the_submission() -> None:
    free = Run()
    first = free.write("Jane Fairweather", "PERSON")
    crowded = Run(texts=(f"Here {first} is a real person.",))
    second = crowded.write("Jane Fairweather", "PERSON")
    assert not set(first.split()) & set(second.split())


def test_two_people_never_share_a_surrogate() -> None:
    names = [f"{a}{b}a Okafor{a}{b}" for a in "BCDFGHKLMN" for b in "aeiou"]
    many = Registry([Sighting(name, "PERSON", "ner") for name in names])
    many.number(range(len(many.records)), {})
    writer = Writer(many, INVENTED, KEY, names)
    made = [
        writer.treated((Span(0, len(name), "PERSON", 1.0, "ner"), many.owner(name, "PERSON")), name, Kind.PROSE).written
        for name in names
    ]
    assert len(set(made)) == len(names)


def test_where_no_free_value_is_left_a_token_stands() -> None:
    lines = [f"020 7946 0{n:03}" for n in range(150)]
    many = Registry([Sighting(line, "PHONE_NUMBER", "phone") for line in lines])
    many.number(range(len(many.records)), {})
    writer = Writer(many, INVENTED, KEY, lines)
    made = [
        writer.treated((Span(0, len(line), "PHONE_NUMBER", 1.0, "phone"), index), line, Kind.PROSE).written
        for index, line in enumerate(lines)
    ]
    invented = [one for one in made if one.startswith("+1-555-01")]
    assert len(set(invented)) == len(invented) > 50
    assert all(re.fullmatch(r"\[PHONE_\d+\]", one) for one in made if one not in invented)


def test_a_secret_has_its_token_in_every_mode_and_by_every_operator() -> None:
    for operator in sorted(policy.OPERATORS):
        source = (policy.FOLDER / "surrogates.toml").read_text() + f'\n[entities.AWS_KEY]\noperator = "{operator}"\n'
        run = Run(chosen=policy.parse(source.encode()))
        assert run.write("AKIAIOSFODNN7EXAMPLE", "AWS_KEY") == "REDACTED_AWS_KEY_1"


def test_verification_reads_surrogates_as_tokens() -> None:
    run = Run()
    name = run.write("Jane Fairweather", "PERSON")
    assert run.writer.unwritten(f"Then {name} came; {name}son did not.") == f"Then [PERSON_1] came; {name}son did not."


def test_the_rest_of_a_cut_name_is_dropped_and_tokens_stay_the_default() -> None:
    run = Run(chosen=policy.load("standard"))
    assert run.write("Jane Fairweather", "PERSON") == "[PERSON_1]"
    rest = Span(0, 7, "PERSON", 1.0, "propagation", continued=True)
    treated = run.writer.treated((rest, run.registry.owner("Jane Fairweather", "PERSON")), "weather", Kind.PROSE)
    assert applied("weather again", replacements("weather again", [treated])) == " again"


DATES = {
    "1984-03-12": "1984-04-11",
    "12/03/1984": "11/04/1984",
    "03/28/1984": "04/27/1984",
    "12.3.1984": "11.4.1984",
    "12 March 1984": "11 April 1984",
    "12-Mar-1984": "11-Apr-1984",
    "March 12, 1984": "April 11, 1984",
    "Mar 12 1984": "Apr 11 1984",
    "May 12, 1984": "June 11, 1984",
    "born 1984-12-20.": "born 1985-01-19.",
}


@pytest.mark.parametrize(("text", "moved"), DATES.items())
def test_a_date_is_moved_in_its_own_form(text: str, moved: str) -> None:
    assert shifted(text, 30) == moved


@pytest.mark.parametrize("text", ["March 1984", "1984", "31/02/1984", "99.99.1984", "1984-03-12 to 1984-03-15", "soon"])
def test_what_is_no_whole_date_is_not_moved(text: str) -> None:
    assert shifted(text, 30) is None
    assert DateShift().operate(text, {"days": 30, "written": "[DATE_1]"}) == "[DATE_1]"


def test_all_dates_of_a_submission_move_alike() -> None:
    source = (policy.FOLDER / "standard.toml").read_text().replace('"generalize"', '"date_shift"').encode()
    run = Run(chosen=policy.parse(source))
    run.registry.number([run.registry.owner(text, "DATE_OF_BIRTH") for text in ("1984-03-12", "1984-03-22")], {})
    moved = [run.write(text, "DATE_OF_BIRTH") for text in ("1984-03-12", "1984-03-22")]
    assert moved == [shifted(text, shift_of(KEY)) for text in ("1984-03-12", "1984-03-22")]
    assert run.writer.unwritten(f"Born {moved[0]}.") == f"Born [{run.registry.records[-2].token}]."


def test_days_are_never_none_and_differ_by_key() -> None:
    days = {shift_of(bytes([n]) * 32) for n in range(200)}
    assert all(30 <= abs(one) <= 365 for one in days)
    assert len(days) > 100


@pytest.mark.parametrize("operator", [Surrogate(), DateShift()])
def test_operators_want_what_they_write(operator: Surrogate | DateShift) -> None:
    with pytest.raises(ValueError, match="needs"):
        operator.validate({})
    with pytest.raises(ValueError, match="never"):
        Surrogate().operate("Jane", {"written": "Jane"})
