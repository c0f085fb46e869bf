"""Ordinary archives: accepted, and each byte compared with what was packed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from growth_admin.core.errors import Conflict, NotFound
from growth_admin.datasets.archive.unpack import (
    ArchiveFacts,
    UnpackLimits,
    format_of_file,
    format_of_name,
    measure,
    unpack,
)
from growth_admin.datasets.facts import FileRecord, SourceProblem
from tests.unit.datasets.archive.ordinary import TREE, Ordinary, all_ordinary, many_files
from tests.unit.datasets.archive.raw import Entry, member, tar_bytes, zip_bytes
from tests.unit.datasets.archive.told import Stopped, Told, harm

CASES = all_ordinary()
LIMITS = UnpackLimits(total_bytes=1 << 30)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_archive_when_ordinary_then_unpacked_byte_for_byte(case: Ordinary, tmp_path: Path) -> None:
    archive, into, told = tmp_path / case.name, tmp_path / "into", Told()
    archive.write_bytes(case.data)
    records = unpack(archive, into, limits=LIMITS, control=told)
    assert {record.path: (into / record.path).read_bytes() for record in records} == case.files
    assert set(records) == {
        FileRecord(path, len(data), hashlib.sha256(data).hexdigest())
        for path, data in case.files.items()
    }
    assert {str(path.relative_to(into)) for path in into.rglob("*") if path.is_file()} == {
        *case.files
    }
    assert harm(into) == []
    assert told.steps[-1] == (len(case.data), len(case.data))
    assert any(case.says in line for line in told.lines) or not case.says
    print(f"{case.title:60} {len(records)} files")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_look_when_archive_is_ordinary_then_its_facts(case: Ordinary, tmp_path: Path) -> None:
    archive = tmp_path / case.name
    archive.write_bytes(case.data)
    facts = measure(archive)
    assert facts.format == format_of_file(archive)
    is_plain = facts.format in ("zip", "tar", "7z")
    if is_plain and "macOS" not in case.title and "links" not in case.title:
        total = sum(len(data) for data in case.files.values())
        assert facts.files == len(case.files)
        assert facts.size_bytes == total or "link" in case.title
    if not is_plain:
        is_tar = facts.format.startswith("tar.")
        assert facts == ArchiveFacts(facts.format, 0 if is_tar else 1, None)


def test_table_when_counted_then_it_has_enough_ordinary_archives() -> None:
    assert len({case.title for case in CASES}) == len(CASES) >= 60


def test_zip_when_its_count_of_files_wrapped_round_then_all_are_counted(tmp_path: Path) -> None:
    (tmp_path / "data.zip").write_bytes(many_files(70_000))
    assert measure(tmp_path / "data.zip") == ArchiveFacts("zip", 70_000, 0)


def test_zip_when_finder_wrote_over_4_gib_then_the_hint_says_how_to_pack(tmp_path: Path) -> None:
    whole = zip_bytes([Entry(b"a", b"data")])
    with (tmp_path / "data.zip").open("wb") as file:
        file.write(whole)
        file.seek(1 << 32)
        file.write(whole)
    with pytest.raises(SourceProblem, match="4 GiB") as caught:
        measure(tmp_path / "data.zip")
    assert "zip -r" in caught.value.hint


def test_folder_when_it_holds_files_then_nothing_is_unpacked_over_them(tmp_path: Path) -> None:
    (tmp_path / "data.zip").write_bytes(zip_bytes([Entry(b"a", b"new")]))
    (tmp_path / "into").mkdir()
    (tmp_path / "into/a").write_text("old")
    with pytest.raises(Conflict):
        unpack(tmp_path / "data.zip", tmp_path / "into", limits=LIMITS, control=Told())
    assert (tmp_path / "into/a").read_text() == "old"


def test_folder_when_it_is_a_link_then_nothing_goes_through_it(tmp_path: Path) -> None:
    (tmp_path / "data.zip").write_bytes(zip_bytes([Entry(b"a", b"new")]))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "into").symlink_to("elsewhere")
    with pytest.raises(Exception, match="into"):
        unpack(tmp_path / "data.zip", tmp_path / "into", limits=LIMITS, control=Told())
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_archive_when_missing_then_the_error_names_it(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"data\.zip"):
        unpack(tmp_path / "data.zip", tmp_path / "into", limits=LIMITS, control=Told())


@pytest.mark.parametrize("name", ["data.zip", "data.tar", "data.7z"])
def test_job_when_cancelled_then_unpacking_ends(name: str, tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == name and case.files)
    (tmp_path / name).write_bytes(case.data)
    with pytest.raises(Stopped):
        unpack(tmp_path / name, tmp_path / "into", limits=LIMITS, control=Told(ends_after=0))


@pytest.mark.parametrize("umask", [0o000, 0o027, 0o077])
def test_files_when_umask_is_narrow_or_wide_then_readable_by_all_writable_by_none(
    umask: int, tmp_path: Path
) -> None:
    (tmp_path / "data.tar").write_bytes(tar_bytes(*(member(n, d) for n, d in TREE.items())))
    before = os.umask(umask)
    try:
        unpack(tmp_path / "data.tar", tmp_path / "into", limits=LIMITS, control=Told())
    finally:
        os.umask(before)
    assert harm(tmp_path / "into") == []


def test_folders_when_the_stage_hands_its_group_down_then_they_keep_doing_so(
    tmp_path: Path,
) -> None:
    (tmp_path / "data.zip").write_bytes(zip_bytes([Entry(b"a/b/c", b"1", mode=0o106777)]))
    tmp_path.chmod(0o2770)
    unpack(tmp_path / "data.zip", tmp_path / "into", limits=LIMITS, control=Told())
    assert (tmp_path / "into/a/b").stat().st_mode & 0o7777 == 0o2755
    assert (tmp_path / "into/a/b/c").stat().st_mode & 0o7777 == 0o444


def test_archive_when_one_byte_larger_than_the_limit_then_refused_and_else_not(
    tmp_path: Path,
) -> None:
    (tmp_path / "data.tar").write_bytes(tar_bytes(member("a", bytes(5000)), member("b", bytes(5))))
    fits = UnpackLimits(total_bytes=5005, files=2, member_bytes=5000, depth=1)
    assert len(unpack(tmp_path / "data.tar", tmp_path / "1", limits=fits, control=Told())) == 2
    with pytest.raises(SourceProblem, match="5,004"):
        unpack(
            tmp_path / "data.tar",
            tmp_path / "2",
            limits=UnpackLimits(total_bytes=5004),
            control=Told(),
        )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.zip", "zip"),
        ("A.ZIP", "zip"),
        ("a.tar", "tar"),
        ("a.tar.gz", "tar.gz"),
        ("a.tgz", "tar.gz"),
        ("a.tar.bz2", "tar.bz2"),
        ("a.tar.xz", "tar.xz"),
        ("a.tar.zst", "tar.zst"),
        ("a.7z", "7z"),
        ("a.csv.gz", "gz"),
        ("a.bz2", "bz2"),
        ("a.xz", "xz"),
        ("a.zst", "zst"),
        ("a.rar", ""),
        ("a.csv", ""),
        ("zip", ""),
        ("", ""),
    ],
)
def test_name_when_of_an_archive_then_its_format(name: str, kind: str) -> None:
    assert format_of_name(name) == kind
