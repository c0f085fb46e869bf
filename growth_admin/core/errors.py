"""The one error tree: what happened, to what, and what to do next.

A manager raises these, the HTTP layer writes them as problem documents (RFC 9457), and
``GrowthClient`` raises the same classes again. ``kind`` is the name on the wire.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar


class GrowthError(Exception):
    """Something the user must hear about.

    ``detail`` says what happened and to what, ``hint`` what to do next, ``fields`` which
    inputs are wrong (pairs of field name and reason), ``context`` what a caller may need to
    go on (for example the three versions of a conflict). ``context`` never holds a secret.
    """

    kind: ClassVar[str] = "failed"
    title: ClassVar[str] = "The request failed"
    default_hint: ClassVar[str] = ""

    def __init__(
        self,
        detail: str,
        *,
        hint: str = "",
        fields: Sequence[tuple[str, str]] = (),
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint or self.default_hint
        self.fields = tuple(fields)
        self.context = context or {}

    @classmethod
    def from_wire(
        cls,
        detail: str,
        *,
        hint: str,
        fields: Sequence[tuple[str, str]],
        context: dict[str, Any],
    ) -> GrowthError:
        """Return the error that a problem document tells of."""
        return cls(detail, hint=hint, fields=fields, context=context)


class InvalidInput(GrowthError):
    """An input is missing, malformed or out of range."""

    kind = "invalid-input"
    title = "The input is not valid"


class NotFound(GrowthError):
    """The named thing does not exist."""

    kind = "not-found"
    title = "Not found"


class Forbidden(GrowthError):
    """The visitor lacks a permission."""

    kind = "forbidden"
    title = "You lack this permission"


class Conflict(GrowthError):
    """Somebody else changed the same thing first."""

    kind = "conflict"
    title = "Changed by somebody else"


class StalePlan(GrowthError):
    """The world is no longer what the plan was made for."""

    kind = "stale-plan"
    title = "The plan is out of date"
    default_hint = "Make the plan again, look at what changed, and apply the new one."


class ConfirmationNeeded(GrowthError):
    """The step is allowed only with a written reason or a typed number."""

    kind = "confirmation-needed"
    title = "A confirmation is needed"


class LeaseLost(GrowthError):
    """Another server has taken the job over."""

    kind = "lease-lost"
    title = "The job is run by another server"


class HubUnavailable(GrowthError):
    """The hub gave no usable answer."""

    kind = "hub-unavailable"
    title = "The hub does not answer"
    default_hint = "Nothing was changed. Try again in a minute; if it lasts, look at the hub's log."


class HubRefused(GrowthError):
    """The hub answered, and refused."""

    kind = "hub-refused"
    title = "The hub refused"


class GitHubUnavailable(GrowthError):
    """GitHub gave no usable answer."""

    kind = "github-unavailable"
    title = "GitHub does not answer"
    default_hint = "Try again in a minute; if it lasts, look at www.githubstatus.com."


class GitHubRefused(GrowthError):
    """GitHub answered, and refused."""

    kind = "github-refused"
    title = "GitHub refused"


class InvitationLimit(GitHubRefused):
    """The organization has sent as many invitations as it may within 24 hours.

    GitHub says so with 422 and "Over invitation rate limit", and never when it ends.
    """

    kind = "invitation-limit"
    title = "No more invitations today"


class RateLimited(GitHubUnavailable):
    """GitHub asks to wait (primary or secondary limit); ``until`` is by GitHub's clock."""

    kind = "rate-limited"
    title = "GitHub asks to wait"

    def __init__(self, detail: str, *, until: datetime, hint: str = "") -> None:
        super().__init__(detail, hint=hint, context={"until": until.isoformat()})
        self.until = until

    @classmethod
    def from_wire(
        cls,
        detail: str,
        *,
        hint: str,
        fields: Sequence[tuple[str, str]],
        context: dict[str, Any],
    ) -> RateLimited:
        """Return the error that a problem document tells of."""
        return cls(detail, until=datetime.fromisoformat(context["until"]), hint=hint)


class Uncertain(GitHubUnavailable):
    """A change was sent, and no answer came: it may have been made. Look before trying again."""

    kind = "github-uncertain"


class RegistryUnavailable(GrowthError):
    """The registry of the images gave no usable answer."""

    kind = "registry-unavailable"
    title = "The image registry does not answer"
    default_hint = (
        "Nothing was changed. Try again in a minute; if it lasts, look at the registry. Servers "
        "that run go on; new ones start only where the image is on the node already."
    )


class RegistryRefused(GrowthError):
    """The registry of the images answered, and refused."""

    kind = "registry-refused"
    title = "The image registry refused"
    default_hint = "Nothing was changed. The log of the registry may say why."


class IndexUnavailable(GrowthError):
    """An index of packages gave no usable answer."""

    kind = "index-unavailable"
    title = "The package index does not answer"
    default_hint = "Nothing was changed. Try again in a minute; if it lasts, look at the index."


class NotConfigured(GrowthError):
    """A part or a credential that this step needs is not there."""

    kind = "not-configured"
    title = "A part is missing"


class StorageFull(GrowthError):
    """The disk has no room for the write. The old content is untouched."""

    kind = "storage-full"
    title = "The disk is full"
    default_hint = "Nothing was changed. Make room on the disk, then save again."


class StorageUnavailable(GrowthError):
    """The folder cannot be read or written."""

    kind = "storage-unavailable"
    title = "The folder cannot be used"


class TookTooLong(GrowthError):
    """Work that also asks services outside did not end in its time."""

    kind = "took-too-long"
    title = "It takes too long"


def error_classes() -> dict[str, type[GrowthError]]:
    """Return every class of the tree by its ``kind``."""
    found: dict[str, type[GrowthError]] = {}
    pending: list[type[GrowthError]] = [GrowthError]
    while pending:
        cls = pending.pop()
        found[cls.kind] = cls
        pending.extend(cls.__subclasses__())
    return found
