"""The stand-in inside a test's process: a thread with a real server."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from growth_admin.deploy.standins.drive.app import DriveApp
from growth_admin.deploy.standins.drive.content import Content
from growth_admin.deploy.standins.drive.exchange import Standing
from growth_admin.deploy.standins.drive.faults import Fault, Faults
from growth_admin.deploy.standins.drive.tokens import Accounts
from growth_admin.deploy.standins.drive.web import PATHS
from growth_admin.deploy.standins.drive.wire import Connection
from growth_admin.deploy.standins.drive.world import Item, World

READY_S = 10.0


class DriveStandin:
    """``with DriveStandin() as drive:`` a server at ``drive.site``, with a world to fill.

    >>> with DriveStandin() as drive:
    ...     folder = drive.add_folder("Variable stars")
    ...     file = drive.add_file("readme.txt", b"hello", folder)
    ...     link = drive.link(folder)
    ...     fault = drive.faults.add("cut", item=file.id, at_byte=2, times=1)

    ``web_url``, ``docs_url``, ``download_url``, ``api_url`` and ``token_url`` are what a client is
    configured with in place of Google's hosts.
    """

    def __init__(
        self, *, scan_limit_bytes: int = 100 * 1024 * 1024, host: str = "127.0.0.1"
    ) -> None:
        self.world, self.faults, self.accounts = World(), Faults(), Accounts()
        self.standing = Standing(self.world, self.faults, self.accounts)
        self.standing.scan_limit_bytes = scan_limit_bytes
        self.host = host
        self.app = DriveApp(self.standing)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drive-standin", daemon=True)

    # ---- running

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(READY_S):
            raise RuntimeError("the stand-in did not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(READY_S)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        connect: Callable[[], Connection] = lambda: Connection(self.app.answer)  # noqa: E731
        server = await self._loop.create_server(connect, self.host, 0, backlog=512)
        self.port: int = server.sockets[0].getsockname()[1]
        self.standing.site = f"http://{self.host}:{self.port}"
        self._ready.set()
        await self._stop.wait()
        server.close()

    # ---- addresses

    @property
    def site(self) -> str:
        """The server's address."""
        return self.standing.site

    @property
    def web_url(self) -> str:
        """In place of https://drive.google.com."""
        return self.site

    docs_url = download_url = api_url = web_url

    @property
    def token_url(self) -> str:
        """In place of https://oauth2.googleapis.com/token."""
        return f"{self.site}/token"

    def link(self, item: Item) -> str:
        """The link that somebody would copy from the browser."""
        key = f"&resourcekey={item.resource_key}" if item.resource_key else ""
        if item.is_folder:
            return f"{self.web_url}/drive/folders/{item.id}?usp=sharing{key}"
        if item.document_kind:
            return f"{self.docs_url}/{PATHS[item.document_kind]}/d/{item.id}/edit?usp=sharing"
        return f"{self.web_url}/file/d/{item.id}/view?usp=sharing{key}"

    def index_url(self, folder: Item) -> str:
        """The folder as a plain web server shows it."""
        return f"{self.site}/_index/{folder.id}/"

    # ---- the world

    def add_folder(self, name: str, parent: Item | None = None, **facts: Any) -> Item:
        """See World."""
        return self.world.add_folder(name, parent, **facts)

    def add_file(
        self, name: str, content: bytes | Path | Content, parent: Item | None = None, **facts: Any
    ) -> Item:
        """See World."""
        return self.world.add_file(name, content, parent, **facts)

    def add_shortcut(
        self, name: str, target: Item, parent: Item | None = None, **facts: Any
    ) -> Item:
        """See World."""
        return self.world.add_shortcut(name, target, parent, **facts)

    def add_document(
        self,
        name: str,
        kind: str,
        exports: dict[str, bytes],
        parent: Item | None = None,
        **facts: Any,
    ) -> Item:
        """See World."""
        return self.world.add_document(name, kind, exports, parent, **facts)

    # ---- credentials

    def add_api_key(self, key: str = "") -> str:
        """A key that the API accepts."""
        return self.accounts.add_api_key(key)

    def write_key_file(self, path: Path, name: str = "growth-school") -> str:
        """Write a service account's key file; the account's e-mail address."""
        account = self.accounts.add_service_account(name, self.token_url)
        path.touch(mode=0o600)
        path.write_text(json.dumps(account.key_file, indent=2), encoding="utf-8")
        return account.email

    # ---- what happened

    def requests(self, *wheres: str) -> list[dict[str, Any]]:
        """The answered requests, of these kinds if any are given."""
        found: Iterable[dict[str, Any]] = list(self.faults.requests)
        return [request for request in found if not wheres or request["where"] in wheres]

    def fault(self, kind: str, **facts: Any) -> Fault:
        """Switch a fault on."""
        return self.faults.add(kind, **facts)
