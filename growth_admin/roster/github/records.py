"""GitHub's records as the roster reads them; one that lacks what it must have is no answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, TypeVar

from growth_admin.core.errors import GitHubUnavailable, Uncertain
from growth_admin.roster.facts import Account, FailedInvitation, Invitation, Team

Made = TypeVar("Made")


def made(read: Callable[[dict[str, Any]], Made], data: Any, what: str) -> Made:
    """Return what a change's answer tells; raise ``Uncertain`` if it tells nothing."""
    try:
        return read(data)
    except (KeyError, TypeError, ValueError, GitHubUnavailable):
        raise Uncertain(
            f"GitHub's answer to {what} is not readable. It may have been made.",
            hint="Look whether it was made before it is sent again; a new plan does.",
        ) from None


def put_state(raw: dict[str, Any]) -> Literal["active", "pending"]:
    """Return how somebody stands who was just added."""
    if raw["state"] == "active":
        return "active"
    if raw["state"] == "pending":
        return "pending"
    raise ValueError(raw["state"])


def account_of(raw: dict[str, Any]) -> Account:
    """Return the account."""
    if not isinstance(raw.get("id"), int) or not raw.get("login"):
        raise GitHubUnavailable("GitHub's reply about an account has no id or login.")
    kind = raw.get("type")
    return Account(
        raw["id"],
        str(raw["login"]),
        "User" if kind == "User" else "Organization" if kind == "Organization" else "Bot",
    )


def team_of(raw: dict[str, Any]) -> Team:
    """Return the team."""
    if not isinstance(raw.get("id"), int) or not raw.get("slug"):
        raise GitHubUnavailable("GitHub's reply about a team has no id or slug.")
    return Team(raw["id"], str(raw["slug"]), str(raw.get("name") or raw["slug"]))


def invitation_of(raw: dict[str, Any]) -> Invitation:
    """Return the pending invitation."""
    created = moment_of(raw.get("created_at"))
    if created is None:
        raise GitHubUnavailable("GitHub's reply about an invitation has no date.")
    return Invitation(
        int(raw["id"]), str(raw.get("login") or ""), str(raw.get("email") or ""), created
    )


def failed_of(raw: dict[str, Any]) -> FailedInvitation:
    """Return the invitation that failed."""
    found = invitation_of(raw)
    return FailedInvitation(
        found.id,
        found.login,
        found.email,
        found.created,
        moment_of(raw.get("failed_at")),
        str(raw.get("failed_reason") or ""),
    )


def moment_of(text: Any) -> datetime | None:
    """Return the moment; None for what is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None
