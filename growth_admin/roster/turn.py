"""One server at a time changes the school's teams; the others wait for their turn.

Two lists that are applied at once would race for the day's invitations, and might both invite the
same person. GitHub too asks for changes one after the other. The turn is a lease of the kind that
jobs have (``jobs.store``): who holds it shows every few seconds that it is alive.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from growth_admin.core.errors import GrowthError, LeaseLost
from growth_admin.core.fsops import list_names, make_folder, storage_errors
from growth_admin.jobs.store import JobStore, Lease

NAME: Final = "turn"
LEASE_S: Final = 30.0
KEPT: Final = 5


class Held:
    """The turn while we have it."""

    def __init__(self, store: JobStore, lease: Lease, lease_s: float) -> None:
        self._store = store
        self._lease = lease
        self._lease_s = lease_s
        self._is_over = threading.Event()
        self._beat = threading.Thread(target=self._beats, name="roster-turn", daemon=True)
        self._beat.start()

    def require(self) -> None:
        """Raise ``LeaseLost`` when another server has taken the turn."""
        self._store.require_held(self._lease)

    def end(self) -> None:
        """Give the turn back."""
        self._is_over.set()
        self._beat.join()
        self._store.release(self._lease)

    def _beats(self) -> None:
        while not self._is_over.wait(self._lease_s / 6):
            try:
                self._store.renew(self._lease)
            except LeaseLost:
                return
            except GrowthError:  # a disk that is away; require() tells before the next change
                continue


class Turn:
    """Whose turn it is, in a folder that all servers of the school share."""

    def __init__(self, folder: Path, *, holder: str, lease_s: float = LEASE_S) -> None:
        self._folder = folder
        self._store = JobStore(folder)
        self._holder = holder
        self._lease_s = lease_s

    @contextmanager
    def held(self, wait: Callable[[], None]) -> Iterator[Held]:
        """Have the turn for a while. ``wait`` is called, again and again, until it is ours.

        Raises what ``wait`` raises, ``StorageFull``, ``StorageUnavailable``.
        """
        with storage_errors(self._folder):
            make_folder(self._folder / NAME, is_private=True)
        lease = self._take()
        while lease is None:
            wait()
            lease = self._take()
        held = Held(self._store, lease, self._lease_s)
        try:
            yield held
        finally:
            held.end()
            self._prune(lease.number)

    def _take(self) -> Lease | None:
        after = self._store.top_if_stale(NAME, self._lease_s)
        return None if after is None else self._store.take(NAME, self._holder, after=after)

    def _prune(self, number: int) -> None:
        folder = self._folder / NAME
        with suppress(OSError, GrowthError):
            for name in list_names(folder):
                _, _, old = name.partition("lease.")
                if old.isdecimal() and int(old) <= number - KEPT:
                    (folder / name).unlink(missing_ok=True)
