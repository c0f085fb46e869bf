"""Files that are whole or not there: owners, full disks, killed writers, races."""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from growth_admin.core import fsops
from growth_admin.core.errors import Conflict, NotFound, StorageFull, StorageUnavailable
from tests.conftest import Child, fill, open_way, wait_until

Spawn = Callable[[Callable[[], object]], Child]
ADMIN_GID, OTHER_GID = 43001, 43002
JANE_UID, TOM_UID = 583231, 9919


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def become(uid: int, *groups: int) -> None:
    """Turn this (child) process into a user with a private group of his own, as the chain does."""
    os.setgroups(list(groups))
    os.setgid(uid)
    os.setuid(uid)
    os.umask(0o022)


@pytest.fixture
def school(tmp_path: Path) -> Path:
    """``/home/admin`` as a school has it: root's, writable for the group of the admins."""
    open_way(tmp_path)
    root = tmp_path / "admin"
    root.mkdir()
    os.chown(root, 0, ADMIN_GID)
    root.chmod(0o2770)
    return root


# -- write_atomic


def test_write_atomic_when_the_file_is_new_then_it_has_the_content_and_0644(tmp_path: Path) -> None:
    fsops.write_atomic(tmp_path / "a" / "b" / "new.sh", b"one\n")
    path = tmp_path / "a" / "b" / "new.sh"
    assert path.read_bytes() == b"one\n"
    assert mode_of(path) == 0o644
    assert [entry.name for entry in path.parent.iterdir()] == ["new.sh"]


def test_write_atomic_when_the_file_exists_then_owner_group_and_mode_are_kept(
    tmp_path: Path,
) -> None:
    path = tmp_path / "as-root.sh"
    path.write_bytes(b"old")
    os.chown(path, JANE_UID, ADMIN_GID)
    path.chmod(0o2754)
    fsops.write_atomic(path, b"new")
    now = path.stat()
    assert (now.st_uid, now.st_gid, stat.S_IMODE(now.st_mode)) == (JANE_UID, ADMIN_GID, 0o2754)
    assert path.read_bytes() == b"new"


def test_write_atomic_when_a_mode_is_given_then_it_replaces_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "as-root.sh"
    path.write_bytes(b"old")
    os.chown(path, JANE_UID, ADMIN_GID)
    fsops.write_atomic(path, b"new", mode=0o755)
    assert (mode_of(path), path.stat().st_uid) == (0o755, JANE_UID)


def test_write_atomic_when_the_writer_is_not_the_owner_then_the_group_is_kept(
    school: Path, spawn: Spawn
) -> None:
    path = school / "as-user.sh"
    path.write_bytes(b"old")
    os.chown(path, JANE_UID, ADMIN_GID)
    path.chmod(0o775)

    def save() -> None:
        become(TOM_UID, OTHER_GID, ADMIN_GID)
        fsops.write_atomic(path, b"new")

    assert spawn(save).join() == 0
    now = path.stat()
    assert (now.st_uid, now.st_gid, stat.S_IMODE(now.st_mode)) == (TOM_UID, ADMIN_GID, 0o775)


def test_write_atomic_when_the_path_is_a_link_then_the_link_stays_and_its_file_changes(
    tmp_path: Path,
) -> None:
    real = tmp_path / "elsewhere" / "real.sh"
    real.parent.mkdir()
    real.write_bytes(b"old")
    link = tmp_path / "as-user.sh"
    link.symlink_to("elsewhere/real.sh")
    fsops.write_atomic(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert not list(tmp_path.glob(".growth*"))


def test_write_atomic_when_the_folder_is_a_file_then_storage_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("not a folder")
    with pytest.raises(StorageUnavailable) as raised:
        fsops.write_atomic(tmp_path / "logs" / "x", b"")
    assert raised.value.hint


def test_write_atomic_when_the_disk_is_full_then_the_old_content_stays_and_nothing_is_left(
    small_disk: Path,
) -> None:
    path = small_disk / "as-root.sh"
    path.write_bytes(b"old")
    fill(small_disk)
    with pytest.raises(StorageFull) as raised:
        fsops.write_atomic(path, b"n" * 100_000)
    assert "as-root.sh" in raised.value.detail
    assert path.read_bytes() == b"old"
    assert sorted(entry.name for entry in small_disk.iterdir()) == ["as-root.sh", "filler"]


@pytest.mark.parametrize("attempt", range(4))
def test_write_atomic_when_the_writer_is_killed_then_the_file_is_always_whole(
    tmp_path: Path, spawn: Spawn, attempt: int
) -> None:
    path = tmp_path / "as-root.sh"
    size = 300_000
    contents = {bytes([letter]) * size for letter in b"abc"}
    path.write_bytes(b"a" * size)

    def write_for_ever() -> None:
        while True:
            for content in contents:
                fsops.write_atomic(path, content)

    writer = spawn(write_for_ever)
    end_s = time.monotonic() + 0.15 + attempt * 0.037
    while time.monotonic() < end_s:
        assert path.read_bytes() in contents
    writer.signal(signal.SIGKILL)
    writer.join()
    assert path.read_bytes() in contents


def test_remove_stale_stages_when_a_writer_was_killed_then_only_old_stages_go(
    tmp_path: Path,
) -> None:
    stale, fresh = tmp_path / ".growth-stage-x-1", tmp_path / ".growth-stage-y-2"
    kept = tmp_path / "as-root.sh"
    for path in (stale, fresh, kept):
        path.write_bytes(b"")
    os.utime(stale, (0, 0))
    os.utime(kept, (0, 0))
    assert fsops.remove_stale_stages(tmp_path, older_than_s=3600, now_s=time.time()) == 1
    assert sorted(tmp_path.iterdir()) == [fresh, kept]
    assert fsops.remove_stale_stages(tmp_path / "gone", older_than_s=0, now_s=0) == 0


def test_replacing_when_the_function_is_not_called_then_nothing_changes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with fsops.replacing(path, b"new"):
        pass
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


# -- for whom a file is


def test_state_files_when_two_admins_have_different_uids_then_both_can_read_and_write(
    school: Path, spawn: Spawn
) -> None:
    state = school / ".growth-admin" / "jobs" / "j1"

    def jane() -> None:
        become(JANE_UID, OTHER_GID, ADMIN_GID)
        fsops.create_exclusive(state / "lease.1", b"jane")
        fsops.write_atomic(state / "job.json", b"{}", is_private=True)
        fsops.append_line(state / "log.txt", b"one")

    def tom() -> None:
        become(TOM_UID, OTHER_GID, ADMIN_GID)
        assert fsops.read_bytes(state / "lease.1") == b"jane"
        fsops.create_exclusive(state / "lease.2", b"tom")
        fsops.write_atomic(state / "job.json", b"{1}", is_private=True)
        fsops.append_line(state / "log.txt", b"two")
        assert fsops.read_bytes(state / "log.txt") == b"one\ntwo\n"

    assert spawn(jane).join() == 0
    assert spawn(tom).join() == 0


def test_state_files_when_a_student_looks_then_nothing_opens(school: Path, spawn: Spawn) -> None:
    secret = school / ".growth-admin" / "audit" / "entry"
    fsops.create_exclusive(secret, b"secret")

    def student() -> None:
        become(4711, OTHER_GID)
        for folder in (secret.parent, secret.parent.parent):
            with pytest.raises(PermissionError):
                os.listdir(folder)
        with pytest.raises(StorageUnavailable):
            fsops.read_bytes(secret)

    assert spawn(student).join() == 0
    school.chmod(0o2775)  # even where the folder above is open, the file is not
    fsops.create_exclusive(secret.with_name("entry-2"), b"secret")
    assert mode_of(secret.with_name("entry-2")) & 0o007 == 0


def test_state_files_when_the_folder_has_another_group_that_we_lack_then_only_the_owner_may(
    school: Path, spawn: Spawn
) -> None:
    os.chown(school, TOM_UID, ADMIN_GID)
    school.chmod(0o770)

    def stranger() -> None:
        become(TOM_UID, OTHER_GID)
        fsops.create_exclusive(school / "sub" / "x", b"")

    assert spawn(stranger).join() == 0
    assert mode_of(school / "sub" / "x") == 0o600
    assert mode_of(school / "sub") & 0o077 == 0


def test_state_folders_when_the_folder_above_is_open_then_students_cannot_even_list_them(
    school: Path, spawn: Spawn
) -> None:
    school.chmod(0o2775)
    state = school / ".growth-admin"

    def jane() -> None:
        become(JANE_UID, OTHER_GID, ADMIN_GID)
        fsops.create_exclusive(state / "startup" / "revisions" / "1.json", b"{}")
        fsops.append_line(state / "audit" / "2026-11" / "jane.jsonl", b"{}")
        fsops.write_atomic(state / "startup" / "candidates" / "a" / "x.sh", b"", mode=0o750)

    def student() -> None:
        become(4711, OTHER_GID)
        with pytest.raises(PermissionError):
            os.listdir(state)

    assert spawn(jane).join() == 0
    assert spawn(student).join() == 0
    folders = [path for path in (state, *state.rglob("*")) if path.is_dir()]
    assert {(mode_of(path), path.stat().st_gid) for path in folders} == {(0o2770, ADMIN_GID)}


@pytest.mark.parametrize("mode", [None, 0o775])
def test_write_atomic_when_neither_group_can_be_had_then_our_own_gets_no_more_than_others(
    school: Path, spawn: Spawn, mode: int | None
) -> None:
    """Everybody's own group is ``users`` in the images: 0775 would let any student write it."""
    os.chown(school, JANE_UID, ADMIN_GID)
    school.chmod(0o755)
    path = school / "as-root.sh"
    path.write_bytes(b"old")
    path.chmod(0o775)

    def jane() -> None:
        become(JANE_UID, OTHER_GID)
        fsops.write_atomic(path, b"new", mode=mode)

    assert spawn(jane).join() == 0
    assert path.stat().st_gid == JANE_UID
    assert mode_of(path) == 0o755


def test_write_atomic_when_the_old_group_cannot_be_had_then_the_folders_gets_its_rights(
    school: Path, spawn: Spawn
) -> None:
    school.chmod(0o770)  # no set-group-id bit: the new file is first of the writer's own group
    path = school / "as-root.sh"
    path.write_bytes(b"old")
    path.chmod(0o750)

    def jane() -> None:
        become(JANE_UID, OTHER_GID, ADMIN_GID)
        os.chdir(school)
        fsops.write_atomic(path, b"new", mode=0o750)

    assert spawn(jane).join() == 0
    assert (path.stat().st_gid, mode_of(path)) == (ADMIN_GID, 0o750)


# -- create_exclusive


def test_create_exclusive_when_many_processes_race_then_exactly_one_wins(
    tmp_path: Path, spawn: Spawn
) -> None:
    go, wins = tmp_path / "go", tmp_path / "wins"
    wins.mkdir()

    def race(number: int) -> Callable[[], None]:
        def run() -> None:
            while not go.exists():
                pass
            for round_number in range(30):
                try:
                    content = f"{number}".encode() * 1000
                    fsops.create_exclusive(tmp_path / "folder" / f"{round_number}", content)
                except Conflict:
                    continue
                (wins / f"{round_number}-{number}").touch()

        return run

    racers = [spawn(race(number)) for number in range(6)]
    go.touch()
    assert [racer.join() for racer in racers] == [0] * 6
    assert len(list(wins.iterdir())) == 30
    for win in wins.iterdir():
        round_number, winner = win.name.split("-")
        assert (tmp_path / "folder" / round_number).read_text() == winner * 1000
    assert not list((tmp_path / "folder").glob(".growth*"))


def test_create_exclusive_when_the_disk_is_full_then_the_name_is_still_free(
    small_disk: Path,
) -> None:
    filler = fill(small_disk)
    with pytest.raises(StorageFull):
        fsops.create_exclusive(small_disk / "r1", b"x" * 10_000)
    filler.unlink()
    fsops.create_exclusive(small_disk / "r1", b"x")


# -- append_line


def test_append_line_when_a_killed_writer_left_half_a_line_then_it_spoils_itself_only(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\ntw")
    fsops.append_line(path, b"three")
    assert path.read_bytes() == b"one\ntw\nthree\n"


def test_append_line_when_the_disk_is_full_then_no_half_line_is_left(small_disk: Path) -> None:
    path = small_disk / "log"
    fsops.append_line(path, b"one")
    fill(small_disk)
    with pytest.raises(StorageFull):
        fsops.append_line(path, b"x" * 20_000)
    assert path.read_bytes() == b"one\n"


def test_append_line_when_the_path_is_a_link_then_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"")
    (tmp_path / "log").symlink_to("target")
    with pytest.raises(StorageUnavailable):
        fsops.append_line(tmp_path / "log", b"x")


# -- overwrite


def test_overwrite_when_the_disk_is_full_then_it_works_all_the_same(small_disk: Path) -> None:
    path = small_disk / "lease.1"
    path.write_bytes(b"a" * 50)
    fill(small_disk)
    fsops.overwrite(path, b"b" * 50)
    assert path.read_bytes() == b"b" * 50


def test_overwrite_when_the_file_is_gone_then_it_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        fsops.overwrite(tmp_path / "gone", b"")
    assert not list(tmp_path.iterdir())


# -- reading


def test_read_bytes_when_the_path_is_a_pipe_then_it_is_refused_at_once(
    tmp_path: Path, spawn: Spawn
) -> None:
    os.mkfifo(tmp_path / "pipe")

    def read() -> None:
        with pytest.raises(StorageUnavailable, match="not a regular file"):
            fsops.read_bytes(tmp_path / "pipe")

    assert spawn(read).join(timeout_s=5) == 0


@pytest.mark.parametrize("path", ["/dev/zero", "/tmp"])
def test_read_bytes_when_the_path_is_no_file_then_it_is_refused(path: str) -> None:
    with pytest.raises(StorageUnavailable):
        fsops.read_bytes(Path(path))


def test_read_bytes_when_there_is_more_than_the_limit_then_it_stops_there(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 3_000_000)
    assert len(fsops.read_bytes(tmp_path / "big", limit_bytes=2_500_000)) == 2_500_000


def test_read_bytes_when_there_is_nothing_then_the_error_names_it(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nothing-here"):
        fsops.read_bytes(tmp_path / "nothing-here")


def test_write_atomic_when_it_takes_long_then_a_new_file_appears_whole(
    tmp_path: Path, spawn: Spawn
) -> None:
    path = tmp_path / "new"
    writer = spawn(lambda: fsops.write_atomic(path, b"z" * 20_000_000))
    wait_until(lambda: path.exists() or not writer.is_alive(), what="the write")
    assert path.stat().st_size == 20_000_000
