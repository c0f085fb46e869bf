"""Builds, as this part shows and takes them."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from growth_admin.core.plan import Plan
from growth_admin.core.schema import Model, Moment
from growth_admin.core.snapshots import Numbered
from growth_admin.jobs.models import Progress, State

REASON_CHARS: Final = 500
Reason = Annotated[str, Field(min_length=1, max_length=REASON_CHARS, pattern=r"\S")]
"""Why; spaces alone are none."""
Kind = Literal["pip", "conda", "apt"]
Stage = Literal["copying", "building", "listing", "checking", "pushing"]
STAGES: Final[dict[Stage, str]] = {
    "copying": "copying the source",
    "building": "building",
    "listing": "looking at what is in it",
    "checking": "running its checks",
    "pushing": "pushing it",
}
"""The stages of a build in their order, in the words of its job's progress."""
Mark = tuple[int, int, int]
"""What tells a file that was replaced (``core.fsops.list_marks``)."""


class InstalledPackage(Model):
    """One package that is in an image, whoever wanted it."""

    kind: Kind
    name: str
    version: str
    license: str = Field(default="", description="as the package says itself; often nothing")


class PackageDelta(Model):
    """A package that another image has in another version, or not at all."""

    kind: Kind
    name: str
    before: str = Field(default="", description="empty: it is new")
    after: str = Field(default="", description="empty: it is gone")


class SmokeCheck(Model):
    """One line of the image's own checks."""

    check: str
    state: str = Field(description="passed, failed or left-out")
    seconds: float = 0
    detail: str = ""


class LicenseCount(Model):
    """How many packages say that they have a licence."""

    license: str = Field(description="empty: they say nothing")
    packages: int


class Build(Model):
    """One build: the tag is its own and never moves."""

    number: int
    tag: str
    revision: int = Field(description="revision of the image's source")
    author: str
    reason: str
    time: Moment = Field(description="when it was asked for")
    job_id: str = Field(default="", description="its job, whose log it is; empty once put away")
    state: State
    problem: str = Field(default="", description="why it failed")
    hint: str = Field(default="", description="what to do after it failed")
    stage: Stage | None = Field(default=None, description="where it is, or where it failed")
    failed_step: str = Field(
        default="", description="line of the Dockerfile at which the builder stopped, as it says it"
    )
    progress: Progress | None = Field(default=None, description="how far it is, while it runs")
    is_cancel_asked: bool = False
    digest: str = Field(default="", description="what was pushed, once it was")
    size_bytes: int | None = Field(default=None, description="what a node fetches of it")
    python_version: str = ""
    packages: int = Field(default=0, description="number of packages in it")
    is_smoke_passed: bool | None = Field(default=None, description="nothing before they were run")
    took_s: float | None = None
    link: str = Field(default="", description="page of the run at GitHub that makes it, if any")


class BuildList(Model):
    """Every build, newest first, and whether another one can be begun here."""

    builds: tuple[Build, ...]
    builder: str = Field(description="program and version that builds here; empty if none does")
    problem: str = Field(default="", description="why nothing can be built here")
    hint: str = ""
    left_out: int = Field(default=0, description="older builds that are not listed")
    notes: tuple[str, ...] = Field(default=(), description="records that cannot be read, and why")


class BuildDetails(Model):
    """One build with what is in it, against the one that was built before."""

    build: Build
    compared_with: int | None = Field(default=None, description="number of that build")
    changes: tuple[PackageDelta, ...] = ()
    size_change_bytes: int | None = None
    packages: tuple[InstalledPackage, ...] = ()
    licenses: tuple[LicenseCount, ...] = Field(default=(), description="most packages first")
    checks: tuple[SmokeCheck, ...] = ()
    smoke_detail: str = Field(default="", description="what the checks said in the end")


class Sbom(Model):
    """The list of all parts of an image, for other programs."""

    document: dict[str, Any] = Field(description="CycloneDX 1.6, JSON")


class BuildPlan(Plan):
    """A build that was not begun yet. Its items are the revisions that no image has so far."""

    tag: str = Field(description="the tag that it gets if nobody else begins one before")
    revision: int = Field(description="newest revision of the source; send it as the expected one")
    builder: str = Field(description="program and version that would build")
    last: Build | None = Field(default=None, description="the newest build that succeeded")


class BuildRequest(Model):
    """Build the source as it stands."""

    reason: Reason
    expected_revision: int | None = Field(
        default=None, description="the newest revision as the requester knows it"
    )


# -- on disk


class Contents(Model):
    """What was found in an image by a program that ran inside."""

    python_version: str = ""
    packages: tuple[InstalledPackage, ...] = ()
    checks: tuple[SmokeCheck, ...] = ()
    is_smoke_passed: bool | None = None
    smoke_detail: str = ""


class Claim(Model):
    """A build that was asked for; its number is nobody else's."""

    number: int
    tag: str
    revision: int
    author: str
    reason: str
    time: Moment


class BuildTurn(Numbered):
    """Who builds now; nobody before the first and after a turn that was given back."""

    mark: str = Field(default="", description="tells this turn from every other")
    by: str = ""
    taken: Moment | None = None
    job_id: str = ""


class BuildEnd(Model):
    """How a build ended."""

    state: State
    time: Moment
    problem: str = ""
    hint: str = ""
    stage: Stage | None = None
    failed_step: str = ""
    digest: str = ""
    size_bytes: int | None = None
    link: str = ""
    python_version: str = ""
    packages: int | None = Field(
        default=None, description="number of packages; nothing where an older version wrote this"
    )
    is_smoke_passed: bool | None = None


class BuildRecord(Model):
    """What a list shows of one build, beside its job."""

    claim: Claim
    end: BuildEnd | None = None
    python_version: str = ""
    packages: int = 0
    is_smoke_passed: bool | None = None


class KnownBuild(Model):
    """A build that has ended, as it was read."""

    mark: Mark = Field(description="of the file that says how it ended")
    record: BuildRecord


class KnownBuilds(Model):
    """A copy of what the files of ended builds say, so that one file is read for all of them."""

    builds: tuple[KnownBuild, ...] = ()
