"""Uploads that a job publishes: nobody takes them away but the job itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from growth_admin.core.errors import Conflict, NotFound
from growth_admin.core.schema import now
from growth_admin.datasets.models import PublishChange
from growth_admin.datasets.uploads.record import NewUpload
from growth_admin.jobs.models import ENDED, Job, StoredJob
from growth_admin.jobs.seal import Seal
from growth_admin.jobs.store import JobStore
from tests.conftest import wait_until
from tests.unit.datasets.school import School

BATCH = "nights-2-6"


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    school = School(tmp_path)
    yield school
    school.close()


def sent(school: School, name: str, batch: str = "") -> str:
    """Return the id of an upload that has arrived."""
    uploads = school.rooms.datasets.uploads
    made = uploads.create_upload(NewUpload(size_bytes=3, file_name=name, batch=batch))
    writer = uploads.write(made.id, 0)
    writer.append(name[:3].encode())
    writer.finish()
    return made.id


def paused_job(school: School, link: str) -> str:
    """Return the id of a job that is to publish a link and rests before its first step."""
    seal = Seal(school.home / ".local" / "share" / "growth-admin" / "jobs.key")
    store = JobStore(school.shared / ".growth-admin" / "jobs", seal=seal)
    job = Job(
        id=store.new_id(),
        kind="datasets.publish",
        area="datasets",
        title="Publish nights",
        state="pending",
        created=now(),
        created_by=school.user,
        is_pausable=True,
    )
    store.path(job.id).mkdir(parents=True)
    store.ask_pause(job.id, school.user)
    change = PublishChange(link=link, name="nights")
    store.create(StoredJob(job=job, params={"request": change.as_json()}))
    return job.id


@pytest.mark.parametrize("batch", ["", BATCH])
def test_delete_when_a_job_publishes_the_upload_then_it_is_refused_until_that_job_has_ended(
    school: School, batch: str
) -> None:
    uploads = school.rooms.datasets.uploads
    upload_id, other_id = sent(school, "one", batch), sent(school, "two", batch)
    link = f"upload:batch:{batch}" if batch else f"upload:{upload_id}"
    job_id = paused_job(school, link)
    assert uploads.list_with_jobs(batch).publishing == {link: job_id}
    with pytest.raises(Conflict, match="is being published") as refused:
        uploads.delete_upload(upload_id, is_admin=True)
    assert refused.value.context == {"job": job_id}
    assert uploads.get_upload(upload_id).is_complete
    if not batch:
        uploads.delete_upload(other_id)  # no job is about this one
    school.rooms.jobs.cancel_job(job_id, {"datasets"}, school.user)
    wait_until(
        lambda: school.rooms.jobs.get_job(job_id, {"datasets"}).state in ENDED, what="the end"
    )
    assert uploads.list_publishing() == {}
    uploads.delete_upload(upload_id)


@pytest.mark.parametrize("batch", ["", BATCH])
def test_publication_when_it_has_ended_then_its_uploads_are_gone(
    school: School, batch: str
) -> None:
    uploads = school.rooms.datasets.uploads
    upload_id = sent(school, "one", batch)
    if batch:
        sent(school, "two", batch)
    school.publish("nights", f"upload:batch:{batch}" if batch else f"upload:{upload_id}")
    with pytest.raises(NotFound):
        uploads.get_upload(upload_id)
    assert uploads.list_uploads() == ()


def test_purge_when_a_job_rests_longer_than_uploads_are_kept_then_what_it_publishes_stays(
    school: School,
) -> None:
    uploads = school.rooms.datasets.uploads
    held, in_batch, free = (
        sent(school, "a.csv"),
        sent(school, "b.csv", BATCH),
        sent(school, "c.csv"),
    )
    jobs = [paused_job(school, link) for link in (f"upload:{held}", f"upload:batch:{BATCH}")]
    later_s = time.time() + 8 * 86400
    uploads.purge_expired(later_s)
    assert {upload.id for upload in uploads.list_uploads()} == {held, in_batch}
    with pytest.raises(NotFound):
        uploads.get_upload(free)
    for job in jobs:
        school.rooms.jobs.cancel_job(job, {"datasets"}, school.user)
    wait_until(lambda: not uploads.list_publishing(), what="the end of the jobs")
    uploads.purge_expired(later_s)
    assert uploads.list_uploads() == ()
