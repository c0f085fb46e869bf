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
from growth_admin.servers.notices.board import Change, NoticeBoard
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

    def require_ready(self) -> None:
        """Return if this server may write notices. Raises ``StorageUnavailable`` otherwise."""
        self._board.require_writable()

    def post(self, draft: NoticeDraft, *, user: str, notice_id: str = "") -> NoticeRow:
        """Show a notice to those whom it is for; return it. ``user`` has written it.

        With a ``notice_id`` it is posted once: if there is one of that id already, that is
        returned. Raises ``InvalidInput``, ``StorageFull`` or ``StorageUnavailable``.
        """
        moment = now()
        notice = Notice(
            **{
                **dict(draft),
                "id": notice_id or f"n{moment:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}",
                "since": draft.since or moment,
                "until": draft.until or _end_of(draft, moment),
                "written": moment,
                "written_by": user,
            }
        )

        def posted(notices: tuple[Notice, ...]) -> tuple[Notice, ...]:
            if any(known.id == notice.id for known in notices):
                return notices
            if notice.restart and notice.restart.at <= moment - timedelta(minutes=1):
                raise InvalidInput(
                    "The restart would have been already.", hint="Give a later time."
                )
            return *notices, notice

        notice = _find(self._board.update(posted), notice.id)
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
                fields |= _moved_restart(notice, change.restart_at)
            return notice.model_copy(update={**fields, "changed": now(), "changed_by": user})

        return self._replace(notice_id, changed)

    def settle(
        self,
        notice_id: str,
        moved: Mapping[str, datetime],
        done: Sequence[str] = (),
        *,
        user: str,
    ) -> None:
        """Give servers of a restart times of their own, and show it no more to those done.

        All in one change, however many there are. Raises ``NotFound``, ``Conflict`` for a notice
        that nobody sees any more, ``StorageFull`` or ``StorageUnavailable``.
        """

        def settled(notice: Notice) -> Notice:
            _require_alive(notice)
            restart = notice.restart
            if restart is None:
                return notice
            fields: dict[str, Any] = {
                "moved": {**restart.moved, **moved},
                "done": tuple(dict.fromkeys((*restart.done, *done))),
            }
            fresh = restart.model_copy(update=fields)
            if fresh == restart:
                return notice
            until = max((notice.until, *(at + AFTER_RESTART for at in moved.values())))
            said = {"changed": now(), "changed_by": user} if moved else {}
            return notice.model_copy(update={"restart": fresh, "until": until, **said})

        self._board.update(_with(notice_id, settled))

    def withdraw(self, notice_id: str, *, user: str) -> NoticeRow:
        """Show a notice to nobody any more; once more does nothing. Raises ``NotFound``."""

        def withdrawn(notice: Notice) -> Notice:
            if notice.withdrawn:
                return notice
            return notice.model_copy(update={"withdrawn": now(), "withdrawn_by": user})

        return self._replace(notice_id, withdrawn)

    def _replace(self, notice_id: str, change: Callable[[Notice], Notice]) -> NoticeRow:
        notice = _find(self._board.update(_with(notice_id, change)), notice_id)
        return _row(notice, self._box.read(self._uids()).to(notice_id))


def _with(notice_id: str, change: Callable[[Notice], Notice]) -> Change:
    """Return the change of all notices that changes this one."""

    def changed(notices: tuple[Notice, ...]) -> tuple[Notice, ...]:
        _find(notices, notice_id)
        return tuple(change(n) if n.id == notice_id else n for n in notices)

    return changed


def _end_of(draft: NoticeDraft, moment: datetime) -> datetime:
    if draft.restart:
        longest = timedelta(minutes=draft.restart.may_postpone_min)
        last = max((draft.restart.at, *draft.restart.moved.values()))  # of many waves, hours later
        return last + longest + AFTER_RESTART
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


def _moved_restart(notice: Notice, at: datetime) -> dict[str, Any]:
    if notice.restart is None:
        raise InvalidInput("The notice announces no restart.", hint="Give it another end instead.")
    moved: Restart = notice.restart.model_copy(update={"at": at})
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
