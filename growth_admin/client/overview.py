"""The school-day page, as notebooks and widgets use it."""

from __future__ import annotations

from growth_admin.client.transport import Transport
from growth_admin.overview.models import Overview


class OverviewClient:
    """How the school is."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get_overview(self) -> Overview:
        """Return the lines, worst first; one that cannot be told says why."""
        return self._transport.get(Overview, "overview")
