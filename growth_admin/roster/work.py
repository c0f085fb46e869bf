"""Plans for the school's teams and what becomes of them: the door to planning and applying."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from growth_admin.core.errors import ConfirmationNeeded
from growth_admin.core.plan import require_same
from growth_admin.jobs.context import JobContext
from growth_admin.jobs.engine import JobEngine, Runner
from growth_admin.jobs.models import Job
from growth_admin.roster.book import Book, RosterBook
from growth_admin.roster.facts import School
from growth_admin.roster.ledger import Ledger
from growth_admin.roster.looking import look
from growth_admin.roster.models import Application, Budget, PlanRequest, RosterPlan
from growth_admin.roster.ordering import order_of
from growth_admin.roster.orders import Orders
from growth_admin.roster.patience import Limits
from growth_admin.roster.planning import Sending, make_roster_plan
from growth_admin.roster.queue import InvitationQueue, Waiting
from growth_admin.roster.queue_keeper import QUEUE_KIND, QueueKeeper
from growth_admin.roster.recent import RecentAccounts
from growth_admin.roster.runs import Runs
from growth_admin.roster.seen import World
from growth_admin.roster.turn import Turn

APPLY_KIND: Final = "roster.apply"
PERMISSION: Final = "roster.teams:change"


class RosterWork:
    """Plans, applications and the queue of invitations.

    ``teams`` are names or slugs of the school's teams, the most powerful first (admins, TAs,
    students): nobody is in two of them through us, and in this order invitations go out when they
    do not suffice for all. They are asked for at each use, because they are settings. ``user`` is
    who owns this server.
    """

    def __init__(
        self,
        school: School,
        book: RosterBook,
        ledger: Ledger,
        queue: InvitationQueue,
        engine: JobEngine,
        *,
        teams: Callable[[], Sequence[str]],
        user: str,
        limits: Limits | None = None,
    ) -> None:
        self._school = school
        self._recent = RecentAccounts(school)
        self._book = book
        self._ledger = ledger
        self._queue = queue
        self._engine = engine
        self._teams = teams
        self._user = user
        folder = ledger.folder.parent
        self._orders = Orders(folder / "orders")
        turn = Turn(folder / "turns", holder=user)
        self._runs = Runs(school, book, ledger, queue, turn, limits or Limits())
        self._keeper = QueueKeeper(
            school, book, ledger, queue, engine, self._orders, self._runs, teams=teams
        )
        for kind, run in ((APPLY_KIND, self._run), (QUEUE_KIND, self._keeper.run)):
            engine.register(Runner(kind, PERMISSION, run, is_resumable=True, is_pausable=True))

    # -- plan and apply

    def plan(self, request: PlanRequest) -> RosterPlan:
        """Return what would happen to each person, as GitHub is at this moment.

        Raises ``NotFound`` for a team that is not there, ``InvalidInput`` for a request that
        contradicts itself, ``GitHubUnavailable``, ``GitHubRefused``, ``NotConfigured``.
        """
        return self._make(request)[0]

    def apply(self, application: Application, *, user: str) -> Job:
        """Begin to do what the plan says and return the job.

        Raises as ``plan``, ``StalePlan`` when the plan is another one by now, and
        ``ConfirmationNeeded`` without the number that it asks for.
        """
        plan, world, book = self._make(application)
        require_same(application.plan_id, plan)
        _require_number(plan, application.confirm_number)
        order = order_of(plan, application, world, book, user=user)
        params = {"plan_id": plan.id, "order": self._orders.keep(order)}
        return self._engine.start_job(APPLY_KIND, title=plan.title, params=params, user=user)

    def _make(self, request: PlanRequest) -> tuple[RosterPlan, World, Book]:
        book, waiting = self._book.load(), self._queue.load().waiting
        world = look(
            self._school,
            book,
            request,
            teams=tuple(self._teams()),
            waiting=waiting,
            user=self._user,
            recent=self._recent,
        )
        view = self._ledger.view()
        sending = Sending(view, view.budget(world.now, limit=self._ledger.limit), waiting)
        return make_roster_plan(request, world, book, sending), world, book

    def _run(self, context: JobContext) -> dict[str, Any]:
        order = self._orders.load(context.params["order"])
        return self._runs.carry_out(context, lambda: order)

    # -- the queue

    def continue_queue(self, user: str) -> Job | None:
        """Begin to send what waits, if something waits and may be sent; nothing otherwise.

        Asks nothing of GitHub. Of several servers one begins.
        """
        return self._keeper.continue_queue(user)

    def budget(self) -> Budget:
        """Return how many invitations may be sent, as far as the ledger of all servers knows."""
        return self._ledger.budget(self._school.now())

    def queued(self) -> tuple[Waiting, ...]:
        """Return whose invitation waits for another day, whose turn is next first."""
        return self._queue.load().in_turn()

    def open(self, *, every_s: float = 180.0) -> None:
        """Begin to look after the queue every few minutes, in a thread of its own."""
        self._keeper.open(self._user, every_s=every_s)

    def close(self) -> None:
        """Stop looking after the queue; returns at once."""
        self._keeper.close()


def _require_number(plan: RosterPlan, typed: int | None) -> None:
    number = plan.confirm_number
    if number is None or typed == number:
        return
    raise ConfirmationNeeded(
        f"{plan.title}: this asks for a number. {' '.join(plan.warnings[:2])}",
        hint=f"Look at who leaves; if that is meant, type {number}.",
        fields=(("confirm_number", f"must be {number}"),),
        context={"confirm_number": number},
    )
