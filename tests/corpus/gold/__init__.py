"""Gold for detection: English business texts with every mention marked, made from a seed.

A text is grown from templates (``grammar``, ``phrases``) and a scene (people, companies, numbers); each piece says
what it is when it is put down. The parts ``dev`` and ``test`` share neither templates nor names. Some documents come
as submissions of two to five files about the same people: the first file introduces them, the others use given names.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.corpus.gold.document import Document, Page
from tests.corpus.gold.grammar import written
from tests.corpus.gold.names import PARTS, Part
from tests.corpus.gold.phrases import FOLLOW_UPS, GENRES, PLAIN, RULES
from tests.corpus.gold.scene import Scene
from tests.corpus.gold.tables import table

__all__ = ["PARTS", "Document", "Part", "documents"]

_TABLE = "table"
_SHARE_OF_TABLES = 0.1
_SHARE_OF_PLAIN = 0.06
_SHARE_OF_SUBMISSIONS = 0.12  # of submissions; those of several files hold about a third of the documents


def documents(part: Part, seed: int, count: int) -> Iterator[Document]:
    """Yield ``count`` documents of ``part``; the same arguments give the same documents.

    The first documents of a longer run are those of a shorter one, save that the last submission may be cut.
    """
    rng = random.Random(f"{part}/{seed}")
    written_so_far = number = 0
    while written_so_far < count:
        number += 1
        for document in _submission(rng, part, f"{part}-{seed}-{number:05d}"):
            if written_so_far < count:
                written_so_far += 1
                yield document


def _submission(rng: random.Random, part: Part, name: str) -> list[Document]:
    scene = Scene(rng, part)
    draw = rng.random()
    if draw < _SHARE_OF_SUBMISSIONS:
        return _several(rng, part, name, scene)
    if draw < _SHARE_OF_SUBMISSIONS + _SHARE_OF_PLAIN:
        rule = rng.choice(list(PLAIN))
        return [_page(rng, part, rule, scene).document(name + "/1", PLAIN[rule], name)]
    if draw < _SHARE_OF_SUBMISSIONS + _SHARE_OF_PLAIN + _SHARE_OF_TABLES:
        return [table(scene, rng, part).document(name + "/1", _TABLE, name)]
    genre = rng.choice(GENRES)
    return [_page(rng, part, genre, scene).document(name + "/1", genre, name)]


def _several(rng: random.Random, part: Part, name: str, scene: Scene) -> list[Document]:
    """Two to five files: full names in the first one, given names in the others."""
    first = rng.choice(("minutes", "report", "mail"))
    pages = [(first, _page(rng, part, first, scene))]
    scene.familiar = True
    for _ in range(rng.randrange(1, 5)):
        rule = rng.choice(list(FOLLOW_UPS))
        pages.append((FOLLOW_UPS[rule], _page(rng, part, rule, scene)))
    return [page.document(f"{name}/{index}", genre, name) for index, (genre, page) in enumerate(pages, 1)]


def _page(rng: random.Random, part: Part, rule: str, scene: Scene) -> Page:
    page = written(RULES[part], rule, scene, rng)
    page.write("\n")
    return page
