"""Trees of folders that others filled: walked and removed however deep they are.

A student may nest folders deeper than Python recurses, than descriptors suffice for, and than a
path may be long (``PATH_MAX``). So one descriptor is open at a time, names are looked up in it
(openat(2)), and no link is followed. The way up is ``..``, and must lead to where we came from.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

ENTER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class TreeEntry:
    """One entry of a walk. Good until the next is asked for.

    ``fd`` is the folder that it stands in, ``above`` the names that lead there from the top.
    """

    fd: int
    name: str
    above: list[str]
    is_folder: bool

    @property
    def path(self) -> str:
        """The path below the top, of any length."""
        return "/".join((*self.above, self.name))


@dataclass
class _Level:
    identity: tuple[int, int]
    left: list[tuple[str, bool]]


def walk_tree(top: int, *, ends_with_folder: bool = False) -> Iterator[TreeEntry]:
    """Yield all below an open folder, by name; a folder before what is in it, or after it.

    Raises ``OSError`` for what cannot be read, and when a folder is moved away meanwhile.
    """
    here = os.open(".", ENTER, dir_fd=top)
    try:
        above: list[str] = []
        levels = [_level(here)]
        while True:
            if levels[-1].left:
                name, is_folder = levels[-1].left.pop()
                if not (is_folder and ends_with_folder):
                    yield TreeEntry(here, name, above, is_folder)
                if is_folder:
                    here = _move(here, name)
                    above.append(name)
                    levels.append(_level(here))
            elif above:
                levels.pop()
                here = _move(here, "..")
                name = above.pop()
                if _identity(here) != levels[-1].identity:
                    raise OSError(errno.ESTALE, "It was moved away meanwhile", name)
                if ends_with_folder:
                    yield TreeEntry(here, name, above, True)
            else:
                return
    finally:
        os.close(here)


def remove_tree(name: str, folder: int) -> None:
    """Remove the folder ``name`` of an open folder, and all that is in it.

    Links are removed, not followed. Raises ``OSError`` for what cannot be removed.
    """
    top = os.open(name, ENTER, dir_fd=folder)
    try:
        for entry in walk_tree(top, ends_with_folder=True):
            if entry.is_folder:
                os.rmdir(entry.name, dir_fd=entry.fd)
            else:
                os.unlink(entry.name, dir_fd=entry.fd)
    finally:
        os.close(top)
    os.rmdir(name, dir_fd=folder)


def _level(fd: int) -> _Level:
    with os.scandir(fd) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    return _Level(_identity(fd), sorted(found, reverse=True))


def _identity(fd: int) -> tuple[int, int]:
    at = os.fstat(fd)
    return at.st_dev, at.st_ino


def _move(here: int, name: str) -> int:
    """Open another folder in the place of this one."""
    there = os.open(name, ENTER, dir_fd=here)
    os.close(here)
    return there
