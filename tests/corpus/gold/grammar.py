"""Texts grow from rules: a template names other templates, people, values and hard negatives in braces.

``{say}`` is another rule, ``{say*3}`` the same three times with blanks between, ``{quote:reply}`` a rule whose lines
are quoted; everything else is a field of the scene (``{p1:full}``, ``{iban}``, ``{decoy:version}``), and a rule hides a
field of its name. Braces around anything else are text.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

from tests.corpus.gold.document import Page
from tests.corpus.gold.scene import Scene

Rules = Mapping[str, tuple[str, ...]]
FIELD = re.compile(r"\{([a-z]+[0-9]?)(?::([a-z_]+))?(?:\*([0-9]))?\}")


def written(rules: Rules, rule: str, scene: Scene, rng: random.Random) -> Page:
    """A page with one text of ``rule``."""
    page = Page()
    _expand(page, rules, rule, scene, rng, rng.choice(rules[rule]))
    return page


def _expand(page: Page, rules: Rules, rule: str, scene: Scene, rng: random.Random, template: str) -> None:
    at = 0
    for match in FIELD.finditer(template):
        page.write(template[at : match.start()])
        at = match.end()
        name, form, times = match.group(1), match.group(2) or "", int(match.group(3) or 1)
        if name == "quote":
            page.quote(written(rules, form, scene, rng))
        elif name in rules:
            _repeat(page, rules, name, scene, rng, times)
        else:
            page.write(scene.piece(name, form))
    page.write(template[at:])


def _repeat(page: Page, rules: Rules, rule: str, scene: Scene, rng: random.Random, times: int) -> None:
    """The rule ``times`` over: different templates as far as there are; rules of whole lines join by line ends."""
    many = rules[rule]
    chosen = rng.sample(many, times) if times <= len(many) else rng.choices(many, k=times)
    joint = "\n" if rule.endswith("line") else " "
    for number, template in enumerate(chosen):
        if number:
            page.write(joint)
        _expand(page, rules, rule, scene, rng, template)
