"""The servers room on a real hub: the same answers that the stand-in in tests/unit gives."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from growth_admin.core.audit import AuditTrail
from growth_admin.core.errors import HubRefused, InvalidInput, NotFound
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED, Job
from growth_admin.jobs.store import JobStore
from growth_admin.servers.canary import HubCanary
from growth_admin.servers.hub import HubClient
from growth_admin.servers.manager import ServerManager
from growth_admin.servers.models import Action, Target
from growth_admin.servers.rollout import Limits
from tests.hub.school import REFRESH_S, Browser, School, eventually

# a restarted hub may look for a dead server as long as the http_timeout (90 s in the demo)
QUICK = Limits(stop_s=150, start_s=120, busy_s=60, hub_out_s=120, poll_s=0.3)
WAIT_S = 300.0


class Office:
    """An admin of the school with a running server, and this room on that server's token."""

    def __init__(self, school: School, folder: Path) -> None:
        login = school.new_person("admins", login=f"Head-{secrets.token_hex(3)}")
        self.school = school
        self.name = login.lower()
        self.browser = school.login(login)
        school.start(self.name)
        self.hub = HubClient(f"{school.url}/hub/api", school.server_token(self.name))
        audit = AuditTrail(folder / "audit", writer=self.name)
        self.engine = JobEngine(
            JobStore(folder / "jobs"), user=self.name, server=f"{self.name}/", audit=audit
        )
        self.manager = ServerManager(self.hub, self.engine, owner=self.name, limits=QUICK)
        self.engine.open()

    def begin(self, action: Action, *users: str) -> Job:
        """Plan and apply."""
        targets = [Target(user=user) for user in users]
        plan = self.manager.plan(action, targets)
        return self.manager.apply(plan.id, action, targets, self.name)

    def run(self, action: Action, *users: str) -> Job:
        """Plan, apply and wait for the end."""
        return self.ended(self.begin(action, *users))

    def ended(self, job: Job) -> Job:
        """Return the job once it has ended."""
        return eventually(
            lambda: found if (found := self.get(job)).state in ENDED else None, WAIT_S
        )

    def get(self, job: Job) -> Job:
        """Return the job as it is now."""
        return self.engine.get_job(job.id, ["servers"])

    def student(self, *, is_started: bool = False) -> str:
        """Return a new student who has logged in once."""
        login = self.school.new_person("students", login=f"Pupil-{secrets.token_hex(3)}")
        self.school.login(login)
        if is_started:
            self.school.start(login.lower())
        return login.lower()


@pytest.fixture(scope="module")
def office(either_school: School, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office at each of the two hub versions, shared by the tests."""
    office = Office(either_school, tmp_path_factory.mktemp("office"))
    yield office
    office.engine.close()
    either_school.stop(office.name)


def results(job: Job) -> list[tuple[str, str]]:
    """Return target and result of each line of the receipt."""
    assert job.receipt is not None, job
    return [(item["target"], item["result"]) for item in job.receipt["items"]]


def test_servers_when_started_restarted_and_stopped_then_the_hub_shows_it(office: Office) -> None:
    pupil = office.student()
    assert results(office.run("start", pupil)) == [(pupil, "done")]
    first = office.school.server(pupil)
    assert first is not None
    job = office.run("restart", pupil)
    second = office.school.server(pupil)
    assert (job.state, results(job)) == ("succeeded", [(pupil, "done")])
    assert second is not None
    assert second["started"] > first["started"]
    assert results(office.run("stop", pupil)) == [(pupil, "done")]
    assert office.school.server(pupil) is None


def test_list_when_read_with_an_admins_token_then_everybody_is_there(office: Office) -> None:
    pupil = office.student(is_started=True)
    listed = {(s.user, s.server_name): s for s in office.manager.list_servers().servers}
    own, theirs = listed[office.name, ""], listed[pupil, ""]
    assert (own.is_own, own.state, own.groups) == (True, "ready", ("admins",))
    assert (theirs.is_own, theirs.state, theirs.groups) == (False, "ready", ("students",))
    assert theirs.url == f"/user/{pupil}/"
    assert theirs.started is not None
    office.school.stop(pupil)


def test_hub_client_when_the_page_is_small_then_all_pages_are_read(office: Office) -> None:
    for _ in range(3):
        office.student()
    whole = [user.name for user in office.hub.list_users()]
    token = office.school.server_token(office.name)
    small = HubClient(f"{office.school.url}/hub/api", token, page_size=2)
    assert [user.name for user in small.list_users()] == whole
    assert len(whole) >= 4


def test_start_when_two_ask_at_one_moment_then_both_jobs_end_well(office: Office) -> None:
    """The hub fails the second of two such requests (500), and the server starts all the same."""
    pupil = office.student()
    first = office.begin("start", pupil)
    params = office.engine.store.load(first.id).params
    second = office.engine.start_job(first.kind, title="again", params=params, user=office.name)
    jobs = [first, second]
    ended = [office.ended(job) for job in jobs]
    assert [job.state for job in ended] == ["succeeded", "succeeded"], ended
    assert office.school.server(pupil) is not None
    office.school.stop(pupil)


def test_hub_client_when_asked_twice_then_the_documented_answers(office: Office) -> None:
    pupil = office.student()
    assert office.hub.start_server(pupil).outcome in ("done", "pending")
    office.hub.wait_ready(pupil, timeout_s=60)
    assert office.hub.start_server(pupil).outcome == "conflict"
    assert office.hub.stop_server(pupil).outcome == "done"
    assert office.hub.stop_server(pupil).outcome == "done"
    office.hub.wait_stopped(pupil, timeout_s=60)
    with pytest.raises(NotFound):
        office.hub.stop_server("nobody-here")
    with pytest.raises(NotFound):
        office.hub.get_user("nobody-here")


def test_restart_when_the_student_left_the_school_then_says_that_it_is_stopped(
    office: Office,
) -> None:
    pupil = office.student(is_started=True)
    office.school.github.leave(pupil, "students")
    time.sleep(REFRESH_S + 1)
    job = office.run("restart", pupil)
    assert (job.state, results(job)) == ("failed", [(pupil, "failed")])
    assert job.problem is not None
    assert "It was stopped and does not run now" in job.problem.detail


def test_restart_when_the_user_is_deleted_meanwhile_then_the_others_go_on(office: Office) -> None:
    gone, pupil = office.student(is_started=True), office.student(is_started=True)
    targets = [Target(user=gone), Target(user=pupil)]
    plan = office.manager.plan("restart", targets)
    job = office.manager.apply(plan.id, "restart", targets, office.name)
    reply = office.school.hub_api("DELETE", f"users/{gone}")
    assert reply.status_code in (204, 400, 404, 500), reply.text
    eventually(lambda: office.school.hub_api("DELETE", f"users/{gone}").status_code == 404, 60)
    job = office.ended(job)
    assert results(job)[1] == (pupil, "done")
    office.school.stop(pupil)


def test_canary_when_tried_then_starts_with_the_revision_and_leaves_nothing(
    office: Office,
) -> None:
    canary = HubCanary(office.hub, office.name)
    canary.stop()
    canary.start({"scripts_revision": "abc1234abc1234ab"})
    events = list(canary.progress())
    assert events[-1].is_ready, events
    environment = office.school.server_environment(office.name, "canary")
    assert environment["GROWTH_SCRIPTS_REVISION"] == "abc1234abc1234ab"
    canary.stop()
    user = office.hub.get_user(office.name, include_stopped=True)
    assert list(user.servers) == [""]
    assert user.server("").state == "ready"


def test_canary_when_the_options_are_wrong_then_the_hubs_words_come_back(office: Office) -> None:
    canary = HubCanary(office.hub, office.name)
    with pytest.raises(InvalidInput, match="scripts_revision is not a revision"):
        canary.start({"scripts_revision": "../../etc"})
    canary.stop()


def test_hub_client_when_the_token_is_a_students_then_nobody_else_is_reached(
    office: Office,
) -> None:
    pupil = office.student(is_started=True)
    client = HubClient(f"{office.school.url}/hub/api", office.school.server_token(pupil))
    with pytest.raises(HubRefused):
        client.list_users()
    for attempt in (client.get_user, client.stop_server, client.start_server):
        with pytest.raises((NotFound, HubRefused)):
            attempt(office.name)
    assert office.school.server(office.name) is not None
    office.school.stop(pupil)


# ---- through the console


class Console:
    """The routes of an admin's own server, as the panel uses them."""

    def __init__(self, school: School, browser: Browser, name: str) -> None:
        self._browser = browser
        self._base = f"{school.server_url(name)}/growth/api"
        self._path = f"/user/{name}/"

    def send(self, method: str, path: str, **body: object) -> requests.Response:
        """Send one request and return the answer."""
        headers = self._browser.xsrf(self._path)
        return self._browser.request(
            method, f"{self._base}/{path}", json=body or None, headers=headers
        )

    def ended(self, job_id: str) -> dict[str, object]:
        """Return the job once it has ended."""

        def look() -> dict[str, object] | None:
            reply = self.send("GET", f"jobs/{job_id}")
            found: dict[str, object] = reply.json() if reply.status_code == 200 else {}
            return found if found.get("state") in ENDED else None

        return eventually(look, WAIT_S, 0.5)


def test_console_when_a_student_is_restarted_then_plan_job_receipt_and_audit(
    school: School, tmp_path: Path
) -> None:
    office = Office(school, tmp_path)
    pupil = office.student(is_started=True)
    before = school.server(pupil)
    school.open_lab(office.browser, office.name)
    console = Console(school, office.browser, office.name)
    listed = console.send("GET", f"servers?filter={pupil}").json()
    assert [(s["user"], s["state"]) for s in listed["servers"]] == [(pupil, "ready")]
    servers = [{"user": pupil, "server_name": ""}]
    plan = console.send("POST", "servers/plans", action="restart", servers=servers).json()
    assert plan["title"] == f"Restart {pupil}'s server"
    wanted = {"plan_id": plan["id"], "action": "restart", "servers": servers}
    reply = console.send("POST", "servers/applications", **wanted)
    assert reply.status_code == 202, reply.text
    job_id = reply.json()["id"]
    assert reply.headers["Location"].endswith(f"/growth/api/jobs/{job_id}")
    job = console.ended(job_id)
    assert job["state"] == "succeeded", job
    after = school.server(pupil)
    assert before is not None
    assert after is not None
    assert after["started"] > before["started"]
    again = console.send("POST", "servers/applications", **wanted)
    assert (again.status_code, again.json()["title"]) == (409, "The plan is out of date")
    trail = console.send("GET", f"audit/entries?area=servers&user={office.name}").json()
    mine = [e for e in trail["entries"] if e["plan_id"] == plan["id"]]
    assert {"done", "accepted"} <= {e["result"] for e in mine}
    office.engine.close()
    school.stop(pupil)
    school.stop(office.name)


def test_console_when_the_admin_restarts_the_own_server_then_the_next_one_ends_the_job(
    school: School, tmp_path: Path
) -> None:
    office = Office(school, tmp_path)
    school.stop(office.name)
    settings = school.folder.homes / office.name / ".jupyter" / "jupyter_server_config.py"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text("c = get_config()\nc.GrowthAdmin.lease_s = 2.0\n")
    school.start(office.name)
    school.open_lab(office.browser, office.name)
    console = Console(school, office.browser, office.name)
    servers = [{"user": office.name, "server_name": ""}]
    plan = console.send("POST", "servers/plans", action="restart", servers=servers).json()
    assert plan["title"] == "Restart your own server"
    assert "server you are using" in plan["warnings"][0]
    wanted = {"plan_id": plan["id"], "action": "restart", "servers": servers}
    job_id = console.send("POST", "servers/applications", **wanted).json()["id"]
    eventually(lambda: not school.user(office.name)["servers"], 60)
    school.start(office.name)
    started = school.server(office.name)
    school.open_lab(office.browser, office.name)
    job = console.ended(job_id)
    assert job["state"] == "succeeded", job
    again = school.server(office.name)
    assert started is not None
    assert again is not None
    assert again["started"] == started["started"]
    office.engine.close()
    school.stop(office.name)
