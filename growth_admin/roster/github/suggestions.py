"""Logins that were perhaps meant: like the known ones, or found by GitHub's search.

GitHub has no fuzzy look-up; the search finds logins that contain the text.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Final

FARTHEST: Final = 2
LEAST_LIKENESS: Final = 0.6


def plain(login: str) -> str:
    """Return the login without case and separators: what people confuse in it."""
    return login.lower().replace("-", "").replace("_", "").replace(".", "").replace(" ", "")


def near_logins(login: str, known: Iterable[str], limit: int) -> list[str]:
    """Return the nearest of the known logins: none, or one or two slips away from this one.

    Separators and case do not count, and those that are farther than the nearest are left out.
    """
    wanted = plain(login)
    if not wanted:
        return []
    farthest = FARTHEST if len(wanted) > 5 else 1
    found = []
    for other in known:
        text = plain(other)
        if abs(len(text) - len(wanted)) <= farthest:
            slips = count_slips(wanted, text, farthest)
            if slips <= farthest:
                found.append((slips, other.lower(), other))
    nearest = min((slips for slips, _, _ in found), default=0)
    return [other for slips, _, other in sorted(found) if slips == nearest][:limit]


def sorted_by_likeness(login: str, found: Iterable[str], limit: int) -> list[str]:
    """Return those of the found logins that look like the wanted one, most alike first."""
    wanted = plain(login)
    rated = [(SequenceMatcher(None, wanted, plain(other)).ratio(), other) for other in found]
    rated = [(likeness, other) for likeness, other in rated if likeness >= LEAST_LIKENESS]
    return [other for _, other in sorted(rated, key=lambda r: (-r[0], r[1].lower()))[:limit]]


def count_slips(one: str, other: str, farthest: int) -> int:
    """Return how many letters were added, left out, changed or swapped with their neighbour.

    Counting stops beyond ``farthest``. Optimal string alignment distance (Damerau 1964).
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        fresh = [i]
        for j, there in enumerate(other, 1):
            cost = min(row[j] + 1, fresh[j - 1] + 1, row[j - 1] + (letter != there))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == there:
                cost = min(cost, before[j - 2] + 1)
            fresh.append(cost)
        if min(fresh) > farthest:
            return farthest + 1
        before, row = row, fresh
    return row[-1]
