"""Two organisers and one bot: the schedule, both at once, and a hub that dies in mid-run."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from growth_admin.deploy.demo.people import BOT
from tests.hub.school import School, eventually
from tests.hub.test_bot import RUNS, Console
from tests.hub.test_servers_hub_restart import kill_hub, start_hub
from tests.hub.visitors import ADMIN, OTHER_ADMIN, Visitors

LOOKED_S = 20
"""Within this time every organiser's server has looked at the schedule at least once."""


@pytest.fixture(scope="module")
def consoles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Console]]:
    """Two organisers at home, whose servers' settings say that the bot runs at this very minute."""
    root: Path = tmp_path_factory.mktemp("bots")
    with School.open(root) as school:
        settings = school.folder.image / "jupyter_server_config.json"
        given = json.loads(settings.read_text())
        given["BotStudent"] = {"times": [datetime.now().strftime("%H:%M")]}
        settings.write_text(json.dumps(given))
        visitors = Visitors(school)
        made = []
        for login in (ADMIN, OTHER_ADMIN):
            browser = visitors.at_home(login)
            made.append(Console(school, browser, visitors.sender(browser, login.lower())))
        yield made


def test_schedule_when_two_organisers_servers_are_up_then_one_run_and_once(
    consoles: list[Console],
) -> None:
    first, second = consoles
    wait_for_schedule(first)
    time.sleep(LOOKED_S)  # and the other server has nothing to do
    listed = second.send("GET", RUNS).json()
    assert len(listed["runs"]) == 1 and listed["running_job"] == "", listed
    run = listed["runs"][0]
    assert run["state"] == "passed" and run["slot"] in listed["times"]
    assert run["by"] in (ADMIN.lower(), OTHER_ADMIN.lower())
    assert first.left() == []


def test_run_when_two_organisers_ask_at_once_then_one_run_and_the_other_is_told_whose(
    consoles: list[Console],
) -> None:
    wait_for_schedule(consoles[0])
    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(lambda console: console.send("POST", RUNS, {}), consoles))
    assert sorted(reply.status_code for reply in replies) == [202, 409], replies
    accepted, refused = sorted(replies, key=lambda reply: int(reply.status_code))
    job_id = accepted.json()["id"]
    assert "is running already, for" in refused.json()["detail"]
    line = consoles[0].line()
    assert line["is_under_way"] and line["mend"]["request"] == f"jobs/{job_id}/cancellations"
    assert consoles[0].ended(job_id)["receipt"]["is_passed"] is True
    assert consoles[0].left() == [] and not consoles[0].line()["is_under_way"]


def test_run_when_the_hub_is_killed_in_the_middle_then_it_ends_and_nothing_is_left(
    consoles: list[Console],
) -> None:
    console = consoles[0]
    school = console.school
    wait_for_schedule(console)
    job_id = console.start()
    eventually(lambda: school.server(BOT), 60, 0.02)
    kill_hub(school)
    start_hub(school)
    job = console.ended(job_id, 240)
    run = next(one for one in console.send("GET", RUNS).json()["runs"] if one["job_id"] == job_id)
    assert job["state"] == "succeeded" and run["state"] in ("passed", "failed"), (job, run)
    if run["state"] == "failed":
        assert "hub" in f"{run['sentence']} {run['hint']}".lower(), run
    eventually(lambda: console.left() == [], 60)
    eventually(lambda: not console.send("GET", RUNS).json()["runs"][0]["left_behind"], 60)
    assert console.run()["state"] == "passed"


def wait_for_schedule(console: Console) -> None:
    """Return once the run of the schedule has ended."""
    eventually(lambda: console.send("GET", RUNS).json()["runs"], 150)
    eventually(lambda: not console.send("GET", RUNS).json()["running_job"], 30)
