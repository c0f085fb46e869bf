"""The client's pages and help, from a console over a hub that answers as JupyterHub does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from growth_admin.client import GrowthClient
from growth_admin.core.errors import GrowthError
from tests.unit.servers.conftest import Desk
from tests.unit.servers.stand_in_hub import StandInHub, running_hub


class _Console(BaseHTTPRequestHandler):
    """Serves ``GET servers`` with the manager's own answer, as the console's handler does."""

    desk: Desk
    asked: list[dict[str, list[str]]]
    is_out_after: int
    port: int

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        self.asked.append(query)
        if len(self.asked) > self.is_out_after:
            self._send(503, {"detail": "out", "title": "out", "status": 503})
            return
        limit = query.get("limit")
        listed = self.desk.manager.list_servers(
            query.get("filter", [""])[0],
            offset=int(query.get("offset", ["0"])[0]),
            limit=int(limit[0]) if limit else None,
        )
        self._send(200, listed.as_json())

    def _send(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def hub() -> Iterator[StandInHub]:
    """A hub with 25 users, of whom one has two servers."""
    with running_hub() as running:
        for number in range(25):
            running.add(f"s{number:03d}", *([""] if number % 2 else []))
        running.add("ada", "", "canary", groups=("admins",))
        yield running


@pytest.fixture
def console(hub: StandInHub, tmp_path: Path) -> Iterator[type[_Console]]:
    """A console over it; ``asked`` holds what came."""
    desk = Desk(hub, tmp_path, owner="ada")

    class Console(_Console):
        is_out_after = 1000

    Console.desk, Console.asked = desk, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Console)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    Console.port = server.server_address[1]
    yield Console
    server.shutdown()
    server.server_close()
    desk.engine.close()


def client_of(console: type[_Console]) -> GrowthClient:
    """Return a client of this console."""
    return GrowthClient(f"http://127.0.0.1:{console.port}/", "none")


def test_iter_servers_when_there_are_several_pages_then_each_server_once_and_in_order(
    console: type[_Console],
) -> None:
    client = client_of(console)
    found = [(s.user, s.server_name) for s in client.servers.iter_servers(page=10)]
    whole = [(s.user, s.server_name) for s in client.servers.list_servers().servers]
    assert found == whole
    assert len(set(found)) == len(found) == 27
    assert [query["offset"] for query in console.asked[:3]] == [["0"], ["10"], ["20"]]


def test_iter_servers_when_only_the_first_is_taken_then_one_page_is_asked(
    console: type[_Console],
) -> None:
    first = next(client_of(console).servers.iter_servers(page=5))
    assert first.user == "ada"
    assert len(console.asked) == 1


def test_iter_servers_when_filtered_then_every_page_is(console: type[_Console]) -> None:
    found = [s.user for s in client_of(console).servers.iter_servers("s01", page=4)]
    assert found == [f"s01{digit}" for digit in range(10)]
    assert {query["filter"][0] for query in console.asked} == {"s01"}


def test_iter_servers_when_the_console_goes_away_then_says_so_after_what_was_there(
    console: type[_Console],
) -> None:
    console.is_out_after = 1
    pages = client_of(console).servers.iter_servers(page=10)
    assert [next(pages).user for _ in range(10)]
    with pytest.raises(GrowthError):
        next(pages)
