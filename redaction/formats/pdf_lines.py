"""The text of a page: glyphs joined to lines by where they are, lines joined to blocks by the order they are drawn in.

A line does not care in how many strings, fonts or operators its letters were shown, nor in which order. Blanks that
nobody drew are put in where letters stand apart; they belong to no glyph.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from redaction.entities import Replacement
from redaction.errors import RedactionError
from redaction.formats import pieces
from redaction.formats.pdf_fonts import UNKNOWN
from redaction.formats.pdf_steps import Glyph

# All in parts of the letter size.
SAME_BASELINE = 0.35  # raised figures belong to their line
WORD_GAP = 0.22
OVERLAP = 0.3
LINE_GAP = 2.0  # a wider one starts a new line: another column
BLOCK_GAP = 2.6


@dataclass
class _Chunk:
    """Glyphs drawn one behind the other."""

    order: int
    glyphs: list[Glyph] = field(default_factory=list)

    @property
    def start(self) -> float:
        return self.glyphs[0].along

    @property
    def end(self) -> float:
        return self.glyphs[-1].along + self.glyphs[-1].width

    @property
    def across(self) -> float:
        return self.glyphs[0].across

    @property
    def size(self) -> float:
        return max(self.glyphs[0].size, self.glyphs[-1].size)


@dataclass
class TextBlock:
    """Text and, for each character, the glyph that shows it (None: a blank or line end nobody drew)."""

    anchor: str
    text: str
    owners: list[Glyph | None]

    def cut(self, replacements: Sequence[Replacement]) -> int:
        """Mark the glyphs of the replaced characters; return how many replacements there were.

        What a ligature shows beside the hit is drawn again with the token.
        """
        runs = [
            (owner, "".join(char for char, _ in run)) for owner, run in groupby(self._pairs(), lambda pair: pair[1])
        ]
        carried = ""
        for (owner, before), after in zip(runs, pieces.apply([text for _, text in runs], replacements), strict=True):
            if owner is None:
                # A blank that nobody drew takes no token; the next glyph does.
                carried += after if len(after) > len(before) else ""
            elif after != before:
                owner.cut, owner.token = True, carried + after
                carried = ""
        if carried:
            raise RedactionError("internal", "a replacement of nothing")
        return len(replacements)

    def _pairs(self) -> Iterator[tuple[str, Glyph | None]]:
        return zip(self.text, self.owners, strict=True)


def blocks(glyphs: Sequence[Glyph], page: int) -> list[TextBlock]:
    """Return the text blocks of a page in the order they are drawn in.

    Raises:
        RedactionError: ``unread-font`` where two letters in a row say nothing about themselves.
    """
    lines = sorted(_lines(_chunks(glyphs)), key=lambda line: line.order)
    result: list[TextBlock] = []
    block: list[_Chunk] = []
    for line in lines:
        if block and not _belongs(block[-1], line):
            result.append(_block(block, f"page{page}/b{len(result) + 1}"))
            block = []
        block.append(line)
    if block:
        result.append(_block(block, f"page{page}/b{len(result) + 1}"))
    return [block for block in result if block.text.strip()]


def _chunks(glyphs: Sequence[Glyph]) -> list[_Chunk]:
    chunks: list[_Chunk] = []
    for order, glyph in enumerate(glyphs):
        if chunks and _follows(chunks[-1], glyph):
            chunks[-1].glyphs.append(glyph)
        else:
            chunks.append(_Chunk(order, [glyph]))
    return chunks


def _follows(chunk: _Chunk, glyph: Glyph) -> bool:
    last = chunk.glyphs[-1]
    size = max(last.size, glyph.size)
    return (
        last.angle == glyph.angle
        and abs(glyph.across - last.across) <= SAME_BASELINE * size
        and -OVERLAP * size <= glyph.along - chunk.end <= LINE_GAP * size
        # Drawn twice for boldness: not its own neighbour.
        and (glyph.along > last.along or glyph.text != last.text or not glyph.text.strip())
    )


def _lines(chunks: Sequence[_Chunk]) -> list[_Chunk]:
    """Join chunks of one baseline that stand side by side, whatever was drawn between them."""
    by_angle: dict[int, list[_Chunk]] = defaultdict(list)
    for chunk in chunks:
        by_angle[chunk.glyphs[0].angle].append(chunk)
    lines: list[_Chunk] = []
    for group in by_angle.values():
        row: list[_Chunk] = []
        for chunk in sorted(group, key=lambda item: (item.across, item.order)):
            if row and chunk.across - row[-1].across > 0.15 * chunk.size:
                lines.extend(_join(row))
                row = []
            row.append(chunk)
        lines.extend(_join(row))
    return lines


def _join(row: Sequence[_Chunk]) -> list[_Chunk]:
    lines: list[_Chunk] = []
    for chunk in sorted(row, key=lambda item: (item.start, item.order)):
        best = min(lines, key=lambda line: abs(chunk.start - line.end), default=None)
        if best is not None and _adjoins(best, chunk):
            best.glyphs.extend(chunk.glyphs)
            best.order = min(best.order, chunk.order)
        else:
            lines.append(_Chunk(chunk.order, list(chunk.glyphs)))
    return lines


def _adjoins(line: _Chunk, chunk: _Chunk) -> bool:
    size = max(line.glyphs[-1].size, chunk.glyphs[0].size)
    return -OVERLAP * size <= chunk.start - line.end <= LINE_GAP * size


def _belongs(above: _Chunk, line: _Chunk) -> bool:
    if above.glyphs[0].angle != line.glyphs[0].angle:
        return False
    drop = above.across - line.across
    return -0.5 * line.size <= drop <= BLOCK_GAP * max(above.size, line.size)


def _block(lines: Sequence[_Chunk], anchor: str) -> TextBlock:
    text: list[str] = []
    owners: list[Glyph | None] = []
    previous: _Chunk | None = None
    for line in lines:
        if previous is not None:
            text.append("\t" if abs(previous.across - line.across) <= SAME_BASELINE * line.size else "\n")
            owners.append(None)
        pairs = _in_reading_order(list(_line(line)))
        text.extend(char for char, _ in pairs)
        owners.extend(owner for _, owner in pairs)
        previous = line
    return TextBlock(anchor, "".join(text), owners)


def _line(line: _Chunk) -> Iterator[tuple[str, Glyph | None]]:
    previous: Glyph | None = None
    for glyph in line.glyphs:
        if previous is not None:
            gap = glyph.along - previous.along - previous.width
            if gap > WORD_GAP * max(glyph.size, previous.size) and not (previous.text[-1:] + glyph.text).isspace():
                yield " ", None
            if UNKNOWN in previous.text and UNKNOWN in glyph.text:
                raise RedactionError("unread-font")
        for char in unicodedata.normalize("NFKC", glyph.text) if _is_ligature(glyph.text) else glyph.text:
            yield char, glyph
        previous = glyph


def _in_reading_order(pairs: list[tuple[str, Glyph | None]]) -> list[tuple[str, Glyph | None]]:
    """Turn the runs of letters written from right to left; a page draws them from left to right."""
    result: list[tuple[str, Glyph | None]] = []
    start = 0
    while start < len(pairs):
        end = start
        if unicodedata.bidirectional(pairs[start][0]) in {"R", "AL"}:
            end = _end_of_run(pairs, start)
            result.extend(reversed(pairs[start:end]))
        else:
            end = start + 1
            result.append(pairs[start])
        start = end
    return result


def _end_of_run(pairs: Sequence[tuple[str, Glyph | None]], start: int) -> int:
    end = start + 1
    for index in range(start + 1, len(pairs)):
        direction = unicodedata.bidirectional(pairs[index][0])
        if direction in {"R", "AL"}:
            end = index + 1
        elif direction in {"L", "EN", "AN"}:
            break
    return end


def _is_ligature(text: str) -> bool:
    return any("\ufb00" <= char <= "\ufb06" for char in text)
