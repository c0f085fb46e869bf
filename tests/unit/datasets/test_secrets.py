"""Secrets are planted, used, and looked for everywhere that people or disks could show them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from growth_admin.core.errors import GrowthError
from growth_admin.datasets.models import PublishChange
from growth_admin.deploy.standins.drive.standin import DriveStandin
from tests.unit.datasets.school import School

SIGNATURE = "c0ffee5ec7e7" * 4


@pytest.fixture
def drive() -> Iterator[DriveStandin]:
    with DriveStandin() as standin:
        yield standin


def texts_below(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_text(errors="replace")


def open_school(root: Path, drive: DriveStandin, **settings: str) -> School:
    urls = {
        "web_url": drive.web_url,
        "docs_url": drive.docs_url,
        "download_url": drive.download_url,
        "api_url": drive.api_url,
    }
    return School(
        root, DriveSource={**urls, **settings}, HttpSource={"allow_private_addresses": True}
    )


def told_by(school: School, link: str, name: str) -> str:
    """Return all that an organiser is told while a link is looked at and published."""
    told = [school.manager.probe(link).model_dump_json()]
    change = PublishChange(link=link, name=name)
    plan = school.manager.plan(change)
    job = school.wait(school.manager.apply(plan.id, change, school.user))
    listed = school.manager.list_datasets()
    log = school.rooms.jobs.read_log(job.id, {"datasets"}, 0)
    audit = school.rooms.audit.list_entries(areas={"datasets"})
    return "".join([*told, *(m.model_dump_json() for m in (plan, job, listed, log, audit))])


def test_credentials_when_drive_is_asked_with_them_then_nobody_is_shown_them(
    tmp_path: Path, drive: DriveStandin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key_file, account_file = tmp_path / "key", tmp_path / "account.json"
    key = drive.add_api_key()
    key_file.write_text(key)
    drive.write_key_file(account_file)
    private = json.loads(account_file.read_text())["private_key"].splitlines()[1]
    good = drive.add_file("stars.csv", b"a,b\n" * 100)
    told = ""
    for number, settings in enumerate(
        ({"api_key_file": str(key_file)}, {"service_account_file": str(account_file)})
    ):
        school = open_school(tmp_path / f"school-{number}", drive, **settings)
        told += told_by(school, drive.link(good), "stars")
        assert school.dataset("stars").versions[0].verified_with, "the credential was not used"
        drive.faults.add("api_error", reason="downloadQuotaExceeded", where="media")
        told += told_by(school, drive.link(good), "again")
        drive.faults.clear()
        drive.faults.add("status", status=500)
        with pytest.raises(GrowthError) as failed:
            school.manager.probe(drive.link(drive.add_file(f"new-{number}.csv", b"x")))
        told += f"{failed.value.detail}{failed.value.hint}{failed.value.context}"
        drive.faults.clear()
        school.close()
        for path, text in texts_below(tmp_path / f"school-{number}"):
            assert key not in text, path
            assert private not in text, path
    for secret in (key, private):
        assert secret not in told
        assert secret not in caplog.text


def test_signature_in_a_link_when_published_then_only_the_job_that_needs_it_keeps_it(
    tmp_path: Path, drive: DriveStandin
) -> None:
    file = drive.add_file("stars.csv", b"a,b\n" * 100)
    folder = drive.add_folder("all")
    drive.add_file("stars.csv", b"a,b\n" * 100, folder)
    school = open_school(tmp_path / "school", drive)
    link = f"{drive.index_url(folder)}stars.csv?X-Amz-Signature={SIGNATURE}"
    told = told_by(school, link, "stars")
    assert school.dataset("stars").current == "v1", file
    school.close()
    assert SIGNATURE not in told
    keeping = {path.name for path, text in texts_below(tmp_path) if SIGNATURE in text}
    assert keeping <= {"job.0.json", "job.1.json"}
