"""A build's log, followed over HTTP while the way there is cut again and again."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from growth_admin.cli import main
from growth_admin.client import GrowthClient
from growth_admin.client.transport import ServerUnreachable
from tests.console import Console, running_console
from tests.images.registry import Proxy, proxy_before

LINES = 600
BUILDER = f"""\
#!{sys.executable}
# Says what a long build says, and fails in the end: nothing is built and pushed here.
import os, sys, time
if "--version" in sys.argv:
    print("buildah version 0 (of the tests)")
if "build" not in sys.argv:
    sys.exit()
for number in range({LINES}):
    os.write(1 + number % 2, f"line {{number}} größer ★\\n".encode())
    time.sleep(0.005)
sys.exit("no such package")
"""
SAID = [f"line {number} größer ★" for number in range(LINES)]


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("bin") / "buildah"
    program.write_text(BUILDER)
    program.chmod(0o755)
    return program


@pytest.fixture(scope="module")
def settings(builder: Path) -> tuple[str, ...]:
    return (f"--ImageBuilder.program={builder}", "--ImageRegistry.image=registry.test/school/lab")


@pytest.fixture(scope="module")
def console(
    tmp_path_factory: pytest.TempPathFactory, settings: tuple[str, ...]
) -> Iterator[Console]:
    root = tmp_path_factory.mktemp("console")
    source = root / "admin" / "image"
    (source / "packages").mkdir(parents=True)
    (source / "packages" / "pip.txt").write_text("stars==1.0\n")
    (source / "Dockerfile").write_text("FROM debian:12\n")
    with running_console(root, "--GrowthAdmin.standalone=True", *settings) as started:
        yield started


@pytest.fixture
def proxy(console: Console) -> Iterator[Proxy]:
    with proxy_before(urlsplit(console.url).port or 0) as started:
        yield started


@pytest.fixture
def client(console: Console, proxy: Proxy) -> GrowthClient:
    path = urlsplit(console.url).path
    return GrowthClient(f"http://127.0.0.1:{proxy.port}{path}", console.token)


def numbered(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("line ")]


def test_log_when_the_connection_is_cut_in_the_middle_then_every_line_comes_once(
    client: GrowthClient, proxy: Proxy
) -> None:
    job = client.images.builds.start_build(reason="for Tuesday")
    pieces = []
    for piece in client.jobs.follow_log(job, every_s=0.05):
        pieces.append(piece)
        if len(pieces) == 1:
            proxy.fail("GET", "/log", is_cut=True, times=2)
            proxy.fail("GET", "/log", is_cut_after=True, times=1)
            proxy.fail("GET", "/log", is_cut_halfway=True, times=1)
            proxy.fail("GET", "/log", status=502, times=2)
    assert [fault.times for fault in proxy.faults] == [0, 0, 0, 0]
    assert len(pieces) > 3, "it is told while it grows"
    assert numbered("".join(pieces)) == SAID
    ended = client.jobs.get_job(job.id)
    assert ended.state == "failed" and ended.problem is not None
    assert "no such package" in ended.problem.detail
    again = "".join(client.jobs.follow_log(job))
    assert again == "".join(pieces)
    assert "".join(client.jobs.follow_log(job, offset=len(pieces[0].encode()))) == "".join(
        pieces[1:]
    )


def test_log_when_the_server_stays_away_then_that_is_said_and_the_build_goes_on(
    client: GrowthClient, proxy: Proxy, console: Console
) -> None:
    job = client.images.builds.start_build(reason="for Wednesday")
    log = client.jobs.follow_log(job, every_s=0.05, retry_limit_s=0.5)
    next(log)
    proxy.fail("GET", "/log", is_cut=True)
    begun = time.monotonic()
    with pytest.raises(ServerUnreachable):
        for _ in log:
            pass
    assert time.monotonic() - begun < 10
    assert numbered("".join(console.client.jobs.follow_log(job, every_s=0.05))) == SAID
    assert console.client.jobs.get_job(job.id).state == "failed"


def test_wait_when_the_way_is_cut_meanwhile_then_it_goes_on_to_the_end(
    client: GrowthClient, proxy: Proxy
) -> None:
    job = client.images.builds.start_build(reason="for Thursday")
    path = f"/jobs/{job.id}"
    proxy.fail("GET", path, is_cut=True, times=2)
    proxy.fail("GET", path, status=503, times=2)
    assert client.jobs.wait(job, every_s=0.05).state == "failed"
    assert [fault.times for fault in proxy.faults] == [0, 0]


def test_wait_when_the_server_stays_away_then_that_the_job_goes_on_is_said(
    client: GrowthClient, proxy: Proxy, console: Console
) -> None:
    job = client.images.builds.start_build(reason="for Friday")
    proxy.fail("GET", f"/jobs/{job.id}", is_cut=True)
    begun = time.monotonic()
    with pytest.raises(ServerUnreachable) as raised:
        client.jobs.wait(job, every_s=0.05, retry_limit_s=0.5)
    assert 0.5 < time.monotonic() - begun < 10
    assert "It goes on" in raised.value.hint
    assert console.client.jobs.wait(job, every_s=0.05).state == "failed"


def test_terminal_when_the_log_of_a_running_build_is_asked_then_it_is_followed_to_its_end(
    console: Console,
    settings: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GROWTH_ADMIN_ROOT", str(console.root / "admin"))
    monkeypatch.setenv("GROWTH_SHARED_ROOT", str(console.root / "nfs"))
    job = console.client.images.builds.start_build(reason="for Thursday")
    number = job.subject.rpartition("/")[2]
    assert main(["images", "log", number, *settings]) == 1
    out, err = capsys.readouterr()
    assert numbered(out) == SAID
    assert "no such package" in err
    assert main(["images", "log", "99", *settings]) == 1
    assert "99" in capsys.readouterr().err
    console.client.jobs.delete_job(job.id)
    assert main(["images", "log", number, *settings]) == 1
    assert "put away" in capsys.readouterr().err
