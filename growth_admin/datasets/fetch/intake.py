"""Takes bytes from one open connection: evenly, watched, and within the limit."""

from __future__ import annotations

import time
from typing import Final

from growth_admin.datasets.facts import Opened, SourceProblem
from growth_admin.datasets.fetch.halt import Halt
from growth_admin.datasets.fetch.options import Settings
from growth_admin.datasets.fetch.pace import Bandwidth

FIRST_ASK: Final = 64 << 10
LEAST_ASK: Final = 1 << 10
QUICK_S: Final = 0.05
SLOW_S: Final = 0.2


class Intake:
    """Reads from an ``Opened``.

    A source may fill the whole buffer before it returns, so how much is asked for at once follows
    how fast it comes: a slow connection still shows progress and hears of an end.
    """

    def __init__(
        self, opened: Opened, *, halt: Halt, bandwidth: Bandwidth, settings: Settings
    ) -> None:
        self.is_ended = False
        self._opened = opened
        self._halt = halt
        self._bandwidth = bandwidth
        self._settings = settings
        self._problem: SourceProblem | None = None
        self._ask = FIRST_ASK
        self._window_s = 0.0
        self._window_bytes = 0

    def fill(self, view: memoryview) -> int:
        """Fill the view as far as a fifth of a second goes; return how many bytes came.

        ``is_ended`` tells whether the body is over. Raises ``SourceProblem`` and ``Stopped``.
        """
        if self._problem is not None:
            raise self._problem
        size = 0
        end_s = time.monotonic() + SLOW_S
        while size < len(view):
            most = self._bandwidth.portion_bytes(min(self._ask, len(view) - size))
            try:
                got = self._read(view[size : size + most])
            except SourceProblem as problem:
                if not size:
                    raise
                self._problem = problem  # what came before it is good: it is raised next time
                break
            if not got:
                self.is_ended = True
                break
            size += got
            self._bandwidth.spend(got)
            if time.monotonic() > end_s:
                break
        return size

    def _read(self, view: memoryview) -> int:
        began_s = time.monotonic()
        self._halt.leave()
        try:
            got = self._opened.readinto(view)
        finally:
            self._halt.back()
        took_s = time.monotonic() - began_s
        if took_s < QUICK_S:
            self._ask = min(self._ask * 2, 1 << 30)
        elif took_s > SLOW_S:
            self._ask = max(min(self._ask, len(view)) // 2, LEAST_ASK)
        self._watch(got, took_s)
        return got

    def _watch(self, got: int, took_s: float) -> None:
        """Raise ``unreachable`` when next to nothing came for long."""
        self._window_s += took_s
        self._window_bytes += got
        if self._window_s < self._settings.stall_s:
            return
        if self._window_bytes < self._settings.stall_bytes and got:
            raise SourceProblem(
                "unreachable",
                f"The connection gave only {self._window_bytes} bytes in {self._window_s:.0f} s.",
                hint="Try again later, or fetch the file from another place.",
                is_retryable=True,
            )
        self._window_s, self._window_bytes = 0.0, 0
