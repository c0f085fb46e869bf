"""Patience with a source, and a limit to what is taken from it."""

from __future__ import annotations

import random
import threading
import time

from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.fetch.halt import Halt
from growth_admin.datasets.fetch.options import Settings


class Patience:
    """How long to try one file again; each new byte renews it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._since_s = time.monotonic()
        self._tries = 0
        self._most = 0

    def reached(self, byte: int) -> None:
        """Note how far the file came; only what was never reached before is progress."""
        if byte > self._most:
            self._most = byte
            self._since_s = time.monotonic()
            self._tries = 0

    def pause_s(self, problem: SourceProblem) -> float:
        """Return how long to wait before the next try: exponential, with jitter.

        Raises the problem when a next try is no use or the time is up.
        """
        if not problem.is_retryable:
            raise problem
        settings = self._settings
        longest_s = min(settings.retry_first_s * 2.0 ** min(self._tries, 16), settings.retry_most_s)
        pause_s: float = max(longest_s * random.uniform(0.5, 1), problem.retry_after_s or 0)
        tried_s = time.monotonic() - self._since_s
        if tried_s + pause_s > settings.retry_limit_s:
            raise SourceProblem(
                problem.code,
                f"{problem.detail} Tried {self._tries + 1} times in {tried_s:.0f} s.",
                hint=problem.hint,
                is_retryable=True,
                is_waiting=problem.is_waiting,
                retry_after_s=problem.retry_after_s,
            ) from problem
        self._tries += 1
        return pause_s


class Bandwidth:
    """A bound to the bytes per second of all threads together; none without a limit."""

    def __init__(self, limit_bytes_per_s: int | None, halt: Halt) -> None:
        self._limit = limit_bytes_per_s
        self._halt = halt
        self._lock = threading.Lock()
        self._free_s = time.monotonic()

    def portion_bytes(self, most: int) -> int:
        """Return how much to ask for at once, so that the flow is even: a tenth of a second."""
        return most if self._limit is None else max(min(most, self._limit // 10), 1024)

    def spend(self, size_bytes: int) -> None:
        """Wait until so many bytes are allowed. Raises ``Stopped``."""
        if self._limit is None:
            return
        with self._lock:
            now_s = time.monotonic()
            self._free_s = max(self._free_s, now_s - 0.1) + size_bytes / self._limit
            pause_s = self._free_s - now_s
        self._halt.sleep(pause_s)


class Hold:
    """A pause that a source asked for, kept by all threads that would ask it again."""

    def __init__(self, halt: Halt) -> None:
        self._halt = halt
        self._until_s = 0.0

    def ask(self, problem: SourceProblem) -> None:
        """Let nobody ask before the moment that the source named."""
        if problem.retry_after_s:
            self._until_s = max(self._until_s, time.monotonic() + problem.retry_after_s)

    def wait(self) -> None:
        """Wait until the source may be asked. Raises ``Stopped``."""
        while (pause_s := self._until_s - time.monotonic()) > 0:
            self._halt.sleep(pause_s)
