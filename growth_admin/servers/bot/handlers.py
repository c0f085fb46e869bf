"""The bot student over HTTP."""

from __future__ import annotations

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.core.errors import Conflict, NotConfigured
from growth_admin.jobs.models import Job
from growth_admin.servers.bot.manager import BotStudent
from growth_admin.servers.bot.models import BotRunList, BotRunRequest


class BotRunsHandler(GrowthHandler):
    """Runs of the bot student."""

    manager: BotStudent

    @operation(
        "servers.bot:read",
        summary="List the last runs of the bot student",
        client="servers.list_bot_runs",
        returns=BotRunList,
    )
    async def get(self) -> None:
        """Reply with the runs, newest first, and how the bot stands."""
        self.reply(await self.call(self.manager.list_runs))

    @operation(
        "servers.bot:run",
        summary="Let the bot student do what a student does, and time each step",
        client="servers.start_bot_run",
        returns=Job,
        status=202,
        body=BotRunRequest,
        errors=(Conflict, NotConfigured),
    )
    async def post(self) -> None:
        """Reply with the job."""
        asked = self.decode(BotRunRequest)
        job = await self.call(self.manager.start_run, asked, user=self.visitor.name)
        await self.reply_begun(job, action=job.title, target=self.manager.bot)


ROUTES = (Route("servers/bot-runs", BotRunsHandler),)
