"""Which archive format a file has, by its name and by its first bytes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from growth_admin.datasets.archive.streams import MAGIC
from growth_admin.datasets.archive.tar_headers import BLOCK, is_header

_SUFFIXES: Final = {
    ".tar.gz": "tar.gz",
    ".tgz": "tar.gz",
    ".tar.bz2": "tar.bz2",
    ".tbz2": "tar.bz2",
    ".tbz": "tar.bz2",
    ".tar.xz": "tar.xz",
    ".txz": "tar.xz",
    ".tar.zst": "tar.zst",
    ".tzst": "tar.zst",
    ".tar": "tar",
    ".zip": "zip",
    ".7z": "7z",
    ".gz": "gz",
    ".bz2": "bz2",
    ".xz": "xz",
    ".zst": "zst",
}
"""Endings and the formats they stand for, the longer before the shorter."""
_ZIP_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")
_7Z_MAGIC: Final = b"7z\xbc\xaf'\x1c"


def format_of_name(name: str) -> str:
    """Return the archive format that a file name stands for (``tar.gz``), empty if none."""
    return next((kind for end, kind in _SUFFIXES.items() if name.lower().endswith(end)), "")


def stem_of_name(name: str) -> str:
    """Return a file name without the ending of its archive format."""
    ends = [end for end in _SUFFIXES if name.lower().endswith(end)]
    return name[: -len(ends[0])] if ends else name


def format_of_file(path: Path) -> str:
    """Return the format of a file: by its first bytes, then by its name; empty if it is none.

    The name decides only what is inside a compressed file, ``x.tar.gz`` or ``x.csv.gz``. Raises
    ``OSError``.
    """
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        head = os.pread(fd, BLOCK, 0)
    finally:
        os.close(fd)
    if head.startswith(_ZIP_MAGIC):
        return "zip"
    if head.startswith(_7Z_MAGIC):
        return "7z"
    for compression, magic in MAGIC.items():
        if head.startswith(magic):
            is_tar = format_of_name(path.name).startswith("tar")
            return f"tar.{compression}" if is_tar else compression
    is_tar = len(head) == BLOCK and (is_header(head) or not any(head))
    return "tar" if is_tar and (any(head) or format_of_name(path.name) == "tar") else ""
