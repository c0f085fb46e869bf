"""What the environment and the command line say."""

from __future__ import annotations

import os
import time

_MIB = 1024 * 1024
_RESERVE_BYTES = 256 * _MIB
_SCAN_LIMIT_S = 1.0


class Settings:
    """One run's settings.

    `data` is where datasets are published, `folder` where the student has them, `state` where we
    remember what was delivered. `deadline` is in monotonic seconds, None for as long as it takes.
    """

    def __init__(self, environ: dict[str, str], folder: str, limit_s: float | None) -> None:
        home = environ.get("HOME") or os.path.expanduser("~")
        shared = environ.get("GROWTH_SHARED_ROOT") or "/nfs"
        self.data = os.path.normpath(
            environ.get("GROWTH_DATA_FOLDER") or os.path.join(shared, "data")
        )
        self.state = os.path.join(home, ".local", "share", "growth-admin")
        self.home = home
        self.folder_name = folder  # empty: the one of the last run
        self.user = environ.get("NB_USER") or environ.get("USER") or str(os.getuid())
        self.stall_s = _number(environ, "GROWTH_MOUNT_LIMIT_S", 5)
        begun = time.monotonic()
        self.deadline = None if limit_s is None else begun + limit_s
        self.scan_until = begun + _SCAN_LIMIT_S
        reserve_mib = _number(environ, "GROWTH_DATA_RESERVE_MIB", -1)
        self._reserve_bytes = None if reserve_mib < 0 else reserve_mib * _MIB

    @property
    def folder(self) -> str:
        """Where the student finds the datasets."""
        return os.path.join(self.home, self.folder_name)

    def room_bytes(self) -> int:
        """How much may still be written: what is free, less a reserve so that work can be saved.

        The reserve is 256 MiB, in a small home a tenth of it. Raises OSError.
        """
        found = os.statvfs(self.home)
        reserve = self._reserve_bytes
        if reserve is None:
            reserve = min(_RESERVE_BYTES, found.f_blocks * found.f_frsize // 10)
        return found.f_bavail * found.f_frsize - reserve


def _number(environ: dict[str, str], name: str, default: int) -> int:
    text = environ.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else default
