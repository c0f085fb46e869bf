"""HTTP/1.1 over guarded connections, at little cost per request.

For a folder of 10,000 small files it is the requests that cost, not the bytes: one through
``requests`` took 0.7 ms of processor time, half of it in copying and checking headers, one through
here 0.1 ms. Bodies are read by the standard library's ``http.client``. Only ordinary requests go
this way: see ``plain_address`` for which.

Source: RFC 9112 (message syntax, keeping connections).
"""

from __future__ import annotations

import http.client
import io
import re
import select
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple, Self

from growth_admin.datasets.sources.addresses import DEFAULT_PORTS, AddressGuard
from growth_admin.datasets.sources.header_fields import Headers
from growth_admin.datasets.sources.wire_replies import Head, Plug

READ_AHEAD_BYTES: Final = 65536
_PLAIN: Final = re.compile(
    r"(https?)://([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::([1-9]\d{0,4}))?"
    r"(/[A-Za-z0-9._~:/?@!$&'()*+,;=-]*+(?:%[0-9A-Fa-f]{2}[A-Za-z0-9._~:/?@!$&'()*+,;=-]*+)*+)"
)


class PlainAddress(NamedTuple):
    """The parts of an address that need no further thought; ``target`` is path and query."""

    scheme: str
    host: str
    port: int
    target: str


def plain_address(url: str) -> PlainAddress | None:
    """Return the parts of an address, nothing if it is out of the ordinary.

    That is one with a password, a fragment, dot segments, characters that must be quoted, a name
    that is not ASCII, an IPv6 address, or a port that cannot be.
    """
    found = _PLAIN.fullmatch(url)
    if found is None or "/." in url:
        return None
    scheme, host, port, target = found.groups()
    number = int(port) if port else DEFAULT_PORTS[scheme]
    return PlainAddress(scheme, host.lower(), number, target) if number < 65536 else None


class WireReply:
    """A reply whose body was not read yet; ``reader`` gives the body as it came."""

    def __init__(self, wires: Wires, key: tuple[str, str, int], wire: Wire, reader: Any) -> None:
        self.status: int = reader.status
        self.headers: Headers = reader.headers
        self.reader = reader
        self._wires = wires
        self._key = key
        self._wire = wire

    def give_back(self) -> None:
        """Let the next request have the connection; the body was read to its end."""
        self.reader.close()
        if self.reader.will_close:
            self._wire.close()
        else:
            self._wires.keep(self._key, self._wire)

    def cut(self) -> None:
        """Close the connection."""
        self.reader.close()
        self._wire.close()


class Wire:
    """One connection to an address that the guard checked."""

    def __init__(self, plug: socket.socket) -> None:
        self._plug = plug
        self._raw = Plug(plug)
        self._reader: Any = io.BufferedReader(self._raw, READ_AHEAD_BYTES)
        self._poll = select.poll()
        self._poll.register(plug, select.POLLIN)
        self._timeout_s: float | None = None

    @classmethod
    def open(
        cls, place: PlainAddress, guard: AddressGuard, connect_s: float, tls: ssl.SSLContext | None
    ) -> Self:
        """Connect to the first checked address that answers.

        Raises ``SourceProblem`` from the guard, ``OSError`` for no name, no answer, no trust.
        """
        problem: OSError = OSError("no address")
        for family, kind, protocol, _, address in guard.resolve(place.host, place.port):
            plug = socket.socket(family, kind, protocol)
            try:
                plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                plug.settimeout(connect_s)
                plug.connect(address)
                return cls(tls.wrap_socket(plug, server_hostname=place.host) if tls else plug)
            except ssl.SSLCertVerificationError:
                plug.close()
                raise
            except OSError as e:
                problem = e
                plug.close()
        raise problem

    def is_stale(self) -> bool:
        """Return whether the server closed it, or said something that nobody asked for.

        What came unasked would else be taken for the reply to the next request.
        """
        self._raw.is_dry = True
        is_ahead = bool(self._reader.peek(1))
        self._raw.is_dry = False
        return is_ahead or bool(self._poll.poll(0))

    def send(self, head: bytes, timeout_s: float) -> None:
        """Send a request. Raises ``OSError``."""
        if timeout_s != self._timeout_s:
            self._plug.settimeout(timeout_s)
            self._timeout_s = timeout_s
        self._plug.sendall(head)

    def hear(self, method: str) -> Any:
        """Return the response to what was sent. Raises ``OSError`` and ``HTTPException``."""
        return Head.read(self._reader).body(self._reader, method)

    def close(self) -> None:
        """Let the connection go."""
        with suppress(OSError):
            self._plug.close()

    def __del__(self) -> None:
        self.close()


class Asked:
    """A request that was sent, so that its reply can be taken later; once."""

    def __init__(
        self,
        wires: Wires,
        key: tuple[str, str, int],
        method: str,
        wire: Wire,
        again: Callable[[], Wire] | None,
    ) -> None:
        self._wires = wires
        self._key = key
        self._method = method
        self._wire = wire
        self._again = again

    def reply(self) -> WireReply:
        """Wait for the reply and return it. Raises as ``Wires.ask``."""
        if self._again is not None:
            # closed by the server while we asked, or out of step: once more
            with suppress(ConnectionError, http.client.HTTPException):
                return self._hear()
            self._wire = self._again()
        return self._hear()

    def cut(self) -> None:
        """Close the connection; the reply is not wanted any more."""
        self._wire.close()

    def _hear(self) -> WireReply:
        try:
            return WireReply(self._wires, self._key, self._wire, self._wire.hear(self._method))
        except BaseException:
            self._wire.close()
            raise


class Wires:
    """The connections of one thread; so many are kept open for each server."""

    def __init__(self, guard: AddressGuard, *, most_kept: int = 1) -> None:
        self._guard = guard
        self._most_kept = most_kept
        self._idle: dict[tuple[str, str, int], list[Wire]] = {}

    def ask(
        self,
        place: PlainAddress,
        method: str,
        headers: Mapping[str, str],
        *,
        timeout_s: float,
        connect_s: float,
        tls: ssl.SSLContext | None,
    ) -> WireReply:
        """Return the reply to a request without a body (``GET``, ``HEAD``).

        Raises ``SourceProblem``, ``OSError``, ``HTTPException``, ``ValueError``.
        """
        return self.send(
            place, method, headers, timeout_s=timeout_s, connect_s=connect_s, tls=tls
        ).reply()

    def send(
        self,
        place: PlainAddress,
        method: str,
        headers: Mapping[str, str],
        *,
        timeout_s: float,
        connect_s: float,
        tls: ssl.SSLContext | None,
    ) -> Asked:
        """Send the same and return what its reply can be taken from. Raises as ``ask``."""
        head = request_head(place, method, headers)
        key = place[:3]

        def anew() -> Wire:
            wire = Wire.open(place, self._guard, connect_s, tls)
            try:
                wire.send(head, timeout_s)
            except BaseException:
                wire.close()
                raise
            return wire

        kept = self._idle.get(key)
        wire = kept.pop() if kept else None
        if wire is not None:
            with suppress(ConnectionError):
                if not wire.is_stale():
                    wire.send(head, timeout_s)
                    return Asked(self, key, method, wire, anew)
            wire.close()
        return Asked(self, key, method, anew(), None)

    def keep(self, key: tuple[str, str, int], wire: Wire) -> None:
        """Keep a connection for the next request."""
        kept = self._idle.setdefault(key, [])
        if len(kept) < self._most_kept:
            kept.append(wire)
        else:
            wire.close()


def request_head(place: PlainAddress, method: str, headers: Mapping[str, str]) -> bytes:
    """Return what asks for a target. Raises ``ValueError`` for a header that holds a line break."""
    is_default = place.port == DEFAULT_PORTS[place.scheme]
    lines = [
        f"{method} {place.target} HTTP/1.1",
        f"Host: {place.host}" if is_default else f"Host: {place.host}:{place.port}",
        *[f"{name}: {value}" for name, value in headers.items()],
        "",
        "",
    ]
    text = "\r\n".join(lines)
    if not text.count("\r") == text.count("\n") == len(lines) - 1:
        raise ValueError("a header holds a line break")
    return text.encode("latin-1")
