"""growth-admin: the console from which the organisers of a school run their JupyterHub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__version__ = "0.1.0"


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "growth-admin"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from growth_admin.app import GrowthAdmin

    return [{"module": "growth_admin", "app": GrowthAdmin}]


def labextension_path() -> Path:
    """Return the folder of the built labextension."""
    return Path(__file__).parent / "labextension"
