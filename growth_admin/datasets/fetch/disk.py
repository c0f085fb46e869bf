"""What the fetcher asks of the disk beyond what Python offers, and how it says that it is full."""

from __future__ import annotations

import ctypes
import errno
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final

from growth_admin.core.errors import StorageFull, StorageUnavailable

FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FINAL_MODE: Final = 0o444
PART_MODE: Final = 0o660
_LIBC: Final = ctypes.CDLL(None, use_errno=True)


def readable(size_bytes: float) -> str:
    """Return a size as people write it, in decimal units."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if abs(size_bytes) < 1000:
            return f"{size_bytes:.0f} {unit}" if unit == "bytes" else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} TB"


def full_disk(path: Path, needed_bytes: int | None, cause: OSError | None = None) -> StorageFull:
    """Return the error for a disk on which ``path`` found no room, with its numbers."""
    free = "unknown"
    with suppress(OSError):
        around = next(folder for folder in (path, *path.parents) if folder.exists())
        state = os.statvfs(around)
        free = readable(state.f_bavail * state.f_frsize)
    needs = "" if needed_bytes is None else f" It needs {readable(needed_bytes)} more."
    if cause is not None and cause.errno == errno.EDQUOT:
        reason = "The quota of this user or group is used up"
    elif cause is not None and cause.errno == errno.EFBIG:
        reason = "The file is larger than this disk or this process may have it"
    else:
        reason = "The disk is full"
    return StorageFull(
        f"{reason}: no room to write {path.name}.{needs} Free: {free}.",
        hint="Make room on the disk.",
    )


class disk_errors:  # noqa: N801  # used as ``contextlib.suppress`` is
    """Turns an ``OSError`` in its block into ``StorageFull`` or ``StorageUnavailable``.

    Written out, as ``contextmanager`` costs several times as much and this is entered for each
    file.
    """

    __slots__ = ("_needed_bytes", "_path")

    def __init__(self, path: Path | str, needed_bytes: int | None = None) -> None:
        self._path = path
        self._needed_bytes = needed_bytes

    def __enter__(self) -> None:
        """Enter the block."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not isinstance(error, OSError):
            return
        if error.errno in FULL:
            raise full_disk(Path(self._path), self._needed_bytes, error) from error
        raise StorageUnavailable(
            f"{self._path} cannot be used: {error.strerror or error}.",
            hint="Check that the data folder is mounted and that your group may write there.",
        ) from error


def check_room(folder: Path, needed_bytes: int) -> None:
    """Raise ``StorageFull`` if the disk cannot take so much, before anything is fetched."""
    with disk_errors(folder):
        state = os.statvfs(folder)
    if state.f_blocks and needed_bytes > state.f_bavail * state.f_frsize:
        raise full_disk(folder, needed_bytes)


def sync_all(folder: Path) -> bool:
    """Make all that was written to the file system of ``folder`` last.

    Returns False where the system has no call for that. Raises ``OSError``.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        call = getattr(_LIBC, "syncfs", None)
        if call is not None and call(ctypes.c_int(fd)) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return call is not None
    finally:
        os.close(fd)


def sync_each(files: list[Path]) -> None:
    """Make files and their names last, one by one. Raises ``OSError``."""
    for path in files:
        _sync(path, os.O_RDONLY)
    for parent in {path.parent for path in files}:
        _sync(parent, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    fd = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_whole(path: str, data: memoryview) -> None:
    """Write a file of final mode; one that stood there is gone. Raises ``OSError``; nothing is
    left then."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        fd = os.open(path, flags, FINAL_MODE)
    except FileExistsError:  # damaged since an earlier process wrote it
        Path(path).unlink()
        fd = os.open(path, flags, FINAL_MODE)
    try:
        while data:
            data = data[os.write(fd, data) :]
        settle_mode(fd, FINAL_MODE)
    except OSError:
        Path(path).unlink(missing_ok=True)
        raise
    finally:
        os.close(fd)


def settle_mode(fd: int, mode: int) -> None:
    """Give an open file of ours its mode, whatever the umask said."""
    if os.fstat(fd).st_mode & 0o7777 != mode:
        os.fchmod(fd, mode)
