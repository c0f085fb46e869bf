"""A GitHub App's tokens: which installation is the organization's, and a token of it.

Source: GitHub, "Generating an installation access token for a GitHub App".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import github.Auth

from growth_admin.core.errors import GitHubRefused, GitHubUnavailable, NotConfigured
from growth_admin.roster.github.credential import Credential, InstallationToken
from growth_admin.roster.github.exchange import path_of
from growth_admin.roster.github.settings import GitHub

Ask = Callable[..., Any]
"""Asks GitHub as the App itself: ``Calls.ask_as_app``."""


class InstallationTokens:
    """Asks for tokens of the App's installation."""

    def __init__(self, settings: GitHub, ask: Ask) -> None:
        self._settings, self._ask = settings, ask

    def mint(self, app: github.Auth.AppAuth) -> InstallationToken:
        """Return a new token. Raises ``NotConfigured`` for an App that is not installed."""
        number = self._settings.app_installation_id or self._find(app)
        path = path_of("app", "installations", number, "access_tokens")
        data = self._asked(app, "POST", path, "a token of the App's installation")
        try:
            expires = datetime.fromisoformat(data["expires_at"]).astimezone(UTC)
            permissions = {str(k): str(v) for k, v in (data.get("permissions") or {}).items()}
            return InstallationToken(str(data["token"]), expires, permissions)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise GitHubUnavailable(
                "GitHub's reply holds no token of the App's installation.",
                hint="Check GitHub.api_url.",
            ) from None

    def _find(self, app: github.Auth.AppAuth) -> int:
        name = self._settings.require_organization()
        data = self._asked(
            app, "GET", path_of("orgs", name, "installation"), "the App's installation"
        )
        try:
            return int(data["id"])
        except (KeyError, TypeError, ValueError):
            raise GitHubUnavailable(
                "GitHub's reply about the App's installation has no id.",
                hint="Check GitHub.api_url.",
            ) from None

    def _asked(self, app: github.Auth.AppAuth, method: str, path: str, what: str) -> Any:
        settings = self._settings
        try:
            return ask_as(settings, self._ask, app, method, path, what)
        except GitHubRefused as e:
            if e.context.get("status") != 404:
                raise
            name = settings.organization.strip() or "the organization"
            raise NotConfigured(
                f"The GitHub App {settings.app_id} is not installed in {name}.",
                hint="An owner installs it: the App's page, Install App. Or GitHub.app_id, "
                "GitHub.app_installation_id or GitHub.organization is wrong. "
                f"{settings.settings_page('apps')}",
                context={"status": 404, "link": settings.settings_page("apps")},
            ) from None


def ask_as(
    settings: GitHub, ask: Ask, app: github.Auth.AppAuth, method: str, path: str, what: str
) -> Any:
    """Return the body of GitHub's answer to the App itself. Raises as ``Calls.read``."""
    path_of_key = Path(settings.app_key_file)
    title = f"key of GitHub App {settings.app_id} in {path_of_key}"
    nameless = Credential("app", title, path_of_key, github.Auth.AppAuthToken("-"))
    return ask(app, method, path, what=what, nameless=nameless).data
