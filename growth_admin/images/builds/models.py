"""Builds, as this part shows and takes them."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from growth_admin.core.schema import Model, Moment
from growth_admin.core.snapshots import Numbered
from growth_admin.jobs.models import State

REASON_CHARS: Final = 500
Reason = Annotated[str, Field(min_length=1, max_length=REASON_CHARS, pattern=r"\S")]
"""Why; spaces alone are none."""
Kind = Literal["pip", "conda", "apt"]


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
    digest: str = Field(default="", description="what was pushed, once it was")
    size_bytes: int | None = Field(default=None, description="what a node fetches of it")
    python_version: str = ""
    packages: int = Field(default=0, description="number of packages in it")
    is_smoke_passed: bool | None = Field(default=None, description="nothing before they were run")
    took_s: float | None = None


class BuildList(Model):
    """Every build, newest first, and whether another one can be begun here."""

    builds: tuple[Build, ...]
    builder: str = Field(description="program and version that builds here; empty if none does")
    problem: str = Field(default="", description="why nothing can be built here")
    hint: str = ""


class BuildDetails(Model):
    """One build with what is in it, against the one that was built before."""

    build: Build
    compared_with: int | None = Field(default=None, description="number of that build")
    changes: tuple[PackageDelta, ...] = ()
    size_change_bytes: int | None = None
    packages: tuple[InstalledPackage, ...] = ()
    licenses: tuple[LicenseCount, ...] = Field(default=(), description="most packages first")
    checks: tuple[SmokeCheck, ...] = ()


class Sbom(Model):
    """The list of all parts of an image, for other programs."""

    document: dict[str, Any] = Field(description="CycloneDX 1.6, JSON")


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
    digest: str = ""
    size_bytes: int | None = None
