"""Everything in both exports, as it stands: an inventory that can be compared with a later one.

Folders are gone through by descriptor, and no link is followed: who may write in the tree cannot
lead root out of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Literal

from growth_admin.core.errors import InvalidInput, StorageUnavailable
from growth_admin.core.fsops import storage_errors

RECORD: Final = ".growth-admin-move"
"""Folder at the top of the admin export that the move keeps its record in; no part of the tree."""
Export = Literal["admin", "shared"]
Kind = Literal["file", "folder", "link", "other"]
Roots = Mapping[Export, Path]
_FORMATS: Final[dict[int, Kind]] = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "folder",
    stat.S_IFLNK: "link",
}
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in an export; ``path`` is relative to it, ``.`` for the export itself."""

    export: Export
    path: str
    kind: Kind
    mode: int
    uid: int
    gid: int
    size_bytes: int = 0
    mtime_ns: int = 0
    links: int = 1
    target: str = ""
    """Where a link points."""
    sha256: str = ""
    """Of a file's content; empty when nobody asked."""
    inode: tuple[int, int] = (0, 0)

    @property
    def key(self) -> tuple[Export, str]:
        """What the entry is found by."""
        return self.export, self.path


def walk(
    roots: Roots, *, with_hashes: bool = False, seen: Callable[[Entry], None] = lambda _: None
) -> Iterator[Entry]:
    """Yield everything, each folder before what is in it. Another file system is not entered.

    Raises ``NotFound`` or ``StorageUnavailable``.
    """
    for export, root in roots.items():
        with storage_errors(root):
            if root.is_symlink():
                raise StorageUnavailable(f"{root} is a link.", hint="Name the folder itself.")
            for entry in _export(export, root, with_hashes):
                seen(entry)
                yield entry


def _export(export: Export, root: Path, with_hashes: bool) -> Iterator[Entry]:
    for place, folders, files, fd in os.fwalk(root, onerror=_refuse):
        here = os.path.relpath(place, root)
        if here == ".":
            now = os.fstat(fd)
            device = now.st_dev
            yield _entry(export, ".", now)
            if RECORD in folders and export == "admin":
                folders.remove(RECORD)
        entered = []
        for name in sorted([*folders, *files]):
            now = os.stat(name, dir_fd=fd, follow_symlinks=False)
            path = name if here == "." else f"{here}/{name}"
            entry = _entry(export, path, now)
            if entry.kind == "folder" and now.st_dev == device:
                entered.append(name)
            if entry.kind == "link":
                entry = replace(entry, target=os.readlink(name, dir_fd=fd))
            if entry.kind == "file" and with_hashes:
                entry = replace(entry, sha256=_sha256(name, fd))
            yield entry
        folders[:] = entered


def _refuse(error: OSError) -> None:
    raise error


def _entry(export: Export, path: str, now: os.stat_result) -> Entry:
    kind = _FORMATS.get(stat.S_IFMT(now.st_mode), "other")
    return Entry(
        export=export,
        path=path,
        kind=kind,
        mode=stat.S_IMODE(now.st_mode),
        uid=now.st_uid,
        gid=now.st_gid,
        size_bytes=now.st_size if kind == "file" else 0,
        mtime_ns=now.st_mtime_ns,
        links=now.st_nlink if kind == "file" else 1,
        inode=(now.st_dev, now.st_ino),
    )


def _sha256(name: str, folder_fd: int) -> str:
    with open(os.open(name, _FILE, dir_fd=folder_fd), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def opened(root: Path, path: str, kind: Kind) -> Iterator[int]:
    """Yield a descriptor of a file or folder below ``root``; no part of the way may be a link.

    Raises ``OSError``, as ``open`` does.
    """
    parts = [] if path == "." else path.split("/")
    fd = os.open(root, _FOLDER)
    try:
        for number, part in enumerate(parts, 1):
            is_file = kind == "file" and number == len(parts)
            inner = os.open(part, _FILE if is_file else _FOLDER, dir_fd=fd)
            os.close(fd)
            fd = inner
        yield fd
    finally:
        os.close(fd)


@contextmanager
def root_allowed(path: Path) -> Iterator[None]:
    """Turn a refusal that only an export can make into the sentence that mends it."""
    try:
        yield
    except PermissionError:
        raise StorageUnavailable(
            f"Root may not change {printable(str(path))}.",
            hint="The NFS server treats root as nobody: export both folders with no_root_squash to "
            "this machine, then run the same command again; it goes on.",
        ) from None


# ---- kept as lines of JSON, so that 100,000 files are read and written as they come


def to_lines(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield an inventory's lines. Names that are not UTF-8 survive (as lone surrogates)."""
    for entry in entries:
        found = asdict(entry)
        del found["inode"]  # another copy of the same tree has others
        yield json.dumps(found, separators=(",", ":")).encode() + b"\n"


def from_lines(lines: Iterable[bytes], name: str) -> dict[tuple[Export, str], Entry]:
    """Return an inventory by ``Entry.key``. Raises ``InvalidInput``."""
    try:
        entries = [Entry(**json.loads(line)) for line in lines]
    except (ValueError, TypeError) as e:
        raise InvalidInput(f"{name} is not an inventory of this program: {e}.") from None
    return {entry.key: entry for entry in entries}


def differences(
    before: Mapping[tuple[Export, str], Entry],
    after: Mapping[tuple[Export, str], Entry],
    *,
    with_owners: bool = True,
) -> Iterator[str]:
    """Yield in words what is missing or changed; hashes count where both have them.

    A folder's own time is not looked at: it says that something came or went, which is told.
    """
    for key, was in before.items():
        now = after.get(key)
        if now is None:
            yield f"{shown(key)} is missing"
        elif said := ", ".join(_changes(was, now, with_owners)):
            yield f"{shown(key)}: {said}"


def _changes(was: Entry, now: Entry, with_owners: bool) -> Iterator[str]:
    if was.kind != now.kind:
        yield f"{was.kind} became {now.kind}"
        return
    if was.kind == "file" and (was.size_bytes, was.mtime_ns) != (now.size_bytes, now.mtime_ns):
        yield f"{was.size_bytes} bytes became {now.size_bytes}, or its time changed"
    if was.sha256 and now.sha256 and was.sha256 != now.sha256:
        yield "its content changed"
    if was.target != now.target:
        yield f"the link to {was.target} became one to {now.target}"
    if was.links != now.links:
        yield f"{was.links} names became {now.links}"
    if with_owners and was.kind != "link" and (was.uid, was.gid) != (now.uid, now.gid):
        yield f"owner {was.uid}:{was.gid} became {now.uid}:{now.gid}"
    if with_owners and was.kind != "link" and was.mode != now.mode:
        yield f"mode {was.mode:o} became {now.mode:o}"


def shown(key: tuple[Export, str]) -> str:
    """Return a path with its export, as it can be printed."""
    return printable(f"{key[0]}:{key[1]}")


def printable(path: str) -> str:
    """Return a path in ASCII, whatever bytes and line ends are in it."""
    return ascii(path)[1:-1]
