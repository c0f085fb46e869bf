"""One writer per upload, also when two servers know it: a lock file with a heartbeat.

``flock`` is not reliable on every NFS set-up; creating a file exclusively is (open(2), ``O_EXCL``).
A server that was killed leaves its lock behind: it is stale when its process is known to be gone,
or when nobody has touched it for ``STALE_S``.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from growth_admin.datasets.uploads.faults import UploadBusy

BEAT_S: Final = 2.0
STALE_S: Final = 15.0
_PROCESS: Final = secrets.token_hex(8)


class UploadLock:
    """The right to write one upload, held by this object from ``acquire`` to ``release``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beaten_s = 0.0
        self._inode = 0

    def acquire(self) -> None:
        """Take the lock. Raises ``UploadBusy`` if somebody else who is alive has it."""
        for is_last in (False, True):
            try:
                self._create()
                return
            except FileExistsError:
                if is_last or not self._is_stale():
                    raise UploadBusy("Another server is writing this upload.") from None
                self._take_away()

    def beat(self) -> None:
        """Show that the writer is alive; cheap enough for every write.

        Raises ``UploadBusy`` when somebody took the lock away, because we were silent for long.
        """
        now_s = time.monotonic()
        if now_s - self._beaten_s < BEAT_S:
            return
        if not self._is_ours():
            raise UploadBusy("Another server has gone on with this upload.")
        os.utime(self._path)
        self._beaten_s = now_s

    def release(self) -> None:
        """Give the lock back."""
        if self._is_ours():
            self._path.unlink(missing_ok=True)
        self._inode = 0

    def _create(self) -> None:
        fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o660)
        try:
            owner = {"host": socket.gethostname(), "pid": os.getpid(), "process": _PROCESS}
            os.write(fd, json.dumps(owner).encode())
            self._inode = os.fstat(fd).st_ino
        except OSError:  # the disk is full
            self._path.unlink()
            raise
        finally:
            os.close(fd)
        self._beaten_s = time.monotonic()

    def _is_ours(self) -> bool:
        with suppress(FileNotFoundError):
            return self._path.stat().st_ino == self._inode
        return False

    def _is_stale(self) -> bool:
        try:
            silent_s = time.time() - self._path.stat().st_mtime
            owner = json.loads(self._path.read_text())
            host, pid, process = owner["host"], int(owner["pid"]), owner["process"]
        except FileNotFoundError:
            return True
        except (ValueError, KeyError, TypeError):  # killed between creating and writing it
            return silent_s > BEAT_S
        if silent_s > STALE_S:
            return True
        if host != socket.gethostname():
            return False
        if pid == os.getpid():  # after a restart in a container, numbers repeat
            return bool(process != _PROCESS)
        return not _is_alive(pid)

    def _take_away(self) -> None:
        """Move a stale lock away. Whoever loses its lock to a server that was slower to look
        notices that at its next ``beat``."""
        aside = self._path.with_name(f"{self._path.name}-{secrets.token_hex(4)}")
        with suppress(FileNotFoundError):
            self._path.rename(aside)
            aside.unlink()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
