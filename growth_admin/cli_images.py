"""``growth-admin images``: see, promote and roll back images from a terminal."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from growth_admin.cli_areas import add_verb, rooms_of, show
from growth_admin.core.errors import InvalidInput, NotConfigured
from growth_admin.core.words import count, in_words
from growth_admin.images.models import (
    CheckRequest,
    Image,
    Move,
    Moved,
    PromoteRequest,
    RollBackRequest,
    Timeline,
)
from growth_admin.images.moving import short

if TYPE_CHECKING:
    from growth_admin.images.room import ImageRoom
    from growth_admin.rooms import Rooms


def add_images(verbs: Any) -> None:
    """Add the verbs of this area."""
    # they import this module
    from growth_admin.cli_builds import add_builds
    from growth_admin.cli_checks import add_check
    from growth_admin.cli_packages import add_packages
    from growth_admin.cli_prepull import add_prepull
    from growth_admin.cli_tryouts import add_tryouts

    add_verb(verbs, "list", "list the tags of the school's image; * is what students get", _list)
    verb = add_verb(verbs, "show", "say all that is known of one image", _show)
    verb.add_argument("image", help="tag, digest or the beginning of one")
    add_verb(verbs, "timeline", "list the tag's moves, and who runs what", _timeline)
    verb = add_verb(verbs, "promote", "let students' servers start with an image", _promote)
    verb.add_argument("image", help="tag, digest or the beginning of one")
    verb.add_argument("--reason", default="", help="why; stays in the timeline")
    verb.add_argument("--force", default="", metavar="WHY", help="promote it past its gate")
    verb.add_argument("--plan", action="store_true", help="show the plan and stop")
    verb = add_verb(verbs, "rollback", "go back to an image that students had before", _roll_back)
    verb.add_argument(
        "digest",
        nargs="?",
        default="",
        help="without it: the one before, unless that was rolled back already",
    )
    verb.add_argument("--reason", required=True, help="why; stays in the timeline")
    verb = add_verb(verbs, "record", "keep the result of a check of an image", _record_result)
    verb.add_argument("image", help="tag, digest or the beginning of one")
    verb.add_argument("check", choices=("smoke", "canary"))
    verb.add_argument("result", choices=("passed", "failed"))
    verb.add_argument("--detail", default="", help="what was checked, or why it failed")
    add_check(verbs)
    add_prepull(verbs)
    add_packages(verbs)
    add_builds(verbs)
    add_tryouts(verbs)


def images_of(rooms: Rooms) -> ImageRoom:
    """Return the images room. Raises ``NotConfigured`` where this area is not open."""
    if rooms.images is None:
        raise NotConfigured(
            "The area images is not open here.", hint="It takes the scope custom:growth:images."
        )
    return rooms.images


# -- look


def _list(asked: argparse.Namespace) -> int:
    listed = images_of(rooms_of(asked)).tags.list_images()
    _tell(listed.notes)
    lines = [
        f"{'*' if row.is_live else ' '} {row.name:<28} {short(row.digest)} "
        f"{row.gate.state:<8} {_image(row.image) or row.problem}"
        for row in listed.tags
    ]
    if listed.left_out:
        lines.append(f"and {count(listed.left_out, 'more tag')}")
    return show(listed, asked, [f"{listed.name}:{listed.tag} is {short(listed.digest)}", *lines])


def _image(image: Image | None) -> str:
    if image is None:
        return ""
    built = f"{image.created:%Y-%m-%d %H:%M}" if image.created else "no date"
    words = [built, in_words(image.size_bytes), ",".join(image.platforms), image.revision[:12]]
    return "  ".join(word for word in words if word)


def _show(asked: argparse.Namespace) -> int:
    found = images_of(rooms_of(asked)).tags.get_image(asked.image)
    image = found.image
    lines = [
        image.digest + (" (students get this one)" if found.is_live else ""),
        f"tags: {', '.join(found.tags) or 'none'}",
        f"built: {_image(image)}",
        f"gate: {found.gate.sentence}",
        *(
            f"  {r.time:%Y-%m-%d %H:%M} {r.check:<7} {'passed' if r.is_passed else 'failed'} "
            f"{r.author} {r.detail}".rstrip()
            for r in found.results
        ),
        *(f"label {name}: {text}" for name, text in image.labels.items()),
        *(f"GONE {digest}" for digest in found.gone),
    ]
    return show(found, asked, lines)


def _timeline(asked: argparse.Namespace) -> int:
    found = images_of(rooms_of(asked)).tags.get_timeline()
    _tell(found.notes)
    return show(found, asked, [*_usage(found), *(_move(move) for move in found.moves)])


def _usage(found: Timeline) -> list[str]:
    lines = [
        f"{row.servers:>6} run {short(row.digest)}{' (live)' if row.is_live else ''}"
        for row in found.usage
    ]
    if found.unknown:
        lines.append(f"{found.unknown:>6} run something that cannot be told")
    if found.stale:
        lines.append(f"       growth-admin servers restart --image-not {found.digest}")
    return lines


def _move(move: Move) -> str:
    way = f"{short(move.from_digest)} -> {short(move.to_digest)}"
    past = f" PAST ITS GATE: {move.force_reason}" if move.force_reason else ""
    state = "" if move.state == "done" else f" ({move.state})"
    return (
        f"{move.time:%Y-%m-%d %H:%M} {move.action:<9} {way} {move.author or 'somebody'}"
        f"{state}: {move.reason}{past}"
    )


def _tell(notes: tuple[str, ...]) -> None:
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


# -- change


def _promote(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    tags = images_of(rooms).tags
    plan = tags.plan(asked.image)
    _tell(plan.warnings)
    if asked.plan:
        return show(plan, asked, [plan.title])
    if not asked.reason.strip():
        raise InvalidInput("A promotion needs a reason.", hint="Give --reason; it stays.")
    request = PromoteRequest(
        plan_id=plan.id, digest=plan.to_digest, reason=asked.reason, force_reason=asked.force
    )
    moved = tags.promote(request, author=rooms.settings.user)
    return _show_moved(rooms, moved, asked, "promote")


def _roll_back(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    request = RollBackRequest(digest=asked.digest, reason=asked.reason)
    moved = images_of(rooms).tags.roll_back(request, author=rooms.settings.user)
    return _show_moved(rooms, moved, asked, "rollback")


def _show_moved(rooms: Rooms, moved: Moved, asked: argparse.Namespace, verb: str) -> int:
    move = moved.move
    rooms.audit.record(
        user=rooms.settings.user,
        permission="images.tags:move",
        area="images",
        action=f"growth-admin images {verb} (terminal)",
        target=f"tag {move.tag}",
        before=short(move.from_digest),
        after=short(move.to_digest),
        result="done",
        detail=f"{move.reason} {move.force_reason}".strip(),
        undo=moved.receipt.undo,
    )
    _tell((move.detail,) if move.detail else ())
    lines = [moved.receipt.title]
    lines += [f"{one.target}: {one.detail}" for one in moved.receipt.items if one.target == "nodes"]
    if move.from_digest:
        undo = f"growth-admin images rollback {move.from_digest} --reason WHY"
        lines.append(f"to take it back: {undo}")
    return show(moved, asked, lines)


def _record_result(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    tags = images_of(rooms).tags
    digest = tags.get_image(asked.image).image.digest
    result = CheckRequest(
        check=asked.check, is_passed=asked.result == "passed", detail=asked.detail
    )
    kept = tags.add_result(digest, result, author=rooms.settings.user)
    rooms.audit.record(
        user=rooms.settings.user,
        permission="images.results:write",
        area="images",
        action="growth-admin images record (terminal)",
        target=short(digest),
        after=f"{asked.check} {asked.result}",
        result="done",
        detail=asked.detail,
    )
    return show(kept, asked, [f"{asked.check} of {short(digest)}: {asked.result}"])
