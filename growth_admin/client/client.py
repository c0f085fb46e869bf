"""The doors of ``GrowthClient``, one per area."""

from __future__ import annotations

from typing import Any

from growth_admin.api.models import Me
from growth_admin.client.areas import AuditClient, JobsClient, StartupClient
from growth_admin.client.datasets import DatasetsClient
from growth_admin.client.images import ImagesClient
from growth_admin.client.notices import NoticesClient
from growth_admin.client.overview import OverviewClient
from growth_admin.client.roster import RosterClient
from growth_admin.client.servers import ServersClient
from growth_admin.client.transport import Transport, own_server


class GrowthClient:
    """The console of one server.

    ``GrowthClient()`` inside a notebook finds its own server and token; elsewhere give both.
    Every method raises the classes of ``growth_admin.core.errors``.
    """

    def __init__(self, base_url: str = "", token: str = "", *, timeout_s: float = 60) -> None:
        if not base_url:
            base_url, token = own_server()
        self._transport = Transport(base_url, token, timeout_s=timeout_s)
        self.startup = StartupClient(self._transport)
        self.datasets = DatasetsClient(self._transport)
        self.roster = RosterClient(self._transport)
        self.servers = ServersClient(self._transport)
        self.notices = NoticesClient(self._transport)
        self.images = ImagesClient(self._transport)
        self.overview = OverviewClient(self._transport)
        self.jobs = JobsClient(self._transport)
        self.audit = AuditClient(self._transport)

    def get_me(self) -> Me:
        """Return who one is and what is open."""
        return self._transport.get(Me, "me")

    def get_description(self) -> dict[str, Any]:
        """Return the OpenAPI description of the API."""
        document: dict[str, Any] = self._transport.send("GET", "openapi.json")
        return document
