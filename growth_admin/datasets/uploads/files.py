"""Where the parts of one upload lie, and how many of its bytes count."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path


class UploadFiles:
    """The folder of one upload: ``info.json`` is written once, the rest tells how far it is.

    ``unverified`` holds the offset from which on bytes still have to match a checksum;
    ``unchecked`` is there once bytes have come without one; ``sha256`` is that of the whole.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.info = folder / "info.json"
        self.data = folder / "data"
        self.lock = folder / "lock"
        self.sha256 = folder / "sha256"
        self.unverified = folder / "unverified"
        self.unchecked = folder / "unchecked"

    def offset_bytes(self) -> int:
        """Return how many bytes count. Raises ``FileNotFoundError``."""
        size_bytes = self.data.stat().st_size
        try:
            verified = self.unverified.read_text()
        except FileNotFoundError:
            return size_bytes
        return min(size_bytes, int(verified)) if verified else size_bytes

    def recover(self) -> int:
        """Throw away what a killed server left unverified; return how many bytes there are."""
        offset_bytes = self.offset_bytes()
        if self.unverified.exists():
            os.truncate(self.data, offset_bytes)
            self.unverified.unlink()
        return offset_bytes

    def known_sha256(self) -> str:
        """Return the digest of the whole if it is known, else nothing."""
        with suppress(FileNotFoundError):
            found = self.sha256.read_text()
            return found if re.fullmatch(r"[0-9a-f]{64}", found) else ""
        return ""


def new_file(path: Path, data: bytes = b"") -> None:
    """Create a file and make it last; for those who may use its folder. Raises ``OSError``."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        os.fchmod(fd, 0o600 | path.parent.stat().st_mode & 0o060)
        if data:
            os.write(fd, data)
            os.fsync(fd)
    finally:
        os.close(fd)
