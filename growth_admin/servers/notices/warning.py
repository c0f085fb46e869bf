"""The door for whoever restarts servers: warn, hear what came back, give more time, take it back.

warning = RestartWarning(notices, user="ada")
warning.announce(notice_id, [("jane", "")], Restart(at=restart_at, may_postpone_min=10))
standing = warning.look(notice_id)
for server, reply in standing.replies.items():
    ...
warning.settle(notice_id, moved={("jane", ""): later}, done=[("tom", "")])
warning.withdraw(notice_id)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from growth_admin.servers.notices.manager import NoticeManager
from growth_admin.servers.notices.models import (
    Audience,
    Notice,
    NoticeDraft,
    NoticeReceipt,
    Restart,
)

Server = tuple[str, str]
"""User, and the server's name: empty for the default one."""


@dataclass(frozen=True)
class Reply:
    """What one server said. ``busy_kernels`` is None where that is not known."""

    has_seen: bool = False
    saved: datetime | None = None
    documents: int = 0
    unsaved: int = 0
    ready: datetime | None = None
    wants_min: int = 0
    wants_time: datetime | None = None
    busy_kernels: int | None = None
    told: datetime | None = None


NOTHING_SAID: Final = Reply()


@dataclass(frozen=True)
class Standing:
    """How a warning stands: when it says that servers are restarted, and what they said."""

    at: datetime
    withdrawn_by: str = ""
    replies: Mapping[Server, Reply] = field(default_factory=dict)


class RestartWarning:
    """Notices of restarts, in the name of one organiser. Each method may raise what
    ``NoticeManager`` raises: ``StorageUnavailable``, ``StorageFull``, ``NotFound``, ``Conflict``.
    """

    def __init__(self, notices: NoticeManager, *, user: str) -> None:
        self._notices = notices
        self._user = user

    def announce(
        self,
        notice_id: str,
        servers: Iterable[Server],
        restart: Restart,
        *,
        text: str,
        link: str = "",
    ) -> Notice:
        """Warn these servers; if there is a notice of that id already, it stays as it is.

        Returns the notice that is there then.
        """
        draft = NoticeDraft(
            text=text,
            level="warning",
            audience=Audience(servers=tuple(map(key_of, servers))),
            link=link,
            restart=restart,
        )
        return self._notices.post(draft, user=self._user, notice_id=notice_id).notice

    def look(self, notice_id: str) -> Standing:
        """Return how the warning stands, with what the servers said that said anything."""
        details = self._notices.get_notice(notice_id)
        notice = details.notice
        return Standing(
            at=notice.restart.at if notice.restart else notice.until,
            withdrawn_by=notice.withdrawn_by,
            replies={(r.user, r.server_name): _reply(r) for r in details.receipts},
        )

    def settle(
        self, notice_id: str, *, moved: Mapping[Server, datetime], done: Iterable[Server]
    ) -> None:
        """Give servers times of their own, and say which the notice no longer concerns.

        Their countdowns follow; those that are done were restarted, or will not be.
        """
        times = {key_of(server): at for server, at in moved.items()}
        self._notices.settle(notice_id, times, tuple(map(key_of, done)), user=self._user)

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
        saved=receipt.saved,
        documents=receipt.documents,
        unsaved=receipt.unsaved,
        ready=receipt.ready,
        wants_min=receipt.wants_min,
        wants_time=receipt.wants_time,
        busy_kernels=receipt.busy_kernels,
        told=receipt.told,
    )
