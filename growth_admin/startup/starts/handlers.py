"""What every start did, over HTTP."""

from __future__ import annotations

from typing import Any, Protocol

from pydantic import Field

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.core.errors import InvalidInput, NotFound, StorageUnavailable
from growth_admin.core.schema import Model
from growth_admin.startup.starts.manager import StartTable
from growth_admin.startup.starts.models import LogText, StartHistory, StartList


class ServerQuery(Model):
    """Which server of the user."""

    server_name: str = Field(default="", description="empty for the default server")


class StartLogQuery(ServerQuery):
    """Which log of the server."""

    which: int = Field(default=0, ge=0, le=1, description="0: the last start; 1: the one before")


class HasStarts(Protocol):
    """The room, as far as these handlers look."""

    @property
    def starts(self) -> StartTable:
        """The table of starts."""


class _StartsHandler(GrowthHandler):
    manager: HasStarts | Any


class StartsHandler(_StartsHandler):
    """The last start of every server."""

    @operation(
        "startup.starts:read",
        summary="List what the last start of every server did",
        client="startup.list_starts",
        returns=StartList,
        errors=(StorageUnavailable,),
    )
    async def get(self) -> None:
        """Reply with one row per server."""
        self.reply(await self.call(self.manager.starts.list_starts))


class StartHistoryHandler(_StartsHandler):
    """The starts of one server."""

    @operation(
        "startup.starts:read",
        summary="List the starts of one server, newest first",
        client="startup.get_start_history",
        returns=StartHistory,
        query=ServerQuery,
        errors=(NotFound, StorageUnavailable),
    )
    async def get(self, user: str) -> None:
        """Reply with the history."""
        server_name = self.query(ServerQuery).server_name
        self.reply(await self.call(self.manager.starts.get_history, user, server_name))


class StartLogHandler(_StartsHandler):
    """One log of one server."""

    @operation(
        "startup.starts:read",
        summary="Read the end of the log of a start",
        client="startup.get_start_log",
        returns=LogText,
        query=StartLogQuery,
        errors=(InvalidInput, NotFound, StorageUnavailable),
    )
    async def get(self, user: str, script: str) -> None:
        """Reply with the text and the lines that came from stderr."""
        asked = self.query(StartLogQuery)
        self.reply(
            await self.call(
                self.manager.starts.get_log, user, script, asked.server_name, asked.which
            )
        )


ROUTES = (
    Route("startup/starts", StartsHandler),
    Route("startup/starts/{user}", StartHistoryHandler),
    Route("startup/starts/{user}/logs/{script}", StartLogHandler),
)
