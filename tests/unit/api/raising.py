"""A server extension for the tests: routes that raise every kind of error there is."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from growth_admin.api.gate import StandaloneGate
from growth_admin.api.handler import Desk, GrowthHandler
from growth_admin.api.operation import operation
from growth_admin.core.audit import AuditTrail
from growth_admin.core.errors import NotFound, error_classes
from growth_admin.core.plan import PlanItem

SECRET = "ghp_secretOfTheTests"
ODD_NAME = os.fsdecode(b"caf\xe9")
"""What Python makes of a name that is not UTF-8."""


class RaisingHandler(GrowthHandler):
    """Raises what the path names."""

    @operation("startup.scripts:read", summary="Raise", client="none")
    async def get(self, kind: str) -> None:
        if kind.startswith("slow"):
            await self._wait(kind)
        if kind == "odd-reply":
            self.reply(PlanItem(target=ODD_NAME, action="read"))
            return
        self._raise(kind)

    @operation("startup.scripts:save", summary="Raise", client="none")
    async def post(self, kind: str) -> None:
        self._raise(kind)

    async def put(self, kind: str) -> None:
        """A verb that nobody declared, and that must never run."""
        self.finish("leaked")

    async def _wait(self, kind: str) -> None:
        """Answer too late, as somebody who was asked, or as the shared folder."""
        limit_s = self.desk.storage_limit_s + 0.2 if kind == "slow-outside" else 0
        await self.call(time.sleep, 2, limit_s=limit_s)

    def _raise(self, kind: str) -> None:
        if kind == "unforeseen":
            raise ValueError(SECRET)
        if kind == "odd-name":
            raise NotFound(f"{ODD_NAME} does not exist.")
        raise error_classes()[kind](
            f"{kind} happened", hint="do that", fields=[("a.b", "is odd")], context={"n": 1}
        )


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "tests.unit.api.raising"}]


def _load_jupyter_server_extension(server: Any) -> None:
    trail = AuditTrail(Path.cwd() / "raising-audit", writer="tests")
    row = (
        r"/raising/(?P<kind>[^/]+)",
        RaisingHandler,
        {"desk": Desk(StandaloneGate(), trail, storage_limit_s=0.5), "manager": None},
    )
    server.web_app.add_handlers(".*$", [row])
