"""The fetcher's memory on disk: what is whole, and how far the parts came.

One line of JSON per event, appended by one process (the job's lease sees to that):

- ``{"done": path, "key": .., "size": .., "sha256": .., "with": .., "is_synced": ..}``: the file was
  verified; it is at its place, or about to be renamed to it;
- ``{"part": key, "validator": .., "total": .., "spans": [[start, end], ..]}``: these bytes of the
  part are on the disk, come what may;
- ``{"synced": n}``: so do the first ``n`` done files.

A line that a killed process left half is no line. Lines need no sync of their own: without them
less is known, never more than is true.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from growth_admin.datasets.facts import RemoteFile
from growth_admin.datasets.fetch.disk import PART_MODE, disk_errors

NAME: Final = "journal.jsonl"
_AS_TEXT: Final = json.JSONEncoder(sort_keys=True, default=str).encode


def key_of(file: RemoteFile) -> str:
    """Return the name of a file's content as the listing saw it; another content, another key."""
    seen = file.validator or (str(file.checksum) if file.checksum else "")
    identity = (file.path, file.size_bytes, seen, None if seen else file.locator)
    return hashlib.sha256(_AS_TEXT(identity).encode(errors="surrogatepass")).hexdigest()[:24]


class DoneFile(NamedTuple):
    """A file that an earlier line calls verified."""

    key: str
    size_bytes: int
    sha256: str
    verified_with: str
    is_synced: bool


class KnownPart(NamedTuple):
    """What is known to be on the disk of a file that is not whole."""

    validator: str
    total: int | None
    spans: tuple[tuple[int, int], ...]


class Journal:
    """Reads what an earlier process wrote, then appends. Safe to call from several threads.

    Raises ``StorageFull`` or ``StorageUnavailable``.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.done: dict[str, DoneFile] = {}
        self.parts: dict[str, KnownPart] = {}
        self.done_count = 0
        self.is_new = False
        self._lock = threading.Lock()
        self._line_of: dict[str, int] = {}
        self._synced = 0
        with disk_errors(self.path):
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            self._fd = os.open(self.path, flags, PART_MODE)
            if os.fstat(self._fd).st_uid == os.geteuid():
                os.fchmod(self._fd, PART_MODE)
            self._load()

    def _load(self) -> None:
        text = self.path.read_bytes()
        self.is_new = not text
        if text and not text.endswith(b"\n"):
            self._append(b"\n")
        for line in text.splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                self._take(event)
        for path, number in self._line_of.items():
            if number < self._synced and not self.done[path].is_synced:
                self.done[path] = self.done[path]._replace(is_synced=True)

    def _take(self, event: Mapping[str, Any]) -> None:
        if "done" in event:
            self.done[event["done"]] = DoneFile(
                event["key"], event["size"], event["sha256"], event["with"], event["is_synced"]
            )
            self._line_of[event["done"]] = self.done_count
            self.done_count += 1
        elif "part" in event:
            spans = tuple((start, end) for start, end in event["spans"])
            self.parts[event["part"]] = KnownPart(event["validator"], event["total"], spans)
        elif "synced" in event:
            self._synced = event["synced"]

    def add_done(self, *found: tuple[str, DoneFile]) -> None:
        """Say that files are verified, by their paths."""
        lines = "".join([_done_line(path, known) for path, known in found]).encode()
        with self._lock:
            self._append(lines)
            self.done_count += len(found)

    def add_part(self, key: str, known: KnownPart) -> None:
        """Say which bytes of a part are on the disk; call it after they are."""
        with self._lock:
            event = {"part": key, "validator": known.validator, "total": known.total}
            self._write(event | {"spans": known.spans})

    def add_synced(self, count: int) -> None:
        """Say that the first ``count`` done files are on the disk."""
        with self._lock:
            self._write({"synced": count})

    def close(self) -> None:
        """Sync and close it; nothing can be added any more."""
        with self._lock, disk_errors(self.path):
            fd, self._fd = self._fd, -1
            if fd >= 0:
                try:
                    os.fsync(fd)
                finally:
                    os.close(fd)

    def _write(self, event: Mapping[str, Any]) -> None:
        self._append(json.dumps(event, separators=(",", ":")).encode() + b"\n")

    def _append(self, line: bytes) -> None:
        """Append a line or several, or nothing of them."""
        with disk_errors(self.path):
            if (written := os.write(self._fd, line)) != len(line):
                os.ftruncate(self._fd, os.fstat(self._fd).st_size - written)
                raise OSError(28, os.strerror(28))


def _done_line(path: str, known: DoneFile) -> str:
    is_synced = "true" if known.is_synced else "false"  # by hand: once for each file
    return (
        f'{{"done":{json.dumps(path)},"key":"{known.key}","size":{known.size_bytes},'
        f'"sha256":"{known.sha256}","with":"{known.verified_with}","is_synced":{is_synced}}}\n'
    )
