"""Users' servers over HTTP."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.core.errors import HubRefused, InvalidInput, NotFound, StalePlan
from growth_admin.core.schema import Model
from growth_admin.jobs.models import Job
from growth_admin.servers.hub import label
from growth_admin.servers.manager import ServerManager
from growth_admin.servers.models import (
    PAGE_LIMIT,
    ApplyRequest,
    PlanRequest,
    ServerList,
    ServerPlan,
)
from growth_admin.servers.planning import names_in_words

LIST_LIMIT_S: Final = 60.0
"""A hub needs about a second for 1,000 users, and one of 10,000 must still be answered."""


class ServerQuery(Model):
    """Which servers."""

    filter: str = Field(default="", max_length=255, description="a part of the user's name")
    offset: int = Field(default=0, ge=0, le=10**7, description="the first row of the page")
    limit: int | None = Field(
        default=None,
        ge=1,
        le=PAGE_LIMIT,
        description="rows of the page, which comes as soon as the hub has told so many; "
        "without it the whole list",
    )


class _ServerHandler(GrowthHandler):
    manager: ServerManager


class ServersHandler(_ServerHandler):
    """All servers."""

    @operation(
        "servers.servers:read",
        summary="List users and their servers",
        client="servers.list_servers",
        returns=ServerList,
        query=ServerQuery,
        errors=(HubRefused,),
    )
    async def get(self) -> None:
        """Reply with the servers that match."""
        asked = self.query(ServerQuery)
        self.reply(
            await self.call(
                self.manager.list_servers,
                asked.filter,
                offset=asked.offset,
                limit=asked.limit,
                limit_s=LIST_LIMIT_S,
            )
        )


class PlansHandler(_ServerHandler):
    """What would happen to servers."""

    @operation(
        "servers.servers:read",
        summary="Plan to start, stop or restart servers",
        client="servers.plan_control",
        returns=ServerPlan,
        body=PlanRequest,
        errors=(HubRefused, NotFound),
    )
    async def post(self) -> None:
        """Reply with the plan."""
        asked = self.decode(PlanRequest)
        self.reply(
            await self.call(
                self.manager.plan,
                asked.action,
                asked.servers,
                selector=asked.selector,
                pace=asked.pace,
                courtesy=asked.courtesy,
                limit_s=LIST_LIMIT_S,
            )
        )


class ApplicationsHandler(_ServerHandler):
    """Plans that are carried out."""

    @operation(
        "servers.servers:control",
        summary="Start, stop or restart servers as planned",
        client="servers.apply_control",
        returns=Job,
        status=202,
        body=ApplyRequest,
        errors=(HubRefused, InvalidInput, NotFound, StalePlan),
    )
    async def post(self) -> None:
        """Reply with the job."""
        asked = self.decode(ApplyRequest)
        job = await self.call(
            self.manager.apply,
            asked.plan_id,
            asked.action,
            asked.servers,
            user=self.visitor.name,
            selector=asked.selector,
            pace=asked.pace,
            courtesy=asked.courtesy,
            limit_s=LIST_LIMIT_S,
        )
        names = [label(target.user, target.server_name) for target in asked.servers]
        await self.reply_begun(
            job,
            action=job.title,
            target=names_in_words(names) or "those that the plan found",
            plan_id=asked.plan_id,
        )


ROUTES = (
    Route("servers", ServersHandler),
    Route("servers/plans", PlansHandler),
    Route("servers/applications", ApplicationsHandler),
)
