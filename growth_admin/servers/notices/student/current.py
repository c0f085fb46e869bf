"""The one file that students' servers read, and what of it concerns the owner of this one."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

LIMIT_BYTES: Final = 2 * 1024 * 1024
SHOWN_LIMIT: Final = 20
"""So many notices reach one student at once, the newest ones."""

Stored = Mapping[str, Any]


@dataclass(frozen=True)
class Owner:
    """Whose server this is, as the hub told it when it started."""

    user: str
    server_name: str = ""
    groups: frozenset[str] = field(default_factory=frozenset)
    started_s: float = 0.0

    @property
    def key(self) -> str:
        """The server as notices name it: ``user`` or ``user/server``."""
        return f"{self.user}/{self.server_name}" if self.server_name else self.user


class CurrentNotices:
    """``current.json``, read again when it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark: tuple[int, ...] = ()
        self.known: Sequence[Stored] = ()

    def look(self) -> Sequence[Stored]:
        """Return the notices of the whole school; without a file there are none.

        Raises ``OSError`` when the disk is sick, ``ValueError`` when the file is not ours.
        """
        try:
            found = self._path.stat()
        except FileNotFoundError:
            self._mark, self.known = (), ()
            return self.known
        mark = (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
        if mark != self._mark:
            self.known = _parsed(_read(self._path))
            self._mark = mark
        return self.known


def _read(path: Path) -> bytes:
    """Return the content; a pipe or a device is refused, not waited for."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LIMIT_BYTES:
            raise ValueError("not a file of notices")
        with os.fdopen(fd, "rb", closefd=False) as file:
            return file.read(LIMIT_BYTES)
    finally:
        os.close(fd)


def _parsed(content: bytes) -> Sequence[Stored]:
    document = json.loads(content)
    notices = document.get("notices") if isinstance(document, dict) else None
    if not isinstance(notices, list):
        raise ValueError("not a file of notices")
    return [notice for notice in notices if isinstance(notice, dict)]


def mine(notices: Sequence[Stored], owner: Owner, now_s: float) -> list[dict[str, Any]]:
    """Return what this server's owner is to see now, oldest first, with nothing of anybody else.

    A restart does not concern a server that was started after it was announced. A notice that is
    damaged is left out.
    """
    found = []
    for notice in notices:
        try:
            if _concerns(notice, owner, now_s):
                found.append(_shown(notice, owner))
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
    return found[-SHOWN_LIMIT:]


def _concerns(notice: Stored, owner: Owner, now_s: float) -> bool:
    if not notice["since_s"] <= now_s < notice["until_s"]:
        return False
    restart = notice.get("restart")
    if restart and (owner.started_s > notice["written_s"] or owner.key in restart["done"]):
        return False
    audience = notice["audience"]
    groups, users, servers = audience["groups"], audience["users"], audience["servers"]
    if not (groups or users or servers):
        return True
    return owner.user in users or owner.key in servers or not owner.groups.isdisjoint(groups)


def _shown(notice: Stored, owner: Owner) -> dict[str, Any]:
    restart = notice.get("restart")
    return {
        "id": str(notice["id"]),
        "stamp": str(notice["stamp"]),
        "text": str(notice["text"]),
        "level": str(notice["level"]),
        "kind": str(notice["kind"]),
        "link": str(notice["link"]),
        "restart": restart
        and {
            "at_s": float(restart["moved"].get(owner.key, restart["at_s"])),
            "may_postpone_min": int(restart["may_postpone_min"]),
            "may_go_now": bool(restart["may_go_now"]),
            "asks_busy": bool(restart["asks_busy"]),
            "is_stop": bool(restart.get("is_stop")),
        },
    }
