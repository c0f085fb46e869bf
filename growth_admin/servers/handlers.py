"""Users' servers over HTTP."""

from __future__ import annotations

from pydantic import Field

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.core.errors import HubRefused, InvalidInput, NotFound, StalePlan
from growth_admin.core.plan import Plan
from growth_admin.core.schema import Model
from growth_admin.jobs.models import Job
from growth_admin.servers.hub import label
from growth_admin.servers.manager import ServerManager
from growth_admin.servers.models import ApplyRequest, PlanRequest, ServerList
from growth_admin.servers.planning import names_in_words


class ServerQuery(Model):
    """Which servers."""

    filter: str = Field(default="", max_length=255, description="a part of the user's name")


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
        self.reply(await self.call(self.manager.list_servers, asked.filter))


class PlansHandler(_ServerHandler):
    """What would happen to servers."""

    @operation(
        "servers.servers:read",
        summary="Plan to start, stop or restart servers",
        client="servers.plan_control",
        returns=Plan,
        body=PlanRequest,
        errors=(HubRefused, NotFound),
    )
    async def post(self) -> None:
        """Reply with the plan."""
        asked = self.decode(PlanRequest)
        self.reply(await self.call(self.manager.plan, asked.action, asked.servers))


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
        )
        names = [label(target.user, target.server_name) for target in asked.servers]
        await self.audit(
            action=job.title,
            target=names_in_words(names),
            plan_id=asked.plan_id,
            result="accepted",
            detail=f"job {job.id}",
        )
        self.reply(job, location=f"jobs/{job.id}")


ROUTES = (
    Route("servers", ServersHandler),
    Route("servers/plans", PlansHandler),
    Route("servers/applications", ApplicationsHandler),
)
