"""Secrets are planted, used in fair weather and foul, and looked for wherever they could show."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from growth_admin.core.errors import GrowthError
from growth_admin.jobs.models import ENDED
from growth_admin.rooms import Rooms, build_rooms
from growth_admin.roster.models import (
    Application,
    Entry,
    ImportRequest,
    Offboarding,
    OffboardingRequest,
    PersonChange,
    PlanRequest,
)
from growth_admin.settings import Settings
from tests.conftest import wait_until
from tests.github import StandIn

FAULTS = (
    *("unauthorized", "forbidden", "not_found", "sso", "outage", "bad_gateway"),
    *("cut_before", "cut_after", "lost_answer", "secondary", "primary", "over_limit", "blocked"),
)


@pytest.fixture(params=["token", "app"])
def credential(
    request: pytest.FixtureRequest, tmp_path: Path, github: StandIn
) -> tuple[dict[str, Any], list[str]]:
    """Settings of each kind of credential, and what nobody may be shown of it."""
    path = tmp_path / "secret"
    path.touch(mode=0o600)
    if request.param == "token":
        path.write_text(github.token())
        return {"token_file": str(path)}, [path.read_text()]
    app = github.app({"members": "write"})
    path.write_text(app.private_key)
    secrets = [line for line in app.private_key.splitlines() if len(line) == 64][:3]
    return {"app_id": app.client_id, "app_key_file": str(path)}, [*secrets, "ghs_"]


@pytest.fixture
def rooms(
    tmp_path: Path, github: StandIn, credential: tuple[dict[str, Any], list[str]]
) -> Iterator[Rooms]:
    """An admin's rooms."""
    config = Config()
    config.GitHub.update(
        {
            "api_url": github.api_url,
            "organization": github.organization,
            "write_interval_s": 0.0,
            **credential[0],
        }
    )
    for name in ("admin", "nfs"):
        (tmp_path / name).mkdir()
    made = build_rooms(
        Settings(
            admin_root=tmp_path / "admin",
            shared_root=tmp_path / "nfs",
            user="ada",
            config=config,
            home=tmp_path,
        )
    )
    made.open()
    yield made
    made.close()


def told_by(rooms: Rooms, github: StandIn) -> str:
    """Return all that an admin is told while everything of the room is used once."""
    manager = rooms.roster
    assert manager is not None
    told = [manager.list_people(is_fresh=True).model_dump_json()]
    preview = manager.read_list(ImportRequest(text="GitHub\ns-0001\nnew-0001\n"))
    request = PlanRequest(team="students", entries=(*preview.entries, Entry(email="e@x.org")))
    plan = manager.plan(request)
    job = manager.apply(Application(**dict(request), plan_id=plan.id), user="ada")
    told += [preview.model_dump_json(), plan.model_dump_json(), ended(rooms, job.id)]
    rows = {row.login: row for row in manager.list_people(is_fresh=True).people}
    row = manager.update_person(rows["s-0001"].key, PersonChange(note="x"), user="ada")
    leaving = OffboardingRequest(key=row.key)
    end = manager.plan_offboarding(leaving)
    job = manager.offboard(Offboarding(**dict(leaving), plan_id=end.id), user="ada")
    told += [row.model_dump_json(), end.model_dump_json(), ended(rooms, job.id)]
    told += [manager.check_setup().model_dump_json(), str(rooms.list_missing())]
    told += [rooms.audit.list_entries(areas={"roster"}).model_dump_json()]
    return "".join(told)


def ended(rooms: Rooms, job_id: str) -> str:
    """Wait for a job's end and return all that there is of it."""
    wait_until(lambda: rooms.jobs.get_job(job_id, {"roster"}).state in ENDED, what=f"job {job_id}")
    job = rooms.jobs.get_job(job_id, {"roster"})
    return job.model_dump_json() + rooms.jobs.read_log(job_id, {"roster"}, 0).model_dump_json()


def said_when(rooms: Rooms) -> str:
    """Return what is said while something is wrong: answers, or errors with all that they hold."""
    manager = rooms.roster
    assert manager is not None
    told = [manager.list_people(is_fresh=True).model_dump_json()]
    told += [manager.check_setup().model_dump_json()]
    request = PlanRequest(team="students", entries=(Entry(email="f@x.org"),))
    try:
        plan = manager.plan(request)
        job = manager.apply(Application(**dict(request), plan_id=plan.id), user="ada")
        job = rooms.jobs.cancel_job(job.id, {"roster"}, "ada") if job.is_cancellable else job
        told += [plan.model_dump_json(), job.model_dump_json()]
    except GrowthError as e:
        told += [f"{e!r}{e.detail}{e.hint}{e.context}{e.fields}{e.__cause__!r}{e.__context__!r}"]
    return "".join(told)


def test_credential_when_everything_is_used_and_goes_wrong_then_nobody_is_shown_it(
    tmp_path: Path,
    github: StandIn,
    rooms: Rooms,
    credential: tuple[dict[str, Any], list[str]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    github.people(2, prefix="s-", teams=["students"])
    github.people(1, prefix="new-")
    told = told_by(rooms, github)
    assert "new-0001" in told
    assert github.count("POST", "/invitations") >= 1, "the credential was not used"
    for name in FAULTS:
        github.fault(name, times=2, **({"method": "POST"} if name == "over_limit" else {}))
        told += said_when(rooms)
        github.clear()
    rooms.close()
    for secret in credential[1]:
        assert secret not in told
        assert secret not in caplog.text
        for folder in ("admin", "nfs"):
            for path in (tmp_path / folder).rglob("*"):
                if path.is_file():
                    assert secret.encode() not in path.read_bytes(), path
