"""A small real HTTP server that answers as JupyterHub's REST API does, with faults on demand.

Statuses, messages and the pagination are those of JupyterHub 6.1 (``apihandlers/users.py``,
``apihandlers/base.py``); ``tests/hub/test_servers.py`` does the same with the real hub.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "planted-secret-6b1f0c"
PAGINATION = "application/jupyterhub-pagination+json"
MAX_PAGE = 200
VERSION = ("X-JupyterHub-Version", "6.1.1")


@dataclass
class Spawned:
    """One server: ``pending`` until ``until_s`` on the monotonic clock, then what follows."""

    pending: str = ""
    until_s: float = 0.0
    started: datetime | None = None
    will_fail: bool = False
    failed: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    is_down: bool = False
    """Whether it was stopped by a request and has not come up since."""
    is_removed_then: bool = False


@dataclass
class Person:
    """One user of the hub."""

    name: str
    groups: tuple[str, ...] = ("students",)
    last_activity: datetime | None = None
    servers: dict[str, Spawned] = field(default_factory=dict)


@dataclass
class Fault:
    """What happens in place of, or after, the next matching request.

    ``is_done`` carries the request out first. ``status`` 0 drops the connection. Not
    ``is_of_hub``: a proxy before the hub answers.
    """

    method: str
    path: str
    status: int = 0
    message: str = "planted"
    headers: dict[str, str] = field(default_factory=dict)
    is_done: bool = False
    is_of_hub: bool = True
    times: int = 1


class StandInHub:
    """A hub on a port of its own. Everything it was asked stands in ``calls``."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.faults: list[Fault] = []
        self.calls: list[tuple[str, str]] = []
        self.pages_at_once = self.most_pages_at_once = 0
        self.bodies: list[bytes] = []
        self.starts: list[str] = []
        self.stops: list[str] = []
        self.stopped_s: dict[str, float] = {}
        self.spawn_s = 0.0
        self.slow_spawn_s = 5.0
        self.stop_s = 0.0
        self.slow_stop_s = 5.0
        self.page_s = 0.0
        self.before_page: Callable[[int], None] = lambda offset: None
        self.failing: set[str] = set()
        self.is_page_stuck = False
        self.concurrent_spawn_limit = 0
        self.retry_after_s = 1
        self.refusals = 0
        self.most_in_flight = 0
        self.most_spawning = 0
        self.most_stopping = 0
        self.lock = threading.RLock()
        self._sockets: set[socket.socket] = set()
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self._clock = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    # -- life

    @property
    def url(self) -> str:
        """Where its API is."""
        return f"http://127.0.0.1:{self._port}/hub/api"

    def open(self) -> None:
        """Listen, on the same port as before if there was one."""
        hub = self

        class Handler(_Handler):
            stand_in = hub

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stop listening and cut every connection, as a hub that is killed."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        for one in list(self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def restart_after(self, out_s: float) -> threading.Timer:
        """Go down now and come back after ``out_s`` seconds."""
        self.close()
        timer = threading.Timer(out_s, self.open)
        timer.start()
        return timer

    # -- school

    def add(self, name: str, *running: str, groups: tuple[str, ...] = ("students",)) -> Person:
        """Add a user, with these servers running."""
        person = self.people[name] = Person(name, groups)
        for server in running:
            person.servers[server] = Spawned(started=self.tick())
        return person

    def count_in_flight(self) -> int:
        """Return how many servers are between a stop and ready; the most stands beside."""
        self.settle()
        spawned = [s for person in self.people.values() for s in person.servers.values()]
        spawning = sum(s.pending == "spawn" for s in spawned)
        stopping = sum(s.pending == "stop" for s in spawned)
        now = sum(bool(s.pending) or s.is_down for s in spawned)
        self.most_in_flight = max(self.most_in_flight, now)
        self.most_stopping = max(self.most_stopping, stopping)
        self.most_spawning = max(self.most_spawning, spawning)
        return now

    def tick(self) -> datetime:
        """Return a moment that no server was started at before."""
        self._clock += timedelta(seconds=1, microseconds=17)
        return self._clock

    def state(self, name: str, server: str = "") -> str:
        """Return how a server is now, in the room's words."""
        with self.lock:
            self.settle()
            spawned = self.people[name].servers.get(server)
            if spawned is None:
                return "stopped"
            words = {"spawn": "spawning", "stop": "stopping"}
            return words.get(spawned.pending) or ("ready" if spawned.started else "stopped")

    def settle(self) -> None:
        """Let everything that is due happen."""
        for person in self.people.values():
            for name, spawned in list(person.servers.items()):
                if not spawned.pending or time.monotonic() < spawned.until_s:
                    continue
                if spawned.pending == "spawn" and not spawned.will_fail:
                    spawned.started, spawned.is_down = self.tick(), False
                elif spawned.pending == "spawn":
                    spawned.failed = "The image could not be pulled"
                    spawned.is_down = False
                else:
                    spawned.started = None
                    if spawned.is_removed_then:
                        del person.servers[name]
                spawned.pending = ""

    def fault(self, method: str, path: str, **fields: Any) -> None:
        """Plant a fault for requests whose path contains ``path``."""
        self.faults.append(Fault(method, path, **fields))

    def take_fault(self, method: str, path: str) -> Fault | None:
        """Return the fault for this request, and use it up."""
        with self.lock:
            for fault in self.faults:
                if fault.method == method and fault.path in path and fault.times > 0:
                    fault.times -= 1
                    return fault
        return None


@contextmanager
def running_hub() -> Iterator[StandInHub]:
    """Yield a hub that listens."""
    hub = StandInHub()
    hub.open()
    try:
        yield hub
    finally:
        hub.close()


def _is_active(spawned: Spawned) -> bool:
    return bool(spawned.pending or spawned.started)


class _Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    stand_in: StandInHub
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.stand_in._sockets.add(self.connection)

    def finish(self) -> None:
        self.stand_in._sockets.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._serve(self._get)

    def do_POST(self) -> None:
        self._serve(self._post)

    def do_DELETE(self) -> None:
        self._serve(self._delete)

    def _serve(self, answer: Any) -> None:
        hub = self.stand_in
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("/hub/api/")[2]
        hub.calls.append((self.command, path))
        if self.body:
            hub.bodies.append(self.body)
        fault = hub.take_fault(self.command, path)
        if fault and not fault.is_done:
            self._plant(fault)
            return
        try:
            if self.headers.get("Authorization") != f"token {TOKEN}":
                raise _Refused(403, "Missing or invalid credentials.")
            done = answer(path)
        except _Refused as e:
            headers = {"Retry-After": str(hub.retry_after_s)} if e.status == 429 else {}
            done = (e.status, {"status": e.status, "message": str(e)}, headers)
        if fault:
            self._plant(fault)
        elif done is not None:
            self._send(*done)

    def _plant(self, fault: Fault) -> None:
        if fault.status == 0:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        body = {"status": fault.status, "message": fault.message}
        self._send(fault.status, body, fault.headers, is_of_hub=fault.is_of_hub)

    def _send(
        self,
        status: int,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        is_of_hub: bool = True,
    ) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        with suppress(OSError):
            self.send_response(status)
            if is_of_hub:
                self.send_header(*VERSION)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    # -- what is asked

    def _get(self, path: str) -> Any:
        url = urlsplit(path)
        query = parse_qs(url.query)
        words = [unquote(word) for word in url.path.split("/")]
        if words == ["users"]:
            return 200, self._page(query)
        person = self._person(words[1])
        if words[-1] == "progress":
            return self._progress(person, words[3] if words[2] == "servers" else "")
        return 200, self._model(person, "include_stopped_servers" in query)

    def _page(self, query: dict[str, list[str]]) -> Any:
        hub = self.stand_in
        with hub.lock:
            hub.pages_at_once += 1
            hub.most_pages_at_once = max(hub.most_pages_at_once, hub.pages_at_once)
        time.sleep(hub.page_s)
        with hub.lock:
            hub.pages_at_once -= 1
        is_paged = self.headers.get("Accept") == PAGINATION
        offset = int(query.get("offset", ["0"])[0])
        limit = min(int(query.get("limit", ["50" if is_paged else str(MAX_PAGE)])[0]), MAX_PAGE)
        with hub.lock:
            hub.settle()
            hub.before_page(offset)
            people = list(hub.people.values())
            if query.get("sort") == ["name"]:
                people.sort(key=lambda person: person.name)
            if query.get("state") == ["active"]:
                people = [p for p in people if any(map(_is_active, p.servers.values()))]
        items = [self._model(person) for person in people[offset : offset + limit]]
        if not is_paged:
            return items
        after = offset if hub.is_page_stuck else offset + limit
        following = {"offset": after, "limit": limit, "url": "http://elsewhere.invalid/steal"}
        state = {"offset": offset, "limit": limit, "total": len(people)}
        return {
            "items": items,
            "_pagination": {**state, "next": following if after < len(people) else None},
        }

    def _person(self, name: str) -> Person:
        person = self.stand_in.people.get(name)
        if person is None:
            raise _Refused(404, "No such user or permission denied")
        return person

    def _model(self, person: Person, include_stopped: bool = False) -> dict[str, Any]:
        hub = self.stand_in
        with hub.lock:
            hub.settle()
            servers = {
                name: self._server_model(person, name, spawned)
                for name, spawned in person.servers.items()
                if include_stopped or _is_active(spawned)
            }
        last = person.last_activity
        return {
            "kind": "user",
            "name": person.name,
            "admin": False,
            "groups": list(person.groups),
            "last_activity": last.isoformat() if last else None,
            "servers": servers,
        }

    def _server_model(self, person: Person, name: str, spawned: Spawned) -> dict[str, Any]:
        last = person.last_activity
        return {
            "name": name,
            "pending": spawned.pending or None,
            "ready": bool(spawned.started) and not spawned.pending,
            "stopped": not spawned.started and not spawned.pending,
            "started": spawned.started.isoformat().replace("+00:00", "Z")
            if spawned.started and spawned.pending != "spawn"
            else None,
            "last_activity": last.isoformat() if last else None,
            "url": f"/user/{person.name}/{name + '/' if name else ''}",
            "user_options": spawned.options,
        }

    def _target(self, path: str) -> tuple[Person, str]:
        words = [unquote(word) for word in urlsplit(path).path.split("/")]
        if len(words) < 3 or words[2] not in ("server", "servers"):
            raise AssertionError(f"{self.command} {path} would hit something else than a server")
        return self._person(words[1]), words[3] if words[2] == "servers" else ""

    def _post(self, path: str) -> Any:
        hub = self.stand_in
        person, name = self._target(path)
        options = json.loads(self.body) if self.body else None
        if options and "bad" in options.values():
            raise _Refused(400, "image is not an image of the school.")
        with hub.lock:
            hub.settle()
            spawned = person.servers.setdefault(name, Spawned())
            if spawned.pending == "spawn":
                return 202, None
            if spawned.pending:
                raise _Refused(400, f"{person.name}:{name} is pending {spawned.pending}")
            if spawned.started:
                raise _Refused(400, f"{person.name}:{name} is already running")
            spawning = sum(
                s.pending == "spawn" for p in hub.people.values() for s in p.servers.values()
            )
            if 0 < hub.concurrent_spawn_limit <= spawning:
                hub.refusals += 1
                raise _Refused(429, "Too many users trying to log in right now.")
            spawned.pending, spawned.until_s = "spawn", time.monotonic() + hub.spawn_s
            spawned.will_fail, spawned.failed = person.name in hub.failing, ""
            spawned.options = spawned.options if options is None else options
            hub.starts.append(f"{person.name}/{name}" if name else person.name)
            hub.count_in_flight()
        time.sleep(min(hub.spawn_s, hub.slow_spawn_s))
        state = hub.state(person.name, name)
        if spawned.failed:
            raise _Refused(500, f"Error in Spawner: {spawned.failed}")
        return (202 if state == "spawning" else 201), None

    def _delete(self, path: str) -> Any:
        hub = self.stand_in
        person, name = self._target(path)
        is_removed = bool(self.body) and json.loads(self.body).get("remove", False)
        if name and name not in person.servers:
            raise _Refused(404, f"{person.name} has no server named '{name}'")
        if is_removed and not name:
            raise _Refused(400, "Cannot delete the default server")
        with hub.lock:
            hub.settle()
            spawned = person.servers.setdefault(name, Spawned())
            spawned.is_removed_then = spawned.is_removed_then or is_removed
            if spawned.pending == "stop":
                return 202, None
            if spawned.pending or spawned.started:
                whole_name = f"{person.name}/{name}" if name else person.name
                hub.stops.append(whole_name)
                hub.stopped_s[whole_name] = time.time()
            spawned.is_down = spawned.is_down or spawned.started is not None
            spawned.pending, spawned.until_s = "stop", time.monotonic() + hub.stop_s
            hub.count_in_flight()
        time.sleep(min(hub.stop_s, hub.slow_stop_s))
        if hub.people.get(person.name) is None:
            return 204, None
        return (202 if hub.state(person.name, name) == "stopping" else 204), None

    def _progress(self, person: Person, name: str) -> Any:
        hub = self.stand_in
        spawned = person.servers.get(name)
        if spawned is None:
            raise _Refused(404, "no such server")
        with hub.lock:
            hub.settle()
            if not (spawned.pending == "spawn" or spawned.started or spawned.failed):
                raise _Refused(400, f"{person.name} is not starting...")
        self.send_response(200)
        self.send_header(*VERSION)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        with suppress(OSError):
            self._follow(person, name, spawned)
        return None

    def _follow(self, person: Person, name: str, spawned: Spawned) -> None:
        self.wfile.write(b"\n\n")
        if spawned.pending == "spawn":
            self._event({"progress": 50, "message": "Spawning server..."})
        while self.stand_in.state(person.name, name) == "spawning":
            time.sleep(0.02)
        if spawned.failed:
            failed = {"progress": 100, "failed": True, "message": f"Spawn failed: {spawned.failed}"}
            self._event(failed)
        else:
            self._event({"progress": 100, "ready": True, "message": "Server ready"})

    def _event(self, event: dict[str, Any]) -> None:
        self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        self.wfile.flush()
