"""Help for one user over HTTP."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.core.errors import Conflict, Forbidden, HubRefused, NotFound
from growth_admin.core.schema import Model
from growth_admin.servers.help.manager import HelpDesk
from growth_admin.servers.help.models import Opening, OpeningRequest, UserHelp
from growth_admin.servers.hub import label

LIMIT_S: Final = 30.0
"""The hub, GitHub and the home are asked, each with a limit of its own."""


class HelpQuery(Model):
    """Which server of the user."""

    server_name: str = Field(default="", max_length=255, description="empty for the default server")


class _HelpHandler(GrowthHandler):
    manager: HelpDesk


class HelpHandler(_HelpHandler):
    """One user's server, with a diagnosis."""

    @operation(
        "servers.servers:read",
        summary="Say what is wrong with a user's server, and what to do next",
        client="servers.get_help",
        returns=UserHelp,
        query=HelpQuery,
        errors=(HubRefused, NotFound),
    )
    async def get(self, user: str) -> None:
        """Reply with what is known; start records and logs for organisers only."""
        server_name = self.query(HelpQuery).server_name
        scopes = self.visitor.scopes
        self.reply(
            await self.call(
                self.manager.get_help, user, server_name, scopes=scopes, limit_s=LIMIT_S
            )
        )


class OpeningsHandler(_HelpHandler):
    """Visits to a user's server."""

    @operation(
        "servers.servers:open",
        summary="Open a user's server, as that user",
        client="servers.create_opening",
        returns=Opening,
        status=201,
        body=OpeningRequest,
        errors=(Conflict, Forbidden, HubRefused, NotFound),
    )
    async def post(self, user: str) -> None:
        """Reply with where the server is, and record that somebody goes there."""
        server_name = self.decode(OpeningRequest).server_name
        opening = await self.call(
            self.manager.open_server, user, server_name, scopes=self.visitor.scopes
        )
        await self.audit(target=label(user, server_name), detail="acts there as that user")
        self.reply(opening)


ROUTES = (
    Route("servers/help/{user}", HelpHandler),
    Route("servers/help/{user}/openings", OpeningsHandler),
)
