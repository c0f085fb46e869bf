"""What other rooms know about the last start of each server.

The hub knows neither the image nor the start scripts of a running server. Whoever wires the rooms
hands in a ``StartSource``; without one those columns stay empty.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from growth_admin.core.errors import GrowthError

log = logging.getLogger(__name__)
Key = tuple[str, str]
"""A user, and the name of the server, empty for the default one."""
FRESH_S: Final = 10.0
FIRST_WAIT_S: Final = 0.3


def _nobody_knows(moment: datetime) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class StartFacts:
    """The last start of one server; empty where nothing is known."""

    image: str = ""
    image_digest: str = ""
    digest_at: Callable[[datetime], str] = _nobody_knows
    """What the image's tag named at a moment, for a start that does not say its digest."""
    scripts: Mapping[str, int | None] = field(default_factory=dict)
    is_old_revision: bool = False
    result: str = ""
    data: tuple[tuple[str, str], ...] = ()
    """Names of datasets with the state that the start left each in."""

    def digest_of(self, started: datetime | None) -> str:
        """Return the digest that a server runs which was started then, empty if not known."""
        return self.image_digest or (self.digest_at(started) if started else "")


class StartSource(Protocol):
    """Where the facts come from."""

    def __call__(self) -> Mapping[Key, StartFacts]:
        """Return what is known, by server. Raises ``GrowthError``."""
        ...


@dataclass(frozen=True)
class Known:
    """The facts at one moment; ``problem`` says why there are none, or only old ones."""

    facts: Mapping[Key, StartFacts] = field(default_factory=dict)
    problem: str = ""


class FactsCache:
    """The facts, a few seconds old at most where that is good enough.

    Reading the records of 10,000 starts takes seconds the first time, and a list of servers must
    not wait for that: it comes without them, and says so.
    """

    def __init__(self, source: StartSource | None) -> None:
        self._source = source
        self._known = Known(problem="" if source is None else "Starts are still being read.")
        self._read_s = float("-inf")
        self._reading = threading.Lock()

    def get(self) -> Known:
        """Return what is known now, and renew it behind the caller's back."""
        if self._source and time.monotonic() - self._read_s > FRESH_S:
            thread = threading.Thread(target=self._renew, name="growth-facts", daemon=True)
            if self._reading.acquire(blocking=False):
                thread.start()
                if self._read_s == float("-inf"):
                    thread.join(FIRST_WAIT_S)
        return self._known

    def read(self) -> Known:
        """Return what is known after reading it again, for plans."""
        if self._source:
            with self._reading:
                self._read(self._source)
        return self._known

    def _renew(self) -> None:
        try:
            if self._source:
                self._read(self._source)
        finally:
            self._reading.release()

    def _read(self, source: StartSource) -> None:
        try:
            self._known = Known(source())
        except GrowthError as e:
            log.warning("the facts of the last starts cannot be read: %s", e.detail)
            self._known = Known(
                self._known.facts, f"What the last starts did is not known. {e.detail}"
            )
        except Exception:
            log.exception("the facts of the last starts cannot be read")
            self._known = Known(self._known.facts, "What the last starts did cannot be read.")
        self._read_s = time.monotonic()
