"""The ledger on the disk: append-only, one file per server's process, read together by all.

``O_APPEND`` is not atomic between NFS clients, so each file has one writer. A line is synced before
the change that it announces is asked of GitHub; whoever finds an intent without an outcome looks
at GitHub before trying again. Half a line was never synced, and what it announces never asked.
"""

from __future__ import annotations

import os
import re
import secrets
import threading
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from growth_admin.core.errors import NotFound
from growth_admin.core.fsops import append_line, list_names, read_tail
from growth_admin.roster.ledger_lines import Line, View
from growth_admin.roster.models import Budget

KEPT: Final = timedelta(days=45)
"""The budget looks back a day, the limit that was learnt a week."""
PART_BYTES: Final = 4 * 1024**2
SUFFIX: Final = ".jsonl"


class Ledger:
    """What was asked of GitHub by all servers of the school; this process writes its own file.

    ``limit`` is the organization's number of invitations per 24 hours; 0: begin with 500 and
    learn from refusals. Safe to use from several threads.
    """

    def __init__(self, folder: Path, *, writer: str, limit: int = 0) -> None:
        self.folder = folder
        self.limit = limit
        safe = re.sub(r"[^A-Za-z0-9_.-]", "_", writer)[:60] or "unknown"
        self._name = f"{safe}-{os.getpid()}-{secrets.token_hex(3)}{SUFFIX}"
        self._lock = threading.Lock()
        self._read_up_to: dict[str, int] = {}
        self._lines: list[Line] = []
        self._view = View()
        self._viewed = 0

    def add(self, *lines: Line) -> None:
        """Write lines and sync them at once. Raises ``StorageFull`` or ``StorageUnavailable``."""
        text = b"\n".join(line.model_dump_json().encode() for line in lines)
        with self._lock:
            append_line(self.folder / self._name, text)

    def view(self) -> View:
        """Return the ledger as all servers have written it by now.

        Raises ``StorageUnavailable``.
        """
        with self._lock:
            for name in list_names(self.folder):
                if name.endswith(SUFFIX):
                    self._lines.extend(self._read_on(name))
            if len(self._lines) != self._viewed:
                self._view = View()
                self._view.take(self._lines)
                self._viewed = len(self._lines)
            return self._view

    def budget(self, now: datetime) -> Budget:
        """Return how many invitations may be sent; ``now`` is GitHub's time."""
        return self.view().budget(now, limit=self.limit)

    def prune(self, now: datetime) -> int:
        """Remove files in which nothing is younger than ``KEPT``; return how many.

        Their writers are gone, or begin a new file.
        """
        removed = 0
        for name in list_names(self.folder):
            if not name.endswith(SUFFIX) or name == self._name:
                continue
            with suppress(NotFound):
                lines, _ = _parse(self.folder / name, 0)
                if lines and all(line.at < now - KEPT for line in lines):
                    (self.folder / name).unlink(missing_ok=True)
                    removed += 1
        return removed

    def _read_on(self, name: str) -> list[Line]:
        try:
            lines, self._read_up_to[name] = _parse(
                self.folder / name, self._read_up_to.get(name, 0)
            )
        except NotFound:  # pruned by another server just now
            return []
        return lines


def _parse(path: Path, offset: int) -> tuple[list[Line], int]:
    """Return the whole lines from an offset on, and the offset behind them.

    Half a line at the end is left for the next time; one in the middle is nobody's.
    """
    lines: list[Line] = []
    while True:
        data, _ = read_tail(path, offset=offset, limit_bytes=PART_BYTES)
        whole, newline, _ = data.rpartition(b"\n")
        if not newline:
            return lines, offset
        offset += len(whole) + 1
        for text in whole.splitlines():
            with suppress(ValidationError):
                lines.append(Line.from_record_json(text))
