"""``growth-admin images check``: check an image before it is promoted, from a terminal."""

from __future__ import annotations

import argparse
from typing import Any, Final

from growth_admin.cli_areas import add_verb, rooms_of
from growth_admin.cli_following import follow_or_cancel, working
from growth_admin.cli_images import images_of
from growth_admin.core.errors import GrowthError
from growth_admin.images.checks.models import CheckStart

AREA: Final = {"images"}


def add_check(verbs: Any) -> None:
    """Add the verb to those of images."""
    verb = add_verb(
        verbs, "check", "try an image on your canary, with the bot student; exit 1 if it fails",
        _check,
    )  # fmt: skip
    verb.add_argument("image", help="tag, digest or the beginning of one")
    verb.add_argument(
        "--repeat-smoke",
        action="store_true",
        help="run its own checks also where they have passed already",
    )


def _check(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    checks = images_of(rooms).checks
    with working(rooms):
        request = CheckStart(repeats_smoke=asked.repeat_smoke)
        job = checks.start_check(asked.image, request, user=rooms.settings.user)
        code = follow_or_cancel(rooms, job, asked, AREA)
        receipt = rooms.jobs.get_job(job.id, AREA).receipt or {}
    if receipt.get("is_passed") is not True:
        raise GrowthError(str(receipt.get("title", "")), hint=str(receipt.get("hint", "")))
    return code
