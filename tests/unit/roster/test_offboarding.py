"""Offboarding over GitHub's stand-in: the steps, their order, guards, failures, and going on."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from growth_admin.core.errors import (
    ConfirmationNeeded,
    GitHubUnavailable,
    HubUnavailable,
    InvalidInput,
    NotFound,
    StalePlan,
)
from growth_admin.core.schema import now
from growth_admin.jobs.models import Job
from growth_admin.roster.facts import HubAccount
from growth_admin.roster.models import Offboarding, OffboardingRequest
from tests.conftest import Child, wait_until
from tests.github import StandIn
from tests.unit.roster.desk import OwnHub, RosterDesk, listed


@pytest.fixture
def hub() -> OwnHub:
    return OwnHub()


@pytest.fixture
def desk(tmp_path: Path, github: StandIn, hub: OwnHub) -> RosterDesk:
    """A school with s-0001 and s-0002 as students, at the hub too; homes can be reached."""
    github.people(2, prefix="s-", teams=["students"])
    for name in ("s-0001", "s-0002"):
        hub.add(name, "students")
        home = tmp_path / "homes" / name
        home.mkdir(parents=True)
        (home / "work.txt").write_text(name)
    made = RosterDesk(tmp_path, github, hub, homes_root=str(tmp_path / "homes"))
    made.put(listed("s-0001", name="Jane", email="jane@x.org"), listed("s-0002"))
    made.engine.open()
    return made


def told(job: Job) -> list[tuple[str, str, str]]:
    """Return what the receipt says of each step."""
    assert job.receipt is not None
    return [(item["action"], item["target"], item["result"]) for item in job.receipt["items"]]


def members(github: StandIn) -> list[str]:
    """Return who is in the students' team, as GitHub says."""
    path = f"/orgs/{github.organization}/teams/students/members"
    found = github.call("GET", path, github.token()).json()
    return [one["login"] for one in found]


def test_person_when_offboarded_then_every_step_is_taken_in_the_order_that_works(
    desk: RosterDesk, hub: OwnHub, github: StandIn
) -> None:
    job = desk.offboard("s-0001")
    assert job.state == "succeeded", job
    assert told(job) == [
        ("remove", "team students", "done"),
        ("note", "the roster", "done"),
        ("stop", "servers of s-0001", "done"),
        ("delete", "hub user s-0001", "done"),
        ("end", "tokens of s-0001", "done"),
    ]
    assert members(github) == ["s-0002"]
    assert hub.asked == ["stop s-0001", "stop s-0001", "delete s-0001"]
    assert set(hub.users) == {"s-0002"}


def test_person_when_offboarded_then_stays_in_the_roster_as_removed(desk: RosterDesk) -> None:
    desk.rows()
    desk.offboard("s-0001")
    person = desk.book.load().by_key()["s-0001"]
    assert person.removed is not None
    assert (person.team, person.hub_name) == ("", "s-0001")
    assert person.github_id is not None
    row = desk.rows()["s-0001"]
    assert (row.state, row.flags) == ("removed", ())


def test_removal_when_our_clock_is_wrong_then_it_is_dated_as_changes_at_github_are(
    desk: RosterDesk, github: StandIn
) -> None:
    github.move_clock(hours=5)
    desk.offboard("s-0001")
    removed = desk.book.load().by_key()["s-0001"].removed
    assert removed and abs(removed.timestamp() - github.now_s()) < 60


def test_removal_when_the_person_was_removed_before_and_came_back_then_it_is_dated_now(
    desk: RosterDesk,
) -> None:
    # a list under way, which asks for them again, goes by this date
    desk.put(listed("s-0001", team="", removed=now() - timedelta(days=300)))
    desk.offboard("s-0001")
    removed = desk.book.load().by_key()["s-0001"].removed
    assert removed and now() - removed < timedelta(hours=1)


def test_plan_when_made_then_nothing_is_changed_and_servers_are_a_warning(
    desk: RosterDesk, hub: OwnHub, github: StandIn
) -> None:
    plan = desk.manager.plan_offboarding(OffboardingRequest(key="s-0001"))
    assert plan.title == "End the access of s-0001"
    assert any("A server runs: the default one" in warning for warning in plan.warnings)
    assert any("by the name only" in warning for warning in plan.warnings)
    assert plan.confirm_number is None
    assert hub.asked == []
    assert len(members(github)) == 2


def test_plan_when_the_person_has_left_the_team_meanwhile_then_it_is_stale(
    desk: RosterDesk, github: StandIn
) -> None:
    request = OffboardingRequest(key="s-0001")
    plan = desk.manager.plan_offboarding(request)
    github.control("DELETE", f"members/{github.organization}/students/s-0001")
    with pytest.raises(StalePlan):
        desk.manager.offboard(Offboarding(**dict(request), plan_id=plan.id), user="ada")


def test_plan_when_a_server_was_started_meanwhile_then_it_is_still_good(
    desk: RosterDesk, hub: OwnHub
) -> None:
    request = OffboardingRequest(key="s-0001")
    plan = desk.manager.plan_offboarding(request)
    hub.add("s-0001", "students", servers=("", "canary"))
    job = desk.manager.offboard(Offboarding(**dict(request), plan_id=plan.id), user="ada")
    assert desk.wait(job).state == "succeeded"


def test_invited_person_when_offboarded_then_the_invitation_is_taken_back(
    desk: RosterDesk, github: StandIn
) -> None:
    github.call(
        "POST",
        f"/orgs/{github.organization}/invitations",
        github.token(),
        json={"email": "new@x.org", "team_ids": [github_team(github, "students")]},
    )
    desk.put(listed(key="new", email="new@x.org"))
    job = desk.offboard("new")
    assert told(job)[0] == ("cancel", "invitation to students", "done")
    assert github.invitations("pending") == []
    assert desk.book.load().by_key()["new"].removed is not None


def github_team(github: StandIn, slug: str) -> int:
    found = github.call("GET", f"/orgs/{github.organization}/teams/{slug}", github.token())
    return int(found.json()["id"])


def test_person_when_the_organization_is_left_too_then_one_step_does_all_teams(
    desk: RosterDesk, github: StandIn
) -> None:
    job = desk.offboard("s-0001", leaves_organization=True)
    assert told(job)[0] == ("leave", "the organization", "done")
    assert members(github) == ["s-0002"]
    path = f"/orgs/{github.organization}/memberships/s-0001"
    assert github.call("GET", path, github.token()).status_code == 404


def test_unlisted_member_when_offboarded_then_the_number_is_remembered(
    desk: RosterDesk, github: StandIn
) -> None:
    (made,) = github.people(1, prefix="stranger-", teams=["students"])
    desk.offboard(f"github:{made['id']}")
    person = next(p for p in desk.book.load().people if p.github_id == made["id"])
    assert (person.login, person.removed is not None) == (made["login"], True)


def test_hub_user_when_in_no_team_then_only_the_hub_is_cleaned(
    desk: RosterDesk, hub: OwnHub
) -> None:
    hub.add("ghost")
    job = desk.offboard("hub:ghost")
    assert [item[0] for item in told(job)] == ["note", "stop", "delete", "end"]
    assert "ghost" not in hub.users


# -- guards


def test_owner_when_offboarded_then_a_number_must_be_typed(
    desk: RosterDesk, github: StandIn
) -> None:
    github.join(github.owner, "admins")
    key = next(key for key, row in desk.rows().items() if row.login == github.owner)
    with pytest.raises(ConfirmationNeeded):
        desk.offboard(key)
    assert desk.manager.plan_offboarding(OffboardingRequest(key=key)).confirm_number == 1


def test_oneself_when_offboarded_then_refused(desk: RosterDesk, hub: OwnHub) -> None:
    hub.add("ada", "admins")
    with pytest.raises(InvalidInput, match="This is you"):
        desk.manager.plan_offboarding(OffboardingRequest(key="hub:ada"))


def test_nobody_when_offboarded_then_not_found(desk: RosterDesk) -> None:
    with pytest.raises(NotFound):
        desk.manager.plan_offboarding(OffboardingRequest(key="nobody"))


def test_plan_when_github_is_away_then_it_is_refused_and_nothing_guessed(
    desk: RosterDesk, github: StandIn
) -> None:
    desk.rows()
    github.fault("outage", times=0)
    with pytest.raises(GitHubUnavailable):
        desk.manager.plan_offboarding(OffboardingRequest(key="s-0001"))


def test_plan_when_the_hub_is_away_then_it_is_refused(desk: RosterDesk, hub: OwnHub) -> None:
    desk.rows()
    hub.is_away = True
    with pytest.raises(HubUnavailable):
        desk.manager.plan_offboarding(OffboardingRequest(key="s-0001"))


# -- homes


def test_home_when_kept_then_untouched_and_the_plan_says_so(
    desk: RosterDesk, tmp_path: Path
) -> None:
    plan = desk.manager.plan_offboarding(OffboardingRequest(key="s-0001"))
    assert "The home s-0001 is kept." in plan.warnings
    desk.offboard("s-0001")
    assert (tmp_path / "homes" / "s-0001" / "work.txt").exists()


def test_home_when_archived_then_packed_checked_and_gone(desk: RosterDesk, tmp_path: Path) -> None:
    job = desk.offboard("s-0001", home="archive")
    assert [item for item in told(job) if "home" in item[1]] == [
        ("archive", "home s-0001", "done"),
        ("delete", "home s-0001", "done"),
    ]
    names = sorted(path.name for path in (tmp_path / "admin" / "archive").iterdir())
    assert names == [f"s-0001-{job.id}.tar.zst", f"s-0001-{job.id}.tar.zst.sha256"]
    assert not (tmp_path / "homes" / "s-0001").exists()
    assert (tmp_path / "homes" / "s-0002").exists()


def test_home_when_deleted_then_only_with_the_number(desk: RosterDesk, tmp_path: Path) -> None:
    with pytest.raises(ConfirmationNeeded):
        desk.offboard("s-0001", home="delete")
    job = desk.offboard("s-0001", home="delete", confirm=1)
    assert job.state == "succeeded"
    assert not (tmp_path / "homes" / "s-0001").exists()
    assert not (tmp_path / "admin" / "archive").exists()


def test_home_when_the_archive_cannot_be_written_then_nothing_is_deleted(
    desk: RosterDesk, tmp_path: Path
) -> None:
    (tmp_path / "admin" / "archive").write_text("in the way")
    job = desk.offboard("s-0001", home="archive")
    assert job.state == "failed"
    assert told(job)[-2:] == [
        ("archive", "home s-0001", "failed"),
        ("delete", "home s-0001", "skipped"),
    ]
    assert (tmp_path / "homes" / "s-0001" / "work.txt").exists()


def test_home_when_a_student_named_files_as_no_text_then_it_is_packed_once_and_gone(
    desk: RosterDesk, tmp_path: Path
) -> None:
    home = os.fsencode(tmp_path / "homes" / "s-0001")
    for number in range(200):
        Path(os.fsdecode(home + b"/%d \xff\xe9" % number)).touch()
    job = desk.offboard("s-0001", home="archive")
    assert (job.state, job.times_taken_over) == ("succeeded", 0)
    assert not (tmp_path / "homes" / "s-0001").exists()


# -- failures


def test_github_when_it_refuses_then_nothing_else_is_done_and_it_can_be_tried_again(
    desk: RosterDesk, hub: OwnHub, github: StandIn
) -> None:
    github.fault("forbidden", method="DELETE", times=0)
    job = desk.offboard("s-0001")
    assert job.state == "failed"
    assert [item[2] for item in told(job)] == ["failed", *["skipped"] * 4]
    assert hub.asked == []
    assert desk.book.load().by_key()["s-0001"].removed is None
    github.clear()
    assert desk.offboard("s-0001").state == "succeeded"


def test_github_when_the_answer_gets_lost_then_the_step_is_taken_again(
    desk: RosterDesk, github: StandIn
) -> None:
    github.fault("cut_after", method="DELETE")
    job = desk.offboard("s-0001")
    assert job.state == "succeeded", job
    assert members(github) == ["s-0002"]


def test_person_when_in_through_a_child_team_then_the_plan_warns_and_the_step_says_why(
    desk: RosterDesk, hub: OwnHub, github: StandIn
) -> None:
    github.team("group-a", parent="students")
    github.join("s-0001", "group-a")
    plan = desk.manager.plan_offboarding(OffboardingRequest(key="s-0001"))
    assert any("child team of students" in warning for warning in plan.warnings)
    job = desk.offboard("s-0001")
    assert job.state == "failed"
    assert job.problem is not None
    assert "child team" in job.problem.detail
    assert hub.asked == []


def test_hub_when_a_deletion_fails_then_servers_are_stopped_again_before_the_next_try(
    desk: RosterDesk, hub: OwnHub
) -> None:
    hub.failures = 1
    assert desk.offboard("s-0001").state == "succeeded"
    assert hub.asked == [
        *("stop s-0001", "stop s-0001", "delete s-0001"),
        *("stop s-0001", "delete s-0001"),
    ]


def test_hub_when_it_stays_away_then_the_team_is_left_and_the_table_shows_the_rest(
    desk: RosterDesk, hub: OwnHub
) -> None:
    hub.failures = 9
    job = desk.offboard("s-0001")
    assert job.state == "failed"
    row = desk.rows()["s-0001"]
    assert row.state == "removed"
    assert {"still_at_hub", "still_running"} <= set(row.flags)
    hub.failures = 0
    assert desk.offboard("s-0001").state == "succeeded"
    assert desk.rows()["s-0001"].flags == ()


class ReturningHub(OwnHub):
    """A hub at which the person logs in again after everything there was ended."""

    looks = 0

    def find_account(self, name: str) -> HubAccount | None:
        self.looks += 1
        if self.looks > 1:
            self.add(name, "students")
        return super().find_account(name)


def test_home_when_the_person_is_back_before_it_is_deleted_then_it_stays(
    tmp_path: Path, github: StandIn
) -> None:
    github.people(1, prefix="s-", teams=["students"])
    (tmp_path / "homes" / "s-0001").mkdir(parents=True)
    hub = ReturningHub()
    hub.add("s-0001", "students")
    desk = RosterDesk(tmp_path, github, hub, homes_root=str(tmp_path / "homes"))
    desk.put(listed("s-0001"))
    desk.engine.open()
    job = desk.offboard("s-0001", home="archive")
    assert job.state == "failed"
    assert told(job)[-2:] == [
        ("archive", "home s-0001", "done"),
        ("delete", "home s-0001", "failed"),
    ]
    assert (tmp_path / "homes" / "s-0001").is_dir()


class BrokenHub(OwnHub):
    """A hub whose client has a fault that nobody foresaw."""

    def delete_account(self, name: str) -> bool:
        raise RecursionError("secret")


def test_step_when_it_fails_as_nobody_foresaw_then_the_receipt_says_what_was_done(
    tmp_path: Path, github: StandIn
) -> None:
    github.people(1, prefix="s-", teams=["students"])
    hub = BrokenHub()
    hub.add("s-0001", "students")
    desk = RosterDesk(tmp_path, github, hub)
    desk.put(listed("s-0001"))
    desk.engine.open()
    job = desk.offboard("s-0001")
    assert job.state == "failed"
    assert [item[2] for item in told(job)] == ["done", "done", "done", "failed", "skipped"]
    assert "RecursionError" in str(job.receipt) and "secret" not in job.model_dump_json()


class SlowHub(OwnHub):
    """A hub that takes its time when it is asked to delete somebody, and then gives no answer."""

    answers = threading.Event()

    def delete_account(self, name: str) -> bool:
        self.answers.wait(20)
        raise HubUnavailable("Not now.")


def test_job_when_it_is_cancelled_then_the_receipt_says_what_was_done(
    tmp_path: Path, github: StandIn
) -> None:
    github.people(1, prefix="s-", teams=["students"])
    hub = SlowHub()
    hub.add("s-0001", "students")
    desk = RosterDesk(tmp_path, github, hub)
    desk.put(listed("s-0001"))
    desk.engine.open()
    plan = desk.manager.plan_offboarding(OffboardingRequest(key="s-0001"))
    job = desk.manager.offboard(Offboarding(key="s-0001", plan_id=plan.id), user="ada")
    wait_until(lambda: hub.asked == ["stop s-0001"] * 2, what="the step before the deletion")
    desk.engine.cancel_job(job.id, {"roster"}, "ada")
    hub.answers.set()
    job = desk.wait(job)
    assert job.state == "cancelled"
    assert [item[2] for item in told(job)] == [*["done"] * 3, *["skipped"] * 2]


class StuckHub(OwnHub):
    """A hub that never answers a stop."""

    def stop_servers(self, name: str) -> tuple[str, ...]:
        time.sleep(600)
        return ()


def test_job_when_its_server_is_killed_then_another_goes_on_after_the_last_step(
    tmp_path: Path, github: StandIn, hub: OwnHub, spawn: Callable[..., Child]
) -> None:
    github.people(1, prefix="s-", teams=["students"])
    hub.add("s-0001", "students")
    stuck = StuckHub(dict(hub.users))

    def begin_and_hang() -> None:
        github.session = requests.Session()  # a connection must not be shared with the parent
        github.session.trust_env = False
        desk = RosterDesk(tmp_path, github, stuck)
        desk.put(listed("s-0001"))
        desk.engine.open()
        desk.offboard("s-0001")

    child = spawn(begin_and_hang)
    second = RosterDesk(tmp_path, github, hub)
    (job_id,) = wait_for(lambda: jobs_with(second, steps=2))
    child.kill()
    github.forget_requests()
    second.engine.open()
    ended = second.wait(second.engine.get_job(job_id, {"roster"}))
    second.engine.close()
    assert ended.state == "succeeded", ended
    assert ended.times_taken_over == 1
    assert [item[2] for item in told(ended)] == ["done"] * 5
    assert github.count("DELETE") == 0, "a step was taken twice"
    assert hub.asked == ["stop s-0001", "stop s-0001", "delete s-0001"]


def jobs_with(desk: RosterDesk, *, steps: int) -> list[str]:
    """Return the jobs that have come so far."""
    return [
        stored.job.id
        for stored in desk.engine.store.list_stored()
        if len(stored.checkpoint.get("done", ())) == steps
    ]


def wait_for(look: Callable[[], list[str]]) -> list[str]:
    """Return what is found, once something is."""
    wait_until(look, what="the second step")
    return look()


def test_end_when_done_then_the_audit_names_who_asked(desk: RosterDesk) -> None:
    desk.offboard("s-0001")
    desk.engine.close()
    (entry,) = desk.audit.list_entries(areas={"roster"}).entries
    assert (entry.user, entry.permission, entry.result) == (
        "ada",
        "roster.people:offboard",
        "done",
    )
