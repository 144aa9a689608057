"""What changed between two notices, paragraph by paragraph, fit to be read by the person who signed the older one.

Compared is all that a person agrees to: the words of the cards, and those of the front matter that a record repeats
(uses, declarations, parties). A paragraph that was reworded counts as one taken out and one put in.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from consent.notice import NoticeText


@dataclass(frozen=True)
class Change:
    """One paragraph that only one of two notices has. ``heading`` is where it stands; ``is_new`` in which of them."""

    heading: str
    text: str
    is_new: bool


def changes(older: NoticeText, newer: NoticeText) -> list[Change]:
    """Return the paragraphs that differ, in the order in which one reads the newer notice."""
    before, after = list(_paragraphs(older)), list(_paragraphs(newer))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    found = []
    for kind, first, end, first_new, end_new in matcher.get_opcodes():
        if kind != "equal":
            found += [Change(heading, text, is_new=False) for heading, text in before[first:end]]
            found += [Change(heading, text, is_new=True) for heading, text in after[first_new:end_new]]
    return found


def _paragraphs(notice: NoticeText) -> Iterator[tuple[str, str]]:
    """Yield heading and text of every paragraph: the uses, the declarations, the parties, then the cards."""
    terms = notice.terms
    for purpose in terms["purposes"]:
        yield purpose["title"], purpose["text"]
    for words in terms["declarations"].values():
        yield str(terms["title"]), words
    for party in terms["parties"]:
        yield party["name"], f"{party['address']} · {party['contact']}"
    heading = ""
    for block in re.split(r"\n\s*\n", notice.body.strip()):
        if block.startswith("#"):
            heading = block.lstrip("# ")
        else:
            yield heading, re.sub(r"\*+", "", " ".join(block.split()))
