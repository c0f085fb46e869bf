"""Connections that fail before or after a request was sent."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from growth_admin.core.errors import GitHubUnavailable, Uncertain
from growth_admin.core.github.settings import GitHub
from growth_admin.roster.github.school import GitHubSchool
from tests.tls import make_certificate, server_context
from tests.unit.roster.github.conftest import TOKEN, Make, secret_file


def school_at(url: str, folder: Path, **settings: float) -> GitHubSchool:
    path = secret_file(folder / "token", TOKEN)
    known = GitHub(api_url=url, organization="school", token_file=str(path), **settings)
    return GitHubSchool(known, wait=lambda _: None)


class Listener:
    """Takes connections, reads what comes, writes ``reply``, and closes."""

    def __init__(self, reply: bytes, context: ssl.SSLContext | None = None) -> None:
        self.reply, self.context, self.got = reply, context, b""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            try:
                with connection:
                    if self.context:
                        connection = self.context.wrap_socket(connection, server_side=True)
                    self.got += connection.recv(65536)
                    connection.sendall(self.reply)
                    connection.close()
            except OSError:
                continue

    def stop(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[Listener]:
    """A TLS server whose certificate nobody has signed."""
    listener = Listener(b"", server_context(make_certificate(tmp_path)))
    yield listener
    listener.stop()


def test_change_when_certificate_is_not_trusted_then_not_sent(
    untrusted: Listener, tmp_path: Path
) -> None:
    school = school_at(f"https://127.0.0.1:{untrusted.port}", tmp_path)
    with pytest.raises(GitHubUnavailable, match="certificate") as caught:
        school.put_membership("students", "x")
    assert not isinstance(caught.value, Uncertain)
    with pytest.raises(GitHubUnavailable, match="certificate"):
        school.list_owners()
    assert TOKEN.encode() not in untrusted.got


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1,2",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"not http at all\r\n\r\n",
    ],
)
def test_connection_when_it_ends_early_then_reads_fail_and_changes_are_uncertain(
    tmp_path: Path, reply: bytes
) -> None:
    listener = Listener(reply)
    school = school_at(f"http://127.0.0.1:{listener.port}", tmp_path)
    try:
        with pytest.raises(GitHubUnavailable):
            school.list_owners()
        with pytest.raises(Uncertain):
            school.put_membership("students", "x")
    finally:
        listener.stop()


def test_reply_when_it_has_no_end_then_given_up(tmp_path: Path) -> None:
    listener = Listener(b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * (17 * 1024**2))
    school = school_at(f"http://127.0.0.1:{listener.port}", tmp_path)
    try:
        with pytest.raises(GitHubUnavailable, match="too long"):
            school.list_owners()
    finally:
        listener.stop()


def test_name_when_nobody_knows_it_then_said_and_nothing_was_changed(tmp_path: Path) -> None:
    school = school_at("https://no-such-host.invalid", tmp_path)
    with pytest.raises(GitHubUnavailable, match=r"name is not known|cannot be reached") as caught:
        school.put_membership("students", "x")
    assert not isinstance(caught.value, Uncertain)


def test_proxy_when_set_then_not_asked_for_this_machine(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert make().list_owners()


def test_netrc_when_there_then_its_password_is_not_sent(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = secret_file(tmp_path / "netrc", "machine 127.0.0.1 login x password y\n")
    monkeypatch.setenv("NETRC", str(path))
    assert make().list_owners()
