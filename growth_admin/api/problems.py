"""Errors as problem documents (RFC 9457)."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from growth_admin.core import errors
from growth_admin.core.schema import Model

CONTENT_TYPE: Final = "application/problem+json"

STATUS: Final[dict[type[errors.GrowthError], int]] = {
    errors.GrowthError: 500,
    errors.InvalidInput: 400,
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Conflict: 409,
    errors.StalePlan: 409,
    errors.ConfirmationNeeded: 422,
    errors.LeaseLost: 409,
    errors.HubUnavailable: 503,
    errors.HubRefused: 502,
    errors.GitHubUnavailable: 503,
    errors.GitHubRefused: 502,
    errors.RegistryUnavailable: 503,
    errors.RegistryRefused: 502,
    errors.IndexUnavailable: 503,
    errors.NotConfigured: 501,
    errors.StorageFull: 507,
    errors.StorageUnavailable: 503,
    errors.TookTooLong: 504,
}
_OF_ROOMS: dict[type[errors.GrowthError], int] = {}


def give_status(statuses: dict[type[errors.GrowthError], int]) -> None:
    """Say which status the errors of a room have; its handlers do so when they are imported."""
    _OF_ROOMS.update(statuses)


def status_of(error: type[errors.GrowthError]) -> int:
    """Return the HTTP status of an error: its own, or that of the class that it comes from."""
    known = {**STATUS, **_OF_ROOMS}
    return next(known[cls] for cls in error.__mro__ if cls in known)


class FieldProblem(Model):
    """One wrong input."""

    field: str
    message: str


class Problem(Model):
    """What went wrong (RFC 9457), with a hint, and ``message`` for JupyterLab's client."""

    type: str = Field(description="urn:growth-admin:problem:<kind>")
    title: str
    status: int
    detail: str
    hint: str = Field(default="", description="what to do next")
    errors: tuple[FieldProblem, ...] = ()
    message: str = Field(description="the same as detail; JupyterLab's client reads this one")
    context: dict[str, Any] = Field(default_factory=dict)


def problem_of(error: errors.GrowthError) -> Problem:
    """Return the document for an error."""
    return Problem(
        type=f"urn:growth-admin:problem:{error.kind}",
        title=error.title,
        status=status_of(type(error)),
        detail=error.detail,
        hint=error.hint,
        errors=tuple(FieldProblem(field=name, message=why) for name, why in error.fields),
        message=error.detail,
        context=error.context,
    )


def plain_problem(status: int, title: str, detail: str, hint: str = "") -> Problem:
    """Return the document for an HTTP error that no manager raised."""
    return Problem(
        type="about:blank", title=title, status=status, detail=detail, hint=hint, message=detail
    )
