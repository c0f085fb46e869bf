"""The notices on the shared disk: numbered snapshots, and the one file that students' servers read.

``notices/book/<number>.json`` is for organisers only; ``notices/current.json`` is made from the
newest snapshot and public, so what is written in a notice is no secret. Both folders are given to
the organisers' group where this server may do that.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from growth_admin.core.errors import NotFound, StorageUnavailable
from growth_admin.core.fsops import make_folder, read_bytes, write_atomic
from growth_admin.core.paths import Paths
from growth_admin.core.schema import now
from growth_admin.core.snapshots import Snapshots
from growth_admin.servers.notices.models import Book, Notice

KEPT: Final = 200
KEPT_FOR: Final = timedelta(days=14)
BOX_MODE: Final = 0o3773
"""Everybody may drop, nobody may remove another's (sticky); the group, which what is dropped takes
over (set-group-id), may look."""
TRIES: Final = 20

Change = Callable[[tuple[Notice, ...]], tuple[Notice, ...]]


class NoticeBoard:
    """The notices of a school. Several servers may write at once; nobody's change is lost.

    ``admin_gid`` is the organisers' group, where the hub told it.
    """

    def __init__(self, paths: Paths, *, admin_gid: int | None = None) -> None:
        self._paths = paths
        self._admin_gid = admin_gid
        self._public = paths.notices / "current.json"
        self._book = Snapshots(paths.notices / "book", Book, what="The book of notices")

    def load(self) -> tuple[Notice, ...]:
        """Return all notices that are kept, oldest first. Raises ``StorageUnavailable``."""
        return self._book.load().notices

    def update(self, change: Change) -> tuple[Notice, ...]:
        """Write what ``change`` makes of the notices, show it to students, and return it.

        ``change`` is called again when another server was first. Raises ``StorageFull``,
        ``StorageUnavailable``, ``Conflict``, or what ``change`` raises.
        """
        self.prepare()
        book = self._book.update(
            lambda old: old.model_copy(update={"notices": _pruned(change(old.notices))})
        )
        self._show(book)
        return book.notices

    def repair(self) -> None:
        """Show the newest snapshot, if a server was killed before it could."""
        book = self._book.load()
        if book.number and self._shown_number() != book.number:
            self._show(book)

    def _show(self, book: Book) -> None:
        """Write the public file; whoever writes last looks whether a newer snapshot is there."""
        for _ in range(TRIES):
            write_atomic(self._public, public_text(book), mode=0o644)
            newest = self._book.load()
            if newest.number == book.number:
                return
            book = newest

    def _shown_number(self) -> int:
        with suppress(NotFound, ValueError, KeyError, TypeError):
            return int(json.loads(read_bytes(self._public))["number"])
        return -1

    def require_writable(self) -> None:
        """Return if this server may write notices; nothing is made yet.

        Raises ``StorageUnavailable`` otherwise.
        """
        self._require_place()
        folders = (self._paths.notices, self._paths.shared_state, self._paths.shared_root)
        there = next(folder for folder in folders if os.access(folder, os.F_OK))
        if not os.access(there, os.W_OK | os.X_OK):
            raise StorageUnavailable(
                f"This server may not write notices to {self._paths.notices}.",
                hint="Organisers may. If you are one, its owner can give it to your group.",
            )

    def _require_place(self) -> None:
        """Return if the folders are there, or this is an organiser's server, which may make them.

        Made by a TA they would be the TA's, and organisers could write no notice.
        """
        paths = self._paths
        if not paths.shared_root.is_dir():
            raise StorageUnavailable(
                f"The shared folder {paths.shared_root} is not there.",
                hint="Is it mounted? Or name another one: --GrowthAdmin.shared_root=FOLDER",
            )
        are_there = all(os.access(f, os.F_OK) for f in (paths.notices, paths.replies))
        is_organisers = self._admin_gid is not None or os.access(paths.admin_root, os.W_OK)
        if not are_there and not is_organisers:
            raise StorageUnavailable(
                f"There is no folder {paths.notices} yet, and only organisers' servers make it.",
                hint="An organiser's first notice makes it: ask one to post it.",
            )

    def prepare(self) -> None:
        """Make the folders, with the modes that they need. Raises ``StorageUnavailable``."""
        self._require_place()
        make_folder(self._paths.shared_state)
        for folder, shared, own in (
            (self._paths.notices, 0o2775, 0o755),
            (self._paths.replies, BOX_MODE, 0o1733),
        ):
            make_folder(folder)
            if folder.stat().st_uid != os.geteuid():
                continue  # whoever made it has settled it
            folder.chmod(shared if self._is_organisers(folder) else own)
        with suppress(OSError):
            _make_sticky(self._paths.shared_state)

    def _is_organisers(self, folder: Path) -> bool:
        """Give a folder of ours to the organisers' group; return whether it is theirs.

        Of another group, which may be the TAs', nobody may write notices or read receipts.
        """
        if self._admin_gid is None:
            return False
        with suppress(OSError):
            os.chown(folder, -1, self._admin_gid)
        return folder.stat().st_gid == self._admin_gid

    def problems(self) -> tuple[str, ...]:
        """Return what lets others than organisers write notices, or students not answer."""
        found = []
        with suppress(OSError):
            around = self._paths.shared_state.stat()
            if around.st_mode & 0o022 and not around.st_mode & stat.S_ISVTX:
                found.append(
                    f"Whoever may write {self._paths.shared_state} may put other notices there. "
                    f"Its owner can mend that: chmod +t {self._paths.shared_state}"
                )
        with suppress(OSError):
            if self._paths.replies.stat().st_mode & 0o1003 != 0o1003:
                found.append(
                    f"Students cannot leave receipts in {self._paths.replies}. "
                    f"Its owner can mend that: chmod o+wx,+t {self._paths.replies}"
                )
        return tuple(found)


def _make_sticky(folder: Path) -> None:
    """Keep TAs, who write beside the notices, from putting another folder in their place."""
    found = folder.stat()
    if found.st_uid == os.geteuid() and found.st_mode & 0o022:
        folder.chmod(stat.S_IMODE(found.st_mode) | stat.S_ISVTX)


def _pruned(notices: tuple[Notice, ...]) -> tuple[Notice, ...]:
    """Forget what ended long ago."""
    oldest = now() - KEPT_FOR
    return tuple(notice for notice in notices if notice.until > oldest)[-KEPT:]


def public_text(book: Book) -> bytes:
    """Return what students' servers read: times as seconds, nothing that they do not need."""
    moment = now()
    shown = [
        _public(notice)
        for notice in book.notices
        if notice.withdrawn is None and notice.until > moment
    ]
    return json.dumps({"number": book.number, "notices": shown}).encode()


def _public(notice: Notice) -> dict[str, Any]:
    restart = notice.restart
    return {
        "id": notice.id,
        "stamp": (notice.changed or notice.written).isoformat(),
        "text": notice.text,
        "level": notice.level,
        "kind": notice.kind,
        "link": notice.link,
        "written_s": notice.written.timestamp(),
        "since_s": notice.since.timestamp(),
        "until_s": notice.until.timestamp(),
        "audience": notice.audience.as_json(),
        "restart": restart
        and {
            "at_s": restart.at.timestamp(),
            "may_postpone_min": restart.may_postpone_min,
            "may_go_now": restart.may_go_now,
            "asks_busy": restart.asks_busy,
            "is_stop": restart.is_stop,
            "moved": {key: at.timestamp() for key, at in restart.moved.items()},
            "done": list(restart.done),
        },
    }
