"""What a credential may and what a call needs, as GitHub's headers say it.

Source: GitHub, "Troubleshooting the REST API" (insufficient permissions), "Scopes for OAuth apps".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

OF_REPOSITORIES: Final = {
    "actions": "Actions",
    "contents": "Contents",
    "metadata": "Metadata",
    "pull_requests": "Pull requests",
    "workflows": "Workflows",
}
"""Those that are given for repositories; all others are the organization's."""
NAMES: Final = {
    "members": "Members",
    "organization_administration": "Administration",
    "organization_plan": "Plan",
    "organization_user_blocking": "Blocking users",
    **OF_REPOSITORIES,
}
LEVELS: Final = {"read": "read-only", "write": "read and write", "admin": "admin"}
IMPLIED: Final = {
    "admin:org": ("write:org", "read:org"),
    "write:org": ("read:org",),
    "user": ("read:user", "user:email", "user:follow"),
}


def words_of(name: str, level: str) -> str:
    """Return a permission as GitHub's pages write it: ``Members: read and write``."""
    return f"{NAMES.get(name, name.replace('_', ' '))}: {LEVELS.get(level, level)}"


def granted_scopes(headers: Mapping[str, str]) -> frozenset[str] | None:
    """Return the scopes of a classic token with those they contain; None for other kinds."""
    if "x-oauth-scopes" not in headers:
        return None
    named = _words(headers["x-oauth-scopes"])
    return frozenset(named) | {inner for scope in named for inner in IMPLIED.get(scope, ())}


def missing_scope(headers: Mapping[str, str]) -> str:
    """Return the scope that a classic token would need; empty if it has one that is enough."""
    granted = granted_scopes(headers)
    accepted = _words(headers.get("x-accepted-oauth-scopes", ""))
    if granted is None or not accepted or granted & set(accepted):
        return ""
    return next((scope for scope in accepted if scope == "admin:org"), accepted[0])


def needed_permissions(headers: Mapping[str, str]) -> str:
    """Return in words what ``X-Accepted-GitHub-Permissions`` asks for; empty without it.

    Sets that are enough each are separated by semicolons, what a set needs together by commas.
    """
    sets = headers.get("x-accepted-github-permissions", "").split(";")
    return " or ".join(filter(None, (_set_in_words(part) for part in sets)))


def place_of(headers: Mapping[str, str]) -> str:
    """Return what the permissions that a call needs are given for: organization or repository."""
    named = re.findall(r"(\w+)=", headers.get("x-accepted-github-permissions", ""))
    return "repository" if OF_REPOSITORIES.keys() & set(named) else "organization"


def _set_in_words(text: str) -> str:
    pairs = (part.strip().partition("=") for part in text.split(","))
    return " with ".join(words_of(name, level) for name, _, level in pairs if name and level)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
