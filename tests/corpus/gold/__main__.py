"""``python -m tests.corpus.gold --part dev --seed 1 --documents 2000 --out FILE``: write gold, one object a line."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tests.corpus.gold import PARTS, Document, documents


def line(document: Document) -> str:
    """The document as a line of a gold file, as ``python -m redaction score`` reads it."""
    return json.dumps(
        {
            "id": document.id,
            "text": document.text,
            "genre": document.genre,
            "spans": document.spans,
            "groups": document.groups,
        },
        ensure_ascii=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.gold", description="Write gold for detection.")
    parser.add_argument("--part", choices=PARTS, default="dev")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    mentions = 0
    with arguments.out.open("w", encoding="utf-8") as out:
        for document in documents(arguments.part, arguments.seed, arguments.documents):
            mentions += len(document.spans)
            out.write(line(document) + "\n")
    print(f"{arguments.documents} documents, {mentions} mentions")


if __name__ == "__main__":
    main()
