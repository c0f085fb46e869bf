"""Pre-pulling over HTTP. How far it is on each node, its job says."""

from __future__ import annotations

from typing import Final

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.core.errors import (
    HubRefused,
    HubUnavailable,
    NotConfigured,
    NotFound,
    RegistryRefused,
    RegistryUnavailable,
    StorageFull,
)
from growth_admin.images.handlers import LIMIT_S
from growth_admin.images.room import ImageRoom
from growth_admin.jobs.models import Job

ERRORS: Final = (
    *(NotConfigured, NotFound, StorageFull),
    *(RegistryRefused, RegistryUnavailable, HubRefused, HubUnavailable),
)


class PrePullsHandler(GrowthHandler):
    """An image on its way to all nodes."""

    manager: ImageRoom

    @operation(
        "images.prepulls:start",
        summary="Pre-pull an image: let every node fetch it before the class starts",
        client="images.start_prepull",
        returns=Job,
        status=202,
        errors=ERRORS,
    )
    async def post(self, image: str) -> None:
        """Reply with the job."""
        job = await self.call(
            self.manager.prepulls.start_prepull, image, user=self.visitor.name, limit_s=LIMIT_S
        )
        await self.reply_begun(job, target=job.subject)


ROUTES = (Route("images/tags/{image}/prepulls", PrePullsHandler),)
