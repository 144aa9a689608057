from __future__ import annotations

import pytest

from redaction.entities import DenyTerm, Override, Segment, Span
from redaction.matching import Matcher, Needle
from redaction.names import PersonName, parse
from redaction.people import name_of_local
from redaction.propagation import grown, propagate
from redaction.registry import Registry, Sighting
from redaction.spans import resolve
from redaction.view import plain, squeeze, squeezed

SPELLINGS = [
    "Jane Fairweather",
    "JANE FAIRWEATHER",
    "jane fairweather",
    "Fairweather, Jane",
    "Fairweather Jane",
    "J. Fairweather",
    "J Fairweather",
    "Fairweather",
    "Fairweather's",
    "Jane",
    "jane.fairweather",
    "jfairweather",
    "jane_fairweather",
    "jane-fairweather",
    "JaneFairweather",
    "Fair\u00adweather",
    "Fair\u200bweather",
    "Fair-\nweather",
    "Jane\u00a0Fairweather",
    "Jane\nFairweather",
    "Ｊａｎｅ Ｆａｉｒｗｅａｔｈｅｒ",
    "F a i r w e a t h e r",
    "Fаirwеаther",  # three Cyrillic letters
    "budget_fairweather_2025",
]


def people(*texts: str) -> Registry:
    return Registry([Sighting(text, "PERSON", "ner") for text in texts])


def found(registry: Registry, text: str) -> list[tuple[str, int]]:
    """Found texts with their entities, those inside longer ones left out."""
    [mentions] = propagate([Segment("l1", text, "TX")], registry)
    return [(text[span.start : span.end], owner) for span, owner in resolve(mentions, text)]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_one_person_is_found_in_every_spelling(spelling: str) -> None:
    registry = people("Jane Fairweather")
    assert {owner for _, owner in found(registry, f"It says {spelling} here.")} == {0}


@pytest.mark.parametrize("text", ["fair weather", "Janet", "a fairy wears", "J. Fair", "weather fair"])
def test_what_only_looks_like_the_name_stays(text: str) -> None:
    hits = [hit for hit, _ in found(people("Jane Fairweather"), f"It says {text} here.")]
    assert hits == []


def test_a_long_name_inside_a_word_takes_the_whole_word() -> None:
    assert [hit for hit, _ in found(people("Jane Fairweather"), "The Fairweathers came.")] == ["Fairweathers"]


def test_short_spellings_need_letter_boundaries() -> None:
    registry = people("Ann Lee Wood", "Tom Lund")
    assert found(registry, "Lundgren, Annual, custom") == []
    assert [hit for hit, _ in found(registry, "Lund and tom-lund")] == ["Lund", "tom-lund"]


def test_blanks_do_not_make_a_name_of_two_words() -> None:
    assert found(people("Ida Lawson"), "It has flaws on every page.") == []


def test_all_mentions_of_one_person_share_one_entity() -> None:
    registry = Registry(
        [
            Sighting("Jane", "PERSON", "greeting"),
            Sighting("J. Fairweather", "PERSON", "mail_header"),
            Sighting("jane.fairweather@acme.example", "EMAIL_ADDRESS", "email"),
            Sighting("Fairweather, Jane", "PERSON", "mail_header"),
            Sighting("JANE FAIRWEATHER", "PERSON", "ner"),
            Sighting("Jane M. Fairweather", "PERSON", "ner"),
        ]
    )
    texts = ["Jane", "J. Fairweather", "Fairweather, Jane", "Jane M. Fairweather", "Fairweather", "Dr Fairweather"]
    owners = {registry.owner(text, "PERSON") for text in texts}
    owners.add(registry.owner("jane.fairweather@acme.example", "EMAIL_ADDRESS"))
    owners.add(registry.owner("jfairweather@home.example", "EMAIL_ADDRESS"))
    assert len(owners) == 1


def test_two_people_of_one_surname_are_two_and_the_surname_alone_is_a_third() -> None:
    registry = people("Jane Fairweather", "Paul Fairweather", "Fairweather")
    owners = [registry.owner(text, "PERSON") for text in ("Jane Fairweather", "Paul Fairweather", "Fairweather")]
    assert len(set(owners)) == 3
    assert registry.owner("P. Fairweather", "PERSON") == owners[1]


def test_a_surname_two_people_share_is_masked_even_where_nobody_saw_it_alone() -> None:
    registry = people("Jane Fairweather", "Paul Fairweather")
    assert [hit for hit, _ in found(registry, "Then Fairweather left.")] == ["Fairweather"]


def test_an_address_alone_makes_a_person() -> None:
    registry = Registry([Sighting("tom.okafor@acme.example", "EMAIL_ADDRESS", "email")])
    assert [hit for hit, _ in found(registry, "Ask Tom Okafor or Okafor.")] == ["Tom Okafor", "Okafor"]


@pytest.mark.parametrize("local", ["accounts.payable", "sales", "no-reply", "customer.service", "x.y", "j2ee"])
def test_mailboxes_of_functions_are_no_people(local: str) -> None:
    assert name_of_local(local) is None


def test_a_surname_that_is_a_word_counts_with_a_capital_alone() -> None:
    registry = people("Tom Baker")
    assert found(registry, "The baker bakes.") == []
    assert [hit for hit, _ in found(registry, "Then Baker left.")] == ["Baker"]


def test_a_given_name_that_is_a_word_counts_only_where_it_was_found_by_itself() -> None:
    assert found(people("Mark Okafor"), "Mark the date.") == []


def test_a_company_is_one_with_and_without_its_legal_form() -> None:
    registry = Registry([Sighting("Hollis Logistics Ltd", "ORGANIZATION", "company")])
    owners = {registry.owner(text, "ORGANIZATION") for text in ("Hollis Logistics", "The Hollis Logistics Ltd.")}
    assert len(owners) == 1
    assert [hit for hit, _ in found(registry, "HOLLIS LOGISTICS pays.")] == ["HOLLIS LOGISTICS"]


def test_one_telephone_line_is_one_entity_with_and_without_its_country() -> None:
    registry = Registry([Sighting("+44 20 7946 0123", "PHONE_NUMBER", "phone")])
    assert registry.owner("020 7946 0123", "PHONE_NUMBER") == registry.owner("+44 20 7946 0123", "PHONE_NUMBER")


def test_the_host_of_an_address_is_found_alone() -> None:
    registry = Registry([Sighting("jane@acme.example", "EMAIL_ADDRESS", "email")])
    assert [hit for hit, _ in found(registry, "See www.acme.example for more.")] == ["acme.example"]


def test_the_host_of_a_public_mail_provider_stays() -> None:
    registry = Registry([Sighting("jane@gmail.com", "EMAIL_ADDRESS", "email")])
    assert found(registry, "gmail.com was down.") == []


def test_an_amount_is_not_an_account_number() -> None:
    registry = Registry([Sighting("20417", "ACCOUNT_NUMBER", "ids")])
    assert found(registry, "It costs 20,417 or 120417.") == []
    assert [hit for hit, _ in found(registry, "Account 20417.")] == ["20417"]


def test_what_a_person_keeps_stays_in_every_spelling() -> None:
    registry = Registry(
        [Sighting("Jane Fairweather", "PERSON", "ner")], overrides=[Override("keep", "Jane Fairweather")]
    )
    assert found(registry, "Jane Fairweather and Fairweather.") == []
    assert registry.kept(registry.owner("J. Fairweather", "PERSON"))


def test_a_deny_term_is_stronger_than_a_wish_to_keep() -> None:
    registry = Registry([], deny=[DenyTerm("Bluebird", "PROJECT")], overrides=[Override("keep", "Bluebird")])
    assert [hit for hit, _ in found(registry, "Project bluebird starts.")] == ["bluebird"]


def test_a_secret_is_never_kept_and_never_stored() -> None:
    registry = Registry(
        [Sighting("AKIAIOSFODNN7EXAMPLE", "AWS_KEY", "secrets")], overrides=[Override("keep", "AKIAIOSFODNN7EXAMPLE")]
    )
    registry.number([0], {})
    [entity] = registry.entities()
    assert entity.token == "REDACTED_AWS_KEY_1"
    assert not registry.kept(0)
    assert (entity.canonical, entity.aliases) == ("", ())


def test_numbers_follow_first_appearance_and_leave_out_those_already_written() -> None:
    registry = people("Jane Fairweather", "Tom Okafor")
    registry.number([1, 0, 1], {"PERSON": 4})
    assert [record.token for record in registry.records] == ["PERSON_6", "PERSON_5"]


def test_a_name_that_runs_over_two_segments_is_found_in_pieces() -> None:
    registry = people("Jane Fairweather")
    mentions = propagate([Segment("l1", "It was Jane", "TX"), Segment("l2", "Fairweather again", "TX")], registry)
    assert all(any(owner == 0 for _, owner in one) for one in mentions)


NAMES = {
    "Jane Fairweather": PersonName(("jane",), "fairweather"),
    "Dr. Jane M. Fairweather, PhD": PersonName(("jane", "m"), "fairweather"),
    "Fairweather, Jane": PersonName(("jane",), "fairweather"),
    "Jane Fairweather's": PersonName(("jane",), "fairweather"),
    "J.R. Fairweather": PersonName(("j", "r"), "fairweather"),
    "Maria van der Berg": PersonName(("maria",), "vanderberg"),
    "van der Berg, Maria": PersonName(("maria",), "vanderberg"),
    "Fairweather J": PersonName(("j",), "fairweather"),
    "Łukasz Müller": PersonName(("lukasz",), "muller"),
    "Okafor": PersonName((), "okafor"),
}


@pytest.mark.parametrize(("text", "name"), NAMES.items())
def test_names_are_read_as_they_are_written(text: str, name: PersonName) -> None:
    assert parse(text) == name


@pytest.mark.parametrize("text", ["", " . ", "4711", "R2 D2"])
def test_no_name_is_no_name(text: str) -> None:
    assert parse(text) is None


def test_the_squeezed_view_knows_its_way_back() -> None:
    text = "Zoë-\u200bﬁnn"
    view = squeezed(text)
    assert view.text == squeeze(text) == "zoefinn"
    assert text[slice(*view.source_span(3, 5))] == "ﬁ"


def test_the_plain_view_is_what_a_reader_sees() -> None:
    assert plain("Ｊａ\u200bne Fair-\nweather and co-\nOp").text == "Jane Fairweather and co-\nOp"


GROWN = {
    "Judith L. Perdomo called.": ("Perdomo", "Judith L. Perdomo"),
    "Then Judith Perdomo called.": ("Judith", "Judith Perdomo"),
    "Ask Perdomo about it.": ("Perdomo", None),
    "I know Stan well.": ("Stan", None),
    "On Monday Perdomo called.": ("Perdomo", None),
}


@pytest.mark.parametrize(("text", "case"), GROWN.items())
def test_a_name_takes_the_unknown_words_of_the_name_around_it(text: str, case: tuple[str, str | None]) -> None:
    start = text.index(case[0])
    more = grown(text, Span(start, start + len(case[0]), "PERSON", 0.85, "ner"))
    assert (more and text[more.start : more.end]) == case[1]


def test_a_thousand_names_are_found_in_time() -> None:
    names = [f"Person{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)}mann" for i in range(1000)]
    matcher = Matcher(Needle.of(name, index) for index, name in enumerate(names))
    text = " some words and then ".join(names)
    assert len({match.owner for match in matcher.find(text)}) == 1000
