"""Notices over HTTP, for organisers. What students' servers ask stands in ``student.handlers``."""

from __future__ import annotations

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.core.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    StorageFull,
    StorageUnavailable,
)
from growth_admin.core.plan import Undo
from growth_admin.servers.notices.manager import NoticeManager
from growth_admin.servers.notices.models import (
    NoticeChange,
    NoticeDetails,
    NoticeDraft,
    NoticeList,
    NoticeRow,
)


class _NoticeHandler(GrowthHandler):
    manager: NoticeManager


class NoticesHandler(_NoticeHandler):
    """All notices."""

    @operation(
        "servers.notices:read",
        summary="List notices, with how many have seen them",
        client="notices.list_notices",
        returns=NoticeList,
        errors=(StorageUnavailable,),
    )
    async def get(self) -> None:
        """Reply with the notices."""
        self.reply(await self.call(self.manager.list_notices))

    @operation(
        "servers.notices:write",
        summary="Show a notice to students",
        client="notices.post",
        returns=NoticeRow,
        status=201,
        body=NoticeDraft,
        errors=(InvalidInput, StorageFull, StorageUnavailable),
    )
    async def post(self) -> None:
        """Reply with the notice."""
        draft = self.decode(NoticeDraft)
        row = await self.call(self.manager.post, draft, user=self.visitor.name)
        path = f"servers/notices/{row.notice.id}"
        await self.audit(
            target=row.audience,
            after=row.notice.id,
            detail=row.notice.text,
            undo=Undo(title="Withdraw the notice", method="DELETE", path=path, body={}),
        )
        self.reply(row, location=path)


class NoticeHandler(_NoticeHandler):
    """One notice."""

    @operation(
        "servers.notices:read",
        summary="Show a notice with each receipt",
        client="notices.get_notice",
        returns=NoticeDetails,
        errors=(NotFound, StorageUnavailable),
    )
    async def get(self, notice_id: str) -> None:
        """Reply with the notice."""
        self.reply(await self.call(self.manager.get_notice, notice_id))

    @operation(
        "servers.notices:write",
        summary="Change a notice",
        client="notices.change",
        returns=NoticeRow,
        body=NoticeChange,
        errors=(Conflict, InvalidInput, NotFound, StorageFull, StorageUnavailable),
    )
    async def patch(self, notice_id: str) -> None:
        """Reply with the notice as it is now."""
        change = self.decode(NoticeChange)
        row = await self.call(self.manager.change, notice_id, change, user=self.visitor.name)
        await self.audit(target=row.audience, after=notice_id, detail=row.notice.text)
        self.reply(row)

    @operation(
        "servers.notices:write",
        summary="Withdraw a notice",
        client="notices.withdraw",
        returns=NoticeRow,
        errors=(NotFound, StorageFull, StorageUnavailable),
    )
    async def delete(self, notice_id: str) -> None:
        """Reply with the notice as it is now."""
        row = await self.call(self.manager.withdraw, notice_id, user=self.visitor.name)
        await self.audit(target=row.audience, before=notice_id, detail=row.notice.text)
        self.reply(row)


ROUTES = (
    Route("servers/notices", NoticesHandler),
    Route("servers/notices/{notice_id}", NoticeHandler),
)
