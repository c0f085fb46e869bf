"""What kind of host a name is: our own machine, our own network, or the internet."""

from __future__ import annotations

import ipaddress
from typing import Final
from urllib.parse import urlsplit

INSIDE: Final = (".local", ".localhost", ".internal", ".svc", ".test")
"""Ends of names that only an own network knows."""


def is_inside(host: str) -> bool:
    """Return whether a host is this machine or in a network that is not the internet."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(INSIDE)
    return address.is_private or address.is_loopback


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine, which no proxy is asked for."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_service_address(url: str) -> bool:
    """Return whether this is http(s)://HOST[:PORT][/PATH] and nothing more: no login, no query."""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # reading a port checks it too
        return False
    return is_usable and not (parts.query or parts.fragment or parts.username or parts.password)
