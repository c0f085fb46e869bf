"""The gate against a hub that answers, forgets, lies down: JupyterHub's own client, a small hub."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub.services.auth import HubAuth

from growth_admin.api.gate import READ_AGE_S, HubGate, Visitor
from growth_admin.core.errors import Forbidden, HubUnavailable

SERVER = "token-of-the-server"
LOGIN = "token-of-the-browser"
ACCESS = "access:servers!server=ada/"
AREA = "custom:growth:startup"


class SmallHub(ThreadingHTTPServer):
    """``GET /hub/api/user`` for the tokens it knows, as JupyterHub answers it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.asked: list[str] = []
        self.status = 200
        self.tokens: dict[str, dict[str, Any]] = {
            SERVER: self.user("ada", AREA, ACCESS),
            LOGIN: self.user("ada", ACCESS),
        }

    @staticmethod
    def user(name: str, *scopes: str, **fields: Any) -> dict[str, Any]:
        return {"kind": "user", "name": name, "scopes": list(scopes), "groups": ["staff"], **fields}

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hub/api"


class _Answering(BaseHTTPRequestHandler):
    server: SmallHub

    def do_GET(self) -> None:
        token = self.headers.get("Authorization", "").rpartition(" ")[2]
        self.server.asked.append(token)
        known = self.server.tokens.get(token)
        status = self.server.status if self.server.status != 200 or known else 403
        body = json.dumps(known or {"status": status, "message": "no"}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub() -> Iterator[SmallHub]:
    server = SmallHub()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


class Door:
    """A gate, and a request before it."""

    def __init__(self, hub: SmallHub, *, token: str = LOGIN) -> None:
        auth = HubAuth(
            api_url=hub.api_url, api_token=SERVER, access_scopes={ACCESS}, cache_max_age=300
        )
        headers = {"Authorization": f"token {token}"} if token else {}
        self._handler: Any = SimpleNamespace(
            identity_provider=SimpleNamespace(hub_auth=auth),
            request=SimpleNamespace(headers=headers),
            get_argument=lambda name, default="": default,
        )
        self._gate = HubGate("ada")

    def enter(self, *, is_mutation: bool = True) -> Visitor:
        return asyncio.run(self._gate.admit(self._handler, is_mutation=is_mutation))


def test_admit_when_the_owner_comes_then_the_scopes_are_those_of_the_servers_token(
    hub: SmallHub,
) -> None:
    hub.tokens[LOGIN]["scopes"].append("custom:growth:admin")
    visitor = Door(hub).enter()
    assert (visitor.name, visitor.areas, visitor.groups) == ("ada", ("startup",), ("staff",))


def test_admit_when_somebody_else_comes_then_only_the_owner_may(hub: SmallHub) -> None:
    hub.tokens[LOGIN] = hub.user("tom", ACCESS, "custom:growth:admin")
    with pytest.raises(Forbidden, match="belongs to ada"):
        Door(hub).enter()


@pytest.mark.parametrize("token", ["", "unknown"])
def test_admit_when_the_token_is_missing_or_unknown_then_it_is_refused(
    hub: SmallHub, token: str
) -> None:
    with pytest.raises(Forbidden):
        Door(hub, token=token).enter()


def test_admit_when_the_token_does_not_open_this_server_then_it_is_refused(hub: SmallHub) -> None:
    hub.tokens[LOGIN] = hub.user("ada", "access:servers!server=ada/other")
    with pytest.raises(Forbidden, match="does not open"):
        Door(hub).enter()


def test_admit_when_a_service_comes_with_the_owners_name_then_it_is_refused(hub: SmallHub) -> None:
    hub.tokens[LOGIN] = hub.user("ada", ACCESS, kind="service")
    with pytest.raises(Forbidden):
        Door(hub).enter()


def test_admit_when_the_servers_token_was_revoked_then_nothing_is_open(hub: SmallHub) -> None:
    del hub.tokens[SERVER]
    with pytest.raises(Forbidden, match="own token"):
        Door(hub).enter()


def test_admit_when_a_right_is_taken_then_the_next_change_is_refused_and_a_read_soon_after(
    hub: SmallHub,
) -> None:
    door = Door(hub)
    assert door.enter().areas == ("startup",)
    assert door.enter(is_mutation=False).areas == ("startup",)
    hub.tokens[SERVER] = hub.user("ada", ACCESS)
    assert door.enter().areas == ()
    assert door.enter(is_mutation=False).areas == ()  # what a change saw counts for reads as well
    hub.tokens[SERVER] = hub.user("ada", ACCESS, AREA)
    assert door.enter(is_mutation=False).areas == ()
    time.sleep(READ_AGE_S + 0.1)
    assert door.enter(is_mutation=False).areas == ("startup",)


def test_admit_when_read_again_and_again_then_the_hub_is_asked_once(hub: SmallHub) -> None:
    door = Door(hub)
    for _ in range(5):
        door.enter(is_mutation=False)
    assert sorted(hub.asked) == sorted([LOGIN, SERVER])
    door.enter()
    assert len(hub.asked) == 4


@pytest.mark.parametrize("status", [500, 502, 503])
def test_admit_when_the_hub_is_ill_then_it_is_unavailable_and_nobody_enters(
    hub: SmallHub, status: int
) -> None:
    door = Door(hub)
    hub.status = status
    with pytest.raises(HubUnavailable) as raised:
        door.enter()
    assert raised.value.hint


def test_admit_when_the_hub_is_gone_then_it_is_unavailable_and_tokens_are_not_spilt(
    hub: SmallHub,
) -> None:
    door = Door(hub)
    hub.shutdown()
    hub.server_close()
    with pytest.raises(HubUnavailable) as raised:
        door.enter()
    assert LOGIN not in raised.value.detail and SERVER not in raised.value.detail
