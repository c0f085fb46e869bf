"""The fault table: everything that GitHub can answer, in every phase of the work.

Each cell is one person, one fault that meets the first request of that phase, and what came of it:

``done``     at once; ``looked``: GitHub was asked whether the change was made, it was, or it was
             made again; ``waited``: as long as GitHub asked
``paused``   the job stopped, said why, and went on once it was put right
``queued``   waits for another day
``failed`` ``blocked`` ``skipped``  said of this person, with the reason
``refused``  a plan was not made, and the error says why; the next one was

In every cell the receipt agrees with GitHub, nobody got two mails, and nobody is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.errors import GitHubRefused, GitHubUnavailable, GrowthError
from growth_admin.jobs.models import Job
from growth_admin.roster.github.school import GitHubSchool
from growth_admin.roster.models import Application, Entry, PlanRequest, Step
from growth_admin.roster.patience import Limits
from growth_admin.roster.queue import Waiting
from tests import github
from tests.conftest import wait_until
from tests.github import StandIn
from tests.roster.desk import QUICK, Desk, client, is_settled

CHANGES = "PUT|POST|DELETE"
NO_WAIT = replace(QUICK, sleep=lambda seconds: None, outage_s=2.0, retry_s=1.0, settle_s=0.0)
SLOW_S, TIMEOUT_S = 3.0, 2.0
SETTLES = replace(QUICK, settle_s=SLOW_S + 0.5)
"""A slow change may still be made after we gave up: here, too, it is waited for before looking."""


@dataclass(frozen=True)
class Fault:
    """One way to fail, and what may come of it, by the end of a phase."""

    title: str
    fault: dict[str, Any]
    ends: frozenset[str]
    refuses: type[GrowthError] = GitHubRefused


def of(title: str, ends: str, refuses: type[GrowthError] = GitHubRefused, **fault: Any) -> Fault:
    return Fault(title, fault, frozenset(ends.split()), refuses)


AWAY = GitHubUnavailable
FAULTS = (
    of("401 bad credentials", "paused", name="unauthorized"),
    of("403 blocked", "blocked paused", name="blocked"),
    of("403 single sign-on", "paused", name="sso"),
    of("403 rights", "paused", name="forbidden"),
    of("403 secondary, retry-after", "waited", AWAY, name="secondary"),
    of("403 secondary, silent", "waited", AWAY, name="secondary_silent"),
    of("429 retry-after", "waited", AWAY, name="secondary_429"),
    of("429 silent", "waited", AWAY, name="secondary_429_silent"),
    of("403 primary", "paused waited", AWAY, name="primary"),
    of("404", "failed done paused", name="not_found"),
    of("422 over limit", "queued failed", name="over_limit"),
    of("422 no seat", "paused", name="no_seat"),
    of("422 other", "failed paused", name="unprocessable"),
    of("500", "looked done", AWAY, name="error"),
    of("502, change made", "looked done", AWAY, name="lost_answer"),
    of("502", "looked done", AWAY, name="bad_gateway"),
    of("503", "looked done", AWAY, name="outage"),
    of("cut before", "looked done", AWAY, name="cut_before"),
    of("cut after the change", "looked done", AWAY, name="cut_after"),
    of("slow", "looked done", AWAY, name="slow", delay_s=SLOW_S),
)


class Bench:
    """One stand-in; each cell has people, teams and a folder of its own."""

    def __init__(self, hub: StandIn, folder: Path) -> None:
        self.hub = hub
        self._folder = folder
        self._count = 0
        self.token = hub.token()

    def cell(self, fault: Fault) -> Cell:
        """Return the next cell: two teams, nobody in them yet but nine old members."""
        self._count += 1
        limits = SETTLES if fault.title == "slow" else NO_WAIT
        folder = self._folder / f"cell-{self._count}"
        return Cell(self.hub, folder, self._count, self.token, limits)


class Cell:
    """One person and one server."""

    def __init__(self, hub: StandIn, folder: Path, number: int, token: str, limits: Limits) -> None:
        self.hub, self.number = hub, number
        self.team, self.other = f"students-{number}", f"tas-{number}"
        self.login, self.email = f"c{number}-0001", f"c{number}-0001@example.org"
        self._token = token
        hub.team(self.team), hub.team(self.other)
        hub.people(9, prefix=f"old{number}-", teams=[self.team])
        folder.mkdir(parents=True)
        (folder / "token").write_text(token)
        (folder / "token").chmod(0o600)
        self.school: GitHubSchool = client(hub, folder, timeout_s=TIMEOUT_S)
        teams = (self.other, self.team)
        self.desk = Desk(folder, self.school, limits=limits, teams=teams).open()

    def person(self, *teams: str) -> None:
        """Make the person, in these teams."""
        self.hub.people(1, prefix=f"c{self.number}-", teams=list(teams))

    def invite(self, team: str) -> None:
        """Invite the person, as somebody did before."""
        path = f"/orgs/{self.hub.organization}/teams/{team}/memberships/{self.login}"
        assert self.hub.call("PUT", path, self._token, json={}).ok

    # -- what GitHub shows

    def state(self) -> str:
        """Return active, pending or nothing: how the person stands in the team."""
        members = {one.login for one in self.school.list_members(self.team)}
        open_ones = self.school.list_team_invitations(self.team)
        names = {one.login for one in open_ones} | {one.email for one in open_ones}
        is_pending = self.login in names or self.email in names
        return "active" if self.login in members else "pending" if is_pending else ""

    def is_in_other(self) -> bool:
        """Return whether the person is in the other team still."""
        return self.login in {one.login for one in self.school.list_members(self.other)}

    def is_waiting(self) -> bool:
        """Return whether the person is in the queue."""
        names = {one.step.login for one in self.desk.work.queued()}
        names |= {one.step.email for one in self.desk.work.queued()}
        return bool(names & {self.login, self.email})


@dataclass(frozen=True)
class Phase:
    """A step of the work: how it is prepared, what is asked, and the state when it is done."""

    title: str
    prepare: Callable[[Cell], PlanRequest]
    state: str
    methods: str = CHANGES


def _entry(cell: Cell) -> PlanRequest:
    return PlanRequest(team=cell.team, entries=(Entry(row=2, login=cell.login),))


def add(cell: Cell) -> PlanRequest:
    cell.person("everybody")
    return _entry(cell)


def invite(cell: Cell) -> PlanRequest:
    cell.person()
    return _entry(cell)


def invite_mail(cell: Cell) -> PlanRequest:
    cell.person()
    return PlanRequest(team=cell.team, entries=(Entry(row=2, email=cell.email),))


def invite_again(cell: Cell) -> PlanRequest:
    cell.person()
    cell.invite(cell.team)
    cell.hub.move_clock(days=8)
    cell.hub.forget_mails()
    return _entry(cell)


def move(cell: Cell) -> PlanRequest:
    cell.person(cell.other)
    return _entry(cell)


def remove(cell: Cell) -> PlanRequest:
    cell.person(cell.team)
    return PlanRequest(team=cell.team, removals=(cell.login,))


def take_back(cell: Cell) -> PlanRequest:
    cell.person()
    cell.invite(cell.team)
    return PlanRequest(team=cell.team, removals=(cell.login,))


PHASES = (
    Phase("add", add, "active"),
    Phase("invite", invite, "pending"),
    Phase("e-mail", invite_mail, "pending"),
    Phase("again", invite_again, "pending"),
    Phase("move", move, "active"),
    Phase("remove", remove, ""),
    Phase("take back", take_back, ""),
)


def settle(cell: Cell, job: Job, phase: Phase, fault: Fault) -> str:
    """Return how a job ended, after putting right what stopped it."""
    job = cell.desk.wait(job.id)
    was_paused = job.state == "pending"
    if was_paused:
        assert job.problem and job.problem.detail and job.problem.hint
        cell.hub.clear()
        cell.hub.move_clock(minutes=70)
        cell.school.list_owners()  # GitHub's clock is told by its answers
        cell.desk.engine.resume_job(job.id, ("roster",))
        wait_until(lambda: is_settled(cell.desk.job(job.id)), what="the end after the pause")
        wait_until(lambda: cell.desk.job(job.id).state != "pending", what="the end")
        job = cell.desk.job(job.id)
    assert job.receipt, job.problem
    (item,) = job.receipt["items"]
    judge(cell, phase, item)
    if was_paused:
        return f"paused+{item['result']}" if item["result"] != "done" else "paused"
    if item["result"] != "done":
        return str(item["result"])
    return how_done(cell)


def how_done(cell: Cell) -> str:
    """Return whether the person's state was looked at, or a pause was kept."""
    view = cell.desk.ledger.view()
    if view.rests:
        return "waited"
    is_looked = cell.hub.count("GET", r"/memberships/|/invitations$|/invitations\?")
    return "looked" if is_looked else "done"


def judge(cell: Cell, phase: Phase, item: dict[str, Any]) -> None:
    """Check that the receipt says what GitHub shows."""
    state, result = cell.state(), item["result"]
    assert cell.hub.sent_twice() == []
    if result == "done":
        assert state == phase.state, (state, item)
        assert not cell.is_in_other()
        assert not cell.is_waiting()
    elif result == "queued":
        assert cell.is_waiting()
    else:
        assert item["detail"], item


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("faults")
    with github.running(folder) as hub:
        hub.team("everybody")
        hub.settings(invitation_limit=100_000)
        yield Bench(hub, folder)


def arranged(cell: Cell, fault: Fault, methods: str, path: str = "") -> None:
    """Let the next request of this kind by anybody meet the fault."""
    how = {"after_n": 0, "times": 1, **fault.fault}
    cell.hub.control("POST", "faults", method=methods, path=path or "/orgs/", **how)


# -- the table


@pytest.mark.timeout(900)
def test_faults_when_they_meet_any_phase_then_each_ends_with_a_clear_result(
    bench: Bench, say_at_the_end: Callable[[str], None]
) -> None:
    rows, bad = [], []
    for fault in FAULTS:
        cells = []
        for phase in PHASES:
            said = one_cell(bench, phase, fault)
            if said.split("+")[0] not in fault.ends:
                bad.append(f"{fault.title} x {phase.title}: {said}")
            cells.append(said)
        cells += [one_queue_cell(bench, fault), one_look_cell(bench, fault)]
        rows.append(f"{fault.title:28}" + "".join(f"{said:14}" for said in cells))
    titles = [*(phase.title for phase in PHASES), "queue", "plan"]
    head = " " * 28 + "".join(f"{title:14}" for title in titles)
    foot = f"roster: {len(FAULTS) * len(titles)} cells, not as meant: {len(bad)}"
    say_at_the_end("\n".join((head, *rows, foot)))
    assert bad == []


def one_cell(bench: Bench, phase: Phase, fault: Fault) -> str:
    cell = bench.cell(fault)
    bench.hub.clear()
    bench.hub.forget_mails()
    try:
        request = phase.prepare(cell)
        plan = cell.desk.work.plan(request)
        asked = Application(**dict(request), plan_id=plan.id, confirm_number=plan.confirm_number)
        arranged(cell, fault, phase.methods)
        bench.hub.forget_requests()
        return settle(cell, cell.desk.work.apply(asked, user="olga"), phase, fault)
    finally:
        cell.desk.close()


def one_queue_cell(bench: Bench, fault: Fault) -> str:
    """Somebody waits in the queue, and the change meets the fault when it is their turn."""
    cell = bench.cell(fault)
    bench.hub.clear()
    bench.hub.forget_mails()
    try:
        cell.person()
        account = cell.school.get_account(cell.login)
        assert account
        step = Step(action="invite", login=cell.login, github_id=account.id, team=cell.team)
        asked = cell.school.now() - timedelta(hours=25)
        waiting = Waiting(key="k1", step=step, asked=asked, asked_by="olga")
        cell.desk.queue.add([waiting], user="olga")
        arranged(cell, fault, CHANGES)
        bench.hub.forget_requests()
        job = cell.desk.work.continue_queue("olga")
        assert job
        return settle(cell, job, Phase("queue", invite, "pending"), fault)
    finally:
        cell.desk.close()


def one_look_cell(bench: Bench, fault: Fault) -> str:
    """All questions of a plan fail; the error says why, and the next plan is made."""
    cell = bench.cell(fault)
    bench.hub.clear()
    try:
        request = invite(cell)
        arranged(cell, replace(fault, fault={**fault.fault, "times": 0}), "GET")
        try:
            cell.desk.work.plan(request)
        except GrowthError as e:
            assert e.detail and (e.hint or e.context["reason"] == "refused"), e
            is_right = isinstance(e, fault.refuses)
            said = "refused" if is_right else type(e).__name__
        else:
            said = "done"
        bench.hub.clear()
        bench.hub.move_clock(minutes=70)
        assert cell.desk.work.plan(request).counts == {"invite": 1}
        return said
    finally:
        cell.desk.close()
