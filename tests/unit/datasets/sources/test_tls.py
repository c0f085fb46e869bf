"""TLS over connections that the guard makes: the name is sent, and verified."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.sources.addresses import AddressGuard
from growth_admin.datasets.sources.transport import Transport
from tests.tls import make_certificate, server_context

from .plain_server import PlainServer, Reply, serving

NAME = "data.example.org"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """The server's certificate, which a client must be told to trust."""
    return make_certificate(tmp_path, NAME, "10.9.8.7")


@pytest.fixture
def asked_names() -> list[str | None]:
    """The names that clients sent (SNI)."""
    return []


@pytest.fixture
def tls_server(certificate: Path, asked_names: list[str | None]) -> Iterator[PlainServer]:
    """A server with TLS."""
    context = server_context(certificate)
    context.sni_callback = lambda _, name, __: asked_names.append(name)
    with serving(context) as server:
        server.file("/a.bin", b"data" * 100_000)
        yield server


def transport() -> Transport:
    """Return what reaches the server under any name."""

    def look_up(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    guard = AddressGuard(allow_private=True, look_up=look_up)
    return Transport(guard, timeout_s=5, user_agent="test")


def test_tls_when_the_certificate_is_of_the_name_then_the_data_comes(
    tls_server: PlainServer, certificate: Path, asked_names: list[str | None]
) -> None:
    client = transport()
    client.session().verify = str(certificate)
    answer = client.send("GET", f"https://{NAME}:{tls_server.port}/a.bin")
    assert answer.read() == b"data" * 100_000
    assert asked_names == [NAME]


def test_tls_when_the_certificate_is_of_another_name_then_it_is_refused(
    tls_server: PlainServer, certificate: Path
) -> None:
    client = transport()
    client.session().verify = str(certificate)
    with pytest.raises(SourceProblem) as refused:
        client.send("GET", f"https://other.example.org:{tls_server.port}/a.bin")
    assert "certificate" in refused.value.detail
    assert not refused.value.is_retryable
    assert tls_server.seen == []


def test_tls_when_nobody_vouches_for_the_certificate_then_it_is_refused(
    tls_server: PlainServer,
) -> None:
    with pytest.raises(SourceProblem) as refused:
        transport().send("GET", f"https://{NAME}:{tls_server.port}/a.bin")
    assert "certificate" in refused.value.detail
    assert tls_server.seen == []


def test_redirect_when_from_https_to_http_then_it_is_refused(
    tls_server: PlainServer, certificate: Path
) -> None:
    tls_server.on("/down", Reply(302, {"Location": "http://example.org/a.bin"}))
    client = transport()
    client.session().verify = str(certificate)
    with pytest.raises(SourceProblem) as refused:
        client.send("GET", f"https://{NAME}:{tls_server.port}/down")
    assert refused.value.code == "address_refused"
    assert "http://" in refused.value.hint
