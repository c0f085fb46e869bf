"""The table over HTTP, from a real server of its own."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from growth_admin.client import GrowthClient
from growth_admin.core.errors import Forbidden, GrowthError, InvalidInput, NotFound
from growth_admin.startup.starts.handlers import ROUTES
from tests.bench.synthetic_school import SyntheticSchool, write_school


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def school() -> Iterator[SyntheticSchool]:
    with tempfile.TemporaryDirectory() as folder:
        yield write_school(Path(folder) / "admin", students=40, starts=3, plain=3)


@pytest.fixture(scope="module")
def url_and_token(school: SyntheticSchool) -> Iterator[tuple[str, str]]:
    port, token, root = free_port(), secrets.token_hex(16), school.admin_root.parent
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("GROWTH_", "JUPYTER"))}
    server = subprocess.Popen(
        [
            sys.executable,
            *("-m", "jupyter_server", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
            *(f"--IdentityProvider.token={token}", "--ServerApp.open_browser=False"),
            *("--allow-root", f"--ServerApp.root_dir={root}", "--GrowthAdmin.standalone=True"),
            *(f"--GrowthAdmin.admin_root={school.admin_root}",),
            *(f"--GrowthAdmin.shared_root={root / 'nfs'}",),
            """--ServerApp.jpserver_extensions={"growth_admin": True}""",
        ],
        env={**keep, "HOME": str(root), "JUPYTER_NO_CONFIG": "1"},
        stdin=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, "the server ended"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/", token
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


@pytest.fixture
def client(url_and_token: tuple[str, str]) -> GrowthClient:
    return GrowthClient(*url_and_token)


def test_starts_when_asked_over_http_then_client_and_table_agree(
    client: GrowthClient, school: SyntheticSchool
) -> None:
    listed = client.startup.list_starts()
    assert {row.user: row.state for row in listed.rows} == school.states
    assert sum(listed.counts.values()) == len(listed.rows)


def test_history_and_log_when_asked_over_http_then_they_are_of_that_user(
    client: GrowthClient, school: SyntheticSchool
) -> None:
    user = next(iter(school.states))
    assert len(client.startup.get_start_history(user).starts) == 3
    for which in (0, 1):
        log = client.startup.get_start_log(user, "as-user.sh", which=which)
        assert log.name == f"{school.nb_users[user]}-as-user.log{'.1' if which else ''}"


@pytest.mark.parametrize("user", ["nobody", "../records", "..%2frecords", "a/b", "ü b<"])
def test_history_when_nobody_has_that_name_then_it_is_not_found(
    client: GrowthClient, user: str
) -> None:
    with pytest.raises(NotFound):
        client.startup.get_start_history(user)


def test_log_when_the_query_is_wrong_then_the_field_is_named(
    client: GrowthClient, school: SyntheticSchool
) -> None:
    user = next(iter(school.states))
    with pytest.raises(InvalidInput) as caught:
        client.startup.get_start_log(user, "as-user.sh", which=7)
    assert caught.value.fields[0][0] == "which"
    with pytest.raises(InvalidInput):
        client.startup.get_start_log(user, "etc")


def test_starts_when_there_is_no_token_then_nothing_is_told(
    url_and_token: tuple[str, str],
) -> None:
    with pytest.raises(GrowthError) as caught:
        GrowthClient(url_and_token[0], "wrong").startup.list_starts()
    assert isinstance(caught.value, Forbidden)


def test_routes_when_declared_then_each_needs_the_permission_of_starts() -> None:
    declared = {route.path: route.operations()["GET"] for route in ROUTES}
    assert {path: operation.client for path, operation in declared.items()} == {
        "startup/starts": "startup.list_starts",
        "startup/starts/{user}": "startup.get_start_history",
        "startup/starts/{user}/logs/{script}": "startup.get_start_log",
    }
    assert {operation.permission.name for operation in declared.values()} == {"startup.starts:read"}
