"""The servers in flight: what comes back from the hub, what is decided, what is asked next."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from growth_admin.core.errors import HubRefused, HubUnavailable, InvalidInput, NotFound
from growth_admin.jobs.engine import JobContext
from growth_admin.servers.control import Mark, Step, believed_state, decide
from growth_admin.servers.crew import Crew
from growth_admin.servers.flight import Call, Flight, Kind, Limits, phase_of
from growth_admin.servers.hub import HubClient
from growth_admin.servers.hub_models import Answer, HubServer, HubUser
from growth_admin.servers.hub_transport import CHANGE_TIMEOUT_S
from growth_admin.servers.intake import Intake
from growth_admin.servers.ledger import Ledger
from growth_admin.servers.looking import Lookout, Poll
from growth_admin.servers.models import Target

OWN_STOP_TIMEOUT_S: Final = 2.0
"""Our own server cannot wait for its own end: the request goes out, the next server goes on."""
REFUSALS: Final = (HubRefused, InvalidInput, NotFound)


class Airspace:
    """All flights of one run. Only the thread of the job calls its methods."""

    def __init__(
        self,
        hub: HubClient,
        context: JobContext,
        ledger: Ledger,
        lookout: Lookout,
        *,
        own: Target,
        limits: Limits,
    ) -> None:
        self._hub = hub
        self._ledger = ledger
        self._lookout = lookout
        self._own = own
        self._is_restart = ledger.action == "restart"
        self._limits = limits
        self.flights: dict[int, Flight] = {}
        self.is_hub_gone = False
        self._out_since_s: float | None = None
        self._intake = Intake(ledger, quiet_times=limits.quiet_times)
        self.crew = Crew(context)
        self._poll = Poll(self.crew, lookout, every_s=limits.poll_s)

    @property
    def has_room(self) -> bool:
        """Whether one more may be begun: the hub answers, and takes more starts."""
        is_held = self._out_since_s is not None or self._intake.is_held
        return len(self.flights) < self._ledger.limit and not is_held

    def admit(self, index: int) -> None:
        """Begin with a target, or go on with one that an earlier run began."""
        is_new = self._ledger.marks[index].phase == "new"
        self.flights[index] = Flight(index, is_taken_over=not is_new)

    # -- what came back

    def await_news(self, seconds: float) -> None:
        """Return when an answer is there, or somebody must be looked at, or the time is up."""
        flights = self.flights.values()
        pending = [flight.call.future for flight in flights if flight.call]
        if self._poll.listing:
            pending.append(self._poll.listing)
        due_s = min((f.look_at_s for f in flights if f.is_waiting), default=float("inf"))
        self.crew.await_any(pending, max(min(seconds, due_s - time.monotonic()), 0.01))

    def collect(self) -> None:
        """Take in what came back, and ask how those are that are on their way."""
        for flight in list(self.flights.values()):
            is_here = flight.index in self.flights  # unless all were given up in this round
            if is_here and flight.call and flight.call.future.done():
                call, flight.call = flight.call, None
                self._take(flight, call)
        self._collect_list()
        self._look()

    def _take(self, flight: Flight, call: Call) -> None:
        try:
            found = call.future.result()
        except HubUnavailable as e:
            self._outlast(flight, e)
            return
        except REFUSALS as e:
            self._out_since_s = None
            self._fail(flight, e.detail, is_gone=isinstance(e, NotFound))
            return
        self._out_since_s = None
        if call.kind == "look":
            self._advance(flight, found)
        elif call.kind == "ask":
            self._heed(flight, found)
        else:
            self._fail(flight, f"the start failed: {found}", is_spawn_failure=True)

    def _heed(self, flight: Flight, answer: Answer) -> None:
        """Take in how the hub answered; where that is no end, the next look shows where it led."""
        mark = self._mark(flight)
        is_start = mark.phase == "starting"
        # a request that was refused for now leads to another one, not to a failure
        self._ledger.keep(flight.index, is_uncertain=answer.outcome in ("busy", "conflict"))
        if answer.outcome == "busy":
            self._await_turn(flight, answer)
        elif answer.outcome == "done":
            state = believed_state(self._ledger.action, mark)
            if state is None:
                flight.wait(0)
            else:
                self._advance(flight, HubServer(mark.target.server_name, state))
        elif answer.outcome == "failed" and is_start:
            # not the last word: of two starts at one moment the hub fails the second (500)
            flight.failure = answer.detail
            flight.wait(0)
        elif answer.outcome in ("conflict", "failed"):
            self._ledger.say(flight.index, f"the hub refused for now: {answer.detail}")
            flight.wait(self._limits.poll_s)
        else:
            flight.wait(min(self._limits.poll_s, 0.2))

    def _await_turn(self, flight: Flight, answer: Answer) -> None:
        """Wait as long as the hub asks, if that ends in time; the refused request counts not."""
        mark = self._mark(flight)
        next_s = time.monotonic() + answer.retry_after_s
        if next_s > flight.phase_s + self._limits.busy_s:
            self._fail(flight, f"the hub is too busy: {answer.detail}")
            return
        flight.step = Step("ask-start" if mark.phase == "starting" else "ask-stop")
        asked = "starts_asked" if mark.phase == "starting" else "stops_asked"
        self._ledger.keep(flight.index, **{asked: getattr(mark, asked) - 1})
        self._ledger.say(flight.index, f"the hub is busy, next try in {answer.retry_after_s:.0f} s")
        # whatever it refused, it starts fewer than we have in flight
        self._intake.note_refused(answer.retry_after_s, taken=self._starting())

    def _outlast(self, flight: Flight, error: HubUnavailable) -> None:
        """Wait for a hub that is out, as long as a restart of it may take."""
        self._out_since_s = self._out_since_s or time.monotonic()
        out_s = time.monotonic() - self._out_since_s
        if out_s > self._limits.hub_out_s:
            self.is_hub_gone = True
            for each in list(self.flights.values()):
                self._fail(each, f"the hub gave no answer for {out_s / 60:.0f} min")
            return
        if not self._mark(flight).is_uncertain:
            self._ledger.keep(flight.index, is_uncertain=True)
            self._ledger.say(flight.index, f"{error.detail} Waiting for it")
        flight.wait(self._limits.poll_s)

    # -- looking

    def _look(self) -> None:
        """Ask how those are whose time has come, with one list if there are many."""
        now_s = time.monotonic()
        waiting = [flight for flight in self.flights.values() if flight.is_waiting]
        due = [flight for flight in waiting if flight.look_at_s <= now_s]
        if self._out_since_s is not None:
            due = due[:1]  # one is enough to see whether the hub is back
        later = [flight for flight in waiting if self._mark(flight).phase != "new"]
        if any(flight in later for flight in due) and self._lookout.prefers_list(len(later)):
            self._poll.ask(later)
            due = [flight for flight in due if flight not in later]
        for flight in due:
            self._call(flight, "look", self._lookout.look, self._mark(flight).target)

    def _collect_list(self) -> None:
        if self._poll.listing is None or not self._poll.listing.done():
            return
        listing, asked = self._poll.take()
        seen = [f for i, f in self.flights.items() if i in asked and f.is_waiting]
        try:
            users = listing.result()
        except HubUnavailable as e:
            for flight in seen[:1]:
                self._outlast(flight, e)
            return
        except REFUSALS as e:
            for flight in seen:
                self._fail(flight, e.detail)
            return
        self._out_since_s = None
        for flight in seen:
            target = self._mark(flight).target
            user = users.get(target.user)
            if user:
                self._lookout.note(user)
            # who has no server is not listed, and neither is who is gone: the next request tells
            self._advance(flight, (user or HubUser(target.user)).server(target.server_name))

    # -- deciding

    def _advance(self, flight: Flight, server: HubServer | None) -> None:
        """Decide what comes next for a server as it is seen now."""
        step = decide(self._ledger.action, self._mark(flight), server)
        if step.kind == "wait":
            self._wait_on(flight, server)
        elif step.kind != "end":
            flight.step = step
        elif step.is_spawn_failure and not flight.failure:
            target = self._mark(flight).target
            self._call(flight, "explain", self._hub.get_failure, target.user, target.server_name)
        elif step.is_spawn_failure:
            self._fail(flight, f"{step.detail}: {flight.failure}", is_spawn_failure=True)
        elif step.result == "failed":
            self._fail(flight, step.detail, is_gone=step.is_gone)
        else:
            if step.result == "done":
                self._intake.note_done()
                if not flight.is_taken_over:
                    self._ledger.clock(time.monotonic() - flight.began_s)
            self._ledger.end(flight.index, step.result, step.detail)
            self.flights.pop(flight.index)

    def _wait_on(self, flight: Flight, server: HubServer | None) -> None:
        """Wait a moment for a server on its way; give up when it is late."""
        is_stop = self._mark(flight).phase == "stopping"
        limit_s = self._limits.stop_s if is_stop else self._limits.start_s
        waited_s = time.monotonic() - flight.phase_s
        if waited_s > limit_s and server is not None:
            self._fail(flight, f"is still {server.state} after {waited_s:.0f} s")
        else:
            flight.wait(min(self._limits.poll_s, 0.2 + waited_s / 10))

    def _fail(self, flight: Flight, detail: str, **why: bool) -> None:
        self._ledger.fail(flight.index, detail, **why)
        self.flights.pop(flight.index, None)

    # -- asking

    def send(self) -> None:
        """Keep what is about to be asked, then ask it."""
        leaving = self._leaving()
        before = {flight.index: self._mark(flight) for flight, _ in leaving}
        for flight, step in leaving:
            mark, phase = before[flight.index], phase_of(step)
            if mark.phase != phase:
                flight.phase_s = time.monotonic()
            flight.failure = ""
            asked = "stops_asked" if phase == "stopping" else "starts_asked"
            self._ledger.keep(flight.index, phase=phase, **{asked: getattr(mark, asked) + 1})
            self._ledger.say(flight.index, phase)
        problem = self._ledger.commit()
        for flight, step in leaving:
            mark = before[flight.index]
            if problem and mark.phase == "new":
                # nothing has happened to it yet; what was stopped is started again all the same
                self._ledger.restore(flight.index, mark)
                self._fail(flight, problem.detail)
            else:
                self._ask(flight, step, mark.target)

    def _leaving(self) -> list[tuple[Flight, Step]]:
        """Return whose step is to be asked now; starts only as many as the hub takes."""
        starting = self._starting()
        is_held = self._intake.is_held
        leaving: list[tuple[Flight, Step]] = []
        for flight in self.flights.values():
            if flight.step is None:
                continue
            if flight.step.kind == "ask-start":
                if is_held or starting >= self._ledger.limit:
                    continue
                starting += 1
            leaving.append((flight, flight.step))
        return leaving

    def _starting(self) -> int:
        """Return how many starts the hub has taken, or is being asked for."""
        return sum(
            self._mark(flight).phase == "starting" and flight.step is None
            for flight in self.flights.values()
        )

    def _ask(self, flight: Flight, step: Step, target: Target) -> None:
        flight.step = None
        place = target.user, target.server_name
        if step.kind == "ask-start":
            self._call(flight, "ask", self._hub.start_server, *place)
        else:
            limit_s = OWN_STOP_TIMEOUT_S if target == self._own else CHANGE_TIMEOUT_S
            # a stop that came too late must not leave a student without a server
            undo = partial(self._hub.start_server, *place) if self._is_restart else None
            stop = self._hub.stop_server
            self._call(flight, "ask", stop, *place, timeout_s=limit_s, undo=undo)

    def _call(
        self, flight: Flight, kind: Kind, work: Callable[..., Any], *args: Any, **options: Any
    ) -> None:
        flight.call = Call(kind, self.crew.send(work, *args, **options))

    def _mark(self, flight: Flight) -> Mark:
        return self._ledger.marks[flight.index]
