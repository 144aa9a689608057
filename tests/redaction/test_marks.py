"""Confidentiality marks: a table of what is one, and where, and a longer one of what only sounds like it."""

from __future__ import annotations

import pytest

from redaction.entities import Kind, Segment
from redaction.marks import PLACES, find, mentions
from tests.growth import grows_linearly

BODY = "This quarter we sold more umbrellas than ever before in the north."

ALONE = [
    "CONFIDENTIAL",
    "Confidential",
    "*** Strictly Confidential ***",
    "Private & Confidential",
    "PRIVATE AND CONFIDENTIAL",
    "Company Confidential",
    "Highly confidential",
    "[Internal use only]",
    "FOR INTERNAL USE ONLY",
    "Internal only",
    "INTERNAL",
    "Strictly private",
    "Privileged & Confidential",
    "PRIVILEGED AND CONFIDENTIAL - ATTORNEY-CLIENT PRIVILEGE",
    "Attorney work product",
    "Subject to NDA",
    "Under non-disclosure agreement",
    "Export controlled",
    "ITAR restricted",
    "Subject to EAR",
    "Proprietary",
    "Confidential and Proprietary",
    "Trade secret",
    "TLP:RED",
    "TLP: AMBER+STRICT",
    "Classification: Internal",
    "Sensitivity: Highly Confidential",
    "Highly Confidential \\ All Employees",
    "Commercial in confidence",
    "Not for distribution",
    "DO NOT DISTRIBUTE",
    "Restricted",
    "Confidential - Page 3 of 7",
    "CONFIDENTIAL | 12 May 2025 | v2.1",
    "Draft - Confidential",
    "Vertraulich",
    "Streng vertraulich",
    "Nur für den internen Gebrauch",
    "VS-NfD",
    "Confidentiel",
    "Strictement confidentiel",
    "Usage interne",
    "Diffusion restreinte",
    "Confidencial",
    "Sólo para uso interno",
    "Riservato",
    "Strikt vertrouwelijk",
    "社外秘",
    "Ｃｏｎｆｉｄｅｎｔｉａｌ",
    "Con\u00adfidential",
]


@pytest.mark.parametrize("text", ALONE)
def test_a_line_that_is_nothing_but_a_mark_is_one_anywhere(text: str) -> None:
    segments = [Segment(f"l{n}", one, "TX") for n, one in enumerate([BODY] * 5 + [text] + [BODY] * 5)]
    assert find(segments) == ["l5"]


@pytest.mark.parametrize("place", sorted(PLACES))
@pytest.mark.parametrize(
    "text", ["Acme Widgets – Confidential – Page 3", "This document is for internal use only.", *ALONE]
)
def test_a_mark_counts_in_every_place_for_marks(place: str, text: str) -> None:
    assert find([Segment("p1", text, "D2", hints={"place": place})]) == ["p1"]


NAMES = ["2025_Budget_CONFIDENTIAL", "StrictlyConfidential-plan", "roadmap (internal use only)", "plan-INTERNAL-ONLY",
    "Bericht_vertraulich", "deck.tlp:red", "confidential"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_file_name_can_be_a_mark(name: str) -> None:
    assert find([Segment("name", name, "S1", Kind.NAME)]) == ["name"]


EDGES = ["Acme Widgets Confidential", "Acme Confidential - Board Paper", "Page 3 Strictly Confidential Acme",
    "© 2025 Acme Widgets Ltd", "Copyright 2019-2025 Hollis Group. All rights reserved"]  # fmt: skip


@pytest.mark.parametrize("text", EDGES)
def test_the_first_and_last_lines_of_a_page_may_name_the_company(text: str) -> None:
    middle = [Segment(f"page1/b{n}", BODY, "F1") for n in range(2, 8)]
    assert find([Segment("page1/b1", text, "F1"), *middle]) == ["page1/b1"]
    assert find([*middle, Segment("page1/b9", text, "F1")]) == ["page1/b9"]
    assert find([*middle[:3], Segment("page1/b9", text, "F1"), *middle[3:]]) == []


def test_the_copyright_line_of_an_employer_is_a_mark() -> None:
    line = [Segment("f1", "(c) 2025 Acme", "D2", hints={"place": "footer"})]
    assert find(line) == []
    assert find(line, employers=["ACME"]) == ["f1"]


def test_a_label_among_the_properties_is_a_mark() -> None:
    assert find([], properties=["Jane", "Highly Confidential", "Internal audit", "Confidential \\ Anyone"]) == [
        "property1",
        "property3",
    ]


def test_a_subject_and_a_header_for_labels_are_places_for_marks() -> None:
    headers = [
        Segment("header:subject", "Confidential: the budget", "M1", Kind.HEADER),
        Segment("header:sensitivity", "Company-Confidential", "M1", Kind.HEADER),
        Segment("header:comments", "This is confidential", "M1", Kind.HEADER),
    ]
    assert find(headers) == ["header:subject", "header:sensitivity"]


NEAR_MISSES = [
    "confidence interval",
    "95% Confidence Intervals",
    "Confidentiality agreement template",
    "Mutual Non-Disclosure Agreement",
    "NDA checklist",
    "Confidential computing overview",
    "Confidential counselling hotline",
    "Not confidential",
    "Non-confidential summary",
    "private key",
    "Private equity outlook",
    "Internal audit report",
    "Internal use cases",
    "Internal combustion engines",
    "Internal medicine",
    "Restricted stock units",
    "Restricted free agents",
    "Secretary's report",
    "Secret Santa",
    "Trade secrets law, an introduction",
    "Proprietary trading desk",
    "Proprietary vs open source",
    "Privileged access management",
    "Export control policy training",
    "ITAR compliance course",
    "Classification: Public",
    "Sensitivity: General",
    "Sensitivity analysis",
    "TLP:GREEN",
    "TLP:CLEAR",
    "International",
    "Ear, nose and throat",
    "Distribution list",
    "Internes Kontrollsystem",
    "© OpenStreetMap contributors",
    "© 2024 Microsoft Corporation. All rights reserved.",
    "Copyright 2024 Jane Example, licensed under CC BY 4.0",
    "Copyright law in Europe",
    "Nicht vertraulich",
]


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_sounds_like_a_mark_is_none_in_any_place(text: str) -> None:
    segments = [Segment(f"p{n}", text, "D2", hints={"place": place}) for n, place in enumerate(sorted(PLACES))]
    segments += [Segment("name", text, "S1", Kind.NAME), Segment("l1", text, "TX")]
    assert find(segments, properties=[text]) == []


PROSE = [
    "Please keep this confidential until the board has met on Thursday.",
    "The confidential report arrived",
    "This e-mail and any attachment are confidential and may be legally privileged; delete it if it is not for you.",
    "We signed under NDA with two suppliers and told them nothing that is for internal use only.",
]


@pytest.mark.parametrize("text", PROSE)
def test_running_text_and_disclaimers_are_reported_and_no_marks(text: str) -> None:
    segments = [Segment("l1", text, "TX"), Segment("l2", BODY, "TX")]
    assert find(segments) == []
    assert mentions(segments) == ["l1"]


def test_code_marks_nothing() -> None:
    assert find([Segment("l1", "CONFIDENTIAL", "TX", Kind.CODE)]) == []


def test_the_time_grows_with_the_file() -> None:
    segments = [Segment(f"l{n}", BODY, "TX") for n in range(20_000)]
    segments += [Segment(f"m{n}", "page 1 " * 400, "TX") for n in range(100)]
    segments += [Segment(f"n{n}", "1 2 3 4 5 6 7 8 " * 7, "TX", hints={"place": "header"}) for n in range(200)]
    segments.sort(key=lambda segment: segment.anchor[1:])
    assert find(segments) == []
    assert grows_linearly(lambda size: find(segments[:size]), len(segments) // 8, len(segments))


@pytest.mark.parametrize("line", ["1" * 120, "1." * 60, "0.999390827019096 " * 6, "internal " * 12 + "z", "p 1 " * 30])
def test_a_line_can_be_read_in_one_way_only(line: str) -> None:
    segments = [Segment(f"l{n}", line, "TX", Kind.CELL) for n in range(800)]
    assert find(segments) == []
    assert grows_linearly(lambda size: find([Segment("l", line[:size], "TX")] * 100), 15, 120)


@pytest.mark.parametrize("line", ["page3of7 CONFIDENTIAL", "Confidential, December 2025", "v2 – internal – p. 7"])
def test_pages_dates_and_versions_may_stand_around_a_mark(line: str) -> None:
    assert find([Segment("l1", line, "TX")]) == ["l1"]
