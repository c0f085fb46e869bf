"""Scripts that try to do harm, in each kind of isolation: nothing real is ever touched."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from growth_admin.startup.rehearsal import Sandbox, rehearse, rerooted

from .conftest import Run, School

SYSTEM = ("/dev/null", "/dev/zero", "/dev/urandom", "/usr/bin", "/etc", "/tmp", "/proc/sys/kernel")
SHEBANG = "#!/bin/bash\n"
AIMS_AT_MACHINE = re.compile(r"(?<=\s)/(home/admin|home|dev|etc|tmp|usr/bin|nfs)(?=[\s;]|$)")


@pytest.fixture
def bystander() -> object:
    """Yield a process of ours that must survive whatever is rehearsed."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
    yield child
    assert child.poll() is None, "a rehearsal killed a process outside"
    child.kill()
    child.wait()


@pytest.mark.parametrize(
    "line",
    [
        "rm -rf /home",
        "rm -rf /nfs /home/admin",
        'rm -rf "$HOME"/..',
        'rm -rf "$HOME"/../..',
        'rm -rf "$GROWTH_SHARED_ROOT" "$GROWTH_ADMIN_ROOT"',
        'echo x > "$GROWTH_SHARED_ROOT/data/photometry/catalogue.csv"',
        "chmod -R 757 /dev /etc /tmp /home 2>/dev/null; chmod 757 /usr/bin; true",
    ],
)
@pytest.mark.parametrize("role", ["as-user.sh", "as-root.sh"])
def test_rehearse_when_script_deletes_everything_then_nothing_real_is_gone(
    school: School, sandbox: Sandbox, tmp_path: Path, line: str, role: str
) -> None:
    before = {path: stat.S_IMODE(Path(path).stat().st_mode) for path in SYSTEM}
    outside = tmp_path / "outside"
    outside.mkdir()
    witness = outside / "witness.ipynb"
    witness.write_text("real work")
    witness.chmod(0o666)
    if sandbox.kind == "re-rooted":  # the weakest wall: never aim at this machine itself
        line = AIMS_AT_MACHINE.sub(str(outside), line)
    rehearse(
        {role: (SHEBANG + line + "\n").encode()},
        shared_root=school.shared,
        admin_root=school.admin,
        limit_s=3,
        sandbox=sandbox,
    )
    assert {path: stat.S_IMODE(Path(path).stat().st_mode) for path in SYSTEM} == before
    assert witness.read_text() == "real work"
    assert witness.stat().st_mode & 0o777 == 0o666


@pytest.mark.parametrize("line", ["kill -9 -1", "kill -9 0", "pkill -9 python; killall -9 python3"])
@pytest.mark.parametrize("role", ["as-user.sh", "as-root.sh"])
def test_rehearse_when_script_kills_everything_then_only_itself_dies(
    school: School, sandbox: Sandbox, bystander: object, line: str, role: str
) -> None:
    report = rehearse(
        {role: (SHEBANG + line + "\nsleep 1\n").encode()},
        shared_root=school.shared,
        admin_root=school.admin,
        limit_s=20,
        sandbox=sandbox,
    )
    assert report.conclusions


def test_why_not_when_nothing_keeps_a_script_in_then_harmful_ones_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rerooted, "confinement", frozenset)
    for line in (
        "kill -9 -1",
        "rm -rf ~",
        "chmod -R 700 /",
        'chmod 755 "$HOME/.."',
        'chown x "$Y"',
    ):
        assert rerooted.why_not({"as-user.sh": (SHEBANG + line).encode()}, is_root=False), line
    for line in ("mkdir -p ~/work", 'chmod 700 "$HOME/.ssh"', "touch ~/.started"):
        assert not rerooted.why_not({"as-user.sh": (SHEBANG + line).encode()}, is_root=False), line


def test_rehearse_when_a_child_outlives_the_script_then_it_is_told_and_gone(
    run: Run, sandbox: Sandbox
) -> None:
    if sandbox.kind == "re-rooted":
        line = "sleep 987654 >/dev/null 2>&1 &"
    else:
        line = "setsid sleep 987654 >/dev/null 2>&1 </dev/null &"
    report = run(SHEBANG + line + "\n", sandbox=sandbox)
    assert report.runs[0].exit_code == 0
    if sandbox.kind != "re-rooted":
        assert report.runs[0].left_processes == 1
    deadline = time.monotonic() + 5
    while _is_running("987654") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _is_running("987654")


def _is_running(word: str) -> bool:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if word in (folder / "cmdline").read_text().split("\0"):
                return True
        except OSError:
            continue
    return False


def test_rehearse_when_background_child_holds_the_output_then_it_does_not_wait(run: Run) -> None:
    started = time.monotonic()
    report = run(SHEBANG + "sleep 30 &\necho done\n")
    assert report.runs[0].stdout == "done\n"
    assert time.monotonic() - started < 10


def test_rehearse_when_script_prints_a_gigabyte_then_the_beginning_is_kept(run: Run) -> None:
    report = run(SHEBANG + "echo first; head -c 1000000000 /dev/zero\n", limit_s=60)
    first = report.runs[0]
    assert first.stdout_bytes == 1_000_000_006
    assert len(first.stdout) <= 128 * 1024
    assert first.stdout.startswith("first\n")
    assert first.dropped_bytes > 999_000_000
    assert first.duration_s < 30


def test_rehearse_when_script_fills_the_disk_then_it_is_stopped_early(run: Run) -> None:
    line = 'for i in $(seq 200); do head -c 100000000 /dev/zero > "$HOME/big$i" || exit 1; done\n'
    report = run(SHEBANG + line, limit_s=60)
    assert report.runs[0].stopped_because.startswith("It wrote more")
    assert report.has_errors
    assert report.runs[0].written_bytes < 4_000_000_000


def test_rehearse_when_script_fills_tmp_or_one_file_then_it_meets_a_limit(run: Run) -> None:
    report = run(SHEBANG + "head -c 200000000 /dev/zero > /tmp/big\n")
    assert "No space left" in report.runs[0].stderr
    report = run(SHEBANG + 'exec head -c 400000000 /dev/zero > "$HOME/big"\n')
    assert report.runs[0].exit_code != 0


def test_rehearse_when_script_never_ends_then_the_limit_ends_it(run: Run, sandbox: Sandbox) -> None:
    report = run(
        SHEBANG + "trap '' TERM INT HUP\nwhile :; do :; done\n", limit_s=1, sandbox=sandbox
    )
    assert [r.is_timed_out for r in report.runs] == [True, True]
    assert all(r.duration_s < 5 for r in report.runs)
    assert "as-user.sh on the first run does not end within 1 s" in [
        line.text for line in report.conclusions
    ]


def test_rehearse_when_script_changes_the_shared_folder_then_it_is_told(run: Run) -> None:
    report = run(SHEBANG + "rm -rf /nfs/data/photometry\n", as_root=SHEBANG + "touch /nfs/mine\n")
    errors = [line.text for line in report.conclusions if line.severity == "error"]
    assert any("as-root.sh tries to change the shared folder" in text for text in errors)
    assert any("as-user.sh tries to change the shared folder" in text for text in errors)


def test_rehearse_when_it_is_over_then_no_folder_is_left(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir(mode=0o755)
    monkeypatch.setenv("TMPDIR", str(work))
    monkeypatch.setattr("tempfile.tempdir", None)
    run(SHEBANG + 'mkdir -p "$HOME/a/b"; touch "$HOME/a/b/c"; chmod 000 "$HOME/a/b" "$HOME/a"\n')
    assert list(work.iterdir()) == []
