"""Proof of who asked for a job, for jobs that lie where others may write.

On the shared disk any TA could plant a job, move one, or put a link in its place, and wait for an
organiser's server to run it with the organiser's rights. So each user's servers keep a key in that
user's own home, and run only what was signed with it (HMAC-SHA-256, RFC 2104).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from growth_admin.core.errors import Conflict, StorageUnavailable
from growth_admin.core.fsops import create_exclusive, make_folder, storage_errors

KEY_BYTES: Final = 32


class Seal:
    """The key of one user, in a file that nobody else can read; made when it is first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key = b""

    def of(self, data: bytes) -> str:
        """Return the proof that this user wrote ``data``. Raises ``StorageUnavailable``."""
        return hmac.new(self._read(), data, hashlib.sha256).hexdigest()

    def is_good(self, data: bytes, proof: str) -> bool:
        """Return whether the proof is this user's, for exactly this ``data``."""
        if not self._key and not self._path.exists():
            return False  # this user never asked for anything
        return hmac.compare_digest(self.of(data), proof)

    def _read(self) -> bytes:
        if self._key:
            return self._key
        if not self._path.exists():
            make_folder(self._path.parent, is_private=True)
            with suppress(Conflict):  # another server of this user was faster
                create_exclusive(self._path, secrets.token_bytes(KEY_BYTES), mode=0o600)
        with storage_errors(self._path):
            fd = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                found = os.fstat(fd)
                key = os.read(fd, KEY_BYTES)
            finally:
                os.close(fd)
        if len(key) != KEY_BYTES or found.st_mode & 0o077 or found.st_uid != os.geteuid():
            raise StorageUnavailable(
                f"{self._path} is not a key that only you can read.",
                hint="Delete it; unfinished jobs of yours must then be started again.",
            )
        self._key = key
        return key
