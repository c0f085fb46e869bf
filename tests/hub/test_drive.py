"""The demo school's Drive: a TA's own server looks at its links and publishes from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from growth_admin.deploy.demo.folder import DemoFolder, free_port
from growth_admin.deploy.standins.drive import sample
from tests.hub.school import Browser, School, eventually

ENDED = ("succeeded", "failed", "cancelled")
TA, LOGIN = "priya-n", "Priya-N"


class Assistant:
    """A TA at work on her own server."""

    def __init__(self, school: School) -> None:
        self.school = school
        self.browser: Browser = school.login(LOGIN)
        school.start(TA)
        school.open_lab(self.browser, TA)

    def send(self, method: str, path: str, **body: Any) -> requests.Response:
        """A call of the console."""
        url = f"{self.school.server_url(TA)}/growth/api/{path}"
        headers = self.browser.xsrf(f"/user/{TA}/")
        return self.browser.request(method, url, json=body or None, headers=headers)

    def publish(self, link: str, name: str, **more: Any) -> dict[str, Any]:
        """Plan and apply; the job when it has ended."""
        change = {"action": "publish", "link": link, "name": name, **more}
        plan = self.send("POST", "datasets/plans", change=change)
        assert plan.status_code == 200, plan.text
        wanted = {"plan_id": plan.json()["id"], "change": change}
        reply = self.send("POST", "datasets/applications", **wanted)
        assert reply.status_code == 202, reply.text

        def look() -> dict[str, Any] | None:
            job: dict[str, Any] = self.send("GET", f"jobs/{reply.json()['id']}").json()
            return job if job.get("state") in ENDED or job.get("is_paused") else None

        return eventually(look, 60, 0.3)


@pytest.fixture(scope="module")
def assistant(school: School) -> Iterator[Assistant]:
    yield Assistant(school)
    school.stop(TA)


def test_drive_when_the_school_is_open_then_a_ta_can_look_at_its_links(
    school: School, assistant: Assistant
) -> None:
    found = assistant.send("POST", "datasets/probes", link=school.running.drive_link(sample.STARS))
    assert found.status_code == 200, found.text
    probe = found.json()
    assert sample.STARS in probe["title"] and probe["is_folder"]
    keys = school.folder.credentials
    assert json.loads((keys / sample.SERVICE_ACCOUNT_FILE).read_text())["type"] == "service_account"
    assert (keys / sample.API_KEY_FILE).read_text().strip() not in found.text


def test_drive_when_a_ta_publishes_a_folder_then_students_can_read_it(
    school: School, assistant: Assistant
) -> None:
    job = assistant.publish(school.running.drive_link(sample.STARS), "stars")
    assert job["state"] == "succeeded", job
    published = school.folder.shared / "data" / "stars"
    curves = sorted(path.name for path in (published / "light curves").iterdir())
    assert curves == sorted(f"{star}.csv" for star in sample.STAR_NAMES)
    assert (published / "README.md").read_text().startswith("# Variable stars")
    listed = assistant.send("GET", "datasets").json()["datasets"]
    assert "stars" in [dataset["name"] for dataset in listed]


def test_drive_when_an_archive_is_published_then_unpacked(
    school: School, assistant: Assistant
) -> None:
    link = sample.link(school.running.drive_url, sample.ARCHIVES, "spectra.tar.gz")
    job = assistant.publish(link, "spectra", extract=True)
    assert job["state"] == "succeeded", job
    found = {path.name for path in (school.folder.shared / "data/spectra").rglob("*.csv")}
    assert found == {f"{star}.csv" for star in sample.STAR_NAMES}


def test_drive_when_a_file_is_for_the_school_only_then_its_account_fetches_it(
    school: School, assistant: Assistant
) -> None:
    name = "for-the-school-only.csv"
    link = sample.link(school.running.drive_url, sample.TROUBLE, name)
    assert "ServiceLogin" in requests.get(link, timeout=20).url
    job = assistant.publish(link, "private-nova")
    assert job["state"] == "succeeded", job
    data = (school.folder.shared / "data/private-nova" / name).read_bytes()
    record = assistant.send("GET", "datasets/private-nova").json()
    assert hashlib.sha256(data).hexdigest() in json.dumps(record)


def test_drive_when_a_file_is_not_shared_then_the_ta_reads_what_to_do(
    school: School, assistant: Assistant
) -> None:
    link = sample.link(school.running.drive_url, sample.TROUBLE, "not-shared.csv")
    refused = assistant.send("POST", "datasets/probes", link=link)
    assert refused.status_code == 422, refused.text
    assert refused.json()["hint"]


def test_settings_when_kept_by_a_demo_without_drive_then_still_good(tmp_path: Any) -> None:
    folder = DemoFolder(tmp_path)
    first, is_new = folder.create(free_port(), lambda seconds: None)
    kept = json.loads(folder.settings_path.read_text())
    assert is_new and kept.pop("drive_port")
    folder.settings_path.write_text(json.dumps(kept))
    again, is_new = folder.create(free_port(), lambda seconds: None)
    assert not is_new and again.mark == first.mark and again.drive_port
