"""One file from the shelf to the home: checked against the manifest, whole or not at all.

It grows in ~/data/.growth-data under the name of its SHA-256, so that a copy that was interrupted
goes on where it was, and is renamed when it is whole. A large file is synced first. A small one is
not, because that costs milliseconds, and there may be ten thousand: if the whole machine dies, a
disk may show it as empty, and an empty file is never taken for the student's (base.py).
"""

from __future__ import annotations

import errno
import os
import stat
import time

from .base import facts_of

_CHUNK_BYTES = 1024 * 1024
_SYNC_LIMIT_S = 60
_SYNCED_FROM_BYTES = 256 * 1024
_ROOM_EVERY_S = 0.5

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .settings import Settings
    from .watched import Watch


class NoRoom(Exception):
    """The home is full, or would be; the text says how much is missing."""


class Damaged(Exception):
    """What is published is not what its manifest says."""


class Parts:
    """The folder where files grow."""

    def __init__(self, settings: Settings, watch: Watch) -> None:
        self._settings = settings
        self._watch = watch
        self._folder = os.path.join(settings.folder, ".growth-data")
        self._is_made = False
        self._room_bytes = 0
        self._room_asked = 0.0
        self.wanted: set[str] = set()

    def place(
        self,
        source: str,
        target: str,
        sha256: str,
        size_bytes: int,
        note: Callable[[tuple[str, int, int]], None],
    ) -> tuple[str, int, int]:
        """Put the file at `source` to `target`, over what is there; returns what to remember.

        `note` is told the same just before. Raises NoRoom, Damaged,
        OutOfTime (the part stays), OSError.
        """
        if not self._is_made:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            self._is_made = True
        part = os.path.join(self._folder, sha256)
        self.wanted.add(sha256)
        self._check_room(part, size_bytes)
        try:
            # twice: what lay there from an interrupted run may have been bad
            if not any(self._grow(source, part, sha256, size_bytes) for _ in range(2)):
                raise Damaged("is not what was published; tell an organiser")
            facts = facts_of(part, sha256)
            note(facts)
            os.rename(part, target)
        except OSError as failed:
            if failed.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            _remove(part)
            raise NoRoom(f"no room in your home: {failed.strerror}") from failed
        self.wanted.discard(sha256)
        return facts

    def tidy(self) -> None:
        """Remove the parts that nobody will go on with. Raises OSError."""
        try:
            names = os.listdir(self._folder)
        except FileNotFoundError:
            return
        for name in names:
            if name not in self.wanted:
                _remove(os.path.join(self._folder, name))
        if not self.wanted:
            os.rmdir(self._folder)

    def _check_room(self, part: str, size_bytes: int) -> None:
        """Raises NoRoom. The disk is asked now and then, and before a large file."""
        now = time.monotonic()
        self._room_bytes -= size_bytes
        if now - self._room_asked > _ROOM_EVERY_S or self._room_bytes < 0:
            try:
                there = os.lstat(part).st_size
            except FileNotFoundError:
                there = 0
            self._room_bytes = self._settings.room_bytes() - (size_bytes - there)
            self._room_asked = now
            if self._room_bytes < 0:
                missing = spell_size(-self._room_bytes)
                raise NoRoom(f"no room in your home: {missing} more are needed")

    def _grow(self, source: str, part: str, sha256: str, size_bytes: int) -> bool:
        """Make the part whole and check it; it is gone and this is False if it is not right."""
        from hashlib import sha256 as new_sha256

        digest = new_sha256()
        origin = os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(origin).st_mode):
                raise Damaged("is not a plain file")
            copy = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                done = self._read(copy, digest.update)
                os.lseek(origin, done, os.SEEK_SET)
                done += self._read(origin, lambda chunk: _both(digest.update, copy, chunk))
                if done != size_bytes or digest.hexdigest() != sha256:
                    _remove(part)
                    return False
                os.fchmod(copy, 0o644)
                if size_bytes >= _SYNCED_FROM_BYTES:
                    self._watch.expect_silence(_SYNC_LIMIT_S)
                    os.fsync(copy)
            finally:
                os.close(copy)
        finally:
            os.close(origin)
        return True

    def _read(self, descriptor: int, use: Callable[[bytes], None]) -> int:
        """Hand over everything up to the end; returns how many bytes."""
        done = 0
        while chunk := os.read(descriptor, _CHUNK_BYTES):
            use(chunk)
            done += len(chunk)
            self._watch.beat()
        return done


def _both(update: Callable[[bytes], None], copy: int, chunk: bytes) -> None:
    update(chunk)
    view = memoryview(chunk)
    while view:
        view = view[os.write(copy, view) :]


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def spell_size(size_bytes: float) -> str:
    """For people: `1.5 GB`."""
    for unit in ("bytes", "kB", "MB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}" if unit != "MB" else f"{size_bytes:.1f} MB"
        size_bytes /= 1000
    return f"{size_bytes:.1f} GB"
