"""What a server knows and says of notices, for the page and by itself."""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from growth_admin.servers.notices.student.current import CurrentNotices, Owner, mine
from growth_admin.servers.notices.student.drop import Drop
from growth_admin.servers.notices.student.patience import Patience

log = logging.getLogger(__name__)
READ_LIMIT_S: Final = 2.0
WRITE_LIMIT_S: Final = 5.0
BUSY_AGAIN_S: Final = 120.0
"""A number of busy kernels that stays the same is told again after so long."""


def owner_from_environment() -> Owner:
    """Return whose server this is, from what the hub put into the environment."""
    env = os.environ
    return Owner(
        user=env.get("JUPYTERHUB_USER") or env.get("USER") or "owner",
        server_name=env.get("JUPYTERHUB_SERVER_NAME", ""),
        groups=frozenset(filter(None, env.get("GROWTH_GROUPS", "").split(","))),
        started_s=time.time(),
    )


class StudentDesk:
    """The notices of this server's owner. ``key`` opens them to whoever was given the page."""

    def __init__(
        self, state: Path, owner: Owner, count_busy: Callable[[], int], *, home: Path
    ) -> None:
        self.key = secrets.token_urlsafe(32)
        self.owner = owner
        self._current = CurrentNotices(state / "notices" / "current.json")
        self._drop = Drop(state / "replies", home, owner)
        self._count_busy = count_busy
        self._reading, self._writing = Patience(READ_LIMIT_S), Patience(WRITE_LIMIT_S)
        self._told_busy: dict[str, tuple[int, float]] = {}

    async def list_mine(self) -> list[dict[str, Any]]:
        """Return what the owner is to see now; with a sick disk, what was known last."""
        try:
            notices = await self._reading.run(self._current.look)
        except (OSError, ValueError) as e:
            log.debug("notices cannot be read: %s", e)
            notices = self._current.known
        return mine(notices, self.owner, time.time())

    async def tell(self, notice: str, words: dict[str, Any]) -> bool:
        """Say something to a notice that is shown; return whether it could be left behind."""
        current = {row["id"] for row in await self.list_mine()}
        if notice not in current:
            return False
        try:
            await self._writing.run(lambda: self._drop.tell(notice, words, current))
        except OSError as e:
            log.debug("a reply to %s cannot be left: %s", notice, e)
            return False
        return True

    async def look_around(self) -> None:
        """Tell how many kernels are busy, where a restart that is announced asks for it."""
        for notice in await self.list_mine():
            if not (notice["restart"] and notice["restart"]["asks_busy"]):
                continue
            busy, now_s = self._count_busy(), time.time()
            before, told_s = self._told_busy.get(notice["id"], (-1, 0.0))
            if busy == before and now_s - told_s < BUSY_AGAIN_S:
                continue
            words = {"busy_kernels": busy, "told_s": round(now_s, 3)}
            if await self.tell(notice["id"], words):
                self._told_busy[notice["id"]] = (busy, now_s)


def count_busy_kernels(manager: Any) -> int:
    """Return how many kernels of a jupyter_server work just now."""
    busy = 0
    for kernel_id in manager.list_kernel_ids():
        with suppress(KeyError):  # it ended meanwhile
            kernel = manager.get_kernel(kernel_id)
            busy += getattr(kernel, "execution_state", "") == "busy"
    return busy
