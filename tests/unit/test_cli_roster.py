"""``growth-admin roster`` against GitHub's stand-in: outside a hub, with three settings."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from growth_admin.cli import main
from tests import github as standin
from tests.conftest import wait_until
from tests.github import StandIn

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def github(tmp_path: Path) -> Iterator[StandIn]:
    """A school with eight students, a TA, and accounts of nobody yet."""
    with standin.running(tmp_path / "standin") as running:
        running.team("admins")
        running.team("tas")
        running.people(8, prefix="s-", teams=["students"])
        running.people(1, prefix="ta-", teams=["tas"])
        running.people(6, prefix="new-")
        yield running


@pytest.fixture
def settings(tmp_path: Path, github: StandIn) -> list[str]:
    """What the issue says is enough."""
    token = tmp_path / "token"
    token.touch(mode=0o600)
    token.write_text(github.token())
    return [
        f"--GitHub.api_url={github.api_url}",
        f"--GitHub.token_file={token}",
        f"--GitHub.organization={github.organization}",
    ]


@pytest.fixture
def run(
    settings: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Run a command with an admin folder of its own; exit code, output, errors."""
    for name in [name for name in os.environ if name.startswith(("JUPYTER", "GROWTH_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "no-configuration"))
    (tmp_path / "nfs").mkdir()
    roots = [
        f"--GrowthAdmin.admin_root={tmp_path / 'admin'}",
        f"--GrowthAdmin.shared_root={tmp_path / 'nfs'}",
        "--GitHub.write_interval_s=0",
    ]

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["roster", *roots, *settings, *words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture
def people(tmp_path: Path) -> Callable[..., str]:
    """Write a list and return its path."""

    def write(*rows: str, heading: str = "Name,E-mail,GitHub username", name: str = "p.csv") -> str:
        path = tmp_path / name
        path.write_text("\n".join((heading, *rows)) + "\n")
        return str(path)

    return write


ALL = [f"S {n},,s-{n:04}" for n in range(1, 9)]


def steps_of(out: str) -> dict[str, str]:
    """Return the action of each person in a printed plan."""
    return {step["login"] or step["email"]: step["action"] for step in json.loads(out)["steps"]}


# -- plan


def test_plan_when_a_list_is_messy_then_each_action_is_named(
    run: Run, people: Callable[..., str], github: StandIn
) -> None:
    github.join("new-0002", "admins")
    github.control("DELETE", f"members/{github.organization}/admins/new-0002")
    github.block("new-0006")
    file = people(
        "A,,https://github.com/S-0001",
        "B,,@s-0002 ",
        "C,,new-0001",
        "D,d@example.org,",
        "E,,ta-0001",
        "F,,no-such-login-9",
        "G,,g@example.org",
        "H,,new-0002",
        "I,,new-0006",
    )
    code, out, err = run("plan", file, "--team", "students", "--json")
    assert code == 0, err
    told = json.loads(out)
    assert set(told) >= {"plan_id", "steps", "problems", "counts", "warnings", "title"}
    for step in told["steps"]:
        assert set(step) == {"action", "login", "email", "team", "reason"}
    assert steps_of(out) == {
        "s-0001": "none",
        "s-0002": "none",
        "new-0001": "invite",
        "d@example.org": "invite",
        "ta-0001": "move",
        "no-such-login-9": "unknown",
        "g@example.org": "invite",
        "new-0002": "add",
        "new-0006": "blocked",
        **{f"s-{n:04}": "remove" for n in range(3, 9)},
    }


def test_plan_when_others_are_to_be_left_alone_then_nobody_is_removed(
    run: Run, people: Callable[..., str]
) -> None:
    code, out, _ = run("plan", people(ALL[0]), "--team", "students", "--add-only", "--json")
    assert code == 0
    assert steps_of(out) == {"s-0001": "none"}


def test_plan_when_there_is_no_folder_and_none_can_be_made_then_it_works_all_the_same(
    settings: list[str], people: Callable[..., str], tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "growth_admin.cli", "roster", "plan", people(*ALL)]
    command += ["--team", "students", "--json", *settings]
    command += ["--GrowthAdmin.admin_root=/proc/none", "--GrowthAdmin.shared_root=/proc/none"]
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert set(steps_of(done.stdout).values()) == {"none"}
    assert "Traceback" not in done.stderr


def test_plan_when_the_list_comes_from_a_pipe_then_the_same(
    settings: list[str], tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "growth_admin.cli", "roster", "plan", "-"]
    command += ["--team", "students", "--add-only", "--json", *settings]
    done = subprocess.run(
        command,
        input=b"GitHub\ns-0001\n",
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GROWTH_ADMIN_ROOT": "/proc/x"},
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert steps_of(done.stdout.decode()) == {"s-0001": "none"}


def test_apply_when_the_name_of_the_list_is_no_text_then_it_is_applied(
    run: Run, people: Callable[..., str]
) -> None:
    file = people(*ALL, "N,,new-0001", name=os.fsdecode(b"caf\xe9.csv"))
    plan = planned(run, file)
    code, _, err = run("apply", file, "--team", "students", "--plan", plan["plan_id"])
    assert code == 0, err


def test_plan_when_asked_twice_then_the_id_is_the_same_and_another_for_another_list(
    run: Run, people: Callable[..., str]
) -> None:
    ids = [
        json.loads(run("plan", people(*rows), "--team", "students", "--json")[1])["plan_id"]
        for rows in (ALL, ALL, ALL[:-1])
    ]
    assert ids[0] == ids[1] != ids[2]


def test_plan_when_cells_are_wrong_then_told_by_row_and_column_and_still_exit_0(
    run: Run, people: Callable[..., str]
) -> None:
    file = people(*ALL, "X,x@,", "Y,,not a login!")
    code, out, err = run("plan", file, "--team", "students", "--json")
    assert code == 0
    told = json.loads(out)
    assert [problem["row"] for problem in told["problems"]] == [10, 11]
    assert "problem: row 10, column E-mail: 'x@'" in err
    assert "problem: row 11, column GitHub username: 'not a login!'" in err
    assert set(steps_of(out).values()) == {"none"}


def test_plan_when_the_team_is_unknown_then_exit_1_with_those_that_exist(
    run: Run, people: Callable[..., str]
) -> None:
    code, out, err = run("plan", people(*ALL), "--team", "Participants")
    assert (code, out) == (1, "")
    assert "There are: admins, students, tas." in err


def test_plan_when_printed_for_people_then_the_id_and_the_guard_are_told(
    run: Run, people: Callable[..., str]
) -> None:
    code, out, err = run("plan", people(ALL[0]), "--team", "students")
    assert code == 0
    assert "remove   s-0008" in out
    assert "apply asks for --confirm 7" in out
    assert "note: " in err


@pytest.mark.parametrize("file", ["nothing.csv", "."])
def test_plan_when_the_file_cannot_be_read_then_exit_1(run: Run, file: str) -> None:
    code, _, err = run("plan", file, "--team", "students")
    assert code == 1
    assert f"{file} cannot be read" in err


def test_plan_when_there_is_no_credential_then_exit_1_and_what_to_set(
    people: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["roster", "plan", people(*ALL), "--team", "students", "--GitHub.organization=x"])
    assert code == 1
    assert "token" in capsys.readouterr().err


# -- apply


def planned(run: Run, file: str, *more: str) -> dict[str, Any]:
    """Return the plan of a list for the students."""
    code, out, err = run("plan", file, "--team", "students", "--json", *more)
    assert code == 0, err
    told: dict[str, Any] = json.loads(out)
    return told


def test_apply_when_the_plan_is_the_one_that_was_shown_then_github_is_changed(
    run: Run, people: Callable[..., str], github: StandIn
) -> None:
    file = people(*ALL[:-1], "N,,new-0001", "E,e@example.org,")
    plan = planned(run, file)
    code, out, err = run("apply", file, "--team", "students", "--plan", plan["plan_id"])
    assert code == 0, err
    assert "new-0001" in out
    open_ones = {one["login"] or one["email"] for one in github.invitations("pending")}
    assert open_ones == {"new-0001", "e@example.org"}
    again = planned(run, file)
    assert again["counts"] == {"none": 7, "pending": 2}


def test_apply_when_github_changed_since_then_refused(
    run: Run, people: Callable[..., str], github: StandIn
) -> None:
    file = people(*ALL, "N,,new-0001")
    plan = planned(run, file)
    github.join("new-0001", "students")
    code, _, err = run("apply", file, "--team", "students", "--plan", plan["plan_id"])
    assert code == 1
    assert "Make the plan again" in err


def test_apply_when_more_than_a_quarter_goes_then_only_with_the_number(
    run: Run, people: Callable[..., str], github: StandIn
) -> None:
    file = people(*ALL[:4])
    plan = planned(run, file)
    assert plan["confirm_number"] == 4
    words = ("apply", file, "--team", "students", "--plan", plan["plan_id"])
    assert run(*words)[0] == 1
    assert run(*words, "--confirm", "3")[0] == 1
    assert planned(run, file)["plan_id"] == plan["plan_id"], "something was removed"
    code, _, err = run(*words, "--confirm", "4")
    assert code == 0, err
    assert planned(run, file)["counts"] == {"none": 4}


def test_apply_when_cells_are_wrong_then_only_the_good_rows_and_only_when_told(
    run: Run, people: Callable[..., str], github: StandIn
) -> None:
    file = people(*ALL, "N,,new-0001", "X,x@,")
    plan = planned(run, file)
    words = ("apply", file, "--team", "students", "--plan", plan["plan_id"])
    code, _, err = run(*words)
    assert code == 1
    assert "row 11, column E-mail" in err
    assert "--good-rows" in err
    assert github.invitations() == []
    code, _, err = run(*words, "--good-rows")
    assert code == 0, err
    assert [one["login"] for one in github.invitations("pending")] == ["new-0001"]


def test_apply_when_rows_are_left_out_then_nobody_is_removed_without_the_number(
    run: Run, people: Callable[..., str]
) -> None:
    file = people(*ALL[:-1], "S 8,,s-0008 ?!")
    plan = planned(run, file)
    words = ("apply", file, "--team", "students", "--plan", plan["plan_id"], "--good-rows")
    code, _, err = run(*words)
    assert code == 1
    assert "1 member would be removed, and 1 row of the file cannot be read" in err
    assert run(*words, "--confirm", "1")[0] == 0


def test_apply_when_the_folder_cannot_be_written_then_exit_1_and_nothing_is_sent(
    run: Run, people: Callable[..., str], github: StandIn
) -> None:
    file = people(*ALL, "N,,new-0001")
    plan = planned(run, file)
    words = ("apply", file, "--team", "students", "--plan", plan["plan_id"])
    code, _, err = run(*words, "--GrowthAdmin.admin_root=/proc/none")
    assert code == 1
    assert "/proc/none" in err
    assert github.invitations() == []


# -- people


def test_status_when_asked_for_addresses_then_those_who_have_not_accepted(
    run: Run, people: Callable[..., str], github: StandIn
) -> None:
    file = people(*ALL, "N,n@example.org,new-0001", "E,e@example.org,")
    run("apply", file, "--team", "students", "--plan", planned(run, file)["plan_id"])
    assert run("status", "--emails")[1].split() == ["e@example.org", "n@example.org"]
    github.accept("new-0001")
    assert run("status", "--emails")[1].split() == ["e@example.org"]
    code, out, _ = run("status", "--state", "active", "--json")
    rows = json.loads(out)["people"]
    assert code == 0
    assert {row["login"] for row in rows} == {"new-0001", *(f"s-{n:04}" for n in range(1, 9))}


def test_reinvite_when_all_expired_then_each_gets_one_new_invitation(
    run: Run, people: Callable[..., str], github: StandIn
) -> None:
    file = people(*ALL, "N,n@example.org,new-0001", "E,e@example.org,")
    run("apply", file, "--team", "students", "--plan", planned(run, file)["plan_id"])
    github.move_clock(days=8)
    assert "2 expired" in run("status")[1]
    github.forget_mails()
    code, _, err = run("reinvite", "--all-expired")
    assert code == 0, err
    assert len(github.mails()) == 2
    assert github.sent_twice() == []
    assert "2 invited" in run("status")[1]
    assert run("reinvite", "--all-expired")[1] == "nobody's invitation has expired\n"


def test_reinvite_when_one_is_named_then_only_that_one(
    run: Run, people: Callable[..., str], github: StandIn
) -> None:
    file = people(*ALL, "N,n@example.org,new-0001", "E,e@example.org,")
    run("apply", file, "--team", "students", "--plan", planned(run, file)["plan_id"])
    github.move_clock(days=8)
    github.forget_mails()
    assert run("reinvite", "e@example.org")[0] == 0
    assert [mail["email"] for mail in github.mails()] == ["e@example.org"]


def test_remove_when_one_is_named_then_out_of_the_team(run: Run, github: StandIn) -> None:
    code, out, err = run("remove", "s-0008", "--team", "students")
    assert code == 0, err
    assert "s-0008" in out
    path = f"/orgs/{github.organization}/teams/students/memberships/s-0008"
    assert github.call("GET", path, github.token()).status_code == 404
    path = f"/orgs/{github.organization}/memberships/s-0008"
    assert github.call("GET", path, github.token()).status_code == 200


def test_offboard_when_asked_to_show_then_nothing_is_done_and_then_it_is(
    run: Run, github: StandIn
) -> None:
    code, out, err = run("offboard", "s-0008", "--show")
    assert code == 0, err
    assert "remove   team students" in out
    assert "no hub here" in err
    assert run("status", "--state", "removed", "--json")[0] == 0
    code, out, err = run("offboard", "S-0008", "--leave-organization")
    assert code == 0, err
    assert "leave    the organization" in out
    assert "1 removed" in run("status")[1]
    path = f"/orgs/{github.organization}/memberships/s-0008"
    assert github.call("GET", path, github.token()).status_code == 404


def test_offboard_when_several_are_meant_then_refused(run: Run) -> None:
    run("status")
    assert run("offboard", "nobody-here")[0] == 1
    code, _, err = run("offboard", "s-")
    assert code == 1
    assert "Nobody here is called s-" in err


def test_export_when_written_then_the_same_file_imported_is_no_change(
    run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    assert run("export", "--out", str(out))[0] == 0
    assert len(out.read_text().splitlines()) == 10
    plan = planned(run, str(out))
    assert set(plan["counts"]) == {"none"}, plan


def test_names_when_a_spelling_is_typed_then_all_are_told(run: Run) -> None:
    code, out, _ = run("names", "s-2d0003")
    assert code == 0
    assert "GitHub      s-0003" in out
    assert "home slugs  s-2d0003, s-0003" in out
    assert run("names", "nobody-here")[0] == 1


def test_queue_when_the_day_is_full_then_it_says_who_waits_and_goes_on_the_next_day(
    run: Run, people: Callable[..., str], github: StandIn
) -> None:
    github.settings(invitation_limit=2)
    file = people(*ALL, *(f"N,,new-{n:04}" for n in range(1, 5)))
    code, _, err = run("apply", file, "--team", "students", "--plan", planned(run, file)["plan_id"])
    assert code == 0, err
    out = run("queue")[1]
    assert out.count("queued ") == 2
    assert len(github.invitations("pending")) == 2
    github.move_clock(hours=25)
    assert run("queue", "--send")[0] == 0
    assert len(github.invitations("pending")) == 4
    assert github.sent_twice() == []


def test_apply_when_interrupted_by_the_keyboard_then_it_is_paused_and_can_be_resumed(
    run: Run,
    people: Callable[..., str],
    github: StandIn,
    settings: list[str],
    tmp_path: Path,
) -> None:
    file = people(*ALL, *(f"N,,new-{n:04}" for n in range(1, 6)))
    plan = planned(run, file)["plan_id"]
    roots = [
        f"--GrowthAdmin.admin_root={tmp_path / 'admin'}",
        f"--GrowthAdmin.shared_root={tmp_path / 'nfs'}",
    ]
    words = ["roster", "apply", file, "--team", "students", "--plan", plan]
    command = [sys.executable, "-m", "growth_admin.cli", *words, *roots, *settings]
    child = subprocess.Popen(
        [*command, "--GitHub.write_interval_s=2"], stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: github.invitations("pending"), what="the first invitation")
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=30)
    assert child.returncode == 1
    assert err.count("\n") == 1, err
    assert 0 < len(github.invitations("pending")) < 5
    found = re.search(r"growth-admin jobs resume (\S+);", err)
    assert found, err
    code = main(["jobs", "resume", found[1], *roots, *settings, "--GitHub.write_interval_s=0"])
    assert code == 0
    assert len(github.invitations("pending")) == 5
    assert github.sent_twice() == []


def test_setup_when_something_is_missing_then_exit_1_and_what_it_is(
    run: Run, github: StandIn, tmp_path: Path
) -> None:
    assert run("setup")[0] == 0
    (tmp_path / "token").write_text(github.token("s-0001", "read:org"))
    code, out, err = run("setup")
    assert code == 1
    assert "missing " in out
    assert "growth-admin: missing: " in err


@pytest.mark.parametrize("verb", ["status", "setup", "queue", "export"])
def test_roster_when_this_server_is_no_admins_then_refused(
    run: Run, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROWTH_AREAS", "datasets")
    code, _, err = run(verb)
    assert code == 1
    assert "for admins" in err
