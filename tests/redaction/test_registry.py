from __future__ import annotations

import base64

import pytest

from redaction.entities import DenyTerm, Kind, Override, Segment, Span
from redaction.matching import Matcher, Needle
from redaction.names import PersonName, generic, parse
from redaction.people import name_of_local
from redaction.propagation import grown, propagate
from redaction.registry import Registry, Sighting
from redaction.spans import resolve
from redaction.view import plain, squeeze, squeezed
from tests.growth import grows_linearly

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


def test_half_of_a_double_surname_is_found_unless_somebody_else_bears_it() -> None:
    registry = people("Jane Fairweather-Okoro")
    assert [hit for hit, _ in found(registry, "Then Fairweather and Ms Okoro, jane.okoro")] == [
        "Fairweather", "Okoro", "jane", "okoro",
    ]  # fmt: skip
    shared = people("Jane Fairweather-Okoro", "Tom Okoro")
    assert found(shared, "Then Okoro left.")[0][1] == shared.owner("Tom Okoro", "PERSON")


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


def pieces(registry: Registry, *segments: Segment) -> list[list[tuple[str, bool]]]:
    """For each segment the found texts, overlaps settled, and whether each continues one before."""
    return [
        [(segment.text[span.start : span.end], span.continued) for span, _ in resolve(mentions, segment.text)]
        for segment, mentions in zip(segments, propagate(segments, registry), strict=True)
    ]


CUT = [
    ("It was Fair-", "weather again", [("Fair-", False)], [("weather", True)]),
    ("It was Fair", "weather again", [("Fair", False)], [("weather", True)]),
    ("It was Fair\u00ad", "  weather", [("Fair\u00ad", False)], [("weather", True)]),
    ("> Ask Fair-", "> weather now", [("Fair-", False)], [("weather", True)]),
    ("It was Jane", "Fairweather again", [("Jane", False)], [("Fairweather", True)]),
    ("It was fair", "weather again", [], []),
]


@pytest.mark.parametrize(("first", "second", "head", "tail"), CUT)
def test_a_name_cut_by_the_end_of_a_line_takes_its_token_once(
    first: str, second: str, head: list[tuple[str, bool]], tail: list[tuple[str, bool]]
) -> None:
    registry = people("Jane Fairweather")
    for kind in (Kind.PROSE, Kind.CODE):
        assert pieces(registry, Segment("l1", first, "TX", kind), Segment("l2", second, "TX", kind)) == [head, tail]


def test_a_name_over_two_cells_has_a_token_in_each_and_a_cut_word_one() -> None:
    registry = people("Jane Fairweather")
    cells = [
        Segment(f"r1c{n}", text, "T1", Kind.CELL) for n, text in enumerate(("Jane", "Fairweather", "Fair", "weather"))
    ]
    assert pieces(registry, *cells) == [
        [("Jane", False)],
        [("Fairweather", False)],
        [("Fair", False)],
        [("weather", True)],
    ]


def test_a_deny_term_is_found_over_the_end_of_a_segment_without_capitals() -> None:
    registry = Registry([], deny=[DenyTerm("Bluebird", "PROJECT")])
    assert pieces(registry, Segment("l1", "so blue", "TX"), Segment("l2", "bird it is", "TX")) == [
        [("blue", False)],
        [("bird", True)],
    ]


def test_a_name_is_found_over_the_end_of_a_page_with_a_page_number_between() -> None:
    registry = people("Jane Fairweather")
    lines = [
        Segment("page1/b1", "First line", "F1"),
        Segment("page1/b2", "and it was Fair-", "F1"),
        Segment("page1/b3", "Page 1 of 2", "F1"),
        Segment("page2/b1", "Annual report", "F1"),
        Segment("page2/b2", "weather who came.", "F1"),
        Segment("page2/b3", "Last line", "F1"),
    ]
    assert pieces(registry, *lines) == [[], [("Fair-", False)], [], [], [("weather", True)], []]


def test_a_file_name_is_no_continuation_of_the_text() -> None:
    registry = people("Jane Fairweather")
    segments = (Segment("l1", "It was Fair", "TX"), Segment("name", "weather", "S1", Kind.NAME))
    assert pieces(registry, *segments) == [[], []]


def test_a_blob_over_several_lines_goes_as_a_whole() -> None:
    registry = people("Jane Fairweather")
    lines = base64.encodebytes(b"Please send the draft to Jane Fairweather by Monday, she knows the file.").decode()
    found_pieces = pieces(registry, *(Segment(f"l{n}", line, "TX") for n, line in enumerate(lines.split())))
    assert found_pieces == [[(line, n > 0)] for n, line in enumerate(lines.split())]


VARIANTS = {
    ("Northern Lights Foundation", "The NLF and northern-lights-foundation"): ["NLF", "northern-lights-foundation"],
    ("Bank of Erewhon", "BOE, BoE; boe"): ["BOE", "BoE"],
    ("Acme Widgets Ltd", "Acme Widgets', AcmeWidgets, acme_widgets"): ["Acme Widgets", "AcmeWidgets", "acme_widgets"],
    ("Acme Widgets", "acme-widgets.example, jane@acmewidgets.example"): ["acme-widgets", "acmewidgets"],
    ("Acme Widgets", "https://x.example/Acme%20Widgets?c=ACMEWIDGETS"): ["Acme%20Widgets", "ACMEWIDGETS"],
    ("Bluebird", "bluebirds, Bluebird's, BLUEBIRD, ProjectBluebird"): [
        "bluebirds", "Bluebird", "BLUEBIRD", "Bluebird",
    ],
    ("hollislogistics.example", "Hollis Logistics pays"): ["Hollis Logistics"],
    ("Human Resources Portal", "The HRP page, hr, HR"): ["HRP"],
    ("Key Performance Indicator", "our KPI"): [],
    ("Zoë & Söhne GmbH", "zoe-soehne, Zoe & Sohne"): ["Zoe & Sohne"],
}  # fmt: skip


@pytest.mark.parametrize(("case", "hits"), VARIANTS.items())
def test_a_deny_term_is_found_in_its_variants(case: tuple[str, str], hits: list[str]) -> None:
    term, text = case
    assert [hit for hit, _ in found(Registry([], deny=[DenyTerm(term, "ORGANIZATION")]), text)] == hits


def test_variants_are_one_entity_with_their_term() -> None:
    registry = Registry([], deny=[DenyTerm("Northern Lights Foundation", "ORGANIZATION"), DenyTerm("Bluebird")])
    owners = [owner for _, owner in found(registry, "NLF, northernlightsfoundation, bluebirds")]
    assert owners == [0, 0, 1]


def test_what_a_contributor_hides_has_no_acronym() -> None:
    registry = Registry([], overrides=[Override("hide", "Northern Lights Foundation")])
    assert found(registry, "The NLF") == []
    assert [hit for hit, _ in found(registry, "northern lights foundation")] == ["northern lights foundation"]


def test_a_person_of_the_deny_list_is_found_in_every_spelling_and_is_one() -> None:
    registry = Registry(
        [Sighting("J. Fairweather", "PERSON", "ner"), Sighting("jane.fairweather@acme.example", "EMAIL_ADDRESS", "x")],
        deny=[DenyTerm("Jane Fairweather", "PERSON")],
        overrides=[Override("keep", "Fairweather")],
    )
    assert found(registry, "Fairweather, jfairweather and Fairweather, Jane") == [
        ("Fairweather", 0), ("jfairweather", 0), ("Fairweather, Jane", 0),
    ]  # fmt: skip
    assert not registry.kept(0)


@pytest.mark.parametrize("term", ["Bluebird", "Blue Bird Ltd", "BB"])
def test_deny_beats_keep_whatever_the_spelling(term: str) -> None:
    overrides = [Override("keep", text) for text in (term, term.upper(), "Blue Bird", "bluebird")]
    registry = Registry([Sighting(term, "ORGANIZATION", "ner")], deny=[DenyTerm(term)], overrides=overrides)
    assert [hit for hit, _ in found(registry, f"so {term} it is")] == [term]


def test_two_entities_become_one() -> None:
    registry = Registry(
        [Sighting("Hollis Logistics", "ORGANIZATION", "ner"), Sighting("HLX Freight", "ORGANIZATION", "ner")],
        overrides=[Override("merge", "Hollis Logistics", other="HLX Freight")],
    )
    assert found(registry, "Hollis Logistics or HLX Freight") == [("Hollis Logistics", 0), ("HLX Freight", 0)]
    assert registry.owner("HLX Freight", "ORGANIZATION") == 0


def test_a_deny_term_stays_one_after_merging() -> None:
    registry = Registry(
        [Sighting("Hollis Logistics", "ORGANIZATION", "ner")],
        deny=[DenyTerm("Bluebird")],
        overrides=[Override("merge", "Hollis Logistics", other="Bluebird"), Override("keep", "Hollis Logistics")],
    )
    [(_, first), (_, second)] = found(registry, "Hollis Logistics and Bluebird")
    assert first == second
    assert registry.source(first) == "denylist"


def test_one_spelling_becomes_an_entity_of_its_own() -> None:
    registry = Registry([Sighting("Jane Fairweather", "PERSON", "ner")], overrides=[Override("split", "Jane")])
    owners = dict(found(registry, "Jane left. Jane Fairweather came; Fairweather spoke."))
    assert owners["Jane"] != owners["Jane Fairweather"] == owners["Fairweather"]
    assert registry.owner("Jane", "PERSON") == owners["Jane"]


def test_another_type_gives_another_token() -> None:
    registry = Registry(
        [Sighting("Bluebird", "ORGANIZATION", "ner")], overrides=[Override("retype", "Bluebird", "PRODUCT")]
    )
    registry.number([0], {})
    assert registry.records[0].token == "PRODUCT_1"


def test_a_secret_cannot_be_made_something_else() -> None:
    secret = "AKIAIOSFODNN7EXAMPLE"
    overrides = [
        Override("retype", secret, "PRODUCT"),
        Override("merge", "Bluebird", other=secret),
        Override("split", secret),
        Override("keep", secret),
    ]
    sightings = [Sighting(secret, "AWS_KEY", "secrets"), Sighting("Bluebird", "ORGANIZATION", "ner")]
    registry = Registry(sightings, overrides=overrides)
    index = registry.owner(secret, "AWS_KEY")
    registry.number([index], {})
    assert registry.records[index].token == "REDACTED_AWS_KEY_1"
    assert not registry.kept(index)
    assert secret not in str(registry.entities())


def test_a_decision_about_one_place_is_none_about_the_submission() -> None:
    here = [Override("hide", "Bluebird", ref="f1", anchor="l1"), Override("keep", "Jane Fairweather", ref="f1")]
    registry = Registry([Sighting("Jane Fairweather", "PERSON", "ner")], overrides=here)
    assert [hit for hit, _ in found(registry, "Bluebird, Jane Fairweather")] == ["Jane Fairweather"]


SUGGESTED = {
    ("PERSON", "Mark Okafor", "Then Mark came; MO agreed."): {("Mark", "given-name"), ("MO", "initials")},
    ("PERSON", "Mark Okafor", "Nothing of the kind."): set(),
    ("ORGANIZATION", "Hollis Logistics Group", "HLG did."): {("HLG", "acronym")},
    ("ORGANIZATION", "Hollis Logistics", "See www.hollislogistic.example."): {("hollislogistic.example", "domain")},
    ("ORGANIZATION", "Hollis Logistics", "Holliss Logistics signed."): {("Holliss Logistics", "near")},
    ("ORGANIZATION", "Hollis Logistics", "Horace Politics signed."): set(),
    ("PROJECT", "Acme", "Both Acmes failed."): {("Acmes", "plural")},
}


@pytest.mark.parametrize(("case", "suggested"), SUGGESTED.items())
def test_doubtful_spellings_are_suggested_and_not_applied(
    case: tuple[str, str, str], suggested: set[tuple[str, str]]
) -> None:
    entity_type, name, text = case
    registry = Registry([Sighting(name, entity_type, "ner")])
    registry.number([0], {})
    assert {(one.alias, one.rule) for one in registry.suggestions([text])} == suggested
    assert {one.token for one in registry.suggestions([text])} <= {registry.records[0].token}
    assert not {alias for alias, _ in suggested} & {hit for hit, _ in found(registry, text)}


@pytest.mark.parametrize("value", ["User", "Administrator", "Microsoft Office User", "python-docx", "admin2", " "])
def test_values_of_programs_name_nobody(value: str) -> None:
    assert generic(value)


@pytest.mark.parametrize("value", ["Jane Fairweather", "Acme", "jfairweather", "User Group North"])
def test_other_property_values_may_name_somebody(value: str) -> None:
    assert not generic(value)


def test_the_time_of_registering_grows_with_the_spellings() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    ends = [a + b + c for a in letters for b in letters[:20] for c in letters[:12]]
    registry_names = [f"Per{end[::-1]} {end}bermann" for end in ends]
    assert grows_linearly(lambda size: people(*registry_names[:size]), len(ends) // 8, len(ends))
    registry = people(*registry_names)
    assert len({owner for _, owner in found(registry, ", ".join(registry_names[:500]))}) == 500


@pytest.mark.parametrize(("name", "hits"), [("Okafor, TK", {"TK"}), ("Okafor, IT", set())])
def test_initials_for_a_given_name_are_looked_for_and_departments_are_not(name: str, hits: set[str]) -> None:
    text = "The TK and IT team"
    assert {text[match.start : match.end] for match in people(name).matcher.find(text)} == hits
