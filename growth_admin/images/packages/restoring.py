"""Bringing the lists back to an earlier revision, wherever the source is."""

from __future__ import annotations

from collections.abc import Mapping

from growth_admin.core.errors import Conflict, InvalidInput
from growth_admin.core.schema import now
from growth_admin.images.packages.models import FileKey, PackageRestoreRequest, SourceRevision
from growth_admin.images.packages.planning import difference


def require_newest(head: SourceRevision | None, asked: PackageRestoreRequest) -> None:
    """Raise ``Conflict`` if another revision is the newest than the requester knows."""
    number = head.number if head else 0
    if asked.expected_revision not in (None, number):
        raise Conflict(
            f"The newest revision is r{number} by now, not r{asked.expected_revision}.",
            hint="Look at the history, then decide again.",
        )


def restoring(
    asked: PackageRestoreRequest,
    before: Mapping[FileKey, str],
    after: Mapping[FileKey, str],
    *,
    author: str,
) -> SourceRevision:
    """Return the revision that brings ``after`` back. Raises ``InvalidInput`` if it is there."""
    if not difference(before, after):
        raise InvalidInput(f"The files are as in r{asked.revision} already.")
    return SourceRevision(
        number=0,
        sha256={},
        author=author,
        reason=asked.reason,
        time=now(),
        origin="restored",
        summary=f"As in r{asked.revision}",
        restored_from=asked.revision,
        state="pending",
    )
