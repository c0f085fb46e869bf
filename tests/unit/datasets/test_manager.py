"""From a link to what students read: plans, jobs, versions."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import shutil
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.errors import Conflict, InvalidInput, NotFound, StalePlan
from growth_admin.core.schema import now
from growth_admin.datasets.facts import FileRecord
from growth_admin.datasets.looking import Unhurried
from growth_admin.datasets.models import DeleteChange, PublishChange, RestoreChange, SourceRecord
from growth_admin.datasets.publish.records import VersionDraft
from growth_admin.datasets.uploads.record import NewUpload
from growth_admin.deploy.standins.drive.standin import DriveStandin
from growth_admin.jobs.models import Job, StoredJob
from growth_admin.jobs.seal import Seal
from growth_admin.jobs.store import JobStore
from tests.conftest import fill, wait_until
from tests.unit.datasets.school import School

Open = Callable[..., School]


@pytest.fixture
def open_school(tmp_path: Path) -> Iterator[Open]:
    """Open rooms over one folder; closed when the test ends."""
    opened: list[School] = []

    def make(**facts: Any) -> School:
        opened.append(School(tmp_path, **facts))
        return opened[-1]

    yield make
    for school in opened:
        school.close()


@pytest.fixture
def school(open_school: Open) -> School:
    return open_school()


@pytest.fixture
def drive() -> Iterator[DriveStandin]:
    with DriveStandin() as standin:
        yield standin


def drive_settings(drive: DriveStandin) -> dict[str, Any]:
    """Return the settings that put the stand-in in Google's place."""
    return {
        "DriveSource": {
            "web_url": drive.web_url,
            "docs_url": drive.docs_url,
            "download_url": drive.download_url,
            "api_url": drive.api_url,
        }
    }


def test_publish_when_a_file_is_given_then_students_read_it_with_manifest_and_checksums(
    school: School,
) -> None:
    receipt = school.publish("stars", school.put("catalogue.csv", b"a,b\n1,2\n"))
    folder = school.data / "stars"
    digest = hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    assert (folder / "catalogue.csv").read_bytes() == b"a,b\n1,2\n"
    assert f"{digest}  catalogue.csv" in (folder / "SHA256SUMS").read_text()
    assert f"catalogue.csv sha256:{digest}" in (folder / "registry.txt").read_text()
    assert (folder / "MANIFEST.json").exists()
    assert receipt.title == "Published stars v1: 1 file, 8 B"
    assert receipt.undo is None
    (version,) = school.dataset("stars").versions
    assert (version.version, version.published_by, version.sha256) == ("v1", "tess", digest)
    assert school.staged() == []


def test_publish_when_done_again_then_the_undo_of_the_receipt_brings_the_old_version_back(
    school: School,
) -> None:
    school.publish("stars", school.put("a.csv", "one"))
    receipt = school.publish("stars", school.put("a.csv", "two"))
    assert (school.data / "stars" / "a.csv").read_text() == "two"
    assert receipt.undo is not None
    assert receipt.undo.path == "datasets/stars/restorations"
    school.manager.restore("stars", **receipt.undo.body)
    assert (school.data / "stars" / "a.csv").read_text() == "one"
    with pytest.raises(Conflict):
        school.manager.restore("stars", "v2", "v3")


def test_plan_when_shown_then_it_says_what_it_replaces_and_what_is_unverified(
    school: School,
) -> None:
    school.publish("stars", school.put("a.csv"))
    plan = school.manager.plan(PublishChange(link=school.put("b.csv", "x" * 2500), name="stars"))
    assert plan.title.startswith("Publish stars: 1 file, 2.5 kB from /")
    assert any("replaces v1" in warning for warning in plan.warnings)
    assert any("Unverified against source" in warning for warning in plan.warnings)


def test_apply_when_somebody_published_meanwhile_then_the_plan_is_stale(school: School) -> None:
    change = PublishChange(link=school.put("a.csv"), name="stars")
    plan = school.manager.plan(change)
    school.publish("stars", school.put("b.csv", "other"))
    with pytest.raises(StalePlan):
        school.manager.apply(plan.id, change, "tess")


def test_checksum_by_hand_when_right_or_wrong_then_it_counts(school: School) -> None:
    link = school.put("a.csv", "data")
    good = hashlib.sha256(b"data").hexdigest()
    school.publish("stars", link, checksum=good)
    assert school.dataset("stars").versions[0].verified_with == "sha256, given by hand"
    change = PublishChange(link=link, name="other", checksum="sha256:" + "0" * 64)
    ended = school.wait(school.start(change))
    assert ended.state == "failed"
    assert ended.problem is not None
    assert good in ended.problem.detail
    assert not (school.data / "other").exists()
    assert school.staged() == []
    with pytest.raises(InvalidInput):
        school.manager.plan(PublishChange(link=link, name="x", checksum="sha256:12"))


def wait_for_rest(count: Callable[[], int]) -> int:
    """Return a number once it has been the same, and not zero, for a second."""
    seen, since_s = 0, time.monotonic()
    while not seen or time.monotonic() - since_s < 1:
        if (found := count()) != seen:
            seen, since_s = found, time.monotonic()
        time.sleep(0.05)
    return seen


def is_paused_for(school: School, job: Job, title: str) -> bool:
    """Return whether a job rests, and for this reason."""
    seen = school.job(job)
    return seen.is_paused and seen.problem is not None and seen.problem.title == title


def archive_of(files: dict[str, bytes], kind: str) -> bytes:
    """Return an archive as Python writes it."""
    memory = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(memory, "w") as zipped:
            for name, content in files.items():
                zipped.writestr(name, content)
    else:
        with tarfile.open(fileobj=memory, mode="w:gz") as tarred:
            for name, content in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tarred.addfile(member, io.BytesIO(content))
    return memory.getvalue()


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_publish_when_an_archive_is_unpacked_then_its_files_are_there(
    school: School, kind: str
) -> None:
    files = {"curves/mira.csv": b"1,2\n", "README.md": b"hello"}
    link = school.put(f"stars.{kind}", archive_of(files, kind))
    probe = school.manager.probe(link)
    assert (probe.archive, probe.archives, probe.suggested_name) == (kind, 1, "stars")
    assert probe.free_after_bytes is not None
    school.publish("stars", link, extract=True)
    folder = school.data / "stars"
    assert {name: (folder / name).read_bytes() for name in files} == files
    assert not (folder / f"stars.{kind}").exists()
    assert school.dataset("stars").versions[0].is_extracted


def zip_of_others() -> bytes:
    """Return a zip file whose names are marked as UTF-8 and are not."""
    return archive_of({"ä.csv": b"1"}, "zip").replace("ä".encode(), b"\xff\xe4")


def zip_of_the_future() -> bytes:
    """Return a zip file that takes version 9.9 of the format, as its directory says."""
    content = archive_of({"a.csv": b"1"}, "zip")
    needed = content.index(b"PK\x01\x02") + 6
    return content[:needed] + bytes([99, 0]) + content[needed + 2 :]


@pytest.mark.parametrize("make", [zip_of_others, zip_of_the_future])
def test_probe_when_the_directory_of_a_zip_is_odd_then_it_is_estimated_and_can_be_published(
    school: School, make: Callable[[], bytes]
) -> None:
    link = school.put("odd.zip", make())
    probe = school.manager.probe(link)
    assert (probe.archive, probe.free_after_bytes is None) == ("zip", False)
    school.publish("odd", link)
    assert (school.data / "odd" / "odd.zip").is_file()


def test_publish_when_a_folder_holds_archives_then_each_is_unpacked_beside_what_is_none(
    school: School,
) -> None:
    school.put("week/one.zip", archive_of({"a.csv": b"1"}, "zip"))
    school.put("week/notes.txt", "read me")
    school.put("week/model.npz", archive_of({"x.npy": b"2"}, "zip"))
    school.publish("week", str(school.home / "week"), extract=True)
    folder = school.data / "week"
    assert (folder / "one" / "a.csv").read_bytes() == b"1"
    assert (folder / "notes.txt").read_text() == "read me"
    assert (folder / "model.npz").is_file(), "what is no archive by its name stays whole"


def test_publish_when_archives_of_a_folder_want_one_place_then_each_gets_its_own(
    school: School,
) -> None:
    for night in ("1", "2"):
        school.put(f"week/{night}/img0.fits.gz", gzip.compress(f"sky {night}".encode()))
    school.put("week/cat.zip", archive_of({"a.csv": b"zip"}, "zip"))
    school.put("week/cat.tar.gz", archive_of({"a.csv": b"tar"}, "tar.gz"))
    school.put("week/Cat.tgz", archive_of({"a.csv": b"tgz"}, "tar.gz"))
    school.put("week/dark.fits", "raw")
    school.put("week/dark.fits.gz", gzip.compress(b"packed"))
    school.put("week/flats.zip", archive_of({"b.csv": b"2"}, "zip"))
    school.put("week/flats/a.csv", "1")
    school.publish("week", str(school.home / "week"), extract=True)
    folder = school.data / "week"
    found = {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}
    for ours in ("MANIFEST.json", "SHA256SUMS", "registry.txt"):
        del found[ours]
    assert found == {
        "1/img0.fits": "sky 1",
        "2/img0.fits": "sky 2",
        "Cat/a.csv": "tgz",
        "cat (2)/a.csv": "tar",
        "cat (3)/a.csv": "zip",
        "dark.fits": "raw",
        "dark (2).fits": "packed",
        "flats/a.csv": "1",
        "flats (2)/b.csv": "2",
    }
    assert school.staged() == []


def test_probe_when_a_folder_holds_archives_then_they_are_counted_and_taken_to_stay_packed(
    school: School,
) -> None:
    for number in range(3):
        school.put(f"week/img{number}.fits.gz", gzip.compress(bytes(1000)))
    school.put("week/README.md", "read me")
    link = str(school.home / "week")
    probe = school.manager.probe(link)
    assert (probe.is_folder, probe.archives, probe.files) == (True, 3, 4)
    assert probe.size_bytes is not None
    assert probe.free_after_bytes is not None
    assert probe.free_bytes - probe.free_after_bytes == probe.size_bytes


def test_plan_when_only_the_unpacked_would_not_fit_then_it_warns_where_it_is_unpacked(
    school: School,
) -> None:
    for name in ("a.fits.gz", "b.fits.gz"):  # together 60 % of what is free; they hold nothing
        size_bytes = int(0.3 * shutil.disk_usage(school.home).free)
        os.truncate(school.put(f"week/{name}"), size_bytes)

    def warnings(*, extract: bool) -> str:
        change = PublishChange(link=str(school.home / "week"), name="week", extract=extract)
        return " ".join(school.manager.plan(change).warnings)

    assert "this may need" in warnings(extract=True)
    assert "this may need" not in warnings(extract=False)


def test_publish_when_the_archive_is_hostile_then_nothing_is_published(school: School) -> None:
    link = school.put("evil.zip", archive_of({"../../outside": b"x"}, "zip"))
    ended = school.wait(school.start(PublishChange(link=link, name="evil", extract=True)))
    assert ended.state == "failed"
    assert ended.problem is not None
    assert "outside" in ended.problem.detail
    assert not (school.data / "evil").exists()
    assert school.staged() == []


def test_publish_when_it_is_no_archive_then_unpacking_is_refused(school: School) -> None:
    change = PublishChange(link=school.put("a.csv", "no archive"), name="stars", extract=True)
    ended = school.wait(school.start(change))
    assert ended.problem is not None
    assert "no archive" in ended.problem.detail


def test_names_when_they_are_words_of_the_routes_then_they_are_refused(school: School) -> None:
    with pytest.raises(InvalidInput, match="cannot be called"):
        school.manager.plan(PublishChange(link=school.put("a.csv"), name="uploads"))


def test_restore_when_planned_and_applied_then_its_receipt_can_be_undone(school: School) -> None:
    school.publish("stars", school.put("a.csv", "one"))
    school.publish("stars", school.put("a.csv", "two"))
    receipt = school.do(RestoreChange(name="stars", version="v1"))
    assert (school.data / "stars" / "a.csv").read_text() == "one"
    assert receipt.undo is not None
    assert receipt.undo.body == {"version": "v2", "replaces": "v1"}
    assert school.dataset("stars").current == "v1"
    with pytest.raises(NotFound):
        school.manager.plan(RestoreChange(name="stars", version="v9"))


def test_delete_when_undone_then_students_read_it_again(school: School) -> None:
    school.publish("stars", school.put("a.csv", "one"))
    school.publish("stars", school.put("a.csv", "two"))
    with pytest.raises(InvalidInput, match="read now"):
        school.manager.plan(DeleteChange(name="stars", version="v2"))
    receipt = school.do(DeleteChange(name="stars"))
    assert not (school.data / "stars").exists()
    assert receipt.undo is not None
    school.manager.undelete("stars")
    assert (school.data / "stars" / "a.csv").read_text() == "two"


def test_delete_when_the_space_is_freed_at_once_then_nothing_is_left(school: School) -> None:
    school.publish("stars", school.put("a.csv", "one"))
    receipt = school.do(DeleteChange(name="stars", free_now=True))
    assert receipt.undo is None
    assert not list(school.data.rglob("a.csv"))
    with pytest.raises(NotFound):
        school.manager.undelete("stars")


def test_verify_when_a_file_was_changed_then_it_is_named(school: School) -> None:
    school.publish("stars", school.put("a.csv", "one"))
    job = school.wait(school.manager.start_verify("stars", "", "tess"))
    assert "every file is as it was published" in str(job.receipt)
    file = school.data / "stars" / "a.csv"
    file.chmod(0o644)
    file.write_text("two")
    job = school.wait(school.manager.start_verify("stars", "", "tess"))
    assert job.receipt is not None
    assert [item["target"] for item in job.receipt["items"]] == ["a.csv (damaged)"]
    check = school.dataset("stars").versions[0].last_check
    assert check is not None
    assert (check.damaged, check.is_good) == (1, False)


def test_publish_when_drive_says_quota_then_the_job_waits_with_what_it_has(
    open_school: Open, drive: DriveStandin
) -> None:
    school = open_school(**drive_settings(drive))
    folder = drive.add_folder("Light curves")
    for number in range(12):
        drive.add_file(f"{number:02}.csv", f"curve {number}\n".encode(), folder)
    drive.faults.add("quota", where="download", after=5)
    change = PublishChange(link=drive.link(folder), name="curves")
    paused = school.wait(school.start(change))
    assert paused.is_paused
    assert paused.problem is not None
    assert "quota" in paused.problem.detail.lower()
    assert not (school.data / "curves").exists()
    assert school.staged() == [paused.id]
    busy = school.manager.find_unfinished(change, "tess")
    assert busy is not None
    with pytest.raises(Conflict, match="already"):
        school.start(change)
    drive.faults.clear()
    before = len(drive.requests("download"))
    school.rooms.jobs.resume_job(paused.id, {"datasets"})
    wait_until(lambda: school.job(paused).state == "succeeded", what="the publication")
    fetched = len(drive.requests("download")) - before
    assert fetched <= 12 - 5, "what was there was fetched again"
    assert (school.data / "curves" / "11.csv").read_text() == "curve 11\n"
    assert school.staged() == []


def test_publish_when_the_disk_fills_then_the_job_waits_with_what_it_has(
    drive: DriveStandin, small_disk: Path
) -> None:
    school = School(small_disk, **drive_settings(drive))
    folder = drive.add_folder("Light curves")
    for number in range(12):
        drive.add_file(f"{number:02}.csv", b"%02d" % number * 8_000, folder)
    filler = fill(small_disk)
    os.truncate(filler, filler.stat().st_size - (100 << 10))
    job = school.start(PublishChange(link=drive.link(folder), name="curves"))
    downloads = wait_for_rest(lambda: len(drive.requests("download")))
    assert downloads < 12
    os.truncate(filler, 0)  # the pause itself takes room, too
    paused = school.wait(job)
    assert is_paused_for(school, job, "The disk is full")
    assert paused.problem is not None and "resume" in paused.problem.hint
    school.manager.sweep()
    assert school.staged() == [paused.id]
    school.manager.resume(paused.id)
    wait_until(lambda: school.job(paused).state == "succeeded", what="the publication")
    assert (school.data / "curves" / "11.csv").read_bytes() == b"11" * 8_000
    assert len(drive.requests("download")) - downloads < 12, "nothing of what was there was used"
    assert school.staged() == []
    school.close()


def test_publish_when_the_stage_is_away_for_a_moment_then_the_job_waits_with_what_it_has(
    open_school: Open, drive: DriveStandin
) -> None:
    school = open_school(**drive_settings(drive))
    folder = drive.add_folder("Light curves")
    for number in range(12):
        drive.add_file(f"{number:02}.csv", f"curve {number}\n".encode(), folder)
    drive.faults.add("quota", where="download", after=5)
    job = school.wait(school.start(PublishChange(link=drive.link(folder), name="curves")))
    drive.faults.clear()
    fetched = school.data / ".staging" / job.id / "fetch"
    aside = fetched.rename(school.home / "aside")
    fetched.write_text("no folder")
    school.manager.resume(job.id)
    wait_until(lambda: is_paused_for(school, job, "The folder cannot be used"), what="the pause")
    fetched.unlink()
    aside.rename(fetched)
    before = len(drive.requests("download"))
    school.manager.resume(job.id)
    wait_until(lambda: school.job(job).state == "succeeded", what="the publication")
    assert len(drive.requests("download")) - before <= 12 - 5, "what was there was fetched again"


def test_publish_when_the_archive_finds_no_room_then_it_is_kept_until_the_job_is_cancelled(
    drive: DriveStandin, small_disk: Path
) -> None:
    school = School(small_disk, **drive_settings(drive))
    folder = drive.add_folder("One archive")  # of its files Drive tells no size before
    drive.add_file("big.zip", archive_of({"a.csv": b"1,2\n"}, "zip"), folder)
    change = PublishChange(link=drive.link(folder), name="big", extract=True)
    job = school.wait(school.start(change))
    assert is_paused_for(school, job, "The disk is full")
    stage = school.data / ".staging" / job.id
    assert (stage / "download" / "files" / "big.zip").exists()
    assert not (stage / "files").exists(), "half of an archive takes room from everybody"
    school.rooms.jobs.cancel_job(job.id, {"datasets"}, "tess")
    wait_until(lambda: school.job(job).state == "cancelled", what="the end")
    assert school.staged() == []
    school.close()


def test_publish_when_an_upload_finds_no_room_for_its_copy_then_it_waits_and_stays_an_upload(
    small_disk: Path,
) -> None:
    school = School(small_disk)  # less than what stays free for everybody's logs
    uploads = school.rooms.datasets.uploads
    upload = uploads.create_upload(NewUpload(size_bytes=4, file_name="a.csv"))
    writer = uploads.write(upload.id, 0)
    writer.append(b"1,2\n")
    writer.finish()
    change = PublishChange(link=f"upload:{upload.id}", name="stars")
    job = school.wait(school.start(change))
    assert is_paused_for(school, job, "The disk is full")
    school.rooms.jobs.cancel_job(job.id, {"datasets"}, "tess")
    wait_until(lambda: school.job(job).state == "cancelled", what="the end")
    assert uploads.get_upload(upload.id).is_complete
    school.close()


def test_publish_when_cancelled_then_nothing_is_left(
    open_school: Open, drive: DriveStandin
) -> None:
    school = open_school(**drive_settings(drive))
    file = drive.add_file("big.dat", b"x" * 4_000_000)
    drive.faults.add("drip", item=file.id, bytes_per_s=200_000)
    job = school.start(PublishChange(link=drive.link(file), name="big"))
    wait_until(lambda: school.job(job).progress is not None, what="some progress")
    school.rooms.jobs.cancel_job(job.id, {"datasets"}, "tess")
    assert school.wait(job).state == "cancelled"
    assert not (school.data / "big").exists()
    assert school.staged() == []


def test_sweep_when_a_stage_belongs_to_no_job_then_it_is_removed(school: School) -> None:
    school.publish("stars", school.put("a.csv"))
    stage = school.manager.library.stage("20260101T000000000000-abcdef")
    (stage / "left-over").write_bytes(b"x" * 100)
    school.manager.sweep()
    assert school.staged() == []


def test_trash_when_its_time_is_over_then_it_is_freed_though_nobody_publishes(
    open_school: Open,
) -> None:
    school = open_school(DatasetManager={"trash_keep_h": 0})
    school.publish("stars", school.put("a.csv"))
    school.do(DeleteChange(name="stars"))
    versions = school.data / ".versions" / "stars"
    assert list(versions.rglob("a.csv")), "deleting is quick: it only goes to the trash"
    others = (open_school(user="ada"), open_school(user="tom"))
    for server in (school, *others):
        server.manager.tidier.close()
        server.manager.tidier.open(first_s=0.05, every_s=0.05)
    wait_until(lambda: not list(versions.rglob("a.csv")), what="the trash to be freed")
    assert school.manager.list_datasets().datasets == ()


def test_tidying_when_the_disk_is_away_then_it_goes_on_later(school: School) -> None:
    school.publish("stars", school.put("a.csv"))
    aside = school.data.with_name("away")
    school.data.rename(aside)
    school.data.write_text("no folder")
    school.manager.tidier.close()
    school.manager.tidier.open(first_s=0.05, every_s=0.05)
    time.sleep(0.3)
    school.data.unlink()
    aside.rename(school.data)
    stage = school.manager.library.stage("20260101T000000000000-abcdef")
    wait_until(lambda: not stage.exists(), what="the stage of a dead job to be removed")


def test_apply_when_much_is_to_be_freed_then_the_request_does_not_wait_for_it(
    open_school: Open, drive: DriveStandin
) -> None:
    school = open_school(**drive_settings(drive))
    file = drive.add_file("big.dat", b"x" * 4_000_000)
    drive.faults.add("drip", item=file.id, bytes_per_s=1000)
    for number in range(4):  # whoever works on jobs here is busy: only the request is left
        job = school.start(PublishChange(link=drive.link(file), name=f"big-{number}"))
        wait_until(lambda job=job: school.job(job).progress is not None, what="some progress")
    stage = school.manager.library.stage("20260101T000000000000-abcdef")
    school.start(PublishChange(link=school.put("a.csv"), name="stars"))
    assert stage.exists()


def test_receipts_when_a_student_has_started_before_then_the_next_start_is_to_bring_it(
    school: School,
) -> None:
    school.publish("stars", school.put("a.csv"))
    receipts = school.shared / ".growth-admin" / "receipts"
    (receipts / "jane-doe.json").write_text(
        '{"schema": 1, "user": "jane-doe", "uid": 20001, "time": "2026-11-23T08:00:00Z",'
        ' "datasets": []}'
    )
    table = school.manager.list_receipts("stars")
    assert [(row.user, row.state) for row in table.rows] == [("jane-doe", "behind")]
    assert school.dataset("stars").receipts.behind == 1


def test_list_when_others_publish_too_then_all_see_the_same(open_school: Open) -> None:
    tess, ada = open_school(user="tess"), open_school(user="ada")
    tess.publish("stars", tess.put("a.csv"))
    ada.publish("planets", ada.put("b.csv"))
    assert [d.name for d in tess.manager.list_datasets().datasets] == ["planets", "stars"]
    jobs = ada.rooms.jobs.list_jobs({"datasets"}).jobs
    assert {job.created_by for job in jobs} == {"tess", "ada"}


def test_sweep_when_a_job_cannot_be_read_then_its_stage_stays(school: School) -> None:
    job = school.wait(school.start(PublishChange(link=school.put("a.csv"), name="stars")))
    state = next((school.shared / ".growth-admin" / "jobs" / job.id).glob("job.1.json"))
    other = school.manager.library.stage(job.id)
    state.write_text("not readable for a moment")
    fresh = School(school.root)
    fresh.manager.sweep()
    fresh.close()
    assert other.exists(), "unknown is not dead"


def test_publish_when_killed_after_the_swap_and_cancelled_then_it_is_what_it_is(
    school: School,
) -> None:
    seal = Seal(school.home / ".local" / "share" / "growth-admin" / "jobs.key")
    store = JobStore(school.shared / ".growth-admin" / "jobs", seal=seal)
    change = PublishChange(link=school.put("a.csv", "one"), name="stars")
    job = Job(
        id=store.new_id(),
        kind="datasets.publish",
        area="datasets",
        title="Publish stars",
        state="pending",
        created=now(),
        created_by="tess",
    )
    library = school.manager.library
    stage = library.stage(job.id)
    (stage / "files").mkdir(exist_ok=True)
    (stage / "files" / "a.csv").write_text("one")
    digest = hashlib.sha256(b"one").hexdigest()
    draft = VersionDraft(source=SourceRecord(kind="path", link="/a"), published_by="tess")
    library.publish(stage, "stars", [FileRecord("a.csv", 3, digest)], draft, control=Unhurried())
    store.create(StoredJob(job=job, params={"request": change.as_json()}, checkpoint={"a": 1}))
    store.ask_cancel(job.id, "tess")
    again = School(school.root)
    ended = again.wait(job)
    assert ended.state == "succeeded"
    assert [v.version for v in again.dataset("stars").versions] == ["v1"]
    assert again.staged() == []
    again.close()
