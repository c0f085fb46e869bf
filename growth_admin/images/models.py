"""Images, as this room shows and takes them."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from growth_admin.core.plan import Plan, Receipt
from growth_admin.core.schema import Model, Moment

REASON_CHARS: Final = 500
Check = Literal["smoke", "canary"]
GateState = Literal["passed", "failed", "missing"]
Action = Literal["promote", "roll-back", "found"]
MoveState = Literal["pending", "done", "not-moved", "unclear"]


class CheckResult(Model):
    """What one check of an image found."""

    id: str
    digest: str = Field(description="the image that was checked")
    check: Check
    is_passed: bool
    time: Moment
    author: str = Field(description="hub user whose check it was")
    detail: str = Field(default="", description="what was checked, or why it failed")
    job_id: str = Field(default="", description="the job that ran the check, if one did")


class Gate(Model):
    """Whether an image may be promoted: the newest result of each check that is asked for."""

    state: GateState
    missing: tuple[Check, ...] = Field(default=(), description="checks without any result")
    failed: tuple[Check, ...] = Field(default=(), description="checks whose newest result is bad")
    sentence: str = Field(description="the same in words")


class CheckRequest(Model):
    """The result of a check, to be kept."""

    check: Check
    is_passed: bool
    detail: str = Field(default="", max_length=4_000)
    job_id: str = Field(default="", max_length=100)


class Image(Model):
    """What is known of an image by its digest; it never changes."""

    digest: str
    media_type: str
    created: Moment | None = Field(default=None, description="when it was built, as it says")
    revision: str = Field(default="", description="label org.opencontainers.image.revision")
    version: str = Field(default="", description="label org.opencontainers.image.version")
    labels: dict[str, str] = Field(default_factory=dict)
    platforms: tuple[str, ...] = Field(default=(), description="for example linux/amd64")
    size_bytes: int = Field(
        description="what a node fetches that has none of it: compressed layers and configuration "
        "of the first platform"
    )
    layers: int = Field(description="number of layers of the first platform")
    images: tuple[str, ...] = Field(
        default=(), description="digests of the images of an index, one per platform"
    )


class ImageTag(Model):
    """One tag at the registry."""

    name: str
    digest: str
    is_live: bool = Field(description="whether students' servers start with this digest now")
    image: Image | None = Field(default=None, description="nothing where problem says why")
    gate: Gate
    problem: str = ""


class ImageList(Model):
    """The school's image at its registry: what students get, and what else there is."""

    name: str = Field(description="name of the image, without a tag")
    tag: str = Field(description="the tag that students' servers start with")
    digest: str = Field(description="what that tag names now; empty if there is no such tag")
    tags: tuple[ImageTag, ...] = Field(description="newest image first, then by name")
    left_out: int = Field(default=0, description="tags beyond those that are shown")
    notes: tuple[str, ...] = Field(default=(), description="what should be set otherwise")
    as_of: Moment


class ImageDetails(Model):
    """One image with everything that is known of it."""

    name: str
    image: Image
    tags: tuple[str, ...] = Field(description="tags of the list that name it")
    is_live: bool
    gate: Gate
    results: tuple[CheckResult, ...] = Field(description="results of checks, newest first")
    gone: tuple[str, ...] = Field(
        default=(), description="digests of parts that the registry has no more"
    )


class Move(Model):
    """One move of the tag."""

    number: int
    tag: str
    action: Action = Field(description="found: somebody moved it elsewhere, and we noticed")
    from_digest: str = Field(description="empty if the tag did not exist")
    to_digest: str = Field(description="empty if the tag was deleted")
    time: Moment = Field(description="when it was begun; of one that was found, when")
    author: str = Field(description="hub user; empty for a move that was found")
    reason: str = ""
    gate: GateState | None = Field(default=None, description="how the gate of the digest stood")
    force_reason: str = Field(default="", description="why it was promoted past its gate")
    state: MoveState = "pending"
    ended: Moment | None = None
    end_digest: str = Field(default="", description="what the tag named afterwards")
    detail: str = Field(default="", description="what is worth knowing of its end")


class Usage(Model):
    """How many running servers run a digest."""

    digest: str
    servers: int
    inferred: int = Field(
        default=0, description="of these, told from the time of their start and the timeline"
    )
    is_live: bool


class Timeline(Model):
    """The tag's moves, newest first, and who runs what."""

    name: str
    tag: str
    digest: str = Field(description="what the tag names now; empty if it does not exist")
    moves: tuple[Move, ...]
    usage: tuple[Usage, ...] = Field(default=(), description="most servers first")
    stale: int = Field(default=0, description="running servers on another digest than the live one")
    unknown: int = Field(default=0, description="running servers whose image cannot be told")
    notes: tuple[str, ...] = Field(default=(), description="what cannot be told, and why")


class PlanRequest(Model):
    """Which image is to become the live one: a tag, a digest or the beginning of one."""

    target: str = Field(min_length=1, max_length=255)


class ImagePlan(Plan):
    """A move of the tag that has not happened yet."""

    tag: str
    from_digest: str
    to_digest: str
    gate: Gate
    needs_force: bool = Field(description="whether it needs a reason to pass the gate")
    is_possible: bool = Field(description="false: a warning says why it will be refused")
    gone: tuple[str, ...] = Field(
        default=(), description="digests of parts that the registry has no more"
    )
    image: Image
    servers: int | None = Field(
        default=None, description="running servers on another digest, where that is known"
    )


class PromoteRequest(Model):
    """A plan that was shown and is to be done."""

    plan_id: str = Field(min_length=1, max_length=64)
    digest: str = Field(min_length=1, max_length=100, description="to_digest of the plan")
    reason: str = Field(min_length=1, max_length=REASON_CHARS)
    force_reason: str = Field(
        default="", max_length=REASON_CHARS, description="why it may pass its gate"
    )


class RollBackRequest(Model):
    """Take the tag back to a digest that students had before, in one step."""

    digest: str = Field(
        default="",
        max_length=100,
        description="empty: the one that the last move replaced; refused after a roll-back",
    )
    expected_digest: str = Field(
        default="", max_length=100, description="what the tag names as the requester knows it"
    )
    reason: str = Field(min_length=1, max_length=REASON_CHARS)


class Moved(Model):
    """What was done."""

    move: Move
    receipt: Receipt
