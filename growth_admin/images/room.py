"""The room of the images: its parts, made from the settings and wired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from traitlets.config import Config

from growth_admin.core.errors import NotConfigured
from growth_admin.core.paths import Paths
from growth_admin.images.builds.actions_settings import ImageActions
from growth_admin.images.builds.manager import BuildManager, built_image
from growth_admin.images.builds.room import build_builds
from growth_admin.images.builds.settings import ImageBuilder
from growth_admin.images.builds.store import BuildStore
from growth_admin.images.checks.manager import CheckManager
from growth_admin.images.checks.smoke import SmokeTrial
from growth_admin.images.checks.trial import CanaryTrial
from growth_admin.images.checks.work import CheckWork
from growth_admin.images.gates import GateBook
from growth_admin.images.manager import TagManager
from growth_admin.images.moves import MoveBook
from growth_admin.images.packages.channel import CondaChannel
from growth_admin.images.packages.room import PackageRoom, build_packages
from growth_admin.images.packages.settings import ImageSource
from growth_admin.images.prepulls.manager import PrePullManager
from growth_admin.images.prepulls.nodes import NodeFetcher
from growth_admin.images.prepulls.work import PrePullWork
from growth_admin.images.registry.client import Registry
from growth_admin.images.registry.settings import ImageRegistry
from growth_admin.images.rules import PromotionRules
from growth_admin.images.running import Past, RunningSource, past_of
from growth_admin.images.tryouts.manager import TryOutManager
from growth_admin.images.tryouts.place import TryPlace
from growth_admin.images.tryouts.settings import TryOuts
from growth_admin.jobs.engine import JobEngine

CONFIGURABLES = (ImageRegistry, ImageSource, ImageBuilder, ImageActions, PromotionRules, TryOuts)
"""Classes of this room whose traits are settings."""
PAST_MOVES: Final = 50
"""More than a server lives through: each is a file on the shared disk."""
PastSource = Callable[[], Past]


@dataclass(frozen=True)
class ImageRoom:
    """What the routes of this room talk to."""

    tags: TagManager
    packages: PackageRoom
    local_builds: BuildManager | None = None
    own_checks: CheckManager | None = None
    own_tryouts: TryOutManager | None = None
    own_prepulls: PrePullManager | None = None

    @property
    def tryouts(self) -> TryOutManager:
        """Return the tries. Raises ``NotConfigured`` where no jobs are run."""
        if self.own_tryouts is None:
            raise NotConfigured("Nothing is tried here.", hint="Tries are jobs of a server.")
        return self.own_tryouts

    @property
    def prepulls(self) -> PrePullManager:
        """Return what lets nodes fetch. Raises ``NotConfigured`` where no jobs are run."""
        if self.own_prepulls is None:
            raise NotConfigured("Nothing is fetched here.", hint="Pre-pulls are jobs of a server.")
        return self.own_prepulls

    @property
    def checks(self) -> CheckManager:
        """Return the checks. Raises ``NotConfigured`` where no jobs are run."""
        if self.own_checks is None:
            raise NotConfigured("Nothing is checked here.", hint="Checks are jobs of a server.")
        return self.own_checks

    @property
    def builds(self) -> BuildManager:
        """Return the builds. Raises ``NotConfigured`` where no jobs are run."""
        if self.local_builds is None:
            raise NotConfigured("Nothing is built here.", hint="Builds are jobs of a server.")
        return self.local_builds


def build_room(
    paths: Paths,
    *,
    user: str,
    running: RunningSource | None,
    config: Config,
    jobs: JobEngine | None = None,
    trial: CanaryTrial | None = None,
    nodes: NodeFetcher | None = None,
) -> ImageRoom:
    """Return the room of one school for one admin's server. Nothing is asked or written yet.

    ``trial`` tries an image on a canary, and ``nodes`` fetch one, where there is a hub.
    """
    settings, rules = ImageRegistry(config=config), PromotionRules(config=config)
    folder = paths.admin_state / "images"

    registry, gates = Registry(settings), GateBook(folder / "gates", rules.checks)
    tags = TagManager(
        registry,
        gates,
        partial(_open_book, folder),
        user=user,
        rules=rules,
        running=running,
        other_tag=lambda: settings.other_tag,
    )
    store = BuildStore(folder / "builds")
    packages = build_packages(paths, config=config, built=partial(built_image, store))
    if jobs is None:
        return ImageRoom(tags, packages)
    builds = build_builds(store, packages, gates, registry, settings, jobs, config)
    smoke = SmokeTrial(gates, settings, ImageBuilder(config=config))
    work = CheckWork(gates, registry, smoke, trial, jobs)
    checks = CheckManager(tags, work, trial, jobs)
    tryouts = _build_tryouts(paths, user, config, jobs)
    prepulls = PrePullManager(tags, registry, PrePullWork(nodes, registry), jobs)
    return ImageRoom(tags, packages, builds, checks, tryouts, prepulls)


def _build_tryouts(paths: Paths, user: str, config: Config, jobs: JobEngine) -> TryOutManager:
    settings, source = TryOuts(config=config), ImageSource(config=config)
    conda = CondaChannel(source)
    place = TryPlace(user, paths.admin_root, settings.folder)
    return TryOutManager(place, settings, source, jobs, why_no_conda=lambda: conda.why_not)


def past_source(paths: Paths, *, config: Config) -> PastSource:
    """Return what reads the past of the tag from its newest moves, asking no registry.

    It raises ``NotConfigured`` or ``StorageUnavailable``.
    """
    settings = ImageRegistry(config=config)

    def read() -> Past:
        name, tag = settings.repository.full_name, settings.tag
        book = _open_book(paths.admin_state / "images", name, tag)
        return past_of(f"{name}:{tag}", book.list_moves(PAST_MOVES))

    return read


def _open_book(folder: Path, name: str, tag: str) -> MoveBook:
    # a name has slashes and colons, and a folder of its own for each tag
    safe = "".join(c if c.isalnum() or c in "._-" else "+" for c in f"{name}@{tag}")
    return MoveBook(folder / "moves" / safe[:200], tag)
