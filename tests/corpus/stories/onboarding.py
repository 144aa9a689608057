"""A first month planned: a new colleague's plan and the list of the people who help."""

from __future__ import annotations

from tests.corpus.cast import Casting
from tests.corpus.sample import SampleFile, SampleSubmission
from tests.corpus.script import Script
from tests.corpus.writers import Budget, Memo

REQUEST = """{new.full} starts in the laboratory on the first of the month. Please write a plan for her first \
four weeks, with a mentor for each week and a table of trainings, and a sheet that I can use to follow the \
hours. The plan should fit on two pages. {mentor.initial} wrote the last one.
"""


def onboarding(seed: int) -> SampleSubmission:
    """A training specialist plans the first month of a new colleague."""
    draw = Casting(seed)
    ours = draw.company("fr_FR", "Analytics", "Inc.")
    cast: dict[str, object] = {
        "ours": ours,
        "me": draw.man("it_IT", ours),
        "new": draw.woman("sv_SE", ours),
        "mentor": draw.man("de_DE", ours),
        "safety": draw.woman("es_ES", ours),
        "head": draw.woman("da_DK", ours),
        "lab": draw.address("sv_SE"),
        "wiki": draw.link("laboratory"),
    }
    return SampleSubmission(
        title="Plan for a new colleague's first month",
        occupation="Training and Development Specialists",
        sector="Professional, Scientific, and Technical Services",
        provenance_class="authentic_modified",
        basis="self_owned",
        task_request=Script(cast).sample_text(REQUEST, ("a table of trainings", "fit on two pages")),
        files=(_plan(cast), _hours(cast)),
    )


def _plan(cast: dict[str, object]) -> SampleFile:
    memo = Memo(
        cast,
        "First month {new.full}.docx",
        author="{me.full}",
        title="First month in the laboratory",
        header="{ours.full}",
        footer="Questions: {me.email}",
    )
    memo.heading("First month in the laboratory")
    memo.text(
        "Welcome, {new.given}! This plan is a proposal: change it together with your mentor whenever a day turns"
        " out differently. Your desk is on the second floor at {lab}; the badge with number {new.employee} opens"
        " all doors you need."
    )
    memo.heading("Week by week", 2)
    memo.table(
        (
            ("Week", "Topic", "Mentor", "Reachable on"),
            ("1", "Safety, waste and the fume cupboards", "{safety.full}", "{safety.phone}"),
            ("2", "Sample intake and labelling", "{mentor.full}", "{mentor.phone}"),
            ("3", "First measurements under supervision", "{mentor.full}", "{mentor.phone}"),
            ("4", "Writing up a result", "{head.full}", "{head.phone}"),
        )
    )
    memo.heading("What we expect, and what we do not", 2)
    memo.bullets(
        "Ask before you open a cupboard with a yellow label.",
        "Write every weighing into the bound notebook, in ink, also the failed ones.",
        "Nobody expects a finished report before week six.",
    )
    memo.text(
        "On Friday of week two, {head.full} will meet you for half an hour. Bring what surprised you."
        " {safety.surname} signs the safety sheet; without her signature the solvent store stays closed for you."
    )
    memo.text("The procedures are at {wiki}. Your account name is {new.local}, your mailbox {new.email}.")
    return memo.done(
        "deliverable",
        (
            "Ask before you open a cupboard with a yellow label",
            "Write every weighing into the bound notebook",
            "Sample intake and labelling",
        ),
    )


def _hours(cast: dict[str, object]) -> SampleFile:
    sheet = Budget(cast, "Training hours.xlsx", author="{me.full}")
    sheet.sheet(
        "Hours",
        (
            ("Training", "Trainer", "Planned hours", "Done", "Left"),
            ("Chemical safety", "{safety.full}", 6, 0, "=C2-D2"),
            ("Balance and pipette", "{mentor.full}", 4, 0, "=C3-D3"),
            ("Sample intake", "{mentor.full}", 10, 0, "=C4-D4"),
            ("Report writing", "{head.full}", 8, 0, "=C5-D5"),
            ("All", "", "=SUM(C2:C5)", "=SUM(D2:D5)", "=C6-D6"),
        ),
        (24, 26, 14, 8, 8),
    )
    people = ("new", "mentor", "safety", "head")
    sheet.sheet(
        "People",
        (
            ("Employee number", "Name", "Mobile", "E-mail"),
            *((f"{{{w}.employee}}", f"{{{w}.last_first}}", f"{{{w}.phone}}", f"{{{w}.email}}") for w in people),
        ),
        (18, 26, 20, 44),
    )
    return sheet.done("deliverable", ("Balance and pipette", "Chemical safety", "Planned hours"))
