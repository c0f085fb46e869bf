"""Connections of ``requests`` that ask the guard where they may go."""

from __future__ import annotations

import socket
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from growth_admin.datasets.sources.addresses import AddressGuard


class GuardedAdapter(HTTPAdapter):
    """Opens connections to checked addresses only; TLS still verifies the host's name."""

    def __init__(self, guard: AddressGuard, *, pool_size: int) -> None:
        self._guard = guard
        super().__init__(pool_connections=pool_size, pool_maxsize=pool_size)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **options: Any
    ) -> None:
        """Make the pools, with connections that ask the guard."""
        manager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **options)
        manager.pool_classes_by_scheme = _guarded_pools(self._guard)
        self.poolmanager = manager


def _guarded_pools(guard: AddressGuard) -> dict[str, type[HTTPConnectionPool]]:
    class GuardedHTTP(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, guard)

    class GuardedHTTPS(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, guard)

    class HTTPPool(HTTPConnectionPool):
        ConnectionCls = GuardedHTTP

    class HTTPSPool(HTTPSConnectionPool):
        ConnectionCls = GuardedHTTPS

    return {"http": HTTPPool, "https": HTTPSPool}


def _connect(connection: HTTPConnection, guard: AddressGuard) -> socket.socket:
    """Return a socket to the first checked address that answers.

    Raises ``SourceProblem``, or what urllib3 raises for a connection that cannot be made.
    """
    try:
        found = guard.resolve(connection.host, connection.port or 0)
    except socket.gaierror as e:
        raise NameResolutionError(connection.host, connection, e) from e
    except UnicodeError as e:
        raise NewConnectionError(connection, "not a host name") from e
    problem: OSError = OSError("no address")
    for family, kind, protocol, _, address in found:
        plug = socket.socket(family, kind, protocol)
        try:
            for option in connection.socket_options or ():
                plug.setsockopt(*option)
            plug.settimeout(_seconds(connection.timeout))
            plug.connect(address)
            return plug
        except OSError as e:
            problem = e
            plug.close()
    if isinstance(problem, TimeoutError):
        raise ConnectTimeoutError(connection, "connect timed out") from problem
    raise NewConnectionError(connection, str(problem)) from problem


def _seconds(timeout: object) -> float | None:
    return float(timeout) if isinstance(timeout, int | float) else None
