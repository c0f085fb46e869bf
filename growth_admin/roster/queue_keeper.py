"""Sends what waits, once GitHub takes more: a light look now and then, a job when it is time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from growth_admin.core.errors import (
    Conflict,
    GitHubRefused,
    GitHubUnavailable,
    NotConfigured,
    NotFound,
    RateLimited,
)
from growth_admin.core.fsops import create_exclusive, list_names
from growth_admin.core.plan import digest_of
from growth_admin.core.recurring import Recurring
from growth_admin.jobs.context import JobContext
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED, Job
from growth_admin.roster.book import Book, RosterBook
from growth_admin.roster.facts import School
from growth_admin.roster.ledger import Ledger
from growth_admin.roster.orders import Order, Orders
from growth_admin.roster.patience import paused
from growth_admin.roster.queue import InvitationQueue, Waiting
from growth_admin.roster.queue_order import queue_order
from growth_admin.roster.runs import Runs

QUEUE_KIND: Final = "roster.queue"
KINDS: Final = (QUEUE_KIND, "roster.apply")
AREA: Final = ("roster",)
BUCKET_S: Final = 600
"""A server that died between its mark and its job holds the others up for at most so long."""
MARKS: Final = 100
WAKES: Final = (RateLimited.title, GitHubUnavailable.title)
"""Why jobs paused themselves that may simply go on later."""


class QueueKeeper:
    """Looks after the queue for one server; of all servers, one sends."""

    def __init__(
        self,
        school: School,
        book: RosterBook,
        ledger: Ledger,
        queue: InvitationQueue,
        engine: JobEngine,
        orders: Orders,
        runs: Runs,
        *,
        teams: Callable[[], Sequence[str]],
    ) -> None:
        self._school = school
        self._book = book
        self._ledger = ledger
        self._queue = queue
        self._engine = engine
        self._orders = orders
        self._runs = runs
        self._teams = teams
        self._marks = ledger.folder.parent / "marks"
        self._recurring: Recurring | None = None

    # -- now and then

    def open(self, user: str, *, every_s: float) -> None:
        """Begin to look every ``every_s`` seconds or so."""
        if self._recurring is None:
            self._recurring = Recurring(
                lambda: self._look(user), name="roster-queue", what="the queue of invitations"
            )
            self._recurring.open(every_s=every_s)

    def close(self) -> None:
        """Stop looking; returns at once."""
        if self._recurring:
            self._recurring.close()
            self._recurring = None

    def _look(self, user: str) -> None:
        self.wake()
        self.continue_queue(user)

    def wake(self) -> None:
        """Let jobs go on that paused themselves because GitHub asked for it, or was away."""
        now = self._school.now()
        for job in self._jobs():
            is_by_itself = job.is_paused and job.problem and job.problem.title in WAKES
            if is_by_itself and self._ledger.view().resting_until(now) is None:
                self._engine.resume_job(job.id, AREA)

    def continue_queue(self, user: str) -> Job | None:
        """Begin to send what waits, if something waits and may be sent; nothing otherwise."""
        waiters = self._queue.load()
        if not waiters.waiting:
            return None
        now = self._school.now()
        view = self._ledger.view()
        budget = view.budget(now, limit=self._ledger.limit)
        if budget.free_at is not None or any(job.kind == QUEUE_KIND for job in self._jobs()):
            return None
        bucket = int(now.timestamp()) // BUCKET_S
        if not self._mark(digest_of(waiters.number, len(view.outcomes), bucket)[:16], user):
            return None
        count = min(budget.limit - budget.used, len(waiters.waiting))
        title = f"Send {count:,} of {len(waiters.waiting):,} invitations that waited"
        return self._engine.start_job(QUEUE_KIND, title=title, params={}, user=user)

    def _jobs(self) -> list[Job]:
        """Return the roster's jobs that have not ended."""
        jobs = self._engine.list_jobs(AREA, limit=1000).jobs
        return [job for job in jobs if job.kind in KINDS and job.state not in ENDED]

    def _mark(self, key: str, user: str) -> bool:
        """Return whether this server is the one that begins."""
        try:
            create_exclusive(self._marks / key, user.encode())
        except Conflict:
            return False
        names = list_names(self._marks)
        if len(names) > MARKS:
            self._forget_marks(names)
        return True

    def _forget_marks(self, names: list[str]) -> None:
        by_age = sorted(names, key=lambda name: (self._marks / name).stat().st_mtime)
        for name in by_age[:-MARKS]:
            with suppress(OSError):
                (self._marks / name).unlink()

    # -- the job

    def run(self, context: JobContext) -> dict[str, Any]:
        """Send up to the budget, and return the receipt."""
        return self._runs.carry_out(context, lambda: self._order(context))

    def _order(self, context: JobContext) -> Order:
        """Return what this job is to do: decided once, when its turn has come."""
        name = context.checkpoint.get("order")
        if name:
            return self._orders.load(name)
        now = self._school.now()
        budget = self._ledger.budget(now)
        free = 0 if budget.free_at else budget.limit - budget.used
        batch = self._queue.load().in_turn()[:free]
        order = self._patiently(context, batch, self._book.load())
        context.save_checkpoint({"order": self._orders.keep(order)})
        return order

    def _patiently(self, context: JobContext, batch: Sequence[Waiting], book: Book) -> Order:
        patience = self._runs.patience(context)
        while True:
            try:
                return queue_order(
                    self._school,
                    book,
                    batch,
                    teams=tuple(self._teams()),
                    view=self._ledger.view(),
                    user=context.job.created_by,
                )
            except RateLimited as e:
                patience.rest(e)
            except GitHubUnavailable as e:
                patience.outlast(e)
            except (GitHubRefused, NotConfigured, NotFound) as e:
                raise paused(e) from e  # who waits goes on waiting
