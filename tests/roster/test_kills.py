"""The kill table: ``kill -9`` at random moments of real processes that apply a plan.

Each process plans, applies or goes on with what another one left. It is killed, and the next one
goes on, until one comes through. Twice: people who got two invitation mails. Lost: people who are
not where the list wants them in the end, neither in the team, nor invited, nor in the queue.
"""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from growth_admin.jobs.models import ENDED
from growth_admin.roster.models import Application, Entry, PlanRequest
from tests import github
from tests.conftest import Child
from tests.github import StandIn
from tests.roster.desk import Desk, client

KILLS = 100
PER_LIST = 9
LIVES_S = 1.3


@dataclass
class Case:
    """A list for a team of its own, with people of every kind."""

    number: int
    request: PlanRequest
    wanted: dict[str, str]
    gone: list[str]
    emails: set[str]
    limit: int = 0


def teams_of(number: int) -> tuple[str, str]:
    """Return the teams of a list: whom it is for, and out of which people are moved."""
    return f"students-{number}", f"tas-{number}"


def make_case(hub: StandIn, number: int, folder: Path) -> Case:
    """Set people up for one list: to be invited, invited again, added, moved and removed."""
    team, other = teams_of(number)
    hub.team(team), hub.team(other)
    prefix = f"k{number}-"
    kinds = {
        kind: hub.people(count, prefix=f"{prefix}{kind}-", teams=teams)
        for kind, count, teams in (
            ("invite", 7, None),
            ("mail", 5, None),
            ("expired", 3, None),
            ("add", 4, ["everybody"]),
            ("move", 3, [other]),
            ("stay", 20, [team]),
            ("remove", 4, [team]),
        )
    }
    token = hub.token()
    for one in kinds["expired"]:
        path = f"/orgs/{hub.organization}/teams/{team}/memberships/{one['login']}"
        assert hub.call("PUT", path, token, json={}).ok
    hub.move_clock(days=8)
    hub.forget_mails()
    client(hub, folder / "client")  # a token, before processes share the control's connection
    by_login = [*kinds["invite"], *kinds["expired"], *kinds["add"], *kinds["move"]]
    entries = [Entry(row=2, login=one["login"], name=one["name"]) for one in by_login]
    entries += [Entry(row=2, email=one["email"], name=one["name"]) for one in kinds["mail"]]
    request = PlanRequest(
        team=team,
        entries=tuple(entries),
        removals=tuple(one["login"] for one in kinds["remove"]),
    )
    return Case(
        number,
        request,
        wanted={one["email"].lower(): one["login"] for one in (*by_login, *kinds["mail"])},
        gone=[one["login"] for one in kinds["remove"]],
        emails={one["email"].lower() for one in kinds["mail"]},
        limit=6 if number % 2 else 0,
    )


def desk_of(hub: StandIn, folder: Path, case: Case) -> Desk:
    """Return a fresh server over the folder of a list."""
    team, other = teams_of(case.number)
    school = client(hub, folder / "client")
    return Desk(folder, school, lease_s=0.6, limit=case.limit, teams=(other, team))


def live(hub: StandIn, folder: Path, case: Case) -> None:
    """Be a server: begin what nobody has begun, go on with what others left, until it is done."""
    desk = desk_of(hub, folder, case)
    desk.engine.open()
    stored = [one.job for one in desk.engine.store.list_stored()]
    if not stored:
        plan = desk.work.plan(case.request)
        asked = Application(
            **dict(case.request), plan_id=plan.id, confirm_number=plan.confirm_number
        )
        stored = [desk.work.apply(asked, user="olga")]
    for job in stored:
        if job.state not in ENDED:
            ended = desk.wait(job.id)
            assert ended.state == "succeeded", ended.problem
    desk.school.list_owners()  # GitHub's clock is told by its answers
    if job := desk.work.continue_queue("olga"):
        assert desk.wait(job.id).state == "succeeded"


@dataclass
class Tally:
    """What became of one list."""

    kills: int = 0
    twice: int = 0
    lost: int = 0
    wrong: int = 0
    writes: int = 0
    days: int = 1
    moments: list[float] = field(default_factory=list)


def kill_until_done(
    hub: StandIn, folder: Path, case: Case, rng: random.Random, kills: int
) -> Tally:
    """Apply a list by processes that are killed; the last one is let through."""
    tally = Tally()
    hub.forget_requests()
    while True:
        child = Child(lambda: live(hub, folder, case))
        is_last = tally.kills >= kills
        moment_s = rng.uniform(0.05, LIVES_S)
        end_s = time.monotonic() + moment_s
        while child.is_alive() and (is_last or time.monotonic() < end_s):
            time.sleep(0.002)
        if not child.is_alive():
            if not desk_of(hub, folder, case).work.queued():
                break
            hub.move_clock(days=1, minutes=2)
            tally.days += 1
            continue
        child.signal(signal.SIGKILL)
        child.join()
        tally.kills += 1
        tally.moments.append(moment_s)
    judge(hub, folder, case, tally)
    return tally


def judge(hub: StandIn, folder: Path, case: Case, tally: Tally) -> None:
    """Count what went wrong, by what the stand-in knows."""
    team, other = teams_of(case.number)
    sight = client(hub, folder / "judge")
    members = {one.login for one in sight.list_members(team)}
    open_ones = sight.list_team_invitations(team)
    invited = {one.login for one in open_ones} | {one.email.lower() for one in open_ones}
    desk = desk_of(hub, folder, case)
    waiting = {one.step.login or one.step.email for one in desk.work.queued()}
    there = members | invited | waiting
    tally.twice = len(hub.sent_twice())
    tally.lost = sum(
        login not in there and email not in there for email, login in case.wanted.items()
    )
    left = {one.login for one in sight.list_members(other)} & set(case.wanted.values())
    tally.wrong = len(left) + len(members & set(case.gone))
    tally.writes = sum(one["method"] in ("PUT", "POST", "DELETE") for one in hub.requests())


def test_apply_when_killed_100_times_then_nobody_is_invited_twice_or_lost(
    tmp_path: Path, say_at_the_end: Callable[[str], None]
) -> None:
    rng = random.Random(20261128)
    lines, total, bad, number = [], 0, 0, 0
    with github.running(tmp_path) as hub:
        hub.team("everybody")
        hub.settings(invitation_limit=1000)
        hub.control("PUT", "weather", delay_s=0.01)
        while total < KILLS:
            folder = tmp_path / f"list-{number}"
            case = make_case(hub, number, folder)
            tally = kill_until_done(hub, folder, case, rng, min(PER_LIST, KILLS - total))
            is_ok = tally.twice == tally.lost == tally.wrong == 0
            bad += not is_ok
            total += tally.kills
            number += 1
            people = len(case.wanted) + len(case.gone)
            lines.append(
                f"list {number:3} {people:7} {tally.kills:6} {tally.twice:6} {tally.lost:5} "
                f"{tally.wrong:6} {tally.writes:7} {tally.days:5}  {'ok' if is_ok else 'NOT OK'}"
            )
    head = f"{'list':8} {'people':>7} {'kills':>6} {'twice':>6} {'lost':>5} {'wrong':>6} "
    foot = f"roster: {total} kills, not ok: {bad}"
    say_at_the_end("\n".join((f"{head} {'writes':>7} {'days':>5}", *lines, foot)))
    assert bad == 0
