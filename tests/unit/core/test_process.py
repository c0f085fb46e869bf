"""Children that end: deadlines, floods, background processes that hold the pipes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from growth_admin.core.errors import NotConfigured
from growth_admin.core.process import is_dead, run_bounded, this_process
from tests.conftest import Child, wait_until


def test_run_bounded_when_the_child_ends_then_code_and_output_come() -> None:
    done = run_bounded(
        ["bash", "-c", "cat; echo err >&2; exit 3"], timeout_s=10, stdin=b"in", env={"A": "b"}
    )
    assert (done.exit_code, done.stdout, done.stderr, done.is_timed_out) == (
        3,
        b"in",
        b"err\n",
        False,
    )


def test_run_bounded_when_the_child_dies_of_a_signal_then_the_code_is_negative() -> None:
    assert run_bounded(["bash", "-c", "kill -9 $$"], timeout_s=10).exit_code == -9


def test_run_bounded_when_the_time_is_up_then_the_whole_session_is_gone(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    began_s = time.monotonic()
    done = run_bounded(
        ["bash", "-c", f"sleep 100 & echo $! > {pid_file}; echo part; wait"], timeout_s=0.5
    )
    assert done.is_timed_out
    assert done.stdout == b"part\n"
    assert time.monotonic() - began_s < 5
    pid = int(pid_file.read_text())
    wait_until(lambda: not Path(f"/proc/{pid}").exists() or is_zombie(pid), what="the end")


def is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_run_bounded_when_a_background_child_holds_the_pipes_then_nobody_waits_for_it() -> None:
    began_s = time.monotonic()
    done = run_bounded(["bash", "-c", "sleep 30 & echo done"], timeout_s=20)
    assert (done.exit_code, done.stdout, done.is_timed_out) == (0, b"done\n", False)
    assert time.monotonic() - began_s < 5


def test_run_bounded_when_a_child_left_the_session_with_the_pipes_then_nobody_waits_for_it(
    tmp_path: Path,
) -> None:
    began_s = time.monotonic()
    done = run_bounded(
        ["bash", "-c", f"setsid sleep 30 & echo $! > {tmp_path / 'pid'}; sleep 0.2; echo done"],
        timeout_s=20,
    )
    os.kill(int((tmp_path / "pid").read_text()), 9)
    assert (done.stdout, done.is_timed_out) == (b"done\n", False)
    assert time.monotonic() - began_s < 10


def test_run_bounded_when_the_output_is_a_flood_then_only_the_beginning_is_kept() -> None:
    done = run_bounded(
        [sys.executable, "-c", "import os\nfor _ in range(2000): os.write(1, b'x' * 65536)"],
        timeout_s=60,
        limit_bytes=1000,
    )
    assert (done.exit_code, done.stdout) == (0, b"x" * 1000)


def test_run_bounded_when_the_child_does_not_read_its_input_then_it_is_not_waited_for() -> None:
    assert run_bounded(["true"], timeout_s=10, stdin=b"x" * 1_000_000).exit_code == 0


def test_run_bounded_when_the_program_is_missing_then_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="no-such-program"):
        run_bounded(["no-such-program"], timeout_s=1)
    (tmp_path / "plain").write_text("x")
    with pytest.raises(NotConfigured, match="Permission denied"):
        run_bounded([str(tmp_path / "plain")], timeout_s=1)


def test_process_name_when_its_process_ends_then_it_is_known_to_be_dead(
    spawn: Callable[[Callable[[], object]], Child], tmp_path: Path
) -> None:
    def live() -> None:
        (tmp_path / "name").write_text(this_process())
        time.sleep(60)

    child = spawn(live)
    wait_until(lambda: (tmp_path / "name").exists() and (tmp_path / "name").read_text(), what="it")
    name = (tmp_path / "name").read_text()
    assert not is_dead(name)
    assert not is_dead(this_process())
    child.kill()
    assert is_dead(name)


def test_process_name_when_it_is_of_another_machine_or_unknown_then_it_is_not_called_dead() -> None:
    boot, namespace, pid, start = this_process().split(":")
    assert not is_dead(f"{'0' * len(boot)}:{namespace}:{pid}:1")
    assert not is_dead(f"{boot}:1:{pid}:1")
    assert not is_dead("")
    assert not is_dead("nonsense")
    assert is_dead(f"{boot}:{namespace}:{pid}:{int(start) + 1}"), "the number was used again"
