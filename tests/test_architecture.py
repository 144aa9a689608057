"""The house stands as docs/architecture.md draws it, and a violation would be noticed."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("config", "intake", "redaction", "consent")

TOP_LEVEL = {
    ".ci", ".compose-lint.yml", ".dockerignore", ".editorconfig", ".github", ".gitignore", ".pre-commit-config.yaml",
    "CHANGELOG.md", "CONTRIBUTING.md", "Dockerfile", "LICENSE", "Makefile", "README.md", "SECURITY.md", "config",
    "consent", "docker-compose.yml", "docs", "intake", "manage.py", "pyproject.toml", "redaction",
    "requirements-image.lock", "requirements.lock", "static", "templates", "tests",
}  # fmt: skip

# Modules of an app that are its Django shell; everything else of redaction and consent is core.
SHELL = {"models", "admin", "services", "ledger", "views", "urls", "apps", "migrations", "append_only"}
FRAMEWORKS = {"django", "celery", "kombu", "redis", "boto3", "botocore", "storages", "allauth", "config", "intake"}

PARSERS = {
    "lxml",
    "defusedxml",
    "docx",
    "openpyxl",
    "pptx",
    "pikepdf",
    "pypdf",
    "pypdfium2",
    "mailparser",
    "PIL",
    "zipfile",
}
PARSER_FOLDERS = ("redaction/formats/", "redaction/readers/")


def python_files(*packages: str) -> Iterator[Path]:
    for package in packages:
        yield from sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Top-level names of everything a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


def test_import_contracts_hold() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.fixture
def copy_of_the_house(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("redaction/entities.py", "from intake import states", "intake stands on redaction and consent"),
        ("consent/record.py", "from redaction import entities", "redaction knows no people"),
        ("redaction/errors.py", "import django", "the cores run without Django"),
        ("intake/states.py", "from intake import services", "inside intake, calls run one way"),
    ],
    ids=["redaction → intake", "consent → redaction", "core → Django", "states → services"],
)
def test_a_planted_violation_is_caught(copy_of_the_house: Path, module: str, line: str, contract: str) -> None:
    path = copy_of_the_house / module
    path.write_text(f"{path.read_text()}\n{line}\n")
    result = lint_imports(copy_of_the_house)
    assert result.returncode != 0
    assert any(contract in row and row.rstrip().endswith("BROKEN") for row in result.stdout.splitlines()), result.stdout


def test_top_level_holds_only_what_the_map_names() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {name.split("/")[0] for name in listed.splitlines()} <= TOP_LEVEL


def test_no_module_is_named_for_nothing() -> None:
    nameless = {"utils", "helpers", "common", "core", "base", "misc"}
    assert [path for path in python_files(*PACKAGES, "tests") if nameless & {*path.parts, path.stem}] == []


@pytest.mark.parametrize("package", ["redaction", "consent"])
def test_core_modules_name_no_framework(package: str) -> None:
    for path in python_files(package):
        if SHELL & {path.stem, *path.relative_to(ROOT).parts}:
            continue
        assert not FRAMEWORKS & set(imported(path)), path.relative_to(ROOT)


@pytest.mark.parametrize("module", ["redaction.engine", "redaction.formats", "consent.bundle", "consent.keys"])
def test_cores_load_without_a_framework(module: str) -> None:
    probe = f"import sys, {module}; print(*sorted({{'django', 'celery', 'boto3', 'redis'}} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, env={"PATH": ""}, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == ""


def test_document_parsers_stay_in_their_folders() -> None:
    strangers = {
        str(path.relative_to(ROOT)): found
        for path in python_files(*PACKAGES)
        if (found := PARSERS & set(imported(path))) and not str(path.relative_to(ROOT)).startswith(PARSER_FOLDERS)
    }
    assert strangers == {}


def test_no_import_hides_inside_a_function() -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{inner.lineno}"
        for path in python_files(*PACKAGES)
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


@pytest.mark.parametrize(
    "name",
    [
        "requirements.lock",
        "requirements-image.lock",
        "config/models.lock",
        "config/partner.lock",
        "config/requantise.lock",
    ],
)
def test_locks_name_no_address_and_hash_everything(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    pinned = [line for line in text.splitlines() if line and line[0].isalnum()]
    assert pinned
    assert all("==" in line for line in pinned)
    assert text.count("--hash=sha256:") >= len(pinned)


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
