"""Put the logs and the record into the shared folder.

Every file is made whole under a name of its own and then renamed: a reader never sees half of one,
and a FIFO or a link planted under the final name is replaced, not followed. As root we act as the
owner of the logs folder while writing, so a trick in that folder can reach only what is his.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time

from .record import Moment, Record
from .scripts import become_owner
from .settings import Settings

RECORDS_KEPT = 20
_RECORD_FILE_LIMIT_BYTES = 1024 * 1024
_LOCK_PATIENCE_S = 1.0


def publish(settings: Settings, record: Record) -> None:
    """Write all; what could not be written is noted in the record. Runs in a child: may hang.

    Raises OSError if the record itself cannot be written.
    """
    folder = settings.logs_folder
    if settings.is_root:
        become_owner(folder if _exists(folder) else settings.admin_root)
    noted = len(record.notes)
    try:
        _publish_in(folder, settings, record)
    except PermissionError:
        if not settings.is_root:
            raise
        del record.notes[noted:]
        os.seteuid(0)
        os.setegid(0)
        _publish_in(folder, settings, record)


def _publish_in(folder: str, settings: Settings, record: Record) -> None:
    _make_folder(folder, settings.admin_root)
    access = _Access(folder, settings)
    for report in record.reports:
        _rotate(os.path.join(folder, report.log_name))
        try:
            access.put(os.path.join(folder, report.log_name), bytes(report.log.text))
        except OSError as failed:
            record.notes.append(f"log {report.log_name} not written: {failed.strerror}")
    records = os.path.join(folder, "records")
    _make_folder(records, folder)
    _add_record(records, settings.file_stem, record.to_line(Moment()), access)


class _Access:
    """Who may read what we write: the folder's owner, and its group if that shuts students out.

    Logs may show what students must not see, so the group may read only if the folder's own mode
    lets it and the user who is starting is not a member; it is the admins' group by number, else.
    """

    def __init__(self, folder: str, settings: Settings) -> None:
        found = os.stat(folder)
        self.uid = found.st_uid
        self.gid = found.st_gid
        is_admins = settings.group_ids.get("GROWTH_ADMIN_GID") == str(found.st_gid)
        shuts_out = is_admins or found.st_gid not in _groups_of(settings)
        self.mode = 0o640 if found.st_mode & 0o040 and shuts_out and found.st_gid else 0o600

    def put(self, path: str, data: bytes) -> None:
        """Replace a file, for those who may read it. Raises OSError."""
        replace(path, data, self.uid, self.gid, self.mode)


def _groups_of(settings: Settings) -> list[int]:
    """The group numbers of the user whose server starts."""
    if not settings.is_root:
        return [os.getgid(), *os.getgroups()]
    import pwd

    try:
        account = pwd.getpwnam(settings.user)
    except KeyError:
        return []
    return os.getgrouplist(settings.user, account.pw_gid)


def _exists(path: str) -> bool:
    try:
        os.lstat(path)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _make_folder(path: str, like: str) -> None:
    """Make the folder if it is missing, with its parent's owner and nothing for others."""
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return
    found = os.stat(like)
    if os.geteuid() == 0:
        try:
            os.chown(path, found.st_uid, found.st_gid)
        except PermissionError:
            pass  # root is nobody there (root_squash); the group comes from the folder above
    os.chmod(path, stat.S_IMODE(found.st_mode) & 0o2770)


def _rotate(path: str) -> None:
    """Keep the log of the start before as `.log.1`; anything but a plain file is thrown away."""
    try:
        if stat.S_ISREG(os.lstat(path).st_mode):
            os.rename(path, f"{path}.1")
        else:
            os.unlink(path)
    except OSError:
        return  # nothing there, or it cannot be moved: then writing the new one says why


def replace(path: str, data: bytes, uid: int, gid: int, mode: int) -> None:
    """Make `path` hold `data`, whole or not at all, for this owner and group. Raises OSError.

    Without the right to give it to the group it is its owner's alone.
    """
    staged = f"{path}.{os.urandom(4).hex()}.tmp"
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            if os.geteuid() == 0:
                try:
                    os.fchown(descriptor, uid, gid)
                except PermissionError:
                    pass  # root is nobody there (root_squash), and so is the file's owner
            is_groups = os.fstat(descriptor).st_gid == gid
            os.fchmod(descriptor, mode if is_groups else 0o600)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.rename(staged, path)
    except OSError:
        os.unlink(staged)
        raise


def _add_record(folder: str, stem: str, line: str, access: _Access) -> None:
    """Add a line to this server's records and keep the last 20, oldest first."""
    path = os.path.join(folder, f"{stem}.jsonl")
    lock = _lock(os.path.join(folder, ".lock"))
    try:
        # A line that comes late (its mount was sick) still goes to its place in time.
        lines = sorted([*_old_lines(path), line.encode()])[-RECORDS_KEPT:]
        access.put(path, b"".join(one + b"\n" for one in lines))
    finally:
        if lock is not None:
            os.close(lock)


def _old_lines(path: str) -> list[bytes]:
    """The whole lines of the record file so far; [] if there is none to be trusted."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return []
    with open(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return []
        file.seek(max(0, found.st_size - _RECORD_FILE_LIMIT_BYTES))
        lines = file.read(_RECORD_FILE_LIMIT_BYTES).split(b"\n")
    return [one for one in lines if one.startswith(b'{"schema"') and one.endswith(b"}")]


def _lock(path: str) -> int | None:
    """Hold the records' lock so that two starts at once lose no line; None where locks fail."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    deadline = time.monotonic() + _LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except OSError as failed:
            if failed.errno not in (errno.EAGAIN, errno.EACCES) or time.monotonic() > deadline:
                os.close(descriptor)
                return None
            time.sleep(0.01)
