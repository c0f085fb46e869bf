"""Builds of the image, as notebooks and widgets use them."""

from __future__ import annotations

from growth_admin.client.transport import Transport
from growth_admin.core.plan import Receipt
from growth_admin.images.builds import models
from growth_admin.jobs.models import Job


class BuildsClient:
    """Images built on the organiser's server, where a container tool is there."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_builds(self) -> models.BuildList:
        """Return every build, newest first, and whether another one can be begun here."""
        return self._transport.get(models.BuildList, "images", "builds")

    def plan_build(self) -> models.BuildPlan:
        """Return what would be built now, as what, and by what; nothing is begun.

        Raises ``NotConfigured`` where nothing builds, and ``Conflict`` while another build runs.
        """
        return self._transport.post(models.BuildPlan, "images", "builds", "plans")

    def start_build(self, *, reason: str, expected_revision: int | None = None) -> Job:
        """Begin to build the image's source as it stands; return the job, whose log is live.

        Raises ``NotConfigured`` where nothing builds, and ``Conflict`` while another build runs.
        """
        body = models.BuildRequest(reason=reason, expected_revision=expected_revision)
        return self._transport.post(Job, "images", "builds", body=body)

    def get_build(self, number: int) -> models.BuildDetails:
        """Return a build with its packages, licences and checks, against the one before."""
        return self._transport.get(models.BuildDetails, "images", "builds", str(number))

    def get_sbom(self, number: int) -> models.Sbom:
        """Return the list of parts of a built image (CycloneDX)."""
        return self._transport.get(models.Sbom, "images", "builds", str(number), "sbom")

    def sweep(self) -> Receipt:
        """Remove what builds that were cut off left on the server, and old local images.

        Every build does that too. Raises ``NotConfigured`` where nothing builds, and ``Conflict``
        while a build runs.
        """
        return self._transport.post(Receipt, "images", "builds", "sweeps")
