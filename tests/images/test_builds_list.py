"""The list of builds: what it says of each, and that it reads each of them once."""

from __future__ import annotations

import sys
from pathlib import Path

from growth_admin.core.schema import now
from growth_admin.images.builds.models import BuildEnd, Contents, InstalledPackage, KnownBuilds
from growth_admin.images.builds.records import SHOWN, BuildRecords
from growth_admin.images.builds.store import BuildStore

OPENED: list[str] = []
IS_COUNTING: list[bool] = []


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and IS_COUNTING:
        OPENED.append(str(arguments[0]))


sys.addaudithook(_note)


def opened_by(records: BuildRecords) -> list[str]:
    """Return the names of the files of builds that one listing opens."""
    OPENED.clear()
    IS_COUNTING.append(True)
    try:
        records.list_records()
    finally:
        IS_COUNTING.clear()
    return [Path(name).name for name in OPENED if name.endswith(".json")]


def add(store: BuildStore, *, ends: bool = True, is_old: bool = False) -> int:
    """Write one build down, as this version does or as one before it did."""
    number = store.claim(3, author="ada", reason="for Tuesday").number
    if ends:
        package = InstalledPackage(kind="pip", name="stars", version="1.0")
        store.keep_contents(number, Contents(python_version="3.13.1", packages=(package,)))
        end = BuildEnd(state="succeeded", time=now(), digest="sha256:1", python_version="3.13.1")
        store.end(number, end if is_old else end.model_copy(update={"packages": 1}))
    return number


def test_builds_when_listed_again_then_no_file_is_read_but_those_of_what_goes_on(
    tmp_path: Path,
) -> None:
    store, records = BuildStore(tmp_path), BuildRecords(BuildStore(tmp_path))
    for _ in range(20):
        add(store)
    running = add(store, ends=False)
    assert len(opened_by(records)) > 40
    records.list_records()  # takes its own copy over
    found = opened_by(records)
    assert found and all(name.startswith(f"{running:06d}") for name in found)


def test_builds_when_another_server_listed_them_then_one_file_is_read(tmp_path: Path) -> None:
    store = BuildStore(tmp_path)
    for _ in range(20):
        add(store)
    BuildRecords(store).list_records()
    fresh = BuildRecords(store)
    assert opened_by(fresh) == ["known.json"]
    assert [record.claim.number for record in fresh.list_records()[0]] == list(range(20, 0, -1))


def test_build_when_its_end_is_written_anew_then_the_list_says_the_new_one(tmp_path: Path) -> None:
    store, records = BuildStore(tmp_path), BuildRecords(BuildStore(tmp_path))
    number = add(store)
    records.list_records()
    store.end(number, BuildEnd(state="failed", time=now(), problem="it was looked at again"))
    (record,) = records.list_records()[0]
    assert record.end is not None and record.end.problem == "it was looked at again"


def test_build_when_an_older_version_ended_it_then_its_contents_are_counted(
    tmp_path: Path,
) -> None:
    store = BuildStore(tmp_path)
    add(store, is_old=True)
    (record,) = BuildRecords(store).list_records()[0]
    assert (record.packages, record.python_version) == (1, "3.13.1")


def test_copy_when_it_is_damaged_or_false_then_the_files_themselves_count(tmp_path: Path) -> None:
    store = BuildStore(tmp_path)
    add(store)
    BuildRecords(store).list_records()
    copy = tmp_path / "known.json"
    kept = KnownBuilds.model_validate_json(copy.read_text()).builds[0]
    other = kept.record.claim.model_copy(update={"author": "eve"})
    record = kept.record.model_copy(update={"claim": other})
    false = kept.model_copy(update={"record": record, "mark": (1, 2, 3)})
    copy.write_text(KnownBuilds(builds=(false,)).model_dump_json())
    assert BuildRecords(store).list_records()[0][0].claim.author == "ada"
    copy.write_text("damaged")
    assert BuildRecords(store).list_records()[0][0].claim.author == "ada"


def test_copy_when_it_cannot_be_written_then_the_builds_are_listed_all_the_same(
    tmp_path: Path,
) -> None:
    store = BuildStore(tmp_path)
    add(store)
    (tmp_path / "known.json").mkdir()  # root may write anywhere, but not over a folder
    records, notes, _ = BuildRecords(store).list_records()
    assert len(records) == 1 and notes == []


def test_record_when_one_is_damaged_then_the_others_are_listed_and_it_is_named(
    tmp_path: Path,
) -> None:
    store = BuildStore(tmp_path)
    add(store)
    add(store)
    (tmp_path / "000001.json").write_text("damaged")
    records, notes, _ = BuildRecords(store).list_records()
    assert [record.claim.number for record in records] == [2]
    assert "Build 1 is not listed" in notes[0] and "000001.json" in notes[0]


def test_builds_when_there_are_very_many_then_the_newest_are_listed_and_the_rest_is_counted(
    tmp_path: Path,
) -> None:
    store = BuildStore(tmp_path)
    claim = store.claim(1, author="ada", reason="x")
    for number in range(1, SHOWN + 4):
        text = claim.model_copy(update={"number": number}).model_dump_json()
        (tmp_path / f"{number:06d}.json").write_text(text)
    records, _, left_out = BuildRecords(store).list_records()
    assert (len(records), records[0].claim.number, left_out) == (SHOWN, SHOWN + 3, 3)
