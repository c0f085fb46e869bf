"""The roster through a real server: client, replies, audit; from a list to offboarding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from growth_admin.client import GrowthClient
from growth_admin.core.errors import ConfirmationNeeded, InvalidInput, NotFound, StalePlan
from growth_admin.jobs.models import Job
from growth_admin.roster.models import Entry, OffboardingRequest, PersonChange
from tests import github as standin
from tests.console import Console, running_console
from tests.github import StandIn


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """A school with eight students and five accounts of nobody yet."""
    with standin.running(tmp_path_factory.mktemp("github")) as running:
        running.team("admins")
        running.team("tas")
        running.people(8, prefix="s-", teams=["students"])
        running.people(5, prefix="new-")
        yield running


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, github: StandIn) -> Iterator[Console]:
    """An admin's server with a credential."""
    root = tmp_path_factory.mktemp("roster-console")
    token = root / "token"
    token.touch(mode=0o600)
    token.write_text(github.token())
    settings = (
        "--GrowthAdmin.standalone=True",
        f"--GitHub.api_url={github.api_url}",
        f"--GitHub.organization={github.organization}",
        f"--GitHub.token_file={token}",
        "--GitHub.write_interval_s=0",
    )
    with running_console(root, *settings) as started:
        yield started


@pytest.fixture
def client(console: Console) -> GrowthClient:
    return console.client


def wait(client: GrowthClient, job: Job) -> Job:
    """Return the job once it has ended."""
    return client.jobs.wait(job, timeout_s=30, every_s=0.05)


def test_list_when_read_planned_and_applied_then_people_are_invited(
    client: GrowthClient, github: StandIn, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("Name,GitHub,Mail\nNew,@New-0001,n@x.org\nOld,s-0001,\nBad,,x@\n")
    preview = client.roster.read_list(file)
    assert [entry.login for entry in preview.entries] == ["New-0001", "s-0001"]
    assert [problem.row for problem in preview.problems] == [4]
    plan = client.roster.plan("students", preview.entries, source=preview.filename)
    assert plan.counts == {"invite": 1, "none": 1}
    job = client.roster.apply(plan, preview.entries, source=preview.filename)
    assert (job.kind.partition(".")[0], job.area) == ("roster", "roster")
    assert wait(client, job).state == "succeeded"
    people = client.roster.list_people(is_fresh=True)
    (row,) = [row for row in people.people if row.login == "new-0001"]
    assert (row.state, row.name, row.email) == ("invited", "New", "n@x.org")
    assert people.accept_url.endswith(f"/orgs/{github.organization}/invitation")


def test_plan_when_it_is_another_one_by_now_then_the_client_raises_stale_plan(
    client: GrowthClient, github: StandIn
) -> None:
    entries = (Entry(login="new-0002"),)
    plan = client.roster.plan("students", entries)
    github.join("new-0002", "students")
    with pytest.raises(StalePlan):
        client.roster.apply(plan, entries)


def test_removals_when_too_many_then_the_client_raises_and_the_number_helps(
    client: GrowthClient,
) -> None:
    gone = ("s-0005", "s-0006", "s-0007", "s-0008")
    plan = client.roster.plan("students", removals=gone)
    assert plan.confirm_number == 4
    with pytest.raises(ConfirmationNeeded):
        client.roster.apply(plan, removals=gone)
    job = client.roster.apply(plan, removals=gone, confirm_number=4)
    assert wait(client, job).state == "succeeded"


def test_unknown_team_when_planned_for_then_the_client_raises_not_found(
    client: GrowthClient,
) -> None:
    with pytest.raises(NotFound) as missing:
        client.roster.plan("nobodies", (Entry(login="new-0003"),))
    assert "students" in missing.value.hint


def test_entry_when_put_right_then_the_row_comes_back(client: GrowthClient) -> None:
    rows = {row.login: row for row in client.roster.list_people(is_fresh=True).people}
    row = client.roster.update_person(rows["s-0002"].key, PersonChange(name="Sam", note="veg"))
    assert (row.name, row.note, row.state) == ("Sam", "veg", "active")
    with pytest.raises(InvalidInput):
        client.roster.update_person(row.key, PersonChange(login="no-such-login-77"))


def test_person_when_offboarded_then_the_receipt_tells_each_step_and_the_audit_who(
    client: GrowthClient,
) -> None:
    rows = {row.login: row for row in client.roster.list_people(is_fresh=True).people}
    request = OffboardingRequest(key=rows["s-0003"].key)
    plan = client.roster.plan_offboarding(request)
    job = wait(client, client.roster.offboard(plan, request))
    assert job.state == "succeeded"
    assert job.receipt is not None
    assert [item["result"] for item in job.receipt["items"]] == ["done", "done"]
    entries = [e for e in client.audit.list_entries().entries if e.area == "roster"]
    assert {"accepted", "done"} <= {entry.result for entry in entries}
    assert all(entry.user for entry in entries)


def test_setup_when_all_is_there_then_nothing_is_missing(client: GrowthClient) -> None:
    setup = client.roster.check_setup()
    assert setup.credential == "token"
    assert not [check for check in setup.checks if check.state == "missing"]


def test_replies_when_read_then_they_are_what_the_description_promises(console: Console) -> None:
    document: dict[str, Any] = console.ask("GET", "openapi.json").json()
    paths = [path for path in document["paths"] if path.startswith("/roster/")]
    checked = 0
    for path in paths:
        verb = document["paths"][path].get("get")
        if verb is None or re.search("{", path):
            continue
        reply = console.ask("GET", path.removeprefix("/"))
        assert reply.status_code == 200, reply.text
        schema = verb["responses"]["200"]["content"]["application/json"]["schema"]
        whole = {**schema, "components": document["components"]}
        Draft202012Validator(whole).validate(reply.json())
        checked += 1
    assert checked == 2
