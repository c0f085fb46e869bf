"""What an admin's or TA's server runs: the rooms behind the gate."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from growth_admin.api.console import UnknownHandler
from growth_admin.api.gate import ClosedGate, Gate, HubGate, StandaloneGate
from growth_admin.api.handler import Desk
from growth_admin.core.permissions import AREAS
from growth_admin.rooms import build_rooms
from growth_admin.routes import Console, routes_of
from growth_admin.settings import settings_from_environment

if TYPE_CHECKING:
    from growth_admin.app import GrowthAdmin

TIDY_FIRST_S: Final = 15.0
TIDY_EVERY_S: Final = 3600.0
"""How soon after the start, and how often then, what datasets leave is cleared up."""
Handler = tuple[str, type[Any], dict[str, Any]]


class Service:
    """The rooms of one server, open for requests."""

    def __init__(self, app: GrowthAdmin, *, is_standalone: bool) -> None:
        assert app.serverapp is not None  # the extension is linked to a server by now
        self._web_settings: dict[str, Any] = app.serverapp.web_app.settings
        areas = AREAS if is_standalone else tuple(app.areas)
        without_hub = {"hub_url": "", "hub_token": ""} if is_standalone else {}
        self._rooms = build_rooms(
            settings_from_environment(
                admin_root=Path(app.admin_root),
                shared_root=Path(app.shared_root),
                start_limit_s=app.start_limit_s,
                lease_s=app.lease_s,
                areas=areas,
                config=app.config,
                **without_hub,
            ),
            on_activity=self._note_activity,
        )
        self._desk = Desk(_gate(is_standalone), self._rooms.audit, app.storage_limit_s)
        page_config = self._web_settings.setdefault("page_config_data", {})
        page_config["growthAreas"] = ",".join(areas)
        self._rooms.open()
        if "datasets" in areas:
            self._rooms.datasets.manager.tidier.open(first_s=TIDY_FIRST_S, every_s=TIDY_EVERY_S)
        if self._rooms.images and self._rooms.images.own_tryouts:
            tryouts, known = self._rooms.images.own_tryouts, app.serverapp.kernel_spec_manager
            kernels = tryouts.open()
            if kernels and known is not None:
                known.kernel_dirs.append(str(kernels))

    def handlers(self) -> list[Handler]:
        """Return what the web application needs, one row per route."""
        rows: list[Handler] = [
            (route.pattern(""), route.handler, {"desk": self._desk, "manager": manager})
            for route, manager in routes_of(self._rooms)
        ]
        last = {"desk": self._desk, "manager": Console(self._rooms)}
        return [*rows, (r"/growth/api/.*", UnknownHandler, last)]

    def close(self) -> None:
        """Stop the jobs; those that can be resumed go on elsewhere."""
        self._rooms.datasets.manager.tidier.close()
        self._rooms.close()
        if self._rooms.images and self._rooms.images.own_tryouts:
            self._rooms.images.own_tryouts.close()

    def _note_activity(self) -> None:
        """A running job counts as activity, so that the idle culler leaves the server alone."""
        self._web_settings["api_last_activity"] = datetime.now(UTC)


def _gate(is_standalone: bool) -> Gate:
    owner = os.environ.get("JUPYTERHUB_USER", "")
    if is_standalone:
        return StandaloneGate()
    if owner and os.environ.get("JUPYTERHUB_API_TOKEN"):
        return HubGate(owner)
    return ClosedGate()
