"""Pages at GitHub where an organiser does what is missing. Source: GitHub's settings pages."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from growth_admin.core.github.settings import GitHub

APP_PERMISSIONS: Final = {
    "members": "write",
    "organization_user_blocking": "read",
    "organization_plan": "read",
}
"""What the school's App asks for: the first is needed, the others show more."""


def new_app(settings: GitHub) -> str:
    """Return the page that registers an App, filled in.

    Source: GitHub, "Registering a GitHub App using URL parameters".
    """
    name = settings.organization.strip()
    wanted = {
        "name": f"growth-admin {name}"[:34],
        "description": "People in and out of the school's teams",
        "url": settings.page(name),
        "public": "false",
        "webhook_active": "false",
        **APP_PERMISSIONS,
    }
    return f"{settings.settings_page('apps', 'new')}?{urlencode(wanted)}"


def new_token(settings: GitHub) -> str:
    """Return the page that makes a fine-grained token."""
    return settings.page("settings", "personal-access-tokens", "new")


def people(settings: GitHub) -> str:
    """Return the page of the organization's members."""
    return settings.page("orgs", settings.organization.strip(), "people")
