"""What there is and what it takes, also where somebody left nonsense."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

import pytest

from growth_admin.core.errors import NotFound, StorageUnavailable
from growth_admin.datasets.publish.folder import Folder
from growth_admin.datasets.publish.library import Library
from tests.unit.datasets.publish.staged import Told, draft, publish, put_files, whole

WARM_LIMIT_S = 0.05


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "data", user="tess")


def test_list_when_there_is_no_data_folder_then_it_is_empty(library: Library) -> None:
    assert library.list_datasets() == ()
    assert library.staged_jobs() == ()
    assert library.purge_expired() == 0
    assert library.forget_unfinished(()) == ()
    assert library.space().parts == ()
    assert library.fingerprint("stars")["current"] == ""
    with pytest.raises(NotFound):
        library.get_dataset("stars")


def test_list_when_there_are_plain_folders_then_they_are_there_with_their_size(
    library: Library,
) -> None:
    publish(library, "job-1", whole(1))
    (library.data / "old stuff" / "deep").mkdir(parents=True)
    (library.data / "old stuff" / "deep" / "a").write_bytes(b"x" * 1000)
    (library.data / "notes.txt").write_bytes(b"x" * 10)
    (library.data / "away").symlink_to("/nowhere")
    found = {d.name: (d.is_managed, d.size_bytes) for d in library.list_datasets()}
    assert found == {
        "stars": (True, 6),
        "old stuff": (False, 1000),
        "notes.txt": (False, 10),
        "away": (False, 0),
    }
    assert library.get_dataset("old stuff").current == ""
    for name in ("..", ".versions", "old stuff/deep", "", "x\0"):
        with pytest.raises(NotFound):
            library.get_dataset(name)


def test_folder_when_it_is_deeper_than_python_recurses_then_it_is_listed_and_can_be_deleted(
    library: Library,
) -> None:
    library.data.mkdir()
    here = os.open(library.data, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("nested", dir_fd=here)
        there = os.open("nested", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = there
    os.close(os.open("bottom", os.O_WRONLY | os.O_CREAT, dir_fd=here))
    os.close(here)
    assert [d.name for d in library.list_datasets()] == ["nested"]
    with Folder.at(library.data) as folder:
        folder.remove("nested")
        assert "nested" not in folder.names()


def test_list_when_there_are_fifty_datasets_of_five_versions_then_it_takes_no_time(
    library: Library,
) -> None:
    library = Library(library.data, user="tess", keep_versions=5)
    for number in range(50):
        for version in range(5):
            publish(library, f"job-{number}-{version}", {"a": b"a"}, name=f"d{number:02}")
    for folder in (library.data / ".versions").iterdir():
        os.utime(folder, (time.time() - 60, time.time() - 60))
    assert len(library.list_datasets()) == 50
    times_s = []
    for _ in range(9):
        begun_s = time.perf_counter()
        found = library.list_datasets()
        library.space(found)
        times_s.append(time.perf_counter() - begun_s)
    print(f"\nlisted 50 x 5 versions in {statistics.median(times_s) * 1e3:.1f} ms (warm)")
    assert statistics.median(times_s) < WARM_LIMIT_S
    assert sum(len(dataset.versions) for dataset in found) == 250
    Library(library.data, user="tom").restore("d07", "v2")
    assert library.list_datasets()[7].current == "v2"
    library.delete("d08", free_now=True)
    assert len(library.list_datasets()) == 49


def test_space_when_asked_then_every_part_is_told(library: Library) -> None:
    for number in (1, 2, 3):
        publish(library, f"job-{number}", whole(number))
    library.delete("stars", "v1")
    (library.data / "plain").mkdir()
    (library.data / "plain" / "a").write_bytes(b"x" * 100)
    put_files(library.stage("job-9"), {"a": b"x" * 50})
    space = library.space()
    assert {(part.name, part.what): part.size_bytes for part in space.parts} == {
        ("stars", "current"): 6,
        ("stars", "earlier"): 6,
        ("stars", "trash"): 6,
        ("plain", "unmanaged"): 100,
        ("job-9", "staging"): 50,
    }
    assert 0 < space.free_bytes <= space.total_bytes


def test_fingerprint_when_anything_changes_then_it_does(library: Library) -> None:
    publish(library, "job-1", whole(1))
    publish(library, "job-2", whole(2))
    seen = [library.fingerprint("stars")]
    library.restore("stars", "v1")
    seen.append(library.fingerprint("stars"))
    library.delete("stars", "v2")
    seen.append(library.fingerprint("stars"))
    library.verify("stars", "v1", by="tom", control=Told())
    assert library.fingerprint("stars") == seen[-1]
    assert len({str(each) for each in seen}) == 3


# -- nonsense, by accident or by a TA who means harm


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "moons"}', "\0" * 100, "x" * 5_000_000])
@pytest.mark.parametrize("victim", ["v1.json", "state.2.json"])
def test_record_when_it_is_malformed_then_it_is_told_and_the_rest_works(
    library: Library, victim: str, text: str
) -> None:
    publish(library, "job-1", whole(1))
    publish(library, "job-2", whole(2))
    (library.data / ".versions" / "stars" / victim).write_text(text)
    fresh = Library(library.data, user="tom")
    dataset = fresh.get_dataset("stars")
    assert dataset.current == "v2"
    assert any(victim in problem for problem in fresh.problems())
    assert fresh.forget_unfinished((), older_than_s=0) == ()
    assert (library.data / ".versions" / "stars" / "v2").is_dir()
    assert publish(fresh, "job-3", whole(3)).version.version == "v3"
    assert (library.data / "stars").resolve().name == "v3"
    assert fresh.restore("stars", "v2") == "v3"


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_record_when_it_is_no_file_then_it_is_told_and_not_waited_for(
    library: Library, kind: str
) -> None:
    publish(library, "job-1", whole(1))
    record = library.data / ".versions" / "stars" / "v9.json"
    if kind == "link":
        record.symlink_to("/etc/passwd")
    elif kind == "pipe":
        os.mkfifo(record)
    else:
        record.mkdir()
    assert [v.version for v in library.get_dataset("stars").versions] == ["v1"]
    assert any("v9.json" in problem for problem in library.problems())
    assert publish(library, "job-2", whole(2)).version.version == "v10"


def test_folder_when_it_is_a_link_to_elsewhere_then_nothing_is_written_or_deleted_there(
    library: Library, tmp_path: Path
) -> None:
    publish(library, "job-1", whole(1))
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "files").mkdir(parents=True)
    (elsewhere / "precious").write_text("precious")
    before = sorted(path.name for path in elsewhere.rglob("*"))
    (library.data / ".versions" / "moons").symlink_to(elsewhere)
    (library.data / ".staging" / "job-2").symlink_to(elsewhere)
    stage = library.data / ".staging" / "job-2"
    with pytest.raises(StorageUnavailable):
        library.stage("job-2")
    with pytest.raises(StorageUnavailable):
        library.publish(stage, "suns", [], draft(), control=Told())
    with pytest.raises(StorageUnavailable):
        publish(library, "job-3", whole(3), name="moons")
    assert [d.name for d in library.list_datasets()] == ["stars"]
    library.purge_expired()
    library.forget_unfinished((), older_than_s=0)
    assert any("moons" in problem for problem in library.problems())
    library.discard("job-2")
    assert not stage.is_symlink()
    assert sorted(path.name for path in elsewhere.rglob("*")) == before


def test_trash_when_somebody_put_links_into_it_then_only_the_links_go(
    library: Library, tmp_path: Path
) -> None:
    publish(library, "job-1", whole(1))
    publish(library, "job-2", whole(2))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "precious").write_text("precious")
    folder = library.data / ".versions" / "stars"
    (folder / "v1" / "sly").symlink_to(tmp_path / "elsewhere")
    library.delete("stars", "v1")
    (folder / ".deleted-v1-sly").symlink_to(tmp_path / "elsewhere")
    library.delete("stars", "v1", free_now=True)
    assert not list(folder.glob(".deleted-*"))
    assert (tmp_path / "elsewhere" / "precious").read_text() == "precious"


def test_stage_when_somebody_put_a_link_into_the_tree_then_nothing_behind_it_is_changed(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "elsewhere" / "a.txt").write_text("a")
    (tmp_path / "elsewhere" / "a.txt").chmod(0o600)
    stage = library.stage("job-1")
    records = put_files(stage, {"d/a.txt": b"a"})
    (stage / "files" / "d").rename(tmp_path / "was")
    (stage / "files" / "d").symlink_to(tmp_path / "elsewhere")
    (stage / "files" / "MANIFEST.json").symlink_to(tmp_path / "elsewhere" / "a.txt")
    with pytest.raises(Exception, match="not what was verified"):
        library.publish(stage, "stars", records, draft(), control=Told())
    assert (tmp_path / "elsewhere" / "a.txt").read_text() == "a"
    assert (tmp_path / "elsewhere" / "a.txt").stat().st_mode & 0o777 == 0o600
