"""A web server with ranges that gives each connection so many bytes per second, no more.

nginx's ``limit_rate`` begins anew with each request, which flatters clients that ask for many
small ranges; here the limit is the connection's.
"""

from __future__ import annotations

import os
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

STEP_BYTES = 256 << 10


class Handler(BaseHTTPRequestHandler):
    """Gives files of the folder; keeps its connection and what that may still send."""

    protocol_version = "HTTP/1.1"
    folder = Path()
    bytes_per_s = 1

    def setup(self) -> None:
        super().setup()
        self.free_s = time.monotonic()

    def do_HEAD(self) -> None:
        self._answer(has_body=False)

    def do_GET(self) -> None:
        self._answer(has_body=True)

    def _answer(self, *, has_body: bool) -> None:
        path = self.folder / Path(self.path).name
        size = path.stat().st_size
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        start, end = 0, size
        if asked:
            start, end = int(asked[1]), min(int(asked[2] or size - 1) + 1, size)
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("ETag", f'"{size:x}"')
        self.send_header("Content-Length", str(end - start))
        self.end_headers()
        if has_body:
            with path.open("rb") as file:
                self._send(file.fileno(), start, end)

    def _send(self, fd: int, start: int, end: int) -> None:
        while start < end:
            size = min(STEP_BYTES, end - start)
            try:
                sent = os.sendfile(self.connection.fileno(), fd, start, size)
            except (BrokenPipeError, ConnectionResetError):  # aria2 splits a range and drops it
                self.close_connection = True
                return
            start += sent
            self.free_s = max(self.free_s, time.monotonic() - 0.02) + sent / self.bytes_per_s
            time.sleep(max(self.free_s - time.monotonic(), 0))

    def log_message(self, format: str, *values: object) -> None:
        pass


def main(folder: str, port: str, bytes_per_s: str) -> None:
    """Serve until ended."""
    Handler.folder = Path(folder)
    Handler.bytes_per_s = int(bytes_per_s)
    ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
