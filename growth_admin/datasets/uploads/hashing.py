"""SHA-256 of what is already on the disk, for uploads that outlived their server."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from growth_admin.datasets.facts import Control

if TYPE_CHECKING:
    from hashlib import _Hash

READ_BYTES: Final = 1024 * 1024


class Digest(NamedTuple):
    """SHA-256 of the first ``offset_bytes`` of an upload, ready to go on."""

    state: _Hash
    offset_bytes: int


def digest_of(path: Path, size_bytes: int, control: Control | None = None) -> Digest:
    """Return the digest of the first ``size_bytes`` of a file.

    ``control`` may end it and hears how far it is. Raises ``OSError``.
    """
    state = hashlib.sha256()
    buffer = memoryview(bytearray(min(READ_BYTES, size_bytes)))
    done_bytes = 0
    with path.open("rb", buffering=0) as file:
        while done_bytes < size_bytes:
            count = file.readinto(buffer[: size_bytes - done_bytes])
            if not count:
                raise OSError(f"{path} is shorter than {size_bytes} bytes")
            state.update(buffer[:count])
            done_bytes += count
            if control:
                control.check()
                control.progress(done_bytes, size_bytes, unit="bytes", message="Hashing")
    return Digest(state, done_bytes)
