"""How big a tree is that no record tells about: a walk with an end."""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress
from typing import Final, NamedTuple

from growth_admin.datasets.publish.folder import Folder

MOST_ENTRIES: Final = 20_000
MOST_S: Final = 0.25
FRESH_S: Final = 300.0


class Size(NamedTuple):
    """Bytes and files counted so far; ``is_complete``: there was no more."""

    size_bytes: int
    files: int
    is_complete: bool


def measure_entry(
    folder: Folder, name: str, *, most_entries: int = MOST_ENTRIES, most_s: float = MOST_S
) -> Size:
    """Return the size of a file or a tree; links are not followed, mounts not left out.

    What cannot be looked at counts nothing. The walk ends after so many entries, or seconds.
    """
    found = folder.stat(name)
    if found is None or not stat.S_ISDIR(found.st_mode):
        size_bytes = found.st_size if found is not None and stat.S_ISREG(found.st_mode) else 0
        return Size(size_bytes, int(found is not None), True)
    size_bytes = files = seen = 0
    end_s = time.monotonic() + most_s
    with suppress(RecursionError):  # nobody nests a thousand folders but to see what happens
        for _, folders, names, fd in os.fwalk(name, dir_fd=folder.fd):
            for child in names:
                with suppress(OSError):
                    size_bytes += os.stat(child, dir_fd=fd, follow_symlinks=False).st_size
                    files += 1
                seen += 1
                if seen >= most_entries or (seen % 256 == 0 and time.monotonic() > end_s):
                    return Size(size_bytes, files, False)
            seen += len(folders)
        return Size(size_bytes, files, True)
    return Size(size_bytes, files, False)


class SizeCache:
    """Sizes as last measured; good for minutes, or until the entry itself changes."""

    def __init__(self, *, fresh_s: float = FRESH_S) -> None:
        self._fresh_s = fresh_s
        self._known: dict[str, tuple[float, tuple[int, int], Size]] = {}

    def measure(self, folder: Folder, name: str) -> Size:
        """Return the size of an entry, from memory if that is fresh."""
        found = folder.stat(name)
        if found is None:
            return Size(0, 0, True)
        key, mark = str(folder.path / name), (found.st_ino, found.st_mtime_ns)
        known = self._known.get(key)
        if known and known[1] == mark and time.monotonic() - known[0] < self._fresh_s:
            return known[2]
        size = measure_entry(folder, name)
        self._known[key] = (time.monotonic(), mark, size)
        return size
