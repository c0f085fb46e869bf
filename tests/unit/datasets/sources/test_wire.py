"""Requests without ``requests``: which addresses go that way, and what comes of odd servers."""

from __future__ import annotations

import gzip
import http.client
import io
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import pytest

from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.sources.addresses import AddressGuard
from growth_admin.datasets.sources.header_fields import LINE_BYTES, MOST_LINES, Headers, read_head
from growth_admin.datasets.sources.transport import CarefulReply, Transport
from growth_admin.datasets.sources.wire import WireReply, Wires, plain_address, request_head

from .plain_server import PlainServer, Reply

OK = b"HTTP/1.1 200 OK\r\n"
Speech = Callable[[socket.socket, int], None]


@pytest.fixture
def transport() -> Transport:
    """What sends requests, here too."""
    return Transport(AddressGuard(allow_private=True), timeout_s=5, user_agent="test")


@pytest.fixture
def speaking() -> Iterator[Callable[[Speech], str]]:
    """Serve connections by hand: the speech gets each one, and its number."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(speech: Speech) -> None:
        number = 0
        while True:
            try:
                plug, _ = listener.accept()
            except OSError:
                return
            with closing(plug), suppress(OSError):
                speech(plug, number)
            number += 1

    def start(speech: Speech) -> str:
        threading.Thread(target=serve, args=(speech,), daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    listener.close()


def hear(plug: socket.socket) -> bytes:
    """Return a request, up to its empty line."""
    heard = b""
    while not heard.endswith(b"\r\n\r\n") and (data := plug.recv(65536)):
        heard += data
    return heard


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("http://h/", ("http", "h", 80, "/")),
        ("https://Data.Example.org/a%20b?x=1&y=%2F", None),
        ("http://127.0.0.1:8080/a/b~c", ("http", "127.0.0.1", 8080, "/a/b~c")),
    ],
)
def test_address_when_ordinary_then_it_is_taken_apart(
    url: str, parts: tuple[str, str, int, str] | None
) -> None:
    parts = parts or ("https", "data.example.org", 443, "/a%20b?x=1&y=%2F")
    assert plain_address(url) == parts


@pytest.mark.parametrize(
    "url",
    [
        *("http://h", "ftp://h/", "http://u:p@h/", "http://u@h/", "http://[::1]/", "http://h:0/"),
        *("http://h:65536/", "http://h:1a/", "http://h/#x", "http://h/a b", "http://h/../x"),
        *("http://h/%zz", "http://h/ü", "http://ü/", "http://h./", "http://-h/", "http://h/a\r\nb"),
        *("http://h/a\n", "http://h\\@x/", "http://h/a|b", "http://h/a/./b", "HTTP://h/", ""),
    ],
)
def test_address_when_out_of_the_ordinary_then_it_goes_the_careful_way(url: str) -> None:
    assert plain_address(url) is None


def test_reply_when_the_address_is_ordinary_then_requests_is_not_used(
    server: PlainServer, transport: Transport
) -> None:
    server.file("/a.bin", b"data")
    server.file("/a|b", b"more")
    quick = transport.send("GET", f"{server.url}/a.bin")
    assert isinstance(quick.reply, WireReply) and quick.read() == b"data"
    server.on("/a%7Cb", Reply(200, {}, b"more"))
    careful = transport.send("GET", f"{server.url}/a|b")
    assert isinstance(careful.reply, CarefulReply) and careful.read() == b"more"


def test_headers_when_read_then_names_in_any_case_and_folded_or_repeated_ones_are_whole() -> None:
    text = (
        b"A: 1\r\nnothing\r\n folded: no\r\nB : 2\r\n\t and 3\r\nset-cookie: x\r\nSet-Cookie: y\n\n"
    )
    headers = Headers.of(read_head(io.BufferedReader(io.BytesIO(text))))
    assert dict(headers) == {"a": "1", "b": "2 and 3", "set-cookie": "x, y"}
    assert headers.get("SET-COOKIE") == "x, y" and headers.get_all("Set-Cookie") == ["x", "y"]
    assert headers.get("C") is None and headers.get("C", "-") == "-" and "c" not in headers
    assert len(headers) == 3


@pytest.mark.parametrize(
    "text",
    [b"A: 1\r\n", b"A: " + b"1" * LINE_BYTES + b"\r\n\r\n", b"A: 1\r\n" * (MOST_LINES + 1)],
)
def test_headers_when_cut_or_endless_then_refused(text: bytes) -> None:
    with pytest.raises(http.client.HTTPException):
        read_head(io.BufferedReader(io.BytesIO(text)))


@pytest.mark.parametrize("value", ["1\r\nHost: other", "1\n", "\r"])
def test_header_when_it_holds_a_line_break_then_nothing_is_sent(
    server: PlainServer, transport: Transport, value: str
) -> None:
    with pytest.raises(SourceProblem):
        transport.send("GET", f"{server.url}/a", headers={"If-Range": value})
    assert server.seen == []


def test_head_when_the_port_is_the_usual_one_then_it_is_not_said() -> None:
    address = plain_address("https://h:443/a")
    assert address is not None
    assert request_head(address, "GET", {}) == b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n"


def test_connection_when_the_server_closed_it_meanwhile_then_another_is_made(
    speaking: Callable[[Speech], str], transport: Transport
) -> None:
    asked: list[int] = []

    def speech(plug: socket.socket, number: int) -> None:
        if hear(plug):
            asked.append(number)
            plug.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    base = speaking(speech)
    assert [transport.send("GET", f"{base}/").read() for _ in range(3)] == [b"ok"] * 3
    assert asked == [0, 1, 2]


def test_connection_when_cut_at_its_second_request_then_it_is_sent_once_more(
    speaking: Callable[[Speech], str], transport: Transport
) -> None:
    heard: list[int] = []

    def speech(plug: socket.socket, number: int) -> None:
        while hear(plug):
            heard.append(number)
            if heard == [0, 0]:
                return
            plug.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    base = speaking(speech)
    assert [transport.send("GET", f"{base}/").read() for _ in range(2)] == [b"ok", b"ok"]
    assert heard == [0, 0, 1]


def test_connection_when_it_says_more_than_was_asked_then_that_is_no_reply_to_the_next(
    speaking: Callable[[Speech], str], transport: Transport
) -> None:
    def speech(plug: socket.socket, number: int) -> None:
        if hear(plug):
            plug.sendall(OK + b"Content-Length: 2\r\n\r\nok")
            plug.sendall(b"x" * (1 << 20) + OK + b"Content-Length: 3\r\n\r\nbad")

    base = speaking(speech)
    assert [transport.send("GET", f"{base}/").read() for _ in range(3)] == [b"ok"] * 3


@pytest.mark.parametrize(("most_kept", "connections"), [(2, 2), (1, 3)])
def test_requests_when_sent_before_a_reply_is_read_then_each_gets_its_own(
    server: PlainServer, most_kept: int, connections: int
) -> None:
    wires = Wires(AddressGuard(allow_private=True), most_kept=most_kept)
    for turn in ("1", "2"):
        asked = []
        for name in ("a", "b"):
            server.on(f"/{name}", Reply(200, {}, f"{name}{turn}".encode()))
            place = plain_address(f"{server.url}/{name}")
            assert place is not None
            asked.append(wires.send(place, "GET", {}, timeout_s=5, connect_s=5, tls=None))
        for request, expected in zip(asked, ("a", "b"), strict=True):
            reply = request.reply()
            assert reply.reader.read() == f"{expected}{turn}".encode()
            reply.give_back()
    assert server.connections == connections


def test_connection_when_new_and_cut_then_it_is_told(
    speaking: Callable[[Speech], str], transport: Transport
) -> None:
    base = speaking(lambda plug, number: hear(plug) and None)
    with pytest.raises(SourceProblem) as caught:
        transport.send("GET", f"{base}/")
    assert caught.value.code == "unreachable" and caught.value.is_retryable


@pytest.mark.parametrize(
    ("said", "body"),
    [
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n",
            b"abcd",
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", b"a"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200\r\nContent-Length: 1\r\n\r\na", b"a"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil it ends", b"until it ends"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab", b"ab"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nab", b"ab"),
    ],
)
def test_body_when_announced_in_any_way_then_it_is_read_to_its_end(
    speaking: Callable[[Speech], str], transport: Transport, said: bytes, body: bytes
) -> None:
    def speech(plug: socket.socket, number: int) -> None:
        hear(plug)
        plug.sendall(said)

    assert transport.send("GET", f"{speaking(speech)}/").read() == body


@pytest.mark.parametrize(
    "said",
    [
        *(b"", b"nonsense\r\n\r\n", b"HTTP/1.1 20x OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Le"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    ],
)
def test_reply_when_it_is_broken_then_it_is_told(
    speaking: Callable[[Speech], str], transport: Transport, said: bytes
) -> None:
    def speech(plug: socket.socket, number: int) -> None:
        hear(plug)
        plug.sendall(said)

    with pytest.raises(SourceProblem) as caught:
        transport.send("GET", f"{speaking(speech)}/").read()
    assert caught.value.code == "unreachable"


def test_page_when_compressed_although_nobody_asked_then_it_is_read(
    server: PlainServer, transport: Transport
) -> None:
    server.on("/page", Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(b"words " * 1000)))
    assert transport.send("GET", f"{server.url}/page").read() == b"words " * 1000
    assert transport.send("GET", f"{server.url}/page").read(100) == (b"words " * 17)[:100]


def test_long_body_when_not_wanted_then_its_connection_serves_no_more(
    server: PlainServer, transport: Transport
) -> None:
    server.file("/long", bytes(1 << 20))
    server.file("/short", b"short")
    transport.send("GET", f"{server.url}/long").close()
    for _ in range(3):
        transport.send("HEAD", f"{server.url}/long").close()
        transport.send("GET", f"{server.url}/short").close()
    assert server.connections == 2
