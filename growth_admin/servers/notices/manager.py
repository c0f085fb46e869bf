"""Notices as organisers use them: write, look who has seen it, change, withdraw."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from growth_admin.core.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    StorageFull,
    StorageUnavailable,
)
from growth_admin.core.schema import now
from growth_admin.servers.notices.board import NoticeBoard
from growth_admin.servers.notices.models import (
    AFTER_RESTART,
    LASTS,
    TOAST_LIMIT,
    Counts,
    Notice,
    NoticeChange,
    NoticeDetails,
    NoticeDraft,
    NoticeList,
    NoticeReceipt,
    NoticeRow,
    Restart,
)
from growth_admin.servers.notices.replies import DropBox

LISTED_FOR: Final = timedelta(days=2)
"""How long a notice that has ended stays in the list."""


class NoticeManager:
    """The notices of one school.

    ``uids`` are the accounts that are known to be users', by hub names: what a receipt is held
    against.
    """

    def __init__(
        self,
        board: NoticeBoard,
        box: DropBox,
        *,
        uids: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self._board = board
        self._box = box
        self._uids = uids

    # -- look

    def list_notices(self) -> NoticeList:
        """Return the notices that are shown, will be, or ended lately, newest first.

        Raises ``StorageUnavailable``.
        """
        with suppress(StorageFull, StorageUnavailable):  # those of the book follow
            self._board.repair()
        oldest = now() - LISTED_FOR
        notices = [
            notice
            for notice in reversed(self._board.load())
            if notice.until > oldest and (notice.withdrawn is None or notice.withdrawn > oldest)
        ]
        replies = self._box.read(self._uids())
        return NoticeList(
            notices=tuple(_row(notice, replies.to(notice.id)) for notice in notices),
            problems=(*self._board.problems(), *replies.problems),
        )

    def get_notice(self, notice_id: str) -> NoticeDetails:
        """Return a notice with each receipt. Raises ``NotFound`` or ``StorageUnavailable``."""
        receipts = self._box.read(self._uids()).to(notice_id)
        row = _row(_find(self._board.load(), notice_id), receipts)
        return NoticeDetails(**dict(row), receipts=receipts)

    # -- change

    def post(self, draft: NoticeDraft, *, user: str) -> NoticeRow:
        """Show a notice to those whom it is for; return it. ``user`` has written it.

        Raises ``InvalidInput``, ``StorageFull`` or ``StorageUnavailable``.
        """
        moment = now()
        notice = Notice(
            **{
                **dict(draft),
                "id": f"n{moment:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
                "since": draft.since or moment,
                "until": draft.until or _end_of(draft, moment),
                "written": moment,
                "written_by": user,
            }
        )
        if notice.restart and notice.restart.at <= moment - timedelta(minutes=1):
            raise InvalidInput("The restart would have been already.", hint="Give a later time.")
        self._board.update(lambda notices: (*notices, notice))
        self._box.sweep(time.time())
        return _row(notice, ())

    def change(self, notice_id: str, change: NoticeChange, *, user: str) -> NoticeRow:
        """Make a notice say something else, or later; return it.

        Raises ``NotFound``, ``Conflict`` for one that is withdrawn or over, ``InvalidInput``.
        """

        def changed(notice: Notice) -> Notice:
            _require_alive(notice)
            fields: dict[str, Any] = {
                name: value
                for name in ("text", "level", "link", "until")
                if (value := getattr(change, name)) is not None
            }
            _require_sense(notice, fields)
            if change.restart_at:
                fields |= _moved_restart(notice, change.restart_at, ())
            return notice.model_copy(update={**fields, "changed": now(), "changed_by": user})

        return self._replace(notice_id, changed)

    def move_restart(
        self, notice_id: str, at: datetime, servers: Sequence[str] = (), *, user: str
    ) -> NoticeRow:
        """Give all or some servers of a notice another time, and return it.

        Raises as ``change``.
        """

        def moved(notice: Notice) -> Notice:
            _require_alive(notice)
            fields = _moved_restart(notice, at, servers)
            return notice.model_copy(update={**fields, "changed": now(), "changed_by": user})

        return self._replace(notice_id, moved)

    def end_for(self, notice_id: str, servers: Sequence[str]) -> NoticeRow:
        """Show a restart no more to these servers: they were restarted. Raises ``NotFound``."""

        def ended(notice: Notice) -> Notice:
            if notice.restart is None:
                return notice
            done = tuple(dict.fromkeys((*notice.restart.done, *servers)))
            return notice.model_copy(
                update={"restart": notice.restart.model_copy(update={"done": done})}
            )

        return self._replace(notice_id, ended)

    def withdraw(self, notice_id: str, *, user: str) -> NoticeRow:
        """Show a notice to nobody any more; once more does nothing. Raises ``NotFound``."""

        def withdrawn(notice: Notice) -> Notice:
            if notice.withdrawn:
                return notice
            return notice.model_copy(update={"withdrawn": now(), "withdrawn_by": user})

        return self._replace(notice_id, withdrawn)

    def _replace(self, notice_id: str, change: Callable[[Notice], Notice]) -> NoticeRow:
        def changed(notices: tuple[Notice, ...]) -> tuple[Notice, ...]:
            _find(notices, notice_id)
            return tuple(change(n) if n.id == notice_id else n for n in notices)

        notice = _find(self._board.update(changed), notice_id)
        return _row(notice, self._box.read(self._uids()).to(notice_id))


def _end_of(draft: NoticeDraft, moment: datetime) -> datetime:
    if draft.restart:
        longest = timedelta(minutes=draft.restart.may_postpone_min)
        return draft.restart.at + longest + AFTER_RESTART
    return max(draft.since or moment, moment) + LASTS


def _find(notices: tuple[Notice, ...], notice_id: str) -> Notice:
    for notice in notices:
        if notice.id == notice_id:
            return notice
    raise NotFound(f"There is no notice {notice_id[:80]}.", hint="Look at the list again.")


def _require_alive(notice: Notice) -> None:
    if notice.state in ("withdrawn", "ended"):
        raise Conflict(
            f"The notice is {notice.state}: nobody sees it any more.", hint="Write a new one."
        )


def _require_sense(notice: Notice, fields: Mapping[str, Any]) -> None:
    if "until" in fields and fields["until"] <= max(notice.since, now()):
        raise InvalidInput(
            "The notice would have ended already.", hint="Withdraw it, or give a later time."
        )
    if notice.kind == "toast" and len(fields.get("text", "")) > TOAST_LIMIT:
        raise InvalidInput(f"A toast has at most {TOAST_LIMIT} characters.", hint="Write a bar.")


def _moved_restart(notice: Notice, at: datetime, servers: Sequence[str]) -> dict[str, Any]:
    restart = notice.restart
    if restart is None:
        raise InvalidInput("The notice announces no restart.", hint="Give it another end instead.")
    fields: dict[str, Any] = {"moved": {**restart.moved, **dict.fromkeys(servers, at)}}
    if not servers:
        fields = {"at": at}
    moved: Restart = restart.model_copy(update=fields)
    return {"restart": moved, "until": max(notice.until, at + AFTER_RESTART)}


def _row(notice: Notice, receipts: Sequence[NoticeReceipt]) -> NoticeRow:
    return NoticeRow(
        notice=notice,
        state=notice.state,
        audience=notice.audience.in_words(),
        counts=Counts(
            seen=sum(r.seen is not None for r in receipts),
            saved=sum(r.saved is not None and not r.unsaved for r in receipts),
            unsaved=sum(r.unsaved > 0 for r in receipts),
            ready=sum(r.ready is not None for r in receipts),
            wants_time=sum(r.wants_time is not None for r in receipts),
            busy=sum(bool(r.busy_kernels) for r in receipts),
        ),
    )
