"""Requests are spread in time, as GitHub asks: changes one after the other, reads not too many.

Source: GitHub, "Best practices for using the REST API" (make requests serially, one second between
changes) and "Rate limits for the REST API" (80 content-generating requests a minute and 500 an
hour; 900 points a minute).
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

Wait = Callable[[float], None]
"""Waits this many seconds, not fewer; may raise, which cancels what waits."""
LOOK_S: Final = 0.25


class TooSoon(Exception):
    """The next one may not go for longer than anybody is to be kept waiting."""

    def __init__(self, due_s: float) -> None:
        super().__init__(f"{due_s:.1f} s too soon")
        self.due_s = due_s


@dataclass(frozen=True)
class Allowance:
    """At most ``count`` within any ``period_s`` seconds."""

    count: int
    period_s: float


class Pace:
    """Keeps several allowances at once. Safe to use from several threads."""

    def __init__(
        self,
        allowances: Sequence[Allowance],
        wait: Wait,
        *,
        clock: Callable[[], float] = time.monotonic,
        longest_wait_s: float = math.inf,
    ) -> None:
        self._longest_wait_s = longest_wait_s
        self._allowances = tuple(allowances)
        self._wait, self._clock = wait, clock
        self._ahead_s = 0.0
        self._moments: deque[float] = deque(maxlen=max(a.count for a in allowances))
        self._turn, self._guard = threading.Lock(), threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until the next one may go, and hold all others back until it has gone.

        The next one is counted from the end of this one. Raises ``TooSoon``, and what ``wait``
        raises, and then nothing has gone.
        """
        while not self._turn.acquire(timeout=LOOK_S):
            self._wait(0.0)
        try:
            due_s = self._due_s()
            if due_s > self._longest_wait_s:
                raise TooSoon(due_s)
            self._rest(due_s)
            try:
                yield
            finally:
                self._note(self._now())
        finally:
            self._turn.release()

    def take(self) -> None:
        """Wait until one more may go; others may go at the same time."""
        with self._guard:
            due_s = self._due_s()
            self._moments.append(self._now() + due_s)
        self._rest(due_s)

    def _now(self) -> float:
        return self._clock() + self._ahead_s

    def _note(self, moment: float) -> None:
        with self._guard:
            self._moments.append(moment)

    def _due_s(self) -> float:
        """Return the seconds until the next one may go."""
        moments, now = self._moments, self._now()
        due = [
            moments[-a.count] + a.period_s - now
            for a in self._allowances
            if len(moments) >= a.count
        ]
        return max(0.0, *due) if due else 0.0

    def _rest(self, due_s: float) -> None:
        """Wait; what the clock does not show of it counts as waited (a test's wait is no wait)."""
        if due_s <= 0:
            return
        begun = self._clock()
        self._wait(due_s)
        self._ahead_s += max(0.0, due_s - (self._clock() - begun))
