"""A rolling restart of 300 servers, and the list of 10,000 users, on a real JupyterHub.

The servers are real HTTP servers that start and stop in a fixed time inside the hub's process, so
that what is measured is the hub's work and ours. Both figures are ratios to what the hub itself
needs, measured on the same hub in the same minutes.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import requests

from growth_admin.jobs.models import Job
from growth_admin.servers.models import Pace, Selector
from tests.hub.plain_hub import Console, PlainHub, plain_hub

NAMES = ("users_list_ratio", "users_first_rows_s", "restart_wall_ratio", "restart_calls_per_server")
USERS = 10_000
RUNNING = 300
IN_FLIGHT = 10
START_S, STOP_S = 3.0, 1.0
ROUNDS = 5
PAGE = 200


def _session(hub: PlainHub) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"token {hub.token}"
    session.headers["Accept"] = "application/jupyterhub-pagination+json"
    return session


def _hubs_own_s(hub: PlainHub) -> tuple[float, float]:
    """Return what the hub needs for all its pages, and for the first, without decoding them."""
    began_s = time.perf_counter()
    first_s = 0.0
    with _session(hub) as session:
        for offset in range(0, USERS, PAGE):
            reply = session.get(f"{hub.url}/users?offset={offset}&limit={PAGE}&sort=name")
            assert reply.status_code == 200, reply.text[:300]
            first_s = first_s or time.perf_counter() - began_s
    return time.perf_counter() - began_s, first_s


def _ours_s(hub: PlainHub, folder: Path) -> tuple[float, float]:
    """Return what a console that was just started needs for all rows, and for the first ones."""
    console = Console(hub, folder)
    began_s = time.perf_counter()
    first_s, rows, offset = 0.0, 0, 0
    while offset is not None:
        part = console.manager.list_servers(offset=offset, limit=PAGE)
        part.model_dump_json()
        first_s = first_s or time.perf_counter() - began_s
        rows, offset = rows + len(part.servers), part.next_offset  # type: ignore[assignment]  # the end
    took_s = time.perf_counter() - began_s
    console.engine.close()
    assert rows == USERS, rows
    return took_s, first_s


def _measure_lists(hub: PlainHub, folder: Path) -> list[dict[str, Any]]:
    pairs = [(_hubs_own_s(hub), _ours_s(hub, folder / str(n))) for n in range(ROUNDS)]
    for hubs, ours in pairs:
        print(
            f"# list: hub {hubs[0]:.2f} s, first page {hubs[1]:.2f} s; ours {ours}", file=sys.stderr
        )
    peer_s = statistics.median(hubs[0] for hubs, _ in pairs)
    ours_s = statistics.median(ours[0] for _, ours in pairs)
    lead_s = statistics.median(ours[1] - hubs[1] for hubs, ours in pairs)
    command = "make bench ONLY=users_"
    return [
        {
            "name": "users_list_ratio",
            "value": round(ours_s / peer_s, 3),
            "unit": f"whole list of {USERS} users, by pages, to the hub's own time for its pages",
            "peer": "the same pages read and thrown away, s",
            "peer_value": round(peer_s, 2),
            "ratio": round(ours_s / peer_s, 3),
            "command": command,
        },
        {
            "name": "users_first_rows_s",
            "value": round(lead_s, 3),
            "unit": "s from the hub's first page to our first rows",
            "peer": "the hub's first page, s",
            "peer_value": round(statistics.median(hubs[1] for hubs, _ in pairs), 3),
            "ratio": None,
            "command": command,
        },
    ]


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
    """Return all lines."""
    with (
        tempfile.TemporaryDirectory() as folder,
        plain_hub(Path(folder) / "hub", users=USERS, start_s=START_S, stop_s=STOP_S) as hub,
    ):
        root = Path(folder)
        return [*_measure_lists(hub, root), *_measure_restart(hub, root)]
