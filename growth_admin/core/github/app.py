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
from growth_admin.core.github.credential import Credential, InstallationToken
from growth_admin.core.github.exchange import path_of
from growth_admin.core.github.settings import GitHub

Ask = Callable[["github.Auth.AppAuth", str, str, str, Credential], Any]
"""Asks GitHub as the App itself: with method, path, what it is about, and for whom."""


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

    def read_app(self, app: github.Auth.AppAuth) -> dict[str, Any]:
        """Return what GitHub says of the App."""
        return dict(self._asked(app, "GET", "/app", "the App"))

    def _asked(self, app: github.Auth.AppAuth, method: str, path: str, what: str) -> Any:
        settings = self._settings
        file = Path(settings.app_key_file)
        nameless = Credential("app", f"key of GitHub App {settings.app_id} in {file}", file)
        try:
            return self._ask(app, method, path, what, nameless)
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
