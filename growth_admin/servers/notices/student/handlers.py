"""The notices of a server's owner over HTTP, on every server.

They must come when the hub does not answer, and JupyterHub's cookie check asks the hub. So the
page, which only an authenticated visitor gets, carries a random key of this server's process
(``page_config``), and a request that sends it in a header is let in without the hub. A wrong key
is refused; without a key jupyter_server authenticates as everywhere.

Source: jupyter_server ``base/handlers.py`` (``JupyterHandler.prepare``), jupyterlab_server
``handlers.py`` (``LabHandler.get`` is ``@web.authenticated``).
"""

from __future__ import annotations

import hmac
import json
import os
import time
from pathlib import Path
from typing import Any, Final

from jupyter_server.auth import User
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.ioloop import IOLoop

from growth_admin.servers.notices.student.desk import (
    StudentDesk,
    count_busy_kernels,
    owner_from_environment,
)

KEY_HEADER: Final = "X-Growth-Notices"
BODY_LIMIT_BYTES: Final = 1024
COUNT_LIMIT: Final = 10_000
ASK_LIMIT_MIN: Final = 240
LOOK_S: Final = 60.0
Row = tuple[str, type[web.RequestHandler], dict[str, Any]]


class _NoticesHandler(APIHandler):
    _track_activity = False  # a notice is no sign that somebody works

    def initialize(self, desk: StudentDesk) -> None:
        """Take what the application hands to every handler."""
        self.desk = desk

    async def prepare(self) -> None:  # type: ignore[override]  # an option of ours is not needed
        """Let in who has the key of this process or is authenticated; nobody else."""
        key = self.request.headers.get(KEY_HEADER)
        if key is None:
            await super().prepare()
            if not self._finished and not self.current_user:
                raise web.HTTPError(403)
            return
        self.current_user = self._jupyter_current_user = None
        is_ours = hmac.compare_digest(key.encode(), self.desk.key.encode())
        if not is_ours or not self.check_host() or not self.check_origin():
            raise web.HTTPError(403)
        self.current_user = self._jupyter_current_user = User(self.desk.owner.user)


class MineHandler(_NoticesHandler):
    """What the owner is to see now."""

    @web.authenticated
    async def get(self) -> None:
        """Reply with the notices; 304 when the page has them already (ETag of tornado)."""
        notices = await self.desk.list_mine()
        self.set_header("Cache-Control", "no-cache")
        self.finish(json.dumps({"notices": notices}))


class RepliesHandler(_NoticesHandler):
    """What the page says back."""

    @web.authenticated
    async def post(self) -> None:
        """Leave a reply where organisers find it, and say whether that was possible."""
        try:
            notice, words = parse_reply(self.request.body)
        except (ValueError, KeyError, TypeError) as e:
            raise web.HTTPError(400, "not a reply to a notice") from e
        is_kept = await self.desk.tell(notice, words)
        self.finish(json.dumps({"is_kept": is_kept}))


def parse_reply(body: bytes) -> tuple[str, dict[str, Any]]:
    """Return which notice is meant and what is said. Raises ``ValueError`` and its like."""
    if len(body) > BODY_LIMIT_BYTES:
        raise ValueError("too long")
    said = json.loads(body)
    notice, kind, now_s = str(said["notice"])[:80], said["kind"], round(time.time(), 3)
    if kind in ("seen", "ready"):
        return notice, {f"{kind}_s": now_s}
    if kind == "saved":
        counts = {name: _count(said[name], COUNT_LIMIT) for name in ("documents", "unsaved")}
        return notice, {"saved_s": now_s, **counts}
    if kind == "postpone":
        minutes = _count(said["minutes"], ASK_LIMIT_MIN)
        return notice, {"wants_time_s": now_s, "wants_min": minutes}
    raise ValueError("unknown kind")


def _count(value: Any, limit: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= limit:
        raise ValueError("not a number of things")
    return value


def register(state: Path, serverapp: Any, *, poll_s: float) -> list[Row]:
    """Return the routes, hand the key to the page, and begin to look for restarts that ask."""
    desk = StudentDesk(
        state,
        owner_from_environment(),
        lambda: count_busy_kernels(serverapp.kernel_manager),
        home=Path(os.environ.get("HOME") or "/nonexistent"),
    )
    page_config = serverapp.web_app.settings.setdefault("page_config_data", {})
    page_config["growthNotices"] = desk.key
    page_config["growthNoticesPollMs"] = str(round(poll_s * 1000))
    _look_again(serverapp.io_loop, desk, min(LOOK_S, poll_s))
    return [
        (r"/growth/api/notices/mine", MineHandler, {"desk": desk}),
        (r"/growth/api/notices/replies", RepliesHandler, {"desk": desk}),
    ]


def _look_again(loop: IOLoop, desk: StudentDesk, every_s: float) -> None:
    async def look() -> None:
        try:
            await desk.look_around()
        finally:
            _look_again(loop, desk, every_s)

    loop.call_later(every_s, look)
