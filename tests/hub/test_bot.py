"""The bot student on a real hub of both versions: what it does, what stops it, what is left."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.errors import HubRefused
from growth_admin.deploy.demo.people import BOT
from growth_admin.servers.bot.models import TITLES
from growth_admin.servers.hub_tokens import HubTokens
from tests.hub.school import Browser, School, eventually, hub55_python
from tests.hub.visitors import ADMIN, Visitors

VERSIONS = {"hub-6.1": lambda: sys.executable, "hub-5.5": hub55_python}
RUNS = "/growth/api/servers/bot-runs"
STUDENT, TA = "Jane-Doe", "Priya-N"
NOTE = "growth-admin bot student"


@dataclass
class Console:
    """An organiser's own server, and the school around it."""

    school: School
    browser: Browser
    send: Callable[..., Any]

    def start(self, **asked: Any) -> str:
        """Let the bot run; return the id of the job."""
        reply = self.send("POST", RUNS, asked)
        assert reply.status_code == 202, reply.text
        return str(reply.json()["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        """Return a job."""
        found: dict[str, Any] = self.send("GET", f"/growth/api/jobs/{job_id}").json()
        return found

    def ended(self, job_id: str, timeout_s: float = 150) -> dict[str, Any]:
        """Return a job once it has ended."""
        eventually(lambda: self.job(job_id)["state"] not in ("pending", "running"), timeout_s)
        return self.job(job_id)

    def run(self, **asked: Any) -> dict[str, Any]:
        """Let the bot run, wait for the end and return what the record says of it."""
        job_id = self.start(**asked)
        job = self.ended(job_id)
        assert job["state"] == "succeeded", job
        listed = self.send("GET", RUNS).json()
        assert listed["runs"][0]["job_id"] == job_id
        found: dict[str, Any] = listed["runs"][0]
        return found

    def left(self) -> list[str]:
        """Return what there is of the bot: its servers and the tokens that runs made."""
        tokens = self.school.hub_api("GET", f"users/{BOT}/tokens").json()["api_tokens"]
        ours = [token["note"] for token in tokens if NOTE in token["note"]]
        return [*self.school.user(BOT)["servers"], *ours]

    def line(self) -> dict[str, Any]:
        """Return the bot's line of the school-day page."""
        lines = self.send("GET", "/growth/api/overview").json()["lines"]
        return next(line for line in lines if line["id"] == "bot")


def steps_of(run: dict[str, Any]) -> dict[str, str]:
    return {step["name"]: step["state"] for step in run["steps"]}


@pytest.fixture(scope="module", params=VERSIONS)
def console(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Console]:
    """A school with a bot, whose organiser is at home."""
    root = tmp_path_factory.mktemp("bot")
    with School.open(root, hub_python=VERSIONS[request.param]()) as school:
        visitors = Visitors(school)
        browser = visitors.at_home(ADMIN)
        yield Console(school, browser, visitors.sender(browser, ADMIN.lower()))


@pytest.fixture
def weather(console: Console) -> Iterator[Path]:
    """The school's dataset, which a test may spoil."""
    folder = console.school.folder.shared / "data" / "weather"
    yield folder
    for path in (folder, *folder.iterdir()) if folder.exists() else ():
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_run_when_all_is_well_then_seven_steps_with_their_seconds_and_nothing_left(
    console: Console,
) -> None:
    assert console.line()["state"] == "unknown"
    run = console.run()
    assert steps_of(run) == dict.fromkeys(TITLES, "ok"), run
    assert all(step["took_s"] >= 0 for step in run["steps"])
    assert run["sentence"].startswith("All 7 steps in ") and run["took_s"] > 0
    details = {step["name"]: step["detail"] for step in run["steps"]}
    assert details["dataset"].startswith("weather: ") and "2 files" in details["dataset"]
    assert BOT in details["login"] and "students" in details["login"]
    assert console.left() == [] and run["left_behind"] == ""
    home = console.school.folder.homes / BOT
    assert not list(home.glob("*.ipynb"))
    line = console.line()
    assert line["state"] == "ok" and "All 7 steps in" in line["sentence"], line
    assert len(line["details"]) == 7 and line["mend"]["request"] == "servers/bot-runs"


def test_run_when_a_dataset_cannot_be_read_then_that_step_says_which_file_and_who_cannot(
    console: Console, weather: Path
) -> None:
    (weather / "daily.csv").chmod(0o000)
    run = console.run()
    assert steps_of(run) == {
        **dict.fromkeys(TITLES, "ok"),
        "dataset": "failed",
        "stop": "not-reached",
    }
    assert "daily.csv: Permission denied" in run["sentence"] and "Students cannot" in run["hint"]
    assert console.left() == []
    assert console.line()["state"] == "error"


def test_run_when_a_dataset_is_named_that_is_not_there_then_it_says_so(console: Console) -> None:
    run = console.run(dataset="stars")
    assert steps_of(run)["dataset"] == "failed" and "stars: No such file" in run["sentence"]


def test_run_when_nothing_is_published_then_the_step_is_skipped_and_says_so(
    console: Console, weather: Path
) -> None:
    aside = console.school.folder.root / "aside"
    weather.rename(aside)
    try:
        run = console.run()
    finally:
        aside.rename(weather)
    assert (run["state"], steps_of(run)["dataset"]) == ("passed", "skipped")
    assert run["sentence"].startswith("6 of 7 steps in ")
    assert "nothing is published" in run["sentence"]


def test_run_when_the_server_does_not_start_then_that_and_the_rest_is_not_reached(
    console: Console,
) -> None:
    home = console.school.folder.homes / BOT
    aside = home.with_name("aside")
    home.rename(aside)
    home.write_text("a file where the home should be")
    try:
        run = console.run()
    finally:
        home.unlink()
        aside.rename(home)
    assert list(steps_of(run).values()) == ["ok", "failed", *["not-reached"] * 5]
    assert "Start the server" in TITLES["start"] and "did not start" in run["sentence"]
    assert console.left() == []


def test_run_when_its_kernel_dies_then_the_cell_failed_and_why(console: Console) -> None:
    startup = console.school.folder.homes / BOT / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True, exist_ok=True)
    killing = startup / "00-die.py"
    killing.write_text(
        "import os\n"
        "get_ipython().events.register('pre_run_cell', lambda info: os.kill(os.getpid(), 9))\n"
    )
    try:
        run = console.run()
    finally:
        killing.unlink()
    assert steps_of(run)["notebook"] == "ok" and steps_of(run)["cell"] == "failed"
    assert "The kernel died" in run["sentence"] and "memory" in run["hint"]
    assert console.left() == []


def test_run_when_it_is_to_be_kept_then_the_server_stays_and_the_token_goes(
    console: Console,
) -> None:
    run = console.run(keeps_server=True)
    assert steps_of(run)["stop"] == "skipped" and run["state"] == "passed"
    assert console.left() == [""]
    run = console.run()  # which begins with a server that starts
    assert run["state"] == "passed" and console.left() == []


def test_run_when_cancelled_in_the_middle_then_nothing_is_left(console: Console) -> None:
    job_id = console.start()
    eventually(lambda: console.left(), 60)
    refused = console.send("POST", RUNS, {})
    assert refused.status_code == 409 and refused.json()["context"]["job_id"] == job_id
    console.send("POST", f"/growth/api/jobs/{job_id}/cancellations", {})
    assert console.ended(job_id)["state"] == "cancelled"
    assert console.left() == []
    assert console.line()["state"] == "warning"


def test_run_when_the_organisers_server_is_killed_then_the_next_one_cleans_up_and_runs_anew(
    console: Console,
) -> None:
    school = console.school
    job_id = console.start()
    eventually(lambda: school.server(BOT), 120, 0.02)
    pid = next(
        process.pid
        for process in _processes(school)
        if process.environ().get("JUPYTERHUB_USER") == ADMIN.lower()
    )
    os.kill(pid, 9)
    eventually(lambda: not school.server(ADMIN.lower()), 90)
    school.start(ADMIN.lower())
    school.open_lab(console.browser, ADMIN.lower())
    job = console.ended(job_id, 180)
    assert job["state"] == "succeeded" and job["times_taken_over"] == 1, job
    assert job["receipt"]["is_passed"] is True
    assert console.left() == []


def test_token_when_a_student_or_ta_wants_one_of_the_bots_then_none_is_made(
    console: Console,
) -> None:
    school = console.school
    for login in (STUDENT, TA):
        school.login(login)
        school.start(login.lower())
        tokens = [school.server_token(login.lower()), school.token(login.lower())]
        for token in tokens:
            for method, path in (
                ("POST", f"users/{BOT}/tokens"),
                ("GET", f"users/{BOT}/tokens"),
                ("POST", f"users/{BOT}/server"),
            ):
                reply = school.hub_api(method, path, token)
                assert reply.status_code in (403, 404), (login, method, path, reply.text)
    assert console.left() == []


def test_token_when_an_organisers_server_makes_the_bots_then_it_is_a_students_and_no_more(
    console: Console,
) -> None:
    school = console.school
    mine = school.server_token(ADMIN.lower())
    hub = HubTokens(f"{school.url}/hub/api", mine)
    for other in (STUDENT.lower(), TA.lower(), ADMIN.lower()):
        with pytest.raises(HubRefused):
            hub.create(other, note="x", scopes=[], ends_in_s=60)
    everything = school.hub_api("POST", f"users/{BOT}/tokens", mine, json={"note": NOTE})
    token = everything.json()["token"]
    me = HubTokens(f"{school.url}/hub/api", token).who_am_i()
    assert me.user.name == BOT and me.user.groups == ("students",)
    assert not any(scope.startswith(("custom:", "admin", "list:")) for scope in me.scopes)
    assert {scope.partition("!")[2] for scope in me.scopes} <= {f"user={BOT}", f"server={BOT}/"}
    assert school.hub_api("GET", f"users/{STUDENT.lower()}", token).status_code == 404
    hub.delete(BOT, everything.json()["id"])
    assert school.hub_api("GET", "user", token).status_code == 403
    hub.delete(BOT, everything.json()["id"])  # which is no trouble


def test_bot_when_people_are_looked_at_then_it_is_none_of_them(console: Console) -> None:
    school = console.school
    people = console.send("GET", "/growth/api/roster/people").json()
    assert BOT not in str(people)
    if not school.server(STUDENT.lower()):
        school.login(STUDENT)
        school.start(STUDENT.lower())
    console.run(keeps_server=True)
    assert school.server(BOT)
    for selector in ({}, {"groups": ["students"]}, {"states": ["ready"]}):
        plan = console.send(
            "POST", "/growth/api/servers/plans", {"action": "restart", "selector": selector}
        ).json()
        restarted = {item["user"] for item in plan["servers"]}
        assert STUDENT.lower() in restarted and BOT not in restarted, plan
    named = {"action": "restart", "servers": [{"user": BOT}]}
    assert console.send("POST", "/growth/api/servers/plans", named).status_code == 200


def test_login_when_an_account_at_github_calls_itself_like_the_bot_then_refused(
    console: Console,
) -> None:
    """GitHub has no such names; the stand-in can."""
    login = console.school.new_person("admins", login=BOT)
    _, page = console.school.try_login(login)
    assert page.status_code == 403 and "bot" in page.text
    assert console.school.groups(BOT) == ["students"]


def _processes(school: School) -> Iterator[Any]:
    import psutil

    for process in psutil.process_iter():
        try:
            environment = process.environ()
        except (psutil.Error, OSError):
            continue
        if environment.get("GROWTH_DEMO_MARK") == school.running.settings.mark:
            yield process
