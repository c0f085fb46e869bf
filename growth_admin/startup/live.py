"""The live file of one script: what every server runs at its next start."""

from __future__ import annotations

import pwd
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from growth_admin.core.errors import NotFound, StorageUnavailable
from growth_admin.core.fsops import read_bytes, remove_stale_stages, replacing, storage_errors

LIMIT_BYTES: Final = 16 * 1024 * 1024
STALE_S: Final = 3600.0


@dataclass(frozen=True)
class Live:
    """What lies there now; ``text`` is nothing when there is no file."""

    text: bytes | None
    mode: int = 0

    @property
    def is_executable(self) -> bool:
        """Whether the owner may execute it, which is what the chain asks."""
        return bool(self.mode & 0o100)

    @property
    def problem(self) -> str:
        """What is wrong with the file, in words; empty if nothing is."""
        if self.text is None:
            return "The file is missing: nothing of it runs when a server starts."
        if not self.is_executable:
            return (
                "The file is not executable, so it does not run. Make any revision live to mend it."
            )
        if self.mode & 0o002:
            return (
                "Everybody may write the file, and every server runs it at its next start. "
                "Make a revision that you have read live to mend it."
            )
        return "" if self.text.strip() else "The file is empty."


class LiveFile:
    """The file itself. It is read as often as it is asked for: others change it over NFS."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Live:
        """Return text and mode. Raises ``StorageUnavailable``."""
        with storage_errors(self.path):
            try:
                mode = stat.S_IMODE(self.path.stat().st_mode)
                text = read_bytes(self.path, limit_bytes=LIMIT_BYTES + 1)
            except (FileNotFoundError, NotFound):
                return Live(None)
        if len(text) > LIMIT_BYTES:
            raise StorageUnavailable(
                f"{self.path} is larger than {LIMIT_BYTES // 2**20} MiB, so it is not looked at.",
                hint="A start script should be short; put data into a dataset.",
            )
        return Live(text, mode)

    def owner(self) -> str:
        """Return who owns the file, for changes whose author nobody knows."""
        with storage_errors(self.path):
            uid = self.path.stat().st_uid
        try:
            return f"{pwd.getpwuid(uid).pw_name} (owner of the file)"
        except KeyError:
            return f"uid {uid} (owner of the file)"

    @contextmanager
    def replacing(self, text: bytes) -> Iterator[Callable[[], None]]:
        """Stage a text beside the live one and yield the function that makes it live.

        The file keeps its owner and mode, becomes executable for those who may read it, and is
        closed to the writing of everybody.
        """
        mode = (self.read().mode or 0o644) & ~0o002
        remove_stale_stages(self.path.parent, older_than_s=STALE_S, now_s=time.time())
        with replacing(self.path, text, mode=mode | ((mode & 0o444) >> 2)) as put:
            yield put
