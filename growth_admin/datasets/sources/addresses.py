"""Which addresses this server may fetch from: the guard against requests into its own network.

Whoever may paste a link could otherwise read what only this machine reaches: the cloud's metadata
service, other users' servers, the hub. The guard resolves each name itself, refuses it if any of
its addresses is not public, and connects to an address that it checked, so that a second answer of
the name server changes nothing (DNS rebinding). Each redirect passes through it again.

Sources: OWASP, Server-Side Request Forgery Prevention; IANA special-purpose address registries
(RFC 6890); RFC 6052 and RFC 8215 (NAT64), RFC 3056 (6to4), RFC 4380 (Teredo).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from growth_admin.datasets.facts import SourceProblem

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Place = tuple[str, int]
"""Host in lower case, port."""
LookUp = Callable[..., list[tuple[Any, ...]]]
"""Resolves as ``socket.getaddrinfo`` does."""
DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_REFUSED_V4: Final = tuple(
    ipaddress.IPv4Network(text)
    for text in ("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "168.63.129.16/32")
)
"""Beside what ``ipaddress`` knows: relays, benchmarks, the host agent of a large cloud."""
_REFUSED_V6: Final = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "64:ff9b:1::/48",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)
_EMBEDDED_LAST_32: Final = tuple(
    ipaddress.IPv6Network(text)
    for text in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")
)
"""IPv6 addresses that stand for the IPv4 address in their last 32 bits."""


def is_public(address: Address) -> bool:
    """Return whether an address is one of the public internet, whatever form it is written in."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id or any(address in net for net in _REFUSED_V6):
            return False
        if any(address in net for net in _EMBEDDED_LAST_32):
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address.sixtofour is not None:
            return is_public(address.sixtofour)
    elif any(address in net for net in _REFUSED_V4):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def place_of(url: str) -> Place:
    """Return host and port of an address."""
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), parts.port or DEFAULT_PORTS.get(parts.scheme, 0)


class AddressGuard:
    """Says where connections may go.

    ``trusted`` are places that the admin named in the settings: they may be private. ``look_up`` is
    what resolves names; a connection asks it once.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        trusted: Iterable[str] = (),
        look_up: LookUp = socket.getaddrinfo,
    ) -> None:
        self.allow_private = allow_private
        self.trusted = tuple(url for url in trusted if url)
        self._trusted = {place_of(url) for url in self.trusted}
        self._look_up = look_up

    def resolve(self, host: str, port: int) -> list[tuple[Any, ...]]:
        """Return what ``getaddrinfo`` says of the host, all of it allowed.

        Raises ``SourceProblem`` (``address_refused``), or ``OSError`` for a name that has none.
        """
        host = host.strip("[]")
        found = self._look_up(host, port, type=socket.SOCK_STREAM)
        if not self.allow_private and (host.rstrip(".").lower(), port) not in self._trusted:
            for *_, address in found:
                if not is_public(ipaddress.ip_address(str(address[0]))):
                    raise refused_address(host, str(address[0]))
        return found


def refused_address(host: str, address: str) -> SourceProblem:
    """Return the refusal of a host because of where it lies."""
    same = "" if host == address else f" ({address})"
    return SourceProblem(
        "address_refused",
        f"{host}{same} lies in a private network; links may only lead to public addresses.",
        hint="If the data really lies there, ask an admin to set "
        "HttpSource.allow_private_addresses, or copy the file to the hub and give its path.",
    )
