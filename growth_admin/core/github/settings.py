"""Where GitHub is, which organization is the school's, and with what it is asked."""

from __future__ import annotations

import os
from typing import Any, Final
from urllib.parse import urlsplit

from traitlets import CUnicode, Float, Int, Unicode, default
from traitlets.config import LoggingConfigurable

from growth_admin.core.errors import NotConfigured
from growth_admin.core.hosts import is_inside, is_service_address

API_URL: Final = "https://api.github.com"
WEB_URL: Final = "https://github.com"


class GitHub(LoggingConfigurable):
    """The school's organization at GitHub, and how it is asked. Nothing here is secret itself."""

    api_url = Unicode(
        API_URL,
        help="Where the REST API is. For GitHub Enterprise Server https://HOST/api/v3, for an "
        "enterprise with data residency https://api.SUBDOMAIN.ghe.com. Plain http only within the "
        "own network (the demo's stand-in).",
    ).tag(config=True)
    web_url = Unicode(
        "",
        help="Where people look at GitHub, for links. Empty: derived from GitHub.api_url.",
    ).tag(config=True)
    organization = Unicode(
        help="Login of the school's organization. Default: the environment variable GROWTH_ORG."
    ).tag(config=True)
    token_file = Unicode(
        "",
        help="File that holds a personal access token, alone on one line: a fine-grained one with "
        "the organization permission Members: read and write, or a classic one with admin:org; "
        "of an owner. Readable for admins only. A GitHub App is better: it does not leave with a "
        "person.",
    ).tag(config=True)
    app_id = CUnicode(
        "",
        help="Number (or client id) of the GitHub App that is installed in the organization, with "
        "the organization permission Members: read and write. Goes before a token.",
    ).tag(config=True)
    app_key_file = Unicode(
        "",
        help="File that holds the App's private key (PEM), as GitHub gives it out. Readable for "
        "admins only.",
    ).tag(config=True)
    app_installation_id = Int(
        0, min=0, help="Number of the App's installation. 0: looked up by the organization."
    ).tag(config=True)
    timeout_s = Float(
        20.0, min=0.1, help="Seconds to wait for GitHub before the connection counts as cut."
    ).tag(config=True)
    parallel_reads = Int(
        6, min=1, max=50, help="Pages that are read at the same time. GitHub allows 100."
    ).tag(config=True)
    reads_per_minute = Int(
        800, min=1, help="Most reads in a minute. GitHub's secondary limit is 900 points."
    ).tag(config=True)
    write_interval_s = Float(
        1.0, min=0.0, help="Seconds between two changes; GitHub asks for at least one."
    ).tag(config=True)
    writes_per_minute = Int(
        80, min=1, help="Most changes in a minute. GitHub's secondary limit is 80."
    ).tag(config=True)
    writes_per_hour = Int(
        450, min=1, help="Most changes in an hour. GitHub's secondary limit is 500."
    ).tag(config=True)

    @default("organization")
    def _organization_of_environment(self) -> str:
        return os.environ.get("GROWTH_ORG", "")

    @property
    def api(self) -> str:
        """The address of the API without a slash at its end. Raises ``NotConfigured``."""
        url = self.api_url.strip().rstrip("/")
        if not is_service_address(url):
            raise NotConfigured(
                "GitHub.api_url is not the address of an API.",
                hint=f"Leave it out for github.com ({API_URL}), or write https://HOST/api/v3.",
            )
        parts = urlsplit(url)
        if parts.scheme == "http" and not is_inside(parts.hostname or ""):
            raise NotConfigured(
                f"GitHub.api_url would send the credential to {parts.hostname} unencrypted.",
                hint="Write https:// there.",
            )
        return url

    @property
    def host(self) -> str:
        """Host and port of the API, for people."""
        return urlsplit(self.api).netloc

    @property
    def web(self) -> str:
        """The address of the pages for people, without a slash at its end."""
        if self.web_url:
            return self.web_url.strip().rstrip("/")
        parts = urlsplit(self.api)
        host = parts.netloc
        if host.startswith("api.") and not parts.path:
            host = host.removeprefix("api.")
        return f"{parts.scheme}://{host}"

    def require_organization(self) -> str:
        """Return the organization's login. Raises ``NotConfigured`` without one."""
        name = self.organization.strip()
        if not name:
            raise NotConfigured(
                "The school's organization at GitHub is not set.",
                hint="Set GitHub.organization, or GROWTH_ORG in the hub's configuration.",
            )
        return name

    def page(self, *words: str) -> str:
        """Return the address of a page for people below ``web``."""
        return "/".join((self.web, *words))

    def settings_page(self, *words: str) -> str:
        """Return the address of a page of the organization's settings."""
        return self.page("organizations", self.organization.strip(), "settings", *words)


def read_settings(config: Any) -> GitHub:
    """Return the settings as the configuration has them."""
    return GitHub(config=config)
