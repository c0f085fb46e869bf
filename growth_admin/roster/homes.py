"""Homes of people who leave: packed, read back, and only then deleted.

Works where the folder of all homes can be reached from this server. Links are packed as links and
never followed; a home that is a link itself is refused.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Final

import zstandard

from growth_admin.core.errors import InvalidInput, StorageUnavailable
from growth_admin.core.fsops import (
    make_folder,
    read_bytes,
    storage_errors,
    sync_folder,
    write_atomic,
)
from growth_admin.core.paths import safe_name
from growth_admin.core.trees import ENTER, TreeEntry, remove_tree, walk_tree
from growth_admin.core.words import count, in_words

LEVEL: Final = 6
PIECE_BYTES: Final = 1 << 20
SHOWN_CHARS: Final = 200
"""Characters of a path that are shown beside the progress; a student may make it any length."""
GOING: Final = ".growth-leaving-"
UID_FROM: Final = 10_000
"""From here on a uid is a GitHub account's (``container_uid`` in ``deploy/hub_config.py``)."""
UID_MOVED: Final = 2_000_000_000

Check = Callable[[], None]
Report = Callable[[float, str], None]


@dataclass(frozen=True)
class Archive:
    """A packed home."""

    path: Path
    sha256: str
    files: int
    size_bytes: int

    @property
    def in_words(self) -> str:
        """The archive in one line."""
        return (
            f"{self.path}: {count(self.files, 'file')} and folders, "
            f"{in_words(self.size_bytes)}, sha256 {self.sha256}"
        )


class Homes:
    """The homes below one folder, and the folder where archives go."""

    def __init__(self, root: Path | None, archive: Path) -> None:
        self._root = root
        self._archive = archive

    def require_reach(self, container: str, number: int | None) -> None:
        """Return if this home can be packed and deleted from here.

        Raises ``InvalidInput`` with the reason, and what to run by hand.
        """
        by_hand = (
            f"Keep it, or by hand where the homes are: tar --zstd -cf {container}.tar.zst "
            f"{container}, and after a look into the archive rm -r {container}."
        )
        if self._root is None:
            raise InvalidInput(
                "Homes cannot be reached from this server (RosterManager.homes_root is not set).",
                hint=by_hand,
            )
        home = self._home(container)
        if not home.exists():
            return
        owner = home.stat().st_uid
        if number is not None and owner >= UID_FROM and owner != uid_of(number):
            raise InvalidInput(
                f"The home {home} belongs to another account (uid {owner}).",
                hint="Look whose it is before anything is done with it.",
            )
        is_readable = os.access(home, os.R_OK | os.X_OK)
        if not is_readable or not os.access(home.parent, os.W_OK | os.X_OK):
            raise InvalidInput(f"This server may not read or remove {home}.", hint=by_hand)

    def pack(self, container: str, label: str, check: Check, report: Report) -> Archive | None:
        """Pack a home, read it back, and return the archive; nothing if there is no home.

        ``label`` makes the name unique. ``check`` is asked between files and may raise to stop.
        An archive of this label that is whole already is returned as it is. Raises
        ``StorageUnavailable`` or ``StorageFull``; nothing is left half.
        """
        home, path = self._home(container), self._archive / f"{container}-{label}.tar.zst"
        if path.exists():
            return self._verify(path, check)
        if not home.exists():
            return None
        make_folder(self._archive, is_private=True)
        stage = path.with_name(f"{path.name}.part")
        try:
            with storage_errors(stage):
                written = _write(home, stage, check, report)
            archive = self._verify(stage, check, written)
            with storage_errors(path):
                known = path.with_name(f"{path.name}.sha256")
                write_atomic(known, f"{archive.sha256}  {path.name}\n".encode(), is_private=True)
                stage.replace(path)
                sync_folder(self._archive)
        finally:
            with suppress(FileNotFoundError, NotADirectoryError):
                stage.unlink()
        return replace(archive, path=path)

    def remove(self, container: str) -> bool:
        """Delete a home; return whether there was one. Safe to run again."""
        home = self._home(container)
        going = home.with_name(f"{GOING}{container}")
        with storage_errors(home):
            was_there = _clear(going)  # what a killed run left; there may be a new home beside it
            if home.exists():
                home.rename(going)
                was_there = _clear(going)
        return was_there

    def _home(self, container: str) -> Path:
        assert self._root is not None  # require_reach comes first
        home = self._root / safe_name(container, "home")
        if home.is_symlink():
            raise InvalidInput(f"{home} is a link.", hint="Look where it leads, by hand.")
        return home

    def _verify(self, path: Path, check: Check, written: int | None = None) -> Archive:
        """Read an archive to its end. Raises ``StorageUnavailable`` if it is not as written."""
        known = path.with_name(f"{path.name}.sha256")
        with storage_errors(path):
            files, sha256 = _read(path, check)
            is_same = files == written
            if written is None:
                is_same = read_bytes(known).decode().split()[0] == sha256
            if not is_same:
                raise StorageUnavailable(
                    f"{path} does not hold what was written to it.",
                    hint="Move it away and try again. The home is untouched.",
                )
            return Archive(path, sha256, files, path.stat().st_size)


def _clear(folder: Path) -> bool:
    """Delete a folder and all in it; return whether it was there."""
    if not folder.exists():
        return False
    around = os.open(folder.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        remove_tree(folder.name, around)
    finally:
        os.close(around)
    return True


def uid_of(number: int) -> int:
    """Return the uid that the hub gives the container of a GitHub account."""
    return number if number >= UID_FROM and number not in (65533, 65534) else UID_MOVED + number


def _write(home: Path, stage: Path, check: Check, report: Report) -> int:
    """Write the archive and return how many entries it holds."""
    fd = os.open(stage, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(fd, "wb") as file:
        packer = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
        with packer.stream_writer(file, closefd=False) as packed:
            written = _pack(home, packed, check, report)
        file.flush()
        os.fsync(file.fileno())
    return written


def _pack(home: Path, packed: Any, check: Check, report: Report) -> int:
    written = 0
    top = os.open(home, ENTER)
    try:
        with tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            tar.addfile(tar.gettarinfo(home, arcname=home.name))
            for entry in walk_tree(top):
                check()
                if _add(tar, entry, home.name):
                    written += 1
                    report(written, entry.path[:SHOWN_CHARS])
    finally:
        os.close(top)
    return written + 1


def _add(tar: tarfile.TarFile, entry: TreeEntry, top: str) -> bool:
    """Add an entry; return whether it can be in an archive. What cannot be read is an error."""
    # by the descriptor: the path may be longer than a system call takes
    here = f"/proc/self/fd/{entry.fd}/{entry.name}"
    info = tar.gettarinfo(here, arcname=f"{top}/{entry.path}")
    if info is None:  # a socket: it has no content
        return False
    if info.isreg():
        fd = os.open(entry.name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=entry.fd)
        with os.fdopen(fd, "rb") as content:
            tar.addfile(info, content)
    else:
        tar.addfile(info)
    _forget(tar)
    return True


def _forget(tar: tarfile.TarFile) -> None:
    """Keep no entries in memory: there may be a million, with names as long as somebody likes."""
    tar.members.clear()  # type: ignore[attr-defined]  # typeshed lacks it


class _Hashing:
    """A file whose bytes are hashed as they are read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.digest.update(piece)
        return piece


def _read(path: Path, check: Check) -> tuple[int, str]:
    """Return how many entries an archive holds, and its hash; every byte is unpacked."""
    files = 0
    with path.open("rb") as file:
        hashing = _Hashing(file)
        try:
            with zstandard.ZstdDecompressor().stream_reader(hashing) as unpacked:  # type: ignore[arg-type]  # it only reads
                with tarfile.open(fileobj=unpacked, mode="r|") as tar:
                    while member := tar.next():
                        check()
                        files += 1
                        _drain(tar.extractfile(member) if member.isreg() else None, check)
                        _forget(tar)
                while unpacked.read(PIECE_BYTES):
                    pass
        except (tarfile.TarError, zstandard.ZstdError, EOFError) as e:
            raise StorageUnavailable(
                f"{path} cannot be read back: {e}.", hint="The home is untouched. Try again."
            ) from e
        while hashing.read(PIECE_BYTES):
            pass
    return files, hashing.digest.hexdigest()


def _drain(content: IO[bytes] | None, check: Check) -> None:
    while content is not None and content.read(PIECE_BYTES):
        check()
