"""A kitchen inspected: one report, made up to show how the work is done."""

from __future__ import annotations

from tests.corpus.cast import Casting
from tests.corpus.sample import SampleFile, SampleSubmission
from tests.corpus.script import Script
from tests.corpus.writers import Report

REQUEST = """Write the report of a routine hygiene inspection of the canteen run by {caterer.full} last week. Use the \
usual order: what was inspected, what was found, how serious it is, and by when it has to be put right. Two \
pages are enough. The manager on site is {chef.full}.
"""


def inspection(seed: int) -> SampleSubmission:
    """An inspector writes up a visit."""
    draw = Casting(seed)
    office, caterer = draw.company("it_IT", "Food Safety", "LLC"), draw.company("fr_FR", "Catering", "Inc.")
    cast: dict[str, object] = {
        "office": office,
        "caterer": caterer,
        "me": draw.man("de_DE", office),
        "chef": draw.man("es_ES", caterer),
        "deputy": draw.man("sv_SE", caterer),
        "place": draw.address("da_DK"),
        "account": draw.account(),
    }
    return SampleSubmission(
        title="Hygiene inspection of a canteen",
        occupation="Compliance Officers",
        sector="Government",
        provenance_class="fabricated",
        basis="fabricated",
        task_request=Script(cast).sample_text(REQUEST, ("Two pages are enough", "by when it has to be put right")),
        files=(_report(cast),),
    )


def _report(cast: dict[str, object]) -> SampleFile:
    report = Report(cast, "Inspection report.pdf", author="{me.full}", title="Report of a routine inspection")
    report.table(
        (
            ("Business", "{caterer.full}"),
            ("Address", "{place}"),
            ("Manager", "{chef.full}, {chef.phone}"),
            ("Inspector", "{me.full}, {office.full}"),
            ("Account number", "{account}"),
        ),
        (130, 320),
    )
    report.heading("What was inspected")
    report.text(
        "Goods entrance, dry store, two walk-in coolers, the hot kitchen, the dish room and the staff changing"
        " room. The visit was not announced. {chef.full} was present from the beginning, {deputy.full} joined for"
        " the coolers."
    )
    report.heading("What was found")
    report.table(
        (
            ("Place", "Finding", "Level", "Put right by"),
            ("Cooler 2", "Door seal torn, temperature two degrees too high", "Serious", "Within 48 hours"),
            ("Dry store", "Opened flour without a date", "Minor", "Next visit"),
            ("Dish room", "Final rinse reaches the required temperature", "None", "Nothing to do"),
            ("Hot kitchen", "Hand basin blocked by a trolley", "Minor", "At once, done during the visit"),
        ),
        (80, 210, 60, 110),
    )
    report.page()
    report.heading("Assessment")
    report.text(
        "The kitchen is clean and well organised. The torn seal is serious because milk products are kept in that"
        " cooler; they were moved to the other one while we watched. Staff knew the cleaning plan by heart and"
        " showed the records of the last six weeks without being asked."
    )
    report.text(
        "Mr {chef.surname} will send a photograph of the new seal to {me.email}. If it has not arrived within"
        " three days, the office calls {deputy.full} on {deputy.phone}. No fee is charged for this visit."
    )
    report.text("Signed: {me.initial}, with a copy to {chef.email}.")
    return report.done(
        "deliverable",
        (
            "Hand basin blocked by a trolley",
            "The kitchen is clean and well organised",
            "they were moved to the other one while we watched",
        ),
    )
