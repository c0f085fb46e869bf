"""One log: its end, with the lines from stderr marked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from growth_admin.core.errors import InvalidInput, NotFound, StorageUnavailable
from growth_admin.startup.starts.logs import LOG_LIMIT_BYTES, read_log
from growth_admin.startup.starts.models import HubUserHint
from growth_admin.startup.starts.reader import read_tail
from tests.unit.startup.starts.logs_folder import HOUR_AGO, LogsFolder


def with_spans(folder: LogsFolder, *spans: list[int], **script: object) -> None:
    part = {"stderr_lines": list(spans), "dropped_bytes": 0, **script}
    folder.put_records("jane-doe", folder.record("jane-doe", "failed", script=part))


def test_log_when_a_record_belongs_to_it_then_stderr_is_marked(folder: LogsFolder) -> None:
    with_spans(folder, [2, 2], [4, 5])
    folder.put_log("jane-doe-as-user.log", b"out\nerr\nout\nerr\nerr\n")
    log = folder.table().get_log("jane-doe", "as-user.sh")
    assert (log.stderr_lines, log.first_line, log.is_truncated) == (((2, 2), (4, 5)), 1, False)
    assert (log.name, log.size_bytes, log.notes) == ("jane-doe-as-user.log", 20, ())


def test_log_when_it_is_long_then_its_end_comes_from_a_line_start_and_spans_move(
    folder: LogsFolder,
) -> None:
    line = b"%06d" + b"x" * 93 + b"\n"
    with_spans(folder, [10, 20], [7000, 7001], [8000, 8000])
    folder.put_log("jane-doe-as-user.log", b"".join(line % n for n in range(1, 8001)))
    log = folder.table().get_log("jane-doe", "as-user.sh")
    shown = log.text.splitlines()
    assert log.is_truncated and len(log.text) <= LOG_LIMIT_BYTES
    assert log.first_line is not None and shown[0].startswith(f"{log.first_line:06}")
    for (first, last), number in zip(log.stderr_lines, (7000, 8000), strict=True):
        assert shown[first - 1].startswith(f"{number:06}")
        assert last - first == (1 if number == 7000 else 0)


def test_log_when_a_span_begins_before_what_is_shown_then_it_begins_with_it(
    folder: LogsFolder,
) -> None:
    with_spans(folder, [1, 8000])
    folder.put_log("jane-doe-as-user.log", (b"x" * 99 + b"\n") * 8000)
    log = folder.table().get_log("jane-doe", "as-user.sh")
    assert log.stderr_lines == ((1, len(log.text.splitlines())),)


def test_log_when_it_is_one_endless_line_then_its_end_is_shown(folder: LogsFolder) -> None:
    folder.put_log("jane-doe-as-user.log", b"x" * (LOG_LIMIT_BYTES + 10))
    log = folder.table().get_log("jane-doe", "as-user.sh")
    assert (len(log.text), log.first_line, log.is_truncated) == (LOG_LIMIT_BYTES, 1, True)


def test_log_when_a_log_is_huge_then_only_its_end_is_read(folder: LogsFolder) -> None:
    path = folder.put_log("jane-doe-as-user.log", b"")
    with path.open("r+b") as file:
        file.truncate(3 * 1024**3)
        file.seek(0, os.SEEK_END)
        file.write(b"\nend\n")
    log = folder.table().get_log("jane-doe", "as-user.sh")
    assert log.text.endswith("end\n")
    assert (log.first_line, log.size_bytes) == (None, 3 * 1024**3 + 5)


def test_log_when_there_is_no_record_then_it_says_that_stderr_is_not_marked(
    folder: LogsFolder,
) -> None:
    folder.put_log("jane-doe-as-user.log", b"out\n")
    log = folder.table().get_log("jane-doe", "as-user.sh")
    assert (log.text, log.stderr_lines) == ("out\n", ())
    assert "no record of this start" in log.notes[0]


def test_log_when_it_is_of_another_start_then_its_lines_are_not_marked(folder: LogsFolder) -> None:
    with_spans(folder, [1, 1])
    folder.put_log("jane-doe-as-user.log", b"old\n", at=HOUR_AGO.timestamp() - 86400)
    log = folder.table().get_log("jane-doe", "as-user.sh")
    assert log.stderr_lines == ()
    assert "not written by the start of" in log.notes[0]


def test_log_when_spans_do_not_fit_then_none_is_marked(folder: LogsFolder) -> None:
    with_spans(folder, [1, 1], [50, 60])
    folder.put_log("jane-doe-as-user.log", b"one\ntwo\n")
    log = folder.table().get_log("jane-doe", "as-user.sh")
    assert (log.stderr_lines, len(log.notes)) == ((), 1)


def test_log_when_output_was_dropped_then_a_note_says_how_much(folder: LogsFolder) -> None:
    with_spans(folder, dropped_bytes=12345)
    folder.put_log("jane-doe-as-user.log", b"one\n")
    assert "12345 bytes" in folder.table().get_log("jane-doe", "as-user.sh").notes[0]


def test_log_when_the_one_before_is_asked_for_then_its_own_record_marks_it(
    folder: LogsFolder,
) -> None:
    def part(span: int) -> dict[str, object]:
        return {"stderr_lines": [[span, span]], "dropped_bytes": 0}

    folder.put_records(
        "jane-doe",
        folder.record("jane-doe", script=part(1)),
        folder.record("jane-doe", script=part(2)),
    )
    folder.put_log("jane-doe-as-user.log", b"new\nnew\n")
    folder.put_log("jane-doe-as-user.log.1", b"old\nold\n")
    log = folder.table().get_log("jane-doe", "as-user.sh", which=1)
    assert (log.text, log.stderr_lines) == ("old\nold\n", ((1, 1),))


def test_log_when_bytes_are_not_text_then_they_come_as_data(folder: LogsFolder) -> None:
    folder.put_log("jane-doe-as-user.log", b"<b>\x1b[31m\xff\x00\r\n")
    log = folder.table().get_log("jane-doe", "as-user.sh")
    assert log.text == "<b>\x1b[31m\ufffd\x00\r\n"
    log.model_dump_json()


@pytest.mark.parametrize(
    ("user", "script", "which", "error"),
    [
        ("jane-doe", "as-admin.sh", 0, InvalidInput),
        ("jane-doe", "../as-user.sh", 0, InvalidInput),
        ("jane-doe", "as-user.sh", 2, InvalidInput),
        ("jane-doe", "as-root.sh", 0, NotFound),
        ("jane-doe", "as-user.sh", 1, NotFound),
        ("nobody", "as-user.sh", 0, NotFound),
        ("../logs/jane-doe", "as-user.sh", 0, NotFound),
        ("", "as-user.sh", 0, NotFound),
        ("a\x00b", "as-user.sh", 0, NotFound),
    ],
)
def test_log_when_it_is_not_there_then_the_error_says_what(
    folder: LogsFolder, user: str, script: str, which: int, error: type[Exception]
) -> None:
    folder.put_log("jane-doe-as-user.log")
    with pytest.raises(error):
        folder.table().get_log(user, script, which=which)


def test_log_when_a_link_or_a_pipe_takes_its_place_then_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(StorageUnavailable):
            read_log(tmp_path / name, "jane-doe", "", "as-user.sh", None)
        with pytest.raises(StorageUnavailable):
            read_tail(tmp_path / name, 10)


def test_log_when_its_name_is_plain_then_the_hub_is_not_asked(folder: LogsFolder) -> None:
    def fail() -> dict[str, HubUserHint]:
        raise AssertionError("the hub was asked")

    for server_name in ("", "canary"):
        stem = "ada--canary" if server_name else "ada"
        folder.put_records(stem, folder.record("ada", server_name=server_name))
        folder.put_log(f"{stem}-as-user.log", stem.encode())
        log = folder.table(list_users=fail).get_log("ada", "as-user.sh", server_name)
        assert log.text == stem


def test_log_when_the_file_bears_the_name_of_somebody_else_then_the_right_one_is_shown(
    folder: LogsFolder,
) -> None:
    folder.put_records("ada", folder.record("ada", hub_user="ada-2"))
    folder.put_log("ada-as-user.log", b"of ada-2\n")
    folder.put_records("ada-1", folder.record("ada-1", hub_user="ada"))
    folder.put_log("ada-1-as-user.log", b"of ada\n")
    table = folder.table()
    assert table.get_log("ada", "as-user.sh").text == "of ada\n"
    assert table.get_log("ada-2", "as-user.sh").text == "of ada-2\n"


# -- history


def test_history_when_there_are_records_then_the_newest_is_first(folder: LogsFolder) -> None:
    folder.put_records(
        "jane-doe", folder.record("jane-doe", "failed"), folder.record("jane-doe", "ok")
    )
    folder.put_log("jane-doe-as-user.log")
    history = folder.table().get_history("jane-doe")
    assert [start.state for start in history.starts] == ["ok", "failed"]
    assert [start.scripts[1].log for start in history.starts] == ["jane-doe-as-user.log", ""]


def test_history_when_a_hub_user_never_started_then_it_is_empty(folder: LogsFolder) -> None:
    table = folder.table(list_users=lambda: {"late": HubUserHint()})
    assert table.get_history("late").starts == ()
    with pytest.raises(NotFound):
        table.get_history("late", "canary")
    with pytest.raises(NotFound):
        folder.table().get_history("late")


def test_history_when_it_is_of_a_named_server_then_the_default_is_not_in_it(
    folder: LogsFolder,
) -> None:
    folder.put_records("ada", folder.record("ada"))
    folder.put_records("ada--canary", folder.record("ada", "failed", server_name="canary"))
    table = folder.table()
    assert [one.state for one in table.get_history("ada", "canary").starts] == ["failed"]
    assert [one.state for one in table.get_history("ada").starts] == ["ok"]
