"""Carries out an order in a job: waits for the turn, then goes through the people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from growth_admin.jobs.context import JobContext
from growth_admin.roster.applying import STORAGE, Applying
from growth_admin.roster.book import RosterBook
from growth_admin.roster.facts import School
from growth_admin.roster.hand import Hand
from growth_admin.roster.ledger import Ledger
from growth_admin.roster.ledger_lines import View
from growth_admin.roster.merging import find_of_step
from growth_admin.roster.models import Step
from growth_admin.roster.orders import Order
from growth_admin.roster.patience import Limits, Patience, paused
from growth_admin.roster.queue import InvitationQueue
from growth_admin.roster.records import Records
from growth_admin.roster.register import Register
from growth_admin.roster.turn import Turn


class Runs:
    """Everything that a run needs beside its order."""

    def __init__(
        self,
        school: School,
        book: RosterBook,
        ledger: Ledger,
        queue: InvitationQueue,
        turn: Turn,
        limits: Limits,
    ) -> None:
        self._school = school
        self._book = book
        self._ledger = ledger
        self._queue = queue
        self._turn = turn
        self._limits = limits

    def patience(self, context: JobContext) -> Patience:
        """Return the waiting of a job."""

        def say(message: str) -> None:
            known = context.job.progress
            done, total = (known.done, known.total) if known else (0, None)
            context.progress(done, total, unit="people", message=message)

        return Patience(context, self._limits, self._school.now, say)

    def carry_out(self, context: JobContext, find_order: Callable[[], Order]) -> dict[str, Any]:
        """Return the receipt. ``find_order`` is called once it is our turn.

        Raises what ends, pauses or interrupts a job.
        """
        patience = self.patience(context)

        def wait() -> None:
            patience.wait_a_moment("waits for its turn: another list is being applied")

        try:
            with self._turn.held(wait) as held:
                self._ledger.prune(self._school.now())
                order = find_order()
                records = Records(
                    context, order, self._school, self._ledger, self._book, self._queue
                )
                hand = self._hand(order)
                return Applying(
                    context, order, self._school, self._ledger, records, hand, patience, held
                ).run()
        except STORAGE as e:
            raise paused(e) from e

    def _hand(self, order: Order) -> Hand:
        register, view = Register(self._book.load().people), self._ledger.view()

        def is_leaver(step: Step) -> bool:
            known = find_of_step(register, step)
            return known is not None and known.was_active and known.removed is None

        return Hand(
            self._school,
            order.team_ids,
            more_teams=lambda step: _further_teams(step, order, view),
            is_leaver=is_leaver,
        )


def _further_teams(step: Step, order: Order, view: View) -> tuple[int, ...]:
    """Return teams outside the school's that our last invitation of somebody named too."""
    sent = [line for line in view.lines_of(step) if line.kind == "outcome" and line.is_invitation]
    last = max(sent, key=lambda line: line.at, default=None)
    ours = set(order.team_ids.values())
    return tuple(number for number in (last.team_ids if last else ()) if number not in ours)
