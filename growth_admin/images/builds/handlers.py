"""Builds of the image over HTTP. Their logs are those of their jobs."""

from __future__ import annotations

from typing import Final

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.core.errors import (
    Conflict,
    GitHubRefused,
    GitHubUnavailable,
    InvalidInput,
    NotConfigured,
    NotFound,
    StorageFull,
    StorageUnavailable,
)
from growth_admin.core.plan import Receipt
from growth_admin.images.builds import models
from growth_admin.images.room import ImageRoom
from growth_admin.jobs.models import Job

LIMIT_S: Final = 60.0
"""GitHub is asked, where the source is there."""
ON_DISK: Final = (NotConfigured, StorageUnavailable)
ON_SOURCE: Final = (*ON_DISK, GitHubUnavailable, GitHubRefused)
"""Where the newest revision is looked up: in a folder, or at GitHub."""
SWEEP_LIMIT_S: Final = 900.0
"""Layers of gigabytes are removed file by file."""


class _BuildsHandler(GrowthHandler):
    manager: ImageRoom

    def number(self, text: str) -> int:
        """Return the number of a build. Raises ``InvalidInput``."""
        if not text.isdecimal() or len(text) > 9:
            raise InvalidInput(f"{text[:20]!r} is not the number of a build.")
        return int(text)


class BuildsHandler(_BuildsHandler):
    """Builds of the image."""

    @operation(
        "images.images:read",
        summary="List the builds of the image, and whether one can be begun here",
        client="images.builds.list_builds",
        returns=models.BuildList,
        errors=ON_DISK,
    )
    async def get(self) -> None:
        """Reply with every build, newest first."""
        self.reply(await self.call(self.manager.builds.list_builds))

    @operation(
        "images.builds:start",
        summary="Build the image from its source as it stands",
        client="images.builds.start_build",
        returns=Job,
        status=202,
        body=models.BuildRequest,
        errors=(*ON_SOURCE, Conflict, StorageFull),
    )
    async def post(self) -> None:
        """Reply with the job."""
        asked = self.decode(models.BuildRequest)
        job = await self.call(
            self.manager.builds.start_build, asked, user=self.visitor.name, limit_s=LIMIT_S
        )
        await self.reply_begun(job, target=job.subject, detail=asked.reason)


class BuildPlansHandler(_BuildsHandler):
    """Builds that were not begun yet."""

    @operation(
        "images.images:read",
        summary="Plan a build of the image: what no image has yet, its tag, what builds",
        client="images.builds.plan_build",
        returns=models.BuildPlan,
        errors=(*ON_SOURCE, Conflict, StorageFull),
    )
    async def post(self) -> None:
        """Reply with the plan; nothing is begun."""
        self.reply(await self.call(self.manager.builds.plan_build, limit_s=LIMIT_S))


class BuildHandler(_BuildsHandler):
    """One build."""

    @operation(
        "images.images:read",
        summary="Get one build: its packages, licences, checks and what changed",
        client="images.builds.get_build",
        returns=models.BuildDetails,
        errors=(NotFound, *ON_DISK),
    )
    async def get(self, build: str) -> None:
        """Reply with the build against the one before."""
        self.reply(await self.call(self.manager.builds.get_build, self.number(build)))


class SbomHandler(_BuildsHandler):
    """The parts of one build's image."""

    @operation(
        "images.images:read",
        summary="Get the list of parts of a built image as CycloneDX",
        client="images.builds.get_sbom",
        returns=models.Sbom,
        errors=(NotFound, *ON_DISK),
    )
    async def get(self, build: str) -> None:
        """Reply with the document."""
        self.reply(await self.call(self.manager.builds.get_sbom, self.number(build)))


class SweepsHandler(_BuildsHandler):
    """What builds left on this machine."""

    @operation(
        "images.builds:start",
        summary="Remove what builds that were cut off left here, and old local images",
        client="images.builds.sweep",
        returns=Receipt,
        errors=(*ON_SOURCE, Conflict, StorageFull),
    )
    async def post(self) -> None:
        """Reply with what was removed."""
        user = self.visitor.name
        receipt = await self.call(self.manager.builds.sweep, user=user, limit_s=SWEEP_LIMIT_S)
        await self.audit(target="images/builds", detail=receipt.title)
        self.reply(receipt)


ROUTES = (
    Route("images/builds", BuildsHandler),
    Route("images/builds/plans", BuildPlansHandler),
    Route("images/builds/sweeps", SweepsHandler),
    Route("images/builds/{build}", BuildHandler),
    Route("images/builds/{build}/sbom", SbomHandler),
)
