"""Builds the rooms of one school and wires them; the server extension and the terminal share it."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

from traitlets.config import Config

from growth_admin.api import console
from growth_admin.api.models import Missing
from growth_admin.api.openapi import describe
from growth_admin.api.operation import Route
from growth_admin.core.audit import Audit, AuditTrail, SchoolAudit
from growth_admin.core.errors import GrowthError, NotConfigured
from growth_admin.core.paths import Paths
from growth_admin.core.permissions import AREAS
from growth_admin.datasets import handlers as datasets_handlers
from growth_admin.datasets.room import DatasetRoom, build_room, prepare_folders
from growth_admin.datasets.uploads import handlers as uploads_handlers
from growth_admin.help_facts import SchoolHelp
from growth_admin.hub_accounts import RosterHub, list_uids
from growth_admin.image_facts import facts_with_digests, running_source
from growth_admin.image_trial import HubTrial
from growth_admin.images import handlers as images_handlers
from growth_admin.images.builds import handlers as builds_handlers
from growth_admin.images.checks import handlers as checks_handlers
from growth_admin.images.packages import handlers as packages_handlers
from growth_admin.images.pods import PodDigests
from growth_admin.images.room import ImageRoom, past_source
from growth_admin.images.room import build_room as build_images
from growth_admin.images.rules import PromotionRules
from growth_admin.images.tryouts import handlers as tryouts_handlers
from growth_admin.jobs import handlers as jobs_handlers
from growth_admin.jobs.board import JobBoard
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.seal import Seal
from growth_admin.jobs.store import JobStore
from growth_admin.overview import handlers as overview_handlers
from growth_admin.overview.manager import OverviewManager
from growth_admin.overview_facts import Sources
from growth_admin.overview_page import build_overview
from growth_admin.roster import handlers as roster_handlers
from growth_admin.roster.manager import RosterManager
from growth_admin.servers import handlers as servers_handlers
from growth_admin.servers.accounts import UserAccounts
from growth_admin.servers.bot import handlers as bot_handlers
from growth_admin.servers.bot.manager import BotStudent
from growth_admin.servers.bot.room import build_bot
from growth_admin.servers.canary import HubCanary
from growth_admin.servers.crier import Crier
from growth_admin.servers.facts import StartSource
from growth_admin.servers.help import handlers as help_handlers
from growth_admin.servers.help.manager import HelpDesk
from growth_admin.servers.hub import HubClient
from growth_admin.servers.manager import ServerManager
from growth_admin.servers.models import Target
from growth_admin.servers.notices import handlers as notices_handlers
from growth_admin.servers.notices.manager import NoticeManager
from growth_admin.servers.notices.room import build_notices
from growth_admin.servers.snapshot import HubSnapshot
from growth_admin.start_facts import start_facts
from growth_admin.startup import handlers as startup_handlers
from growth_admin.startup.manager import ScriptManager
from growth_admin.startup.room import StartupRoom
from growth_admin.startup.starts.manager import StartTable
from growth_admin.startup.starts.models import HubUserHint
from growth_admin.startup.trials import TrialManager

log = logging.getLogger(__name__)
ADMIN_AREAS = frozenset({"startup", "roster", "images"})
"""Whoever holds one of these may write the admin folder; TAs keep their state on the shared one."""
SHARED_AREAS = frozenset({"datasets"})
"""What admins and TAs do together: its jobs and its part of the audit trail lie on the shared disk,
where both may write. A job there is run by servers of the user who sealed it only."""


@dataclass(frozen=True)
class Settings:
    """What a school is, as far as this server can tell."""

    admin_root: Path
    shared_root: Path
    user: str
    server_name: str = ""
    hub_url: str = ""
    hub_token: str = field(default="", repr=False)
    browser_scopes: tuple[str, ...] = ()
    bot: str = ""
    areas: tuple[str, ...] = AREAS
    start_limit_s: float = 60.0
    lease_s: float = 30.0
    home: Path = field(default_factory=Path.home)
    config: Config = field(default_factory=Config, repr=False)


def settings_from_environment(**known: Any) -> Settings:
    """Return the settings that the hub put into the environment; ``known`` ones come first."""
    env = os.environ
    found: dict[str, Any] = {
        "admin_root": Path(env.get("GROWTH_ADMIN_ROOT", "/home/admin")),
        "shared_root": Path(env.get("GROWTH_SHARED_ROOT", "/nfs")),
        "user": env.get("JUPYTERHUB_USER") or env.get("USER") or "admin",
        "server_name": env.get("JUPYTERHUB_SERVER_NAME", ""),
        "hub_url": env.get("JUPYTERHUB_API_URL", ""),
        "hub_token": env.get("JUPYTERHUB_API_TOKEN", ""),
        "browser_scopes": tuple(env.get("GROWTH_BROWSER_SCOPES", "").replace(",", " ").split()),
        "bot": env.get("GROWTH_BOT", ""),
        "start_limit_s": float(env.get("GROWTH_START_LIMIT_S", "60")),
        "home": Path.home(),
    }
    if "GROWTH_AREAS" in env:
        found["areas"] = tuple(area for area in env["GROWTH_AREAS"].split(",") if area)
    return Settings(**{**found, **known})


@dataclass
class Rooms:
    """The managers of one school, by the first part of their routes."""

    settings: Settings
    paths: Paths
    audit: Audit
    jobs: JobBoard
    startup: StartupRoom
    datasets: DatasetRoom
    roster: RosterManager | None
    servers: ServerManager | None
    notices: NoticeManager
    last_starts: StartTable
    hub: HubClient | None = None
    users: HubSnapshot | None = None
    images: ImageRoom | None = None
    bot: BotStudent | None = None

    @cached_property
    def help_desk(self) -> HelpDesk | None:
        """Help for one user over these rooms; nothing where there is no hub."""
        if self.hub is None:
            return None
        return HelpDesk(
            self.hub,
            SchoolHelp(self.startup.starts, self.roster),
            own=Target(user=self.settings.user, server_name=self.settings.server_name),
            browser_scopes=self.settings.browser_scopes,
            snapshot=self.users,
            starts=partial(start_facts, self.last_starts),
        )

    @property
    def server_name(self) -> str:
        """The name of this server, empty for a default one."""
        return self.settings.server_name

    @property
    def sources(self) -> Sources:
        """Who the school-day page asks."""
        return Sources(
            paths=self.paths,
            audit=self.audit,
            jobs=self.jobs,
            scripts=self.startup.scripts,
            last_starts=self.last_starts,
            datasets=self.datasets.manager,
            roster=self.roster,
            hub=self.hub,
            users=self.users,
            bot=self.bot,
            bot_name=self.settings.bot,
            list_missing=self.list_missing,
        )

    @cached_property
    def overview(self) -> OverviewManager:
        """The school-day page over these rooms."""
        return build_overview(self.sources)

    def open(self, *, takes_over: bool = True) -> None:
        """Make the shared folders, and begin to look after the jobs."""
        try:
            prepare_folders(self.paths)
        except GrowthError as e:
            log.warning("the shared folders cannot be made: %s", e.detail)
        self.jobs.open(takes_over=takes_over)
        if self.roster and takes_over:
            self.roster.open()
        if self.bot and takes_over:
            self.bot.open()

    def close(self) -> None:
        """Stop the jobs; those that can be resumed go on elsewhere."""
        if self.roster:
            self.roster.close()
        if self.bot:
            self.bot.close()
        self.jobs.close()

    def list_missing(self) -> tuple[Missing, ...]:
        """Return what is not there, what it disables, and how to get it."""
        missing: list[Missing] = []
        if self.servers is None:
            missing.append(
                Missing(
                    area="servers",
                    what="This server was not started by a JupyterHub.",
                    hint="Servers and canaries need the console on a hub's own server.",
                )
            )
        if self.roster:
            try:
                self.roster.require_credential()
            except NotConfigured as e:
                missing.append(Missing(area="roster", what=e.detail, hint=e.hint))
        if self.images:
            for part in (self.images.tags, self.images.packages.lists):
                try:
                    part.require_configured()
                except NotConfigured as e:
                    missing.append(Missing(area="images", what=e.detail, hint=e.hint))
        if shutil.which("bwrap") is None:
            missing.append(
                Missing(
                    area="startup",
                    what="bubblewrap is not installed: rehearsals are less isolated.",
                    hint="Install the package bubblewrap in the notebook image.",
                )
            )
        return tuple(missing)

    def describe(self) -> dict[str, Any]:
        """Return the OpenAPI description of the routes."""
        return _description()

    def handlers(self) -> list[tuple[Route, Any]]:
        """Return each route that this server serves, with the manager that answers."""
        served: list[tuple[Route, Any]] = [(route, self) for route in console.ROUTES]
        served += [(route, self.jobs) for route in jobs_handlers.ROUTES]
        if "startup" in self.settings.areas:
            served += [(route, self.startup) for route in startup_handlers.ROUTES]
        if "datasets" in self.settings.areas:
            served += [(route, self.datasets.manager) for route in datasets_handlers.ROUTES]
            served += [(route, self.datasets.uploads) for route in uploads_handlers.ROUTES]
            served += [(route, self.datasets.manager) for route in datasets_handlers.NAMED_ROUTES]
        if self.roster:
            served += [(route, self.roster) for route in roster_handlers.ROUTES]
        if "servers" in self.settings.areas and self.servers:
            served += [(route, self.servers) for route in servers_handlers.ROUTES]
            served += [(route, self.help_desk) for route in help_handlers.ROUTES]
        if self.bot:
            served += [(route, self.bot) for route in bot_handlers.ROUTES]
        if "servers" in self.settings.areas:
            served += [(route, self.notices) for route in notices_handlers.ROUTES]
        if self.images:
            served += [(route, self.images) for route in images_handlers.ROUTES]
            served += [(route, self.images) for route in packages_handlers.ROUTES]
            served += [(route, self.images) for route in builds_handlers.ROUTES]
            served += [(route, self.images) for route in checks_handlers.ROUTES]
            served += [(route, self.images) for route in tryouts_handlers.ROUTES]
        if "overview" in self.settings.areas:
            served += [(route, self.overview) for route in overview_handlers.ROUTES]
        return served


def all_routes() -> tuple[Route, ...]:
    """Return every route there is."""
    return (
        *console.ROUTES,
        *jobs_handlers.ROUTES,
        *startup_handlers.ROUTES,
        *datasets_handlers.ROUTES,
        *uploads_handlers.ROUTES,
        *datasets_handlers.NAMED_ROUTES,
        *roster_handlers.ROUTES,
        *servers_handlers.ROUTES,
        *help_handlers.ROUTES,
        *bot_handlers.ROUTES,
        *notices_handlers.ROUTES,
        *images_handlers.ROUTES,
        *packages_handlers.ROUTES,
        *builds_handlers.ROUTES,
        *checks_handlers.ROUTES,
        *tryouts_handlers.ROUTES,
        *overview_handlers.ROUTES,
    )


@cache
def _description() -> dict[str, Any]:
    return describe(all_routes())


def build_rooms(settings: Settings, *, on_activity: Callable[[], None] = lambda: None) -> Rooms:
    """Return the rooms, with the job engine not yet open."""
    paths = Paths(settings.admin_root, settings.shared_root)
    audit = _audit(settings, paths)
    board, jobs, shared_jobs = _job_engines(settings, paths, audit, on_activity)
    hub = HubClient(settings.hub_url, settings.hub_token) if settings.hub_url else None
    users = HubSnapshot(hub) if hub else None
    scripts = ScriptManager(paths)
    canary = HubCanary(hub, settings.user) if hub else None
    startup = StartupRoom(
        scripts=scripts,
        trials=TrialManager(paths, scripts, jobs, canary, limit_s=settings.start_limit_s),
        starts=_start_table(paths, scripts, users),
    )
    last_starts = _start_table(paths, scripts, None)
    pods = PodDigests(hub.list_digests if hub else None)
    notices = build_notices(paths, partial(list_uids, startup.starts.list_account_numbers))
    servers = None
    if hub:
        servers = ServerManager(
            hub,
            jobs,
            owner=settings.user,
            server_name=settings.server_name,
            snapshot=users,
            starts=_facts_of_starts(paths, last_starts, pods, settings),
            crier=Crier(notices),
            bot=settings.bot,
        )
    datasets = build_room(
        paths,
        shared_jobs,
        user=settings.user,
        home=settings.home,
        config=settings.config,
        bot=settings.bot,
    )
    roster = None
    if "roster" in settings.areas:
        accounts = _roster_hub(hub, users, startup.starts, settings.bot) if hub and users else None
        roster = _build_roster(paths, jobs, accounts, settings)
    bot = _build_bot(paths, jobs, datasets.manager.data, settings) if hub else None
    return Rooms(
        settings,
        paths,
        audit,
        board,
        startup,
        datasets,
        roster,
        servers,
        notices,
        last_starts,
        hub,
        users,
        _build_images(paths, jobs, servers, pods, bot, settings)
        if "images" in settings.areas
        else None,
        bot,
    )


def _facts_of_starts(
    paths: Paths, last_starts: StartTable, pods: PodDigests, settings: Settings
) -> StartSource:
    facts: StartSource = partial(start_facts, last_starts)
    if "images" not in settings.areas:
        return facts
    return partial(facts_with_digests, facts, pods, past_source(paths, config=settings.config))


def _build_images(
    paths: Paths,
    jobs: JobEngine,
    servers: ServerManager | None,
    pods: PodDigests,
    bot: BotStudent | None,
    settings: Settings,
) -> ImageRoom:
    limit_s = PromotionRules(config=settings.config).canary_start_limit_s
    trial = HubTrial(bot, settings.user, paths.records, pods, limit_s) if bot else None
    return build_images(
        paths,
        user=settings.user,
        running=running_source(servers, pods) if servers else None,
        config=settings.config,
        jobs=jobs,
        trial=trial,
    )


def _build_bot(paths: Paths, jobs: JobEngine, data: Path, settings: Settings) -> BotStudent | None:
    if "servers" not in settings.areas or ADMIN_AREAS.isdisjoint(settings.areas):
        return None  # its record lies where organisers only may write
    return build_bot(
        paths,
        jobs,
        bot=settings.bot,
        user=settings.user,
        hub_url=settings.hub_url,
        hub_token=settings.hub_token,
        data=data,
        config=settings.config,
    )


def _roster_hub(hub: HubClient, users: HubSnapshot, starts: StartTable, bot: str) -> RosterHub:
    return RosterHub(UserAccounts(hub, users), starts.list_account_numbers, bot=bot)


def _build_roster(
    paths: Paths, jobs: JobEngine, accounts: RosterHub | None, settings: Settings
) -> RosterManager:
    # here and not above: a TA's server needs neither GitHub's client nor readers of spreadsheets
    from growth_admin.roster.room import build_room as build_roster

    return build_roster(
        paths,
        jobs,
        accounts,
        user=settings.user,
        writer=f"{settings.user}--{settings.server_name}".removesuffix("--"),
        config=settings.config,
    )


def _job_engines(
    settings: Settings, paths: Paths, audit: Audit, on_activity: Callable[[], None]
) -> tuple[JobBoard, JobEngine, JobEngine]:
    """Return the board, the engine of one's own areas and that of the shared ones.

    For a TA both are the same: all that a TA may do is done on the shared disk.
    """

    seal = Seal(settings.home / ".local" / "share" / "growth-admin" / "jobs.key")

    def engine(state: Path) -> JobEngine:
        return JobEngine(
            JobStore(state / "jobs", seal=seal if state == paths.shared_state else None),
            user=settings.user,
            server=f"{settings.user}/{settings.server_name}",
            audit=audit,
            on_activity=on_activity,
            lease_s=settings.lease_s,
        )

    own_state = _own_state(settings, paths)
    shared = engine(paths.shared_state)
    if own_state == paths.shared_state:
        return JobBoard({shared: AREAS}), shared, shared
    own = engine(own_state)
    return JobBoard({own: frozenset(AREAS) - SHARED_AREAS, shared: SHARED_AREAS}), own, shared


def _own_state(settings: Settings, paths: Paths) -> Path:
    is_admin = not ADMIN_AREAS.isdisjoint(settings.areas)
    return paths.admin_state if is_admin else paths.shared_state


def _audit(settings: Settings, paths: Paths) -> SchoolAudit:
    writer = f"{settings.user}--{settings.server_name}" if settings.server_name else settings.user
    own = AuditTrail(_own_state(settings, paths) / "audit", writer=writer)
    shared = AuditTrail(paths.shared_state / "audit", writer=writer)
    return SchoolAudit(own, shared, SHARED_AREAS)


def _start_table(paths: Paths, scripts: ScriptManager, users: HubSnapshot | None) -> StartTable:
    return StartTable(
        paths,
        list_users=partial(_hints, users) if users else None,
        live_sha256=scripts.live_sha256,
        revision_number=scripts.revision_number,
    )


def _hints(users: HubSnapshot) -> dict[str, HubUserHint]:
    """Return the hub's users, with the time since when the default server of each is ready."""
    return {
        user.name: HubUserHint(ready_since=server.started if server.state == "ready" else None)
        for user in users.list_users()
        for server in (user.server(""),)
    }
