"""Looking at servers in flight: one by one, or all with one list, whichever the hub bears better.

A page of 200 users costs the hub some 100 ms, one user some 5 ms, and the hub does one thing at a
time. So both are timed as they are used, and the list is taken when it does not cost three times
what single looks would.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Final

from growth_admin.core.errors import HubRefused, HubUnavailable, NotFound
from growth_admin.servers.crew import Crew
from growth_admin.servers.flight import Flight
from growth_admin.servers.hub import HubClient
from growth_admin.servers.hub_models import HubServer, HubUser
from growth_admin.servers.models import Target
from growth_admin.servers.snapshot import HubSnapshot

FEW: Final = 3
"""Up to so many are always looked at one by one."""
LIST_FACTOR: Final = 3.0
FORGETTING: Final = 0.95
LOOKS_AGAIN: Final = 50


class Lookout:
    """What is seen goes into the snapshot too. Safe to use from several threads."""

    def __init__(self, hub: HubClient, snapshot: HubSnapshot) -> None:
        self._hub = hub
        self._snapshot = snapshot
        self._lock = threading.Lock()
        self._look_s = 0.0
        self._list_s = 0.0

    def prefers_list(self, count: int) -> bool:
        """Return whether to look at so many with one list."""
        with self._lock:
            is_cheap = self._list_s <= LIST_FACTOR * count * self._look_s
            if count > FEW and not is_cheap:
                self._list_s *= FORGETTING  # one that was slow once is tried again some day
            return count > FEW and is_cheap

    def look(self, target: Target) -> HubServer | None:
        """Return one server as it is now; nothing when the hub does not know the user.

        Raises ``HubUnavailable`` or ``HubRefused``.
        """
        began_s = time.monotonic()
        try:
            user = self._hub.get_user(target.user)
        except NotFound:
            self._snapshot.note(target.user, None)
            return None
        took_s = time.monotonic() - began_s
        with self._lock:
            self._look_s = took_s if not self._look_s else 0.8 * self._look_s + 0.2 * took_s
        self._snapshot.note(target.user, user)
        return user.server(target.server_name)

    def list_active(self) -> dict[str, HubUser]:
        """Return every user with a server that is not stopped. Raises as ``look``.

        Who is not among them has no server, or is gone: the next request to the hub tells.
        """
        began_s = time.monotonic()
        users = {user.name: user for user in self._hub.list_users(state="active")}
        with self._lock:
            took_s = time.monotonic() - began_s
            self._list_s = took_s if not self._list_s else (self._list_s + took_s) / 2
        return users

    def look_again(self, targets: Sequence[Target]) -> None:
        """Look at these once more, for the snapshot; a hub that is out is left alone."""
        with suppress(HubUnavailable, HubRefused):
            if not self.prefers_list(len(targets)):
                for target in targets[:LOOKS_AGAIN]:
                    self.look(target)
                return
            users = self.list_active()
            for name in {target.user for target in targets} & users.keys():
                self.note(users[name])

    def note(self, user: HubUser) -> None:
        """Show a user that was in a list."""
        self._snapshot.note(user.name, user)


class Poll:
    """One list at a time, for all who are waiting, every so many seconds."""

    def __init__(self, crew: Crew, lookout: Lookout, *, every_s: float) -> None:
        self._crew = crew
        self._lookout = lookout
        self._every_s = every_s
        self._asked: frozenset[int] = frozenset()
        self._asked_s = float("-inf")
        self.listing: Future[dict[str, HubUser]] | None = None

    def ask(self, flights: Sequence[Flight]) -> None:
        """Ask for a list for these, unless one is under way or was just asked for.

        Either way their next look is put off: the list will tell, or the next one.
        """
        now_s = time.monotonic()
        if self.listing is None and now_s - self._asked_s >= self._every_s:
            self._asked_s = now_s
            self._asked = frozenset(flight.index for flight in flights)
            self.listing = self._crew.send(self._lookout.list_active)
        for flight in flights:
            flight.look_at_s = max(self._asked_s + self._every_s, now_s + self._every_s / 2)

    def take(self) -> tuple[Future[dict[str, HubUser]], frozenset[int]]:
        """Return the list that has come, and for whom it was asked."""
        assert self.listing is not None  # the caller saw that it is done
        listing, self.listing = self.listing, None
        return listing, self._asked
