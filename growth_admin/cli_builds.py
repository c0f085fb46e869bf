"""``growth-admin images build``: build the image here, from a terminal."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING, Any, Final, TextIO

from growth_admin.cli_areas import add_verb, rooms_of, show
from growth_admin.cli_following import follow, working
from growth_admin.cli_images import images_of
from growth_admin.core.errors import InvalidInput, NotFound, StorageUnavailable
from growth_admin.core.words import count, in_words
from growth_admin.images.builds.models import Build, BuildRequest

if TYPE_CHECKING:
    from growth_admin.images.builds.manager import BuildManager
    from growth_admin.rooms import Rooms

AREA: Final = {"images"}
LOOK_EVERY_S: Final = 0.3
AWAY_LIMIT_S: Final = 120.0


def add_builds(verbs: Any) -> None:
    """Add the verbs of builds to those of images."""
    verb = add_verb(verbs, "build", "build the image from its source, check it and push it", _build)
    verb.add_argument("--reason", required=True, help="why; stays with the build")
    add_verb(verbs, "builds", "list the builds, newest first", _builds)
    verb = add_verb(verbs, "log", "print a build's log; while it runs, follow it", _log)
    verb.add_argument("number", type=int)
    verb = add_verb(verbs, "built", "say what is in a build, and what changed", _built)
    verb.add_argument("number", type=int)
    verb = add_verb(verbs, "sbom", "print the parts of a built image as CycloneDX", _sbom)
    verb.add_argument("number", type=int)
    add_verb(verbs, "sweep", "remove what killed builds left here, and old local images", _sweep)


def _builds_of(rooms: Rooms) -> BuildManager:
    return images_of(rooms).builds


def _build(asked: argparse.Namespace) -> int:
    if not asked.reason.strip():
        raise InvalidInput("A build needs a reason.", hint="Give --reason; it stays.")
    rooms = rooms_of(asked)
    builds = _builds_of(rooms)
    with working(rooms):
        user = rooms.settings.user
        job = builds.start_build(BuildRequest(reason=asked.reason), user=user)
        number = job.subject.rpartition("/")[2]
        print(f"build {number}; from another terminal: growth-admin images log {number}",
              file=sys.stderr)  # fmt: skip
        try:
            _show_log(rooms, job.id, sys.stderr)
        except KeyboardInterrupt:
            rooms.jobs.cancel_job(job.id, AREA, user)
            _show_log(rooms, job.id, sys.stderr)
        return follow(rooms, job, asked, AREA)


def _log(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    build = _builds_of(rooms).get_build(asked.number).build
    if not build.job_id:
        raise NotFound(
            f"The log of build {build.number} was put away with its job.",
            hint=f"growth-admin images built {build.number} says how it ended.",
        )
    _show_log(rooms, build.job_id, sys.stderr if asked.json else sys.stdout)
    return follow(rooms, rooms.jobs.get_job(build.job_id, AREA), asked, AREA)


def _show_log(rooms: Rooms, job_id: str, stream: TextIO) -> None:
    """Print the log while it grows, until the job has ended. A sick disk is waited for."""
    offset, last_good_s = 0, time.monotonic()
    while True:
        try:
            part = rooms.jobs.read_log(job_id, AREA, offset)
        except StorageUnavailable:
            if time.monotonic() - last_good_s > AWAY_LIMIT_S:
                raise
            time.sleep(LOOK_EVERY_S)
            continue
        last_good_s = time.monotonic()
        offset = max(offset, part.next_offset)  # 0 while the log's folder is out of sight
        print(part.text, end="", file=stream, flush=True)
        if part.is_complete:
            return
        if not part.text:
            time.sleep(LOOK_EVERY_S)


def _builds(asked: argparse.Namespace) -> int:
    found = _builds_of(rooms_of(asked)).list_builds()
    said = f"{found.problem} {found.hint}" if found.problem else f"built with {found.builder}"
    print(f"note: {said}", file=sys.stderr)
    return show(found, asked, [_line(build) for build in found.builds])


def _line(build: Build) -> str:
    checks = {True: "checks passed", False: "CHECKS FAILED", None: ""}[build.is_smoke_passed]
    size = in_words(build.size_bytes) if build.size_bytes else ""
    words = [build.digest[:19], size, checks, build.problem]
    return (
        f"{build.number:<4} {build.tag:<12} {build.time:%Y-%m-%d %H:%M} {build.state:<10} "
        f"{build.author}: {build.reason}  {'  '.join(word for word in words if word)}"
    ).rstrip()


def _built(asked: argparse.Namespace) -> int:
    found = _builds_of(rooms_of(asked)).get_build(asked.number)
    lines = [_line(found.build), f"Python {found.build.python_version}"]
    if found.compared_with is not None:
        grown = found.size_change_bytes or 0
        way = "larger" if grown >= 0 else "smaller"
        lines.append(f"against build {found.compared_with}: {in_words(abs(grown))} {way}")
        lines += [
            f"  {one.kind} {one.name} {one.before or 'new'} -> {one.after or 'gone'}"
            for one in found.changes
        ]
    lines += [f"{one.check}: {one.state} {one.detail}".rstrip() for one in found.checks]
    lines += [f"{one.license or 'no licence named'}: {count(one.packages, 'package')}"
              for one in found.licenses]  # fmt: skip
    return show(found, asked, lines)


def _sbom(asked: argparse.Namespace) -> int:
    found = _builds_of(rooms_of(asked)).get_sbom(asked.number)
    print(json.dumps(found.document, indent=1))
    return 0


def _sweep(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    receipt = _builds_of(rooms).sweep(user=rooms.settings.user)
    return show(receipt, asked, [receipt.title, *(f"  {one.target}" for one in receipt.items)])
