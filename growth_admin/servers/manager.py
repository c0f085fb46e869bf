"""The servers of a school: look at them, plan what to do with them, do it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from growth_admin.core.errors import InvalidInput, NotFound
from growth_admin.core.plan import Plan, require_same
from growth_admin.core.schema import now
from growth_admin.jobs.engine import JobContext, JobEngine, Runner
from growth_admin.jobs.models import Job
from growth_admin.servers.control import Mark
from growth_admin.servers.hub import HubClient
from growth_admin.servers.hub_models import HubServer, HubUser
from growth_admin.servers.models import Action, Server, ServerList, Target
from growth_admin.servers.planning import SKIPPED, Look, plan_control
from growth_admin.servers.rollout import Limits, Rollout
from growth_admin.servers.snapshot import HubSnapshot

KIND: Final = "servers.control"
LOOKS_LIMIT: Final = 5
"""Up to so many targets are looked at one by one; for more, the whole list is quicker."""


class ServerManager:
    """The servers, as the admin who owns this server may see and use them.

    ``server_name`` is the name of the server that this runs on, empty for the default one. A
    ``snapshot`` may be shared with whoever else needs the hub's users.
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
    ) -> None:
        self._hub = hub
        self._engine = engine
        self._own = Target(user=owner, server_name=server_name)
        self._limits = limits or Limits()
        self._snapshot = snapshot or HubSnapshot(hub)
        engine.register(Runner(KIND, "servers.servers:control", self._run, is_resumable=True))

    # -- look

    def list_servers(self, filter: str = "") -> ServerList:
        """Return servers by user's name; ``filter`` is a part of that name.

        A user without a server has one row, so that one can be started. The list may be some
        seconds old (``as_of``). Raises ``HubUnavailable`` or ``HubRefused``.
        """
        seen = self._snapshot.get()
        names = sorted(seen.users)
        rows = {name: self._rows(seen.users[name]) for name in names}
        wanted = filter.strip().casefold()
        return ServerList(
            servers=tuple(s for name in names if wanted in name.casefold() for s in rows[name]),
            total=sum(map(len, rows.values())),
            as_of=seen.as_of,
        )

    def _rows(self, user: HubUser) -> list[Server]:
        return [self._row(user, user.server(name)) for name in sorted({"", *user.servers})]

    def _row(self, user: HubUser, server: HubServer) -> Server:
        image = server.options.get("image")
        return Server(
            user=user.name,
            server_name=server.name,
            state="ready" if server.state == "checking" else server.state,
            started=server.started,
            last_activity=server.last_activity or (None if server.name else user.last_activity),
            url=server.url or None,
            image=image if isinstance(image, str) else None,
            groups=user.groups,
            is_own=(user.name, server.name) == (self._own.user, self._own.server_name),
        )

    # -- plan and apply

    def plan(self, action: Action, targets: Sequence[Target]) -> Plan:
        """Return what would happen to these servers, as they are at this moment.

        Raises ``NotFound`` for a user whom the hub does not know, ``InvalidInput`` for none at all.
        """
        return plan_control(action, self._look(targets), now())

    def apply(self, plan_id: str, action: Action, targets: Sequence[Target], user: str) -> Job:
        """Begin to do what the plan says and return the job.

        Raises ``StalePlan`` when a server is no longer as it was when the plan was shown, and
        ``InvalidInput`` when there is nothing to do.
        """
        looks = self._look(targets)
        plan = plan_control(action, looks, now())
        require_same(plan_id, plan)
        if all(item.action == SKIPPED for item in plan.items):
            raise InvalidInput(
                f"There is nothing to {action}: {plan.items[0].target} {plan.items[0].detail}.",
                hint="Look at the list again.",
            )
        marks = [Mark(target=look.target, started=look.server.started) for look in looks]
        params = {
            "plan_id": plan.id,
            "action": action,
            "title": plan.title,
            "targets": [mark.as_json() for mark in marks],
        }
        return self._engine.start_job(KIND, title=plan.title, params=params, user=user)

    def _look(self, targets: Sequence[Target]) -> list[Look]:
        """Return each target once, with its server as it is now, our own one last."""
        wanted = list(dict.fromkeys(targets))
        if not wanted:
            raise InvalidInput("No server was named.", hint="Select at least one.")
        users = self._users({target.user for target in wanted})
        looks = [
            Look(target, users[target.user].server(target.server_name), target == self._own)
            for target in wanted
        ]
        return sorted(looks, key=lambda look: look.is_own)

    def _users(self, names: set[str]) -> dict[str, HubUser]:
        if len(names) > LOOKS_LIMIT:
            everybody = {user.name: user for user in self._hub.list_users()}
            missing = sorted(names - everybody.keys())
            if missing:
                raise _unknown(missing[0])
            return everybody
        return {name: self._user(name) for name in names}

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
        rollout = Rollout(
            self._hub,
            context,
            own=self._own,
            limits=self._limits,
            is_closing=lambda: self._engine.is_closing,
            note=self._snapshot.note,
        )
        return rollout.run()


def _unknown(name: str) -> NotFound:
    return NotFound(
        f"The hub does not know a user {name}.",
        hint="The user may have been deleted. Look at the list again.",
    )
