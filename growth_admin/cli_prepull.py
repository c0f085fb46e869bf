"""``growth-admin images prepull``: let every node have an image before a class, from a terminal."""

from __future__ import annotations

import argparse
from typing import Any, Final

from growth_admin.cli_areas import add_verb, rooms_of
from growth_admin.cli_following import follow_or_cancel, working
from growth_admin.cli_images import images_of

AREA: Final = {"images"}


def add_prepull(verbs: Any) -> None:
    """Add the verb to those of images."""
    verb = add_verb(
        verbs, "prepull", "let every node fetch an image, so that a morning of starts does not "
        "wait; exit 1 if one fails", _prepull,
    )  # fmt: skip
    verb.add_argument(
        "image",
        nargs="?",
        default="",
        help="tag, digest or the beginning of one; without it: what the live tag names",
    )


def _prepull(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    prepulls = images_of(rooms).prepulls
    with working(rooms):
        job = prepulls.start_prepull(asked.image, user=rooms.settings.user)
        return follow_or_cancel(rooms, job, asked, AREA)
