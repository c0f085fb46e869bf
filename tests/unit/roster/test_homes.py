"""Homes are packed whole, read back, and only then removed; nothing outside is touched."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from growth_admin.core.errors import InvalidInput, StorageFull, StorageUnavailable
from growth_admin.roster.homes import Homes, uid_of

STEP = "a folder's name"
LEVELS = 1500
"""Beyond what Python recurses; with the names, beyond what one path may hold."""


class Stopped(Exception):
    """Raised by a check in the middle."""


def go_on() -> None:
    """Never stop."""


def silent(done: float, name: str) -> None:
    """Report nothing."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The homes, with Jane's: files, folders, odd names, a link to outside, a pipe, a socket."""
    home = tmp_path / "homes" / "jane"
    (home / "work" / "empty").mkdir(parents=True)
    (home / "work" / "notes.txt").write_text("one\n" * 1000)
    (home / "work" / "größe.bin").write_bytes(os.urandom(300_000))
    (home / "nothing").touch()
    (home / "outside").symlink_to(tmp_path / "precious")
    os.link(home / "work" / "notes.txt", home / "again.txt")
    os.mkfifo(home / "pipe")
    listening = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(home)  # a socket's name must be short
    listening.bind("sock")
    os.chdir(here)
    listening.close()
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "kept.txt").write_text("kept")
    return tmp_path / "homes"


def content(path: Path) -> dict[str, bytes | None]:
    """Return what an archive holds: content by name."""
    with (
        path.open("rb") as file,
        zstandard.ZstdDecompressor().stream_reader(file) as unpacked,
        tarfile.open(fileobj=unpacked, mode="r|") as tar,
    ):
        return {
            member.name: (tar.extractfile(member) or file).read() if member.isreg() else None
            for member in tar
        }


def test_home_when_packed_then_all_of_it_is_in_the_archive(tmp_path: Path, root: Path) -> None:
    homes = Homes(root, tmp_path / "archive")
    archive = homes.pack("jane", "job1", go_on, silent)
    assert archive is not None
    held = content(archive.path)
    wanted = {f"jane/{path.relative_to(root / 'jane')}" for path in (root / "jane").rglob("*")}
    assert set(held) == {"jane", *wanted} - {"jane/sock"}
    assert archive.files == len(held)
    again = held.get("jane/again.txt") or held["jane/work/notes.txt"]  # one is a hard link
    assert again == b"one\n" * 1000
    assert held["jane/work/größe.bin"] == (root / "jane/work/größe.bin").read_bytes()
    assert (root / "jane" / "work").is_dir(), "packing removed something"


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A home as a student can make it: folders deeper than a path is long, names in Latin-1."""
    home = tmp_path / "homes" / "jane"
    home.mkdir(parents=True)
    (home / os.fsdecode(b"caf\xe9 \xff.txt")).write_text("latin")
    (home / "two\nlines").write_text("lines")
    nest(home, LEVELS)
    yield tmp_path / "homes"
    subprocess.run(["rm", "-rf", tmp_path / "homes"], check=True)


def nest(folder: Path, levels: int) -> None:
    """Make folders in each other, with a file and a link to outside in the last."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir(STEP, dir_fd=here)
        there = os.open(STEP, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = there
    os.close(os.open("bottom", os.O_WRONLY | os.O_CREAT, dir_fd=here))
    os.symlink(folder.parent.parent, "outside", dir_fd=here)
    os.close(here)


def test_home_when_folders_are_deep_and_names_are_no_text_then_packed_and_removed(
    tmp_path: Path, deep: Path
) -> None:
    (tmp_path / "precious").write_text("kept")
    shown: list[str] = []
    homes = Homes(deep, tmp_path / "archive")
    archive = homes.pack("jane", "job1", go_on, lambda done, name: shown.append(name))
    assert archive is not None
    held = content(archive.path)
    assert len(held) == archive.files == LEVELS + 5
    assert held[os.fsdecode(b"jane/caf\xe9 \xff.txt")] == b"latin"
    assert held["/".join(["jane", *[STEP] * LEVELS, "bottom"])] == b""
    assert max(map(len, shown)) <= 200
    assert homes.remove("jane")
    assert list(deep.iterdir()) == []
    assert (tmp_path / "precious").read_text() == "kept"


def test_archive_when_made_then_its_hash_is_beside_it_and_nobody_else_may_read_it(
    tmp_path: Path, root: Path
) -> None:
    (tmp_path / "admin").mkdir(mode=0o770)
    archive = Homes(root, tmp_path / "admin" / "archive").pack("jane", "job1", go_on, silent)
    assert archive is not None
    assert archive.sha256 == hashlib.sha256(archive.path.read_bytes()).hexdigest()
    beside = archive.path.with_name(f"{archive.path.name}.sha256")
    assert beside.read_text() == f"{archive.sha256}  {archive.path.name}\n"
    for path in (archive.path, beside, archive.path.parent):
        assert path.stat().st_mode & 0o007 == 0, path
    assert not list(archive.path.parent.glob("*.part"))


def test_packing_when_stopped_in_the_middle_then_nothing_is_left_and_it_can_go_on(
    tmp_path: Path, root: Path
) -> None:
    calls = 0

    def stop() -> None:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise Stopped

    homes = Homes(root, tmp_path / "archive")
    with pytest.raises(Stopped):
        homes.pack("jane", "job1", stop, silent)
    assert list((tmp_path / "archive").iterdir()) == []
    assert homes.pack("jane", "job1", go_on, silent) is not None


def test_packing_when_done_already_by_a_killed_run_then_the_archive_is_read_again_and_kept(
    tmp_path: Path, root: Path
) -> None:
    homes = Homes(root, tmp_path / "archive")
    first = homes.pack("jane", "job1", go_on, silent)
    assert homes.pack("jane", "job1", go_on, silent) == first


def test_archive_when_damaged_since_then_it_is_refused(tmp_path: Path, root: Path) -> None:
    homes = Homes(root, tmp_path / "archive")
    archive = homes.pack("jane", "job1", go_on, silent)
    assert archive is not None
    data = bytearray(archive.path.read_bytes())
    data[len(data) // 2] ^= 1
    archive.path.write_bytes(data)
    with pytest.raises(StorageUnavailable):
        homes.pack("jane", "job1", go_on, silent)


def test_home_when_removed_then_what_its_links_lead_to_stays(tmp_path: Path, root: Path) -> None:
    homes = Homes(root, tmp_path / "archive")
    assert homes.remove("jane")
    assert list(root.iterdir()) == []
    assert (tmp_path / "precious" / "kept.txt").read_text() == "kept"
    assert not homes.remove("jane"), "safe to run again"


def test_home_when_half_removed_by_a_killed_run_then_the_rest_goes(
    tmp_path: Path, root: Path
) -> None:
    (root / "jane").rename(root / ".growth-leaving-jane")
    assert Homes(root, tmp_path / "archive").remove("jane")
    assert list(root.iterdir()) == []


def test_home_when_there_is_a_new_one_beside_a_half_removed_then_both_go(
    tmp_path: Path, root: Path
) -> None:
    (root / "jane").rename(root / ".growth-leaving-jane")
    (root / "jane").mkdir()
    (root / "jane" / "new.txt").write_text("of the person who came back")
    assert Homes(root, tmp_path / "archive").remove("jane")
    assert list(root.iterdir()) == []


def test_home_when_there_is_none_then_nothing_is_packed(tmp_path: Path, root: Path) -> None:
    homes = Homes(root, tmp_path / "archive")
    homes.require_reach("nobody", 7)
    assert homes.pack("nobody", "job1", go_on, silent) is None
    assert not (tmp_path / "archive").exists()


def test_homes_when_not_reachable_then_refused_with_what_to_run_by_hand(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        Homes(None, tmp_path).require_reach("jane", 7)
    assert "tar --zstd -cf jane.tar.zst jane" in refused.value.hint


@pytest.mark.parametrize("name", ["..", ".", "a/b", "", "-rf", ".hidden"])
def test_home_when_the_name_is_no_name_then_refused(tmp_path: Path, root: Path, name: str) -> None:
    homes = Homes(root, tmp_path / "archive")
    for act in (lambda: homes.require_reach(name, None), lambda: homes.remove(name)):
        with pytest.raises(InvalidInput):
            act()
    assert (root / "jane").is_dir()


def test_home_when_it_is_a_link_then_refused(tmp_path: Path, root: Path) -> None:
    (root / "mallory").symlink_to(tmp_path / "precious")
    homes = Homes(root, tmp_path / "archive")
    acts: tuple[Callable[[], object], ...] = (
        lambda: homes.require_reach("mallory", None),
        lambda: homes.pack("mallory", "job1", go_on, silent),
        lambda: homes.remove("mallory"),
    )
    for act in acts:
        with pytest.raises(InvalidInput):
            act()
    assert (tmp_path / "precious" / "kept.txt").exists()


def test_home_when_it_belongs_to_another_account_then_refused(tmp_path: Path, root: Path) -> None:
    homes = Homes(root, tmp_path / "archive")
    os.chown(root / "jane", uid_of(583231), -1)
    homes.require_reach("jane", 583231)
    with pytest.raises(InvalidInput, match="another account"):
        homes.require_reach("jane", 583232)


def test_uid_when_numbers_are_small_or_reserved_then_moved_as_the_hub_does() -> None:
    assert [uid_of(number) for number in (583231, 7, 65534)] == [583231, 2000000007, 2000065534]


def test_archive_when_the_disk_is_full_then_the_home_is_untouched(
    small_disk: Path, root: Path
) -> None:
    with pytest.raises((StorageFull, StorageUnavailable)):
        Homes(root, small_disk / "archive").pack("jane", "job1", go_on, silent)
    assert (root / "jane" / "work" / "größe.bin").exists()
    assert not list((small_disk / "archive").glob("*"))
