"""The bookkeeping of one job: ledger lines, what came of each step, roster and queue kept up."""

from __future__ import annotations

import secrets
import time
from typing import Any, Final

from growth_admin.core.errors import InvitationLimit, RateLimited
from growth_admin.core.schema import now as machine_now
from growth_admin.core.words import count
from growth_admin.jobs.context import JobContext
from growth_admin.roster.book import People, RosterBook
from growth_admin.roster.facts import School
from growth_admin.roster.hand import Made
from growth_admin.roster.ledger import Ledger
from growth_admin.roster.ledger_lines import Line, Result
from growth_admin.roster.merging import find_of_step, is_removed_since, with_entries, with_outcomes
from growth_admin.roster.models import Step
from growth_admin.roster.orders import Order
from growth_admin.roster.planning import needs_invitation
from growth_admin.roster.queue import InvitationQueue, Waiting
from growth_admin.roster.receipts import receipt_of
from growth_admin.roster.register import Register
from growth_admin.roster.wording import clock

FLUSH_EVERY: Final = 25
FLUSH_AFTER_S: Final = 20.0


class Records:
    """What this job has done, on the disk of the school. Another server's run reads it again.

    Methods that write raise ``StorageFull`` or ``StorageUnavailable``, flushing ``Conflict`` too.
    """

    def __init__(
        self,
        context: JobContext,
        order: Order,
        school: School,
        ledger: Ledger,
        book: RosterBook,
        queue: InvitationQueue,
    ) -> None:
        self._context = context
        self._order = order
        self._school = school
        self._ledger = ledger
        self._book = book
        self._queue = queue
        self._results = ledger.view().outcomes_of(context.job.id)
        self._overtaken = self._find_overtaken()
        self._unflushed = 0
        self._flushed_s = time.monotonic()

    def has(self, index: int) -> bool:
        """Return whether a step has come to its end."""
        return index in self._results

    def find_removed(self, *indices: int) -> frozenset[int]:
        """Return those of the steps whose person was removed since the plan was made."""
        register, steps = Register(self._book.load().people), self._order.steps
        return frozenset(
            index
            for index in indices
            for known in (find_of_step(register, steps[index]),)
            if known and is_removed_since(known, self._order.looked)
        )

    def _find_overtaken(self) -> frozenset[int]:
        """Return steps of an earlier run after which another job changed the same person.

        The roster has their newer state already: ours is not to be written over it.
        """
        view, steps, job = self._ledger.view(), self._order.steps, self._context.job.id
        return frozenset(
            index
            for index, own in self._results.items()
            for last in (view.last_of(steps[index]),)
            if last and last.job != job and last.at >= own.at
        )

    # -- the ledger

    def begin(self, index: int, *, is_invitation: bool) -> Line:
        """Say that a step's change is about to be asked for."""
        step = self._order.steps[index]
        line = self._line(
            "intent",
            index,
            id=f"{self._context.job.id}/{index}/{secrets.token_hex(4)}",
            is_invitation=is_invitation,
            team_ids=(self._order.team_ids[step.team],),
            invitation_id=step.invitation_id,
        )
        self._ledger.add(line)
        return line

    def close(self, intent: Line, result: Result, made: Made) -> None:
        """Say what came of a change; also of one that another job was at."""
        line = intent.model_copy(
            update={
                "kind": "outcome",
                "at": self._school.now(),
                "result": result,
                "detail": made.detail,
                "is_invitation": made.is_invitation,
                "is_active": made.is_active,
                "invitation_id": made.invitation_id or intent.invitation_id,
            }
        )
        self._ledger.add(line)
        if intent.job == self._context.job.id:
            self._ended(line)

    def void(self, intent: Line) -> None:
        """Say that a change was not made."""
        line = {"kind": "outcome", "at": self._school.now(), "result": "", "is_invitation": False}
        self._ledger.add(intent.model_copy(update=line))

    def end(self, index: int, result: Result, detail: str, made: Made | None = None) -> None:
        """Say how a step ended for which nothing was asked of GitHub."""
        line = self._end_line(index, result, detail, is_active=made is not None and made.is_active)
        self._ledger.add(line)
        self._ended(line)

    def _end_line(self, index: int, result: Result, detail: str, **fields: Any) -> Line:
        end_id = f"{self._context.job.id}/{index}/end"
        return self._line("outcome", index, id=end_id, result=result, detail=detail, **fields)

    def note_limit(self, intent: Line, error: InvitationLimit) -> None:
        """Say that GitHub sends no more invitations today, and at how many it stopped."""
        self.void(intent)
        now = self._school.now()
        used = self._ledger.view().used(now)
        fields = {"kind": "limit", "at": now, "used": used, "detail": error.detail}
        self._ledger.add(intent.model_copy(update=fields | {"is_invitation": False}))

    def note_rest(self, intent: Line, error: RateLimited) -> None:
        """Say until when GitHub asked to be left alone; the other servers heed it too."""
        self.void(intent)
        fields = {"kind": "rest", "at": self._school.now(), "until": error.until}
        self._ledger.add(intent.model_copy(update=fields | {"is_invitation": False}))

    def _line(self, kind: str, index: int, **fields: Any) -> Line:
        step = self._order.steps[index]
        return Line.model_validate(
            {
                "kind": kind,
                "at": self._school.now(),
                "job": self._context.job.id,
                "index": index,
                "action": step.action,
                "team": step.team,
                "github_id": step.github_id,
                "login": step.login,
                "email": step.email,
                **fields,
            }
        )

    def _ended(self, line: Line) -> None:
        self._results[line.index] = line
        step = self._order.steps[line.index]
        said = f": {line.detail}" if line.detail else ""
        text = f"{step.target or step.name}: {line.result}{said}"
        self._context.log(f"{machine_now():%H:%M:%S} {text}")
        self.say(text)
        self._unflushed += 1
        is_late = time.monotonic() - self._flushed_s > FLUSH_AFTER_S
        if self._unflushed >= FLUSH_EVERY or is_late:
            self.flush()

    def say(self, message: str) -> None:
        """Show a message beside the progress."""
        total = len(self._order.steps)
        self._context.progress(len(self._results), total, unit="people", message=message)

    # -- the queue

    def uninvited(self) -> list[int]:
        """Return steps that send an invitation and have not come to their end."""
        steps = enumerate(self._order.steps)
        return [i for i, step in steps if needs_invitation(step) and not self.has(i)]

    def queue_rest(self, *more: int) -> None:
        """Let all invitations that are not sent yet wait for another day, and ``more`` steps."""
        steps = self._order.steps
        late = sorted({*self.uninvited(), *more})
        self.flush()  # who waits is on the roster first
        register = Register(self._book.load().people)
        now = self._school.now()
        self._queue.add(
            [self._waiting(steps[i], register, i, now) for i in late], user=self._order.asked_by
        )
        until = self._ledger.budget(now).free_at
        detail = f"waits until {clock(until)}" if until else "waits"
        lines = [self._end_line(i, "queued", detail) for i in late]
        self._ledger.add(*lines)
        self._results |= {line.index: line for line in lines}
        self._context.log(f"{machine_now():%H:%M:%S} {count(len(late), 'invitation')} {detail}")
        self.say(f"{len(late):,} {detail}")

    def _waiting(self, step: Step, register: Register, index: int, now: Any) -> Waiting:
        known = find_of_step(register, step)
        return Waiting(
            key=known.key if known else "",
            step=step,
            rank=self._order.ranks.get(step.team, len(self._order.ranks)),
            asked=now,
            asked_by=self._order.asked_by,
            source=self._order.source,
            plan_id=self._order.plan_id,
        )

    # -- roster and receipt

    def flush(self) -> None:
        """Bring roster and queue up to what was done since the last time.

        Each outcome once: what others change of these people afterwards stays. A server that is
        killed before the checkpoint leaves a few for the next run; merging minds what is newer.
        """
        kept, order = self._context.checkpoint, self._order
        flushed = frozenset(kept.get("flushed", ()))
        fresh = [(i, line) for i, line in self._results.items() if i not in flushed]
        fresh.sort(key=lambda item: item[1].at)
        outcomes = [(order.steps[i], line) for i, line in fresh if i not in self._overtaken]
        is_merged = bool(kept.get("is_merged"))

        def change(people: People) -> People:
            listed = people if is_merged else self._with_list(people)
            return with_outcomes(listed, outcomes)

        if fresh or not is_merged:
            self._book.update(change, user=order.asked_by, reason=order.title)
            ended = [step for step, line in outcomes if line.result != "queued"]
            if self._queue.load().waiting:
                self._queue.drop(ended, user=order.asked_by, reason=order.title)
            done = sorted({*flushed, *(i for i, _ in fresh)})
            self._context.save_checkpoint({**kept, "is_merged": True, "flushed": done})
        self._unflushed, self._flushed_s = 0, time.monotonic()

    def _with_list(self, people: People) -> People:
        order = self._order
        return with_entries(
            people, order.people, source=order.source, user=order.asked_by, now=order.looked
        )

    def receipt(self, *, rest: str = "") -> dict[str, Any]:
        """Return what happened to each person; ``rest`` says why some were not touched."""
        register = Register(self._book.load().people)
        until = self._ledger.budget(self._school.now()).free_at
        return receipt_of(self._order, self._results, register, until=until, rest=rest).as_json()
