"""Users' servers, as notebooks and widgets use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from growth_admin.client.transport import Transport
from growth_admin.jobs.models import Job
from growth_admin.servers.bot.models import BotRunList, BotRunRequest
from growth_admin.servers.help.models import Opening, OpeningRequest, UserHelp
from growth_admin.servers.models import (
    ApplyRequest,
    Courtesy,
    Pace,
    PlanRequest,
    Selector,
    Server,
    ServerList,
    ServerPlan,
    Target,
)

PAGE: int = 500


class ServersClient:
    """Users' servers."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_servers(
        self, filter: str = "", *, offset: int = 0, limit: int | None = None
    ) -> ServerList:
        """Return users and their servers; ``filter`` is a part of the user's name.

        With a ``limit`` a page of the list, ``next_offset`` says where the next one begins.
        """
        page = {} if limit is None else {"limit": limit}
        return self._transport.get(ServerList, "servers", filter=filter, offset=offset, **page)

    def iter_servers(self, filter: str = "", *, page: int = PAGE) -> Iterator[Server]:
        """Yield the same page by page: the first ones are there before the hub has told all."""
        offset: int | None = 0
        while offset is not None:
            part = self.list_servers(filter, offset=offset, limit=page)
            yield from part.servers
            offset = part.next_offset

    def get_help(self, user: str, *, server_name: str = "") -> UserHelp:
        """Return what is wrong with a user's server and what to do next, with what is known of it.

        Start records, logs and the home come for organisers only; ``notes`` says what is missing.
        Raises ``NotFound`` when nobody of this name is known.
        """
        return self._transport.get(UserHelp, "servers", "help", user, server_name=server_name)

    def create_opening(self, user: str, *, server_name: str = "") -> Opening:
        """Record that one goes into a user's server, and return its address.

        Whoever opens that in a browser acts as the user. Raises ``Forbidden`` with what is
        missing, ``Conflict`` while the server is not ready.
        """
        body = OpeningRequest(server_name=server_name)
        return self._transport.post(Opening, "servers", "help", user, "openings", body=body)

    def plan_control(
        self,
        action: str,
        *users: str | tuple[str, str],
        selector: Selector | Mapping[str, Any] | None = None,
        pace: Pace | Mapping[str, Any] | None = None,
        courtesy: Courtesy | Mapping[str, Any] | None = None,
    ) -> ServerPlan:
        """Return the plan to start, stop or restart servers; a pair names a named server.

        Instead of users a ``selector`` may say which, for example ``{"groups": ["students"],
        "is_old_revision": True}``; ``pace`` says how many at once, and who first; ``courtesy`` how
        users are told before, for example ``{"warn_min": 5, "may_postpone_min": 10}``.
        """
        body = PlanRequest.model_validate(
            {
                "action": action,
                "servers": [target.as_json() for target in _targets(users)],
                "selector": _plain(selector),
                "pace": _plain(pace) or {},
                "courtesy": _plain(courtesy) or {},
            }
        )
        return self._transport.post(ServerPlan, "servers", "plans", body=body)

    def apply_control(
        self,
        plan: ServerPlan,
        *users: str | tuple[str, str],
    ) -> Job:
        """Do what the plan says and return the job. Raises ``StalePlan``.

        Without users: those of the plan; whoever has changed since then is left alone.
        """
        known: Sequence[Target] = _targets(users) if users else plan.servers
        body = ApplyRequest.model_validate(
            {
                "plan_id": plan.id,
                "action": plan.action,
                "servers": [target.as_json() for target in known],
                "pace": plan.pace.as_json(),
                "courtesy": plan.courtesy.as_json(),
            }
        )
        return self._transport.post(Job, "servers", "applications", body=body)

    def list_bot_runs(self) -> BotRunList:
        """Return the last runs of the bot student, newest first, and whether it can run."""
        return self._transport.get(BotRunList, "servers", "bot-runs")

    def start_bot_run(self, *, dataset: str = "", keeps_server: bool = False) -> Job:
        """Let the bot student do what a student does; return the job.

        Its receipt has the steps with their seconds, and ``is_passed``. Raises ``NotConfigured``
        when there is no bot, ``Conflict`` while it runs.
        """
        body = BotRunRequest(dataset=dataset, keeps_server=keeps_server)
        return self._transport.post(Job, "servers", "bot-runs", body=body)


def _targets(users: tuple[str | tuple[str, str], ...]) -> list[Target]:
    pairs = [(user, "") if isinstance(user, str) else user for user in users]
    return [Target(user=user, server_name=name) for user, name in pairs]


def _plain(
    given: Selector | Pace | Courtesy | Mapping[str, Any] | None,
) -> Mapping[str, Any] | None:
    return given.as_json() if isinstance(given, Selector | Pace | Courtesy) else given
