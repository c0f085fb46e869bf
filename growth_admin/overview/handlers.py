"""The school-day page over HTTP."""

from __future__ import annotations

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.overview.manager import OverviewManager
from growth_admin.overview.models import Overview


class OverviewHandler(GrowthHandler):
    """The school at this moment."""

    manager: OverviewManager

    @operation(
        "overview.overview:read",
        summary="Get how the school is, line by line",
        client="overview.get_overview",
        returns=Overview,
    )
    async def get(self) -> None:
        """Reply with the lines; one that cannot be told says why."""
        self.reply(await self.call(self.manager.get_overview, self.visitor.areas))


ROUTES = (Route("overview", OverviewHandler),)
