"""One row per server: from records."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.errors import HubUnavailable, StorageUnavailable
from growth_admin.core.paths import Paths
from growth_admin.startup.starts.manager import StartTable
from growth_admin.startup.starts.models import START_STATES, HubUserHint
from tests.bench.synthetic_school import write_school
from tests.unit.startup.starts.logs_folder import HOUR_AGO, LogsFolder

OLD = {"as-root.sh": "a" * 64, "as-user.sh": "b" * 64}


def live_of(record: dict[str, Any]) -> dict[str, str]:
    return {script["name"]: script["sha256"] for script in record["scripts"]}


def test_row_when_start_was_ok_then_everything_of_the_record_is_there(folder: LogsFolder) -> None:
    record = folder.record("jane-doe")
    folder.put_records("jane-doe", folder.record("jane-doe", "failed"), record)
    folder.put_log("jane-doe-as-user.log")
    folder.put_log("jane-doe-as-user.log.1")
    row = folder.row(live_sha256=lambda: live_of(record), revision_number=lambda script, sha256: 31)
    assert (row.state, row.source, row.started, row.starts_known) == ("ok", "record", HOUR_AGO, 2)
    assert row.image == "growth-school/notebook:2026.11"
    as_root, as_user = row.scripts
    assert (as_user.revision, as_user.log, as_user.has_previous_log) == (
        31,
        "jane-doe-as-user.log",
        True,
    )
    assert (as_root.log, as_root.has_previous_log) == ("", False)
    assert row.error == row.script == ""


def test_row_when_the_record_tells_of_datasets_then_they_are_there(folder: LogsFolder) -> None:
    told = [
        {"name": "catalogue", "version": "v3", "state": "current", "more": 1},
        {"name": "plain", "version": "", "state": "edited"},
    ]
    folder.put_records("jane-doe", folder.record("jane-doe", data=told))
    folder.put_records("old-chain", folder.record("old-chain"))
    rows = {row.user: row for row in folder.table().list_starts().rows}
    assert [(one.name, one.version, one.state) for one in rows["jane-doe"].data] == [
        ("catalogue", "v3", "current"),
        ("plain", "", "edited"),
    ]
    assert rows["old-chain"].data == ()


@pytest.mark.parametrize(
    ("state", "script", "error"),
    [
        ("failed", {"error": "cp: no", "exit_code": 3}, "cp: no"),
        ("failed", {"error": "", "exit_code": 3}, "ended with exit code 3 and no error output"),
        (
            "failed",
            {"error": "'/bin/bash\\r': no such interpreter", "problems": ["crlf"]},
            "'/bin/bash\\r': no such interpreter (the script has Windows line ends)",
        ),
        (
            "failed",
            {"error": "ended by signal 9", "state": "killed", "signal": 9},
            "was ended by SIGKILL (9)",
        ),
        ("timed-out", {}, "was stopped after 60 s"),
        ("timed-out", {"error": "waiting"}, "was stopped after 60 s; last error output: waiting"),
        ("empty-log", {"error": ""}, "is not executable, so it did not run"),
        ("empty-log", {"error": "", "state": "empty"}, "is an empty file"),
        ("missing", {"error": ""}, "is not there"),
        ("unreadable", {"error": "a FIFO", "state": "unreadable"}, "a FIFO"),
    ],
)
def test_row_when_start_went_wrong_then_it_names_script_and_reason(
    folder: LogsFolder, state: str, script: dict[str, Any], error: str
) -> None:
    record = folder.record("jane-doe", state, script=script)
    folder.put_records("jane-doe", record)
    row = folder.row()
    assert (row.state, row.script, row.error) == (state, "as-user.sh", error)
    assert (row.exit_code, row.signal) == (
        record["scripts"][1]["exit_code"],
        record["scripts"][1]["signal"],
    )


def test_row_when_mount_was_sick_then_as_root_is_named(folder: LogsFolder) -> None:
    folder.put_records("jane-doe", folder.record("jane-doe", "sick-mount"))
    assert folder.row().script == "as-root.sh"


def test_row_when_another_text_is_live_then_it_is_an_old_revision(folder: LogsFolder) -> None:
    folder.put_records("jane-doe", folder.record("jane-doe"))
    row = folder.row(live_sha256=lambda: OLD)
    assert (row.state, row.is_old_revision) == ("old-revision", True)


def test_row_when_an_old_text_failed_then_it_is_failed_and_old(folder: LogsFolder) -> None:
    folder.put_records("jane-doe", folder.record("jane-doe", "failed"))
    row = folder.row(live_sha256=lambda: OLD)
    assert (row.state, row.is_old_revision) == ("failed", True)


def test_row_when_a_canary_ran_a_candidate_then_it_is_not_old(folder: LogsFolder) -> None:
    record = folder.record("ada", server_name="canary", scripts_revision="0123abc")
    folder.put_records("ada--canary", record)
    row = folder.row("ada", "canary", live_sha256=lambda: OLD)
    assert (row.state, row.is_old_revision, row.candidate) == ("ok", False, "0123abc")


def test_row_when_something_goes_live_later_then_a_warm_table_says_so(folder: LogsFolder) -> None:
    record = folder.record("jane-doe")
    folder.put_records("jane-doe", record)
    live = live_of(record)
    table = folder.table(live_sha256=lambda: live)
    assert table.list_starts().rows[0].state == "ok"
    live = OLD
    assert table.list_starts().rows[0].state == "old-revision"
    folder.put_records("jane-doe", record, folder.record("jane-doe", "failed"))
    assert table.list_starts().rows[0].state == "failed"


def test_row_when_a_user_is_renamed_in_the_container_then_the_hub_name_stands(
    folder: LogsFolder,
) -> None:
    folder.put_records("admin-1", folder.record("admin-1", hub_user="admin"))
    row = folder.row("admin", list_users=lambda: {"admin": HubUserHint(nb_user="admin-1")})
    assert (row.nb_user, row.is_hub_user, row.state) == ("admin-1", True, "ok")


def test_list_when_hub_has_more_users_then_they_never_started(folder: LogsFolder) -> None:
    folder.put_records("jane-doe", folder.record("jane-doe"))
    listed = folder.table(
        list_users=lambda: {"jane-doe": HubUserHint(), "late": HubUserHint()}
    ).list_starts()
    assert [(row.user, row.state) for row in listed.rows] == [
        ("jane-doe", "ok"),
        ("late", "never-started"),
    ]
    assert set(listed.counts) == set(START_STATES)
    assert (listed.counts["ok"], listed.counts["never-started"]) == (1, 1)
    assert listed.notes == ()


def test_list_when_somebody_left_the_hub_then_the_row_says_so(folder: LogsFolder) -> None:
    folder.put_records("gone", folder.record("gone"))
    assert folder.row("gone", list_users=dict).is_hub_user is False
    assert folder.row("gone").is_hub_user is None


def test_row_when_hub_started_a_server_later_then_the_old_record_is_not_shown_as_its_own(
    folder: LogsFolder,
) -> None:
    folder.put_records("jane-doe", folder.record("jane-doe"))
    hint = HubUserHint(ready_since=HOUR_AGO + timedelta(minutes=30))
    row = folder.row(list_users=lambda: {"jane-doe": hint})
    assert (row.state, row.started) == ("unknown", hint.ready_since)
    assert "was ok" in row.notes[0]
    soon = HubUserHint(ready_since=HOUR_AGO - timedelta(seconds=40))
    assert folder.row(list_users=lambda: {"jane-doe": soon}).state == "ok"


def test_row_when_a_running_server_left_no_trace_then_it_is_unknown_not_never_started(
    folder: LogsFolder,
) -> None:
    row = folder.row(list_users=lambda: {"jane-doe": HubUserHint(ready_since=HOUR_AGO)})
    assert row.state == "unknown"
    assert "is the chain in the image?" in row.notes[0]


def test_list_when_collaborators_fail_then_the_table_comes_with_notes(folder: LogsFolder) -> None:
    def fail(*_: str) -> Any:
        raise HubUnavailable("The hub is asleep.")

    folder.put_records("jane-doe", folder.record("jane-doe"))
    listed = folder.table(list_users=fail, live_sha256=fail, revision_number=fail).list_starts()
    assert [row.state for row in listed.rows] == ["ok"]
    assert sorted(listed.notes) == [
        "Old revisions are not marked. The hub is asleep.",
        "Revisions are shown without numbers. The hub is asleep.",
        "Who never started is not listed. The hub is asleep.",
    ]


# -- damage


@pytest.mark.parametrize("middle", [b'{"schema": 1, "us', b"\x00\xff garbage", b"[" * 100_000])
def test_list_when_a_line_in_the_middle_is_damaged_then_it_is_counted(
    folder: LogsFolder, middle: bytes
) -> None:
    folder.put_records("jane-doe", middle, folder.record("jane-doe"))
    listed = folder.table().list_starts()
    assert listed.rows[0].state == "ok"
    assert (listed.unreadable_records, listed.rows[0].unreadable_records) == (1, 1)
    assert "1 record is cut or garbled and left out: jane-doe." in listed.notes
    history = folder.table().get_history("jane-doe")
    assert (history.unreadable_records, len(history.starts)) == (1, 1)


@pytest.mark.parametrize(
    "end",
    [
        b'{"schema": 1, "us',
        b"}{",
        b"null",
        b'{"schema": 2}',
        b'{"schema": 1, "duration_s": NaN}',
        b"[" * 100_000,
    ],
)
def test_row_when_the_last_line_is_damaged_then_the_start_before_is_not_shown_as_the_last(
    folder: LogsFolder, end: bytes
) -> None:
    folder.put_records("jane-doe", folder.record("jane-doe"), end)
    row = folder.row()
    assert (row.state, row.unreadable_records, row.starts_known) == ("unknown", 1, 2)
    assert "cut or garbled" in row.notes[0]
    history = folder.table().get_history("jane-doe")
    assert [start.state for start in history.starts] == ["unknown", "ok"]


def test_row_when_a_record_holds_bytes_that_are_not_utf8_then_it_is_read(
    folder: LogsFolder,
) -> None:
    record = folder.record("jane-doe", "failed", script={"error": "bad \udcff name"})
    folder.put_records("jane-doe", record)
    listed = folder.table().list_starts()
    assert listed.rows[0].error == "bad ? name"
    assert "bad ? name" in listed.model_dump_json()


def test_row_when_a_record_has_fields_of_a_newer_chain_then_it_is_read(folder: LogsFolder) -> None:
    folder.put_records("jane-doe", folder.record("jane-doe", weather="fine"))
    assert folder.row().state == "ok"


def test_row_when_the_records_file_is_empty_then_it_is_unknown(folder: LogsFolder) -> None:
    folder.put_records("jane-doe")
    assert (folder.row().state, folder.row().notes) == (
        "unknown",
        ("The file of records is empty.",),
    )


def test_row_when_markup_is_in_names_and_errors_then_it_stays_as_it_is(folder: LogsFolder) -> None:
    bad = "<script>alert(1)</script>"
    folder.put_records("x", folder.record("x", "failed", hub_user=bad, script={"error": bad}))
    row = folder.row(bad)
    assert (row.user, row.error) == (bad, bad)


# -- odd files


def test_list_when_links_and_pipes_pose_as_files_then_they_are_named_and_not_opened(
    folder: LogsFolder, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(json.dumps(folder.record("mallory", "failed")))
    (folder.records / "mallory.jsonl").symlink_to(secret)
    os.mkfifo(folder.records / "pipe.jsonl")
    os.mkfifo(folder.logs / "pipe-as-user.log")
    (folder.logs / "folder-as-root.log").mkdir()
    listed = folder.table().list_starts()
    assert listed.rows == ()
    (note,) = (note for note in listed.notes if "Not regular files" in note)
    for name in ("mallory.jsonl", "pipe.jsonl", "pipe-as-user.log", "folder-as-root.log"):
        assert name in note


def test_list_when_names_are_odd_then_every_row_can_be_asked_for(folder: LogsFolder) -> None:
    names = [
        "jörg müller",
        "a\nb",
        "--",
        "x-as-root",
        "<b>",
        "ünï--servér",
        "emoji-🦀",
        "\udcff\udcfe",
    ]
    for name in names:
        folder.put_log(f"{name}-as-user.log", b"done\n")
    table = folder.table()
    listed = table.list_starts()
    assert len(listed.rows) == len(names)
    listed.model_dump_json()
    for row in listed.rows:
        found = table.get_log(row.user, "as-user.sh", row.server_name)
        assert (found.text, found.user) == ("done\n", row.user)


def test_list_when_staged_and_foreign_files_lie_around_then_they_are_ignored(
    folder: LogsFolder,
) -> None:
    folder.put_log(".lock")
    folder.put_log("README.log")
    folder.put_log("jane-doe-as-user.log.1a2b.tmp")
    (folder.records / "jane-doe.jsonl.77aa.tmp").write_text("{")
    assert folder.table().list_starts().rows == ()


def test_list_when_the_folder_is_missing_then_a_note_says_so(folder: LogsFolder) -> None:
    folder.records.rmdir()
    folder.logs.rmdir()
    listed = folder.table(list_users=lambda: {"jane-doe": HubUserHint()}).list_starts()
    assert [row.state for row in listed.rows] == ["never-started"]
    assert "does not exist" in listed.notes[0]


def test_list_when_the_logs_folder_is_a_file_then_it_is_an_error(folder: LogsFolder) -> None:
    folder.records.rmdir()
    folder.logs.rmdir()
    folder.logs.write_text("")
    with pytest.raises(StorageUnavailable):
        folder.table().list_starts()


# -- many


def test_list_when_files_vanish_then_a_warm_table_forgets_them(folder: LogsFolder) -> None:
    path = folder.put_records("jane-doe", folder.record("jane-doe"))
    table = folder.table()
    assert len(table.list_starts().rows) == 1
    path.unlink()
    assert table.list_starts().rows == ()


def test_list_when_threads_and_starts_come_at_once_then_no_call_fails(folder: LogsFolder) -> None:
    table, errors = folder.table(), []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            try:
                table.list_starts()
            except BaseException as error:
                errors.append(error)
                raise

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(150):
        staged = folder.put_records(f"staged-{number}", folder.record(f"u{number % 20}"))
        staged.replace(folder.records / f"u{number % 20}.jsonl")
        if number % 7 == 0:
            (folder.records / f"u{number % 20}.jsonl").unlink()
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert not [row for row in table.list_starts().rows if row.unreadable_records]


def test_list_when_the_school_is_large_then_states_agree_and_a_warm_look_is_quick(
    tmp_path: Path, seconds: Callable[[Callable[[], object]], float]
) -> None:
    school = write_school(tmp_path, students=1000, starts=10, never=20, plain=20)
    hints = {user: HubUserHint(nb_user=nb_user) for user, nb_user in school.nb_users.items()}
    hints.update({f"idle{number}": HubUserHint() for number in range(9_000)})
    starts = StartTable(
        Paths(tmp_path, tmp_path),
        list_users=lambda: hints,
        live_sha256=lambda: school.live_sha256,
    )
    listed = starts.list_starts()
    assert len(listed.rows) == 10_000
    states = {row.user: row.state for row in listed.rows}
    assert {user: states[user] for user in school.states} == school.states
    assert seconds(starts.list_starts) < 1.0


def test_account_numbers_when_starts_recorded_them_then_those_of_the_last_default_starts(
    folder: LogsFolder,
) -> None:
    def put(stem: str, *numbers: str, **more: str) -> None:
        folder.put_records(
            stem, *(folder.record(stem, github_id=number, **more) for number in numbers)
        )

    put("jane-doe", "1", "583231", hub_user="jane-doe")
    put("u-2026_0123abcd", "583232", hub_user="2026")
    put("ada--canary", "583233", hub_user="ada", server_name="canary")
    put("old-hub", "", hub_user="old-hub")
    put("odd", "12x", hub_user="odd")
    folder.put_records("garbled", b"{")
    folder.put_log("plain-as-root.log")
    assert folder.table().list_account_numbers() == {"jane-doe": 583231, "2026": 583232}
