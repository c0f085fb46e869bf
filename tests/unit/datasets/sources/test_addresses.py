"""The guard: where connections may go."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

from growth_admin.core.errors import InvalidInput
from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.sources.addresses import AddressGuard, is_public
from growth_admin.datasets.sources.http import HttpSource
from growth_admin.datasets.sources.transport import Transport

from .plain_server import PlainServer, Reply
from .reading import fetch, look


@pytest.mark.parametrize(
    "text",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.3.4", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1"),
        *("224.0.0.1", "240.0.0.1", "255.255.255.255", "192.88.99.1", "168.63.129.16"),
        *("::", "::1", "fe80::1", "fe80::1%2", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1"),
        *("64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:c0a8:101::1"),
        *("2001::1", "2001:db8::1", "::ffff:0:127.0.0.1", "3fff::1"),
    ],
)
def test_address_when_not_of_the_public_internet_then_it_is_refused(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "8.8.8.8",
        "142.250.74.46",
        "2a00:1450:4001:82a::200e",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
        "188.184.103.159",
    ],
)
def test_address_when_public_then_it_is_allowed(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "017700000001", "[::1]", "0"]
)
def test_link_when_it_leads_to_this_machine_then_it_is_refused(
    server: PlainServer, host: str
) -> None:
    server.file("/a.bin", b"secret")
    with pytest.raises(SourceProblem) as refused:
        look(HttpSource(), f"http://{host}:{server.port}/a.bin")
    assert refused.value.code == "address_refused"
    assert "allow_private_addresses" in refused.value.hint
    assert server.connections == 0


def test_redirect_when_it_leads_to_a_private_address_then_it_is_refused(
    server: PlainServer,
) -> None:
    server.file("/secret", b"secret")
    server.on("/a.bin", Reply(302, {"Location": f"http://localhost:{server.port}/secret"}))
    guard = AddressGuard(trusted=[server.url])
    with pytest.raises(SourceProblem) as refused:
        Transport(guard, timeout_s=5, user_agent="test").send("GET", f"{server.url}/a.bin")
    assert refused.value.code == "address_refused"
    assert [path for _, path, _ in server.seen] == ["/a.bin"]


def test_name_when_one_of_its_addresses_is_private_then_it_is_refused() -> None:
    def look_up(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", port)),
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fd00::1", port, 0, 0)),
        ]

    guard = AddressGuard(look_up=look_up)
    with pytest.raises(SourceProblem) as refused:
        guard.resolve("data.example.org", 443)
    assert "fd00::1" in refused.value.detail


def test_connection_when_made_then_the_name_was_resolved_once_and_that_address_is_used(
    server: PlainServer,
) -> None:
    server.file("/a.bin", b"data")
    asked: list[str] = []

    def look_up(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        asked.append(host)  # a second answer would be another address
        address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    guard = AddressGuard(allow_private=True, look_up=look_up)
    transport = Transport(guard, timeout_s=5, user_agent="test")
    for _ in range(3):
        answer = transport.send("GET", f"http://data.example.org:{server.port}/a.bin")
        assert answer.read() == b"data"
    assert asked == ["data.example.org"]
    assert server.connections == 1
    assert server.seen[0][2]["Host"] == f"data.example.org:{server.port}"


def test_base_address_when_an_admin_named_it_then_only_its_port_may_be_private(
    server: PlainServer,
) -> None:
    guard = AddressGuard(trusted=[server.url])
    assert guard.resolve("127.0.0.1", server.port)
    with pytest.raises(SourceProblem):
        guard.resolve("127.0.0.1", server.port + 1)


def test_proxy_when_only_the_environment_names_one_then_it_is_not_used(
    server: PlainServer, source: HttpSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    url = server.file("/a.bin", b"data")
    assert fetch(source, look(source, url).files[0]) == b"data"


def test_proxy_when_set_then_it_is_asked_and_private_targets_are_still_refused(
    server: PlainServer,
) -> None:
    server.on("http://8.8.8.8/a.bin", Reply(200, {}, b"through the proxy"))
    source = HttpSource(proxy=server.url, timeout_s=5.0)
    listing = look(source, "http://8.8.8.8/a.bin")
    assert fetch(source, listing.files[0]) == b"through the proxy"
    with pytest.raises(SourceProblem) as refused:
        look(source, "http://10.0.0.1/a.bin")
    assert refused.value.code == "address_refused"


@pytest.mark.parametrize(
    "link", ["https://", "http://:80/a", "https://exa mple.org/", "http://h:99999/a", "http://[x/a"]
)
def test_link_when_it_is_no_web_address_then_it_is_refused(link: str) -> None:
    with pytest.raises((InvalidInput, SourceProblem)):
        look(HttpSource(), link)
