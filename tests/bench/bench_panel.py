"""The panel's calls with 1,000 students, as an admin's browser feels them.

All parts are real: hub, proxy, the admin's server, the files of 10,000 starts. The peer is
``GET /api/contents`` of jupyter_server, asked of the same server in the same rounds.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.bench.synthetic_school import logins, write_school
from tests.hub.school import School

NAMES = ("panel_p95_ms",)
STUDENTS = 1000
ROUNDS = 40
PAUSE_S = 0.25
"""Between rounds, so that lists grow old and are read again as in a panel that stays open."""
CALLS = ("me", "servers", "startup/starts", "startup/scripts", "jobs", "audit/entries")
PEER = "api/contents"
Ask = Callable[[str], requests.Response]


@contextmanager
def admins_browser(root: Path) -> Iterator[Ask]:
    """Yield what asks an admin's server in a school of 1,000 students."""
    with School.open(root) as school:
        names = [login.lower() for login in logins(STUDENTS)]
        for first in range(0, STUDENTS, 100):
            reply = school.hub_api(
                "POST", "users", json={"usernames": names[first : first + 100]}, timeout=300
            )
            assert reply.status_code == 201, reply.text
        name = "ada-okafor"
        browser = school.login("Ada-Okafor")
        school.start(name)
        write_school(school.folder.admin, students=STUDENTS)
        school.open_lab(browser, name)

        def ask(path: str) -> requests.Response:
            return browser.get(f"{school.server_url(name)}/{path}")

        yield ask


def timed_ms(ask: Ask, path: str) -> float:
    """Return how long one call took, in milliseconds."""
    began_s = time.perf_counter()
    reply = ask(path)
    ended_s = time.perf_counter()
    assert reply.status_code == 200, (path, reply.status_code, reply.text[:300])
    return (ended_s - began_s) * 1000


def p95(values: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def measure() -> list[dict[str, Any]]:
    """Return the line; what each call took goes to stderr."""
    paths = {name: f"growth/api/{name}" for name in CALLS} | {PEER: PEER}
    times: dict[str, list[float]] = {name: [] for name in paths}
    with tempfile.TemporaryDirectory() as folder, admins_browser(Path(folder)) as ask:
        for _ in range(ROUNDS):
            for name, path in paths.items():
                times[name].append(timed_ms(ask, path))
            time.sleep(PAUSE_S)
        rows = len(ask("growth/api/servers").json()["servers"])
    assert rows >= STUDENTS, rows
    for name, values in times.items():
        print(
            f"# {name:16} first {values[0]:7.1f}  median {statistics.median(values):6.1f}"
            f"  p95 {p95(values):6.1f}  slowest {max(values):7.1f} ms",
            file=sys.stderr,
        )
    peer = times.pop(PEER)
    ours = [value for values in times.values() for value in values]
    return [
        {
            "name": "panel_p95_ms",
            "value": round(p95(ours), 1),
            "unit": f"ms, p95 of {len(ours)} calls ({len(CALLS)} kinds, the first ones too) "
            f"through a real hub's proxy, {STUDENTS} students",
            "peer": "GET /api/contents of jupyter_server, p95",
            "peer_value": round(p95(peer), 1),
            "ratio": round(p95(ours) / p95(peer), 3),
            "command": "make bench ONLY=panel",
        }
    ]
