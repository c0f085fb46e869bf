"""A small real web server that does wrong what a test says, and counts what it sends.

A ``Place`` is what stands under a path: its content, how well the server knows HTTP there, and the
faults that meet its requests, each for some of them. Every body is sent in small steps over a small
socket buffer, so that what was sent is about what arrived.
"""

from __future__ import annotations

import gzip
import hashlib
import http.server
import os
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

STEP_BYTES = 16 << 10


class Cut(Exception):
    """The connection is to be closed, and nothing more is said."""


@dataclass
class Fault:
    """What happens to some requests for bytes of a place: the first, the second, .. (``on``).

    ``kind`` says what; ``at`` is the byte of the file where it happens, where that means something.
    """

    kind: str
    at: int = 0
    on: tuple[int, ...] = (0,)
    value: str = ""


@dataclass
class Place:
    """What stands under a path. ``then`` is what it holds once a ``change`` fault was met."""

    content: bytes
    faults: tuple[Fault, ...] = ()
    then: bytes | None = None
    etag: str = "strong"
    has_ranges: bool = True
    checks_if_range: bool = True
    has_length: bool = True
    has_digest: bool = False
    bytes_per_s: int = 0
    requests: int = 0
    is_changed: bool = False
    statuses: list[int] = field(default_factory=list)

    @property
    def now(self) -> bytes:
        """What it holds at present."""
        return self.then if self.is_changed and self.then is not None else self.content

    def tag(self) -> str:
        """The ETag of what it holds at present; empty if it has none."""
        digest = hashlib.sha256(self.now).hexdigest()[:16]
        return {"strong": f'"{digest}"', "weak": f'W/"{digest}"', "none": ""}[self.etag]


class FaultyServer(http.server.ThreadingHTTPServer):
    """Serves ``places``; ``sent_bytes`` counts by path. A log file is for other processes."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, log: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.places: dict[str, Place] = {}
        self.sent_bytes: dict[str, int] = {}
        self.lock = threading.Lock()
        self._log = log

    @property
    def base(self) -> str:
        """The address that paths are added to."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def count(self, path: str, start: int, size: int) -> None:
        """Note that bytes of a range were sent."""
        with self.lock:
            self.sent_bytes[path] = self.sent_bytes.get(path, 0) + size
            if self._log is not None:
                with self._log.open("a") as file:
                    file.write(f"{path} {start} {size}\n")

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that are killed are the test."""


@contextmanager
def serving(server: FaultyServer) -> Iterator[FaultyServer]:
    """Serve in a thread."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def logged_bytes(log: Path) -> dict[str, int]:
    """Return the bytes that a server in another process has sent, by path."""
    counted: dict[str, int] = {}
    for line in log.read_text().splitlines():
        path, _, size = line.split()
        counted[path] = counted.get(path, 0) + int(size)
    return counted


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyServer

    def setup(self) -> None:
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, STEP_BYTES)
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()

    def do_HEAD(self) -> None:
        place = self.server.places[self.path]
        if any(fault.kind == "redirect" and -1 in fault.on for fault in place.faults):
            self._redirect(place.faults[0].value)
            return
        self.send_response(200)
        self._describe(place)
        if place.has_length:
            self.send_header("Content-Length", str(len(place.now)))
        self.end_headers()

    def do_GET(self) -> None:
        place = self.server.places.get(self.path)
        if place is None:
            self._refuse(404)
            return
        with self.server.lock:
            number, place.requests = place.requests, place.requests + 1
        faults = [f for f in place.faults if number in f.on or f.on == ()]
        try:
            self._answer(place, faults)
        except (Cut, OSError):
            self.close_connection = True

    # -- the answer

    def _answer(self, place: Place, faults: list[Fault]) -> None:
        kinds = {fault.kind: fault for fault in faults}
        if "change" in kinds:
            place.is_changed = True
        for kind in ("status", "redirect", "silent", "garbage", "page", "hang"):
            if kind in kinds:
                getattr(self, f"_{kind}")(kinds[kind].value)
                return
        data = place.now
        start, end = self._asked(place, len(data))
        is_ranged = (start, end) != (0, len(data)) or (
            place.has_ranges and "Range" in self.headers and self._is_same(place)
        )
        if "no-range" in kinds or "gzip" in kinds:
            start, end, is_ranged = 0, len(data), False
        if start >= len(data) and start:
            self._refuse(416, {"Content-Range": f"bytes */{len(data)}"})
            return
        if "multipart" in kinds:
            self._multipart(place, data, start, end)
            return
        self._head(place, kinds, data, start, end, is_ranged)
        self._body(place, kinds, data, start, end)

    def _is_same(self, place: Place) -> bool:
        condition = self.headers.get("If-Range", "")
        return not condition or not place.checks_if_range or condition == place.tag()

    def _asked(self, place: Place, size: int) -> tuple[int, int]:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked is None or not place.has_ranges or not self._is_same(place):
            return 0, size
        return int(asked[1]), min(int(asked[2] or size - 1) + 1, size)

    def _describe(self, place: Place) -> None:
        self.send_header("Content-Type", "application/octet-stream")
        if place.has_ranges:
            self.send_header("Accept-Ranges", "bytes")
        if place.tag():
            self.send_header("ETag", place.tag())
        if place.has_digest:
            digest = hashlib.md5(place.content).hexdigest()
            self.send_header("X-Checksum-Md5", digest)

    def _head(
        self,
        place: Place,
        kinds: dict[str, Fault],
        data: bytes,
        start: int,
        end: int,
        is_ranged: bool,
    ) -> None:
        self.send_response(206 if is_ranged else 200)
        self._describe(place)
        if is_ranged and "no-content-range" not in kinds:
            first, last, total = start, end - 1, len(data)
            if "range-start" in kinds:
                first, last = first + 7, last + 7
            if "range-total" in kinds:
                total += 11
            self.send_header("Content-Range", f"bytes {first}-{last}/{total}")
        if "gzip" in kinds:
            self.send_header("Content-Encoding", "gzip")
        if not place.has_length:
            self.send_header("Transfer-Encoding", "chunked")
        elif "short-length" in kinds:
            self.send_header("Content-Length", str(kinds["short-length"].at - start))
        elif "gzip" in kinds:
            self.send_header("Content-Length", str(len(gzip.compress(data, 1))))
        else:
            self.send_header("Content-Length", str(end - start))
        self.end_headers()

    def _body(
        self, place: Place, kinds: dict[str, Fault], data: bytes, start: int, end: int
    ) -> None:
        if "gzip" in kinds:
            data = gzip.compress(data, 1)
            start, end = 0, len(data)
        if "flip" in kinds and start <= kinds["flip"].at < end:
            at = kinds["flip"].at
            data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        if "short-length" in kinds:
            end = kinds["short-length"].at
        if "long" in kinds:
            data, end = data + b"more", end + 4
        stops = {f.at: f for f in kinds.values() if f.kind in ("cut", "reset", "stall", "drip")}
        begun = start
        try:
            while start < end:
                if start in stops:
                    self._stop(stops[start])
                later = [at for at in stops if at > start]
                upto = min([start + STEP_BYTES, end, *later])
                self._send(data[start:upto], place)
                start = upto
            if end in stops:
                self._stop(stops[end])
        finally:
            self.server.count(self.path, begun, start - begun)
        if not place.has_length:
            self.wfile.write(b"0\r\n\r\n")

    def _send(self, data: bytes, place: Place) -> None:
        if place.bytes_per_s:
            time.sleep(len(data) / place.bytes_per_s)
        if not place.has_length:
            data = b"%x\r\n%s\r\n" % (len(data), data)
        self.wfile.write(data)

    # -- faults

    def _stop(self, fault: Fault) -> None:
        if fault.kind == "drip":
            time.sleep(float(fault.value))
            return
        if fault.kind == "stall":
            time.sleep(float(fault.value))
        if fault.kind == "reset":
            linger = struct.pack("ii", 1, 0)
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.request.close()
        else:
            with suppress(OSError):
                self.request.shutdown(socket.SHUT_RDWR)
        raise Cut

    def _status(self, value: str) -> None:
        status, _, retry_after = value.partition(" ")
        self._refuse(int(status), {"Retry-After": retry_after} if retry_after else {})

    def _redirect(self, value: str) -> None:
        self._refuse(302, {"Location": value})

    def _silent(self, value: str) -> None:
        raise Cut

    def _hang(self, value: str) -> None:
        time.sleep(float(value))
        raise Cut

    def _garbage(self, value: str) -> None:
        self.wfile.write(b"\x16\x03\x01 this is no answer\r\n\r\n")
        raise Cut

    def _page(self, value: str) -> None:
        page = b"<!DOCTYPE html><html><title>Sign in</title></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def _multipart(self, place: Place, data: bytes, start: int, end: int) -> None:
        part = b"--x\r\nContent-Range: bytes %d-%d/%d\r\n\r\n" % (start, end - 1, len(data))
        body = part + data[start:end] + b"\r\n--x--\r\n"
        self.send_response(206)
        self.send_header("Content-Type", "multipart/byteranges; boundary=x")
        self.send_header("ETag", place.tag())
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _refuse(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *values: object) -> None:
        """Say nothing."""


def random_bytes(size: int) -> bytes:
    """Return bytes that no two files share."""
    return os.urandom(size)
