"""What an hour of looking for notices costs a student's server in CPU time.

A real server of a real hub, asked as the page asks: with the page's key and ETag, through the
hub's proxy, one notice being shown. What the server uses by itself is measured before and after
and taken off. The peer is what JupyterLab itself asks of the same server far more often: the list
of kernels, asked as often.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import requests

from growth_admin.core.paths import Paths
from growth_admin.servers.notices.board import NoticeBoard
from growth_admin.servers.notices.manager import NoticeManager
from growth_admin.servers.notices.models import NoticeDraft
from growth_admin.servers.notices.replies import DropBox

NAMES = ("notice_cpu_s_per_hour",)
LOGIN = "Jane-Doe"
POLLS_PER_HOUR = 60
LOOKS_PER_HOUR = 60
"""The server also looks by itself, for restarts that ask how many kernels are busy. A look is a
part of what a poll does; it is counted as one."""
POLLS = 600
ROUNDS = 3
IDLE_S = 15.0


def _server_of(school: Any, name: str) -> psutil.Process:
    """Return the process of a user's server."""
    for process in psutil.process_iter():
        try:
            environment = process.environ()
            command = " ".join(process.cmdline())
        except (psutil.Error, OSError):
            continue
        is_ours = environment.get("GROWTH_DEMO_MARK") == school.running.settings.mark
        if is_ours and environment.get("JUPYTERHUB_USER") == name and "singleuser" in command:
            return process
    raise AssertionError(f"no server of {name} runs")


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _cost_s(process: psutil.Process, ask: Callable[[], None], idle_rate: float) -> float:
    """Return the CPU seconds of one request, without what passes anyhow."""
    cpu_s, begun_s = _cpu_s(process), time.monotonic()
    for _ in range(POLLS):
        ask()
    return (_cpu_s(process) - cpu_s - idle_rate * (time.monotonic() - begun_s)) / POLLS


def measure() -> list[dict[str, Any]]:
    """Return the line."""
    from tests.hub.school import School

    with tempfile.TemporaryDirectory() as folder, School.open(Path(folder)) as school:
        browser = school.login(LOGIN)
        name = LOGIN.lower()
        school.start(name)
        page = school.open_lab(browser, name).text
        found = re.search(r'"growthNotices": "([\w-]+)"', page)
        assert found, "the page carries no key"
        paths = Paths(school.folder.admin, school.folder.shared)
        manager = NoticeManager(NoticeBoard(paths), DropBox(paths.replies))
        manager.post(NoticeDraft(text="Lunch is at 12:30."), user="ada")
        session, base = requests.Session(), school.server_url(name)
        headers = {"X-Growth-Notices": found[1]}
        first = session.get(f"{base}/growth/api/notices/mine", headers=headers)
        headers["If-None-Match"] = first.headers["Etag"]

        def poll() -> None:
            reply = session.get(f"{base}/growth/api/notices/mine", headers=headers)
            assert reply.status_code == 304, reply.status_code

        def list_kernels() -> None:
            assert browser.get(f"{base}/api/kernels").status_code == 200

        process = _server_of(school, name)
        time.sleep(IDLE_S)  # what a start still does
        cpu_s = _cpu_s(process)
        time.sleep(IDLE_S)
        idle_rate = (_cpu_s(process) - cpu_s) / IDLE_S
        ours_s, peer_s = 1e9, 1e9
        for _ in range(ROUNDS):
            ours_s = min(ours_s, _cost_s(process, poll, idle_rate))
            peer_s = min(peer_s, _cost_s(process, list_kernels, idle_rate))
    value_s, peer_value_s = ours_s * (POLLS_PER_HOUR + LOOKS_PER_HOUR), peer_s * POLLS_PER_HOUR
    line = {
        "name": "notice_cpu_s_per_hour",
        "value": round(value_s, 3),
        "unit": f"s CPU of a student's server for {POLLS_PER_HOUR} polls of its page and "
        f"{LOOKS_PER_HOUR} looks of its own; {ours_s * 1000:.2f} ms each, best of {ROUNDS} rounds "
        f"of {POLLS}",
        "peer": "jupyter_server api/kernels, asked once a minute",
        "peer_value": round(peer_value_s, 3),
        "ratio": round(value_s / peer_value_s, 3),
        "command": "make bench ONLY=notice_cpu",
    }
    return [line]
