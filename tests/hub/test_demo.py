"""The demo as somebody starts it: first and second start, every way to end, every refusal."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import requests
import websocket

from growth_admin.deploy.demo.folder import MARKER, check_disk, free_port
from growth_admin.deploy.demo.history import WITH_A_FAILURE, WITH_A_PAST
from growth_admin.deploy.demo.problems import CannotStart
from growth_admin.deploy.demo.processes import end_marked, marked
from tests.hub.school import REPOSITORY, Browser, eventually

READY_S = 120.0


class Demo:
    """A demo started from a terminal, with a home of its own to catch what leaks."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        self.root = folder / "demo"
        self.home = folder / "developer"
        self.home.mkdir(exist_ok=True)
        self.log = folder / f"terminal-{time.monotonic_ns()}.log"
        env = {**os.environ, "HOME": str(self.home), "PYTHONPATH": str(REPOSITORY)}
        command = [sys.executable, "-m", "growth_admin.deploy.demo", "--root", str(self.root)]
        self.begun = time.monotonic()
        with open(self.log, "wb") as file:
            self.process = subprocess.Popen(
                [*command, *words], cwd=folder, env=env, stdout=file, stderr=subprocess.STDOUT
            )

    @property
    def text(self) -> str:
        """What it printed so far."""
        return self.log.read_text(encoding="utf-8")

    @property
    def mark(self) -> str:
        """The mark of its processes."""
        return str(json.loads((self.root / MARKER).read_text())["mark"])

    @property
    def is_set_up(self) -> bool:
        """Whether its folder holds settings that can be read."""
        try:
            return bool(self.mark)
        except (OSError, ValueError, KeyError):
            return False

    def wait_open(self) -> float:
        """Wait until it says that the school is open; seconds since its start."""
        eventually(lambda: "Ready after" in self.text or self.process.poll() is not None, READY_S)
        assert self.process.poll() is None, self.text
        return time.monotonic() - self.begun

    def leash(self) -> psutil.Process:
        """The process that watches over it."""
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if self.mark in child.cmdline())

    def end(self, number: int) -> int:
        """End it with a signal; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(60)


@pytest.fixture
def start_demo(tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    """Starts demos in one folder, and ends what a failing test left."""
    started: list[Demo] = []

    def start(*words: str) -> Demo:
        started.append(Demo(tmp_path, *words))
        return started[-1]

    yield start
    for demo in started:
        if demo.process.poll() is None:
            demo.end(signal.SIGTERM)
    for mark in {demo.mark for demo in started if demo.is_set_up}:
        end_marked(mark)


def enter(demo: Demo, port: int) -> Browser:
    """Log in as Jane and start her server."""
    browser = Browser(f"http://127.0.0.1:{port}")
    browser.send_form(browser.get("/hub/oauth_login"), login="Jane-Doe")
    browser.get("/hub/spawn")
    lab = "/user/jane-doe/lab"
    eventually(lambda: urlsplit(browser.get(lab).url).path == lab, 60, step_s=0.5)
    return browser


def typed(browser: Browser, port: int, name: str, line: str) -> str:
    """What a line prints in a terminal of somebody's Lab."""
    headers = browser.xsrf(f"/user/{name}/")
    terminal = browser.post(f"/user/{name}/api/terminals", json={}, headers=headers).json()["name"]
    cookies = "; ".join(f"{one.name}={one.value}" for one in browser.cookies)
    address = f"ws://127.0.0.1:{port}/user/{name}/terminals/websocket/{terminal}"
    socket = websocket.create_connection(address, cookie=cookies, timeout=30)
    try:
        socket.send(json.dumps(["stdin", f"{line}; echo end-of-$((1 + 1))\n"]))
        printed = ""
        while "end-of-2" not in printed:
            kind, *text = json.loads(socket.recv())
            printed += text[0] if kind == "stdout" else ""
    finally:
        socket.close()
    return printed.replace(line, "")


def test_demo_when_used_stopped_and_started_again_then_state_is_kept_and_nothing_left(
    start_demo: Callable[..., Demo], tmp_path: Path
) -> None:
    port = free_port()
    demo = start_demo("--port", str(port))
    first_s = demo.wait_open()
    assert f"http://127.0.0.1:{port}" in demo.text and "Ada-Okafor" in demo.text
    records = demo.root / "home/admin/logs/records"
    states = {n: json.loads((records / f"{n}.jsonl").read_text())["state"] for n in WITH_A_PAST}
    assert states == {n: "failed" if n == WITH_A_FAILURE else "ok" for n in WITH_A_PAST}
    browser = enter(demo, port)
    kernel = browser.post(
        "/user/jane-doe/api/kernels", json={}, headers=browser.xsrf("/user/jane-doe/")
    )
    assert kernel.status_code == 201, kernel.text
    assert "growth-admin" in typed(browser, port, "jane-doe", "command -v growth-admin")
    assert len(marked(demo.mark)) >= 5  # GitHub, hub, proxy, server, kernel
    (demo.root / "home/jane-doe/work.txt").write_text("mine")
    assert demo.end(signal.SIGINT) == 0
    assert "Stopped." in demo.text and "Traceback" not in demo.text
    assert marked(demo.mark) == []

    again = start_demo()  # the port is remembered
    second_s = again.wait_open()
    assert browser.get("/hub/home").url.endswith("/hub/home")  # still logged in
    assert (again.root / "home/jane-doe/work.txt").read_text() == "mine"
    other = start_demo()
    assert other.process.wait(30) == 1
    assert re.search(r"already runs in .*process \d+.*--root", other.text)
    (tmp_path / "elsewhere").mkdir()
    taken = Demo(tmp_path / "elsewhere", "--port", str(port))
    assert taken.process.wait(30) == 1
    assert f"Port {port} is taken" in taken.text and f"--port {port + 1}" in taken.text
    assert again.end(signal.SIGTERM) == 0
    assert marked(again.mark) == []
    left = [str(path.relative_to(demo.home)) for path in demo.home.rglob("*")]
    assert left == [], f"in the developer's home: {left}"
    print(f"demo: first start {first_s:.1f} s, second {second_s:.1f} s")


def test_demo_when_killed_then_nothing_runs_on(start_demo: Callable[..., Demo]) -> None:
    port = free_port()
    demo = start_demo("--port", str(port))
    demo.wait_open()
    enter(demo, port)
    assert demo.end(signal.SIGKILL) == -signal.SIGKILL
    eventually(lambda: marked(demo.mark) == [], 30)

    again = start_demo()
    again.wait_open()
    leash = again.leash()
    leash.kill()
    again.end(signal.SIGKILL)
    orphans = {process.pid for process in marked(again.mark)}
    assert orphans
    third = start_demo()
    third.wait_open()
    assert not orphans & {process.pid for process in psutil.process_iter()}
    hub = next(p for p in marked(third.mark) if "jupyterhub" in p.cmdline())
    hub.kill()
    assert third.process.wait(60) == 1
    assert "The hub ended." in third.text and "hub.log" in third.text
    assert marked(third.mark) == []


def test_demo_when_stopped_while_starting_then_nothing_left(
    start_demo: Callable[..., Demo],
) -> None:
    demo = start_demo("--port", str(free_port()))
    eventually(lambda: (demo.root / "logs/hub.log").exists(), 30)
    assert demo.end(signal.SIGINT) == 0
    assert marked(demo.mark) == []


def test_reset_when_folder_is_not_a_demos_then_kept(
    start_demo: Callable[..., Demo], tmp_path: Path
) -> None:
    precious = tmp_path / "demo" / "thesis.txt"
    precious.parent.mkdir()
    precious.write_text("years of work")
    for words in (("--reset",), ("--port", str(free_port()))):
        demo = start_demo(*words)
        assert demo.process.wait(30) == 1
        assert "not a demo's folder" in demo.text
    assert precious.read_text() == "years of work"


def test_reset_when_a_demos_then_gone(start_demo: Callable[..., Demo], tmp_path: Path) -> None:
    (tmp_path / "demo" / "home").mkdir(parents=True)
    (tmp_path / "demo" / MARKER).write_text("{}")
    assert start_demo("--reset").process.wait(30) == 0
    assert not (tmp_path / "demo").exists()
    again = start_demo("--reset")
    assert again.process.wait(30) == 0 and "no demo" in again.text


def test_settings_when_damaged_then_said_in_one_line(
    start_demo: Callable[..., Demo], tmp_path: Path
) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / MARKER).write_text("{ half")
    demo = start_demo()
    assert demo.process.wait(30) == 1
    assert "damaged" in demo.text and "--reset" in demo.text and "Traceback" not in demo.text


def test_disk_when_nearly_full_then_said_with_numbers(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"only \d+ MiB left.*--root"):
        check_disk(tmp_path, needed_bytes=2**60)


def test_login_page_when_shown_then_lists_people_by_role(
    start_demo: Callable[..., Demo],
) -> None:
    port = free_port()
    start_demo("--port", str(port)).wait_open()
    page = Browser(f"http://127.0.0.1:{port}").get("/hub/oauth_login")
    assert isinstance(page, requests.Response)
    headings = re.findall(r"<h2>(.*?)</h2>", page.text)
    assert headings == [
        *("Organisers", "Teaching assistants", "Students", "Not in this school"),
        "Invited, or not any more in the team",
    ]
    assert "Zoë Laurent" in page.text
