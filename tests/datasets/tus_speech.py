"""Speaks the tus protocol to a console by hand, to send what no proper client would."""

from __future__ import annotations

import base64
import hashlib
import socket
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.console import Console

BODY = "application/offset+octet-stream"


def metadata(**values: str) -> str:
    """Return ``Upload-Metadata`` with these values."""
    pairs = (f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())
    return ",".join(pairs)


def checksum(data: bytes, algorithm: str = "sha256") -> str:
    """Return ``Upload-Checksum`` of these bytes."""
    digest = hashlib.new(algorithm, data).digest()
    return f"{algorithm} {base64.b64encode(digest).decode()}"


@dataclass
class Tus:
    """One console's uploads."""

    console: Console

    def ask(
        self, method: str, path: str = "", *, data: bytes | None = None, **headers: str | None
    ) -> requests.Response:
        """Send a request; underscores in the names of headers are hyphens, None leaves one out."""
        given = {"Tus-Resumable": "1.0.0"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.console.ask(method, f"datasets/uploads{path}", data=data, headers=given)

    def create(self, size_bytes: int, **headers: str | None) -> str:
        """Begin an upload and return its path below ``datasets/uploads``."""
        reply = self.ask("POST", Upload_Length=str(size_bytes), **headers)
        assert reply.status_code == 201, reply.text
        return "/" + str(reply.json()["id"])

    def patch(
        self, path: str, data: bytes, offset: int = 0, **headers: str | None
    ) -> requests.Response:
        """Send bytes."""
        return self.ask(
            "PATCH",
            path,
            data=data,
            **{"Content_Type": BODY, "Upload_Offset": str(offset)} | headers,
        )

    def offset(self, path: str) -> int:
        """Return how far an upload is."""
        reply = self.ask("HEAD", path)
        assert reply.status_code == 200, reply.status_code
        return int(reply.headers["Upload-Offset"])

    def get(self, path: str) -> dict[str, Any]:
        """Return an upload as JSON."""
        found: dict[str, Any] = self.ask("GET", path).json()
        return found

    def open_patch(
        self, path: str, announced_bytes: int, offset: int = 0, **headers: str
    ) -> socket.socket:
        """Return a connection that has announced a body and sent nothing of it yet."""
        parts = urlsplit(f"{self.console.api}datasets/uploads{path}")
        lines = {
            "Host": parts.netloc,
            "Authorization": f"token {self.console.token}",
            "Tus-Resumable": "1.0.0",
            "Content-Type": BODY,
            "Content-Length": str(announced_bytes),
            "Upload-Offset": str(offset),
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        connection = socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30)
        connection.sendall(f"PATCH {parts.path} HTTP/1.1\r\n{head}\r\n".encode())
        return connection

    def wait_for_offset(self, path: str, offset: int, *, limit_s: float = 20) -> None:
        """Wait until an upload is that far; fail when it does not get there."""
        end_s = time.monotonic() + limit_s
        while (found := self.offset(path)) != offset:
            assert time.monotonic() < end_s, f"at {found}, not {offset}"
            time.sleep(0.05)
