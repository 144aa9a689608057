"""The pages say what the code does: a setting, check, state or command that is missing in them fails here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from config import settings_table
from config.env import Env
from intake import checks
from tests.redaction import carriers

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
README = ROOT / "README.md"


def test_settings_page_is_the_one_the_code_writes() -> None:
    assert (DOCS / "settings.md").read_text() == settings_table.page(), "run: make settings-table"


def test_every_setting_is_explained() -> None:
    assert all(field.description for field in Env.model_fields.values())


def test_every_check_is_listed() -> None:
    ids = set(re.findall(r'id="(intake\.\w+)"', Path(checks.__file__).read_text()))
    assert len(ids) > 5
    assert ids == set(re.findall(r"`(intake\.[EW]\d+)`", (DOCS / "operations.md").read_text()))


def test_every_command_of_ours_is_named() -> None:
    text = "".join(path.read_text() for path in PAGES)
    ours = [name for name, app in get_commands().items() if app == "intake"]
    assert ours
    assert [name for name in ours if not re.search(rf"\b{name}\b", text)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("name", ["architecture.md", "operations.md"])
def test_files_named_in_the_pages_exist(name: str) -> None:
    for path in re.findall(r"`((?:config|intake|redaction|consent|tests|docs)/[\w/.]+)`", (DOCS / name).read_text()):
        assert (ROOT / path).exists(), path


def test_make_targets_named_in_the_pages_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {target for page in PAGES for target in re.findall(r"(?m)(?:^|`)make ([a-z-]+)", page.read_text())}
    assert named
    assert named <= targets


def test_the_table_of_carriers_is_that_of_the_handlers() -> None:
    assert carriers.page() == carriers.PAGE.read_text(), "run: python -m tests.redaction.carriers"


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted((DOCS / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_readme_leads_to_demo_and_tests() -> None:
    text = README.read_text()
    assert "make demo" in text
    assert "make test" in text
