"""Who may do what in the data folder: two TAs, a student, an admin, each under a uid of its own.

The files of a school as the hub makes it: ``data`` belongs to root and the data group; TAs and
admins are in that group, each with a private primary group; students are others. Every step runs
in a process that has really become that user.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from growth_admin.datasets.facts import FileRecord
from growth_admin.datasets.models import PublishChange
from growth_admin.datasets.publish.library import Library
from growth_admin.datasets.publish.manifest import sha256_of
from growth_admin.rooms import build_rooms
from growth_admin.settings import Settings
from tests.conftest import Child, open_way
from tests.unit.datasets.publish.staged import Told, draft, publish, put_files, whole

Spawn = Callable[[Callable[[], object]], Child]
DATA_GID, ADMIN_GID, USERS_GID = 43100, 43001, 100
TESS, TOM, JANE, ADA = 910001, 910002, 910003, 910004
PEOPLE = {
    TESS: ("TA Tess", (DATA_GID, USERS_GID)),
    TOM: ("TA Tom", (DATA_GID, USERS_GID)),
    JANE: ("student Jane", (USERS_GID,)),
    ADA: ("admin Ada", (DATA_GID, ADMIN_GID, USERS_GID)),
}


class School:
    """The folders of a school, and a way to do something there as somebody."""

    def __init__(self, root: Path, spawn: Spawn) -> None:
        self.root = root
        self.data = root / "nfs" / "data"
        self.admin = root / "admin"
        self._spawn = spawn
        open_way(root)
        for folder, gid, mode in (
            (root / "nfs", 0, 0o755),
            (self.data, DATA_GID, 0o2775),
            (self.admin, ADMIN_GID, 0o2770),
        ):
            folder.mkdir()
            os.chown(folder, 0, gid)
            folder.chmod(mode)
        (self.admin / "as-root.sh").write_text("#!/bin/bash\n")
        os.chown(self.admin / "as-root.sh", 0, ADMIN_GID)
        (self.admin / "as-root.sh").chmod(0o664)

    def as_user(self, uid: int, work: Callable[[], object]) -> str:
        """Return what ``work`` returned in a process of that user, or the name of what it raised.

        An ``OSError`` is told by its class too, so that "may not" differs from "is not there".
        """
        told = self.root / f"told-{uid}"
        told.touch()
        told.chmod(0o666)

        def become_and_work() -> None:
            os.setgroups(list(PEOPLE[uid][1]))
            os.setgid(uid)
            os.setuid(uid)
            os.umask(0o022)
            assert (os.getuid(), os.geteuid()) == (uid, uid)
            try:
                result = str(work())
            except Exception as e:  # noqa: BLE001  # told to the test by its name
                result = f"{type(e).__name__}: {e}"
            told.write_text(result)

        assert self._spawn(become_and_work).join(timeout_s=60) == 0
        return told.read_text()

    def library(self, uid: int) -> Library:
        """Return the library as a user's server has it."""
        return Library(self.data, user=PEOPLE[uid][0], keep_versions=9, trash_keep_s=0)


@pytest.fixture
def school(spawn: Spawn) -> Iterator[School]:
    """A school in a folder of its own: pytest closes its own to other users at any start."""
    assert os.geteuid() == 0, "this test becomes other users: run it as root, as CI does"
    with tempfile.TemporaryDirectory(prefix="growth-school-") as root:
        yield School(Path(root), spawn)


def publish_as(school: School, uid: int, number: int) -> str:
    """Publish a version as a user; return its id."""
    return school.as_user(
        uid, lambda: publish(school.library(uid), f"job-{number}", whole(number)).version.version
    )


def plan_as(school: School, uid: int) -> str:
    """Plan to publish a file as a user; return the title of the plan."""
    shared = school.data.parent
    (shared / "a.csv").write_text("1,2\n")

    def plan() -> str:
        settings = Settings(school.admin, shared, "tess", home=shared, areas=("datasets",))
        change = PublishChange(link=str(shared / "a.csv"), name="stars")
        return build_rooms(settings).datasets.manager.plan(change).title

    return school.as_user(uid, plan)


# -- TAs among themselves


def test_tas_when_they_work_on_the_same_dataset_then_each_can_do_all_with_the_others_versions(
    school: School,
) -> None:
    assert publish_as(school, TESS, 1) == "v1"
    assert publish_as(school, TOM, 2) == "v2"
    assert school.as_user(TOM, lambda: school.library(TOM).restore("stars", "v1")) == "v2"
    assert publish_as(school, TOM, 3) == "v3"
    tree = school.data / ".versions" / "stars" / "v1"
    assert tree.stat().st_uid == TESS
    assert school.as_user(TOM, lambda: school.library(TOM).delete("stars", "v1")) == "('v1',)"
    assert not tree.exists()
    assert school.as_user(TOM, lambda: school.library(TOM).undelete("stars", "v1")) == "('v1',)"
    assert tree.is_dir()
    done = school.as_user(TOM, lambda: school.library(TOM).delete("stars", "v1", free_now=True))
    assert done == "('v1',)"
    assert not list(tree.parent.glob(".deleted-*"))
    good = school.as_user(
        TESS, lambda: school.library(TESS).verify("stars", "v3", by="tess", control=Told()).is_good
    )
    assert good == "True"
    assert school.as_user(TESS, lambda: school.library(TESS).delete("stars")) == "('v2', 'v3')"
    assert school.as_user(TOM, lambda: school.library(TOM).purge_expired()) == "12"
    assert not list((school.data / ".versions" / "stars").glob(".deleted-*"))
    assert school.as_user(ADA, lambda: school.library(ADA).list_datasets()) == "()"


def test_job_when_another_ta_goes_on_with_it_then_it_publishes_what_the_first_one_fetched(
    school: School,
) -> None:
    def fetch() -> None:
        stage = school.library(TESS).stage("job-1")
        (stage / "files").mkdir()
        for number in (1, 2):
            folder = stage / "files" / f"part-{number}"
            folder.mkdir()
            (folder / "1.txt").write_text("1\n")
            folder.chmod(0o2770)
        (stage / "files").chmod(0o2770)

    def go_on() -> str:
        library = school.library(TOM)
        stage = library.stage("job-1")
        records = [r for r in put_records(stage) if r.path.startswith("part-")]
        return library.publish(
            stage, "stars", records, draft("tom"), control=Told()
        ).version.version

    assert school.as_user(TESS, fetch) == "None"
    assert school.as_user(TOM, go_on) == "v1"
    assert school.as_user(JANE, lambda: (school.data / "stars/part-1/1.txt").read_text()) == "1\n"
    for path in (school.data / "stars").resolve().rglob("*"):
        assert path.stat().st_uid == TOM
    assert school.as_user(TOM, lambda: school.library(TOM).discard("job-1")) == "None"
    assert school.library(ADA).staged_jobs() == ()


def put_records(stage: Path) -> list[FileRecord]:
    """Return the records of what lies in a stage already."""
    return [
        FileRecord(
            str(path.relative_to(stage / "files")),
            path.stat().st_size,
            sha256_of(path.read_bytes()),
        )
        for path in sorted((stage / "files").rglob("*"))
        if path.is_file()
    ]


def test_job_when_its_ta_is_gone_then_another_ta_or_an_admin_can_discard_it(
    school: School,
) -> None:
    def fetch() -> None:
        put_files(school.library(TESS).stage("job-1"), {"a/b/c.txt": b"c"})

    assert school.as_user(TESS, fetch) == "None"
    for folder in (school.data / ".staging" / "job-1").rglob("*"):
        if folder.is_dir():
            folder.chmod(0o2770)  # as core.fsops.make_folder leaves them
    assert school.as_user(TOM, lambda: school.library(TOM).staged_jobs()) == "('job-1',)"
    assert school.as_user(TOM, lambda: school.library(TOM).discard("job-1")) == "None"
    assert list((school.data / ".staging").iterdir()) == []


def test_adoption_when_the_folder_is_somebody_elses_then_it_says_so_and_leaves_it(
    school: School,
) -> None:
    old = school.data / "stars"
    old.mkdir()
    (old / "a.txt").write_text("old")
    os.chown(old, 0, 0)
    old.chmod(0o755)
    for told in (plan_as(school, TESS), publish_as(school, TESS, 1)):
        assert told.startswith("Conflict:"), "before anything is fetched, and after it"
        assert "belongs to somebody else" in told
    assert (old / "a.txt").read_text() == "old"
    assert not old.is_symlink()
    os.chown(old, 0, DATA_GID)
    old.chmod(0o2775)
    assert plan_as(school, TESS).startswith("Publish stars: 1 file")
    assert publish_as(school, TESS, 2) in ("v2", "v3")
    assert old.is_symlink()


# -- students


STUDENT_MAY_NOT: dict[str, Callable[[Path], object]] = {
    "write a file": lambda d: (d / "stars/part-0/2.txt").write_text("evil"),
    "append to a file": lambda d: os.open(d / "stars/part-0/2.txt", os.O_APPEND | os.O_WRONLY),
    "truncate a file": lambda d: os.truncate(d / "stars/part-0/2.txt", 0),
    "make a file writable": lambda d: (d / "stars/part-0/2.txt").chmod(0o666),
    "remove a file": lambda d: (d / "stars/part-0/2.txt").unlink(),
    "rename a file": lambda d: (d / "stars/part-0/2.txt").rename(d / "stars/part-0/x"),
    "add a file": lambda d: (d / "stars/part-0/new.txt").write_text("evil"),
    "open a folder to all": lambda d: (d / "stars/part-0").chmod(0o777),
    "change the manifest": lambda d: (d / "stars/MANIFEST.json").write_text("{}"),
    "replace the link": lambda d: os.replace(_own_link(d), d / "stars"),
    "remove the link": lambda d: (d / "stars").unlink(),
    "rename the link": lambda d: (d / "stars").rename(d / "x"),
    "take a name before": lambda d: (d / "moons").symlink_to("/tmp"),
    "take a folder before": lambda d: (d / ".versions/moons").mkdir(),
    "take a number before": lambda d: (d / ".versions/stars/v9.json").write_text("{}"),
    "add a state": lambda d: (d / ".versions/stars/state.99.json").write_text("{}"),
    "change a record": lambda d: (d / ".versions/stars/v2.json").write_text("{}"),
    "put something in staging": lambda d: (d / ".staging/evil").mkdir(),
    "look into staging": lambda d: list((d / ".staging").iterdir()),
    "read a staged file": lambda d: (d / ".staging/job-9/files/secret.txt").read_text(),
    "list a job's folder": lambda d: list((d / ".staging/job-9").iterdir()),
    "rename the versions": lambda d: (d / ".versions").rename(d / "x"),
    "take ownership": lambda d: os.chown(d / "stars/part-0", JANE, JANE),
    "publish": lambda d: publish(Library(d, user="jane"), "job-8", whole(8)),
    "restore": lambda d: Library(d, user="jane").restore("stars", "v1"),
    "delete": lambda d: Library(d, user="jane").delete("stars"),
    "verify and leave a mark": lambda d: Library(d, user="jane").verify(
        "stars", "v2", by="jane", control=Told()
    ),
}
"""What a student tries; each must fail because of permissions."""


def _own_link(data: Path) -> Path:
    link = data.parent.parent / "jane" / "link"
    link.symlink_to("/tmp")
    return link


def snapshot(data: Path) -> dict[str, object]:
    """Return name, mode, owner and content of everything."""
    return {
        str(path.relative_to(data)): (
            path.lstat().st_mode,
            path.lstat().st_uid,
            os.readlink(path) if path.is_symlink() else path.is_dir() or path.read_bytes(),
        )
        for path in sorted(data.rglob("*"))
    }


def test_student_when_trying_everything_then_all_can_be_read_and_nothing_changed(
    school: School,
) -> None:
    publish_as(school, TESS, 1)
    publish_as(school, TOM, 2)

    def leave_work() -> None:
        put_files(school.library(TESS).stage("job-9"), {"secret.txt": b"secret"})

    school.as_user(TESS, leave_work)
    (school.root / "jane").mkdir()
    os.chown(school.root / "jane", JANE, JANE)
    before = snapshot(school.data)
    denied = {}
    for what, attempt in STUDENT_MAY_NOT.items():
        told = school.as_user(JANE, lambda attempt=attempt: attempt(school.data))
        denied[what] = told
        may_not = "PermissionError" in told or "StorageUnavailable" in told
        assert may_not or "NotFound" in told, f"{what}: {told}"
        assert not told.startswith("NotFound"), f"{what}: {told}"
    assert snapshot(school.data) == before

    def read_all() -> str:
        read = [p for p in (school.data / "stars/").rglob("*") if p.is_file() and p.read_bytes()]
        earlier = (school.data / ".versions/stars/v1/part-0/1.txt").read_text()
        names = [dataset.name for dataset in Library(school.data, user="jane").list_datasets()]
        return json.dumps([len(read), earlier, names])

    assert json.loads(school.as_user(JANE, read_all)) == [6, "1\n", ["stars"]]
    print(f"\nstudent Jane: reads all; denied {len(denied)} of {len(STUDENT_MAY_NOT)} attempts")
    for what, told in denied.items():
        print(f"  {what:32} {told.partition(':')[0]}")


# -- TAs and what is the admins'


TA_MAY_NOT: dict[str, Callable[[School], object]] = {
    "list the admins' folder": lambda s: list(s.admin.iterdir()),
    "read a start script": lambda s: (s.admin / "as-root.sh").read_text(),
    "write a start script": lambda s: (s.admin / "as-root.sh").write_text("evil"),
    "add a file there": lambda s: (s.admin / "x").write_text("evil"),
    "rename the data folder": lambda s: s.data.rename(s.data.with_name("x")),
    "write beside the data folder": lambda s: (s.data.parent / "x").write_text("evil"),
    "publish a link to it": lambda s: _publish_link(s),
    "open the data folder to all": lambda s: s.data.chmod(0o777),
    "change another TA's file in place": lambda s: (s.data / "stars/part-0/1.txt").write_text("x"),
    "make another TA's file writable": lambda s: (s.data / "stars/part-0/1.txt").chmod(0o666),
}
"""What TA Tom tries against the admins and against Tess's published files."""


def _publish_link(school: School) -> object:
    library = school.library(TOM)
    stage = library.stage("job-7")
    records = put_files(stage, {"a.txt": b"a"})
    (stage / "files" / "a.txt").unlink()
    (stage / "files" / "a.txt").symlink_to(school.admin / "as-root.sh")
    return library.publish(stage, "sly", records, draft("tom"), control=Told())


def test_ta_when_trying_what_is_the_admins_then_each_is_refused(school: School) -> None:
    publish_as(school, TESS, 1)
    print("\nTA Tom:")
    for what, attempt in TA_MAY_NOT.items():
        told = school.as_user(TOM, lambda attempt=attempt: attempt(school))
        assert told.startswith(("PermissionError", "Conflict")), f"{what}: {told}"
        print(f"  {what:34} {told.partition(':')[0]}")
    assert (school.admin / "as-root.sh").read_text() == "#!/bin/bash\n"
    assert (school.data / "stars/part-0/1.txt").read_text() == "1\n"


PLANTED: dict[str, Callable[[School], object]] = {
    "staging/<job> is a link": lambda s: (s.data / ".staging/job-5").symlink_to(s.admin),
    "files is a link": lambda s: (_staged_by(s, ADA) / "files").symlink_to(s.admin),
    ".versions/<name> is a link": lambda s: (s.data / ".versions/moons").symlink_to(s.admin),
    "a link in the trash": lambda s: (s.data / ".versions/stars/.deleted-v1-x").symlink_to(s.admin),
    "a record is a link": lambda s: (s.data / ".versions/stars/v7.json").symlink_to(
        s.admin / "as-root.sh"
    ),
    "a state is a link": lambda s: (s.data / ".versions/stars/state.7.json").symlink_to(
        s.admin / "as-root.sh"
    ),
}
"""What TA Tom plants for an admin's server, which may write the admins' folder."""


def _staged_by(school: School, uid: int) -> Path:
    stage = school.data / ".staging" / "job-6"
    stage.mkdir()
    stage.chmod(0o2770)
    assert uid in PEOPLE
    return stage


def test_admin_when_a_ta_planted_links_then_nothing_behind_them_is_touched(school: School) -> None:
    publish_as(school, TESS, 1)
    publish_as(school, TOM, 2)
    school.as_user(TOM, lambda: school.library(TOM).stage("job-0"))
    for what, plant in PLANTED.items():
        told = school.as_user(TOM, lambda plant=plant: plant(school))
        assert told == "None", f"{what}: {told}"
    before = snapshot(school.admin)

    def work() -> str:
        library = school.library(ADA)
        told = []
        for job, name in (("job-5", "suns"), ("job-6", "suns"), ("job-4", "moons")):
            try:
                stage = library.stage(job)
                if job == "job-4":
                    put_files(stage, {"a.txt": b"a"})
                library.publish(stage, name, [], draft("ada"), control=Told())
                told.append("published")
            except Exception as e:  # noqa: BLE001  # told to the test by its name
                told.append(type(e).__name__)
        library.delete("stars", "v1", free_now=True)
        library.purge_expired()
        library.forget_unfinished((), older_than_s=0)
        for job in library.staged_jobs():
            library.discard(job)
        return json.dumps(
            [told, len(library.problems()), [d.name for d in library.list_datasets()]]
        )

    outcomes, problems, names = json.loads(school.as_user(ADA, work))
    assert "published" not in outcomes
    assert problems > 0
    assert names == ["stars"]
    assert snapshot(school.admin) == before
    assert list((school.data / ".staging").iterdir()) == []


# -- the table


def _restore_another(library: Library) -> str:
    earlier = [v.version for v in library.get_dataset("stars").versions if not v.is_current]
    return library.restore("stars", earlier[0])


def _delete_another(library: Library) -> tuple[str, ...]:
    versions = library.get_dataset("stars").versions
    earlier = [v.version for v in versions if not v.is_current and v.deleted is None]
    return library.delete("stars", earlier[-1])


TABLE: dict[str, Callable[[School, int], object]] = {
    "read what is published": lambda s, _: (s.data / "stars/registry.txt").read_text(),
    "list versions": lambda s, uid: s.library(uid).list_datasets()[0],
    "stage": lambda s, uid: s.library(uid).stage(f"stage-{uid}"),
    "look into staging": lambda s, _: list((s.data / ".staging").iterdir()),
    "publish": lambda s, uid: publish(s.library(uid), f"job-{uid}", whole(1)),
    "restore": lambda s, uid: _restore_another(s.library(uid)),
    "verify": lambda s, uid: s.library(uid).verify("stars", "v5", by="x", control=Told()),
    "delete": lambda s, uid: _delete_another(s.library(uid)),
    "change a published file": lambda s, _: (s.data / "stars/MANIFEST.json").write_text("x"),
    "change the admins' scripts": lambda s, _: (s.admin / "as-root.sh").write_text("#!/bin/bash\n"),
}
EXPECTED = {
    "read what is published": "yes yes yes yes",
    "list versions": "yes yes yes yes",
    "stage": "yes yes no yes",
    "look into staging": "yes yes no yes",
    "publish": "yes yes no yes",
    "restore": "yes yes no yes",
    "verify": "yes yes no yes",
    "delete": "yes yes no yes",
    "change a published file": "no no no no",
    "change the admins' scripts": "no no no yes",
}


def test_table_when_everybody_tries_everything_then_it_is_as_the_school_wants_it(
    school: School,
) -> None:
    for number in range(1, 6):
        publish_as(school, TESS, number)
    found = {}
    for what, attempt in TABLE.items():
        cells = []
        for uid in PEOPLE:
            told = school.as_user(uid, lambda attempt=attempt, uid=uid: attempt(school, uid))
            refused = ("PermissionError", "StorageUnavailable")
            cells.append("no" if told.startswith(refused) else "yes")
            assert cells[-1] == "no" or "Error:" not in told.partition(" ")[0], told
            assert not told.startswith(("Conflict", "NotFound", "StopIteration")), told
        found[what] = " ".join(cells)
    width = max(map(len, TABLE))
    print(f"\n{'':{width}}  " + "  ".join(f"{name:13}" for name, _ in PEOPLE.values()))
    for what, row in found.items():
        print(f"{what:{width}}  " + "  ".join(f"{cell:13}" for cell in row.split()))
    sys.stdout.flush()
    # a published file is 0444 for its owner too, until that owner changes the mode
    assert found == EXPECTED
