"""Checks of an image over HTTP. How far one is, its job says."""

from __future__ import annotations

from typing import Final

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.core.errors import (
    Conflict,
    HubRefused,
    HubUnavailable,
    NotConfigured,
    NotFound,
    RegistryRefused,
    RegistryUnavailable,
    StorageFull,
)
from growth_admin.images.checks.models import CheckStart
from growth_admin.images.handlers import LIMIT_S
from growth_admin.images.room import ImageRoom
from growth_admin.jobs.models import Job

ERRORS: Final = (
    *(NotConfigured, NotFound, Conflict, StorageFull),
    *(RegistryRefused, RegistryUnavailable, HubRefused, HubUnavailable),
)


class ChecksHandler(GrowthHandler):
    """Checks of one image."""

    manager: ImageRoom

    @operation(
        "images.checks:start",
        summary="Check an image: its own checks, then a canary that the bot student uses",
        client="images.start_check",
        returns=Job,
        status=202,
        body=CheckStart,
        errors=ERRORS,
    )
    async def post(self, image: str) -> None:
        """Reply with the job."""
        asked = self.decode(CheckStart)
        job = await self.call(
            self.manager.checks.start_check, image, asked, user=self.visitor.name, limit_s=LIMIT_S
        )
        await self.reply_begun(job, target=job.subject)


ROUTES = (Route("images/tags/{image}/checks", ChecksHandler),)
