"""A server that answers as a test tells it to: what neither GitHub nor its stand-in should do."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Asked:
    """A request as it came in."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Told:
    """A reply. ``raw`` goes out as it is; ``cut``: the connection ends without one."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    cut: bool = False


Script = Callable[[Asked], Told]


class OddServer:
    """Serves ``script`` and keeps what was asked."""

    def __init__(self) -> None:
        self.script: Script = lambda asked: Told(404, {"message": "Not Found"})
        self.asked: list[Asked] = []
        self._guard = threading.Lock()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def answer(self) -> None:
                owner._answer(self)

            do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def says(self, *replies: Told) -> None:
        """Answer in this order, the last one for ever."""
        left = list(replies)

        def script(asked: Asked) -> Told:
            with self._guard:
                return left.pop(0) if len(left) > 1 else left[0]

        self.script = script

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        text = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        asked = Asked(
            handler.command,
            parts.path,
            dict(parse_qsl(parts.query)),
            {name.lower(): value for name, value in handler.headers.items()},
            json.loads(text) if text else None,
        )
        with self._guard:
            self.asked.append(asked)
        told = self.script(asked)
        if told.cut:
            handler.close_connection = True
            linger = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.connection.close()
            return
        raw = told.raw
        if raw is None:
            raw = b"" if told.body is None else json.dumps(told.body).encode()
        handler.send_response_only(told.status)
        if "Date" not in told.headers:
            handler.send_header("Date", handler.date_time_string())
        for name, value in told.headers.items():
            handler.send_header(name, value)
        if told.status != 304:
            handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        if told.status not in (204, 304):
            handler.wfile.write(raw)


@contextmanager
def running() -> Iterator[OddServer]:
    """A server; gone afterwards."""
    server = OddServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
