"""The image's lists of packages over HTTP."""

from __future__ import annotations

from typing import Final

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.core.errors import (
    ConfirmationNeeded,
    Conflict,
    GitHubRefused,
    GitHubUnavailable,
    IndexUnavailable,
    InvalidInput,
    NotConfigured,
    NotFound,
    StalePlan,
    StorageFull,
    StorageUnavailable,
)
from growth_admin.images.packages import models
from growth_admin.images.packages.models import PackagesSaved
from growth_admin.images.packages.room import PackageRoom
from growth_admin.images.room import ImageRoom

LIMIT_S: Final = 110.0
"""Indexes are asked and a dry run is made; each has a limit of its own in the settings."""
ON_DISK: Final = (NotConfigured, StorageUnavailable, GitHubUnavailable, GitHubRefused)
"""Where the source is: a folder, or a repository at GitHub."""
ON_PLAN: Final = (*ON_DISK, NotFound, Conflict, IndexUnavailable)
ON_SAVE: Final = (*ON_DISK, NotFound, Conflict, StalePlan, ConfirmationNeeded, StorageFull)


class _PackagesHandler(GrowthHandler):
    manager: ImageRoom

    @property
    def packages(self) -> PackageRoom:
        """Return what answers here."""
        return self.manager.packages

    async def reply_saved(self, saved: PackagesSaved) -> None:
        """Record a revision, and reply with it."""
        revision = saved.revision
        past = f"; in spite of errors: {revision.override_reason}"
        await self.audit(
            target="image's lists of packages",
            after=f"{revision.called}: {revision.summary}",
            detail=revision.reason + (past if revision.override_reason else ""),
            plan_id=saved.receipt.plan_id,
            undo=saved.receipt.undo,
        )
        place = f"revisions/{revision.number}"
        if not revision.number and saved.proposal:
            place = f"proposals/{saved.proposal.number}"
        self.reply(saved, location=f"images/packages/{place}")

    def number(self, text: str, what: str) -> int:
        """Return the number of something. Raises ``InvalidInput``."""
        if not text.isdecimal() or len(text) > 9:
            raise InvalidInput(f"{text[:20]!r} is not the number of a {what}.")
        return int(text)


class ListsHandler(_PackagesHandler):
    """The image's source."""

    @operation(
        "images.packages:read",
        summary="Get the image's lists of packages as they stand",
        client="images.packages.get_lists",
        returns=models.PackageLists,
        errors=ON_DISK,
    )
    async def get(self) -> None:
        """Reply with the lists; no index is asked."""
        self.reply(await self.call(self.packages.lists.get_lists, limit_s=LIMIT_S))


class ChecksHandler(_PackagesHandler):
    """Lists held against the indexes."""

    @operation(
        "images.packages:read",
        summary="Check every package at its index, try an installation, lint the Dockerfile",
        client="images.packages.check",
        returns=models.PackageReport,
        body=models.PackageCheckRequest,
        errors=ON_DISK,
    )
    async def post(self) -> None:
        """Reply with what was found; nothing is changed or built."""
        asked = self.decode(models.PackageCheckRequest)
        self.reply(await self.call(self.packages.lists.check, asked, limit_s=LIMIT_S))


class VersionsHandler(_PackagesHandler):
    """One package at its index."""

    @operation(
        "images.packages:read",
        summary="List the versions of a package that fit the image's Python",
        client="images.packages.list_versions",
        returns=models.Versions,
        errors=(NotFound, IndexUnavailable),
    )
    async def get(self, list: str, name: str) -> None:
        """Reply with the versions, newest first."""
        self.reply(await self.call(self.packages.lists.list_versions, list, name, limit_s=LIMIT_S))


class PlansHandler(_PackagesHandler):
    """Changes that have not happened yet."""

    @operation(
        "images.packages:read",
        summary="Plan a change of the image's lists of packages",
        client="images.packages.plan",
        returns=models.PackagePlan,
        body=models.PackagePlanRequest,
        errors=ON_PLAN,
    )
    async def post(self) -> None:
        """Reply with the plan; nothing is changed."""
        asked = self.decode(models.PackagePlanRequest)
        self.reply(await self.call(self.packages.lists.plan, asked, limit_s=LIMIT_S))


class RevisionsHandler(_PackagesHandler):
    """The past of the lists."""

    @operation(
        "images.packages:read",
        summary="List the revisions of the image's lists of packages",
        client="images.packages.get_history",
        returns=models.SourceHistory,
        errors=ON_DISK,
    )
    async def get(self) -> None:
        """Reply with every revision, newest first."""
        self.reply(await self.call(self.packages.revisions.get_history, limit_s=LIMIT_S))

    @operation(
        "images.packages:write",
        summary="Save a planned change of the image's lists of packages",
        client="images.packages.save",
        returns=PackagesSaved,
        status=201,
        body=models.PackageSaveRequest,
        errors=ON_SAVE,
    )
    async def post(self) -> None:
        """Reply with the revision and its receipt."""
        asked = self.decode(models.PackageSaveRequest)
        saved = await self.call(
            self.packages.lists.save, asked, author=self.visitor.name, limit_s=LIMIT_S
        )
        await self.reply_saved(saved)


class RevisionHandler(_PackagesHandler):
    """One revision."""

    @operation(
        "images.packages:read",
        summary="Get one revision of the image's lists with its texts and what it changed",
        client="images.packages.get_revision",
        returns=models.RevisionDetails,
        errors=(NotFound, *ON_DISK),
    )
    async def get(self, revision: str) -> None:
        """Reply with the revision."""
        number = self.number(revision, "revision")
        self.reply(await self.call(self.packages.revisions.get_revision, number, limit_s=LIMIT_S))


class RestorationsHandler(_PackagesHandler):
    """Revisions that were brought back."""

    @operation(
        "images.packages:write",
        summary="Bring the image's lists back to an earlier revision",
        client="images.packages.restore",
        returns=PackagesSaved,
        status=201,
        body=models.PackageRestoreRequest,
        errors=ON_SAVE,
    )
    async def post(self) -> None:
        """Reply with the new revision and its receipt."""
        asked = self.decode(models.PackageRestoreRequest)
        saved = await self.call(
            self.packages.revisions.restore, asked, author=self.visitor.name, limit_s=LIMIT_S
        )
        await self.reply_saved(saved)


class ProposalsHandler(_PackagesHandler):
    """Changes that wait at GitHub."""

    @operation(
        "images.packages:read",
        summary="List the changes of the image's lists that wait as pull requests",
        client="images.packages.list_proposals",
        returns=models.ProposalList,
        errors=ON_DISK,
    )
    async def get(self) -> None:
        """Reply with the open ones and those that ended lately; none for a folder."""
        self.reply(await self.call(self.packages.proposals.list_proposals, limit_s=LIMIT_S))


class ProposalHandler(_PackagesHandler):
    """One change that waits."""

    @operation(
        "images.packages:read",
        summary="Get one waiting change of the image's lists, and whether it may be merged",
        client="images.packages.get_proposal",
        returns=models.ProposalDetails,
        errors=(NotFound, *ON_DISK),
    )
    async def get(self, proposal: str) -> None:
        """Reply with what it would change now."""
        number = self.number(proposal, "pull request")
        self.reply(await self.call(self.packages.proposals.get_proposal, number, limit_s=LIMIT_S))


class MergesHandler(_PackagesHandler):
    """Changes that became part of the source."""

    @operation(
        "images.packages:write",
        summary="Merge a waiting change of the image's lists, if it is the one that was looked at",
        client="images.packages.merge",
        returns=PackagesSaved,
        status=201,
        body=models.MergeRequest,
        errors=(*ON_DISK, NotFound, Conflict, StorageFull),
    )
    async def post(self, proposal: str) -> None:
        """Reply with the new revision and its receipt."""
        asked, number = self.decode(models.MergeRequest), self.number(proposal, "pull request")
        saved = await self.call(
            self.packages.proposals.merge, number, asked, author=self.visitor.name, limit_s=LIMIT_S
        )
        await self.reply_saved(saved)


class WithdrawalsHandler(_PackagesHandler):
    """Changes that were given up."""

    @operation(
        "images.packages:write",
        summary="Withdraw a waiting change of the image's lists: close its pull request",
        client="images.packages.withdraw",
        returns=models.Proposal,
        status=201,
        body=models.WithdrawRequest,
        errors=(*ON_DISK, NotFound),
    )
    async def post(self, proposal: str) -> None:
        """Reply with the proposal as it is then."""
        asked, number = self.decode(models.WithdrawRequest), self.number(proposal, "pull request")
        closed = await self.call(
            self.packages.proposals.withdraw,
            number,
            asked,
            author=self.visitor.name,
            limit_s=LIMIT_S,
        )
        await self.audit(target=f"pull request #{number}", after="closed", detail=asked.reason)
        self.reply(closed, location=f"images/packages/proposals/{number}")


ROUTES = (
    Route("images/packages", ListsHandler),
    Route("images/packages/checks", ChecksHandler),
    Route("images/packages/plans", PlansHandler),
    Route("images/packages/revisions", RevisionsHandler),
    Route("images/packages/revisions/{revision}", RevisionHandler),
    Route("images/packages/restorations", RestorationsHandler),
    Route("images/packages/proposals", ProposalsHandler),
    Route("images/packages/proposals/{proposal}", ProposalHandler),
    Route("images/packages/proposals/{proposal}/merges", MergesHandler),
    Route("images/packages/proposals/{proposal}/withdrawals", WithdrawalsHandler),
    Route("images/packages/versions/{list}/{name}", VersionsHandler),
)
