"""Logins that were perhaps meant: like the known ones, or found by GitHub's search.

GitHub has no fuzzy look-up; the search finds logins that contain the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final

from growth_admin.core.errors import GitHubRefused, GitHubUnavailable, RateLimited

if TYPE_CHECKING:
    from growth_admin.core.github.answers import Query
    from growth_admin.core.github.calls import Calls

FARTHEST: Final = 2
LEAST_LIKENESS: Final = 0.6
SHORTEST, LONGEST, SHOWN = 3, 39, 5


class Suggestions:
    """Finds logins that were perhaps meant, among those seen so far and by one search."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._again: datetime | None = None

    def know(self, logins: Iterable[str]) -> None:
        """Remember logins that there are."""
        self._known.update((login.lower(), login) for login in logins if login)

    def suggest(self, calls: Calls, login: str) -> tuple[str, ...]:
        """Return up to five of them, best first; never this one itself."""
        near = near_logins(login, tuple(self._known.values()), SHOWN)
        found = [name for name in self._search(calls, login) if name not in near]
        alike = sorted_by_likeness(login, found, SHOWN - len(near))
        return tuple(name for name in (*near, *alike) if name.lower() != login.lower())

    def _search(self, calls: Calls, login: str) -> Sequence[str]:
        """Return what GitHub's search finds; nothing while it asks to wait (30 a minute)."""
        if len(plain(login)) < SHORTEST or (self._again and calls.clock.now() < self._again):
            return ()
        query: Query = {"q": f"{login.strip()[:LONGEST]} in:login type:user", "per_page": 10}
        try:
            found = calls.read(
                "/search/users", what="a search for logins", is_kept=False, query=query
            )
        except RateLimited as limited:
            self._again = limited.until
            return ()
        except (GitHubRefused, GitHubUnavailable):
            return ()
        items: list[Any] = found.data.get("items") or []
        return [str(i["login"]) for i in items if isinstance(i, dict) and i.get("login")]


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
