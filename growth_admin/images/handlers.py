"""Images over HTTP."""

from __future__ import annotations

from typing import Final

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.core.errors import (
    ConfirmationNeeded,
    Conflict,
    NotConfigured,
    NotFound,
    RegistryRefused,
    RegistryUnavailable,
    StalePlan,
    StorageFull,
)
from growth_admin.images import models
from growth_admin.images.models import Moved
from growth_admin.images.moving import short
from growth_admin.images.room import ImageRoom

LIMIT_S: Final = 90.0
"""A registry that is slow is asked several times, and each time may take its own limit."""
AT_REGISTRY: Final = (NotConfigured, NotFound, RegistryRefused, RegistryUnavailable)
ON_MOVE: Final = (*AT_REGISTRY, Conflict, StalePlan, ConfirmationNeeded, StorageFull)


class _ImageHandler(GrowthHandler):
    manager: ImageRoom

    async def reply_moved(self, moved: Moved) -> None:
        """Record a move of the tag, and reply with it."""
        move = moved.move
        past = f"; past its gate: {move.force_reason}" if move.force_reason else ""
        await self.audit(
            target=f"tag {move.tag}",
            before=short(move.from_digest),
            after=short(move.to_digest),
            detail=f"{move.reason}{past}",
            undo=moved.receipt.undo,
        )
        self.reply(moved, location="images/timeline")


class ImagesHandler(_ImageHandler):
    """The school's image at its registry."""

    @operation(
        "images.images:read",
        summary="List the tags of the school's image, and what each of them is",
        client="images.list_images",
        returns=models.ImageList,
        errors=AT_REGISTRY,
    )
    async def get(self) -> None:
        """Reply with every tag."""
        self.reply(await self.call(self.manager.tags.list_images, limit_s=LIMIT_S))


class ImageHandler(_ImageHandler):
    """One image."""

    @operation(
        "images.images:read",
        summary="Get one image by its tag or digest, with the results of its checks",
        client="images.get_image",
        returns=models.ImageDetails,
        errors=AT_REGISTRY,
    )
    async def get(self, image: str) -> None:
        """Reply with the image, and whether all of it is still there."""
        self.reply(await self.call(self.manager.tags.get_image, image, limit_s=LIMIT_S))


class ResultsHandler(_ImageHandler):
    """What checks of an image found."""

    @operation(
        "images.results:write",
        summary="Keep the result of a check of an image",
        client="images.add_result",
        returns=models.CheckResult,
        status=201,
        body=models.CheckRequest,
        errors=(NotFound, StorageFull),
    )
    async def post(self, image: str) -> None:
        """Reply with the result as it is kept."""
        asked = self.decode(models.CheckRequest)
        kept = await self.call(self.manager.tags.add_result, image, asked, author=self.visitor.name)
        said = "passed" if kept.is_passed else "failed"
        await self.audit(target=short(image), after=f"{kept.check} {said}", detail=kept.detail)
        self.reply(kept)


class TimelineHandler(_ImageHandler):
    """The past of the tag."""

    @operation(
        "images.images:read",
        summary="List the moves of the tag, and how many servers run which digest",
        client="images.get_timeline",
        returns=models.Timeline,
        errors=(NotConfigured,),
    )
    async def get(self) -> None:
        """Reply with the timeline."""
        self.reply(await self.call(self.manager.tags.get_timeline, limit_s=LIMIT_S))


class PlansHandler(_ImageHandler):
    """Moves that have not happened yet."""

    @operation(
        "images.images:read",
        summary="Plan to let the tag name another image",
        client="images.plan_promotion",
        returns=models.ImagePlan,
        body=models.PlanRequest,
        errors=AT_REGISTRY,
    )
    async def post(self) -> None:
        """Reply with the plan; nothing is changed."""
        asked = self.decode(models.PlanRequest)
        self.reply(await self.call(self.manager.tags.plan, asked.target, limit_s=LIMIT_S))


class PromotionsHandler(_ImageHandler):
    """Images that became the live one."""

    @operation(
        "images.tags:move",
        summary="Promote an image: let the tag name its digest",
        client="images.promote",
        returns=Moved,
        status=201,
        body=models.PromoteRequest,
        errors=ON_MOVE,
    )
    async def post(self) -> None:
        """Reply with the move and its receipt."""
        asked = self.decode(models.PromoteRequest)
        moved = await self.call(
            self.manager.tags.promote, asked, author=self.visitor.name, limit_s=LIMIT_S
        )
        await self.reply_moved(moved)


class RollbacksHandler(_ImageHandler):
    """Images that became the live one again."""

    @operation(
        "images.tags:move",
        summary="Roll back: let the tag name a digest that it named before",
        client="images.roll_back",
        returns=Moved,
        status=201,
        body=models.RollBackRequest,
        errors=ON_MOVE,
    )
    async def post(self) -> None:
        """Reply with the move and its receipt."""
        asked = self.decode(models.RollBackRequest)
        moved = await self.call(
            self.manager.tags.roll_back, asked, author=self.visitor.name, limit_s=LIMIT_S
        )
        await self.reply_moved(moved)


ROUTES = (
    Route("images", ImagesHandler),
    Route("images/timeline", TimelineHandler),
    Route("images/plans", PlansHandler),
    Route("images/promotions", PromotionsHandler),
    Route("images/rollbacks", RollbacksHandler),
    Route("images/tags/{image}", ImageHandler),
    Route("images/tags/{image}/results", ResultsHandler),
)
