"""Two admins' servers: other uids, a group of their own, one disk that students see too."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from growth_admin.core.audit import AuditTrail
from growth_admin.core.errors import StorageUnavailable
from growth_admin.core.fsops import read_bytes, write_atomic
from growth_admin.core.schema import now
from growth_admin.jobs.models import Job, StoredJob
from growth_admin.jobs.store import JobStore, Lease
from tests.conftest import Child, open_way
from tests.unit.startup.school import FIRST, USER, School, sound

Spawn = Callable[[Callable[[], object]], Child]
USERS_GID, ADMIN_GID = 100, 43001
JANE, TOM, STUDENT = 583231, 9_919_001, 4_711_001


def become(uid: int, *groups: int) -> None:
    """Turn this (child) process into a person, as an image's start.sh does by default."""
    os.setgroups([USERS_GID, *groups])
    os.setgid(USERS_GID)
    os.setuid(uid)
    os.umask(0o022)


@pytest.fixture(params=[0o2770, 0o2775, 0o2771], ids=oct)
def school(request: pytest.FixtureRequest, tmp_path: Path) -> School:
    """A school whose admin folder is root's and the admins' group's, seen by students or not."""
    open_way(tmp_path)
    made = School.make(tmp_path)
    for folder in (made.paths.admin_root, made.paths.scripts):
        os.chown(folder, 0, ADMIN_GID)
        folder.chmod(request.param)
    return made


def act(spawn: Spawn, uid: int, work: Callable[[], object], *groups: int) -> None:
    """Do something as a person, in a process of its own."""

    def run() -> None:
        become(uid, *groups)
        work()

    assert spawn(run).join() == 0


def test_scripts_when_two_admins_take_turns_then_each_goes_on_where_the_other_stopped(
    school: School, spawn: Spawn
) -> None:
    for number, (uid, name) in enumerate(((JANE, "jane"), (TOM, "tom"), (JANE, "jane")), 1):

        def work(number: int = number, name: str = name) -> None:
            saved = school.save(sound(number), author=name)
            school.publish(saved.revision.number, author=name)

        act(spawn, uid, work, ADMIN_GID)
    found = school.manager.get_history(USER)
    assert [row.author for row in found.publications][:3] == ["jane", "tom", "jane"]
    assert school.live.read_text() == sound(3)
    assert school.live.stat().st_mode & 0o7777 == 0o755


def test_jobs_when_another_admin_takes_over_then_state_log_and_lease_go_on(
    school: School, spawn: Spawn
) -> None:
    store = JobStore(school.paths.jobs)
    job = Job(
        id="j1", kind="x.y", area="startup", title="t", state="running",
        created=now(), created_by="jane",
    )  # fmt: skip
    first, second = Lease("j1", 1, "jane/"), Lease("j1", 2, "tom/")

    def jane() -> None:
        store.create(StoredJob(job=job, params={}))
        assert store.take("j1", "jane/", after=0) == first
        store.renew(first)
        store.save(StoredJob(job=job, params={}), first)
        store.append_log(first, "one")

    def tom() -> None:
        assert store.load("j1").job.created_by == "jane"
        assert store.take("j1", "tom/", after=1) == second
        store.renew(second)
        ended = job.model_copy(update={"state": "succeeded"})
        store.save(StoredJob(job=ended, params={}), second)
        store.append_log(second, "two")
        assert store.read_log("j1", 0).text == "one\ntwo\n"
        store.dismiss("j1")
        assert os.listdir(school.paths.jobs) == []

    act(spawn, JANE, jane, ADMIN_GID)
    act(spawn, TOM, tom, ADMIN_GID)


def test_audit_when_two_admins_write_then_each_reads_both(school: School, spawn: Spawn) -> None:
    entry = {"permission": "p", "area": "startup", "action": "a", "result": "done"}

    def record(name: str) -> Callable[[], object]:
        trail = AuditTrail(school.paths.audit, writer=name)
        return lambda: trail.record(user=name, **entry)

    def read() -> None:
        found = AuditTrail(school.paths.audit, writer="x").list_entries(areas=["startup"])
        assert sorted(row.user for row in found.entries) == ["jane", "tom"]
        assert found.unreadable == 0

    act(spawn, JANE, record("jane"), ADMIN_GID)
    act(spawn, TOM, record("tom"), ADMIN_GID)
    act(spawn, JANE, read, ADMIN_GID)


def test_student_when_on_the_same_disk_then_reads_no_state_and_writes_no_script(
    school: School, spawn: Spawn
) -> None:
    act(spawn, JANE, lambda: school.save(sound(1)), ADMIN_GID)
    act(spawn, JANE, lambda: school.publish(2), ADMIN_GID)
    kept = [path for path in school.paths.admin_state.rglob("*") if path.is_file()]
    assert kept

    def student() -> None:
        with pytest.raises(PermissionError):
            os.listdir(school.paths.admin_state)
        for path in kept:
            with pytest.raises(StorageUnavailable):
                read_bytes(path)
        for path in (school.live, school.paths.scripts / "new", school.paths.logs / "x"):
            with pytest.raises(StorageUnavailable):
                write_atomic(path, b"mine")
        with pytest.raises(PermissionError):
            school.live.open("r+b")

    act(spawn, STUDENT, student)
    assert school.live.read_text() == sound(1)


def test_publish_when_everybody_could_write_the_script_then_nobody_else_can_afterwards(
    school: School, spawn: Spawn
) -> None:
    """Whoever writes as-root.sh is root on every server at its next start."""
    school.write_by_hand(FIRST, mode=0o777)
    problem = school.manager.get_script(USER).problem
    assert "write" in problem

    def jane() -> None:
        saved = school.save(sound(1))
        school.publish(saved.revision.number)

    act(spawn, JANE, jane, ADMIN_GID)
    assert school.live.stat().st_mode & 0o002 == 0
    assert school.manager.get_script(USER).problem == ""


def test_state_when_it_cannot_be_looked_at_then_it_is_unavailable_and_never_empty(
    school: School, spawn: Spawn
) -> None:
    """An empty history would make the next look record everything anew, an empty trail lie."""
    act(spawn, JANE, lambda: school.save(sound(1)), ADMIN_GID)
    trail, jobs = AuditTrail(school.paths.audit, writer="x"), JobStore(school.paths.jobs)

    def stranger() -> None:
        for look in (
            lambda: school.manager.store(USER).head(),
            lambda: trail.list_entries(areas=["startup"]),
            lambda: list(jobs.list_stored()),
        ):
            with pytest.raises(StorageUnavailable):
                look()

    act(spawn, STUDENT, stranger)
