"""Digests as the hub tells them: kept for a moment, or not known, with the reason in a sentence."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from growth_admin.images.server_digests import ServerDigests
from growth_admin.servers.hub import HubClient

A, B = (f"sha256:{letter * 64}" for letter in "ab")
TOKEN = "of-an-organisers-server"


@dataclass
class Hub:
    """What the hub says next, and how often it was asked."""

    url: str = ""
    status: int = 200
    body: Any = field(default_factory=lambda: {"digests": [["jane", "", A], ["ada", "canary", B]]})
    asked: int = 0


@contextmanager
def running_hub() -> Iterator[Hub]:
    """A hub that tells digests and nothing else, over real HTTP."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hub.asked += 1
            is_ours = self.headers["Authorization"] == f"token {TOKEN}"
            assert self.path == "/hub/api/growth/digests" and is_ours
            data = hub.body if isinstance(hub.body, bytes) else json.dumps(hub.body).encode()
            self.send_response(hub.status)
            self.send_header("X-JupyterHub-Version", "6.1.1")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *words: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_port}/hub/api"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A hub of its own for each test."""
    with running_hub() as running:
        yield running


def asking(hub: Hub) -> ServerDigests:
    """What an organiser's server asks with."""
    return ServerDigests(HubClient(hub.url, TOKEN).list_digests)


def test_digests_when_the_hub_tells_then_by_user_and_server_and_asked_once_in_a_while(
    hub: Hub,
) -> None:
    ask = asking(hub)
    told = ask()
    assert told.digests == {("jane", ""): A, ("ada", "canary"): B} and told.problem == ""
    hub.body = {"digests": []}
    assert ask() == told and hub.asked == 1
    assert asking(hub)().digests == {}


def test_digests_when_the_hubs_configuration_is_older_then_nothing_is_known_and_that_is_fine(
    hub: Hub,
) -> None:
    hub.status, hub.body = 404, {"status": 404, "message": "Not Found"}
    found = asking(hub)()
    assert (found.digests, found.problem) == ({}, "")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (403, {"status": 403, "message": "Forbidden"}, "Digests are told by servers' starts."),
        (500, {"status": 500, "message": "oh"}, "Digests are told by servers' starts."),
        (200, b"<html>", "not JSON"),
        (200, {"digests": [["jane", A]]}, "makes no sense"),
        (200, {"digests": 7}, "makes no sense"),
        (200, [], "makes no sense"),
    ],
    ids=lambda value: "",
)
def test_digests_when_the_hub_gives_no_usable_answer_then_the_reason_is_told_and_kept_a_while(
    hub: Hub, status: int, body: Any, said: str
) -> None:
    hub.status, hub.body = status, body
    ask = asking(hub)
    found = ask()
    assert found.digests == {} and said in found.problem and TOKEN not in found.problem
    asked = hub.asked
    assert ask() == found and hub.asked == asked


def test_digests_when_one_is_none_then_it_is_left_out(hub: Hub) -> None:
    hub.body = {"digests": [["jane", "", "latest"], ["eve", "", A]]}
    assert asking(hub)().digests == {("eve", ""): A}


def test_digests_when_the_hub_is_away_then_that_is_told() -> None:
    with running_hub() as hub:
        ask = asking(hub)
    found = ask()
    assert found.digests == {} and "The hub gave no answer" in found.problem


def test_digests_when_there_is_no_hub_then_nothing_is_known_and_that_is_fine() -> None:
    found = ServerDigests()()
    assert (found.digests, found.problem) == ({}, "")


def test_digests_when_many_ask_at_once_then_the_hub_is_asked_once(hub: Hub) -> None:
    ask = asking(hub)
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert hub.asked == 1
