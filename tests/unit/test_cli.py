"""``growth-admin`` as a user types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from growth_admin.cli import main
from tests.unit.startup.school import BROKEN, FIRST, USER, School, sound


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def school(tmp_path: Path) -> School:
    return School.make(tmp_path)


@pytest.fixture
def environment(school: School, tmp_path: Path) -> dict[str, str]:
    """What the hub puts into the environment of a terminal, as far as commands read it."""
    return {
        "GROWTH_ADMIN_ROOT": str(school.paths.admin_root),
        "GROWTH_SHARED_ROOT": str(school.paths.shared_root),
        "JUPYTERHUB_USER": "ada",
        "HOME": str(tmp_path),
    }


@pytest.fixture
def run(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run the entry point in this process: the same, without two seconds of imports each."""
    for name in [name for name in os.environ if name.startswith(("JUPYTER", "GROWTH_"))]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def start(*arguments: str | Path) -> Done:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as e:  # argparse ends the process for usage, help and version
            code = int(e.code or 0)
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return start


def test_command_when_run_as_a_process_then_codes_and_streams_are_the_same(
    environment: dict[str, str],
) -> None:
    command = Path(sys.executable).with_name("growth-admin")
    for arguments, code in ((["startup", "list"], 0), (["startup", "history", "x"], 1)):
        done = subprocess.run(
            [command, *arguments], env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == code, done.stderr
        assert (bool(done.stdout), bool(done.stderr)) == (code == 0, code == 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--GrowthAdmin.lease_s=abc", "jobs", "list"], "GrowthAdmin.lease_s"),
        (["--RosterManager.invitation_limit=many", "roster", "queue"], "invitation_limit"),
        (["doctor", "--config", "mine.py"], "keep_versions"),
    ],
)
def test_command_when_a_setting_is_of_the_wrong_type_then_one_line_names_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text("c.DatasetManager.keep_versions = 'many'\n")
    done = run(*words)
    assert done.returncode == 1
    assert said in done.stderr and "not valid" in done.stderr
    assert done.stderr.count("\n") == 1


def test_command_when_the_hub_set_no_number_of_seconds_then_one_line_names_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROWTH_START_LIMIT_S", "a minute")
    done = run("jobs", "list")
    assert done.returncode == 1
    assert "GROWTH_START_LIMIT_S" in done.stderr and done.stderr.count("\n") == 1


def test_save_and_publish_when_reasons_are_given_then_it_is_live_and_recorded(
    run: Run, school: School, tmp_path: Path
) -> None:
    file = tmp_path / "new.sh"
    file.write_text(sound(2))
    saved = run("startup", "save", USER, file, "--reason", "new greeting")
    assert (saved.returncode, saved.stdout) == (0, "saved as r2; not live yet\n"), saved.stderr
    assert school.live.read_text() == FIRST
    refused = run("startup", "publish", USER, "2", "--reason", "now")
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1 and "rehearsal, canary" in refused.stderr
    done = run("startup", "publish", USER, "2", "--reason", "now", "--skip", "no hub here")
    assert done.returncode == 0, done.stderr
    assert school.live.read_text() == sound(2)
    entries = json.loads(run("audit", "list", "--json").stdout)["entries"]
    assert [(e["user"], e["permission"], e["after"]) for e in entries] == [
        ("ada", "startup.scripts:publish", "r2"),
        ("ada", "startup.scripts:save", "r2"),
    ]


def test_restore_when_asked_for_then_the_old_text_is_live_again(run: Run, school: School) -> None:
    school.save(sound(2))
    school.publish(2)
    done = run("startup", "restore", USER, "1", "--reason", "2 was bad")
    assert done.returncode == 0, done.stderr
    assert school.live.read_text() == FIRST


def test_save_when_the_live_script_was_changed_by_hand_before_then_it_is_no_conflict(
    run: Run, school: School, tmp_path: Path
) -> None:
    school.manager.get_script(USER)
    school.write_by_hand(sound("hand"))
    file = tmp_path / "new.sh"
    file.write_text(sound(3))
    done = run("startup", "save", USER, file, "--reason", "on top")
    assert done.stdout.startswith("saved as r3"), done.stderr


def test_lint_when_there_is_an_error_then_exit_1_and_json_has_the_promised_keys(
    run: Run, tmp_path: Path
) -> None:
    bad, good = tmp_path / "bad.sh", tmp_path / "good.sh"
    bad.write_text(BROKEN)
    good.write_text(FIRST)
    good.chmod(0o755)
    found = run("startup", "lint", bad, "--json")
    assert found.returncode == 1
    findings = json.loads(found.stdout)["findings"]
    assert findings
    assert all({"line", "severity", "rule", "message", "hint"} <= set(row) for row in findings)
    assert {row["severity"] for row in findings} <= {"error", "warning", "info"}
    assert run("startup", "lint", good, "--json").returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("startup", "list"),
        ("startup", "history", USER),
        ("startup", "diff", USER, "1", "1"),
        ("startup", "starts"),
        ("jobs", "list"),
        ("audit", "list"),
    ],
)
def test_reading_when_asked_for_json_then_it_is_json_and_else_text(
    run: Run, school: School, arguments: tuple[str, ...]
) -> None:
    school.manager.get_script(USER)
    plain, as_json = run(*arguments), run(*arguments, "--json")
    assert (plain.returncode, as_json.returncode) == (0, 0), plain.stderr + as_json.stderr
    assert isinstance(json.loads(as_json.stdout), dict)


@pytest.mark.parametrize(
    "arguments",
    [
        ("startup", "publish", USER, "9", "--reason", "x"),
        ("startup", "history", "other.sh"),
        ("startup", "lint", "/nothing/here.sh"),
        ("startup", "save", USER, "/nothing/here.sh", "--reason", "x"),
        ("startup", "save", USER, "/etc/hostname", "--reason", ""),
        ("startup", "log", "nobody"),
        ("jobs", "cancel", "../../etc"),
        ("jobs", "cancel", "nothing"),
        ("servers", "list"),
    ],
)
def test_command_when_it_cannot_be_done_then_exit_1_and_one_line_says_why(
    run: Run, arguments: tuple[str, ...]
) -> None:
    done = run(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("growth-admin: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    "arguments", [(), ("startup",), ("nothing",), ("startup", "save", USER, "x")]
)
def test_command_when_it_is_misspelt_then_exit_2_with_the_usage(
    run: Run, arguments: tuple[str, ...]
) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "usage: growth-admin" in done.stderr


def test_version_when_asked_for_then_it_is_the_packages(run: Run) -> None:
    from growth_admin import __version__

    assert run("--version").stdout == f"growth-admin {__version__}\n"


def test_doctor_when_it_speaks_then_says_nothing_twice(run: Run) -> None:
    checks = json.loads(run("doctor", "--json").stdout)
    names = [check["name"] for check in checks]
    assert len(names) == len(set(names))
    assert {"as-root.sh", "as-user.sh", "today: starts"} <= set(names)
    assert not {"today: start scripts", "today: hub", "today: parts"} & set(names)
    lacks = "was not started by a jupyterhub"
    assert sum(lacks in check["finding"].casefold() for check in checks) == 1


@contextmanager
def closed(folder: Path) -> Iterator[None]:
    """Let nobody look into a folder, and this process be somebody whom that concerns."""
    me = os.geteuid()
    folder.chmod(0o000)
    if me == 0:
        os.seteuid(50_003)
    try:
        yield
    finally:
        os.seteuid(me)
        folder.chmod(0o755)


def test_command_when_it_may_not_look_somewhere_then_one_line_says_where(
    run: Run, tmp_path: Path
) -> None:
    run("deploy", "new", "--help")
    (tmp_path / "theirs").mkdir()
    with closed(tmp_path / "theirs"):
        done = run("deploy", "new", "--output", tmp_path / "theirs" / "school.yaml")
    assert done.returncode == 1
    assert done.stderr == f"growth-admin: {tmp_path}/theirs/school.yaml: Permission denied\n"


def test_doctor_when_the_organisers_folder_is_closed_to_it_then_a_line_says_so(
    school: School, run: Run
) -> None:
    """As for whom the start chain did not put into the group, or a TA."""
    run("doctor")  # what is imported on the way: this process's own files may be closed, too
    with closed(school.paths.admin_root):
        done = run("doctor", "--json")
    (found,) = [c for c in json.loads(done.stdout) if c["name"].startswith("walls")]
    assert done.returncode == 1 and not found["is_good"]
    assert "you may not look into" in found["finding"] and "group 3001" in found["hint"]


def test_doctor_when_everybody_may_write_a_folder_of_the_chain_then_it_says_which_and_what_to_do(
    school: School, run: Run
) -> None:
    def walls() -> dict[str, object]:
        checks = json.loads(run("doctor", "--json").stdout)
        found: dict[str, object] = next(c for c in checks if c["name"].startswith("walls"))
        return found

    assert walls()["is_good"]
    school.paths.scripts.chmod(0o777)
    bad = walls()
    assert not bad["is_good"]
    assert str(school.paths.scripts) in str(bad["finding"]) and "2770" in str(bad["hint"])
