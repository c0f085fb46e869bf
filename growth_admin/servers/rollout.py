"""Takes the targets of a plan to their ends, a few at a time, and writes the receipt.

One thread decides, others carry requests to the hub and back, so that a slow start holds nobody up.
Each round: take in what came back, begin with those whose turn it is, look at those on their way,
decide, keep the marks, and only then ask.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from growth_admin.core.errors import GrowthError
from growth_admin.jobs.engine import JobCancelled, JobContext, JobInterrupted, JobPaused
from growth_admin.jobs.models import JobProblem
from growth_admin.servers.airspace import Airspace
from growth_admin.servers.flight import Limits
from growth_admin.servers.ledger import Ledger
from growth_admin.servers.looking import Lookout
from growth_admin.servers.models import Target
from growth_admin.servers.receipts import error_of
from growth_admin.servers.turns import Turns, Wish
from growth_admin.servers.waves import reason_to_stop

__all__ = ["Limits", "Rollout"]

ROUND_S: Final = 0.2
"""How long a round waits at most for something to happen."""


class Rollout:
    """One run of the job; another server's run goes on from the journal."""

    def __init__(
        self,
        context: JobContext,
        ledger: Ledger,
        airspace: Airspace,
        lookout: Lookout,
        *,
        turns: Turns,
        own: Target,
        spacing_s: float,
        is_closing: Callable[[], bool],
    ) -> None:
        self._turns = turns
        self._context = context
        self._ledger = ledger
        self._airspace = airspace
        self._lookout = lookout
        self._own = own
        self._spacing_s = spacing_s
        self._next_s = 0.0
        self._round_s = 0.0
        self._is_closing = is_closing
        self._queue = self._order()

    def run(self) -> dict[str, Any]:
        """Return the receipt. Raises ``HubRefused`` when a server failed; its receipt is kept.

        Raises ``JobPaused`` when somebody asked for that and what was begun is ended.
        """
        self._ledger.open()
        wish: Wish = ""
        try:
            while True:
                began_s = time.monotonic()
                wish = self._wish()
                self._airspace.collect()
                self._leave_alone(wish)
                self._turns.listen(tuple(self._queue), wish)
                if not wish:
                    self._begin()
                self._airspace.send()
                self._turns.speak()
                self._ledger.report(len(self._airspace.flights), self._turns.counts)
                if not self._airspace.flights and (wish == "pause" or not self._queue):
                    break
                self._round_s = time.monotonic() - began_s
                left_s = self._next_s - time.monotonic()
                self._airspace.await_news(min(left_s, ROUND_S) if left_s > 0 else ROUND_S)
            self._turns.close()
            self._look_again()
        finally:
            self._airspace.crew.close()
        self._ledger.commit(is_last=True)
        if wish == "pause" and self._queue:
            raise JobPaused(self._turns.problem)
        return self._conclude(is_cancelled=wish == "cancel")

    def _order(self) -> deque[int]:
        """Return whose turn it is next; those already begun are in the air at once."""
        open_ones = [i for i, mark in enumerate(self._ledger.marks) if mark.phase != "ended"]
        for index in open_ones:
            if self._ledger.marks[index].phase != "new":
                self._airspace.admit(index)
        new = [i for i in open_ones if self._ledger.marks[i].phase == "new"]
        marks = self._ledger.marks
        return deque(sorted(new, key=lambda i: (marks[i].target == self._own, marks[i].wave, i)))

    # -- what people and this server want

    def _wish(self) -> Wish:
        """Return what somebody asked for. Raises when this server ends or another has the job."""
        try:
            self._context.check()
        except (JobCancelled, JobPaused) as e:
            if self._is_closing():
                raise JobInterrupted from None
            return "cancel" if isinstance(e, JobCancelled) else "pause"
        return "pause" if self._turns.problem else ""

    def _leave_alone(self, wish: Wish) -> None:
        """End all whose turn has not come, if there is a reason; what is begun goes on."""
        reason = "the job was cancelled" if wish == "cancel" else self._reason_to_stop()
        while reason and self._queue:
            index = self._queue.popleft()
            self._turns.conclude(index)
            self._ledger.end(index, "skipped", f"not touched, because {reason}")

    def _reason_to_stop(self) -> str:
        if self._airspace.is_hub_gone:
            return "the hub gives no answer"
        return reason_to_stop(
            canaries_failed=self._ledger.canaries_failed,
            failed=self._ledger.failed,
            tried=self._ledger.tried,
            pace=self._ledger.pace,
        )

    # -- whose turn it is

    def _begin(self) -> None:
        """Begin with those whose turn it is, one after the other, as far as there is room.

        Where the disk is slow a round takes longer than lies between two of them: then those go
        together whose turn came while the last one was written down.
        """
        self._next_s = max(self._next_s, time.monotonic() - self._round_s)
        for index in list(self._queue):
            if not self._airspace.has_room or time.monotonic() < self._next_s:
                break
            if not self._turns.is_due(index):
                continue
            if not self._is_turn(index):
                break
            self._queue.remove(index)
            self._turns.conclude(index)
            self._airspace.admit(index)
            self._next_s += self._spacing_s

    def _is_turn(self, index: int) -> bool:
        """Return whether nobody must come back first: canaries, or all before the own server."""
        marks, flights = self._ledger.marks, self._airspace.flights
        if marks[index].target == self._own:
            return not flights and len(self._queue) == 1
        if not self._ledger.has_canaries:
            return True
        if marks[index].is_canary:  # beside nobody else who has yet to come back as the first
            return self._ledger.is_proven or all(marks[other].is_canary for other in flights)
        if any(marks[other].is_canary and self._is_awaited(other) for other in self._queue):
            return False
        if self._ledger.is_proven:
            return not any(marks[other].is_canary for other in flights)
        return not flights  # no canary goes now: whoever is next is one in their place

    def _is_awaited(self, canary: int) -> bool:
        """Return whether a canary goes first however long that takes.

        For one that nobody named, whoever is ready before its time does not wait.
        """
        return bool(self._ledger.pace.canaries) or self._turns.has_come(canary)

    # -- the end

    def _look_again(self) -> None:
        """Look at how it ended, so that lists show it."""
        self._lookout.look_again(
            [mark.target for mark in self._ledger.marks if mark.result in ("done", "failed")]
        )

    def _conclude(self, *, is_cancelled: bool) -> dict[str, Any]:
        """Return the receipt, or raise; the receipt is written first, so that it is kept."""
        self._ledger.close()
        receipt = self._ledger.receipt()
        if is_cancelled:
            self._context.finish(state="cancelled", receipt=receipt)
            raise JobCancelled
        error: GrowthError | None = error_of(self._ledger.marks)
        if error is not None:
            problem = JobProblem(title=error.title, detail=error.detail, hint=error.hint)
            self._context.finish(state="failed", receipt=receipt, problem=problem)
            raise error
        return receipt
