"""The hub itself is killed and started again while servers are being restarted."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest

from tests.hub.school import School, eventually
from tests.hub.test_servers import Office, results


def kill_hub(school: School) -> None:
    """Kill the hub at once, as a node that goes away; people's servers go on."""
    hub = school.running.children[1]
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        is_hub = "jupyterhub" in command and "-f" in command and "-m" in command
        if is_hub and process.environ().get("GROWTH_DEMO_MARK") == school.running.settings.mark:
            os.kill(process.pid, signal.SIGKILL)
    eventually(lambda: not hub.is_running, 20)


def start_hub(school: School) -> None:
    """Start the hub again, with the same folder and ports."""
    school.running._start_hub()
    dead, new = school.running.children[1], school.running.children[-1]
    school.running.children.remove(dead)
    new.wait_ready(f"{school.url}/hub/health", 120, school.running.pause)


def kill_server(school: School, name: str) -> None:
    """Kill a user's server at once, with all that it started."""
    for process in psutil.process_iter():
        try:
            found = process.environ()
        except (psutil.Error, OSError):
            continue
        is_ours = found.get("GROWTH_DEMO_MARK") == school.running.settings.mark
        if is_ours and found.get("JUPYTERHUB_USER") == name:
            os.kill(process.pid, signal.SIGKILL)


@pytest.mark.timeout(600)
def test_restart_when_the_hub_is_killed_in_the_middle_then_all_run_and_none_twice(
    tmp_path: Path,
) -> None:
    with School.open(tmp_path / "own") as school:
        office = Office(school, tmp_path)
        pupils = [office.student(is_started=True) for _ in range(3)]
        before = {name: _started(school, name) for name in pupils}
        job = office.begin("restart", *pupils)
        eventually(lambda: pupils[1] in _log(office, job.id), 120)
        kill_hub(school)
        start_hub(school)
        job = office.ended(job)
        office.engine.close()
        assert (job.state, results(job)) == ("succeeded", [(name, "done") for name in pupils]), (
            job.receipt,
            _log(office, job.id),
        )
        after = {name: _started(school, name) for name in pupils}
        assert all(after[name] > before[name] for name in pupils), (before, after)
        asked = [line for line in _log(office, job.id).splitlines() if line.endswith(": done")]
        assert len(asked) == len(pupils)


def _started(school: School, name: str) -> str:
    model = school.server(name)
    assert model is not None, f"{name}'s server does not run"
    return str(model["started"])


def _log(office: Office, job_id: str) -> str:
    return office.engine.read_log(job_id, ["servers"], 0).text
