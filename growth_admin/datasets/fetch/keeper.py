"""Makes what was written last, while more is written, and says so in the journal."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Final

from growth_admin.datasets.fetch.disk import disk_errors, sync_all, sync_each
from growth_admin.datasets.fetch.halt import Halt
from growth_admin.datasets.fetch.journal import DoneFile, Journal
from growth_admin.datasets.fetch.options import Settings
from growth_admin.datasets.fetch.part import Part, merged

FEW: Final = 32


class Keeper:
    """One thread that syncs for all others, so that they need not wait.

    What is written and not synced stays below ``segment_bytes``, over all files: writers wait
    for the disk beyond that. Thus a killed fetch loses at most so much.
    """

    def __init__(self, journal: Journal, stage: Path, halt: Halt, settings: Settings) -> None:
        self._journal = journal
        self._stage = stage
        self._halt = halt
        self._settings = settings
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._parts: set[Part] = set()
        self._pending_bytes = 0
        self._unsynced: list[str] = []
        self._synced_s = time.monotonic()
        self._is_closing = False
        self._thread = threading.Thread(target=self._work, name="growth-keeper", daemon=True)

    def start(self) -> None:
        """Begin to sync."""
        self._thread.start()

    def wrote(self, part: Part, start: int, end: int) -> None:
        """Note bytes of a part; waits for the disk when too much is not synced.

        Raises ``Stopped``.
        """
        with self._changed:
            part.spans = merged([*part.spans, (start, end)])
            part.pending_bytes += end - start
            self._pending_bytes += end - start
            self._parts.add(part)
            if self._pending_bytes < self._settings.sync_bytes:
                return
            self._changed.notify_all()
            while self._pending_bytes > self._settings.unsynced_bytes:
                self._changed.wait(0.2)
                self._halt.check()

    def forget(self, part: Part) -> None:
        """Let a part start over."""
        with self._changed:
            self._pending_bytes -= part.pending_bytes
            self._parts.discard(part)
            part.forget()
            if part.fd >= 0:
                self._journal.add_part(part.key, part.known())

    def settle(self, part: Part) -> None:
        """Make a whole part last. Raises ``StorageFull`` or ``StorageUnavailable``."""
        self._sync_part(part)

    def placed(self, *found: tuple[str, DoneFile]) -> None:
        """Note files that are whole at their places; their names, at least, are to be synced."""
        with self._lock:  # nobody waits for it
            # those that are synced the journal knew before they were placed
            self._journal.add_done(*[pair for pair in found if not pair[1].is_synced])
            self._unsynced += [path for path, _ in found]

    def close(self) -> None:
        """Sync what is left and stop. Raises ``StorageFull`` or ``StorageUnavailable``."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()
        for part in list(self._parts):
            self._sync_part(part)
        self._sync_placed()

    # -- the thread

    def _work(self) -> None:
        try:
            while self._wait():
                for part in list(self._parts):
                    self._sync_part(part)
                if time.monotonic() - self._synced_s >= self._settings.sync_every_s:
                    self._sync_placed()
        except BaseException as e:  # noqa: BLE001  # the thread that called the fetcher raises it
            self._halt.fail(e)

    def _wait(self) -> bool:
        """Wait for work; return False at the end."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_closing or self._pending_bytes >= self._settings.sync_bytes,
                self._settings.sync_every_s,
            )
            return not self._is_closing

    def _sync_part(self, part: Part) -> None:
        with part.syncing:
            with self._changed:
                pending, known, restarts = part.pending_bytes, part.known(), part.restarts
                if not pending or part.fd < 0:
                    return
            with disk_errors(part.path):
                os.fdatasync(part.fd)
            with self._changed:
                if part.restarts == restarts:  # otherwise nothing of what was synced is there
                    self._journal.add_part(part.key, known)
                    part.pending_bytes -= pending
                    self._pending_bytes -= pending
                if not part.pending_bytes:
                    self._parts.discard(part)
                self._changed.notify_all()

    def _sync_placed(self) -> None:
        with self._changed:
            names, self._unsynced = self._unsynced, []
            count = self._journal.done_count
        self._synced_s = time.monotonic()
        if not names:
            return
        with disk_errors(self._stage):
            if len(names) <= FEW or not sync_all(self._stage):
                sync_each([self._stage / "files" / name for name in names])
        self._journal.add_synced(count)
