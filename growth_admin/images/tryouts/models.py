"""A try of packages, as it is asked for and shown."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from growth_admin.core.schema import Model, Moment
from growth_admin.jobs.models import State

TryList = Literal["pip", "conda"]
MOST_PACKAGES: Final = 20
Wanted = Annotated[str, Field(min_length=1, max_length=200)]


class TryRequest(Model):
    """Which packages are to be tried."""

    list: TryList = Field(default="pip", description="what installs them")
    packages: tuple[Wanted, ...] = Field(
        min_length=1,
        max_length=MOST_PACKAGES,
        description="each a name with or without a version, for example lightkurve==2.5; with "
        "conda as it writes them, for example source-extractor=2.28",
    )


class TriedPackage(Model):
    """One package that is in the try's own folder."""

    name: str
    version: str
    instead_of: str = Field(
        default="", description="the version that this server has outside of the try, if another"
    )


class TryOut(Model):
    """One try."""

    id: str
    list: TryList
    packages: tuple[str, ...] = Field(description="what was asked for")
    kernel: str = Field(description="name of the kernel that has them, as Lab shows it")
    state: State
    created: Moment
    job_id: str = Field(default="", description="the job that installs them, with its log")
    problem: str = Field(default="", description="why it failed")
    installed: tuple[TriedPackage, ...] = ()
    warnings: tuple[str, ...] = Field(
        default=(), description="what is not as it should be, although its kernel starts"
    )
    size_bytes: int | None = None


class TryOutList(Model):
    """The tries on this server, newest first."""

    tryouts: tuple[TryOut, ...]
    folder: str = Field(description="where they lie; it goes with the server")
    conda_problem: str = Field(
        default="", description="why packages of conda cannot be tried here; empty if they can"
    )


class TryOutRecord(Model):
    """What lies beside a try: it is there before anything is installed."""

    id: str
    list: TryList
    packages: tuple[str, ...]
    created: Moment
    job_id: str = ""
    installed: tuple[TriedPackage, ...] = ()
    warnings: tuple[str, ...] = ()
    size_bytes: int | None = None
    is_ready: bool = False
