"""The hub's list of users, read no more often than the hub can bear.

The hub is one process and takes about a second to list 1,000 users. Twenty panels that poll would
keep it from starting servers, so a list is served again for as long as ten times what it cost to
read, and renewed in the background. It says when it was read; plans never use it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
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

    def list_users(
        self, *, on_page: Callable[[Sequence[HubUser], int], None] = ...
    ) -> tuple[HubUser, ...]:
        """Return every user; tell of each page as it comes, with the number of all users."""
        ...


@dataclass(frozen=True)
class Seen:
    """The users at one moment."""

    users: dict[str, HubUser]
    as_of: datetime
    read_s: float
    fresh_s: float
    is_complete: bool = True
    total: int = 0
    """How many users there are; while the list is still being read, as the hub counts them."""


class HubSnapshot:
    """What the hub said last. Safe to use from several threads."""

    def __init__(self, source: UserSource, *, old_s: float = OLD_S) -> None:
        self._source = source
        self._old_s = old_s
        self._seen: Seen | None = None
        self._reading = threading.Lock()
        self._changing = threading.Condition()
        self._growing: Seen | None = None
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

    def get_first(self, is_enough: Callable[[Seen], bool]) -> Seen:
        """Return the list, or as much of it as ``is_enough`` while it is being read the first time.

        A hub with 10,000 users needs ten seconds for all of them, and half a second for those that
        fit a screen. Raises as ``get``.
        """
        seen = self._seen
        if seen is not None and not self._is_old(seen):
            return self.get()
        growing = self._growing
        if growing is not None and is_enough(growing):
            return growing
        pool = ThreadPoolExecutor(1, thread_name_prefix="growth-users")
        reading = pool.submit(self.get)
        pool.shutdown(wait=False)
        reading.add_done_callback(lambda done: self._wake())
        with self._changing:
            while not reading.done():
                if self._growing is not None and is_enough(self._growing):
                    return self._growing
                self._changing.wait(1.0)
        return reading.result()

    def _wake(self) -> None:
        with self._changing:
            self._changing.notify_all()

    def get_new(self) -> Seen:
        """Return a list whose reading began after this call. Raises as ``get``."""
        wished = now()
        with self._reading:
            if self._seen is not None and self._seen.as_of >= wished:
                return self._seen
            return self._read()

    def list_users(self, *, is_fresh: bool = False) -> tuple[HubUser, ...]:
        """Return the users alone, as ``HubClient.list_users`` does; some seconds old, or new."""
        seen = self.get_new() if is_fresh else self.get()
        return tuple(seen.users.values())

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
        growing: dict[str, HubUser] = {}

        def take(page: Sequence[HubUser], total: int) -> None:
            with self._changing:
                growing.update((user.name, user) for user in page)
                self._growing = Seen(
                    dict(growing), as_of, began_s, 0, is_complete=False, total=total
                )
                self._changing.notify_all()

        try:
            users = {user.name: user for user in self._source.list_users(on_page=take)}
        finally:
            with self._changing:
                self._growing = None
        ended_s = time.monotonic()
        fresh_s = min(max(COST_FACTOR * (ended_s - began_s), FRESH_MIN_S), FRESH_MAX_S)
        with self._changing:
            known = _with(users, self._noted)
            self._seen = Seen(known, as_of, ended_s, fresh_s, total=len(known))
            self._changing.notify_all()
            return self._seen


def _with(users: dict[str, HubUser], noted: dict[str, HubUser | None]) -> dict[str, HubUser]:
    merged: dict[str, HubUser | None] = {**users, **noted}
    return {name: user for name, user in merged.items() if user is not None}
