"""Another date in place of a date: all of a submission are moved by the same number of days, so that the time between
two of them stays. What is no whole date becomes the token.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any, Final

from presidio_anonymizer.operators import Operator, OperatorType

_MONTHS: Final = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december")  # fmt: skip
_NAME: Final = r"(?P<name>" + "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS) + r"|sept)\.?"
_DAY: Final = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR: Final = r"(?P<year>(?:19|20)\d\d)"
_SEPARATOR: Final = r"(?P<sep>[-/.])"
_FORMS: Final = (
    re.compile(rf"\b{_YEAR}{_SEPARATOR}(?P<month>[01]?\d)(?P=sep){_DAY}\b"),
    re.compile(rf"\b(?P<first>[0-3]?\d){_SEPARATOR}(?P<second>[0-3]?\d)(?P=sep){_YEAR}\b"),
    re.compile(rf"\b{_DAY}(?P<sep>[ ]|-)(?:of )?{_NAME}(?P<comma>,?)(?P=sep){_YEAR}\b", re.IGNORECASE),
    re.compile(rf"\b{_NAME}[ ]{_DAY}(?P<comma>,?)[ ]{_YEAR}\b", re.IGNORECASE),
)


def shifted(text: str, days: int) -> str | None:
    """``text`` with its date moved by ``days``, in the form it had; None when it holds no whole date, or several."""
    found = [(form, match) for form in _FORMS for match in form.finditer(text)]
    if len(found) != 1:
        return None
    form, match = found[0]
    try:
        written = _WRITERS[_FORMS.index(form)](match, datetime.timedelta(days=days))
    except (ValueError, OverflowError):
        return None
    return text[: match.start()] + written + text[match.end() :]


def _year_first(match: re.Match[str], shift: datetime.timedelta) -> str:
    sep = match["sep"]
    moved = datetime.date(int(match["year"]), int(match["month"]), int(match["day"])) + shift
    return f"{moved.year}{sep}{_padded(moved.month, match['month'])}{sep}{_padded(moved.day, match['day'])}"


def _year_last(match: re.Match[str], shift: datetime.timedelta) -> str:
    """The day stands first unless that cannot be; both orders are moved and written alike."""
    first, second, sep = int(match["first"]), int(match["second"]), match["sep"]
    month_first = second > 12
    day, month = (second, first) if month_first else (first, second)
    moved = datetime.date(int(match["year"]), month, day) + shift
    pair = (moved.month, moved.day) if month_first else (moved.day, moved.month)
    return f"{_padded(pair[0], match['first'])}{sep}{_padded(pair[1], match['second'])}{sep}{moved.year}"


def _named(match: re.Match[str], shift: datetime.timedelta) -> str:
    moved, name = _with_name(match, shift)
    return f"{_padded(moved.day, match['day'])}{match['sep']}{name}{match['comma']}{match['sep']}{moved.year}"


def _name_first(match: re.Match[str], shift: datetime.timedelta) -> str:
    moved, name = _with_name(match, shift)
    return f"{name} {_padded(moved.day, match['day'])}{match['comma']} {moved.year}"


def _with_name(match: re.Match[str], shift: datetime.timedelta) -> tuple[datetime.date, str]:
    month = [name[:3] for name in _MONTHS].index(match["name"][:3].casefold()) + 1
    moved = datetime.date(int(match["year"]), month, int(match["day"])) + shift
    name = _MONTHS[moved.month - 1].capitalize()
    return moved, name[:3] if len(match["name"]) <= 4 and match["name"].casefold() not in _MONTHS else name


def _padded(number: int, like: str) -> str:
    return f"{number:02}" if like.startswith("0") or (len(like) == 2 and number < 10) else str(number)


_WRITERS: Final[tuple[Callable[[re.Match[str], datetime.timedelta], str], ...]] = (
    _year_first,
    _year_last,
    _named,
    _name_first,
)


class DateShift(Operator):
    """Writes the date moved by ``params["days"]``, else ``params["written"]``."""

    def operate(self, text: str, params: dict[str, Any] | None = None) -> str:
        given = params or {}
        return shifted(text, int(given["days"])) or str(given["written"])

    def validate(self, params: dict[str, Any] | None = None) -> None:
        if not (params or {}).get("written") or not (params or {}).get("days"):
            raise ValueError("a moved date needs a number of days, and a token to fall back on")

    def operator_name(self) -> str:
        return "date_shift"

    def operator_type(self) -> OperatorType:
        return OperatorType.Anonymize
