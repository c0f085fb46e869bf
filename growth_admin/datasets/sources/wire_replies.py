"""What comes over a connection: the head of a reply, and what reads its body.

Source: RFC 9112, sections 4 (status line), 6 (how long a body is) and 9.3 (keeping connections).
"""

from __future__ import annotations

import http.client
import io
import re
import socket
from typing import Any, Final, NamedTuple, Self

from growth_admin.datasets.sources.header_fields import Headers, read_head

_STATUS: Final = re.compile(r"HTTP/(1\.[01])[ \t]+([1-9]\d\d)(?:[ \t].*)?")


class Plug(io.RawIOBase):
    """What a connection's reader reads from."""

    def __init__(self, plug: socket.socket) -> None:
        self._plug = plug
        self.is_dry = False

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Take what came; nothing, without waiting, while ``is_dry``. Raises ``OSError``."""
        return None if self.is_dry else self._plug.recv_into(buffer)


class Whole:
    """Reads a body whose length was said."""

    chunked: Final = False

    def __init__(self, fp: io.BufferedReader, head: Head, length: int) -> None:
        self.fp = fp
        self.status, self.headers, self.will_close = head.status, head.headers, head.will_close
        self.length = length

    def info(self) -> Headers:
        """Return the header, as the standard library's cookie jar asks."""
        return self.headers

    def read(self, most: int = -1) -> bytes:
        """Return so many bytes, or all; fewer at the end. Raises ``IncompleteRead``."""
        size = self.length if most < 0 else min(most, self.length)
        data = self.fp.read(size)
        self.length -= len(data)
        if len(data) < size:
            raise http.client.IncompleteRead(data, self.length)
        return data

    def read1(self, most: int) -> bytes:
        """Return what is there, at most so many bytes; none at the end."""
        data = self.fp.read1(min(most, self.length))
        self.length -= len(data)
        if self.length and not data:
            raise http.client.IncompleteRead(b"", self.length)
        return data

    def close(self) -> None:
        """The connection is another's to close."""


class Streamed(http.client.HTTPResponse):
    """The standard library's response, for a body in chunks or up to the connection's end."""

    def __init__(self, fp: io.BufferedReader, head: Head, *, is_chunked: bool) -> None:
        this: Any = self  # the standard library's own fields, as its ``begin`` sets them
        this.fp, this._method = fp, "GET"
        this.headers = this.msg = head.headers
        this.status, this.version, this.reason = head.status, 11, ""
        this.chunked, this.chunk_left, this.length = is_chunked, None, None
        this.will_close = head.will_close or not is_chunked

    def _close_conn(self) -> None:
        this: Any = self
        this.fp = None  # the connection is another's to close


class Head(NamedTuple):
    """What a reply begins with."""

    status: int
    headers: Headers
    will_close: bool

    @classmethod
    def read(cls, fp: io.BufferedReader) -> Self:
        """Return the head of the next reply. Raises ``OSError`` and ``HTTPException``."""
        while True:
            first, *lines = read_head(fp) or [""]
            found = _STATUS.fullmatch(first)
            if found is None:
                raise http.client.BadStatusLine(first)
            status = int(found[2])
            if not 100 <= status < 200 or status == http.client.SWITCHING_PROTOCOLS:
                break
        headers = Headers.of(lines)
        said = headers.get("Connection", "").lower()
        is_kept = "close" not in said and (found[1] == "1.1" or "keep-alive" in said)
        return cls(status, headers, not is_kept)

    def body(self, fp: io.BufferedReader, method: str) -> Whole | Streamed:
        """Return what reads the body."""
        if self.status in (204, 304) or method == "HEAD":
            return Whole(fp, self, 0)
        is_chunked = self.headers.get("Transfer-Encoding", "").strip().lower() == "chunked"
        length = self.headers.get("Content-Length", "").partition(",")[0].strip()
        if length.isdecimal() and not is_chunked:
            return Whole(fp, self, int(length))
        return Streamed(fp, self, is_chunked=is_chunked)
