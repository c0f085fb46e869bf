"""Notices to students, as notebooks and widgets use them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from growth_admin.client.transport import Transport
from growth_admin.servers.notices.models import (
    NoticeChange,
    NoticeDetails,
    NoticeDraft,
    NoticeList,
    NoticeRow,
    Restart,
)


class NoticesClient:
    """What students see inside their Lab."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_notices(self) -> NoticeList:
        """Return notices that are shown, will be, or ended lately, with counts of receipts."""
        return self._transport.get(NoticeList, "servers", "notices")

    def get_notice(self, notice_id: str) -> NoticeDetails:
        """Return a notice with each receipt. Raises ``NotFound``."""
        return self._transport.get(NoticeDetails, "servers", "notices", notice_id)

    def post(
        self,
        text: str,
        *,
        groups: Iterable[str] = (),
        users: Iterable[str] = (),
        level: str = "info",
        kind: str = "bar",
        since: datetime | None = None,
        until: datetime | None = None,
        link: str = "",
        restart: Restart | Mapping[str, Any] | None = None,
    ) -> NoticeRow:
        """Show a notice and return it; without groups and users everybody sees it.

        ``kind`` is a bar on top or a toast in the corner, ``level`` info or warning; without
        ``until`` it is shown for 12 hours. Raises ``InvalidInput``.
        """
        draft = NoticeDraft.model_validate(
            {
                "text": text,
                "level": level,
                "kind": kind,
                "audience": {"groups": tuple(groups), "users": tuple(users)},
                "since": since,
                "until": until,
                "link": link,
                "restart": restart,
            }
        )
        return self._transport.post(NoticeRow, "servers", "notices", body=draft)

    def change(
        self,
        notice_id: str,
        *,
        text: str | None = None,
        level: str | None = None,
        link: str | None = None,
        until: datetime | None = None,
        restart_at: datetime | None = None,
    ) -> NoticeRow:
        """Change what is given and return the notice. Raises ``NotFound`` or ``Conflict``."""
        change = NoticeChange.model_validate(
            {
                "text": text,
                "level": level,
                "link": link,
                "until": until,
                "restart_at": restart_at,
            }
        )
        return self._transport.patch(NoticeRow, "servers", "notices", notice_id, body=change)

    def withdraw(self, notice_id: str) -> NoticeRow:
        """Show the notice to nobody any more and return it. Raises ``NotFound``."""
        reply = self._transport.send("DELETE", "servers", "notices", notice_id)
        return NoticeRow.model_validate(reply)
