"""Files of others are served as they were checked in: each listed with its digest, none fetched from elsewhere."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"
VENDOR = STATIC / "vendor"
LISTED = dict(re.findall(r"^\| (\S+) \| ([0-9a-f]{64}) \|$", (VENDOR / "VENDORED.md").read_text(), re.MULTILINE))
ADDRESS = re.compile(r"url\(\s*['\"]?([^'\")]+)")


def test_every_vendored_file_is_listed_and_has_its_digest() -> None:
    files = {path for path in VENDOR.rglob("*") if path.is_file() and path.name != "VENDORED.md"}
    found = {str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    assert found == LISTED


def test_style_sheets_name_only_files_that_lie_beside_them() -> None:
    """Neither ``data:`` nor another host: the content security policy forbids both."""
    for sheet in STATIC.rglob("*.css"):
        for address in ADDRESS.findall(sheet.read_text()):
            assert (sheet.parent / address).is_file(), f"{sheet.name} names {address}"


def test_no_template_holds_inline_style_or_script() -> None:
    inline = re.compile(r"""\sstyle=|\son\w+=["']|<style|<script(?![^>]*\ssrc=)""")
    folder = STATIC.parent / "templates"
    assert [str(p.relative_to(folder)) for p in folder.rglob("*.html") if inline.search(p.read_text())] == []
