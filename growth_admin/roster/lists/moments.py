"""When a form was answered, as far as that can be told without knowing the country."""

from __future__ import annotations

import re
from typing import Final

_YEAR_FIRST: Final = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[T ]+(\d{1,2}):(\d\d)(?::(\d\d))?\s*([ap]m)?",
    re.IGNORECASE,
)
_DAY_FIRST: Final = re.compile(
    r"(\d{1,2})\.(\d{1,2})\.(\d{4})[T ,]+(\d{1,2}):(\d\d)(?::(\d\d))?\s*([ap]m)?", re.IGNORECASE
)


def answered(text: str) -> tuple[int, ...]:
    """Return a moment as numbers that can be compared, nothing where day and month may be mixed up.

    Google Forms writes ``2026/01/05 10:11:12 AM GMT+1`` in its CSV; with slashes and the year last
    nobody can tell the fifth of January from the first of May.
    """
    if found := _YEAR_FIRST.match(text):
        year, month, day = found[1], found[2], found[3]
    elif found := _DAY_FIRST.match(text):
        year, month, day = found[3], found[2], found[1]
    else:
        return ()
    hour, half = int(found[4]), (found[7] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return int(year), int(month), int(day), hour, int(found[5]), int(found[6] or 0)


def is_later(first: str, second: str) -> bool:
    """Return whether the second answer is the later one; in doubt it is, since forms append."""
    one, other = answered(first), answered(second)
    return not (one and other) or other >= one
