"""An open folder: what is done in it is done there, wherever its name leads by now.

The data folder is written by several TAs. One of them could put a symbolic link where another's
server, or an admin's, is about to write or delete. Every step below the data folder therefore
goes through a descriptor of a folder that was entered without following links (openat(2)).
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from growth_admin.core.errors import StorageUnavailable
from growth_admin.core.fsops import STAGE_PREFIX
from growth_admin.core.trees import remove_tree

_ENTER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Folder:
    """A folder that stays open; close it, or use it in a ``with``. Raises plain ``OSError``."""

    def __init__(self, fd: int, path: Path) -> None:
        self.fd = fd
        self.path = path

    @classmethod
    def at(cls, path: Path) -> Folder:
        """Open the folder that the configuration names; links on the way are followed."""
        return cls(os.open(path, _ENTER), path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self.fd)

    def enter(self, name: str) -> Folder:
        """Open the folder ``name`` in this one; a link in its place is refused."""
        try:
            fd = os.open(name, _ENTER | os.O_NOFOLLOW, dir_fd=self.fd)
        except NotADirectoryError as e:
            raise StorageUnavailable(
                f"{self.path / name} is not a folder.",
                hint="A link or a file stands where a folder should be. Look at it, move it away.",
            ) from e
        return Folder(fd, self.path / name)

    def make(self, name: str, *, is_private: bool = False) -> Folder:
        """Open the folder ``name``, made if it is not there, with ``core.fsops``'s rules.

        A new one takes group, mode and set-group-id bit after this folder.
        """
        with suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=self.fd)
            made = self.enter(name)
            try:
                os.fchmod(made.fd, folder_mode(self, made, is_private=is_private))
            except BaseException:
                made.close()
                raise
            return made
        return self.enter(name)

    def names(self) -> list[str]:
        """Return what is in it."""
        with os.scandir(self.fd) as entries:
            return [entry.name for entry in entries]

    def stat(self, name: str = "") -> os.stat_result | None:
        """Return the state of an entry (a link itself, not what it names), nothing if not there.

        Without a name, that of this folder.
        """
        if not name:
            return os.fstat(self.fd)
        try:
            return os.stat(name, dir_fd=self.fd, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def make_link(self, target: str) -> str:
        """Create a symbolic link under a name of its own, to be renamed into place; return that."""
        name = f"{STAGE_PREFIX}{secrets.token_hex(8)}"
        os.symlink(target, name, dir_fd=self.fd)
        return name

    def link_target(self, name: str) -> str:
        """Return where a symbolic link leads; empty if there is none of this name."""
        try:
            return os.readlink(name, dir_fd=self.fd)
        except OSError:  # not there, or not a link
            return ""

    @contextmanager
    def opened(self, name: str) -> Iterator[int]:
        """Yield a descriptor to read a regular file; links, pipes and devices are refused."""
        fd = os.open(name, _READ, dir_fd=self.fd)
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise StorageUnavailable(
                    f"{self.path / name} is not a regular file.", hint="Move it away."
                )
            yield fd
        finally:
            os.close(fd)

    def read(self, name: str, *, limit_bytes: int) -> bytes:
        """Return the content of a regular file. Raises ``StorageUnavailable`` if it is longer."""
        with self.opened(name) as fd:
            parts: list[bytes] = []
            left = limit_bytes + 1
            while left > 0 and (part := os.read(fd, min(left, 1 << 20))):
                parts.append(part)
                left -= len(part)
        if left <= 0:
            raise StorageUnavailable(f"{self.path / name} is longer than {limit_bytes} bytes.")
        return b"".join(parts)

    def create(self, name: str, data: bytes) -> bool:
        """Create a file, whole; return False if the name is taken. ``link`` decides who is first.

        Readable for all, writable for those who may write the folder. The content is on the disk,
        the name once the folder was synced.
        """
        with self._staged(name, data, self._file_mode()) as stage:
            try:
                os.link(stage, name, src_dir_fd=self.fd, dst_dir_fd=self.fd, follow_symlinks=False)
            except FileExistsError:
                # NFS: the reply to a link that worked may get lost (open(2), on O_EXCL)
                made = self.stat(stage)
                if made is None or made.st_nlink != 2:
                    return False
        return True

    def replace(self, name: str, data: bytes, *, mode: int | None = None) -> None:
        """Put ``data`` in the place of a file in one step, or create it."""
        with self._staged(name, data, self._file_mode() if mode is None else mode) as stage:
            os.rename(stage, name, src_dir_fd=self.fd, dst_dir_fd=self.fd)

    def move(self, name: str, into: Folder, new_name: str) -> None:
        """Rename an entry into another folder of the same file system."""
        os.rename(name, new_name, src_dir_fd=self.fd, dst_dir_fd=into.fd)

    def remove(self, name: str) -> None:
        """Remove an entry and all that is in it; links are removed, never followed.

        What is gone already is well; raises ``OSError`` for what cannot be removed.
        """
        found = self.stat(name)
        with suppress(FileNotFoundError):
            if found is not None and stat.S_ISDIR(found.st_mode):
                remove_tree(name, self.fd)
            elif found is not None:
                os.unlink(name, dir_fd=self.fd)

    def sync(self) -> None:
        """Make what was renamed here last. File systems that cannot sync folders are left alone."""
        with suppress(OSError):
            os.fsync(self.fd)

    def _file_mode(self) -> int:
        return 0o644 | os.fstat(self.fd).st_mode & 0o020

    @contextmanager
    def _staged(self, name: str, data: bytes, mode: int) -> Iterator[str]:
        stage = f"{STAGE_PREFIX}{name[:80]}-{secrets.token_hex(6)}"
        fd = os.open(stage, _CREATE, 0o600, dir_fd=self.fd)
        try:
            try:
                write_all(fd, data)
                take_group(fd, os.fstat(self.fd).st_gid)
                os.fchmod(fd, mode)
                os.fsync(fd)
            finally:
                os.close(fd)
            yield stage
        finally:
            with suppress(FileNotFoundError):
                os.unlink(stage, dir_fd=self.fd)


def create_file(folder: Folder, name: str) -> int:
    """Return a descriptor to write a file that was not there."""
    return os.open(name, _CREATE, 0o600, dir_fd=folder.fd)


def write_all(fd: int, data: bytes) -> None:
    """Write everything."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def folder_mode(parent: Folder, child: Folder, *, is_private: bool = False) -> int:
    """Give ``child`` the group of ``parent`` and return the mode that it should have.

    0755, or 2775 where the parent is its group's to write; nothing for others if ``is_private``.
    """
    around = os.fstat(parent.fd)
    is_shared = take_group(child.fd, around.st_gid) and bool(around.st_mode & 0o020)
    mode = 0o775 | around.st_mode & 0o2000 if is_shared else 0o755
    if is_private:
        mode &= 0o2770 if is_shared else 0o700
    return mode


def take_group(fd: int, gid: int) -> bool:
    """Give what we own the group ``gid``; return whether it has it."""
    if os.fstat(fd).st_gid == gid:
        return True
    try:
        os.fchown(fd, -1, gid)
    except PermissionError:
        return False
    return True
