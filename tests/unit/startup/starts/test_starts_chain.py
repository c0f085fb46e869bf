"""The table against records that the real start chain writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from growth_admin.core.paths import Paths
from growth_admin.startup.starts.manager import StartTable
from growth_admin.startup.starts.models import StartRow

RUNNER = Path(__file__).parents[4] / "startup" / "lib" / "runner.py"
FINE = b"#!/bin/sh\necho fine\n"
NB_USER = "nobody"
"""An account that every machine has: as root, the chain becomes it; otherwise just a name."""


class School:
    """Runs the chain on one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.table = StartTable(Paths(root, root))
        (root / "start").mkdir()

    def put(self, name: str, text: bytes, mode: int = 0o755) -> None:
        path = self.root / "start" / name
        path.write_bytes(text)
        path.chmod(mode)

    def start(self, user: str = "jane-doe", *, server_name: str = "", limit_s: int = 10) -> None:
        """Run one start to its end."""
        env = {
            "PATH": os.environ["PATH"],
            "HOME": "/",
            "NB_USER": NB_USER,
            "JUPYTERHUB_USER": user,
            "JUPYTERHUB_SERVER_NAME": server_name,
            "GROWTH_ADMIN_ROOT": str(self.root),
            "GROWTH_IMAGE": "growth-school/notebook:2026.11",
            "GROWTH_START_LIMIT_S": str(limit_s),
        }
        command = f'exec 8>"{self.root}/verdict"; exec "$0" -I -S "{RUNNER}"'
        subprocess.run(
            ["/bin/sh", "-c", command, sys.executable],
            env=env,
            check=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )

    def row(self, user: str = "jane-doe") -> StartRow:
        (found,) = (row for row in self.table.list_starts().rows if row.user == user)
        return found


@pytest.fixture
def school(tmp_path: Path) -> School:
    """Return a school with two fine scripts."""
    school = School(tmp_path)
    school.put("as-root.sh", FINE)
    school.put("as-user.sh", FINE)
    return school


def test_chain_when_a_start_is_fine_then_the_row_is_ok(school: School) -> None:
    school.start()
    row = school.row()
    assert (row.state, row.source, row.nb_user, row.starts_known) == ("ok", "record", NB_USER, 1)
    assert row.is_rerooted == (os.geteuid() != 0)
    assert [script.log for script in row.scripts] == ["nobody-as-root.log", "nobody-as-user.log"]
    assert row.image == "growth-school/notebook:2026.11"


@pytest.mark.parametrize(
    ("text", "mode", "state", "error"),
    [
        (b"#!/bin/bash\n\nnosuch\n", 0o755, "failed", "line 3: nosuch: command not found"),
        (b"#!/bin/bash\nexit 3\n", 0o755, "failed", "ended with exit code 3 and no error output"),
        (b"#!/bin/bash\nkill -9 $$\n", 0o755, "failed", "was ended by SIGKILL (9)"),
        (b"#!/bin/bash\nsleep 60\n", 0o755, "timed-out", "was stopped after 1 s"),
        (b"", 0o755, "empty-log", None),
        (FINE, 0o644, "empty-log", None),
        (b"#!/bin/sh\r\necho a\r\n", 0o755, "failed", None),
    ],
)
def test_chain_when_a_start_goes_wrong_then_the_row_says_what_the_chain_saw(
    school: School, text: bytes, mode: int, state: str, error: str | None
) -> None:
    school.put("as-user.sh", text, mode)
    school.start(limit_s=1)
    row = school.row()
    assert (row.state, row.script) == (state, "as-user.sh")
    if error is not None:
        assert row.error == error
    assert row.error and len(school.table.list_starts().groups) == 1


def test_chain_when_a_script_is_missing_then_the_row_says_so(school: School) -> None:
    (school.root / "start" / "as-user.sh").unlink()
    school.start()
    assert (school.row().state, school.row().script) == ("missing", "as-user.sh")


def test_chain_when_a_script_wrote_to_both_streams_then_stderr_is_marked(school: School) -> None:
    text = b"#!/bin/sh\necho one\nsleep 0.2\necho two >&2\nsleep 0.2\necho three\n"
    school.put("as-user.sh", text)
    school.start()
    log = school.table.get_log("jane-doe", "as-user.sh")
    assert (log.text, log.stderr_lines, log.notes) == ("one\ntwo\nthree\n", ((2, 2),), ())


def test_chain_when_a_log_is_full_then_the_end_is_marked_where_it_should_be(
    school: School,
) -> None:
    text = b"#!/bin/bash\nseq 1 200000\nsleep 0.3\necho the end >&2\n"
    school.put("as-user.sh", text)
    school.start()
    log = school.table.get_log("jane-doe", "as-user.sh")
    (span,) = log.stderr_lines
    assert log.text.split("\n")[span[0] - 1] == "the end"
    assert "were not kept" in log.notes[0]


def test_chain_when_there_were_many_starts_then_history_and_logs_go_together(
    school: School,
) -> None:
    for number in range(3):
        school.put("as-user.sh", f"#!/bin/sh\necho start {number}\nexit {number}\n".encode())
        school.start()
    history = school.table.get_history("jane-doe")
    assert [start.state for start in history.starts] == ["failed", "failed", "ok"]
    assert school.table.get_log("jane-doe", "as-user.sh").text == "start 2\n"
    assert school.table.get_log("jane-doe", "as-user.sh", which=1).text == "start 1\n"


@pytest.mark.parametrize("server_name", ["canary", "my server", "a--b", ".hid/den", "ünï"])
def test_chain_when_a_named_server_starts_then_its_row_has_the_hubs_name(
    school: School, server_name: str
) -> None:
    school.start("ada", server_name=server_name)
    (row,) = school.table.list_starts().rows
    assert (row.user, row.server_name, row.state) == ("ada", server_name, "ok")
    assert school.table.get_log("ada", "as-user.sh", server_name).text == "fine\n"


def test_chain_when_the_live_script_changes_then_the_row_is_of_an_old_revision(
    school: School,
) -> None:
    school.start()
    ran = {script.name: script.sha256 for script in school.row().scripts}
    live = {**ran, "as-user.sh": "0" * 64}
    table = StartTable(Paths(school.root, school.root), live_sha256=lambda: live)
    (row,) = table.list_starts().rows
    assert row.state == "old-revision"
    assert [script.is_old_revision for script in row.scripts] == [False, True]
