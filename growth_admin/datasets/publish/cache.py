"""Records as they were last read, so that a listing reads only what has changed."""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError

from growth_admin.core.errors import GrowthError
from growth_admin.core.schema import Model
from growth_admin.datasets.publish.folder import Folder

_RECORD_LIMIT_BYTES: Final = 4 * 1024 * 1024
M = TypeVar("M", bound=Model)


class RecordCache:
    """Records as last read, by inode and time; and what could not be read, by path."""

    def __init__(self) -> None:
        self._parsed: dict[tuple[str, str], tuple[tuple[int, int, int], Model]] = {}
        self.damaged: dict[str, str] = {}

    def load(self, folder: Folder, name: str, kind: type[M]) -> M | None:
        """Return a record; nothing if it is not there or damaged, which is noted."""
        found = folder.stat(name)
        if found is None:
            self.damaged.pop(str(folder.path / name), None)
            return None
        key = (str(folder.path), name)
        mark = (found.st_ino, found.st_mtime_ns, found.st_size)
        known = self._parsed.get(key)
        if known is not None and known[0] == mark and isinstance(known[1], kind):
            return known[1]
        try:
            record = kind.from_record_json(folder.read(name, limit_bytes=_RECORD_LIMIT_BYTES))
        except (ValidationError, OSError, GrowthError) as e:
            self.note(folder.path / name, e)
            return None
        self.damaged.pop(str(folder.path / name), None)
        self._parsed[key] = (mark, record)
        return record

    def note(self, path: Path, problem: Exception) -> None:
        """Remember that something cannot be used, and why."""
        self.damaged[str(path)] = f"{path}: {str(problem).partition(chr(10))[0]}"

    def has_damaged(self, folder: Folder) -> bool:
        """Return whether a record in this folder could not be read."""
        return any(str(folder.path / name) in self.damaged for name in folder.names())
