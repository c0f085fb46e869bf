"""What holds the image's source, and its past: a folder here, or a repository at GitHub.

The two differ in one thing that people see: in a folder a change is there once it is saved, at
GitHub it is proposed first and merged after.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from growth_admin.core.errors import NotFound
from growth_admin.images.packages import models
from growth_admin.images.packages.models import FileKey, FileText, SourceKind, SourceRevision


class Source(Protocol):
    """The files that are edited here, as the next build takes them."""

    @property
    def kind(self) -> SourceKind:
        """Which of the two it is."""
        ...

    @property
    def place(self) -> str:
        """Where it is, for people."""
        ...

    @property
    def link(self) -> str:
        """Its page; empty if it has none."""
        ...

    def require(self) -> None:
        """Raise ``NotConfigured`` where there is none. Asks nobody."""
        ...

    def read(self) -> dict[FileKey, FileText]:
        """Return every file; one that is not there is empty.

        Raises ``NotConfigured``, ``InvalidInput`` for what is no text, ``StorageUnavailable``,
        ``GitHubUnavailable`` or ``GitHubRefused``.
        """
        ...

    def texts(self) -> dict[FileKey, str]:
        """Return every file's text. Raises as ``read``."""
        ...


class Revisions(Protocol):
    """The past of a source. Every method may raise as ``Source.read`` does."""

    def head(self) -> SourceRevision | None:
        """Return the newest revision, as last noticed."""
        ...

    def list_newest(self) -> list[SourceRevision]:
        """Return every revision, newest first, as last noticed."""
        ...

    def notice(self) -> bool:
        """Write down what was changed elsewhere; return whether somebody saves at this moment."""
        ...

    def get_history(self) -> models.SourceHistory:
        """Return every revision, newest first."""
        ...

    def get_revision(self, number: int) -> models.RevisionDetails:
        """Return a revision, its texts and what it changed. Raises ``NotFound``."""
        ...

    def write(
        self,
        before: Mapping[FileKey, str],
        after: dict[FileKey, str],
        revision: SourceRevision,
        *,
        plan_id: str = "",
        is_under_way: bool,
    ) -> models.PackagesSaved:
        """Save texts, or propose them. Raises ``Conflict``, ``StalePlan``, ``StorageFull``."""
        ...

    def restore(self, asked: models.PackageRestoreRequest, *, author: str) -> models.PackagesSaved:
        """Bring the files back to an earlier revision, as a new one.

        Raises ``NotFound``, ``Conflict``, ``InvalidInput`` when the files are so already.
        """
        ...


class Proposals(Protocol):
    """Changes that are not part of the source yet."""

    def list_proposals(self) -> models.ProposalList:
        """Return the open ones and those that ended lately, newest first."""
        ...

    def get_proposal(self, number: int) -> models.ProposalDetails:
        """Return one, with what it would change. Raises ``NotFound``."""
        ...

    def merge(
        self, number: int, asked: models.MergeRequest, *, author: str
    ) -> models.PackagesSaved:
        """Make it part of the source. Raises ``NotFound``, ``Conflict`` or ``InvalidInput``."""
        ...

    def withdraw(
        self, number: int, asked: models.WithdrawRequest, *, author: str
    ) -> models.Proposal:
        """Give it up. Raises ``NotFound`` or ``InvalidInput``."""
        ...


class NoProposals:
    """What a folder has of them."""

    def list_proposals(self) -> models.ProposalList:
        """Return none."""
        return models.ProposalList(source="folder")

    def get_proposal(self, number: int) -> models.ProposalDetails:
        """Raise ``NotFound``."""
        raise _none(number)

    def merge(
        self, number: int, asked: models.MergeRequest, *, author: str
    ) -> models.PackagesSaved:
        """Raise ``NotFound``."""
        raise _none(number)

    def withdraw(
        self, number: int, asked: models.WithdrawRequest, *, author: str
    ) -> models.Proposal:
        """Raise ``NotFound``."""
        raise _none(number)


def _none(number: int) -> NotFound:
    return NotFound(
        f"There is no proposal {number}: the source is a folder, where a change is saved at once.",
        hint="ImageSource.repository makes it a repository at GitHub.",
    )
