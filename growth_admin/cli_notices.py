"""``growth-admin notices``: tell students something, from a terminal, when Lab does not work."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from growth_admin.cli_areas import add_verb, rooms_of, show
from growth_admin.core.errors import InvalidInput
from growth_admin.core.schema import now
from growth_admin.servers.notices.models import Audience, NoticeDraft, NoticeRow

if TYPE_CHECKING:
    from growth_admin.rooms import Rooms


def add_notices(verbs: Any) -> None:
    """Add the verbs of this area."""
    add_verb(verbs, "list", "list notices, with how many have seen them", _list)
    verb = add_verb(verbs, "post", "show a notice inside students' Lab", _post)
    verb.add_argument("text", help="plain text; markup is shown as it is")
    verb.add_argument("--group", action="append", default=[], metavar="NAME", help="only these")
    verb.add_argument("--user", action="append", default=[], metavar="NAME", help="only these")
    verb.add_argument("--warning", action="store_true", help="as a warning")
    verb.add_argument("--toast", action="store_true", help="in the corner instead of on top")
    until = verb.add_mutually_exclusive_group()
    until.add_argument("--until", metavar="TIME", help="for example 2026-12-01T17:00")
    until.add_argument("--minutes", type=float, metavar="N", help="how long it is shown")
    verb.add_argument("--link", default="", metavar="URL", help="https only")
    verb = add_verb(verbs, "withdraw", "show a notice to nobody any more", _withdraw)
    verb.add_argument("id", help="as `list` prints it")


def _line(row: NoticeRow) -> str:
    counts = row.counts
    seen = f"{counts.seen} seen, {counts.saved} saved, {counts.wants_time} want time"
    notice = row.notice
    return (
        f"{notice.id}  {row.state:<9} until {notice.until:%Y-%m-%d %H:%M} UTC  {row.audience}  "
        f"({seen})  {notice.text}"
    )


def _list(asked: argparse.Namespace) -> int:
    listed = rooms_of(asked).notices.list_notices()
    lines = [_line(row) for row in listed.notices]
    return show(listed, asked, [*lines, *(f"! {problem}" for problem in listed.problems)])


def _post(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    draft = NoticeDraft(
        text=asked.text,
        level="warning" if asked.warning else "info",
        kind="toast" if asked.toast else "bar",
        audience=Audience(groups=tuple(asked.group), users=tuple(map(str.lower, asked.user))),
        until=_until(asked),
        link=asked.link,
    )
    row = rooms.notices.post(draft, user=rooms.settings.user)
    _record(rooms, row, "post", after=row.notice.id)
    return show(row, asked, [_line(row)])


def _until(asked: argparse.Namespace) -> datetime | None:
    if asked.minutes is not None:
        return now() + timedelta(minutes=asked.minutes)
    if not asked.until:
        return None
    try:
        return datetime.fromisoformat(asked.until).astimezone()
    except ValueError:
        raise InvalidInput(
            f"{asked.until!r} is no time.", hint="For example 2026-12-01T17:00, in local time."
        ) from None


def _withdraw(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    row = rooms.notices.withdraw(asked.id, user=rooms.settings.user)
    _record(rooms, row, "withdraw", before=row.notice.id)
    return show(row, asked, [_line(row)])


def _record(rooms: Rooms, row: NoticeRow, verb: str, **fields: str) -> None:
    rooms.audit.record(
        user=rooms.settings.user,
        permission="servers.notices:write",
        area="servers",
        action=f"growth-admin notices {verb} (terminal)",
        target=row.audience,
        result="done",
        detail=row.notice.text,
        **fields,
    )
