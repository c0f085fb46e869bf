"""Several admins at once, as processes of their own; and a disk that fills up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.errors import StalePlan
from growth_admin.jobs.models import ENDED
from tests import github
from tests.conftest import Child, fill, wait_until
from tests.github import StandIn
from tests.roster.desk import Desk, client, logins

Spawn = Callable[[Callable[[], object]], Child]


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[StandIn]:
    """A stand-in with the school's three teams, which takes a moment for each answer."""
    with github.running(tmp_path) as started:
        for user in ("olga", "omar", "oda"):  # before processes share the control's connection
            client(started, tmp_path / f"client-{user}")
        for team in ("admins", "tas", "students"):
            started.team(team)
        started.control("PUT", "weather", delay_s=0.01)
        yield started


def desk_of(hub: StandIn, folder: Path, user: str, limit: int = 0) -> Desk:
    """Return one admin's server over the shared folder."""
    return Desk(folder, client(hub, folder.parent / f"client-{user}"), user=user, limit=limit)


@pytest.mark.parametrize("limit", [0, 50])
def test_two_admins_when_they_apply_lists_that_overlap_then_each_person_is_invited_once(
    hub: StandIn, tmp_path: Path, spawn: Spawn, limit: int
) -> None:
    hub.settings(invitation_limit=50)
    people = hub.people(70)
    folder = tmp_path / "state"
    folder.mkdir()

    def admin(user: str, part: list[dict[str, Any]]) -> None:
        desk = desk_of(hub, folder, user, limit).open()
        job = None
        while job is None:
            with suppress(StalePlan):  # the other was faster: look again, as a person does
                job = desk.apply(logins(part))
        assert job.state == "succeeded", job.problem
        desk.close()

    children = [
        spawn(lambda: admin("olga", people[:45])),
        spawn(lambda: admin("omar", people[25:])),
    ]
    assert [child.join(timeout_s=120) for child in children] == [0, 0]
    assert len(hub.mails()) == 50
    assert hub.sent_twice() == []
    desk = desk_of(hub, folder, "olga", limit)
    assert len(desk.work.queued()) == 20
    assert len({one.step.login for one in desk.work.queued()}) == 20
    budget = desk.work.budget()
    assert (budget.limit, budget.used) == (50, 50)

    hub.move_clock(days=1, minutes=2)

    def keeper(user: str) -> None:
        desk = desk_of(hub, folder, user, limit).open()
        desk.school.list_owners()
        desk.work.open(every_s=0.2)
        wait_until(lambda: not desk.work.queued(), timeout_s=60, what="an empty queue")
        desk.work.close()
        desk.close()

    children = [spawn(lambda user=user: keeper(user)) for user in ("olga", "omar", "oda")]  # type: ignore[misc]  # a lambda with a default
    assert [child.join(timeout_s=120) for child in children] == [0, 0, 0]
    assert len(hub.mails()) == 70
    assert hub.sent_twice() == []


def test_two_admins_when_one_is_killed_in_the_middle_then_the_other_finishes_both_lists(
    hub: StandIn, tmp_path: Path, spawn: Spawn
) -> None:
    people = hub.people(40)
    folder = tmp_path / "state"
    folder.mkdir()

    def first() -> None:
        desk = desk_of(hub, folder, "olga").open()
        desk.apply(logins(people[:25]))

    child = spawn(first)
    wait_until(lambda: len(hub.mails()) > 4, what="the first invitations")
    child.kill()
    desk = desk_of(hub, folder, "omar")
    job = desk.start(logins(people[15:]))  # before the other goes on: the plan would be stale
    desk.open()
    try:
        assert desk.wait(job.id).state == "succeeded"
        wait_until(
            lambda: all(one.job.state in ENDED for one in desk.engine.store.list_stored()),
            what="the end of the other list",
        )
        assert len(hub.mails()) == 40
        assert hub.sent_twice() == []
    finally:
        desk.close()


@pytest.mark.parametrize("limit", [0, 12])
def test_disk_when_it_fills_up_then_nothing_is_sent_unrecorded_and_it_goes_on_later(
    hub: StandIn, tmp_path: Path, small_disk: Path, limit: int
) -> None:
    people = hub.people(30)
    desk = Desk(small_disk, client(hub, tmp_path / "client"), limit=limit, lease_s=1.0).open()
    try:
        job = desk.start(logins(people))
        wait_until(lambda: len(hub.mails()) >= 5, what="the first invitations")
        filler = fill(small_disk)
        time.sleep(1.5)
        stopped_at = len(hub.mails())
        time.sleep(1.0)
        assert len(hub.mails()) == stopped_at < 30
        filler.unlink()

        def is_over() -> bool:
            now = desk.job(job.id)
            if now.is_paused and now.state == "pending":
                assert now.problem and "disk" in now.problem.title.lower()
                desk.engine.resume_job(job.id, ("roster",))
            return now.state in ENDED

        wait_until(is_over, timeout_s=60, what="the end")
        assert desk.job(job.id).state == "succeeded"
        assert len(hub.mails()) == (limit or 30)
        assert len(desk.work.queued()) == 30 - (limit or 30)
        assert hub.sent_twice() == []
    finally:
        desk.close()


def test_disk_when_full_before_the_queue_is_written_then_who_waits_is_not_lost(
    hub: StandIn, tmp_path: Path, small_disk: Path
) -> None:
    people = hub.people(20)
    hub.settings(invitation_limit=3)
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "roster").mkdir()
    (folder / "roster" / "queue").symlink_to(small_disk)
    filler = fill(small_disk)
    desk = Desk(folder, client(hub, tmp_path / "client")).open()
    try:
        job = desk.apply(logins(people))
        assert job.is_paused and job.problem and job.problem.title == "The disk is full"
        assert len(hub.mails()) == 3
        filler.unlink()
        desk.engine.resume_job(job.id, ("roster",))
        wait_until(lambda: desk.job(job.id).state in ENDED, what="the end")
        assert len(desk.work.queued()) == 17
        assert len(hub.mails()) == 3
    finally:
        desk.close()
