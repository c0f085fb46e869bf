"""Check an image on a real hub of both versions: canary by digest, bot student, record, promotion.

The servers are processes: the image is named to the hub and told to the servers, and not run. With
containers: tests/container/test_image_check.py.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from growth_admin.deploy.demo.people import BOT
from growth_admin.servers.hub_tokens import HubTokens
from tests.hub.school import Browser, School, eventually, hub55_python
from tests.hub.visitors import ADMIN, OTHER_ADMIN, Visitors
from tests.images.registry import RealRegistry, running_registry

VERSIONS = {"hub-6.1": lambda: sys.executable, "hub-5.5": hub55_python}
NAME = ADMIN.lower()
IMAGES = "/growth/api/images"
STEPS = (
    "Smoke checks", "Start the canary", "Let the bot student in", "Open Lab", "Open a notebook",
    "Run a cell", "Read a dataset", "Stop and clean up",
)  # fmt: skip
pytestmark = pytest.mark.timeout(900)


@dataclass
class Console:
    """An organiser's own server, the school around it and its registry."""

    school: School
    registry: RealRegistry
    visitors: Visitors
    browser: Browser
    send: Callable[..., Any]

    def start(self, image: str) -> str:
        """Begin to check an image; return the id of the job."""
        reply = self.send("POST", f"{IMAGES}/tags/{image}/checks", {})
        assert reply.status_code == 202, reply.text
        return str(reply.json()["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        """Return a job."""
        found: dict[str, Any] = self.send("GET", f"/growth/api/jobs/{job_id}").json()
        return found

    def ended(self, job_id: str, timeout_s: float = 300) -> dict[str, Any]:
        """Return a job once it has ended."""
        eventually(lambda: self.job(job_id)["state"] not in ("pending", "running"), timeout_s, 0.3)
        return self.job(job_id)

    def log(self, job_id: str) -> str:
        """Return a job's log."""
        return str(self.send("GET", f"/growth/api/jobs/{job_id}/log").json()["text"])

    def check(self, image: str) -> dict[str, Any]:
        """Check an image and return the receipt."""
        job = self.ended(self.start(image))
        assert job["state"] == "succeeded", (job, self.log(job["id"]))
        receipt: dict[str, Any] = job["receipt"]
        return receipt

    def details(self, image: str) -> dict[str, Any]:
        """Return what the panel shows of an image."""
        found: dict[str, Any] = self.send("GET", f"{IMAGES}/tags/{image}").json()
        return found

    def promote(self, image: str, **more: str) -> Any:
        """Promote an image, without a reason to do it past its gate unless one is given."""
        plan = self.send("POST", f"{IMAGES}/plans", {"target": image}).json()
        asked = {"plan_id": plan["id"], "digest": plan["to_digest"], "reason": "tests", **more}
        return self.send("POST", f"{IMAGES}/promotions", asked)

    def left(self, name: str = NAME) -> list[str]:
        """Return what there is of a check: the canary, the bot's tokens, the bot's way in."""
        hub = self.school.hub_api
        servers = hub("GET", f"users/{name}?include_stopped_servers=1").json()["servers"]
        tokens = hub("GET", f"users/{BOT}/tokens").json()["api_tokens"]
        shares = hub("GET", f"shares/{name}").json()
        shares = shares["items"] if isinstance(shares, dict) else shares
        return [
            *(server for server in servers if server),
            *(token["note"] for token in tokens if "growth-admin check" in token["note"]),
            *(share["server"]["name"] for share in shares),
        ]


@pytest.fixture(scope="module", params=VERSIONS)
def console(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Console]:
    """A school whose organiser is at home, with a registry; nothing builds here."""
    root = tmp_path_factory.mktemp("check")
    python = VERSIONS[request.param]()
    with running_registry(root / "registry") as registry:
        variables = {"GROWTH_IMAGE_NAME": registry.image, "GROWTH_IMAGE_TAG": "deploy"}
        registry.push("deploy")
        with School.open(root, hub_python=python, **variables) as school:
            settings = school.folder.image / "jupyter_server_config.json"
            known = json.loads(settings.read_text())
            known["ImageBuilder"] = {"program": "none"}
            known["PromotionRules"] = {"checks": ["canary"]}
            settings.write_text(json.dumps(known))
            visitors = Visitors(school)
            browser = visitors.at_home(ADMIN)
            send = visitors.sender(browser, NAME)
            yield Console(school, registry, visitors, browser, send)


@pytest.fixture
def weather(console: Console) -> Iterator[Path]:
    """The school's dataset, which a test may spoil."""
    folder = console.school.folder.shared / "data" / "weather"
    yield folder
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_check_when_all_is_well_then_it_is_recorded_and_promotes_without_force(
    console: Console,
) -> None:
    digest = console.registry.push("r1")
    refused = console.promote("r1")
    assert refused.status_code == 422 and "Canary was not run" in refused.text, refused.text
    receipt = console.check("r1")
    assert receipt["is_passed"] is True, receipt
    assert tuple(item["target"] for item in receipt["items"]) == STEPS
    assert [item["result"] for item in receipt["items"]] == ["skipped", *["ok"] * 7], receipt
    assert f"it runs {digest[:19]}" in receipt["title"]
    assert "processes, not containers: the image was named, and not run" in receipt["title"]
    assert console.left() == []
    shown = console.details(digest)
    assert shown["gate"]["state"] == "passed"
    (result,) = shown["results"]
    assert (result["check"], result["is_passed"], result["author"]) == ("canary", True, NAME)
    records = console.school.folder.admin / "logs" / "records" / f"{NAME}--canary.jsonl"
    last = json.loads(records.read_text().splitlines()[-1])
    assert last["image"] == {"reference": f"{console.registry.image}@{digest}", "digest": digest}
    moved = console.promote("r1")
    assert moved.status_code == 201, moved.text
    assert moved.json()["move"]["force_reason"] == ""
    assert console.registry.digest("deploy") == digest


def test_check_when_a_step_of_the_bot_fails_then_promotion_is_refused_and_says_why(
    console: Console, weather: Path
) -> None:
    console.registry.push("r2")
    (weather / "daily.csv").chmod(0o000)
    receipt = console.check("r2")
    assert receipt["is_passed"] is False and "daily.csv: Permission denied" in receipt["title"]
    assert [i["result"] for i in receipt["items"]][-2:] == ["failed", "not-reached"]
    assert console.left() == []
    refused = console.promote("r2")
    assert refused.status_code == 422 and "Permission denied" in refused.text
    forced = console.promote("r2", force_reason="the dataset is known to be closed")
    assert forced.status_code == 201 and forced.json()["move"]["gate"] == "failed"


def test_check_when_a_start_script_fails_then_the_canary_failed_and_the_rest_is_not_reached(
    console: Console,
) -> None:
    console.registry.push("r3")
    script = console.school.folder.admin / "start" / "as-user.sh"
    kept = script.read_text()
    script.write_text("#!/bin/bash\nexit 7\n")
    try:
        receipt = console.check("r3")
    finally:
        script.write_text(kept)
    assert "as-user.sh failed with exit code 7" in receipt["title"], receipt
    results = [item["result"] for item in receipt["items"]]
    assert results == ["skipped", "failed", *["not-reached"] * 6]
    assert console.left() == []


def test_check_when_one_runs_then_further_ones_and_a_canary_of_scripts_wait(
    console: Console,
) -> None:
    console.registry.push("r4")
    console.registry.push("r5")
    seen = console.send("GET", "/growth/api/startup/scripts/as-user.sh/revisions").json()
    number = seen["revisions"][0]["number"]
    job_id = console.start("r4")
    eventually(lambda: console.left(), 60)
    for path, body in (
        (f"{IMAGES}/tags/r4/checks", {}),
        (f"{IMAGES}/tags/r5/checks", {}),
        (
            "/growth/api/startup/canaries",
            {"script": "as-user.sh", "revision": number},
        ),
    ):
        refused = console.send("POST", path, body)
        assert refused.status_code == 409, (path, refused.text)
        assert refused.json()["context"]["job"] == job_id
    console.send("POST", f"/growth/api/jobs/{job_id}/cancellations", {})
    assert console.ended(job_id)["state"] == "cancelled"
    assert console.left() == []
    assert console.details("r4")["results"] == []


def test_check_when_two_organisers_check_two_images_then_each_has_the_own_canary(
    console: Console,
) -> None:
    console.registry.push("r6")
    console.registry.push("r7")
    other = console.visitors.sender(console.visitors.at_home(OTHER_ADMIN), OTHER_ADMIN)
    mine = console.start("r6")
    theirs = other("POST", f"{IMAGES}/tags/r7/checks", {}).json()["id"]
    for job_id in (mine, theirs):
        job = console.ended(job_id)
        assert job["receipt"]["is_passed"] is True, (job, console.log(job_id))
    assert console.left() == [] == console.left(OTHER_ADMIN)


def test_check_when_the_organisers_server_is_killed_then_another_one_stops_it_and_goes_on(
    console: Console,
) -> None:
    console.visitors.at_home(OTHER_ADMIN)  # whose server sees within the minute that nobody runs it
    digest = console.registry.push("r8")
    job_id = console.start("r8")
    eventually(lambda: "canary" in console.left(), 60)
    _kill_server(console.school, NAME)
    eventually(lambda: not console.school.server(NAME), 90)
    console.school.start(NAME)
    console.school.open_lab(console.browser, NAME)
    job = console.ended(job_id)
    assert job["state"] == "succeeded" and job["times_taken_over"] >= 1, job
    assert job["receipt"]["is_passed"] is True
    assert "An earlier run was cut off: ada-okafor/canary is stopped first." in console.log(job_id)
    assert console.left() == [] == console.left(OTHER_ADMIN)
    assert console.details(digest)["gate"]["state"] == "passed"


def test_check_when_an_image_is_not_there_or_the_registry_is_not_then_nothing_begins(
    console: Console,
) -> None:
    assert console.send("POST", f"{IMAGES}/tags/no-such/checks", {}).status_code == 404
    gone = f"sha256:{'0' * 64}"
    assert console.send("POST", f"{IMAGES}/tags/{gone}/checks", {}).status_code == 404
    assert console.left() == []


def test_check_when_the_hub_starts_no_image_of_that_name_then_nothing_is_held_against_the_image(
    console: Console,
) -> None:
    school, visitors = console.school, console.visitors
    login = school.new_person("admins")
    folder = school.folder.homes / login.lower() / ".jupyter"
    folder.mkdir(parents=True)
    other = console.registry.image.replace("127.0.0.1", "localhost")
    config = f"c = get_config()\nc.ImageRegistry.image = {other!r}\n"
    (folder / "jupyter_server_config.py").write_text(config)
    send = visitors.sender(visitors.at_home(login), login.lower())
    console.registry.push("r9")
    begun = send("POST", f"{IMAGES}/tags/r9/checks", {})
    assert begun.status_code == 202, begun.text
    job = console.ended(begun.json()["id"])
    assert job["state"] == "failed", job
    assert "could not be checked" in job["problem"]["detail"]
    assert "not an image of the school" in job["problem"]["detail"]
    assert console.details("r9")["results"] == []
    assert console.left(login.lower()) == []


def test_way_in_when_a_canary_runs_then_the_bot_may_open_that_and_no_other_server_of_the_owner(
    console: Console,
) -> None:
    school = console.school
    school.start(NAME, "canary")
    try:
        mine = school.server_token(NAME)
        hub = HubTokens(f"{school.url}/hub/api", mine)
        everything = school.hub_api("POST", f"users/{BOT}/tokens", mine, json={"note": "x"})
        token = everything.json()["token"]
        scopes = HubTokens(f"{school.url}/hub/api", token).who_am_i().scopes
        opened = {s for s in scopes if s.startswith("access:servers") and BOT not in s}
        assert opened == {f"access:servers!server={NAME}/canary"}
        knock = {"Authorization": f"token {token}"}
        plain = school.browser()
        status = school.server_url(NAME, "canary") + "/api/status"
        assert plain.get(status, headers=knock).status_code == 200
        own = school.server_url(NAME) + "/api/status"
        assert plain.get(own, headers=knock).status_code == 403
        # what the canary itself holds opens nothing of the organiser's, and cannot let others in
        candidate = school.server_token(NAME, "canary")
        asked = {"user": "jane-doe"}
        for server in ("", "canary"):
            place = f"shares/{NAME}/{server}"
            assert school.hub_api("POST", place, candidate, json=asked).status_code in (403, 404)
            assert school.hub_api("POST", place, mine, json=asked).status_code in (403, 404)
        hub.delete(BOT, str(everything.json()["id"]))
        line = console.send("GET", "/growth/api/overview").json()["lines"]
        shares = next(one for one in line if one["id"] == "shares")
        assert shares["state"] == "ok", shares  # the bot's way in is no share to be warned of
    finally:
        school.stop(NAME, "canary", remove=True)
    assert console.left() == []


def _kill_server(school: School, name: str) -> None:
    mark = school.running.settings.mark
    for process in psutil.process_iter():
        try:
            known = process.environ()
        except (psutil.Error, OSError):
            continue
        owner = known.get("JUPYTERHUB_USER"), known.get("JUPYTERHUB_SERVER_NAME")
        if known.get("GROWTH_DEMO_MARK") == mark and owner == (name, ""):
            os.kill(process.pid, 9)


def test_prepull_when_asked_at_the_console_then_a_job_says_that_servers_are_processes(
    console: Console,
) -> None:
    """From the organiser's own server, over the hub that runs it."""
    digest = console.registry.push("r7")
    reply = console.send("POST", f"{IMAGES}/tags/r7/prepulls")
    assert reply.status_code == 202, reply.text
    begun = reply.json()
    assert (begun["kind"], begun["subject"]) == ("images.prepull", f"images/tags/{digest}")
    job = console.ended(begun["id"])
    assert job["state"] == "succeeded", job
    assert "nothing to fetch" in job["receipt"]["title"]
    missing = console.send("POST", f"{IMAGES}/tags/r999/prepulls")
    assert missing.status_code == 404, missing.text
