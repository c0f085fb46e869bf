"""The bytes of a reply, straight into the reader's buffer.

A body that is neither chunked nor encoded is read from the socket's own reader: nothing is copied
on the way, and a slow source still shows its progress. Give it a buffer that begins at a page of
memory (``mmap.mmap(-1, size)``): copying out of the kernel into a ``bytearray``, which does not,
cost twice the CPU here. A body that was not read to its end closes its connection.
"""

from __future__ import annotations

import http.client
import time
import zlib
from typing import Any, Final

import requests
from urllib3.exceptions import HTTPError

from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.sources.answer import Answer
from growth_admin.datasets.sources.failures import no_answer

FILL_S: Final = 0.25
"""How long a call goes on filling the buffer: progress, pause and cancel wait no longer."""
GZIP_MAGIC: Final = b"\x1f\x8b"
_CUT: Final = (OSError, http.client.HTTPException, HTTPError, requests.RequestException, ValueError)


class WireBody:
    """The body as it came over the wire; ``length`` bytes of it, if that was announced."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._reader = answer.reply.reader
        self.length = _announced(answer)
        self.got = 0
        self._is_chunked = bool(getattr(self._reader, "chunked", True))
        self._problem: SourceProblem | None = None
        self._is_over = self.length == 0

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer, or what of it comes within a moment; 0 at the end.

        Raises ``SourceProblem`` when the body ends before its time; what came is given first.
        """
        if self._problem:
            raise self._problem
        filled, begun = 0, time.monotonic()
        try:
            while filled < len(buffer) and not self._is_over:
                count = self._read_some(buffer[filled:])
                filled += count
                if time.monotonic() > begun + FILL_S:
                    break
        except _CUT as e:
            self._problem = self._cut(e)
            if not filled:
                raise self._problem from None
        return filled

    def _read_some(self, buffer: memoryview) -> int:
        count = self._read_once(buffer)
        self.got += count
        if not count and self.length is not None and self.got < self.length:
            raise http.client.IncompleteRead(b"", self.length - self.got)
        self._is_over = not count or self.got == self.length
        if self._is_over:
            self._answer.reply.give_back()
        return count

    def _read_once(self, buffer: memoryview) -> int:
        if self.length is not None:
            buffer = buffer[: self.length - self.got]
        inner: Any = getattr(self._reader, "fp", None)
        if not self._is_chunked and self.length is not None and hasattr(inner, "readinto1"):
            return int(inner.readinto1(buffer))
        data = self._reader.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the connection, unless the body was read and it serves others already."""
        if not self._is_over or self._problem:
            self._answer.cut()

    def _cut(self, cause: Exception) -> SourceProblem:
        host = no_answer(self._answer.url, cause)
        if isinstance(cause, http.client.IncompleteRead) and self.length is not None:
            return SourceProblem(
                "short_body",
                f"The connection ended after {self.got:,} of {self.length:,} bytes.",
                hint="Try again in a few minutes.",
                is_retryable=True,
            )
        return SourceProblem(
            "unreachable",
            f"After {self.got:,} bytes: {host.detail}",
            hint="Try again in a few minutes.",
            is_retryable=True,
        )


class PeekedBody:
    """A body whose first bytes were looked at; they are given again."""

    def __init__(self, body: WireBody, size: int) -> None:
        self._body = body
        head = bytearray(size)
        filled = 0
        while filled < size and (count := body.readinto(memoryview(head)[filled:])):
            filled += count
        self.head = bytes(head[:filled])
        self._left = memoryview(self.head)

    def readinto(self, buffer: memoryview) -> int:
        """See ``WireBody.readinto``."""
        if not self._left:
            return self._body.readinto(buffer)
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def close(self) -> None:
        """See ``WireBody.close``."""
        self._body.close()


class UnzippedBody:
    """A body that was sent gzip-encoded although nobody asked for it; gives what was encoded."""

    def __init__(self, body: PeekedBody, *, is_deflate: bool) -> None:
        self._body = body
        self._decoder = zlib.decompressobj(zlib.MAX_WBITS if is_deflate else zlib.MAX_WBITS | 16)
        self._is_deflate = is_deflate
        self._wire = memoryview(bytearray(65536))
        self._held = b""

    def readinto(self, buffer: memoryview) -> int:
        """See ``WireBody.readinto``."""
        while True:
            if self._decoder.eof and not self._next_member():
                return 0
            try:
                data = self._decoder.decompress(self._held, len(buffer))
            except zlib.error:
                raise _not_decodable() from None
            self._held = self._decoder.unconsumed_tail
            if data:
                buffer[: len(data)] = data
                return len(data)
            if not self._held and not self._decoder.eof:
                count = self._body.readinto(self._wire)
                self._held = bytes(self._wire[:count])
                if not count:
                    raise _ends_early()

    def _next_member(self) -> bool:
        """Go on with the next gzip member, if there is one (RFC 1952, section 2.2)."""
        self._held = self._decoder.unused_data
        if not self._held:
            count = self._body.readinto(self._wire)
            self._held = bytes(self._wire[:count])
        if not self._held.startswith(GZIP_MAGIC[:1]) or self._is_deflate:
            return False
        self._decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
        return True

    def close(self) -> None:
        """See ``WireBody.close``."""
        self._body.close()


def unzipped_head(head: bytes) -> bytes:
    """Return the first decoded bytes of a gzip-encoded body; empty if it is none."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, 64)
    except zlib.error:
        return b""


def _announced(answer: Answer) -> int | None:
    text = answer.headers.get("Content-Length", "")
    is_chunked = "chunked" in answer.headers.get("Transfer-Encoding", "").lower()
    return int(text) if text.isdecimal() and not is_chunked else None


def _ends_early() -> SourceProblem:
    return SourceProblem(
        "short_body",
        "The compressed reply ends before its time.",
        hint="Try again in a few minutes.",
        is_retryable=True,
    )


def _not_decodable() -> SourceProblem:
    return SourceProblem(
        "refused",
        "The server says that it compressed the reply, and the reply cannot be unpacked.",
        hint="Tell whoever runs that server, or fetch the file with a browser and upload it.",
    )
