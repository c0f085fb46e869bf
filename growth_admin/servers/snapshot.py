"""The hub's list of users, read no more often than the hub can bear.

The hub is one process and takes about a second to list 1,000 users. Twenty panels that poll would
keep it from starting servers, so a list is served again for as long as ten times what it cost to
read, and renewed in the background. It says when it was read; plans never use it.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from growth_admin.core.errors import GrowthError
from growth_admin.core.schema import now
from growth_admin.servers.hub_models import HubUser

log = logging.getLogger(__name__)

COST_FACTOR: Final = 10.0
FRESH_MIN_S: Final = 2.0
FRESH_MAX_S: Final = 30.0
OLD_S: Final = 60.0
"""A list of this age is not shown any more: then the caller waits, or hears that the hub is out."""


class UserSource(Protocol):
    """Where users come from."""

    def list_users(self) -> tuple[HubUser, ...]:
        """Return every user."""
        ...


@dataclass(frozen=True)
class Seen:
    """The users at one moment."""

    users: dict[str, HubUser]
    as_of: datetime
    read_s: float
    fresh_s: float


class HubSnapshot:
    """What the hub said last. Safe to use from several threads."""

    def __init__(self, source: UserSource, *, old_s: float = OLD_S) -> None:
        self._source = source
        self._old_s = old_s
        self._seen: Seen | None = None
        self._reading = threading.Lock()
        self._changing = threading.Lock()
        self._noted: dict[str, HubUser | None] = {}

    def get(self) -> Seen:
        """Return the list, a fresh one where there is none yet or the last is too old.

        Raises ``HubUnavailable`` or ``HubRefused`` when such a list cannot be read.
        """
        seen = self._seen
        age_s = self._old_s if seen is None else time.monotonic() - seen.read_s
        if seen is None or age_s >= self._old_s:
            return self._read_or_wait(seen)
        if age_s > seen.fresh_s and self._reading.acquire(blocking=False):
            threading.Thread(target=self._renew, name="growth-users", daemon=True).start()
        return seen

    def list_users(self) -> tuple[HubUser, ...]:
        """Return the users alone, as ``HubClient.list_users`` does, some seconds old."""
        return tuple(self.get().users.values())

    def note(self, name: str, user: HubUser | None) -> None:
        """Take in what was learnt about one user meanwhile; nothing when the user is gone."""
        with self._changing:
            self._noted[name] = user
            if self._seen is not None:
                self._seen = replace(self._seen, users=_with(self._seen.users, {name: user}))

    def _read_or_wait(self, old: Seen | None) -> Seen:
        with self._reading:
            if self._seen is not None and self._seen is not old and not self._is_old(self._seen):
                return self._seen
            return self._read()

    def _is_old(self, seen: Seen) -> bool:
        return time.monotonic() - seen.read_s >= self._old_s

    def _renew(self) -> None:
        """Read once; ``get`` has taken the lock. A failure shows when the list gets too old."""
        try:
            self._read()
        except GrowthError as e:
            log.warning("the list of users could not be renewed: %s", e.detail)
        finally:
            self._reading.release()

    def _read(self) -> Seen:
        with self._changing:
            self._noted = {}
        as_of, began_s = now(), time.monotonic()
        users = {user.name: user for user in self._source.list_users()}
        ended_s = time.monotonic()
        fresh_s = min(max(COST_FACTOR * (ended_s - began_s), FRESH_MIN_S), FRESH_MAX_S)
        with self._changing:
            self._seen = Seen(_with(users, self._noted), as_of, ended_s, fresh_s)
            return self._seen


def _with(users: dict[str, HubUser], noted: dict[str, HubUser | None]) -> dict[str, HubUser]:
    merged: dict[str, HubUser | None] = {**users, **noted}
    return {name: user for name, user in merged.items() if user is not None}
