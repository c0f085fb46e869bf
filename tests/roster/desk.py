"""One admin's server as these tests have it: the work of the roster, its jobs, a real client."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from traitlets.config import Config

from growth_admin.core.audit import AuditTrail
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED, Job
from growth_admin.jobs.store import JobStore
from growth_admin.roster.book import RosterBook
from growth_admin.roster.facts import School
from growth_admin.roster.github.school import GitHubSchool, build_school
from growth_admin.roster.ledger import Ledger
from growth_admin.roster.models import Application, Entry, PlanRequest, RosterPlan
from growth_admin.roster.patience import Limits
from growth_admin.roster.queue import InvitationQueue
from growth_admin.roster.work import RosterWork
from tests.conftest import wait_until
from tests.github import StandIn

TEAMS = ("admins", "tas", "students")
QUICK = Limits(settle_s=0.15, rest_s=120, outage_s=1.0, retry_s=0.2)
"""The stand-in answers at once; what GitHub asks to wait is waited in whole seconds."""


def client(hub: StandIn, folder: Path, **settings: Any) -> GitHubSchool:
    """Return the real client for a stand-in, without pauses between changes."""
    folder.mkdir(parents=True, exist_ok=True)
    token = folder / "token"
    if not token.exists():
        token.write_text(hub.token())
        token.chmod(0o600)
    config = Config()
    config.GitHub.api_url = hub.api_url
    config.GitHub.organization = hub.organization
    config.GitHub.token_file = str(token)
    config.GitHub.write_interval_s = 0.0
    config.GitHub.writes_per_minute = 100_000
    config.GitHub.writes_per_hour = 1_000_000
    config.GitHub.reads_per_minute = 1_000_000
    for name, value in settings.items():
        config.GitHub[name] = value
    return build_school(config, folder / "replies")


@dataclass
class Desk:
    """What one server of one admin has. ``folder`` is shared by all of them."""

    folder: Path
    school: School
    user: str = "olga"
    limit: int = 0
    limits: Limits = QUICK
    teams: tuple[str, ...] = TEAMS
    lease_s: float = 3.0
    server: str = field(default_factory=lambda: secrets.token_hex(3))

    def __post_init__(self) -> None:
        state = self.folder / "roster"
        self.book = RosterBook(state / "book")
        self.ledger = Ledger(state / "ledger", writer=self.user, limit=self.limit)
        self.queue = InvitationQueue(state / "queue")
        self.engine = JobEngine(
            JobStore(self.folder / "jobs"),
            user=self.user,
            server=f"{self.user}/{self.server}",
            audit=AuditTrail(self.folder / "audit", writer=self.user),
            lease_s=self.lease_s,
        )
        self.work = RosterWork(
            self.school,
            self.book,
            self.ledger,
            self.queue,
            self.engine,
            teams=lambda: self.teams,
            user=self.user,
            limits=self.limits,
        )

    def open(self) -> Desk:
        """Begin to look after the jobs."""
        self.engine.open()
        return self

    def close(self) -> None:
        """Stop."""
        self.engine.close()

    # -- doing

    def plan(self, entries: Iterable[Entry], *, team: str = "students", **more: Any) -> RosterPlan:
        """Return a plan."""
        return self.work.plan(PlanRequest(team=team, entries=tuple(entries), **more))

    def start(
        self,
        entries: Iterable[Entry],
        *,
        team: str = "students",
        number: int | None = None,
        **more: Any,
    ) -> Job:
        """Plan, and begin to apply."""
        request = PlanRequest(team=team, entries=tuple(entries), **more)
        plan = self.work.plan(request)
        asked = Application(
            **dict(request), plan_id=plan.id, confirm_number=number or plan.confirm_number
        )
        return self.work.apply(asked, user=self.user)

    def apply(self, entries: Iterable[Entry], **more: Any) -> Job:
        """Plan, apply, and return the job once it has ended or paused."""
        return self.wait(self.start(entries, **more).id)

    def job(self, job_id: str) -> Job:
        """Return a job as the disk has it."""
        return JobStore(self.folder / "jobs").load(job_id).job

    def wait(self, job_id: str, *, timeout_s: float = 120) -> Job:
        """Return a job once it has ended, or paused itself."""
        wait_until(
            lambda: is_settled(self.job(job_id)), timeout_s=timeout_s, what=f"the end of {job_id}"
        )
        return self.job(job_id)


def is_settled(job: Job) -> bool:
    """Return whether a job has ended, or waits for somebody."""
    return job.state in ENDED or (job.is_paused and job.state == "pending")


def logins(people: Sequence[dict[str, Any]], *, first_row: int = 2) -> list[Entry]:
    """Return a list of people by login."""
    return [
        Entry(row=row, name=one["name"], login=one["login"])
        for row, one in enumerate(people, first_row)
    ]


def addresses(people: Sequence[dict[str, Any]], *, first_row: int = 2) -> list[Entry]:
    """Return a list of people by e-mail address."""
    return [
        Entry(row=row, name=one["name"], email=one["email"])
        for row, one in enumerate(people, first_row)
    ]


def results(job: Job) -> dict[str, int]:
    """Return how many people of a job came out how."""
    counts: dict[str, int] = {}
    for item in (job.receipt or {}).get("items", ()):
        counts[item["result"]] = counts.get(item["result"], 0) + 1
    return counts


def timed(work: Callable[[], Any]) -> float:
    """Return the seconds that something takes."""
    begun = time.monotonic()
    work()
    return time.monotonic() - begun
