"""HTTP/1.1 as far as a download server needs it, on asyncio's protocols because they are fast.

A small answer is written at once, in the turn of the loop in which its request came; a large one,
or one that a fault delays or breaks, is delivered by a task. Bodies from disk go by sendfile.
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cached_property
from urllib.parse import parse_qsl, unquote

from growth_admin.deploy.standins.drive.content import Content

AT_ONCE_BYTES = 256 * 1024
PIECE_BYTES = 256 * 1024
HEAD_LIMIT_BYTES = 64 * 1024
DRIP_STEP_S = 0.05
REASONS = {
    200: "OK",
    204: "No Content",
    206: "Partial Content",
    302: "Found",
    303: "See Other",
    307: "Temporary Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    416: "Requested Range Not Satisfiable",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


@dataclass
class Request:
    """A request. Header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @cached_property
    def path(self) -> str:
        """The path, decoded."""
        return unquote(self.target.partition("?")[0])

    @cached_property
    def query(self) -> dict[str, str]:
        """The query; of a name that comes twice, the last value."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @cached_property
    def form(self) -> dict[str, str]:
        """A form-encoded body."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass
class Breakage:
    """How the delivery of a body goes wrong, in bytes of the body."""

    reset_at: int | None = None
    close_at: int | None = None
    stall_at: int | None = None
    bytes_per_s: int = 0


@dataclass
class Reply:
    """An answer: `body`, or the bytes `start` to `stop` of a `content`."""

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    content: Content | None = None
    start: int = 0
    stop: int = 0
    is_chunked: bool = False
    delay_s: float = 0.0
    breakage: Breakage | None = None

    @property
    def length(self) -> int:
        """The length of the body in bytes."""
        return self.stop - self.start if self.content else len(self.body)

    @property
    def is_simple(self) -> bool:
        """Whether it can be written at once."""
        is_broken = self.is_chunked or self.delay_s or self.breakage
        return not is_broken and self.length <= AT_ONCE_BYTES

    def read(self, start: int, stop: int) -> bytes:
        """Bytes of the body, counted from its own beginning."""
        if self.content:
            return self.content.read(self.start + start, self.start + stop)
        return self.body[start:stop]

    def head(self) -> bytes:
        """Status line and headers."""
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines.append(f"Date: {formatdate(usegmt=True)}")
        if self.is_chunked:
            lines.append("Transfer-Encoding: chunked")
        elif self.status != 204:
            lines.append(f"Content-Length: {self.length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


Answer = Callable[[Request], Reply]


class Connection(asyncio.Protocol):
    """One connection, kept alive; requests are answered in turn."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._buffer = b""
        self._task: asyncio.Task[None] | None = None
        self._may_write = asyncio.Event()
        self._may_write.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self._may_write.set()
        if self._task:
            self._task.cancel()

    def pause_writing(self) -> None:
        """Called by asyncio when the peer reads slowly."""
        self._may_write.clear()

    def resume_writing(self) -> None:
        """Called by asyncio."""
        self._may_write.set()

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._buffer += data
        self._serve_what_came()

    def _serve_what_came(self) -> None:
        while not self._task and not self._transport.is_closing():
            request = self._next_request()
            if request is None:
                return
            reply = self._answer(request)
            is_last = request.headers.get("connection", "").lower() == "close"
            if reply.is_simple:
                body = b"" if request.method == "HEAD" else reply.read(0, reply.length)
                self._transport.write(reply.head() + body)
                if is_last:
                    self._transport.close()
            else:
                deliver = self._deliver(reply, is_head=request.method == "HEAD", is_last=is_last)
                self._task = asyncio.get_running_loop().create_task(deliver)

    def _next_request(self) -> Request | None:
        """The next whole request that came, if any; closes on what is none."""
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            if len(head) > HEAD_LIMIT_BYTES:
                self._transport.close()
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        if len(words) != 3:
            self._transport.close()
            return None
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length") or 0)
        if len(rest) < length:
            return None
        self._buffer = rest[length:]
        return Request(words[0], words[1], headers, rest[:length])

    async def _deliver(self, reply: Reply, *, is_head: bool, is_last: bool) -> None:
        try:
            if reply.delay_s:
                await asyncio.sleep(reply.delay_s)
            self._transport.write(reply.head())
            if not is_head:
                is_last = await self._deliver_body(reply) or is_last
        except (ConnectionError, asyncio.CancelledError):
            self._transport.close()
            return
        if is_last:
            self._transport.close()
        self._task = None
        self._serve_what_came()

    async def _deliver_body(self, reply: Reply) -> bool:
        """Send the body, whole or broken; True if the connection is of no more use."""
        breakage = reply.breakage or Breakage()
        ends = (breakage.reset_at, breakage.close_at, breakage.stall_at)
        stop = min([reply.length, *(end for end in ends if end is not None)])
        if reply.is_chunked or breakage.bytes_per_s or not (reply.content and reply.content.path):
            await self._send_pieces(reply, stop, breakage.bytes_per_s)
        else:
            await self._send_file(reply, stop)
        if stop == reply.length and breakage.reset_at is None:
            if reply.is_chunked:
                self._transport.write(b"0\r\n\r\n")
            return breakage.close_at is not None
        return await self._break_off(breakage)

    async def _send_pieces(self, reply: Reply, stop: int, bytes_per_s: int) -> None:
        step = max(1, int(bytes_per_s * DRIP_STEP_S)) if bytes_per_s else PIECE_BYTES
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for start in range(0, stop, step):
            piece = reply.read(start, min(start + step, stop))
            if reply.is_chunked:
                piece = b"%x\r\n%b\r\n" % (len(piece), piece)
            await self._may_write.wait()
            if self._transport.is_closing():
                raise ConnectionAbortedError
            self._transport.write(piece)
            if bytes_per_s:
                await asyncio.sleep(begun + (start + step) / bytes_per_s - loop.time())

    async def _send_file(self, reply: Reply, stop: int) -> None:
        assert reply.content and reply.content.path
        with reply.content.path.open("rb", buffering=0) as file:
            if stop:
                loop = asyncio.get_running_loop()
                await loop.sendfile(self._transport, file, reply.start, stop)

    async def _break_off(self, breakage: Breakage) -> bool:
        while self._transport.get_write_buffer_size():  # noqa: ASYNC110  (asyncio tells of no flush)
            await asyncio.sleep(0.001)
        if breakage.stall_at is not None:
            await asyncio.Event().wait()  # until the peer gives up, or the server ends
        if breakage.reset_at is not None:
            connection = self._transport.get_extra_info("socket")
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self._transport.abort()
        return True
