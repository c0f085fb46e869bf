"""The door for whoever restarts servers: warn, hear what came back, give more time, take it back.

warning = RestartWarning(notices, user="ada")
notice_id = warning.announce([("jane", "")], restart_at, job_id=job.id, may_postpone_min=10)
for reply in warning.replies(notice_id).values():
    ...
warning.extend(notice_id, later, [("jane", "")])
warning.done(notice_id, [("jane", "")])
warning.withdraw(notice_id)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from growth_admin.servers.notices.manager import NoticeManager
from growth_admin.servers.notices.models import Audience, NoticeDraft, NoticeReceipt, Restart

TEXT: Final = "Your server will be restarted. Save your work; it takes about a minute."

Server = tuple[str, str]
"""User, and the server's name: empty for the default one."""


@dataclass(frozen=True)
class Reply:
    """What one server said. ``busy_kernels`` is None where that is not known."""

    has_seen: bool = False
    has_saved: bool = False
    unsaved: int = 0
    is_ready: bool = False
    wants_min: int = 0
    wants_time: datetime | None = None
    busy_kernels: int | None = None
    told: datetime | None = None


class RestartWarning:
    """Notices of restarts, in the name of one organiser. Each method may raise what
    ``NoticeManager`` raises: ``StorageUnavailable``, ``StorageFull``, ``NotFound``, ``Conflict``.
    """

    def __init__(self, notices: NoticeManager, *, user: str) -> None:
        self._notices = notices
        self._user = user

    def announce(
        self,
        servers: Iterable[Server],
        restart_at: datetime,
        *,
        text: str = TEXT,
        may_postpone_min: int = 0,
        may_go_now: bool = True,
        asks_busy: bool = True,
        link: str = "",
        job_id: str = "",
    ) -> str:
        """Warn these servers and return the notice's id."""
        draft = NoticeDraft(
            text=text,
            level="warning",
            audience=Audience(servers=tuple(map(key_of, servers))),
            link=link,
            restart=Restart(
                at=restart_at,
                may_postpone_min=may_postpone_min,
                may_go_now=may_go_now,
                asks_busy=asks_busy,
                job_id=job_id,
            ),
        )
        return self._notices.post(draft, user=self._user).notice.id

    def replies(self, notice_id: str) -> Mapping[Server, Reply]:
        """Return what the servers said that said anything."""
        receipts = self._notices.get_notice(notice_id).receipts
        return {(r.user, r.server_name): _reply(r) for r in receipts}

    def extend(self, notice_id: str, restart_at: datetime, servers: Iterable[Server] = ()) -> None:
        """Give these servers, or all, another time; their countdowns follow."""
        keys = tuple(map(key_of, servers))
        self._notices.move_restart(notice_id, restart_at, keys, user=self._user)

    def done(self, notice_id: str, servers: Iterable[Server]) -> None:
        """Say that these were restarted, or will not be: the notice no longer concerns them."""
        self._notices.end_for(notice_id, tuple(map(key_of, servers)))

    def withdraw(self, notice_id: str) -> None:
        """Take the warning back, or put it away when all is done."""
        self._notices.withdraw(notice_id, user=self._user)


def key_of(server: Server) -> str:
    """Return a server as notices name it."""
    user, name = server
    return f"{user}/{name}" if name else user


def _reply(receipt: NoticeReceipt) -> Reply:
    return Reply(
        has_seen=receipt.seen is not None,
        has_saved=receipt.saved is not None and not receipt.unsaved,
        unsaved=receipt.unsaved,
        is_ready=receipt.ready is not None,
        wants_min=receipt.wants_min,
        wants_time=receipt.wants_time,
        busy_kernels=receipt.busy_kernels,
        told=receipt.told,
    )
