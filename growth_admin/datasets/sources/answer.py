"""A reply, whichever way it came, and what is done with its body."""

from __future__ import annotations

import http.client
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import requests

from growth_admin.datasets.sources.failures import no_answer

SHORT_BYTES: Final = 65536
PAGE_BYTES: Final = 16 * 1024 * 1024
"""The longest page or JSON document that is read; a listing of 1,000 files is about 0.5 MB."""


class Reply(Protocol):
    """A reply, whichever way it came; ``reader`` (of ``http.client``) gives the body as it came."""

    status: int
    reader: Any

    @property
    def headers(self) -> Mapping[str, str]:
        """The header fields; names in any case."""
        ...

    def give_back(self) -> None:
        """Let the next request have the connection; the body was read to its end."""
        ...

    def cut(self) -> None:
        """Close the connection."""
        ...


class CarefulReply:
    """A reply that came over ``requests``."""

    def __init__(self, response: requests.Response) -> None:
        self.status = response.status_code
        self.reader: Any = getattr(response.raw, "_fp", response.raw)
        self._response = response

    @property
    def headers(self) -> Mapping[str, str]:
        """See ``Reply``."""
        return self._response.headers

    def give_back(self) -> None:
        """See ``Reply``."""
        self.reader.close()  # the reply, not its connection
        self._response.raw.release_conn()

    def cut(self) -> None:
        """See ``Reply``."""
        self._response.close()


@dataclass(frozen=True)
class Answer:
    """A reply whose body was not read yet, and the address that gave it after redirects."""

    reply: Reply
    url: str
    redirects: tuple[str, ...] = field(default=(), repr=False)

    @property
    def status(self) -> int:
        """The status code."""
        return self.reply.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; keys in any case."""
        return self.reply.headers

    @property
    def media_type(self) -> str:
        """The type of the body, in lower case and without parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def is_web_page(self) -> bool:
        """Whether the body is declared to be a page for people."""
        return self.media_type in ("text/html", "application/xhtml+xml")

    def read(self, limit_bytes: int = PAGE_BYTES) -> bytes:
        """Return the body, at most ``limit_bytes`` of it, and give the connection back."""
        pieces, left, decoder = [], limit_bytes, _decoder(self.headers)
        try:
            while left > 0 and (wire := self.reply.reader.read(65536)):
                piece = decoder.decompress(wire, left) if decoder else wire
                pieces.append(piece)
                left -= len(piece)
            if left > 0 and self.reply.reader.length:
                raise http.client.IncompleteRead(b"", self.reply.reader.length)
        except (OSError, ValueError, http.client.HTTPException, zlib.error) as e:
            self.cut()
            raise no_answer(self.url, e) from None
        if left > 0:
            self.reply.give_back()
        else:
            self.cut()
        return b"".join(pieces)[:limit_bytes]

    def close(self) -> None:
        """Let the body go unread; a short one is taken, so that its connection serves on."""
        drain(self.reply, self.headers)

    def cut(self) -> None:
        """Close the connection at once."""
        self.reply.cut()


def drain(reply: Reply, headers: Mapping[str, str]) -> None:
    """Read a short body, so that its connection serves the next request; close a long one."""
    length = headers.get("Content-Length", "")
    is_bodiless = reply.reader.length == 0  # also of a reply to HEAD
    if not is_bodiless and not (length.isdecimal() and int(length) <= SHORT_BYTES):
        reply.cut()
        return
    try:
        reply.reader.read()
        reply.give_back()
    except (OSError, ValueError, http.client.HTTPException):
        reply.cut()


def _decoder(headers: Mapping[str, str]) -> Any:
    """Return what decodes a page that was compressed although nobody asked for it."""
    coding = headers.get("Content-Encoding", "").strip().lower()
    if coding in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(zlib.MAX_WBITS | 32)  # finds out which of the two it is
    return None
