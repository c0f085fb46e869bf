"""Checks of a living school, from where an admin stands, and what to do about each failure."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final

from pydantic import Field

from growth_admin.core.errors import GrowthError, NotConfigured
from growth_admin.core.fsops import write_atomic
from growth_admin.core.permissions import AREAS
from growth_admin.core.schema import Model
from growth_admin.core.words import in_words
from growth_admin.rooms import Rooms

LINE_LIMIT_S: Final = 20.0
"""Somebody at a terminal would rather wait for a slow hub than hear that it is slow."""


CHECKED: Final = frozenset({"parts", "hub", "scripts"})
"""Lines of the school-day page about what has a check of its own here, with more in it."""


class Check(Model):
    """One thing that was looked at."""

    name: str
    is_good: bool
    finding: str
    hint: str = Field(default="", description="what to do when it is not good")
    state: str = Field(default="", description="of a line of the overview: as it says itself")


def examine(rooms: Rooms) -> list[Check]:
    """Return every check once, in the order in which a school depends on them."""
    checks = [
        *_folders(rooms),
        *_walls(rooms),
        *_scripts(rooms),
        *_datasets(rooms),
        *_roster(rooms),
        *_image_repository(rooms),
        *_chain(),
        *_parts(rooms),
        *_hub(rooms),
    ]
    return [*checks, *_overview(rooms, checks)]


def _folders(rooms: Rooms) -> Iterator[Check]:
    for folder in (rooms.paths.admin_state, rooms.paths.scripts):
        probe = folder / ".doctor"
        try:
            write_atomic(probe, b"", is_private=True)
            probe.unlink()
            yield Check(name=f"write {folder}", is_good=True, finding="an atomic write worked")
        except GrowthError as e:
            yield Check(name=f"write {folder}", is_good=False, finding=e.detail, hint=e.hint)


def _walls(rooms: Rooms) -> Iterator[Check]:
    """Look whether everybody may put a file where every server takes its start scripts from."""
    paths = rooms.paths
    name, open_ones = f"walls of {paths.admin_root}", []
    for folder in (paths.admin_root, paths.scripts, paths.logs, paths.admin_state):
        try:
            mode = folder.stat().st_mode
        except FileNotFoundError:
            continue
        except OSError as e:
            yield Check(
                name=name,
                is_good=False,
                finding=f"you may not look into {folder.parent}: {e.strerror}",
                hint="Is your account in group 3001, the organisers' (`id`)? The start chain puts "
                "organisers there, and nobody else.",
            )
            return
        if stat.S_ISDIR(mode) and mode & stat.S_IWOTH:
            open_ones.append(str(folder))
    yield Check(
        name=name,
        is_good=not open_ones,
        finding=f"everybody may write {', '.join(open_ones)}"
        if open_ones
        else "nobody but owner and group may write",
        hint="As root: chgrp to the organisers' group, then chmod 2770." if open_ones else "",
    )


def _scripts(rooms: Rooms) -> Iterator[Check]:
    try:
        listed = rooms.startup.scripts.list_scripts().scripts
    except GrowthError as e:
        yield Check(name="start scripts", is_good=False, finding=e.detail, hint=e.hint)
        return
    for script in listed:
        finding = script.problem or f"r{script.live_revision} is live"
        hint = "Make a revision live in the panel Start scripts." if script.problem else ""
        yield Check(name=script.name, is_good=not script.problem, finding=finding, hint=hint)


def _datasets(rooms: Rooms) -> Iterator[Check]:
    """Look whether TAs and admins can publish and students cannot, and how full the disk is."""
    data = rooms.datasets.manager.data
    hint = f"As root: install -d -o root -g $GROWTH_DATA_GID -m 2775 {data}"
    try:
        mode = data.stat().st_mode
    except OSError as e:
        yield Check(name=f"datasets in {data}", is_good=False, finding=str(e.strerror), hint=hint)
        return
    may_write = os.access(data, os.W_OK)
    is_open = bool(mode & stat.S_IWOTH)
    is_readable = bool(mode & stat.S_IROTH and mode & stat.S_IXOTH)
    finding = (
        "everybody may write, students too"
        if is_open
        else "you may not write there"
        if not may_write
        else "students may not read there"
        if not is_readable
        else f"{in_words(rooms.datasets.manager.library.space().free_bytes)} free"
    )
    is_good = may_write and is_readable and not is_open
    yield Check(
        name=f"datasets in {data}",
        is_good=is_good,
        finding=finding,
        hint="" if is_good else hint,
    )


def _roster(rooms: Rooms) -> Iterator[Check]:
    """Ask GitHub for each step of the setup; a credential that is missing is told as a part."""
    if rooms.roster is None:
        return
    try:
        rooms.roster.require_credential()
    except NotConfigured:
        return
    for check in rooms.roster.check_setup().checks:
        is_good = check.state != "missing"
        yield Check(
            name=f"GitHub: {check.title[:1].lower()}{check.title[1:]}",
            is_good=is_good,
            finding=check.detail,
            hint="" if is_good else f"{check.hint} {check.link}".strip(),
        )


def _image_repository(rooms: Rooms) -> Iterator[Check]:
    """Try what organisers ask of the image's repository; a credential that lacks is a part."""
    from growth_admin.images.builds.actions_settings import ImageActions
    from growth_admin.images.github.readiness import check_repository

    place = rooms.images.packages.parts.github if rooms.images else None
    if place is None:
        return
    try:
        found = check_repository(place, ImageActions(config=rooms.settings.config).workflow)
    except NotConfigured:
        return
    for one in found:
        yield Check(
            name=f"image's repository: {one.what}",
            is_good=one.is_good,
            finding=one.detail,
            hint="" if one.is_good else one.hint,
        )


def _chain() -> Iterator[Check]:
    """Look at the live folder, not at what the image should have: a mount may hide the hook."""
    folder = os.environ.get("GROWTH_HOOKS_DIR", "/usr/local/bin/before-notebook.d")
    is_there = os.path.exists(os.path.join(folder, "50-growth.sh"))
    yield Check(
        name=f"hook in {folder}",
        is_good=is_there,
        finding="50-growth.sh is there" if is_there else "50-growth.sh is missing",
        hint=""
        if is_there
        else "Run `growth-admin startup install` in the image's Dockerfile, "
        "and look whether a volume or ConfigMap hides the folder.",
    )


def _parts(rooms: Rooms) -> Iterator[Check]:
    by_area = attrgetter("area")
    for area, rows in groupby(sorted(rooms.list_missing(), key=by_area), key=by_area):
        told = list(rows)
        yield Check(
            name=area,
            is_good=False,
            finding=" ".join(row.what for row in told),
            hint=" ".join(row.hint for row in told),
        )


def _hub(rooms: Rooms) -> Iterator[Check]:
    if rooms.servers is None:
        return
    try:
        total = rooms.servers.list_servers("").total
    except GrowthError as e:
        yield Check(name="hub", is_good=False, finding=e.detail, hint=e.hint)
        return
    yield Check(name="hub", is_good=True, finding=f"answers, and shows {total} users' servers")


def _overview(rooms: Rooms, checks: Sequence[Check]) -> Iterator[Check]:
    """Ask for the lines of the school-day page; only a red one is a failed check.

    What this terminal cannot know is no fault of the school. Left out is what ``checks`` have said
    already: lines about the same thing, and lines that only repeat why something is not known.
    """
    told = [check.finding.rstrip(".").casefold() for check in checks if not check.is_good]
    for line in rooms.overview.get_overview(AREAS, limit_s=LINE_LIMIT_S).lines:
        sentence = line.sentence.casefold()
        is_repeat = line.state == "unknown" and any(finding in sentence for finding in told)
        if line.id in CHECKED or is_repeat:
            continue
        hint = line.hint or (line.mend.label if line.mend else "")
        yield Check(
            name=f"today: {line.title.lower()}",
            is_good=line.state != "error",
            finding=line.sentence,
            hint="" if line.state == "ok" else hint,
            state=line.state,
        )
