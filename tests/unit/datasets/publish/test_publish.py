"""One publication: what readers see, what it carries, what it refuses."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

import pooch
import pytest

from growth_admin.core.errors import Conflict, InvalidInput, NotFound
from growth_admin.datasets.publish.library import Library
from growth_admin.jobs.context import JobPaused
from tests.unit.datasets.publish.staged import (
    Told,
    draft,
    hidden,
    numbers_in,
    publish,
    put_files,
    whole,
)

ODD_NAMES = {
    "plain.txt": b"1",
    "with space/and 'quote'.txt": b"2",
    "#hash.txt": b"3",
    "back\\slash.txt": b"4",
    "Ünïcode/ß 日本.txt": b"5",
    'double "quote".txt': b"6",
    "$(touch oops) `x`.txt": b"7",
    "empty": b"",
}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    tmp_path.chmod(0o755)
    return Library(tmp_path / "data", user="tess")


class PausedAfterAReport(Told):
    """Stops the work when it asks for the first time after it told how far it is."""

    def check(self) -> None:
        if self.reports:
            raise JobPaused


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_publish_when_it_is_the_first_then_students_read_it_through_a_relative_link(
    library: Library,
) -> None:
    outcome = publish(library, "job-1", whole(1))
    assert (outcome.version.version, outcome.replaced, outcome.was_expected) == ("v1", "", True)
    assert os.readlink(library.data / "stars") == ".versions/stars/v1"
    assert numbers_in(library.data / "stars") == {"1\n"}
    assert outcome.version.is_current
    assert library.staged_jobs() == ()
    assert hidden(library.data) == []


def test_publish_when_done_then_nobody_can_write_and_all_can_read(library: Library) -> None:
    publish(library, "job-1", whole(1) | {"run.sh": b"#!/bin/sh\n"})
    for path in (library.data / "stars").resolve().rglob("*"):
        assert mode_of(path) == (0o755 if path.is_dir() else 0o444), path


def test_publish_when_the_data_folder_belongs_to_a_group_then_folders_do_too(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, -1, 43010)
    data.chmod(0o2775)
    library = Library(data, user="tess")
    publish(library, "job-1", whole(1))
    tree = data / ".versions" / "stars" / "v1"
    for path in (tree, *tree.rglob("*")):
        assert path.stat().st_gid == 43010
        assert mode_of(path) == (0o2775 if path.is_dir() else 0o444), path
    assert mode_of(library.stage("job-2")) == 0o2770
    assert mode_of(data / ".staging") == 0o2770


def test_publish_when_another_was_current_then_the_outcome_says_so(library: Library) -> None:
    publish(library, "job-1", whole(1))
    publish(library, "job-2", whole(2), replaces="v1")
    outcome = publish(library, "job-3", whole(3), replaces="v1")
    assert (outcome.version.version, outcome.replaced, outcome.was_expected) == ("v3", "v2", False)
    history = library.history("stars")
    assert [(s.version, s.replaced, s.was_expected, s.by) for s in history] == [
        ("v3", "v2", False, "tess"),
        ("v2", "v1", True, "tess"),
        ("v1", "", True, "tess"),
    ]


def test_publish_when_repeated_then_it_is_still_one_version(library: Library) -> None:
    stage = library.stage("job-1")
    records = put_files(stage, whole(1))
    first = library.publish(stage, "stars", records, draft(), control=Told())
    again = library.publish(stage, "stars", records, draft(), control=Told())
    assert again == first
    assert library.finish_publication("stars", "job-1") == first
    assert library.finish_publication("stars", "job-2") is None
    assert library.finish_publication("moons", "job-1") is None
    publish(library, "job-2", whole(2))
    put_files(stage, whole(1))  # a second run fetched everything again
    repeated = library.publish(stage, "stars", records, draft(), control=Told())
    assert repeated.version.version == "v1"
    assert not repeated.version.is_current
    assert numbers_in(library.data / "stars") == {"2\n"}


def test_checksums_when_checked_with_coreutils_and_openssl_then_they_hold(
    library: Library,
) -> None:
    publish(library, "job-1", ODD_NAMES)
    tree = library.data / "stars"
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tree, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == len(ODD_NAMES)
    told = subprocess.run(
        ["openssl", "dgst", "-sha256", "-r", "plain.txt"], cwd=tree, capture_output=True, text=True
    )
    assert told.stdout.split()[0] in (tree / "SHA256SUMS").read_text()


def test_registry_when_pooch_reads_it_then_every_file_is_fetched_and_verified(
    library: Library, tmp_path: Path
) -> None:
    publish(library, "job-1", ODD_NAMES)
    tree = library.data / "stars"
    registry = pooch.create(path=tree, base_url="https://nowhere.invalid/")
    registry.load_registry(tree / "registry.txt")
    assert set(registry.registry) == set(ODD_NAMES)
    for name in ODD_NAMES:  # a file that is there with the right hash is not asked for again
        assert Path(registry.fetch(name)).read_bytes() == ODD_NAMES[name]


def test_manifest_when_read_then_it_tells_source_who_when_and_each_file(library: Library) -> None:
    outcome = publish(library, "job-1", ODD_NAMES)
    manifest = json.loads((library.data / "stars" / "MANIFEST.json").read_text())
    assert manifest["source"]["link"] == "https://zenodo.org/records/1"
    assert manifest["published_by"] == "tess"
    assert manifest["published"] == outcome.version.as_json()["published"]
    assert {row["path"] for row in manifest["files"]} == set(ODD_NAMES)
    assert manifest["size_bytes"] == sum(map(len, ODD_NAMES.values())) == outcome.version.size_bytes


@pytest.mark.parametrize("theirs", ["MANIFEST.json", "manifest.JSON", "SHA256SUMS", "registry.txt"])
def test_publish_when_the_data_has_such_a_file_itself_then_it_is_kept(
    library: Library, theirs: str
) -> None:
    publish(library, "job-1", {theirs: b"theirs", "a.txt": b"a"})
    tree = library.data / "stars"
    assert (tree / theirs).read_bytes() == b"theirs"
    assert len(list(tree.iterdir())) == 5
    assert any("growth" in path.name for path in tree.iterdir())
    assert library.verify("stars", "v1", by="tess", control=Told()).is_good


@pytest.mark.parametrize("change", ["added", "missing", "longer", "link", "pipe", "folder"])
def test_publish_when_the_tree_is_not_what_was_verified_then_nothing_is_published(
    library: Library, change: str
) -> None:
    publish(library, "job-1", whole(1))
    stage = library.stage("job-2")
    records = put_files(stage, whole(2))
    victim = stage / "files" / "part-0" / "2.txt"
    if change == "added":
        (stage / "files" / "more.txt").write_text("more")
    elif change == "longer":
        victim.write_text("longer")
    else:
        victim.unlink()
    if change == "link":
        victim.symlink_to("/etc/passwd")
    elif change == "pipe":
        os.mkfifo(victim)
    elif change == "folder":
        victim.mkdir()
    with pytest.raises(Conflict) as raised:
        library.publish(stage, "stars", records, draft(), control=Told())
    assert "not what was verified" in raised.value.detail
    assert numbers_in(library.data / "stars") == {"1\n"}
    assert [v.version for v in library.get_dataset("stars").versions] == ["v1"]


def test_publish_when_a_file_has_a_second_name_then_a_copy_of_our_own_is_published(
    library: Library, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.txt"
    stage = library.stage("job-1")
    records = put_files(stage, {"a.txt": b"good"})
    os.link(stage / "files" / "a.txt", outside)
    outside.chmod(0o600)
    library.publish(stage, "stars", records, draft(), control=Told())
    outside.write_bytes(b"evil")
    assert (library.data / "stars" / "a.txt").read_bytes() == b"good"
    assert mode_of(outside) == 0o600


def test_publish_when_a_large_copy_is_stopped_then_it_stops_soon_and_can_go_on(
    library: Library, tmp_path: Path
) -> None:
    stage = library.stage("job-1")
    records = put_files(stage, {"a.dat": b"14 bytes each\n" * (2 << 20)})
    os.link(stage / "files" / "a.dat", tmp_path / "upload")
    stopping = PausedAfterAReport()
    with pytest.raises(JobPaused):
        library.publish(stage, "stars", records, draft(), control=stopping)
    ((done, total),) = stopping.reports
    assert total == 28 << 20 and 0 < done < total
    assert os.listdir(stage / "files") == ["a.dat"], "half a copy takes room"
    outcome = library.publish(stage, "stars", records, draft(), control=Told())
    assert outcome.version.version == "v1"
    assert (library.data / "stars" / "a.dat").stat().st_nlink == 1


def test_publish_when_folders_are_empty_then_they_are_kept(library: Library) -> None:
    stage = library.stage("job-1")
    records = put_files(stage, {"a.txt": b"a"})
    (stage / "files" / "empty" / "deep").mkdir(parents=True)
    library.publish(stage, "stars", records, draft(), control=Told())
    assert (library.data / "stars" / "empty" / "deep").is_dir()


def test_publish_when_there_are_more_than_n_then_the_oldest_go_to_the_trash(
    tmp_path: Path,
) -> None:
    library = Library(tmp_path / "data", user="tess", keep_versions=3)
    for number in range(1, 6):
        publish(library, f"job-{number}", whole(number))
    versions = library.get_dataset("stars").versions
    assert [v.version for v in versions if v.deleted is None] == ["v5", "v4", "v3"]
    assert [v.version for v in versions if v.deleted] == ["v2", "v1"]
    library.restore("stars", "v3")
    publish(library, "job-6", whole(6))
    kept = [v.version for v in library.get_dataset("stars").versions if v.deleted is None]
    assert kept == ["v6", "v5", "v3"]  # what was current a moment ago can be had back


def test_publish_when_only_one_is_kept_then_the_one_before_goes(tmp_path: Path) -> None:
    library = Library(tmp_path / "data", user="tess", keep_versions=1)
    publish(library, "job-1", whole(1))
    publish(library, "job-2", whole(2))
    assert [v.version for v in library.get_dataset("stars").versions if not v.deleted] == ["v2"]


@pytest.mark.parametrize("name", ["..", ".versions", "a/b", "", "-x", "x" * 65, "a b", "a\0"])
def test_publish_when_the_name_is_none_then_it_is_refused(library: Library, name: str) -> None:
    stage = library.stage("job-1")
    with pytest.raises(InvalidInput):
        library.publish(stage, name, [], draft(), control=Told())


def test_publish_when_the_stage_is_somewhere_else_then_it_is_refused(
    library: Library, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput):
        library.publish(tmp_path / "x", "stars", [], draft(), control=Told())
    with pytest.raises(NotFound):
        library.publish(library.stage("job-1"), "stars", [], draft(), control=Told())


def test_publish_when_there_are_many_files_then_all_is_synced_at_once(library: Library) -> None:
    files = {f"d{i % 7}/{i}.dat": str(i).encode() for i in range(500)}
    outcome = publish(library, "job-1", files)
    assert outcome.version.files == 500
    assert library.verify("stars", "v1", by="tess", control=Told()).is_good


# -- what stood there before


def test_publish_when_a_plain_folder_stands_there_then_it_becomes_a_version(
    library: Library,
) -> None:
    (library.data / "stars" / "part-0").mkdir(parents=True)
    (library.data / "stars" / "part-0" / "old.txt").write_text("old\n")
    outcome = publish(library, "job-1", whole(2))
    assert (outcome.version.version, outcome.replaced, outcome.was_expected) == ("v2", "v1", False)
    before = library.get_dataset("stars").versions[1]
    assert (before.source.kind, before.note, before.size_bytes) == (
        "unknown",
        "was there before",
        4,
    )
    assert library.restore("stars", "v1") == "v2"
    assert numbers_in(library.data / "stars") == {"old\n"}
    with pytest.raises(InvalidInput):
        library.verify("stars", "v1", by="tess", control=Told())


@pytest.mark.parametrize("kind", ["file", "link"])
def test_publish_when_a_file_or_a_link_stands_there_then_it_becomes_a_version(
    library: Library, tmp_path: Path, kind: str
) -> None:
    library.data.mkdir()
    if kind == "file":
        (library.data / "stars").write_text("old\n")
    else:
        (tmp_path / "elsewhere").write_text("old\n")
        (library.data / "stars").symlink_to("../elsewhere")
    publish(library, "job-1", whole(2))
    assert numbers_in(library.data / "stars") == {"2\n"}
    library.restore("stars", "v1")
    assert (library.data / "stars").read_text() == "old\n"
    library.restore("stars", "v2")
    library.delete("stars", "v1", free_now=True)
    assert [v.version for v in library.get_dataset("stars").versions] == ["v2"]
    assert kind == "file" or (tmp_path / "elsewhere").read_text() == "old\n"


def test_publish_when_somebody_put_a_folder_over_the_link_then_that_is_kept_too(
    library: Library,
) -> None:
    publish(library, "job-1", whole(1))
    (library.data / "stars").unlink()
    (library.data / "stars" / "part-0").mkdir(parents=True)
    with pytest.raises(Conflict):
        library.restore("stars", "v1")
    publish(library, "job-2", whole(2))
    assert [v.version for v in library.get_dataset("stars").versions] == ["v3", "v2", "v1"]
    assert numbers_in(library.data / "stars") == {"2\n"}
