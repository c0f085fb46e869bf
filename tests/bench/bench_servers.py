"""A rolling restart of 300 servers on a real JupyterHub: whole, with a death in the middle, whole.

The servers are real HTTP servers that start and stop in a fixed time beside the hub, so that what
is measured is the hub's work and ours. In the second run the process of the job is killed, in the
third the hub. The bound is made of single restarts on the same hub, before and after each run.
Who was started how often is counted where the servers run.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from growth_admin.servers.models import Pace, Selector
from tests.hub.interruptions import Interrupted, restart_interrupted
from tests.hub.plain_hub import Console, PlainHub, plain_hub

NAMES = (
    "restart_wall_ratio",
    "restart_calls_per_server",
    "restart_killed_wall_ratio",
    "restart_hub_out_extra_s",
)
RUNNING = 300
IN_FLIGHT = 10
START_S, STOP_S = 3.0, 1.0
ROUNDS = 5
PACE = Pace(max_in_flight=IN_FLIGHT)


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


def _whole(hub: PlainHub, folder: Path, names: list[str]) -> tuple[Interrupted, Counter[str]]:
    """Return a run that nothing interrupts, and its calls to the hub."""
    console = Console(hub, folder)
    done = Interrupted(hub, names)
    done.job = console.run("restart", PACE, selector=Selector(), timeout_s=900)
    console.engine.close()
    return _require_all_well(done), console.counts


def _killed(hub: PlainHub, folder: Path, names: list[str]) -> Interrupted:
    """Return a run whose process is killed in the middle; another admin's goes on."""
    done = restart_interrupted(
        hub, folder, names, PACE, admin_dies_at=[RUNNING // 2], timeout_s=900
    )
    assert done.job and done.job.times_taken_over == 1, done.job
    return _require_all_well(done)


def _hub_killed(hub: PlainHub, folder: Path, names: list[str]) -> Interrupted:
    """Return a run in whose middle the hub is killed and started again."""
    return _require_all_well(
        restart_interrupted(hub, folder, names, PACE, hub_dies_at=RUNNING // 2, timeout_s=900)
    )


def _require_all_well(done: Interrupted) -> Interrupted:
    """Return it if it ended well: each once, all run, nobody else, never too many at once."""
    assert done.job and done.job.state == "succeeded", done.job
    ends = {
        "started or stopped twice": done.twice,
        "not restarted": done.untouched,
        "left stopped": done.left_stopped,
        "others touched": done.foreign,
    }
    assert not any(ends.values()), ends
    assert done.most_in_flight <= IN_FLIGHT, done.most_in_flight
    return done


def _say(what: str, done: Interrupted, bound_s: float) -> None:
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(
        f"# restart {what}: bound {bound_s:.1f} s, wall {done.wall_s:.1f} s, 0 twice, 0 left "
        f"stopped, 0 others; hub out {done.out_s:.1f} s; load {load}",
        file=sys.stderr,
    )


def _line(name: str, value: float, unit: str, peer: str, peer_value: float) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "peer": peer,
        "peer_value": round(peer_value, 2),
        "ratio": round(value, 3) if name.endswith("_ratio") else round(value / peer_value, 3),
        "command": "make bench ONLY=restart_",
    }


def _lines(hub: PlainHub, folder: Path) -> list[dict[str, Any]]:
    names = [f"s{number:05}" for number in range(RUNNING)]
    console = Console(hub, folder / "start")
    console.run("start", Pace(max_in_flight=2 * IN_FLIGHT), names=names, timeout_s=900)
    console.engine.close()
    ones_s = [_one_restart_s(hub, names[:ROUNDS])]

    def bound_s() -> float:
        """Return the bound by the single restarts on both sides of a run."""
        ones_s.append(_one_restart_s(hub, names[:ROUNDS]))
        return RUNNING / IN_FLIGHT * (ones_s[-2] + ones_s[-1]) / 2

    whole, calls = _whole(hub, folder / "whole", names)
    whole_bound_s = bound_s()
    _say("whole", whole, whole_bound_s)
    killed = _killed(hub, folder / "killed", names)
    killed_bound_s = bound_s()
    _say("whose process was killed", killed, killed_bound_s)
    out = _hub_killed(hub, folder / "out", names)
    out_bound_s = bound_s()
    _say("whose hub was killed", out, out_bound_s)
    again, _ = _whole(hub, folder / "again", names)
    again_bound_s = bound_s()
    _say("whole again", again, again_bound_s)
    # on both sides of the others, so that all meet the same machine
    whole_ratio = (whole.wall_s / whole_bound_s + again.wall_s / again_bound_s) / 2
    single = sum(number for kind, number in calls.items() if kind != "lists")
    end = "0 twice, 0 left stopped, never more than that in flight, counted where they run"
    bound = "servers / in flight x one restart by itself, s"
    return [
        _line(
            "restart_wall_ratio",
            whole_ratio,
            f"rolling restart of {RUNNING} servers, {IN_FLIGHT} in flight, one canary first, to "
            f"servers / in flight x one restart; {end}",
            bound,
            whole_bound_s,
        ),
        _line(
            "restart_calls_per_server",
            single / RUNNING,
            f"calls to the hub, and {calls['lists']} pages of lists in all",
            "a stop and a start",
            2,
        ),
        _line(
            "restart_killed_wall_ratio",
            killed.wall_s / killed_bound_s,
            "the same with the process of the job killed in the middle and another admin's "
            f"going on; {end}",
            bound,
            killed_bound_s,
        ),
        _line(
            "restart_hub_out_extra_s",
            out.wall_s - whole_ratio * out_bound_s,
            "s that the same takes longer with the hub killed in the middle and started again, "
            f"than whole; {end}",
            "s for which the hub gave no answer",
            out.out_s,
        ),
    ]


def measure() -> list[dict[str, Any]]:
    """Return the lines."""
    with (
        tempfile.TemporaryDirectory() as folder,
        plain_hub(Path(folder) / "hub", users=RUNNING, start_s=START_S, stop_s=STOP_S) as hub,
    ):
        return _lines(hub, Path(folder))
