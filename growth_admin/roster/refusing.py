"""What a refusal means: for this person only, or for everybody until somebody puts it right."""

from __future__ import annotations

from typing import Final

from growth_admin.core.errors import GitHubRefused, GrowthError, NotConfigured, NotFound
from growth_admin.roster.ledger_lines import Result

ABOUT_ONE: Final = frozenset(
    {"blocked", "member-already", "organization-account", "not-found", "refused"}
)
"""Reasons (``github.failures``) that concern one person; all others concern everybody."""
ALREADY: Final = ("already a part of this organization", "already been invited")


def is_blocked(error: GrowthError) -> bool:
    """Return whether GitHub refused because the organization blocks the person, or they left."""
    reason = error.context.get("reason")
    return reason == "blocked" or (reason is None and "blocked" in error.detail.casefold())


def is_for_everybody(error: GrowthError) -> bool:
    """Return whether the next person would be refused likewise: credential, rights, seats."""
    if isinstance(error, NotConfigured):
        return True
    if isinstance(error, NotFound) or is_blocked(error):
        return False
    reason, status = error.context.get("reason"), error.context.get("status")
    if reason == "refused" or reason is None:
        return status in (401, 403)
    return reason not in ABOUT_ONE


def judged(error: GrowthError) -> tuple[Result, str]:
    """Return the result for one person, and why."""
    said = error.detail.rstrip(".")
    if is_blocked(error):
        return "blocked", said
    if isinstance(error, GitHubRefused) and _is_so_already(error):
        return "skipped", said
    hint = f". {error.hint}" if error.hint else ""
    return "failed", f"{said}{hint}"


def _is_so_already(error: GitHubRefused) -> bool:
    if error.context.get("reason") == "member-already":
        return True
    words = f"{error.detail} {error.context.get('message', '')}".casefold()
    return any(word in words for word in ALREADY)
