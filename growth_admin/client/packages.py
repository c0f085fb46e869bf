"""The image's lists of packages, as notebooks and widgets use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from growth_admin.client.transport import Transport
from growth_admin.images.packages import models
from growth_admin.images.packages.models import FileKey, ListName, PackageChange


class PackagesClient:
    """What the image is made of, and how to change it and take that back."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get_lists(self) -> models.PackageLists:
        """Return the lists as they stand; no index is asked."""
        return self._transport.get(models.PackageLists, "images", "packages")

    def check(self, texts: Mapping[FileKey, str] | None = None) -> models.PackageReport:
        """Return every package held against its index, a dry run and the lint.

        ``texts`` stand in the place of files (``pip``, ``conda``, ``apt``, ``dockerfile``).
        """
        body = models.PackageCheckRequest(texts=dict(texts or {}))
        return self._transport.post(models.PackageReport, "images", "packages", "checks", body=body)

    def list_versions(self, name: str, *, list: ListName = "pip") -> models.Versions:
        """Return the versions of a package that fit the image's Python, newest first."""
        return self._transport.get(models.Versions, "images", "packages", "versions", list, name)

    def plan(
        self,
        changes: Sequence[PackageChange] = (),
        *,
        texts: Mapping[FileKey, str] | None = None,
    ) -> models.PackagePlan:
        """Return what would be changed, as a difference, and what is known against it."""
        body = models.PackagePlanRequest(changes=tuple(changes), texts=dict(texts or {}))
        return self._transport.post(models.PackagePlan, "images", "packages", "plans", body=body)

    def save(
        self, plan: models.PackagePlan, *, reason: str, override_reason: str = ""
    ) -> models.PackagesSaved:
        """Do what the plan says, as a new revision; at GitHub as a ``proposal`` to be merged.

        Raises ``StalePlan`` or ``Conflict`` when somebody else changed the lists,
        ``ConfirmationNeeded`` when a build would fail and ``override_reason`` is empty, and
        ``InvalidInput`` when the plan changes nothing.
        """
        models.require_change(plan)
        body = models.PackageSaveRequest(
            plan_id=plan.id, texts=plan.texts, reason=reason, override_reason=override_reason
        )
        return self._transport.post(
            models.PackagesSaved, "images", "packages", "revisions", body=body
        )

    def get_history(self) -> models.SourceHistory:
        """Return every revision, newest first."""
        return self._transport.get(models.SourceHistory, "images", "packages", "revisions")

    def get_revision(self, number: int) -> models.RevisionDetails:
        """Return one revision with its texts and what it changed."""
        return self._transport.get(
            models.RevisionDetails, "images", "packages", "revisions", str(number)
        )

    def restore(
        self, number: int, *, reason: str, expected_revision: int | None = None
    ) -> models.PackagesSaved:
        """Bring the lists back to an earlier revision, as a new one."""
        body = models.PackageRestoreRequest(
            revision=number, reason=reason, expected_revision=expected_revision
        )
        return self._transport.post(
            models.PackagesSaved, "images", "packages", "restorations", body=body
        )

    def list_proposals(self) -> models.ProposalList:
        """Return the changes that wait as pull requests, newest first; none for a folder."""
        return self._transport.get(models.ProposalList, "images", "packages", "proposals")

    def get_proposal(self, number: int) -> models.ProposalDetails:
        """Return one waiting change, what it would change now, and whether it may be merged."""
        return self._transport.get(
            models.ProposalDetails, "images", "packages", "proposals", str(number)
        )

    def merge(self, proposal: models.Proposal) -> models.PackagesSaved:
        """Make a waiting change part of what is built.

        Raises ``Conflict`` when its branch is not as it was looked at, or the lists were changed
        since it was made.
        """
        body = models.MergeRequest(commit=proposal.commit)
        number = str(proposal.number)
        return self._transport.post(
            models.PackagesSaved, "images", "packages", "proposals", number, "merges", body=body
        )

    def withdraw(self, number: int, *, reason: str) -> models.Proposal:
        """Give a waiting change up: its pull request is closed, its branch removed."""
        body = models.WithdrawRequest(reason=reason)
        place = ("images", "packages", "proposals", str(number), "withdrawals")
        return self._transport.post(models.Proposal, *place, body=body)
