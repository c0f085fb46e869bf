"""The log of one run of a job: what the disk does not take is counted, and it stays bounded."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import Final

from growth_admin.core.errors import StorageFull, StorageUnavailable
from growth_admin.jobs.store import JobStore, Lease

LIMIT_BYTES: Final = 50 * 1024 * 1024
LAST_LINES: Final = 500
FULL: Final = (
    f"[the log has {LIMIT_BYTES >> 20} MiB; of what follows, the last lines come in the end]"
)


class JobLog:
    """Written by the holder of a lease."""

    def __init__(self, store: JobStore, lease: Lease) -> None:
        self._store, self._lease = store, lease
        self._size_bytes = 0
        self._lost = 0
        self._put_off = 0
        self._last: deque[str] = deque(maxlen=LAST_LINES)

    def write(self, text: str) -> None:
        """Add a line or several.

        Those that cannot be written are counted there later. Of what comes when the log has
        ``LIMIT_BYTES`` the last lines are written, by ``end``.
        """
        text = text.rstrip("\n")
        if self._size_bytes >= LIMIT_BYTES:
            lines = text.split("\n")
            self._put_off += len(lines)
            self._last.extend(lines)
            return
        try:
            if self._lost:
                self._append(f"[lines missing here: {self._lost}; the disk was full or away]")
                self._lost = 0
            self._append(text)
            if self._size_bytes >= LIMIT_BYTES:
                self._append(FULL)
        except (StorageFull, StorageUnavailable):
            self._lost += 1

    def end(self) -> None:
        """Write the last lines of what was put off, when the run is over."""
        if not self._put_off:
            return
        note = f"[lines missing here: {self._put_off - len(self._last)}; the log is too long]"
        with suppress(StorageFull, StorageUnavailable):
            self._append("\n".join((note, *self._last)))
        self._put_off = 0
        self._last.clear()

    def _append(self, text: str) -> None:
        self._size_bytes = self._store.append_log(self._lease, text)
