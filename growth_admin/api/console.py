"""Routes that belong to no room: who am I, the description, the audit trail."""

from __future__ import annotations

from typing import Any

from growth_admin import __version__
from growth_admin.api.handler import GrowthHandler
from growth_admin.api.models import AuditQuery, Me
from growth_admin.api.openapi import Description
from growth_admin.api.operation import Route, operation
from growth_admin.core.audit import EntryList
from growth_admin.core.errors import NotFound


class MeHandler(GrowthHandler):
    """Who am I."""

    @operation("me:read", summary="Get who one is and what is open", client="get_me", returns=Me)
    async def get(self) -> None:
        """Reply with the visitor."""
        visitor = self.visitor
        self.reply(
            Me(
                login=visitor.name,
                areas=visitor.areas,
                scopes=tuple(sorted(visitor.scopes)),
                groups=visitor.groups,
                version=__version__,
                standalone=self.desk.gate.is_standalone,
                server_name=self.manager.server_name,
                missing=await self.call(self.manager.list_missing),
            )
        )


class DescriptionHandler(GrowthHandler):
    """The description of this API."""

    @operation(
        "description:read",
        summary="Get the OpenAPI description of this API",
        client="get_description",
    )
    async def get(self) -> None:
        """Reply with the OpenAPI document."""
        document: dict[str, Any] = self.manager.describe()
        self.finish(Description(document).model_dump_json())


class AuditHandler(GrowthHandler):
    """Who changed what."""

    @operation(
        "audit:read",
        summary="List who changed what in one's own areas",
        client="audit.list_entries",
        returns=EntryList,
        query=AuditQuery,
    )
    async def get(self) -> None:
        """Reply with the newest entries that match."""
        asked = self.query(AuditQuery)
        areas = {a for a in (*self.visitor.areas, "jobs") if asked.area in ("", a)}
        entries = await self.call(
            self.desk.audit.list_entries,
            areas=areas,
            user=asked.user,
            permission=asked.permission,
            since=asked.since,
            until=asked.until,
            limit=asked.limit,
        )
        self.reply(entries)


class UnknownHandler(GrowthHandler):
    """Every other path of the API: nothing, said in the API's own words."""

    def undeclared(self) -> Exception:
        """Return that there is nothing."""
        return NotFound(
            f"There is nothing at {self.request.path}.",
            hint="Routes of an area that is not open on this server are not there either; "
            "/growth/api/me lists what is missing and why.",
        )


ROUTES = (
    Route("me", MeHandler),
    Route("openapi.json", DescriptionHandler),
    Route("audit/entries", AuditHandler),
)
