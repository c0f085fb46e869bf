"""A rolling restart of 300 servers on a real JupyterHub.

The servers are real HTTP servers that start and stop in a fixed time inside the hub's process, so
that what is measured is the hub's work and ours. The bound is made of single restarts on the same
hub, before and after.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from growth_admin.jobs.models import Job
from growth_admin.servers.models import Pace, Selector
from tests.hub.plain_hub import Console, PlainHub, plain_hub

NAMES = ("restart_wall_ratio", "restart_calls_per_server")
RUNNING = 300
IN_FLIGHT = 10
START_S, STOP_S = 3.0, 1.0
ROUNDS = 5


def _one_restart_s(hub: PlainHub, names: list[str]) -> float:
    """Return what one restart takes by itself, with plain requests."""
    client = hub.client()
    times = []
    for name in names:
        began_s = time.perf_counter()
        assert client.stop_server(name).outcome == "done"
        assert client.start_server(name).outcome == "done"
        times.append(time.perf_counter() - began_s)
    return statistics.median(times)


def _seconds(job: Job) -> float:
    assert job.started and job.ended and job.state == "succeeded", job
    return (job.ended - job.started).total_seconds()


def _measure_restart(hub: PlainHub, folder: Path) -> list[dict[str, Any]]:
    names = [f"s{number:05}" for number in range(RUNNING)]
    console = Console(hub, folder / "restart")
    console.run("start", Pace(max_in_flight=2 * IN_FLIGHT), names=names, timeout_s=900)
    one_s = statistics.median(
        [_one_restart_s(hub, names[:ROUNDS]), _one_restart_s(hub, names[ROUNDS : 2 * ROUNDS])]
    )
    before = len(hub.noted("start"))
    job = console.run("restart", Pace(max_in_flight=IN_FLIGHT), selector=Selector(), timeout_s=900)
    started = hub.noted("start")[before:]
    one_s = (one_s + _one_restart_s(hub, names[:ROUNDS])) / 2
    twice = [name for name, count in Counter(name for name, _ in started).items() if count > 1]
    ready = [u for u in hub.client().list_users(state="active") if u.server("").state == "ready"]
    most = max(down for _, down in started)
    assert (len(started), twice, len(ready)) == (RUNNING, [], RUNNING)
    assert most <= IN_FLIGHT, most
    wall_s, bound_s = _seconds(job), RUNNING / IN_FLIGHT * one_s
    calls = sum(number for kind, number in console.counts.items() if kind != "lists")
    print(
        f"# restart: one {one_s:.2f} s, bound {bound_s:.1f} s, wall {wall_s:.1f} s, most in flight "
        f"{most}, calls {dict(console.counts)}",
        file=sys.stderr,
    )
    console.engine.close()
    return [
        {
            "name": "restart_wall_ratio",
            "value": round(wall_s / bound_s, 3),
            "unit": f"rolling restart of {RUNNING} servers, {IN_FLIGHT} in flight, one canary "
            "first, to servers / in flight x one restart; 0 twice, 0 left stopped",
            "peer": "servers / in flight x one restart by itself, s",
            "peer_value": round(bound_s, 1),
            "ratio": round(wall_s / bound_s, 3),
            "command": "make bench ONLY=restart_",
        },
        {
            "name": "restart_calls_per_server",
            "value": round(calls / RUNNING, 2),
            "unit": f"calls to the hub, and {console.counts['lists']} pages of lists in all",
            "peer": "a stop and a start",
            "peer_value": 2,
            "ratio": round(calls / RUNNING / 2, 2),
            "command": "make bench ONLY=restart_",
        },
    ]


def measure() -> list[dict[str, Any]]:
    """Return both lines."""
    with (
        tempfile.TemporaryDirectory() as folder,
        plain_hub(Path(folder) / "hub", users=RUNNING, start_s=START_S, stop_s=STOP_S) as hub,
    ):
        return _measure_restart(hub, Path(folder))
