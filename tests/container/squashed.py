"""A folder as an NFS server with ``root_squash`` gives it: root is nobody there (exports(5)).

``python squashed.py SOURCE TARGET`` shows SOURCE at TARGET until it is unmounted or ended. What is
asked for is done as whoever asks, with his groups, so that the kernel decides as the server would;
only root and the group root become nobody, each for itself, as nfsd does it (nfsd_setuser): who is
root with another group keeps that group. No client of NFS is in every kernel, FUSE is.
"""

from __future__ import annotations

import errno
import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mfusepy import (  # type: ignore[import-untyped]  # it has no types
    FUSE,
    FuseOSError,
    Operations,
    fuse_get_context,
)

NOBODY = 65534
NAMES = ("st_mode", "st_nlink", "st_uid", "st_gid", "st_size")
TIMES = ("st_atime", "st_mtime", "st_ctime")


def groups_of(pid: int) -> list[int]:
    """The groups of a process besides its first one."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return []
    return [int(word) for line in lines if line.startswith("Groups:") for word in line.split()[1:]]


@contextmanager
def as_caller() -> Iterator[None]:
    """Act as whoever asks; root is nobody."""
    uid, gid, pid = fuse_get_context()
    os.setgroups([number or NOBODY for number in groups_of(pid)])
    os.setegid(gid or NOBODY)
    os.seteuid(uid or NOBODY)
    try:
        yield
    except OSError as e:
        raise FuseOSError(e.errno or errno.EIO) from e
    finally:
        os.seteuid(0)
        os.setegid(0)


def done_as_caller(method: Callable[..., Any]) -> Callable[..., Any]:
    """Let a method of the folder act as whoever asks; paths are those within SOURCE."""

    @functools.wraps(method)
    def wrapped(self: Squashed, path: str, *rest: Any) -> Any:
        with as_caller():
            return method(self, "." if path == "/" else f".{path}", *rest)

    return wrapped


class Squashed(Operations):  # type: ignore[misc]  # the library has no types
    """The folder; the process stands in SOURCE, so that nothing above it has to be passable."""

    use_ns = True

    def __init__(self, source: str) -> None:
        self._root = os.open(source, os.O_RDONLY | os.O_DIRECTORY)

    def init(self, path: str) -> None:
        os.fchdir(self._root)  # the library has gone to the root of all

    @done_as_caller
    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        # the folder itself is known by its handle, for which nothing has to be passed
        found = os.fstat(self._root) if path == "." else os.lstat(path)
        times = {name: getattr(found, f"{name}_ns") for name in TIMES}
        return {name: getattr(found, name) for name in NAMES} | times

    @done_as_caller
    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *os.listdir(path)]

    @done_as_caller
    def access(self, path: str, mode: int) -> int:
        if not os.access(path, mode, effective_ids=True):
            raise PermissionError(errno.EACCES, path)
        return 0

    @done_as_caller
    def open(self, path: str, flags: int) -> int:
        return os.open(path, flags)

    @done_as_caller
    def create(self, path: str, mode: int, fi: Any = None) -> int:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, mode)

    @done_as_caller
    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        os.truncate(path if fh is None else fh, length)
        return 0

    @done_as_caller
    def mkdir(self, path: str, mode: int) -> int:
        os.mkdir(path, mode)
        return 0

    @done_as_caller
    def rmdir(self, path: str) -> int:
        os.rmdir(path)
        return 0

    @done_as_caller
    def unlink(self, path: str) -> int:
        os.unlink(path)
        return 0

    @done_as_caller
    def readlink(self, path: str) -> str:
        return os.readlink(path)

    @done_as_caller
    def symlink(self, path: str, target: str) -> int:
        os.symlink(target, path)
        return 0

    @done_as_caller
    def rename(self, path: str, new: str) -> int:
        os.rename(path, f".{new}")
        return 0

    @done_as_caller
    def link(self, path: str, existing: str) -> int:
        os.link(f".{existing}", path)
        return 0

    @done_as_caller
    def chmod(self, path: str, mode: int) -> int:
        os.chmod(path, mode)
        return 0

    @done_as_caller
    def chown(self, path: str, uid: int, gid: int) -> int:
        unchanged = 0xFFFF_FFFF
        os.chown(
            path, *(-1 if number == unchanged else number for number in (uid, gid)),
            follow_symlinks=False,
        )  # fmt: skip
        return 0

    @done_as_caller
    def utimens(self, path: str, times: Any = None) -> int:
        os.utime(path, ns=times)
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return os.pread(fh, size, offset)

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        return os.pwrite(fh, data, offset)

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        os.fsync(fh)
        return 0

    def release(self, path: str, fh: int) -> int:
        os.close(fh)
        return 0

    def statfs(self, path: str) -> dict[str, Any]:
        found = os.statvfs(".")
        names = ("f_bavail", "f_bfree", "f_blocks", "f_bsize", "f_favail", "f_ffree", "f_files",
                 "f_frsize", "f_namemax")  # fmt: skip
        return {name: getattr(found, name) for name in names}


if __name__ == "__main__":
    source, target = sys.argv[1:]
    os.umask(0)  # the client has applied its own
    FUSE(
        Squashed(source), target, foreground=True, nothreads=True, allow_other=True, nonempty=False,
        attr_timeout=0, entry_timeout=0, fsname="growth-test-squashed",
    )  # fmt: skip
