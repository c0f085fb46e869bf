"""Tries of packages over HTTP."""

from __future__ import annotations

from typing import Final

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.core.errors import (
    Conflict,
    NotConfigured,
    NotFound,
    StorageFull,
    StorageUnavailable,
)
from growth_admin.images.room import ImageRoom
from growth_admin.images.tryouts import models
from growth_admin.images.tryouts.manager import subject_of
from growth_admin.jobs.models import Job

ERRORS: Final = (NotConfigured, StorageUnavailable)


class _TryOutsHandler(GrowthHandler):
    manager: ImageRoom


class TryOutsHandler(_TryOutsHandler):
    """Tries on this server."""

    @operation(
        "images.images:read",
        summary="List the packages that are being tried on this server",
        client="images.tryouts.list_tryouts",
        returns=models.TryOutList,
        errors=ERRORS,
    )
    async def get(self) -> None:
        """Reply with the tries, newest first."""
        self.reply(await self.call(self.manager.tryouts.list_tryouts))

    @operation(
        "images.tryouts:write",
        summary="Try packages in this server; nothing of it lasts",
        client="images.tryouts.start_tryout",
        returns=Job,
        status=202,
        body=models.TryRequest,
        errors=(*ERRORS, Conflict, StorageFull),
    )
    async def post(self) -> None:
        """Reply with the job."""
        asked = self.decode(models.TryRequest)
        job = await self.call(self.manager.tryouts.start_tryout, asked, user=self.visitor.name)
        await self.reply_begun(job, target=job.subject, after=", ".join(asked.packages))


class TryOutHandler(_TryOutsHandler):
    """One try."""

    @operation(
        "images.tryouts:write",
        summary="Remove packages that were tried on this server",
        client="images.tryouts.delete_tryout",
        status=204,
        errors=(*ERRORS, NotFound, Conflict),
    )
    async def delete(self, tryout: str) -> None:
        """Remove the try."""
        removed = await self.call(self.manager.tryouts.delete_tryout, tryout)
        await self.audit(target=subject_of(tryout), before=", ".join(removed.packages))
        self.reply()


ROUTES = (
    Route("images/tryouts", TryOutsHandler),
    Route("images/tryouts/{tryout}", TryOutHandler),
)
