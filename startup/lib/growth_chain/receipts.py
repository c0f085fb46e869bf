"""What this start left of the datasets: from the student's home to the organisers' folder.

The student owns the file that `growth-data` leaves at home, so nothing of it is believed beyond
the student's own row: it is read as the student, at most 64 KiB, and written anew field by field
under the name of the user who starts. Both folders may hang, so a child does all of this.
"""

from __future__ import annotations

import os
import pwd
import stat

from . import children
from .publish import replace
from .record import Moment, to_json
from .scripts import become_owner
from .settings import Settings

READ_LIMIT_BYTES = 64 * 1024
DATASETS_LIMIT = 200
IN_RECORD_LIMIT = 50
_LATE_WRITING_S = 600
_DELIVERIES = ("link", "copy")
_STATES = ("current", "behind", "edited", "partial", "missing")
_NAME_LIMIT, _DETAIL_LIMIT, _FILES_LIMIT = 64, 200, 10**9

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Fields = dict[str, str | int]


class Unusable(Exception):
    """The home's receipt cannot be used; the text says why."""


class Told:
    """What goes into the start's record: datasets, how full the home is, notes on what failed."""

    def __init__(self) -> None:
        self.data: list[dict[str, str]] = []
        self.home: dict[str, int] | None = None
        self.notes: list[str] = []


def pass_on(settings: Settings) -> Told:
    """Pass the receipt on, and look how full the home is."""
    answer = children.ask(
        lambda say: _pass_on(settings, say), settings.mount_limit_s, linger_s=_LATE_WRITING_S
    )
    told, is_read = Told(), False
    for kind, *fields in answer.messages:
        words = [field.decode("utf-8", "replace") for field in fields]
        is_read = is_read or kind != b"home"
        if kind == b"home":
            told.home = {"used_bytes": int(words[0]), "size_bytes": int(words[1])}
        elif kind == b"dataset":
            told.data.append(dict(zip(("name", "version", "state"), words, strict=True)))
        else:
            told.notes.append(words[0])
    if not answer.is_complete:
        where = settings.receipts_folder if is_read else "the home"
        told.notes.append(f"datasets: no receipt yet, {where} does not answer")
    del told.data[IN_RECORD_LIMIT:]
    return told


def _pass_on(settings: Settings, say: Callable[..., None]) -> None:
    """The child's work."""
    _tell_home(settings, say)
    try:
        text = _read_as_user(settings)
        if text is None:
            return
        datasets, moment = parse(text)
    except (Unusable, OSError) as odd:
        say(b"note", f"datasets: the receipt in the home is left out: {_reason(odd)}".encode())
        return
    for one in datasets:
        say(b"dataset", *(str(one[key]).encode() for key in ("name", "version", "state")))
    try:
        _write(settings, datasets, moment)
    except OSError as failed:
        note = f"datasets: no receipt in {settings.receipts_folder}: {_reason(failed)}"
        say(b"note", note.encode("utf-8", "replace"))


def _tell_home(settings: Settings, say: Callable[..., None]) -> None:
    """Say how full the disk of the home is, as `df` counts: used, and used or free for the user."""
    try:
        home = settings.environ.get("HOME", "/")
        if settings.is_root:
            home = pwd.getpwnam(settings.user).pw_dir
        disk = os.statvfs(home)
    except (OSError, KeyError):
        return  # no home: the start itself tells of that
    used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
    size = used + disk.f_bavail * disk.f_frsize
    if size > 0:
        say(b"home", b"%d" % used, b"%d" % size)


def _reason(failed: Exception) -> str:
    return str(failed.strerror) if isinstance(failed, OSError) else str(failed)


# -- reading


def _read_as_user(settings: Settings) -> bytes | None:
    """The file as the student reads it: a link in it leads nowhere that is closed to them.

    None if there is none. Raises OSError, Unusable.
    """
    if not settings.is_root:
        return _read(settings.environ.get("HOME", "/"))
    try:
        account = pwd.getpwnam(settings.user)
    except KeyError:
        return None
    groups = os.getgroups()
    os.setgroups(os.getgrouplist(settings.user, account.pw_gid))
    os.setegid(account.pw_gid)
    os.seteuid(account.pw_uid)
    try:
        return _read(account.pw_dir)
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)


def _read(home: str) -> bytes | None:
    path = os.path.join(home, ".local", "share", "growth-admin", "datasets.json")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unusable("it is not a regular file")
        text = bytearray()
        while chunk := os.read(descriptor, READ_LIMIT_BYTES):
            text += chunk
            if len(text) > READ_LIMIT_BYTES:
                raise Unusable(f"it is larger than {READ_LIMIT_BYTES} bytes")
        return bytes(text)
    finally:
        os.close(descriptor)


def parse(text: bytes) -> tuple[list[Fields], str]:
    """The datasets, each with just the fields that we know, and the time. Raises Unusable."""
    try:
        value = _from_json(text.decode())
        if value["schema"] != 1:
            raise Unusable("it is of another schema")
        listed = value["datasets"]
        if not isinstance(listed, list) or len(listed) > DATASETS_LIMIT:
            raise Unusable(f"it does not list datasets, or more than {DATASETS_LIMIT}")
        datasets = [_dataset(one) for one in listed]
        names = {one["name"] for one in datasets}
    except (ValueError, KeyError, TypeError, StopIteration, RecursionError):
        raise Unusable("it is malformed") from None
    if len(names) != len(datasets):
        raise Unusable("it names a dataset twice")
    return datasets, _time(value.get("time"))


def _from_json(text: str) -> Any:
    """The value. The scanner in C, without the `json` around it, saves each start 10 ms."""
    try:
        from _json import make_scanner
    except ImportError:
        import json

        return json.loads(text)
    scan: Any = make_scanner
    try:
        value, end = scan(_Context)(text.strip(), 0)
    except SystemError:  # how it says "malformed" before Python 3.12 where nobody imported `json`
        raise ValueError("malformed") from None
    if end != len(text.strip()):
        raise ValueError("more than one value")
    return value


class _Context:
    """What the scanner asks of a decoder."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float
    memo: Any = None


def _dataset(one: Any) -> Fields:
    """One dataset's fields. Raises KeyError, TypeError, ValueError if it is not of the schema."""
    edited_files = one["edited_files"]
    if type(edited_files) is not int or not 0 <= edited_files <= _FILES_LIMIT:
        raise ValueError("edited_files")
    version = one["version"]
    is_version = version[:1] == "v" and version[1:].isascii() and version[1:].isdigit()
    if version != "" and not (is_version and len(version) <= 10 and version[1] != "0"):
        raise ValueError("version")
    name = _line(one["name"], _NAME_LIMIT)
    if name[:1] in ("", ".") or "/" in name:
        raise ValueError("name")
    return {
        "name": name,
        "delivery": _one_of(_DELIVERIES, one["delivery"]),
        "version": version,
        "state": _one_of(_STATES, one["state"]),
        "edited_files": edited_files,
        "detail": _line(one["detail"], _DETAIL_LIMIT),
    }


def _one_of(words: tuple[str, ...], word: Any) -> str:
    return words[words.index(word)]


def _line(text: Any, limit: int) -> str:
    """A text that can be shown in one line. Raises ValueError, TypeError."""
    if not isinstance(text, str) or len(text) > limit or not text.isprintable():
        raise ValueError("not a line of text")
    return text


def _time(text: Any) -> str:
    """When the student's view was brought up to date; now, if that is nonsense or yet to come."""
    now = f"{Moment().text[:19]}Z"
    pattern = "dddd-dd-ddTdd:dd:ddZ"
    is_time = (
        isinstance(text, str)
        and len(text) == len(pattern)
        and all(
            "0" <= letter <= "9" if wanted == "d" else letter == wanted
            for letter, wanted in zip(text, pattern, strict=True)
        )
        and _is_date(text)
    )
    return text if is_time and text <= now else now


def _is_date(text: str) -> bool:
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    hour, minute, second = int(text[11:13]), int(text[14:16]), int(text[17:19])
    in_month = 31 - (month in (4, 6, 9, 11)) - (3 - (year % 4 == 0)) * (month == 2)
    is_day = year >= 2000 and 1 <= month <= 12 and 1 <= day <= in_month
    return is_day and hour < 24 and minute < 60 and second < 60


# -- writing


def _write(settings: Settings, datasets: list[Fields], moment: str) -> None:
    """Write the receipt as the owner of the folder, for its group. Raises OSError.

    As the owner a trick in that folder reaches only what is his.
    """
    folder = settings.receipts_folder
    try:
        found = os.lstat(folder)
    except FileNotFoundError:
        return  # this school does not collect receipts
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(20, "is not a folder")
    uid = pwd.getpwnam(settings.user).pw_uid if settings.is_root else os.getuid()
    receipt = {
        "schema": 1,
        "user": settings.user,
        "uid": uid,
        "time": moment,
        "datasets": datasets,
    }
    path = os.path.join(folder, f"{settings.plain_user}.json")
    data = to_json(receipt).encode() + b"\n"
    if settings.is_root:
        os.setgroups([])
        become_owner(folder)
    try:
        replace(path, data, found.st_uid, found.st_gid, 0o640)
    except PermissionError:
        if not settings.is_root:
            raise
        os.seteuid(0)
        os.setegid(0)
        replace(path, data, found.st_uid, found.st_gid, 0o640)
