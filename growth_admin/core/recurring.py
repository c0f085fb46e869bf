"""Work that a server does now and then, beside its requests."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable

from growth_admin.core.errors import GrowthError

log = logging.getLogger(__name__)


class Recurring:
    """Calls ``work`` on a thread of its own; several servers may do so at the same time.

    ``name`` is the thread's, ``what`` is looked after: so the log says it.
    """

    def __init__(self, work: Callable[[], object], *, name: str, what: str) -> None:
        self._work = work
        self._name = name
        self._what = what
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self, *, every_s: float, first_s: float | None = None) -> None:
        """Begin: after ``first_s`` seconds or so, if they are given, then every ``every_s``."""
        if self._thread is None:
            self._stop = threading.Event()
            waits_s = (every_s if first_s is None else first_s, every_s)
            self._thread = threading.Thread(
                target=self._loop, args=waits_s, name=self._name, daemon=True
            )
            self._thread.start()

    def close(self) -> None:
        """Stop; returns at once."""
        self._stop.set()
        self._thread = None

    def do(self) -> None:
        """Do it now; what goes wrong is logged, and tried again next time."""
        try:
            self._work()
        except GrowthError as e:
            log.warning("%s cannot be looked after: %s", self._what, e.detail)
        except Exception:
            log.exception("%s could not be looked after", self._what)

    def _loop(self, wait_s: float, every_s: float) -> None:
        stop = self._stop
        while not stop.wait(wait_s * random.uniform(0.8, 1.2)):  # not all servers at once
            self.do()
            wait_s = every_s
