"""Files on NFS: every write is whole or not there, every read has an end.

A file is staged beside its target (same export), synced, renamed over it, and the folder is
synced. NFS makes ``rename`` and ``link`` atomic on the server (RFC 8881, sections 18.9 and
18.26); it does not make ``O_APPEND`` atomic between clients, so each log has one writer.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from growth_admin.core.errors import Conflict, NotFound, StorageFull, StorageUnavailable

STAGE_PREFIX: Final = ".growth-stage-"
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn an ``OSError`` on ``path`` into the error that says what to do next.

    Raises ``StorageFull``, ``NotFound`` or ``StorageUnavailable``.
    """
    try:
        yield
    except FileNotFoundError as e:
        raise NotFound(f"{e.filename or path} does not exist.") from e
    except OSError as e:
        if e.errno in _FULL:
            raise StorageFull(f"There is no room left to write {path}.") from e
        raise StorageUnavailable(
            f"{path} cannot be used: {e.strerror or e}.",
            hint="Check that the folder is mounted and that your group may write there.",
        ) from e


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` last. File systems that cannot sync a folder are left alone."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):
            os.fsync(fd)
    finally:
        os.close(fd)


def make_folder(folder: Path, *, is_private: bool = False) -> None:
    """Create a folder and its missing parents; each takes after the folder it stands in.

    Admins' servers run under different uids (the hub makes each user's uid from the GitHub id)
    and share a group, so a new folder gets its parent's group, mode and set-group-id bit whatever
    the umask says. Nobody else may ever write there, nor even look if it ``is_private``.
    """
    missing: list[Path] = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        parent = path.parent.stat()
        try:
            path.mkdir()
        except FileExistsError:  # another server was faster, and settles the mode itself
            continue
        is_shared = _take_group(path, path.stat(), parent.st_gid)
        kept = (0o2775 if is_shared else 0o705) & (0o2770 if is_private else 0o2775)
        path.chmod(parent.st_mode & kept | 0o700)


def _stat_if_there(path: Path) -> os.stat_result | None:
    """Return the state of a file; nothing only if it is known not to be there.

    ``Path.exists`` also says no to what cannot be looked at (since Python 3.14).
    """
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _take_group(file: int | Path, stat_now: os.stat_result, gid: int) -> bool:
    """Give a new file the group ``gid``; return whether it has it."""
    if stat_now.st_gid == gid:
        return True
    try:
        os.chown(file, -1, gid)
    except PermissionError:
        return False
    return True


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
    os.fsync(fd)


def _settle(fd: int, folder: Path, mode: int | None, old: os.stat_result | None) -> None:
    """Give a file we just made its owner and mode: the old ones, or those of its folder.

    A group that is neither the old file's nor the folder's is our own, which may be everybody's
    (``users`` in the images): it gets no more than others do.
    """
    around = folder.stat()
    is_known = (old is not None and _keep_owner(fd, old)) or _take_group(
        fd, os.fstat(fd), around.st_gid
    )
    if mode is None:
        mode = 0o600 | around.st_mode & 0o060 if old is None else stat.S_IMODE(old.st_mode)
    os.fchmod(fd, mode if is_known else mode & ~0o2070 | (mode & 0o007) << 3)


def _keep_owner(fd: int, old: os.stat_result) -> bool:
    """Give the staged file the old owner, or at least the old group; return whether we could."""
    for uid, gid in ((old.st_uid, old.st_gid), (-1, old.st_gid)):
        with suppress(PermissionError):
            os.fchown(fd, uid, gid)
            return True
    return False


@contextmanager
def _staged(
    path: Path, data: bytes, mode: int | None, old: os.stat_result | None = None
) -> Iterator[Path]:
    """Yield a synced file with ``data`` beside ``path``; it is gone afterwards, come what may."""
    stage = path.with_name(f"{STAGE_PREFIX}{path.name[:80]}-{secrets.token_hex(6)}")
    fd = os.open(stage, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        try:
            _settle(fd, path.parent, mode, old)
            _write_all(fd, data)
        finally:
            os.close(fd)
        yield stage
    finally:
        stage.unlink(missing_ok=True)


@contextmanager
def replacing(
    path: Path,
    data: bytes,
    *,
    mode: int | None = None,
    is_private: bool = False,
    follows: bool = True,
) -> Iterator[Callable[[], None]]:
    """Stage ``data`` for ``path`` and yield the function that puts it there, in one step.

    For what must be known to fit on the disk before something else is done. Without a call of
    the function nothing changes. Owner, mode, links and errors as in ``write_atomic``.
    """
    with storage_errors(path):
        is_link = path.is_symlink()
        target = Path(os.path.realpath(path)) if is_link and follows else path
        make_folder(target.parent, is_private=is_private)
        old = None if is_link and not follows else _stat_if_there(target)
        fresh_mode = 0o644 if old is None and mode is None and not is_private else mode
        with _staged(target, data, fresh_mode, old) as stage:

            def put() -> None:
                stage.replace(target)
                sync_folder(target.parent)

            yield put


def write_atomic(
    path: Path,
    data: bytes,
    *,
    mode: int | None = None,
    is_private: bool = False,
    follows: bool = True,
) -> None:
    """Replace ``path`` with ``data``: readers see the old content or the new one, never a half.

    An existing file keeps its owner (where we may) and, unless ``mode`` says otherwise, its mode;
    a new one gets ``mode`` or 0644, and if it ``is_private`` it is for those only who may use its
    folder: owner and group. A symbolic link is followed, so that the file it names is replaced
    and the link stays; where others may write the folder, say that it is not (``follows``), and the
    link itself is replaced. Raises ``StorageFull`` or ``StorageUnavailable``; the old content is
    then untouched.
    """
    with replacing(path, data, mode=mode, is_private=is_private, follows=follows) as put:
        put()


def create_exclusive(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Create ``path`` with ``data``, whole, if nobody else has; ``link`` decides who was first.

    The file is for those who may use its folder, or gets ``mode``. Raises ``Conflict`` if the path
    exists.
    """
    with storage_errors(path):
        make_folder(path.parent, is_private=True)
        with _staged(path, data, mode) as stage:
            try:
                os.link(stage, path)
            except FileExistsError as e:
                # NFS: the reply to a link that worked may get lost, and its repetition fails;
                # the second name tells (open(2), section on O_EXCL)
                if stage.stat().st_nlink != 2:
                    raise Conflict(f"{path.name} exists already.") from e
        sync_folder(path.parent)


def append_line(path: Path, line: bytes) -> int:
    """Append one line and sync it; return the file's size then, in bytes.

    Only the one writer of this file may call this.

    A line that a killed writer left half is ended first, so that it spoils itself only. A new
    file is for those who may use its folder.
    """
    with storage_errors(path):
        make_folder(path.parent, is_private=True)
        is_new = not path.exists()
        fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            if is_new:
                _settle(fd, path.parent, None, None)
            size = os.fstat(fd).st_size
            is_cut = size > 0 and os.pread(fd, 1, size - 1) != b"\n"
            try:
                _write_all(fd, (b"\n" if is_cut else b"") + line + b"\n")
            except OSError:
                os.ftruncate(fd, size)
                raise
            return os.fstat(fd).st_size
        finally:
            os.close(fd)


def overwrite(path: Path, data: bytes) -> None:
    """Write ``data`` over the beginning of an existing file, in place.

    Not atomic, but it needs no room on the disk when the file is as long already. Raises
    ``NotFound`` or ``StorageUnavailable``.
    """
    with storage_errors(path):
        fd = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
        try:
            _write_all(fd, data)
        finally:
            os.close(fd)


@contextmanager
def _regular(path: Path) -> Iterator[int]:
    """Yield a descriptor of a regular file; a pipe or a device is refused, not waited for."""
    with storage_errors(path):
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise StorageUnavailable(
                    f"{path} is not a regular file.", hint="Move it away; it may be a pipe."
                )
            yield fd
        finally:
            os.close(fd)


def read_bytes(path: Path, *, limit_bytes: int = 16 * 1024 * 1024) -> bytes:
    """Return the content of a regular file, at most ``limit_bytes`` of it.

    A pipe or a device in the place of a file is refused instead of waited for. Raises
    ``NotFound`` or ``StorageUnavailable``.
    """
    return read_tail(path, offset=0, limit_bytes=limit_bytes)[0]


def read_tail(path: Path, *, offset: int, limit_bytes: int) -> tuple[bytes, int]:
    """Return up to ``limit_bytes`` from ``offset`` and the offset to go on from.

    Raises as ``read_bytes``.
    """
    with _regular(path) as fd:
        parts: list[bytes] = []
        end = offset + limit_bytes
        while offset < end and (part := os.pread(fd, min(end - offset, 1 << 20), offset)):
            parts.append(part)
            offset += len(part)
        return b"".join(parts), offset


def list_names(folder: Path) -> list[str]:
    """Return the names in a folder, none if it is not there. Raises ``StorageUnavailable``."""
    try:
        with storage_errors(folder):
            return [entry.name for entry in folder.iterdir()]
    except NotFound:
        return []


def list_marks(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Return the names in a folder, each with what changes when its file is replaced.

    That is inode, time of the last change in ns, and size. No file is opened; NFS sends these with
    the names (RFC 8881, section 18.23). Raises ``StorageUnavailable``.
    """
    found = {}
    with suppress(NotFound), storage_errors(folder), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # it went between two looks
                at = entry.stat(follow_symlinks=False)
                found[entry.name] = (at.st_ino, at.st_mtime_ns, at.st_size)
    return found


def remove_stale_stages(folder: Path, *, older_than_s: float, now_s: float) -> int:
    """Remove what killed writers left behind in ``folder``; return how many files went."""
    removed = 0
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith(STAGE_PREFIX):
                continue
            with suppress(OSError):
                if now_s - entry.stat(follow_symlinks=False).st_mtime > older_than_s:
                    Path(entry.path).unlink()
                    removed += 1
    return removed
