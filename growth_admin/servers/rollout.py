"""Takes every target of a plan to its end, one after the other, and writes the receipt."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from growth_admin.core.errors import (
    HubRefused,
    HubUnavailable,
    InvalidInput,
    NotFound,
    StorageFull,
    StorageUnavailable,
)
from growth_admin.jobs.engine import JobCancelled, JobContext
from growth_admin.jobs.models import JobProblem
from growth_admin.servers.control import Mark, Step, decide
from growth_admin.servers.hub import HubClient
from growth_admin.servers.hub_models import Answer, HubServer, HubUser
from growth_admin.servers.hub_transport import CHANGE_TIMEOUT_S
from growth_admin.servers.ledger import Ledger
from growth_admin.servers.models import Target
from growth_admin.servers.receipts import error_of

OWN_STOP_TIMEOUT_S = 2.0
"""Our own server cannot wait for its own end: the request goes out, the next server goes on."""


@dataclass(frozen=True)
class Limits:
    """How long each part may take, in seconds, and when to stop altogether."""

    stop_s: float = 180.0
    start_s: float = 600.0
    busy_s: float = 900.0
    hub_out_s: float = 900.0
    poll_s: float = 1.0
    failures_in_a_row: int = 2
    """After so many failed starts the rest is left alone: a broken image costs two students, not a
    class, and the hub's own ``consecutive_failure_limit`` (5 in z2jh) is not reached."""


class Rollout:
    """One run of the job; another server's run goes on from the checkpoint."""

    def __init__(
        self,
        hub: HubClient,
        context: JobContext,
        *,
        own: Target,
        limits: Limits,
        is_closing: Callable[[], bool],
        note: Callable[[str, HubUser | None], None],
    ) -> None:
        self._hub = hub
        self._context = context
        self._own = own
        self._limits = limits
        self._is_closing = is_closing
        self._note = note
        self._ledger = Ledger(context)
        self._marks = self._ledger.marks
        self._is_hub_out = False
        self._failure = ""

    def run(self) -> dict[str, Any]:
        """Return the receipt. Raises ``HubRefused`` when a server failed; its receipt is kept."""
        is_cancelled = False
        for index in self._order():
            is_cancelled = is_cancelled or self._is_cancelled()
            reason = "the job was cancelled" if is_cancelled else self._reason_to_stop()
            if reason:
                self._ledger.end(index, "skipped", f"not touched, because {reason}")
            else:
                self._take(index)
        self._conclude(is_cancelled)
        return self._ledger.receipt()

    def _conclude(self, is_cancelled: bool) -> None:
        """Raise unless all went well; the receipt is written first, so that it is kept."""
        if is_cancelled:
            self._context.finish(state="cancelled", receipt=self._ledger.receipt())
            raise JobCancelled
        error = error_of(self._marks)
        if error is not None:
            problem = JobProblem(title=error.title, detail=error.detail, hint=error.hint)
            self._context.finish(state="failed", receipt=self._ledger.receipt(), problem=problem)
            raise error

    def _order(self) -> list[int]:
        """Return whose turn it is, those already begun first, the server we run on last."""
        open_ones = [i for i, mark in enumerate(self._marks) if mark.phase != "ended"]
        return sorted(
            open_ones,
            key=lambda i: (
                self._marks[i].target == self._own,
                self._marks[i].phase == "new",
            ),
        )

    # -- one target

    def _take(self, index: int) -> None:
        """Bring one target to its end. A cancelled job still ends what it has begun."""
        phase_s = time.monotonic()
        busy_until_s = phase_s + self._limits.busy_s
        out_since_s: float | None = None
        believed: HubServer | None = None
        while self._marks[index].phase != "ended":
            self._leave_if_closing()
            mark = self._marks[index]
            try:
                server = believed or self._look(mark)
                believed, out_since_s = None, None
                step = decide(self._ledger.action, mark, server)
                if step.kind == "end":
                    self._end_with(index, step)
                    continue
                if step.kind == "wait":
                    self._wait_on(index, server, phase_s)
                    continue
                if mark.phase != _phase_of(step):
                    phase_s = time.monotonic()
                believed = self._ask(index, step, busy_until_s)
            except HubUnavailable as e:
                out_since_s = out_since_s or time.monotonic()
                self._outlast(index, e, out_since_s)
            except (HubRefused, InvalidInput, NotFound, StorageFull, StorageUnavailable) as e:
                self._ledger.fail(index, e.detail)

    def _look(self, mark: Mark) -> HubServer | None:
        name = mark.target.user
        try:
            user = self._hub.get_user(name)
        except NotFound:
            self._note(name, None)
            return None
        self._note(name, user)
        return user.server(mark.target.server_name)

    def _ask(self, index: int, step: Step, busy_until_s: float) -> HubServer | None:
        """Send what the step says; return the server's state where no look is needed to know it."""
        mark = self._marks[index]
        target = mark.target
        if step.kind == "ask-start":
            self._ledger.keep(index, phase="starting", starts_asked=mark.starts_asked + 1)
            self._ledger.say(index, "starting")
            self._failure = ""
            answer = self._hub.start_server(target.user, target.server_name)
            self._heed(index, answer, busy_until_s)
            return None
        self._ledger.keep(index, phase="stopping", stops_asked=mark.stops_asked + 1)
        self._ledger.say(index, "stopping")
        limit_s = OWN_STOP_TIMEOUT_S if target == self._own else CHANGE_TIMEOUT_S
        answer = self._hub.stop_server(target.user, target.server_name, timeout_s=limit_s)
        self._heed(index, answer, busy_until_s)
        # the hub also says "stopped" when that failed; a start is then refused, a stop must look
        is_believed = answer.outcome == "done" and self._ledger.action == "restart"
        return HubServer(target.server_name, "stopped") if is_believed else None

    def _heed(self, index: int, answer: Answer, busy_until_s: float) -> None:
        """Take in how the hub answered; the next look shows where that led."""
        mark = self._marks[index]
        # a request that was refused for now leads to another one, not to a failure
        is_refused = answer.outcome in ("busy", "conflict")
        self._ledger.keep(index, is_uncertain=is_refused)
        if answer.outcome == "failed" and mark.phase == "starting":
            # not the last word: of two starts at one moment the hub fails the second (500)
            self._failure = answer.detail
        elif answer.outcome == "busy":
            self._await_turn(index, answer, busy_until_s)
        elif answer.outcome in ("conflict", "failed"):
            self._ledger.say(index, f"the hub refused for now: {answer.detail}")
            self._pause(self._limits.poll_s)

    def _await_turn(self, index: int, answer: Answer, busy_until_s: float) -> None:
        """Wait as long as the hub asks, if that ends in time; the refused request counts not."""
        if time.monotonic() + answer.retry_after_s > busy_until_s:
            self._ledger.fail(index, f"the hub is too busy: {answer.detail}")
            return
        asked = "starts_asked" if self._marks[index].phase == "starting" else "stops_asked"
        self._ledger.keep(index, **{asked: getattr(self._marks[index], asked) - 1})
        self._ledger.say(index, f"the hub is busy, next try in {answer.retry_after_s:.0f} s")
        self._pause(answer.retry_after_s)

    def _wait_on(self, index: int, server: HubServer | None, phase_s: float) -> None:
        """Wait a moment for a server on its way; give up when it is late."""
        mark = self._marks[index]
        limit_s = self._limits.stop_s if mark.phase == "stopping" else self._limits.start_s
        waited_s = time.monotonic() - phase_s
        if waited_s > limit_s and server is not None:
            self._ledger.fail(index, f"is still {server.state} after {waited_s:.0f} s")
            return
        self._pause(min(self._limits.poll_s, 0.2 + waited_s / 10))

    def _outlast(self, index: int, error: HubUnavailable, out_since_s: float) -> None:
        """Wait for a hub that is out, as long as a restart of it may take."""
        out_s = time.monotonic() - out_since_s
        if out_s > self._limits.hub_out_s:
            self._is_hub_out = True
            self._ledger.fail(index, f"the hub gave no answer for {out_s / 60:.0f} min")
            return
        if not self._marks[index].is_uncertain:
            self._ledger.keep(index, is_uncertain=True)
            self._ledger.say(index, f"{error.detail} Waiting for it")
        self._pause(self._limits.poll_s)

    def _end_with(self, index: int, step: Step) -> None:
        if step.is_spawn_failure:
            target = self._marks[index].target
            reason = self._failure or self._hub.get_failure(target.user, target.server_name)
            self._ledger.fail(index, f"{step.detail}: {reason}", is_spawn_failure=True)
        elif step.result == "failed":
            self._ledger.fail(index, step.detail)
        else:
            self._ledger.end(index, step.result, step.detail)

    # -- stopping

    def _reason_to_stop(self) -> str:
        """Return why the rest is better left alone, or nothing."""
        if self._is_hub_out:
            return "the hub gives no answer"
        tried = [mark for mark in self._marks if mark.result in ("done", "failed")]
        last = tried[-self._limits.failures_in_a_row :]
        is_enough = len(last) == self._limits.failures_in_a_row
        if is_enough and all(mark.is_spawn_failure for mark in last):
            return "the starts before it failed"
        return ""

    def _is_cancelled(self) -> bool:
        self._leave_if_closing()
        return self._context.is_cancelled()

    def _leave_if_closing(self) -> None:
        """Raise when this server ends or another one has the job: the other run goes on."""
        try:
            self._context.check()
        except JobCancelled:
            if self._is_closing():
                raise

    def _pause(self, seconds: float) -> None:
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            self._leave_if_closing()
            time.sleep(min(left_s, 0.2))


def _phase_of(step: Step) -> str:
    return "stopping" if step.kind == "ask-stop" else "starting"
