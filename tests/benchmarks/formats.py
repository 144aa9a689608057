"""``make bench``: how fast each format is read, written and read again in the cage, and what the largest files take.

Throughput is the cage's alone, without the language model: extract, rewrite with nothing to replace, read. The three
large files are those of the promise: 500 pages, two million cells, 200 MB unpacked. Peak memory is that of the largest
child process, beside the limit that the kernel sets it.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
import random
import resource
import sys
import time
import zipfile
from collections.abc import Callable
from typing import Any, Final

import openpyxl
from reportlab.pdfgen import canvas

from redaction import confinement, zygote
from redaction.entities import Plan
from redaction.errors import RedactionError
from redaction.formats import Limits
from redaction.sandbox import Sandbox
from tests.corpus import samples

SECONDS: Final = 600.0
_TEXT: Final = "the figures of this quarter are as follows while costs of transport rise and nobody knows why"


def pdf_of_500_pages() -> tuple[str, bytes]:
    out, draw = io.BytesIO(), random.Random(1)
    page = canvas.Canvas(out, pageCompression=1)
    for _ in range(500):
        for line in range(50):
            page.drawString(50, 800 - 15 * line, " ".join(draw.choices(_TEXT.split(), k=12)))
        page.showPage()
    page.save()
    return "large.pdf", out.getvalue()


def workbook_of_two_million_cells() -> tuple[str, bytes]:
    out = io.BytesIO()
    book = openpyxl.Workbook(write_only=True)
    for _ in range(2):
        sheet = book.create_sheet()
        for row in range(100_000):
            sheet.append([(row + column) % 10 if column else "ab" for column in range(10)])
    book.save(out)
    return "large.xlsx", out.getvalue()


def zip_of_200_megabytes() -> tuple[str, bytes]:
    out, draw = io.BytesIO(), random.Random(2)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(50):
            lines = (" ".join(draw.choices(_TEXT.split(), k=12)) for _ in range(65_000))
            archive.writestr(f"notes{number}.txt", "\n".join(lines))
    return "large.zip", out.getvalue()


LARGE: Final[tuple[Callable[[], tuple[str, bytes]], ...]] = (
    pdf_of_500_pages,
    workbook_of_two_million_cells,
    zip_of_200_megabytes,
)


def measure(name: str, data: bytes) -> dict[str, Any]:
    """Seconds of each step of one file in a fresh cage, and the peak of its largest process."""
    row: dict[str, Any] = {"file": name, "mib": round(len(data) / 2**20, 1)}
    zygote.Zygote.walled_off = False  # the kernel does not count what ends inside bubblewrap
    with Sandbox(Limits(), seconds=SECONDS) as cage:
        cage.sniff("start.txt", b"text")  # the first request of a process waits until the parsers are loaded
        try:
            for step, work in _steps(cage, name, data):
                begun = time.perf_counter()
                work()
                row[step] = round(time.perf_counter() - begun, 2)
        except RedactionError as error:
            row["stopped"] = error.code
    zygote.stop_idle()  # only ended processes count
    row["peak_mib"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return row


def _steps(cage: Sandbox, name: str, data: bytes) -> list[tuple[str, Callable[[], object]]]:
    held: dict[str, Any] = {}

    def extract() -> None:
        held["type"] = cage.sniff(name, data)
        held["extraction"] = cage.extract(held["type"], data)

    def rewrite() -> None:
        children = {child.ordinal: child.data for child in held["extraction"].children if child.embedded}
        names = tuple(f"member{child.ordinal}" for child in held["extraction"].children)
        plan = Plan({}, name, names, children, memo=held["extraction"].memo)
        held["output"] = cage.rewrite(held["type"], data, plan)

    def read() -> None:
        cage.read(held["output"].media_type, held["output"].data)
        cage.raw(held["output"].media_type, held["output"].data)

    return [("extract", extract), ("rewrite", rewrite), ("read", read)]


def alone(name: str, data: bytes) -> dict[str, Any]:
    """The same in a process of its own: the peak of its children is that of this file."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (name, data))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="the three large files too")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    files = [(file.name, file.data) for sample in samples() for file in sample.files]
    rows = [alone(name, data) for name, data in files]
    if asked.large:
        rows += [alone(*make()) for make in LARGE]
    limit = confinement.DATA // 2**20
    if asked.json:
        sys.stdout.write(json.dumps({"rows": rows, "limit_mib": limit}, indent=1) + "\n")
        return 0
    for row in rows:
        steps = "  ".join(f"{step} {row[step]:7.2f} s" for step in ("extract", "rewrite", "read") if step in row)
        stopped = f"  stopped: {row['stopped']}" if "stopped" in row else ""
        sys.stdout.write(f"{row['mib']:7.1f} MiB  {steps}  peak {row['peak_mib']:5} MiB  {row['file']}{stopped}\n")
    sys.stdout.write(f"limit of the cage: {limit} MiB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
