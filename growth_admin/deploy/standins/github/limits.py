"""GitHub's limits on requests, and how many there were.

After "Rate limits for the REST API": 5,000 requests an hour for an account or an installation, 60
without credentials; beside it secondary limits on requests that create content (80 a minute, 500
an hour) and on points (900 a minute: 1 for reading, 5 for writing), which are off unless switched
on. Counted in the stand-in's time; the counts are not kept across restarts.
"""

from collections import defaultdict, deque
from dataclasses import dataclass, fields
from typing import Any

from growth_admin.deploy.standins.github.clock import HOUR_S, Clock
from growth_admin.deploy.standins.github.refusals import Refused

MINUTE_S = 60
WRITES, WRITE_POINTS = {"POST", "PUT", "PATCH", "DELETE"}, 5
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID"
)


@dataclass
class Rules:
    """How many requests are allowed; 0 is no limit.

    `secondary_status` 403 or 429; `tells_retry_after`: whether its reply has `retry-after`.
    """

    primary_per_hour: int = 5000
    anonymous_per_hour: int = 60
    writes_per_minute: int = 0
    writes_per_hour: int = 0
    points_per_minute: int = 0
    secondary_status: int = 403
    tells_retry_after: bool = True


@dataclass
class Window:
    """An hour of requests of one caller."""

    reset_s: float
    used: int = 0


class Limits:
    """Counts requests, by the name of who makes them (empty: nobody)."""

    def __init__(self, clock: Clock) -> None:
        self.rules = Rules()
        self._clock = clock
        self._windows: dict[str, Window] = {}
        self._points: defaultdict[str, deque[tuple[float, int]]] = defaultdict(deque)

    def change(self, **values: Any) -> None:
        """Set some of the rules. Raises Refused 422 for a name that is none."""
        unknown = set(values) - {f.name for f in fields(self.rules)}
        if unknown:
            raise Refused(422, f"No such limit: {', '.join(sorted(unknown))}")
        for name, value in values.items():
            setattr(self.rules, name, value)

    def forget(self) -> None:
        """Begin to count anew."""
        self._windows.clear()
        self._points.clear()

    def limit(self, caller: str) -> int:
        """Requests an hour."""
        rules = self.rules
        return rules.primary_per_hour if caller else rules.anonymous_per_hour

    def window(self, caller: str) -> Window:
        """The hour that now belongs to."""
        now_s = self._clock.now_s()
        found = self._windows.get(caller)
        if found is None or not found.reset_s - HOUR_S <= now_s < found.reset_s:
            found = self._windows[caller] = Window(float(int(now_s) + HOUR_S))
        return found

    def count(self, caller: str) -> bool:
        """Count a request; whether it is within the primary limit."""
        window = self.window(caller)
        window.used += 1
        return not self.limit(caller) or window.used <= self.limit(caller)

    def used(self) -> dict[str, int]:
        """How many requests each caller made in its present hour."""
        return {name or "anonymous": window.used for name, window in self._windows.items()}

    def uncount(self, caller: str) -> None:
        """It was a 304 and does not count."""
        self.window(caller).used -= 1

    def wait_s(self, caller: str, method: str) -> int:
        """Count it for the secondary limits; seconds until it would be allowed, or 0."""
        now_s, done, rules = self._clock.now_s(), self._points[caller], self.rules
        while done and not now_s - HOUR_S < done[0][0] <= now_s:
            done.popleft()
        points = WRITE_POINTS if method in WRITES else 1
        waits = [0]
        if rules.points_per_minute:
            spent = [(at_s, spent) for at_s, spent in done]
            waits.append(_wait_s(spent, now_s, MINUTE_S, rules.points_per_minute - points))
        writes = [(at_s, 1) for at_s, spent in done if spent == WRITE_POINTS]
        if method in WRITES and rules.writes_per_minute:
            waits.append(_wait_s(writes, now_s, MINUTE_S, rules.writes_per_minute - 1))
        if method in WRITES and rules.writes_per_hour:
            waits.append(_wait_s(writes, now_s, HOUR_S, rules.writes_per_hour - 1))
        if not max(waits) and self.has_secondary:
            done.append((now_s, points))
        return max(waits)

    @property
    def has_secondary(self) -> bool:
        """Whether any secondary limit is switched on."""
        rules = self.rules
        return bool(rules.points_per_minute or rules.writes_per_minute or rules.writes_per_hour)


def _wait_s(done: list[tuple[float, int]], now_s: float, span_s: int, room: int) -> int:
    """Seconds until no more than `room` is left of what was done within the span."""
    used = 0
    for at_s, amount in reversed(done):
        if at_s <= now_s - span_s:
            break
        used += amount
        if used > room:
            return max(int(at_s + span_s - now_s) + 1, 1)
    return 0
