"""What the list of servers knows, in the words of the images room; neither knows the other."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from traitlets.config import Config

from growth_admin.images.pods import PodDigests, PodStatus
from growth_admin.images.running import Running, RunningServer, RunningSource
from growth_admin.servers.models import ServerList


class Servers(Protocol):
    """Whoever knows the servers."""

    def list_servers(self) -> ServerList:
        """Return them all."""
        ...


def running_source(servers: Servers, config: Config) -> RunningSource:
    """Return where the images room hears of running servers. Nothing is asked yet."""
    return partial(running_images, servers, PodDigests(PodStatus(config=config)))


def running_images(servers: Servers, pods: PodDigests) -> Running:
    """Return the running servers with their images: as Kubernetes says, else as starts said.

    Raises ``HubUnavailable`` or ``HubRefused``.
    """
    listed, known = servers.list_servers(), pods()
    return Running(
        servers=tuple(
            RunningServer(
                row.image or "",
                known.digests.get((row.user, row.server_name)) or row.image_digest or "",
                row.started,
            )
            for row in listed.servers
            if row.state == "ready"
        ),
        problem=" ".join(listed.notes),
        note=known.problem,
    )
