"""What another TA's server began: making it ours without its owner.

Only its owner may change the mode of a file or a folder. When a job goes on under another TA's
uid, what lies in its staging folder is replaced by copies (files) or by new folders that the old
entries move into. Both need no more than the group's right to read and write there.
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from typing import BinaryIO, Final

from growth_admin.core.fsops import STAGE_PREFIX
from growth_admin.datasets.facts import Control
from growth_admin.datasets.publish.folder import Folder, create_file, folder_mode, take_group

TAKEN_PREFIX: Final = ".growth-taken-"
_BLOCK_BYTES: Final = 8 << 20


def take_over(parent: Folder, name: str) -> Folder:
    """Put a folder of our own, with the same content, in the place of somebody else's.

    Goes on where a killed one stopped (``finish_take_over``).
    """
    fresh = parent.make(TAKEN_PREFIX + name)
    try:
        os.fchmod(fresh.fd, folder_mode(parent, fresh) | 0o005)
        with suppress(FileNotFoundError):
            with parent.enter(name) as old:
                for entry in old.names():
                    old.move(entry, fresh, entry)
            os.rmdir(name, dir_fd=parent.fd)
        parent.move(TAKEN_PREFIX + name, parent, name)
    except BaseException:
        fresh.close()
        raise
    return fresh


def finish_take_over(parent: Folder) -> None:
    """Finish what a killed ``take_over`` or copy left in this folder."""
    for entry in parent.names():
        if entry.startswith(TAKEN_PREFIX):
            with take_over(parent, entry.removeprefix(TAKEN_PREFIX)):
                pass
        elif entry.startswith(STAGE_PREFIX):
            found = parent.stat(entry)
            if found is not None and stat.S_ISREG(found.st_mode):
                parent.remove(entry)


def own_copy(folder: Folder, name: str, source_fd: int, mode: int, control: Control) -> None:
    """Replace a file by a copy that is ours, in one step.

    Raises ``OSError``, and what ``control.check`` raises; the file is then as it was.
    """
    stage = f"{STAGE_PREFIX}{secrets.token_hex(8)}"
    fd = create_file(folder, stage)
    try:
        with (
            os.fdopen(os.dup(source_fd), "rb") as source,
            os.fdopen(fd, "wb", closefd=False) as target,
        ):
            _copy(source, target, name, control)
        take_group(fd, os.fstat(folder.fd).st_gid)
        os.fchmod(fd, mode)
        os.fsync(fd)
        os.rename(stage, name, src_dir_fd=folder.fd, dst_dir_fd=folder.fd)
    except BaseException:
        folder.remove(stage)
        raise
    finally:
        os.close(fd)


def _copy(source: BinaryIO, target: BinaryIO, name: str, control: Control) -> None:
    """Copy to the end. Between blocks it asks and tells: uploads of many GB are copied, too."""
    size_bytes, done_bytes = os.fstat(source.fileno()).st_size, 0
    while block := source.read(_BLOCK_BYTES):
        target.write(block)
        done_bytes += len(block)
        if done_bytes < size_bytes:
            control.check()
            control.progress(done_bytes, size_bytes, unit="bytes", message=f"copying {name}")
