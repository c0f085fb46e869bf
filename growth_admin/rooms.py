"""Builds the rooms of one school and wires them; the server extension and the terminal share it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from growth_admin.api.models import Missing
from growth_admin.core.audit import Audit
from growth_admin.core.errors import NotConfigured
from growth_admin.core.paths import Paths
from growth_admin.datasets.room import DatasetRoom, begin_folders, build_room
from growth_admin.ground import Ground, lay_ground
from growth_admin.help_facts import SchoolHelp
from growth_admin.hub_accounts import RosterHub, list_uids
from growth_admin.image_facts import facts_with_digests, running_source
from growth_admin.image_nodes import hub_nodes
from growth_admin.image_trial import HubTrial
from growth_admin.images.room import ImageRoom, past_source
from growth_admin.images.room import build_room as build_images
from growth_admin.images.rules import PromotionRules
from growth_admin.images.server_digests import ServerDigests
from growth_admin.jobs.board import JobBoard
from growth_admin.overview.manager import OverviewManager
from growth_admin.overview_facts import Sources
from growth_admin.overview_page import build_overview
from growth_admin.roster.manager import RosterManager
from growth_admin.servers.accounts import UserAccounts
from growth_admin.servers.bot.manager import BotStudent
from growth_admin.servers.bot.room import build_bot
from growth_admin.servers.canary import HubCanary
from growth_admin.servers.crier import Crier
from growth_admin.servers.facts import StartSource
from growth_admin.servers.help.manager import HelpDesk
from growth_admin.servers.hub import HubClient
from growth_admin.servers.manager import ServerManager
from growth_admin.servers.models import Target
from growth_admin.servers.notices.manager import NoticeManager
from growth_admin.servers.notices.room import build_notices
from growth_admin.servers.snapshot import HubSnapshot
from growth_admin.settings import Settings
from growth_admin.start_facts import build_start_table, start_facts
from growth_admin.startup.manager import ScriptManager
from growth_admin.startup.room import StartupRoom
from growth_admin.startup.starts.manager import StartTable
from growth_admin.startup.trials import TrialManager


@dataclass(kw_only=True)
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
        begin_folders(self.paths)
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


def build_rooms(settings: Settings, *, on_activity: Callable[[], None] = lambda: None) -> Rooms:
    """Return the rooms, with the job engine not yet open."""
    ground = lay_ground(settings, on_activity)
    paths = ground.paths
    startup = _build_startup(ground)
    last_starts = build_start_table(paths, startup.scripts, None)
    digests = ServerDigests(ground.hub.list_digests if ground.hub else None)
    notices = build_notices(paths, partial(list_uids, startup.starts.list_account_numbers))
    servers = _build_servers(ground, last_starts, digests, notices)
    datasets = _build_datasets(ground)
    bot = _build_bot(ground, datasets.manager.data)
    return Rooms(
        settings=settings,
        paths=paths,
        audit=ground.audit,
        jobs=ground.board,
        startup=startup,
        datasets=datasets,
        roster=_build_roster(ground, startup.starts),
        servers=servers,
        notices=notices,
        last_starts=last_starts,
        hub=ground.hub,
        users=ground.users,
        images=_build_images(ground, servers, digests, bot),
        bot=bot,
    )


# -- the rooms; nothing where the area is not open, or there is no hub


def _build_startup(ground: Ground) -> StartupRoom:
    settings, paths = ground.settings, ground.paths
    scripts = ScriptManager(paths)
    canary = HubCanary(ground.hub, settings.user) if ground.hub else None
    return StartupRoom(
        scripts=scripts,
        trials=TrialManager(paths, scripts, ground.jobs, canary, limit_s=settings.start_limit_s),
        starts=build_start_table(paths, scripts, ground.users),
    )


def _build_datasets(ground: Ground) -> DatasetRoom:
    settings = ground.settings
    return build_room(
        ground.paths,
        ground.shared_jobs,
        user=settings.user,
        home=settings.home,
        config=settings.config,
        bot=settings.bot,
    )


def _build_servers(
    ground: Ground, last_starts: StartTable, digests: ServerDigests, notices: NoticeManager
) -> ServerManager | None:
    if ground.hub is None:
        return None
    settings = ground.settings
    return ServerManager(
        ground.hub,
        ground.jobs,
        owner=settings.user,
        server_name=settings.server_name,
        snapshot=ground.users,
        starts=_facts_of_starts(ground, last_starts, digests),
        crier=Crier(notices),
        bot=settings.bot,
        told_jobs=None if ground.shared_jobs is ground.jobs else ground.shared_jobs.store,
    )


def _facts_of_starts(
    ground: Ground, last_starts: StartTable, digests: ServerDigests
) -> StartSource:
    facts: StartSource = partial(start_facts, last_starts)
    if "images" not in ground.settings.areas:
        return facts
    past = past_source(ground.paths, config=ground.settings.config)
    return partial(facts_with_digests, facts, digests, past)


def _build_images(
    ground: Ground, servers: ServerManager | None, digests: ServerDigests, bot: BotStudent | None
) -> ImageRoom | None:
    settings = ground.settings
    if "images" not in settings.areas:
        return None
    limit_s = PromotionRules(config=settings.config).canary_start_limit_s
    trial = HubTrial(bot, settings.user, ground.paths.records, digests, limit_s) if bot else None
    return build_images(
        ground.paths,
        user=settings.user,
        running=running_source(servers, digests) if servers else None,
        config=settings.config,
        jobs=ground.jobs,
        trial=trial,
        nodes=hub_nodes(ground.hub),
    )


def _build_bot(ground: Ground, data: Path) -> BotStudent | None:
    settings = ground.settings
    if ground.hub is None or "servers" not in settings.areas or not settings.is_admins:
        return None  # its record lies where organisers only may write
    return build_bot(
        ground.paths,
        ground.jobs,
        bot=settings.bot,
        user=settings.user,
        hub_url=settings.hub_url,
        hub_token=settings.hub_token,
        data=data,
        config=settings.config,
    )


def _build_roster(ground: Ground, starts: StartTable) -> RosterManager | None:
    settings = ground.settings
    if "roster" not in settings.areas:
        return None
    # here and not above: a TA's server needs neither GitHub's client nor readers of spreadsheets
    from growth_admin.roster.room import build_room as build_roster

    accounts = None
    if ground.hub and ground.users:
        users = UserAccounts(ground.hub, ground.users)
        accounts = RosterHub(users, starts.list_account_numbers, bot=settings.bot)
    return build_roster(
        ground.paths,
        ground.jobs,
        accounts,
        user=settings.user,
        writer=settings.writer,
        config=settings.config,
    )
