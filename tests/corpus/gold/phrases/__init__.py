"""The templates of both parts: the same rules by name, with no template in common.

A file holds rules: after ``[rule]`` each line is a template, after ``[[rule]]`` each text between lines of ``---``.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.corpus.gold.grammar import Rules
from tests.corpus.gold.names import PARTS, Part

# Rules that are whole documents. Those of a follow-up are written among people who know each other; the plain ones
# hold hard negatives only.
GENRES = ("mail", "support", "memo", "minutes", "ticket", "chat", "report", "log", "contract")
FOLLOW_UPS = {"mailshort": "mail", "chatshort": "chat", "ticketshort": "ticket", "memoshort": "memo"}
PLAIN = {"plainlog": "log", "plainreport": "report", "plaincontract": "contract", "plainmail": "mail"}

_HEAD = re.compile(r"^(\[{1,2})([a-z]+)\]{1,2}\n", re.MULTILINE)


def rules(text: str) -> Rules:
    """The rules of a file of templates."""
    _, *pieces = _HEAD.split(text)
    found = {}
    for bracket, rule, body in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        found[rule] = tuple(body.strip("\n").split("\n---\n" if bracket == "[[" else "\n"))
    return found


RULES: dict[Part, Rules] = {
    part: rules(Path(__file__).with_name(f"{part}.txt").read_text(encoding="utf-8")) for part in PARTS
}
