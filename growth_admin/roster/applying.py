"""Does what an order says, person by person, in the order that does least harm.

Before GitHub is asked for a change, the ledger says so on the disk; afterwards it says what came of
it. A run that finds a change of which nobody knows whether it was made looks at that person first.
So nothing is sent twice and nobody is forgotten, whoever is killed when.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from growth_admin.core.errors import (
    Conflict,
    GitHubRefused,
    GitHubUnavailable,
    GrowthError,
    InvitationLimit,
    NotConfigured,
    NotFound,
    RateLimited,
    StorageFull,
    StorageUnavailable,
)
from growth_admin.jobs.context import JobCancelled, JobContext, JobPaused
from growth_admin.jobs.models import JobProblem
from growth_admin.roster.facts import School
from growth_admin.roster.hand import Hand, Made
from growth_admin.roster.ledger import Ledger
from growth_admin.roster.ledger_lines import Line
from growth_admin.roster.models import CHANGES, Step
from growth_admin.roster.orders import Order
from growth_admin.roster.patience import Patience, paused
from growth_admin.roster.planning import needs_invitation
from growth_admin.roster.records import Records
from growth_admin.roster.refusing import is_for_everybody, judged
from growth_admin.roster.turn import Held

STORAGE: Final = (StorageFull, StorageUnavailable, Conflict)
RANK: Final = {"add": 0, "move": 1, "invite": 2, "expired": 2, "remove": 3}
"""First what lets people in, last what shuts them out."""
REMOVED: Final = "removed meanwhile"
STRANGE: Final = 5
"""After so many refusals of the same kind in a row, the fault is not with the persons."""


class Applying:
    """One run of the job. Another server's run goes on from the ledger."""

    def __init__(
        self,
        context: JobContext,
        order: Order,
        school: School,
        ledger: Ledger,
        records: Records,
        hand: Hand,
        patience: Patience,
        held: Held,
    ) -> None:
        self._context = context
        self._order = order
        self._school = school
        self._ledger = ledger
        self._records = records
        self._hand = hand
        self._patience = patience
        self._held = held
        self._refusals: list[str] = []

    def run(self) -> dict[str, Any]:
        """Return the receipt. Raises ``JobCancelled`` with the receipt kept, ``JobPaused``."""
        try:
            self._records.flush()
            for index in self._turns():
                self._go_on()
                if not self._records.has(index):
                    self._take(index)
            self._records.flush()
            return self._conclude()
        except JobCancelled:
            self._end_early()
            raise
        except JobPaused:
            with suppress(*STORAGE):
                self._records.flush()
            raise
        except STORAGE as e:  # what was begun is looked at when it goes on
            raise paused(e) from e

    def _conclude(self) -> dict[str, Any]:
        """Return the receipt; if all changes failed, keep it and raise ``GitHubRefused``."""
        receipt = self._records.receipt()
        failed = [item for item in receipt["items"] if item["result"] == "failed"]
        good = [item for item in receipt["items"] if item["result"] in ("done", "queued")]
        if not failed or good:
            return receipt
        error = GitHubRefused(
            f"{receipt['title']}. {failed[0]['target']}: {failed[0]['detail']}",
            hint="The receipt tells of each person.",
        )
        problem = JobProblem(title=error.title, detail=error.detail, hint=error.hint)
        self._context.finish(state="failed", receipt=receipt, problem=problem)
        raise error

    def _end_early(self) -> None:
        """Keep the receipt of a cancelled job."""
        with suppress(*STORAGE):
            self._records.flush()
            receipt = self._records.receipt(rest="not touched, because the job was cancelled")
            self._context.finish(state="cancelled", receipt=receipt)

    def _turns(self) -> list[int]:
        """Return whose turn it is; invitations by the rank of the team."""
        steps = self._order.steps

        def rank(index: int) -> tuple[int, int, int]:
            step = steps[index]
            return (RANK.get(step.action, 4), self._order.ranks.get(step.team, 99), index)

        return sorted(range(len(steps)), key=rank)

    def _go_on(self) -> None:
        """Raise unless the job may go on, and the turn is ours."""
        self._context.check()
        self._held.require()

    # -- one person

    def _take(self, index: int) -> None:
        """Bring one person's step to its end."""
        step = self._order.steps[index]
        if step.action not in CHANGES:
            self._records.end(index, "skipped", step.reason)
            return
        if self._is_found_made(index, step) or self._is_over(index, step):
            return
        while not self._records.has(index):
            self._go_on()
            if needs_invitation(step) and not self._may_invite():
                self._queue_rest()
                return
            self._try(index, step)

    def _try(self, index: int, step: Step) -> None:
        """Ask GitHub for the change once, and keep what came of it."""
        intent = self._records.begin(index, is_invitation=needs_invitation(step))
        try:
            made = self._hand.make(step)
        except InvitationLimit as e:
            self._records.note_limit(intent, e)
            self._over_limit(index, step, e)
        except RateLimited as e:
            self._records.note_rest(intent, e)
            self._patience.rest(e)
        except GitHubUnavailable as e:
            self._patience.outlast(e)
            self._is_found_made(index, step)
        except (GitHubRefused, NotFound, NotConfigured) as e:
            self._refused(index, intent, e)
        else:
            self._refusals.clear()
            self._patience.is_back()
            self._records.close(intent, "done", made)

    def _over_limit(self, index: int, step: Step, error: InvitationLimit) -> None:
        """Bring a step to its end that should have needed no invitation, and did.

        Somebody who was to be added has left the organization since the plan was made.
        """
        if step.action == "add":
            self._queue_rest(index)
        elif not needs_invitation(step):
            self._records.end(index, "failed", error.detail)

    def _refused(self, index: int, intent: Line, error: GrowthError) -> None:
        """Keep a refusal; one that meets everybody stops the job, and this person is not lost."""
        result, detail = judged(error)
        kind = f"{error.context.get('status')} {error.context.get('reason')}"
        if result == "failed":
            self._refusals = [*(one for one in self._refusals if one == kind), kind]
        if is_for_everybody(error) or len(self._refusals) >= STRANGE:
            self._records.void(intent)
            raise paused(error)
        self._records.close(intent, result, Made(detail))

    def _queue_rest(self, *more: int) -> None:
        """Let the rest wait for another day, but those who are invited or removed meanwhile."""
        for index in self._records.uninvited():
            self._is_found_made(index, self._order.steps[index])
        for index in self._records.find_removed(*self._records.uninvited()):
            self._records.end(index, "skipped", REMOVED)
        self._records.queue_rest(*more)

    def _may_invite(self) -> bool:
        budget = self._ledger.budget(self._school.now())
        return budget.used < budget.limit

    # -- looking before writing

    def _is_over(self, index: int, step: Step) -> bool:
        """Return whether somebody is not to be let in any more; the step is ended then."""
        if step.action == "remove" or not self._records.find_removed(index):
            return False
        self._records.end(index, "skipped", REMOVED)
        return True

    def _is_found_made(self, index: int, step: Step) -> bool:
        """Return whether a change that may have been made was made; it is settled either way.

        Looked for only if nobody knows what became of an earlier attempt, or if somebody else has
        changed this person since the plan was made.
        """
        view = self._ledger.view()
        doubtful = view.open_intents(step, team=step.team)
        others = [
            line
            for line in view.lines_of(step, team=step.team)
            if line.job != self._context.job.id and line.at >= self._order.looked
        ]
        if not doubtful and not others:
            return False
        for line in doubtful:
            self._patience.settle(line.at)
        made = self._look(step)
        for line in doubtful:
            if made is not None and (line.action == "remove") == (step.action == "remove"):
                self._records.close(line, "done", made)
            else:
                self._records.void(line)
        if made is not None and not self._records.has(index):
            self._records.end(index, "done", made.detail, made)
        return made is not None

    def _look(self, step: Step) -> Made | None:
        while True:
            self._go_on()
            try:
                made = self._hand.find_made(step)
            except RateLimited as e:
                self._patience.rest(e)
            except GitHubUnavailable as e:
                self._patience.outlast(e)
            except (GitHubRefused, NotConfigured) as e:
                raise paused(e) from e
            else:
                return made
