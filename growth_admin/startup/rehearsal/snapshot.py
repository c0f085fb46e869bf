"""What a folder holds, and what is different afterwards."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

_HASH_LIMIT_BYTES = 4 * 1024 * 1024
_FILES_LIMIT = 20_000


@dataclass(frozen=True)
class Entry:
    """One file, link or folder."""

    kind: str
    size_bytes: int
    mark: str
    """Content hash, link target, or time for what is too big to hash."""


Snapshot = dict[str, Entry]


def take_snapshot(top: Path, prefix: str) -> Snapshot:
    """Return what is below ``top``, by path under ``prefix``; at most 20,000 entries."""
    found: Snapshot = {}
    for folder, names, files in os.walk(top):
        for name in [*files, *(n for n in names if os.path.islink(os.path.join(folder, n)))]:  # noqa: PTH114, PTH118
            path = Path(folder) / name
            if len(found) >= _FILES_LIMIT:
                return found
            found[prefix + str(path.relative_to(top))] = _entry(path)
    return found


def _entry(path: Path) -> Entry:
    try:
        info = path.lstat()
        if stat.S_ISLNK(info.st_mode):
            return Entry("link", 0, str(path.readlink()))
        if not stat.S_ISREG(info.st_mode):
            return Entry("special", 0, str(info.st_mode))
        if info.st_size > _HASH_LIMIT_BYTES:
            return Entry("file", info.st_size, str(info.st_mtime_ns))
        text = path.read_bytes()
        return Entry("file", info.st_size, hashlib.sha256(text).hexdigest())
    except OSError as e:
        return Entry("unreadable", 0, str(e.errno))


def used_bytes(top: Path) -> tuple[int, int]:
    """Return how many bytes and files are below ``top`` (blocks really used)."""
    total, count = 0, 0
    stack = [str(top)]
    while stack:
        try:
            with os.scandir(stack.pop()) as entries:
                for entry in entries:
                    count += 1
                    try:
                        if entry.is_dir(follow_symlinks=False):
                            stack.append(entry.path)
                        else:
                            total += entry.stat(follow_symlinks=False).st_blocks * 512
                    except OSError:
                        continue
        except OSError:
            continue
    return total, count
