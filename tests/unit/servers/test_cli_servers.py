"""``growth-admin servers`` against a hub, as in a terminal of an admin's server."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from growth_admin.cli import main
from tests.conftest import wait_until
from tests.unit.servers.stand_in_hub import TOKEN, StandInHub
from tests.unit.servers.test_waves import fill

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    hub: StandInHub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs one command; exit code, output and errors."""
    for name in ("admin", "nfs", "home"):
        (tmp_path / name).mkdir()
    for name, value in {
        "GROWTH_ADMIN_ROOT": str(tmp_path / "admin"),
        "GROWTH_SHARED_ROOT": str(tmp_path / "nfs"),
        "HOME": str(tmp_path / "home"),
        "JUPYTERHUB_USER": "ada",
        "JUPYTERHUB_API_URL": hub.url,
        "JUPYTERHUB_API_TOKEN": TOKEN,
    }.items():
        monkeypatch.setenv(name, value)

    def command(*words: str) -> tuple[int, str, str]:
        code = main(["servers", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def test_restart_when_named_then_waits_and_prints_the_receipt(hub: StandInHub, run: Run) -> None:
    hub.add("jane-doe", "")
    hub.add("ada", "", "canary")
    code, out, _ = run("restart", "jane-doe", "ada/canary")
    assert code == 0
    assert "done     restart  jane-doe" in out
    assert out.splitlines()[-1] == "Restarted 2 servers"
    assert sorted(hub.stops) == ["ada/canary", "jane-doe"]


def test_restart_when_many_then_the_number_must_be_given(hub: StandInHub, run: Run) -> None:
    names = fill(hub, 12, "")
    hub.spawn_s = 0.1
    code, _, err = run("restart", "--group", "students")
    assert (code, hub.stops) == (1, [])
    assert "--confirm 12" in err
    code, _, err = run("restart", "--group", "students", "--confirm", "11")
    assert (code, hub.stops) == (1, [])
    code, out, _ = run("restart", "--group", "students", "--confirm", "12", "--max-in-flight", "3")
    assert (code, sorted(hub.stops)) == (0, names)
    assert out.splitlines()[-1] == "Restarted 12 servers in 5 waves"
    assert 1 < hub.most_in_flight <= 3


def test_stop_when_confirmed_with_yes_then_done(hub: StandInHub, run: Run) -> None:
    names = fill(hub, 12, "")
    assert run("stop", "--all", "--yes")[0] == 0
    assert sorted(hub.stops) == names
    assert run("start", "--name", "s00", "--canaries", "s003")[0] == 0
    assert hub.starts[0] == "s003"
    assert len(hub.starts) == 10


def test_restart_when_only_planned_then_nothing_happens(hub: StandInHub, run: Run) -> None:
    fill(hub, 3, "")
    code, out, _ = run("restart", "--all", "--plan")
    assert code == 0
    assert out.splitlines() == [
        "restart  s000 first, as a canary",
        "restart  s001",
        "restart  s002",
        "Restart 3 servers",
    ]
    assert json.loads(run("restart", "--all", "--plan", "--json")[1])["waves"] == 2
    assert hub.stops == []


def test_restart_when_one_fails_then_exit_code_1_and_the_reason(hub: StandInHub, run: Run) -> None:
    fill(hub, 3, "")
    hub.failing.add("s000")
    code, _, err = run("restart", "--all")
    assert code == 1
    assert "could not be pulled" in err
    assert "skipped  restart  s001" in err


def test_restart_when_interrupted_by_the_keyboard_then_it_ends_and_nobody_goes_on_with_it(
    hub: StandInHub, run: Run, tmp_path: Path
) -> None:
    fill(hub, 12, "")
    hub.spawn_s = 1.0
    words = ["servers", "restart", "--all", "--yes", "--max-in-flight", "1"]
    command = [sys.executable, "-m", "growth_admin.cli", *words]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: hub.stops, what="the first stop")
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 1
    assert "Traceback" not in err
    assert "is asked to end" in err
    assert err.splitlines()[-1] == "growth-admin: The job was cancelled."
    [record] = (tmp_path / "admin" / ".growth-admin" / "jobs").iterdir()
    assert (record / "cancel").exists()
    # an organiser's server would take over any state that is no end
    assert json.loads((record / "job.1.json").read_text())["job"]["state"] == "cancelled"
    assert 0 < len(hub.stops) < 12


def test_list_when_interrupted_by_the_keyboard_then_one_line(hub: StandInHub, run: Run) -> None:
    hub.page_s = 4
    command = [sys.executable, "-m", "growth_admin.cli", "servers", "list"]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: hub.calls, what="the question to the hub")
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=30)
    assert child.returncode == 1
    assert err.count("\n") == 1
    assert "interrupted" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["restart"], "Nobody was named"),
        (["restart", "s000", "--all"], "cannot be given together"),
        (["restart", "--all", "--max-in-flight", "0"], "max_in_flight"),
        (["restart", "--all", "--canaries", "ghost"], "ghost cannot be a canary"),
        (["stop", "--idle", "90"], "No server that you may stop"),
    ],
)
def test_control_when_asked_for_what_cannot_be_then_one_line_and_exit_code_1(
    hub: StandInHub, run: Run, words: list[str], said: str
) -> None:
    fill(hub, 2, "")
    code, _, err = run(*words)
    assert code == 1
    assert said in err
    assert hub.stops == []


def test_status_when_asked_then_counts(hub: StandInHub, run: Run) -> None:
    fill(hub, 3, "")
    hub.add("kim")
    code, out, _ = run("status")
    assert code == 0
    assert "     3 ready" in out
    assert "     1 stopped" in out
    assert "     3 not known" in out
    assert "s000" in run("list", "--filter", "s00")[1]


# ---- telling users before


def test_restart_when_users_are_told_then_the_plan_says_what_they_read(
    hub: StandInHub, run: Run
) -> None:
    fill(hub, 3, "")
    code, out, err = run(
        "restart", "--all", "--plan", "--warn-min", "5", "--postpone-min", "10", "--text", "Hello!"
    )
    assert (code, hub.stops) == (0, [])
    assert out.splitlines()[-1] == "Restart 3 servers after 5 min of warning"
    assert '3 users read now: "Hello!" The first is restarted 5 min later.' in err
    assert "ask for 10 more minutes" in err


def test_restart_when_what_users_are_told_makes_no_sense_then_says_why(
    hub: StandInHub, run: Run
) -> None:
    fill(hub, 1, "")
    code, _, err = run("restart", "--all", "--wait-busy-min", "15")
    assert (code, hub.stops) == (1, [])
    assert err.startswith("growth-admin: Waiting for busy kernels needs a warning")
    assert "Value error" not in err
    assert run("restart", "--all", "--warn-min", "5", "--link", "http://a.org")[0] == 1


def test_help_when_asked_then_the_diagnosis_comes_first_and_says_what_to_do(
    hub: StandInHub, run: Run
) -> None:
    hub.add("jane-doe", "")
    code, out, err = run("help", "jane-doe")
    assert code == 0
    assert out.splitlines()[0].startswith("warning  The start")
    assert "server   default: ready" in out
    assert "open      You may not open servers of jane-doe" in out
    assert "note: The home's use is not known." in err


def test_help_when_asked_as_json_then_the_same_model(hub: StandInHub, run: Run) -> None:
    hub.add("ada", "canary", groups=("admins",))
    told = json.loads(run("help", "ada/canary", "--json")[1])
    assert (told["user"], told["server_name"]) == ("ada", "canary")
    assert [one["state"] for one in told["servers"]] == ["stopped", "ready"]


def test_help_when_nobody_knows_the_name_then_exit_1_with_a_line(run: Run) -> None:
    code, out, err = run("help", "nobody-here")
    assert (code, out) == (1, "")
    assert "nobody-here" in err
