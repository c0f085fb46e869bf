"""Where the bot goes, and how long each step may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Limits:
    """Seconds that each step may take."""

    login_s: float = 30
    start_s: float = 300
    lab_s: float = 60
    notebook_s: float = 60
    cell_s: float = 60
    dataset_s: float = 60
    stop_s: float = 180


@dataclass(frozen=True)
class Place:
    """Where the bot goes: the hub inside, the proxy outside, the data that students read."""

    bot: str
    hub_url: str
    hub_token: str = field(repr=False)
    proxy_url: str
    data: Path

    @property
    def outside_hub_url(self) -> str:
        """The hub's API through the proxy."""
        return f"{self.proxy_url.rstrip('/')}{urlsplit(self.hub_url).path}"
