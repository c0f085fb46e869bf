"""What can be told without records: the plain logs of the old hook."""

from __future__ import annotations

import time

import pytest

from growth_admin.startup.starts.models import HubUserHint
from tests.unit.startup.starts.logs_folder import HOUR_AGO, LogsFolder

ONLY_STDOUT = "The old hook keeps stdout only: exit codes and error output are not known."


def test_row_when_there_is_only_a_log_then_it_is_unknown_since_its_last_write(
    folder: LogsFolder,
) -> None:
    folder.put_log("jane-doe-as-root.log", b"uid=0(root)\n", at=HOUR_AGO.timestamp() - 9)
    folder.put_log("jane-doe-as-user.log", b"Already up to date.\n", at=HOUR_AGO.timestamp())
    row = folder.row()
    assert (row.state, row.source, row.started) == ("unknown", "log", HOUR_AGO)
    assert (row.error, row.exit_code, row.starts_known) == ("", None, 1)
    notes = folder.table().list_starts().notes
    assert "There are no records, only plain logs" not in notes  # the folder of records is there
    assert any(ONLY_STDOUT in note for note in notes)


def test_list_when_there_is_no_folder_of_records_then_a_note_names_the_old_hook(
    folder: LogsFolder,
) -> None:
    folder.records.rmdir()
    folder.put_log("jane-doe-as-user.log")
    assert any("the old hook is in use" in note for note in folder.table().list_starts().notes)


def test_row_when_a_log_is_empty_then_the_script_did_not_run(folder: LogsFolder) -> None:
    folder.put_log("jane-doe-as-root.log", b"uid=0(root)\n")
    folder.put_log("jane-doe-as-user.log", b"")
    row = folder.row()
    assert (row.state, row.script) == ("empty-log", "as-user.sh")
    assert "not executable" in row.error and "Windows line ends" in row.error


def test_row_when_an_empty_log_is_of_this_moment_then_the_start_may_still_run(
    folder: LogsFolder,
) -> None:
    folder.put_log("jane-doe-as-user.log", b"", at=time.time())
    assert folder.row().state == "unknown"


@pytest.mark.parametrize(
    ("log", "error"),
    [
        (
            b"ok\n/home/admin/start/as-user.sh: line 3: gitpuller: command not found\ndone\n",
            "line 3: gitpuller: command not found",
        ),
        (b"/home/admin/start/as-user.sh: 3: x: not found\n", "line 3: x: not found"),
        (b"cp: x: No such file or directory\n", "cp: x: No such file or directory"),
        (b"mkdir: Permission denied\n", "mkdir: Permission denied"),
        (
            b"Traceback (most recent call last):\n  File x\nModuleNotFoundError: No module a\n",
            "ModuleNotFoundError: No module a",
        ),
        (b"Traceback (most recent call last):\n  File x\n", "Traceback (most recent call last):"),
        (b"fatal: Could not resolve host\n", "fatal: Could not resolve host"),
        (b"Already up to date.\nno errors found, 0 errors\n", ""),
        (b"\xff\xfe\x00 binary \x00\n", ""),
    ],
)
def test_row_when_a_log_has_an_error_line_then_the_row_shows_it_and_stays_unknown(
    folder: LogsFolder, log: bytes, error: str
) -> None:
    folder.put_log("jane-doe-as-user.log", log)
    row = folder.row()
    assert (row.state, row.error) == ("unknown", error)


def test_row_when_a_log_changes_then_a_warm_table_reads_it_again(folder: LogsFolder) -> None:
    folder.put_log("jane-doe-as-user.log", b"fine\n")
    table = folder.table()
    assert table.list_starts().rows[0].error == ""
    folder.put_log("jane-doe-as-user.log", b"x: command not found\n")
    assert table.list_starts().rows[0].error == "x: command not found"


def test_row_when_the_log_is_younger_than_the_records_then_the_old_record_is_not_shown(
    folder: LogsFolder,
) -> None:
    folder.put_records("jane-doe", folder.record("jane-doe"))
    folder.put_log("jane-doe-as-user.log", b"x: command not found\n", at=time.time() - 90)
    row = folder.row()
    assert (row.state, row.source, row.error) == ("unknown", "log", "x: command not found")
    assert "left no record" in row.notes[0]
    states = [start.source for start in folder.table().get_history("jane-doe").starts]
    assert states == ["log", "record"]


def test_row_when_the_old_hook_spelled_the_login_with_capitals_then_it_is_the_same_user(
    folder: LogsFolder,
) -> None:
    folder.put_log("Jane-Doe-as-user.log", b"old\n", at=HOUR_AGO.timestamp() - 86400)
    folder.put_records("jane-doe", folder.record("jane-doe"))
    listed = folder.table(list_users=lambda: {"jane-doe": HubUserHint()}).list_starts()
    assert [(row.user, row.state, row.nb_user) for row in listed.rows] == [
        ("jane-doe", "ok", "jane-doe")
    ]
    assert "Older files under another spelling are left out: Jane-Doe." in listed.notes


def test_row_when_the_only_logs_are_under_the_typed_login_then_the_hub_name_gets_them(
    folder: LogsFolder,
) -> None:
    folder.put_log("Jane-Doe-as-user.log")
    users = {"jane-doe": HubUserHint()}
    assert folder.row(list_users=lambda: users).nb_user == "Jane-Doe"


@pytest.mark.parametrize(
    ("stem", "users", "expected"),
    [
        ("a--b", {"a--b"}, ("a--b", "")),
        ("a--b", {"a"}, ("a", "b")),
        ("a--b--canary", {"a--b"}, ("a--b", "canary")),
        ("a--b--canary", {"a", "a--b"}, ("a--b", "canary")),
        ("a--b--c", {"a"}, ("a", "b--c")),
        ("ada--canary", None, ("ada", "canary")),
        ("ada--canary", {"other"}, ("ada", "canary")),
    ],
)
def test_row_when_a_name_has_two_hyphens_then_known_users_decide(
    folder: LogsFolder, stem: str, users: set[str] | None, expected: tuple[str, str]
) -> None:
    folder.put_log(f"{stem}-as-user.log")
    hub = None if users is None else (lambda: {name: HubUserHint() for name in users})
    rows = folder.table(list_users=hub).list_starts().rows
    assert [(row.user, row.server_name) for row in rows if row.source == "log"] == [expected]
