"""The room of the images: its parts, made from the settings and wired."""

from __future__ import annotations

from dataclasses import dataclass

from traitlets.config import Config

from growth_admin.core.paths import Paths
from growth_admin.images.gates import GateBook
from growth_admin.images.manager import TagManager
from growth_admin.images.moves import MoveBook
from growth_admin.images.packages.room import PackageRoom, build_packages
from growth_admin.images.packages.settings import ImageSource
from growth_admin.images.registry.client import Registry
from growth_admin.images.registry.settings import ImageRegistry
from growth_admin.images.rules import PromotionRules
from growth_admin.images.running import RunningSource

CONFIGURABLES = (ImageRegistry, ImageSource, PromotionRules)
"""Classes of this room whose traits are settings."""


@dataclass(frozen=True)
class ImageRoom:
    """What the routes of this room talk to."""

    tags: TagManager
    packages: PackageRoom


def build_room(
    paths: Paths, *, user: str, running: RunningSource | None, config: Config
) -> ImageRoom:
    """Return the room of one school for one admin's server. Nothing is asked or written yet."""
    settings, rules = ImageRegistry(config=config), PromotionRules(config=config)
    folder = paths.admin_state / "images"

    def open_book(name: str, tag: str) -> MoveBook:
        # a name has slashes and colons, and a folder of its own for each tag
        safe = "".join(c if c.isalnum() or c in "._-" else "+" for c in f"{name}@{tag}")
        return MoveBook(folder / "moves" / safe[:200], tag)

    tags = TagManager(
        Registry(settings),
        GateBook(folder / "gates", rules.checks),
        open_book,
        user=user,
        rules=rules,
        running=running,
        other_tag=lambda: settings.other_tag,
    )
    return ImageRoom(tags, build_packages(paths, config=config))
