"""Plans for the school's teams and what becomes of them: the door to planning and applying."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import Job
from growth_admin.roster.book import RosterBook
from growth_admin.roster.facts import School
from growth_admin.roster.ledger import Ledger
from growth_admin.roster.models import Application, Budget, PlanRequest, RosterPlan
from growth_admin.roster.queue import InvitationQueue, Waiting


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
    ) -> None:
        self._school = school
        self._book = book
        self._ledger = ledger
        self._queue = queue
        self._engine = engine
        self._teams = teams
        self._user = user

    def plan(self, request: PlanRequest) -> RosterPlan:
        """Return what would happen to each person, as GitHub is at this moment.

        Raises ``NotFound`` for a team that is not there, ``InvalidInput`` for a request that
        contradicts itself, ``GitHubUnavailable``, ``GitHubRefused``, ``NotConfigured``.
        """
        raise NotImplementedError

    def apply(self, application: Application, *, user: str) -> Job:
        """Begin to do what the plan says and return the job.

        Raises as ``plan``, ``StalePlan`` when the plan is another one by now, and
        ``ConfirmationNeeded`` without the number that it asks for.
        """
        raise NotImplementedError

    def continue_queue(self, user: str) -> Job | None:
        """Begin to send what waits, if something waits and may be sent; nothing otherwise.

        Asks nothing of GitHub. Of several servers one begins.
        """
        raise NotImplementedError

    def budget(self) -> Budget:
        """Return how many invitations may be sent, as far as the ledger of all servers knows."""
        return self._ledger.budget(self._school.now())

    def queued(self) -> tuple[Waiting, ...]:
        """Return whose invitation waits for another day, whose turn is next first."""
        waiting = self._queue.load().waiting
        return tuple(sorted(waiting, key=lambda one: (one.rank, one.asked)))

    def open(self, *, every_s: float = 180.0) -> None:
        """Begin to look after the queue every few minutes, in a thread of its own."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop looking after the queue; returns at once."""
        raise NotImplementedError
