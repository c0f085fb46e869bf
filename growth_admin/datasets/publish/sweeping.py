"""Clears up: the trash when its time is over, and what killed jobs left."""

from __future__ import annotations

import time
from collections.abc import Collection
from functools import partial
from typing import Final

from growth_admin.core.errors import GrowthError
from growth_admin.core.fsops import STAGE_PREFIX
from growth_admin.datasets.publish.cache import RecordCache
from growth_admin.datasets.publish.shelf import Shelf
from growth_admin.datasets.publish.transitions import expired, forgotten, trash_limit

STALE_S: Final = 3600.0


class Sweeper:
    """Clears up one dataset's folder at a time; ``left`` tells what could not be removed."""

    def __init__(self, cache: RecordCache, *, user: str, trash_keep_s: float) -> None:
        self.left: dict[str, str] = {}
        self._cache = cache
        self._user = user
        self._trash_keep_s = trash_keep_s

    def purge(self, shelf: Shelf) -> int:
        """Free what has been in the trash for too long; return the bytes that went.

        A folder that cannot be cleared up does not keep others from it.
        """
        try:
            limit = trash_limit(self._trash_keep_s)
            shelf.change(partial(expired, limit, self._user))
            state, records = shelf.latest(), shelf.records()
            freed = {version for version, _ in shelf.trash() if version in state.freed}
            shelf.remove_freed()
            self._remove_stale(shelf)
        except (OSError, GrowthError) as e:
            self.left[shelf.name] = f"{shelf.folder.path} cannot be cleared up: {e}"
            return 0
        self.left.pop(shelf.name, None)
        return sum(records[version].size_bytes for version in freed if version in records)

    def forget(
        self, live_jobs: Collection[str], older_than_s: float, shelf: Shelf
    ) -> tuple[str, ...]:
        """Give up the numbers of jobs that are gone; return them as ``<name> <version>``.

        Nothing is given up where a record cannot be read: it may be the one that tells more.
        """
        names = shelf.folder.names()
        state, records = shelf.latest_in(names), shelf.records_in(names)
        if self._cache.has_damaged(shelf.folder):
            return ()
        gone = [
            version
            for version, stored in records.items()
            if stored.job
            and stored.job not in live_jobs
            and not state.knows(version)
            and _age_s(shelf, f"{version}.json") >= older_than_s
        ]
        try:
            shelf.change(partial(forgotten, gone, self._user))
            shelf.remove_freed()
        except (OSError, GrowthError) as e:
            self.left[shelf.name] = f"{shelf.folder.path} cannot be cleared up: {e}"
        return tuple(f"{shelf.name} {version}" for version in gone)

    def _remove_stale(self, shelf: Shelf) -> None:
        for name in shelf.folder.names():
            if name.startswith(STAGE_PREFIX) and _age_s(shelf, name) > STALE_S:
                shelf.folder.remove(name)


def _age_s(shelf: Shelf, name: str) -> float:
    found = shelf.folder.stat(name)
    return time.time() - found.st_mtime if found is not None else 0.0
