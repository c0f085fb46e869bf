"""What a school is, as far as one server can tell."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from traitlets.config import Config

from growth_admin.core.errors import InvalidInput
from growth_admin.core.permissions import AREAS

ADMIN_AREAS = frozenset({"startup", "roster", "images"})
"""Whoever holds one of these may write the admin folder; TAs keep their state on the shared one."""


@dataclass(frozen=True)
class Settings:
    """What a school is, as far as this server can tell."""

    admin_root: Path
    shared_root: Path
    user: str
    server_name: str = ""
    hub_url: str = ""
    hub_token: str = field(default="", repr=False)
    browser_scopes: tuple[str, ...] = ()
    bot: str = ""
    areas: tuple[str, ...] = AREAS
    start_limit_s: float = 60.0
    lease_s: float = 30.0
    home: Path = field(default_factory=Path.home)
    config: Config = field(default_factory=Config, repr=False)

    @property
    def writer(self) -> str:
        """How this server is called where several servers write, in the name of a file."""
        return f"{self.user}--{self.server_name}" if self.server_name else self.user

    @property
    def is_admins(self) -> bool:
        """Whether the owner may write the admin folder."""
        return not ADMIN_AREAS.isdisjoint(self.areas)


def _seconds(name: str, usual_s: float) -> float:
    """Return a number of the environment. Raises ``InvalidInput`` for what is none."""
    text = os.environ.get(name, "")
    try:
        return float(text) if text else usual_s
    except ValueError:
        raise InvalidInput(
            f"{name} is {text[:40]!r}, which is no number of seconds.",
            hint="The hub sets it: look at its configuration.",
        ) from None


def settings_from_environment(**known: Any) -> Settings:
    """Return the settings that the hub put into the environment; ``known`` ones come first."""
    env = os.environ
    found: dict[str, Any] = {
        "admin_root": Path(env.get("GROWTH_ADMIN_ROOT", "/home/admin")),
        "shared_root": Path(env.get("GROWTH_SHARED_ROOT", "/nfs")),
        "user": env.get("JUPYTERHUB_USER") or env.get("USER") or "admin",
        "server_name": env.get("JUPYTERHUB_SERVER_NAME", ""),
        "hub_url": env.get("JUPYTERHUB_API_URL", ""),
        "hub_token": env.get("JUPYTERHUB_API_TOKEN", ""),
        "browser_scopes": tuple(env.get("GROWTH_BROWSER_SCOPES", "").replace(",", " ").split()),
        "bot": env.get("GROWTH_BOT", ""),
        "start_limit_s": _seconds("GROWTH_START_LIMIT_S", 60.0),
        "home": Path.home(),
    }
    if "GROWTH_AREAS" in env:
        found["areas"] = tuple(area for area in env["GROWTH_AREAS"].split(",") if area)
    return Settings(**{**found, **known})
