"""A folder that hangs, as one on a sick NFS does: whoever opens a file there waits.

Linux's fanotify asks us before each open in the folder, and we do not answer. Needs root.
Source: fanotify(7), FAN_OPEN_PERM.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

FAN_CLASS_CONTENT: Final = 0x4
FAN_CLOEXEC: Final = 0x1
FAN_MARK_ADD: Final = 0x1
FAN_OPEN_PERM: Final = 0x10000
FAN_EVENT_ON_CHILD: Final = 0x08000000
AT_FDCWD: Final = -100


@contextmanager
def hanging(folder: Path) -> Iterator[None]:
    """Let every open of a file in ``folder`` wait until the block is left."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.fanotify_mark.argtypes = [
        *(ctypes.c_int, ctypes.c_uint, ctypes.c_uint64, ctypes.c_int, ctypes.c_char_p)
    ]
    group = libc.fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, os.O_RDONLY)
    if group < 0:
        raise OSError(ctypes.get_errno(), "fanotify_init")
    try:
        mask = FAN_OPEN_PERM | FAN_EVENT_ON_CHILD
        if libc.fanotify_mark(group, FAN_MARK_ADD, mask, AT_FDCWD, bytes(folder)) < 0:
            raise OSError(ctypes.get_errno(), "fanotify_mark")
        yield
    finally:
        os.close(group)  # whoever waits goes on
