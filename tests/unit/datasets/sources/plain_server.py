"""A small real web server whose replies a test writes."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    """What goes back; ``body`` as it is, whatever the headers say of it."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    closes: bool = False


Answer = Callable[[BaseHTTPRequestHandler], Reply]


class PlainServer:
    """Answers by path; ``seen`` holds the requests, ``connections`` how many came."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.connections = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def do_GET(self) -> None:
                outer._serve(self)

            def do_HEAD(self) -> None:
                outer._serve(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                pass  # a client that goes away is what many tests are about

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = int(self.server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"

    def on(self, path: str, answer: Answer | Reply) -> str:
        """Answer this path so; returns its address."""
        self.answers[path] = answer if callable(answer) else lambda _: answer
        return self.url + path

    def file(self, path: str, data: bytes, **headers: str) -> str:
        """Serve these bytes with ranges and an ETag; returns the address."""
        names = {"ETag": '"v1"', "Accept-Ranges": "bytes"}
        names |= {key.replace("_", "-"): value for key, value in headers.items()}
        return self.on(path, lambda handler: ranged(handler, data, names))

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        self.seen.append((handler.command, handler.path, dict(handler.headers.items())))
        missing: Answer = lambda _: Reply(404, {"Content-Type": "text/html"}, b"<html>no</html>")  # noqa: E731
        reply = self.answers.get(handler.path.partition("?")[0], missing)(handler)
        handler.send_response_only(reply.status)
        lengths = {"content-length", "transfer-encoding"}
        if not lengths & {name.lower() for name in reply.headers} and not reply.closes:
            handler.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(reply.body)
        if reply.closes:
            handler.close_connection = True


def ranged(handler: BaseHTTPRequestHandler, data: bytes, headers: dict[str, str]) -> Reply:
    """Return the bytes, or the range that was asked for if the validator still holds."""
    wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", handler.headers.get("Range", ""))
    condition = handler.headers.get("If-Range")
    holds = condition in (None, headers.get("ETag"), headers.get("Last-Modified"))
    if not wanted or not holds:
        return Reply(200, headers, data)
    start, stop = int(wanted[1]), min(int(wanted[2] or len(data)) + 1, len(data))
    if start >= len(data):
        return Reply(416, headers | {"Content-Range": f"bytes */{len(data)}"})
    said = {"Content-Range": f"bytes {start}-{stop - 1}/{len(data)}"}
    return Reply(206, headers | said, data[start:stop])


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[PlainServer]:
    """Run a server while the block runs."""
    server = PlainServer()
    if tls is not None:
        server.server.socket = tls.wrap_socket(server.server.socket, server_side=True)
        server.url = f"https://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.server.shutdown()
        server.server.server_close()
        thread.join(5)
