"""What a build would be: the revisions that no image has so far, its tag, and what may hurt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from growth_admin.core.plan import PlanItem, digest_of
from growth_admin.images.builds.models import Build, BuildPlan
from growth_admin.images.packages.models import SourceRevision

TOLD: Final = 50
"""Revisions that a plan lists at most: the newest ones."""


def plan_of(
    head: int,
    revisions: Sequence[SourceRevision],
    builds: Sequence[Build],
    *,
    tag: str,
    builder: str,
) -> BuildPlan:
    """Return the plan for revision ``head``. Both sequences come newest first.

    A branch that was set back names an older revision than the newest that was ever seen.
    """
    revisions = [one for one in revisions if one.number <= head]
    last = next((build for build in builds if build.state == "succeeded"), None)
    fresh = [one for one in revisions if last is None or one.number > last.revision]
    return BuildPlan(
        id=digest_of("build", head, tag)[:16],
        action="build",
        title=f"Build r{head} of the image as {tag}",
        warnings=tuple(_warnings(fresh, builds, head)),
        items=tuple(_item(one) for one in fresh[:TOLD]),
        tag=tag,
        revision=head,
        builder=builder,
        last=last,
    )


def _warnings(fresh: Sequence[SourceRevision], builds: Sequence[Build], head: int) -> list[str]:
    said = [
        f"r{one.number} was saved although a build would fail: {one.override_reason}"
        for one in fresh[:1]
        if one.override_reason
    ]
    same = next((build for build in builds if build.revision == head), None)
    if same is not None and same.state == "failed":
        said.append(f"r{head} was built before as {same.tag}, and that failed: {same.problem}")
    if same is not None and same.state == "succeeded":
        said.append(
            f"r{head} is built already: {same.tag}. Another build of it brings what its base and "
            "what is not pinned have got since."
        )
    return said


def _item(revision: SourceRevision) -> PlanItem:
    why = f"{revision.author}: {revision.reason}"
    detail = f"{revision.summary} ({why})" if revision.summary else why
    return PlanItem(target=f"r{revision.number}", action="build", detail=detail)
