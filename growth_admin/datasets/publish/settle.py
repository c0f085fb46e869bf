"""Makes a staged tree what students may read: exactly the verified files, their modes, durable."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Final

from growth_admin.core.errors import Conflict
from growth_admin.datasets.facts import Control, FileRecord
from growth_admin.datasets.publish.folder import Folder, folder_mode, take_group
from growth_admin.datasets.publish.ownership import finish_take_over, own_copy, take_over

FILE_MODE: Final = 0o444
SYNC_EACH_UP_TO: Final = 64
"""Trees with more files are synced with their whole file system, in one call."""
_CHECK_EVERY: Final = 1000


class Settling:
    """One walk over a staged tree. Nothing that is not among ``files`` may be in it."""

    def __init__(
        self, files: Sequence[FileRecord], ours: Collection[str], control: Control
    ) -> None:
        self._sizes: Mapping[str, int] = {file.path: file.size_bytes for file in files}
        self._ours = set(ours)
        self._control = control
        self._seen = 0
        self._syncs_each = len(files) <= SYNC_EACH_UP_TO

    def settle(self, stage: Folder, name: str) -> Folder:
        """Give the tree ``name`` its modes; return it, open.

        Files become 0444, folders as ``folder_mode`` says, all get the group of the data folder.
        Raises ``Conflict`` if what lies there is not what was verified, plain ``OSError`` else.
        """
        finish_take_over(stage)
        root = self._settled_folder(stage, name)
        try:
            self._walk(root, "")
            missing = len(self._sizes) - self._seen
            if missing:
                raise _changed(f"{missing} of {len(self._sizes)} files are not there.")
        except BaseException:
            root.close()
            raise
        return root

    def make_durable(self, root: Folder) -> None:
        """Have all of the tree on the disk; small trees were synced file by file on the walk."""
        if self._syncs_each:
            root.sync()
        else:
            sync_file_system(root)

    def _walk(self, folder: Folder, prefix: str) -> None:
        finish_take_over(folder)
        with os.scandir(folder.fd) as found:
            entries = list(found)
        for entry in entries:
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                with self._settled_folder(folder, entry.name) as child:
                    self._walk(child, f"{path}/")
            elif path not in self._ours:
                self._settle_file(folder, entry, path)
        if self._syncs_each:
            folder.sync()

    def _settle_file(self, folder: Folder, entry: os.DirEntry[str], path: str) -> None:
        found = entry.stat(follow_symlinks=False)
        size_bytes = self._sizes.get(path)
        if size_bytes is None or not stat.S_ISREG(found.st_mode):
            raise _changed(f"{path!r} is not one of its files.")
        if found.st_size != size_bytes:
            raise _changed(f"{path!r} has {found.st_size} bytes instead of {size_bytes}.")
        is_right = (
            stat.S_IMODE(found.st_mode) == FILE_MODE
            and found.st_nlink == 1
            and found.st_gid == os.fstat(folder.fd).st_gid
        )
        if not is_right:
            settle_file(folder, entry.name, self._control)
        if self._syncs_each:
            with folder.opened(entry.name) as fd:
                os.fsync(fd)
        self._seen += 1
        if self._seen % _CHECK_EVERY == 0:
            self._control.check()

    def _settled_folder(self, parent: Folder, name: str) -> Folder:
        child = parent.enter(name)
        try:
            mode = folder_mode(parent, child) | 0o005
            if stat.S_IMODE(os.fstat(child.fd).st_mode) != mode:
                os.fchmod(child.fd, mode)
        except PermissionError:
            child.close()
            return take_over(parent, name)
        except BaseException:
            child.close()
            raise
        return child


def settle_file(folder: Folder, name: str, control: Control) -> None:
    """Give a file its mode and group; one that is not only ours to change is copied first.

    A second hard link would let whoever holds it change what was verified, and changing the mode
    would reach that name too.
    """
    with folder.opened(name) as fd:
        try:
            if os.fstat(fd).st_nlink == 1:
                os.fchmod(fd, FILE_MODE)
                take_group(fd, os.fstat(folder.fd).st_gid)
                return
        except PermissionError:
            pass
        own_copy(folder, name, fd, FILE_MODE, control)


def sync_file_system(folder: Folder) -> None:
    """Write all that is not yet on the disk of this file system; where that is unknown, all."""
    with suppress(AttributeError):  # no syncfs in this C library
        syncfs = ctypes.CDLL(None, use_errno=True).syncfs
        if syncfs(ctypes.c_int(folder.fd)) == 0:
            return
        code = ctypes.get_errno()
        if code not in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
            raise OSError(code, os.strerror(code), str(folder.path))
    os.sync()


def _changed(what: str) -> Conflict:
    return Conflict(
        f"What lies in the staging folder is not what was verified: {what}",
        hint="Somebody else wrote there. Nothing was published; start the job again.",
    )
