"""The local place where the scripts' copies are run."""

from __future__ import annotations

import os

# Not TMPDIR: it may point at a mount. /dev/shm is often noexec; execution.py copes with that.
_PLACES = ("/tmp", "/run", "/var/tmp", "/dev/shm")


class Workplace:
    """Copies of scripts in a folder of our own, or in memory when every local disk is full."""

    def __init__(self) -> None:
        self._folders: list[str] = []
        self._files: list[str] = []

    def put(self, name: str, text: bytes, uid: int, gid: int) -> str:
        """Return a path at which user `uid` alone may run `text`.

        Raises OSError if there is no room on any local disk, nor memory.
        """
        for place in _PLACES:
            try:
                return self._put_in(place, name, text, uid, gid)
            except OSError:
                continue
        return _put_in_memory(name, text)

    def _put_in(self, place: str, name: str, text: bytes, uid: int, gid: int) -> str:
        folder = os.path.join(place, f"growth-start-{os.urandom(6).hex()}")
        os.mkdir(folder, 0o700)
        self._folders.append(folder)
        path = os.path.join(folder, name)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o500)
        self._files.append(path)
        try:
            if os.write(descriptor, text) != len(text):
                raise OSError("short write")
            if os.geteuid() == 0:
                os.fchown(descriptor, uid, gid)
                os.chmod(folder, 0o711)
            os.fchmod(descriptor, 0o500)
        finally:
            os.close(descriptor)
        return path

    def clear(self) -> None:
        """Remove the copies and the folders that were made for them."""
        for remove, paths in ((os.unlink, self._files), (os.rmdir, self._folders)):
            for path in paths:
                try:
                    remove(path)
                except OSError:
                    continue


def _put_in_memory(name: str, text: bytes) -> str:
    """A file without a disk (Linux only). The script sees its number as its name."""
    if not hasattr(os, "memfd_create"):
        raise OSError("no room for a local copy of the script")
    descriptor = os.memfd_create(name, 0)
    os.write(descriptor, text)
    os.fchmod(descriptor, 0o555)
    return f"/proc/self/fd/{descriptor}"
