"""The server extension. On a student's server nothing of ours is imported but this module and the
student's part of the notices.

Which areas are open is a hint from the hub's configuration (``GROWTH_AREAS``) that saves work: it
decides what is loaded. What a visitor may do is asked at the hub for each request (``api.gate``).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Float, List, Unicode, default

from growth_admin.servers.notices.student.handlers import register


class GrowthAdmin(ExtensionApp):
    """Settings of growth-admin, and its start on an admin's or TA's server."""

    name = "growth_admin"
    default_url = "/lab"
    load_other_extensions = True

    admin_root = Unicode(
        help="Folder on the shared disk that only admins may write: scripts, logs, state.",
    ).tag(config=True)

    shared_root = Unicode(
        help="Folder on the shared disk that everybody reads and TAs may write.",
    ).tag(config=True)

    areas = List(
        Unicode(),
        help="Areas to load on this server. A hint that saves work, never a permission: what a "
        "visitor may do is asked at the hub. Set by the hub from the user's groups.",
    ).tag(config=True)

    standalone = Bool(
        False,
        help="Without a hub: whoever holds the token of this server is the admin, and what needs "
        "a hub is off. For development and tests; refused on a server that a hub started.",
    ).tag(config=True)

    start_limit_s = Float(
        60.0, help="Seconds that a start script may take in a rehearsal. As the start chain's."
    ).tag(config=True)

    storage_limit_s = Float(
        20.0, help="Seconds that a request waits for the shared disk before it gives up."
    ).tag(config=True)

    lease_s = Float(
        30.0, help="Seconds of silence after which another admin's server takes a job over."
    ).tag(config=True)

    notices_poll_s = Float(
        60.0, min=0.1, help="Seconds between two looks of an open Lab for new notices."
    ).tag(config=True)

    @default("admin_root")
    def _default_admin_root(self) -> str:
        return os.environ.get("GROWTH_ADMIN_ROOT", "/home/admin")

    @default("shared_root")
    def _default_shared_root(self) -> str:
        return os.environ.get("GROWTH_SHARED_ROOT", "/nfs")

    @default("areas")
    def _default_areas(self) -> list[str]:
        return [area for area in os.environ.get("GROWTH_AREAS", "").split(",") if area]

    def initialize_handlers(self) -> None:
        """Register the routes: a student's server has those of its owner's notices only."""
        if self.serverapp is not None:
            state = Path(self.shared_root) / ".growth-admin"
            self.handlers.extend(register(state, self.serverapp, poll_s=self.notices_poll_s))
        is_standalone = self.standalone and not os.environ.get("JUPYTERHUB_API_TOKEN")
        if not self.areas and not is_standalone:
            return
        from growth_admin import serving

        self._service = serving.Service(self, is_standalone=is_standalone)
        self.handlers.extend(self._service.handlers())

    async def stop_extension(self) -> None:
        """Leave the jobs in a state that the next server can go on from."""
        service: Any = getattr(self, "_service", None)
        if service is not None:
            service.close()
