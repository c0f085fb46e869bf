"""The job of one run: clean up before, take the steps, clean up after, keep how it went."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from growth_admin.core.errors import GrowthError, LeaseLost
from growth_admin.core.schema import now
from growth_admin.jobs.context import JobCancelled, JobContext, JobInterrupted
from growth_admin.servers.bot.book import BotBook
from growth_admin.servers.bot.models import BotRun, BotStep, RunState, lower_first
from growth_admin.servers.bot.place import Limits, Place
from growth_admin.servers.bot.walk import Failed, Walk

RESUME_LIMIT: Final = timedelta(minutes=15)
"""A run whose server died begins anew within this time; later it is only cleaned up."""
TRIES: Final = 3
TOO_OLD: Final = "The server that ran it ended. What it left was cleaned up."


@dataclass
class _Outcome:
    """How a run went, as it becomes known."""

    began: datetime
    state: RunState = "cancelled"
    left_behind: str = ""
    sentence: str = ""


class BotRunner:
    """Runs the job on whichever organiser's server holds it."""

    def __init__(
        self,
        place: Callable[[], Place],
        book: BotBook,
        *,
        limits: Callable[[], Limits],
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._place = place
        self._book = book
        self._limits = limits
        self._clock = clock

    def run(self, context: JobContext) -> dict[str, Any]:
        """Run the bot and return the receipt; one that met a failure has ``is_passed`` false.

        When an earlier server died in the middle, what it left is cleaned up first.
        """
        mark = str(context.params["mark"])
        if not self._book.enter(mark, context.job.id):
            raise GrowthError(
                "Another run of the bot student has begun meanwhile.", hint="Look at that one."
            )
        tries = int(context.checkpoint.get("tries", 0))
        context.save_checkpoint({"tries": tries + 1})
        walk, outcome = self._walk(context), _Outcome(self._clock())
        try:
            self._take(context, walk, outcome, tries)
        except JobInterrupted:
            walk.tidy(is_hasty=True)  # the next server begins anew
            raise
        except JobCancelled:
            outcome.left_behind = walk.tidy()
            self._keep(context, walk, outcome)
            raise
        except LeaseLost:
            raise  # whoever has the job now cleans up
        except Exception:  # a sick disk, or a fault of ours: the token must not stay for an hour
            outcome.state, outcome.left_behind = "failed", walk.tidy()
            with suppress(GrowthError):
                self._keep(context, walk, outcome)
            raise
        run = self._keep(context, walk, outcome)
        if outcome.sentence:
            raise GrowthError(outcome.sentence, hint="Run the bot student again.")
        return _receipt(run)

    def _take(self, context: JobContext, walk: Walk, outcome: _Outcome, tries: int) -> None:
        outcome.left_behind = walk.tidy()  # an earlier server's, or what somebody left running
        context.check()
        is_old = self._clock() - context.job.created > RESUME_LIMIT
        if tries and (is_old or tries >= TRIES):
            outcome.sentence = TOO_OLD
            return
        try:
            walk.go()
            outcome.state, outcome.left_behind = "passed", ""
        except Failed:
            outcome.state = "failed"
            context.renew()
            if context.is_lost:  # whoever has the job now cleans up
                raise LeaseLost(f"Job {context.job.id} is run by another server.") from None
            outcome.left_behind = walk.tidy()

    def _walk(self, context: JobContext) -> Walk:
        total = 0

        def on_step(step: BotStep) -> None:
            nonlocal total
            if step.took_s is None:
                context.progress(total, len(walk.steps), unit="steps", message=step.title)
                return
            total += 1
            context.progress(total, len(walk.steps), unit="steps", message=step.title)
            context.log(f"{step.title}: {step.state} in {step.took_s:.1f} s; {step.detail}")

        walk = Walk(
            self._place(),
            self._limits(),
            dataset=str(context.params.get("dataset", "")),
            keeps_server=bool(context.params.get("keeps_server")),
            check=context.check,
            on_step=on_step,
            on_line=context.log,
        )
        return walk

    def _keep(self, context: JobContext, walk: Walk, outcome: _Outcome) -> BotRun:
        """Write how it went into the record, and return it."""
        failed = next((step for step in walk.steps if step.state == "failed"), None)
        run = BotRun(
            job_id=context.job.id,
            state=outcome.state,
            started=outcome.began,
            ended=self._clock(),
            by=context.job.created_by,
            slot=str(context.params.get("slot", "")),
            took_s=round(sum(step.took_s or 0 for step in walk.steps), 3),
            steps=walk.steps,
            sentence=outcome.sentence or _sentence(walk.steps),
            hint=failed.hint if failed else "",
            left_behind=outcome.left_behind,
        )
        self._book.end(str(context.params["mark"]), run)
        return run


def _sentence(steps: Sequence[BotStep]) -> str:
    """Return how it went: ``All 7 steps in 14.2 s, the longest: start the server, 8.1 s.``"""
    took_s = sum(step.took_s or 0 for step in steps)
    done = [step for step in steps if step.state == "ok"]
    skipped = [step for step in steps if step.state == "skipped"]
    for number, step in enumerate(steps, 1):
        if step.state == "failed":
            return (
                f"Failed at step {number} of {len(steps)}, {lower_first(step.title)}: {step.detail}"
            )
    if len(done) + len(skipped) < len(steps):
        return f"Broken off after {len(done)} of {len(steps)} steps."
    if not skipped:
        longest = max(steps, key=lambda step: step.took_s or 0)
        return (
            f"All {len(steps)} steps in {took_s:.1f} s, the longest: "
            f"{lower_first(longest.title)}, {longest.took_s or 0:.1f} s."
        )
    left_out = "; ".join(f"{lower_first(step.title)}: {step.detail}" for step in skipped)
    return f"{len(done)} of {len(steps)} steps in {took_s:.1f} s; {left_out}"


def _receipt(run: BotRun) -> dict[str, Any]:
    """Return the receipt of the job, whose items the terminal and the job's row show."""
    items = [
        {
            "result": step.state,
            "action": f"{step.took_s:.1f} s" if step.took_s is not None else "-",
            "target": step.title,
            "detail": step.detail,
        }
        for step in run.steps
    ]
    return {
        "title": run.sentence,
        "is_passed": run.state == "passed",
        "hint": run.hint,
        "items": items,
        "run": run.as_json(),
    }
