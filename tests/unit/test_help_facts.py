"""What starts, the disk and the roster tell the help desk: real files, no hub."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from growth_admin.core.errors import NotConfigured, NotFound, StorageUnavailable
from growth_admin.help_facts import STARTS_SHOWN, TAIL_CHARS, SchoolHelp, count_files, measure
from tests.unit.startup.starts.logs_folder import HOUR_AGO, LogsFolder


@pytest.fixture
def folder(tmp_path: Path) -> LogsFolder:
    """Return an empty logs folder."""
    return LogsFolder(tmp_path)


def help_of(folder: LogsFolder) -> SchoolHelp:
    """Return the facts of a school without a roster."""
    return SchoolHelp(folder.table(revision_number=lambda script, sha256: 31), None)


def test_starts_when_recorded_then_newest_first_with_scripts_and_the_home(
    folder: LogsFolder,
) -> None:
    full = {"used_bytes": 98, "size_bytes": 100}
    folder.put_records(
        "jane-doe",
        folder.record("jane-doe", at=HOUR_AGO - timedelta(hours=1)),
        folder.record("jane-doe", "failed", home=full),
    )
    read = help_of(folder).read_starts("jane-doe", "")
    assert [start.state for start in read.starts] == ["failed", "ok"]
    newest = read.starts[0]
    assert newest.script == "as-user.sh" and newest.error
    assert [script.revision for script in newest.scripts] == [31, 31]
    assert read.home is not None
    assert (read.home.percent, read.home.source) == (98.0, "start")


def test_starts_when_many_then_the_last_ones_only(folder: LogsFolder) -> None:
    records = [folder.record("jane", at=HOUR_AGO - timedelta(hours=n)) for n in range(20, 0, -1)]
    folder.put_records("jane", *records)
    read = help_of(folder).read_starts("jane", "")
    assert len(read.starts) == STARTS_SHOWN
    assert read.starts[0].started == HOUR_AGO - timedelta(hours=1)


def test_starts_when_nothing_is_known_then_empty(folder: LogsFolder) -> None:
    read = help_of(folder).read_starts("nobody", "")
    assert (read.starts, read.logs, read.home) == ((), (), None)


def test_logs_when_long_then_the_end_from_the_beginning_of_a_line(folder: LogsFolder) -> None:
    folder.put_records("jane-doe", folder.record("jane-doe"))
    lines = [f"line {number} of the log" for number in range(5000)]
    folder.put_log("jane-doe-as-user.log", "\n".join(lines).encode())
    folder.put_log("jane-doe-as-root.log", b"one\xffline")
    root, user = help_of(folder).read_starts("jane-doe", "").logs
    assert (root.name, root.text, root.is_truncated) == ("jane-doe-as-root.log", "one�line", False)
    assert user.is_truncated and len(user.text) <= TAIL_CHARS
    assert user.text.splitlines()[0] in lines and user.text.endswith(lines[-1])


def test_logs_when_the_login_has_capitals_and_only_the_old_hook_wrote_then_they_are_found(
    folder: LogsFolder,
) -> None:
    folder.put_log("Jane-Doe-as-user.log", b"hello\n")
    from growth_admin.startup.starts.models import HubUserHint

    table = folder.table(list_users=lambda: {"jane-doe": HubUserHint()})
    read = SchoolHelp(table, None).read_starts("jane-doe", "")
    assert [(one.name, one.text) for one in read.logs] == [("Jane-Doe-as-user.log", "hello\n")]


@pytest.mark.parametrize("user", ["../../etc/passwd", "..", "jane/doe", "a\0b", ""])
def test_starts_when_the_name_would_be_a_path_then_nothing_outside_is_read(
    folder: LogsFolder, user: str
) -> None:
    read = help_of(folder).read_starts(user, "")
    assert (read.starts, read.logs) == ((), ())


def test_home_when_measured_then_counts_files_and_follows_no_link(tmp_path: Path) -> None:
    home, outside = tmp_path / "home", tmp_path / "outside"
    (home / "work").mkdir(parents=True)
    outside.mkdir()
    (outside / "large").write_bytes(os.urandom(8 << 20))
    (home / "work" / "data").write_bytes(os.urandom(1 << 20))
    (home / "link").symlink_to(outside)
    use = measure(home)
    assert use.is_counted_whole and use.files_bytes is not None
    assert 1 << 20 <= use.files_bytes < 2 << 20
    assert 0 < use.disk_used_bytes <= use.disk_size_bytes


def test_home_when_it_is_a_link_or_missing_then_says_so(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(StorageUnavailable, match="link"):
        measure(tmp_path / "link")
    with pytest.raises(NotFound):
        measure(tmp_path / "missing")


def test_home_when_the_time_is_up_then_the_sum_is_partial(tmp_path: Path) -> None:
    assert count_files(tmp_path, time.monotonic() - 1) == (0, False)


def test_home_when_not_reachable_then_says_which_setting(folder: LogsFolder) -> None:
    with pytest.raises(NotConfigured) as e:
        help_of(folder).measure_home("jane-doe")
    assert "homes_root" in e.value.hint
