"""The servers of a school: look at them, plan what to do with them, do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, Literal

from growth_admin.core.audit import TOLD
from growth_admin.core.errors import InvalidInput, NotFound
from growth_admin.core.plan import require_same
from growth_admin.core.schema import now
from growth_admin.jobs.engine import JobContext, JobEngine, Runner
from growth_admin.jobs.models import Job
from growth_admin.jobs.store import JobStore
from growth_admin.servers.airspace import Airspace
from growth_admin.servers.control import reason_to_skip
from growth_admin.servers.crier import Crier
from growth_admin.servers.facts import FactsCache, Known, StartSource
from growth_admin.servers.flight import Limits
from growth_admin.servers.hub import HubClient
from growth_admin.servers.hub_models import HubUser
from growth_admin.servers.ledger import Ledger, took_lately
from growth_admin.servers.listing import NOTHING, count_ready, count_rows, keys_of, row_of
from growth_admin.servers.looking import Lookout
from growth_admin.servers.models import (
    Action,
    Courtesy,
    Pace,
    Selector,
    Server,
    ServerList,
    ServerPlan,
    Target,
)
from growth_admin.servers.planning import (
    UNTOLD,
    Look,
    as_shown,
    as_target,
    lay_out_looks,
    marks_of,
    plan_control,
)
from growth_admin.servers.rivals import rivals_of
from growth_admin.servers.rollout import Rollout
from growth_admin.servers.selecting import select
from growth_admin.servers.snapshot import HubSnapshot, Seen

PACE: Final = Pace()
KIND: Final = "servers.control"
LOOKS_LIMIT: Final = 5
"""Up to so many targets are looked at one by one; for more, the whole list is quicker."""


class ServerManager:
    """The servers, as the admin who owns this server may see and use them.

    ``server_name`` is the name of the server that this runs on, empty for the default one. A
    ``snapshot`` may be shared with whoever else needs the hub's users; ``starts`` is what other
    rooms know about the last start of each server. The ``bot`` student is no part of the class: it
    is changed only when it is named. ``told_jobs`` are those of TAs, as their servers tell them.
    """

    def __init__(
        self,
        hub: HubClient,
        engine: JobEngine,
        *,
        owner: str,
        server_name: str = "",
        limits: Limits | None = None,
        snapshot: HubSnapshot | None = None,
        starts: StartSource | None = None,
        crier: Crier | None = None,
        bot: str = "",
        told_jobs: JobStore | None = None,
    ) -> None:
        self._bot = bot
        self._told_jobs = told_jobs
        self._hub = hub
        self._engine = engine
        self._own = Target(user=owner, server_name=server_name)
        self._limits = limits or Limits()
        self._snapshot = snapshot or HubSnapshot(hub)
        self._crier = crier or Crier(None)
        self._facts = FactsCache(starts)
        runner = Runner(
            KIND, "servers.servers:control", self._run, is_resumable=True, is_pausable=True
        )
        engine.register(runner)

    # -- look

    def list_servers(
        self, filter: str = "", *, offset: int = 0, limit: int | None = None
    ) -> ServerList:
        """Return servers by user's name; ``filter`` is a part of that name.

        A user without a server has one row, so that one can be started. The list may be some
        seconds old (``as_of``). With a ``limit`` it is a page, which comes as soon as the hub has
        told that much. Raises ``HubUnavailable`` or ``HubRefused``.
        """
        wanted = filter.strip().casefold()

        def is_enough(seen: Seen) -> bool:
            names = [n for n in seen.users if wanted in n.casefold()] if wanted else seen.users
            return len(names) > offset + (limit or 0)

        if limit is None:
            seen = self._snapshot.get()
            keys = sorted(keys_of(seen.users, wanted))[offset:]
        else:
            seen = self._snapshot.get_first(is_enough)
            keys = list(islice(keys_of(seen.users, wanted), offset, offset + limit + 1))
        shown = keys[:limit]
        is_more = len(keys) > len(shown) or not seen.is_complete
        known, at = self._facts.get(), now()
        return ServerList.model_construct(
            servers=tuple(self._row(seen.users[name], server, known, at) for name, server in shown),
            total=count_rows(seen.users) if seen.is_complete else seen.total,
            ready=count_ready(seen.users),
            as_of=seen.as_of,
            next_offset=offset + len(shown) if is_more and shown else None,
            notes=(known.problem,) if known.problem else (),
        )

    def _row(self, user: HubUser, name: str, known: Known, at: datetime) -> Server:
        facts = known.facts.get((user.name, name), NOTHING)
        return row_of(user, user.server(name), facts, self._own, at)

    # -- plan and apply

    def plan(
        self,
        action: Action,
        targets: Sequence[Target] = (),
        *,
        selector: Selector | None = None,
        pace: Pace = PACE,
        courtesy: Courtesy = UNTOLD,
    ) -> ServerPlan:
        """Return what would happen to these servers, as they are at this moment.

        Raises ``NotFound`` for a user whom the hub does not know, ``InvalidInput`` for none at
        all, or for canaries that are not among those that are changed.
        """
        looks, notes = self._find(action, targets, selector)
        layout = lay_out_looks(action, looks, pace, self._own)
        took_s = took_lately(self._engine.store, KIND, action)
        begun = [looks[i].target for i in layout.done]
        notes = (*notes, *rivals_of(self._engine.store, KIND, begun))
        if self._told_jobs:
            notes = (*notes, *rivals_of(self._told_jobs, KIND, begun, mark=TOLD))
        if courtesy.warn_min:
            notes = (*notes, *self._crier.faults())
        return plan_control(
            action,
            looks,
            now(),
            pace=pace,
            layout=layout,
            courtesy=courtesy,
            took_s=took_s,
            notes=notes,
        )

    def apply(
        self,
        plan_id: str,
        action: Action,
        targets: Sequence[Target],
        user: str,
        *,
        selector: Selector | None = None,
        pace: Pace = PACE,
        courtesy: Courtesy = UNTOLD,
    ) -> Job:
        """Begin to do what the plan says and return the job.

        Targets that say how the plan saw them may have changed since: those that did are left
        alone. For others any change raises ``StalePlan``. Raises ``InvalidInput`` when there is
        nothing to do, and ``StorageUnavailable`` when users are to be told and cannot be.
        """
        looks, _ = self._find(action, targets, selector, is_lenient=True)
        shown = as_shown(looks, targets)
        layout = lay_out_looks(action, shown, pace, self._own)
        plan = plan_control(action, shown, now(), pace=pace, layout=layout, courtesy=courtesy)
        require_same(plan_id, plan)
        if all(reason_to_skip(action, look.server.state) for look in looks):
            said = reason_to_skip(action, looks[0].server.state)
            raise InvalidInput(
                f"There is nothing to {action}: {looks[0].label} {said}.",
                hint="Look at the list again.",
            )
        if courtesy.warn_min:
            self._crier.require_ready()
        params = {
            "plan_id": plan.id,
            "action": action,
            "title": plan.title,
            "pace": pace.as_json(),
            "courtesy": courtesy.as_json(),
            "took_s": took_lately(self._engine.store, KIND, action),
            "targets": [mark.as_json() for mark in marks_of(action, shown, layout)],
        }
        return self._engine.start_job(KIND, title=plan.title, params=params, user=user)

    def _find(
        self,
        action: Action,
        targets: Sequence[Target],
        selector: Selector | None,
        *,
        is_lenient: bool = False,
    ) -> tuple[list[Look], tuple[str, ...]]:
        """Return each target once, with its server as it is now, our own one last; and notes."""
        if selector is not None:
            return self._select(action, selector)
        wanted = list(dict.fromkeys(as_target(target) for target in targets))
        if not wanted:
            raise InvalidInput("No server was named.", hint="Select at least one.")
        users = self._users({t.user for t in wanted}, action, is_lenient=is_lenient)
        return self._looks(wanted, users), ()

    def _select(self, action: Action, selector: Selector) -> tuple[list[Look], tuple[str, ...]]:
        state: Literal["", "active"] = "" if action == "start" else "active"
        users = {user.name: user for user in self._hub.list_users(state=state)}
        known = self._facts.read()
        people = [user for user in users.values() if user.name != self._bot]
        found = select(action, selector, people, known.facts, now())
        if not found.targets:
            raise InvalidInput(
                f"No server that you may {action} is like that.",
                hint=" ".join((*found.notes, known.problem)).strip() or "Choose less narrowly.",
            )
        return self._looks(found.targets, users), found.notes

    def _looks(self, targets: Sequence[Target], users: Mapping[str, HubUser]) -> list[Look]:
        looks = [
            Look(target, users[target.user].server(target.server_name), target == self._own)
            for target in targets
        ]
        return sorted(looks, key=lambda look: look.is_own)

    def _users(self, names: set[str], action: Action, *, is_lenient: bool) -> Mapping[str, HubUser]:
        """Return these users; for many, the list of those with servers, and then who is missing."""
        found: dict[str, HubUser] = {}
        missing = names
        if len(missing) > LOOKS_LIMIT and action != "start":
            found = {user.name: user for user in self._hub.list_users(state="active")}
            missing = names - found.keys()
        if len(missing) > LOOKS_LIMIT:
            found = {user.name: user for user in self._hub.list_users()}
            missing = names - found.keys()
            if missing and not is_lenient:
                raise _unknown(min(missing))
        for name in missing:
            try:
                found[name] = self._user(name)
            except NotFound:
                if not is_lenient:
                    raise
                found[name] = HubUser(name)
        return found

    def _user(self, name: str) -> HubUser:
        try:
            user = self._hub.get_user(name)
        except NotFound:
            self._snapshot.note(name, None)
            raise _unknown(name) from None
        self._snapshot.note(name, user)
        return user

    # -- the job

    def _run(self, context: JobContext) -> dict[str, Any]:
        ledger = Ledger(context)
        lookout = Lookout(self._hub, self._snapshot)
        airspace = Airspace(self._hub, context, ledger, lookout, own=self._own, limits=self._limits)
        rollout = Rollout(
            context,
            ledger,
            airspace,
            lookout,
            turns=self._crier.turns_of(context, ledger, airspace.crew, own=self._own),
            own=self._own,
            spacing_s=self._limits.spacing_s,
            is_closing=lambda: self._engine.is_closing,
        )
        return rollout.run()


def _unknown(name: str) -> NotFound:
    return NotFound(
        f"The hub does not know a user {name}.",
        hint="The user may have been deleted. Look at the list again.",
    )
