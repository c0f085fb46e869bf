"""The table of who has which version, from files as the start chain leaves them."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.errors import StorageUnavailable
from growth_admin.datasets.models import (
    Dataset,
    ReceiptCounts,
    ReceiptRow,
    SourceRecord,
    Version,
)
from growth_admin.datasets.receipts.table import LIMIT_BYTES, ReceiptReader

TIME = "2026-11-23T08:41:02Z"
STUDENTS, DATASETS = 1000, 20
WARM_LIMIT_S = 0.1


def dataset(name: str = "stars", current: str = "v3", **more: Any) -> Dataset:
    """A dataset as the library tells of it."""
    return Dataset(
        name=name, current=current, path=f"/nfs/data/{name}", size_bytes=1, versions=(), **more
    )


def holding(name: str = "stars", **more: Any) -> dict[str, Any]:
    """One entry of a receipt: an intact link, unless said otherwise."""
    entry = {
        "name": name, "delivery": "link", "version": "v2", "state": "current",
        "edited_files": 0, "detail": "",
    }  # fmt: skip
    return entry | more


def leave(folder: Path, user: str, *holdings: dict[str, Any]) -> Path:
    """Leave a receipt as the chain does."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{user}.json"
    receipt = {"schema": 1, "user": user, "uid": 5001, "time": TIME, "datasets": holdings}
    staged = folder / f"{user}.json.0123.tmp"
    staged.write_text(json.dumps(receipt))
    staged.rename(path)
    return path


def row_of(tmp_path: Path, what: Dataset, *holdings: dict[str, Any]) -> ReceiptRow:
    """The row of a student who has these."""
    leave(tmp_path / "receipts", "jane-doe", *holdings)
    (row,) = ReceiptReader(tmp_path / "receipts").table(what).rows
    return row


def test_state_when_the_link_stands_then_the_student_has_what_is_current_now(
    tmp_path: Path,
) -> None:
    row = row_of(tmp_path, dataset(), holding(version="v2"))
    assert (row.user, row.state, row.version, row.delivery) == (
        "jane-doe",
        "current",
        "v3",
        "link",
    )
    assert row.time == datetime(2026, 11, 23, 8, 41, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("version", "current", "state"),
    [("v3", "v3", "current"), ("v2", "v3", "behind"), ("v3", "v2", "behind")],
)
def test_state_when_it_is_a_copy_then_its_version_decides(
    tmp_path: Path, version: str, current: str, state: str
) -> None:
    row = row_of(
        tmp_path,
        dataset(current=current, delivery="copy"),
        holding(delivery="copy", version=version),
    )
    assert (row.state, row.version) == (state, version)


@pytest.mark.parametrize("state", ["edited", "partial"])
def test_state_when_the_student_edited_or_the_copy_is_cut_then_it_is_as_reported(
    tmp_path: Path, state: str
) -> None:
    told = holding(delivery="copy", version="v3", state=state, edited_files=2, detail="2 edited")
    row = row_of(tmp_path, dataset(delivery="copy"), told)
    assert (row.state, row.edited_files, row.detail) == (state, 2, "2 edited")


@pytest.mark.parametrize(
    ("published", "state"),
    [("2026-11-23T08:41:01Z", "missing"), ("2026-11-23T08:41:03Z", "behind")],
)
@pytest.mark.parametrize("had", [holding("stars"), holding("galaxies", state="missing")])
def test_state_when_it_is_not_there_then_what_was_published_after_the_last_start_is_no_fault(
    tmp_path: Path, published: str, state: str, had: dict[str, Any]
) -> None:
    version = Version(
        name="galaxies",
        version="v2",
        published=published,
        published_by="tess",
        size_bytes=1,
        files=1,
        source=SourceRecord(kind="unknown", link=""),
        verified_with="",
        manifest_sha256="",
    )
    galaxies = dataset("galaxies", "v2").model_copy(update={"versions": (version,)})
    row = row_of(tmp_path, galaxies, had)
    assert (row.state, row.time.isoformat()) == (state, "2026-11-23T08:41:02+00:00")
    counts = ReceiptReader(tmp_path / "receipts").counts([galaxies])["galaxies"]
    assert counts == ReceiptCounts(**{state: 1})


def test_state_when_nobody_knows_when_it_was_published_then_missing(tmp_path: Path) -> None:
    row = row_of(tmp_path, dataset("galaxies", "v1", delivery="copy"), holding("stars"))
    assert (row.state, row.version, row.delivery) == ("missing", "", "copy")


def test_state_when_the_dataset_is_a_plain_folder_then_its_link_is_current(tmp_path: Path) -> None:
    row = row_of(tmp_path, dataset(current="", is_managed=False), holding(version=""))
    assert (row.state, row.version) == ("current", "")


def test_state_when_every_version_is_in_the_trash_then_a_link_has_nothing(tmp_path: Path) -> None:
    assert row_of(tmp_path, dataset(current=""), holding()).state == "missing"


def test_counts_when_many_then_each_student_is_counted_once_per_dataset(tmp_path: Path) -> None:
    folder = tmp_path / "receipts"
    leave(folder, "ada", holding("stars"), holding("moons", delivery="copy", version="v1"))
    leave(folder, "ben", holding("stars", state="edited"))
    reader = ReceiptReader(folder)
    assert reader.counts([dataset("stars"), dataset("moons", "v2", delivery="copy")]) == {
        "stars": ReceiptCounts(current=1, edited=1),
        "moons": ReceiptCounts(behind=1, missing=1),
    }
    table = reader.table(dataset("stars"))
    assert [row.user for row in table.rows] == ["ada", "ben"]
    assert table.counts == ReceiptCounts(current=1, edited=1)


def test_reader_when_a_receipt_changes_then_the_next_look_shows_it(tmp_path: Path) -> None:
    folder = tmp_path / "receipts"
    leave(folder, "ada", holding())
    reader = ReceiptReader(folder)
    assert reader.table(dataset()).counts.current == 1
    leave(folder, "ada", holding(state="edited", edited_files=1))
    leave(folder, "ben", holding())
    counts = reader.table(dataset()).counts
    assert (counts.edited, counts.current) == (1, 1)
    (folder / "ada.json").unlink()
    assert [row.user for row in reader.table(dataset()).rows] == ["ben"]


def test_reader_when_the_folder_is_not_there_then_nobody_is_known(tmp_path: Path) -> None:
    reader = ReceiptReader(tmp_path / "nothing")
    assert reader.table(dataset()).rows == ()
    assert reader.counts([dataset()]) == {"stars": ReceiptCounts()}


def test_reader_when_the_folder_is_a_file_then_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "receipts").write_text("oops")
    with pytest.raises(StorageUnavailable):
        ReceiptReader(tmp_path / "receipts").rows()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"schema": 1}',
        '{"schema": 2, "time": "2026-11-23T08:41:02Z", "datasets": []}',
        '{"schema": 1, "time": "yesterday", "datasets": []}',
        '{"schema": 1, "time": "2026-11-23T08:41:02", "datasets": []}',
        '{"schema": 1, "time": "2026-11-23T08:41:02Z", "datasets": [{"name": "stars"}]}',
        '{"schema": 1, "time": "2026-11-23T08:41:02Z", "datasets": [1]}',
        "[" * 100_000,
        "\xff\xfe",
    ],
)
def test_reader_when_a_receipt_is_malformed_then_it_is_counted_and_left_out(
    tmp_path: Path, text: str
) -> None:
    folder = tmp_path / "receipts"
    leave(folder, "ada", holding())
    (folder / "ben.json").write_bytes(text.encode("latin-1"))
    table = ReceiptReader(folder).table(dataset())
    assert ([row.user for row in table.rows], table.unreadable) == (["ada"], 1)


def test_reader_when_something_poses_as_a_receipt_then_it_is_neither_followed_nor_waited_for(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "receipts"
    real = leave(folder, "ada", holding())
    (folder / "link.json").symlink_to(real)
    (folder / "folder.json").mkdir()
    os.mkfifo(folder / "pipe.json")
    (folder / "huge.json").write_bytes(b" " * (LIMIT_BYTES + 1))
    (folder / "ada.json.77aa.tmp").write_text("half")
    (folder / ".hidden.json").write_text("no")
    table = ReceiptReader(folder).table(dataset())
    assert ([row.user for row in table.rows], table.unreadable) == (["ada"], 4)


def test_reader_when_a_thousand_students_have_twenty_datasets_then_a_warm_look_is_quick(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "receipts"
    names = [f"set-{number}" for number in range(DATASETS)]
    for number in range(STUDENTS):
        leave(folder, f"student-{number:04}", *(holding(name) for name in names))
    published = [dataset(name) for name in names]
    reader = ReceiptReader(folder)
    reader.rows()
    spent_s = []
    for _ in range(5):
        begun = time.process_time()
        counts = reader.counts(published)
        table = reader.table(published[0])
        spent_s.append(time.process_time() - begun)
    assert min(spent_s) < WARM_LIMIT_S
    assert counts["set-7"].current == len(table.rows) == STUDENTS
