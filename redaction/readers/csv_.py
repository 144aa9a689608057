"""Reads tables as text again, by a state machine of its own (RFC 4180 section 2), not by the writer's module."""

from __future__ import annotations

from redaction.entities import Block, Kind
from redaction.readers import Reader

_QUOTE = '"'


def cells(data: bytes) -> list[Block]:
    """One block for each cell that is not blank. Raises ValueError on bytes that are not UTF-8 or an open quote."""
    text = data.decode("utf-8")
    delimiter = max(",;\t|", key=text.partition("\n")[0].count)
    return [
        Block(f"r{r}c{c}", cell, Kind.CELL)
        for r, row in enumerate(_rows(text, delimiter), 1)
        for c, cell in enumerate(row, 1)
        if cell.strip()
    ]


def _rows(text: str, delimiter: str) -> list[list[str]]:
    table: list[list[str]] = [[]]
    cell: list[str] = []
    quoted = False
    index = 0
    while index < len(text):
        sign = text[index]
        if quoted and sign == _QUOTE and text[index + 1 : index + 2] == _QUOTE:
            cell.append(_QUOTE)
            index += 1
        elif sign == _QUOTE:
            quoted = not quoted
        elif not quoted and sign in (delimiter, "\n"):
            table[-1].append("".join(cell))
            cell = []
            if sign == "\n":
                table.append([])
        else:
            cell.append(sign)
        index += 1
    if quoted:
        raise ValueError("a quoted cell does not end")
    table[-1].append("".join(cell))
    return table


READERS: tuple[Reader, ...] = (cells,)
