"""What the list of servers knows, in the words of the images room; neither knows the other."""

from __future__ import annotations

from growth_admin.images.running import Running, RunningServer
from growth_admin.servers.manager import ServerManager


def running_images(servers: ServerManager) -> Running:
    """Return the running servers with their images. Raises ``HubUnavailable``, ``HubRefused``."""
    listed = servers.list_servers()
    return Running(
        servers=tuple(
            RunningServer(row.image or "", row.image_digest or "", row.started)
            for row in listed.servers
            if row.state == "ready"
        ),
        problem=" ".join(listed.notes),
    )
