"""Clears up now and then: space that was promised comes back though nobody publishes."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from typing import Final

from growth_admin.core.errors import GrowthError

log = logging.getLogger(__name__)
FIRST_S: Final = 15.0
EVERY_S: Final = 3600.0


class Tidier:
    """Calls ``sweep`` on a thread of its own; several servers may do so at the same time."""

    def __init__(self, sweep: Callable[[], None]) -> None:
        self._sweep = sweep
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self, *, first_s: float = FIRST_S, every_s: float = EVERY_S) -> None:
        """Begin to clear up: soon after ``first_s`` seconds, then every ``every_s`` or so."""
        if self._thread is None:
            self._stop = threading.Event()
            self._thread = threading.Thread(
                target=self._loop, args=(first_s, every_s), name="growth-tidy", daemon=True
            )
            self._thread.start()

    def close(self) -> None:
        """Clear up no more; returns at once."""
        self._stop.set()
        self._thread = None

    def tidy(self) -> None:
        """Clear up; what goes wrong is logged, and tried again next time."""
        try:
            self._sweep()
        except GrowthError as e:
            log.warning("the datasets cannot be cleared up: %s", e.detail)
        except Exception:
            log.exception("the datasets could not be cleared up")

    def _loop(self, first_s: float, every_s: float) -> None:
        stop, wait_s = self._stop, first_s
        while not stop.wait(wait_s * random.uniform(0.8, 1.2)):  # not all servers at once
            self.tidy()
            wait_s = every_s
