"""``growth-admin servers``: see, start, stop and restart servers from a terminal."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from growth_admin.cli_areas import add_verb, rooms_of, show
from growth_admin.cli_bot import add_bot
from growth_admin.cli_courtesy import add_courtesy, courtesy_of
from growth_admin.cli_following import follow_or_cancel, working
from growth_admin.cli_help import add_help
from growth_admin.core.errors import ConfirmationNeeded, InvalidInput, NotConfigured
from growth_admin.core.words import count
from growth_admin.servers.models import Pace, Selector, Server, ServerPlan, Target

if TYPE_CHECKING:
    from growth_admin.rooms import Rooms
    from growth_admin.servers.manager import ServerManager

AREA: Final = {"servers"}
ACTIONS: Final = (
    ("start", "start servers in waves; wait for the end"),
    ("stop", "stop servers; wait for the end"),
    ("restart", "restart servers in waves, canaries first; wait for the end"),
)


def add_servers(verbs: Any) -> None:
    """Add the verbs of this area."""
    verb = add_verb(verbs, "list", "list users and their servers", _list)
    verb.add_argument("--filter", default="", help="a part of the user's name")
    add_help(verbs)
    add_verb(verbs, "status", "count servers by state, image and last start", _status)
    add_bot(verbs)
    for action, help_text in ACTIONS:
        verb = add_verb(verbs, action, help_text, _control)
        verb.set_defaults(action=action)
        _add_who(verb)
        _add_pace(verb)
        if action != "start":
            add_courtesy(verb)
        verb.add_argument("--plan", action="store_true", help="show the plan and stop")
        verb.add_argument("--yes", action="store_true", help="do not ask for a confirmation")
        verb.add_argument(
            "--confirm", type=int, default=None, metavar="N", help="the number that the plan asks"
        )


def _add_who(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("server", nargs="*", help="user, or user/server")
    who = verb.add_argument_group("instead of names; all conditions hold")
    who.add_argument("--all", action="store_true", help="everybody")
    who.add_argument("--group", action="append", default=[], metavar="NAME", help="of this group")
    who.add_argument("--name", default="", metavar="PART", help="a part of the user's name")
    who.add_argument("--state", action="append", default=[], help="ready, spawning or stopped")
    who.add_argument("--idle", type=int, default=None, metavar="MINUTES", help="idle so long")
    who.add_argument(
        "--image-not", default="", metavar="IMAGE", help="whose last start was with another image"
    )
    who.add_argument(
        "--old-revision", action="store_true", help="who ran other start scripts than are live"
    )
    who.add_argument(
        "--last-start", action="append", default=[], metavar="RESULT", help="failed, timed-out ..."
    )
    who.add_argument("--named", action="store_true", help="named servers too")


def _add_pace(verb: argparse.ArgumentParser) -> None:
    known = Pace()
    verb.add_argument(
        "--max-in-flight",
        type=int,
        default=known.max_in_flight,
        metavar="N",
        help="at most so many at once (default %(default)s)",
    )
    verb.add_argument(
        "--canaries",
        default=str(known.canary_count),
        metavar="N|USERS",
        help="how many go first, or which, separated by commas (default %(default)s)",
    )
    verb.add_argument(
        "--stop-at-failures",
        type=float,
        default=known.stop_at_failures,
        metavar="PART",
        help="leave the rest alone when more than this part fails (default %(default)s)",
    )


def servers_of(rooms: Rooms) -> ServerManager:
    """Return the servers room. Raises ``NotConfigured`` where there is no hub."""
    if rooms.servers is None:
        raise NotConfigured(
            "This terminal does not belong to a server of a JupyterHub.",
            hint="Open a terminal in your own JupyterLab.",
        )
    return rooms.servers


# -- look


def _list(asked: argparse.Namespace) -> int:
    listed = servers_of(rooms_of(asked)).list_servers(asked.filter)
    lines = [
        f"{s.user:<40} {s.server_name:<8} {s.state:<9} {s.image or '-':<40} {_start_of(s)}"
        for s in listed.servers
    ]
    _tell(listed.notes)
    return show(listed, asked, lines)


def _status(asked: argparse.Namespace) -> int:
    listed = servers_of(rooms_of(asked)).list_servers()
    ready = [server for server in listed.servers if server.state == "ready"]
    lines = [
        *_counted("state", Counter(server.state for server in listed.servers)),
        *_counted("image of ready servers", Counter(s.image or "not known" for s in ready)),
        *_counted("last start of ready servers", Counter(_start_of(s) for s in ready)),
    ]
    _tell(listed.notes)
    return show(listed, asked, lines)


def _start_of(server: Server) -> str:
    return server.start_result or "not known"


def _counted(title: str, counts: Counter[str]) -> list[str]:
    return [f"{title}:", *(f"{number:>6} {what}" for what, number in counts.most_common())]


def _tell(notes: tuple[str, ...]) -> None:
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


# -- change


def _control(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    manager = servers_of(rooms)
    pace, (targets, selector) = _pace(asked), _who(asked)
    courtesy = courtesy_of(asked)
    plan = manager.plan(asked.action, targets, selector=selector, pace=pace, courtesy=courtesy)
    _tell(plan.warnings)
    _tell((plan.announcement,) if plan.announcement else ())
    if asked.plan:
        lines = [f"{i.action:<8} {i.target} {i.detail}".rstrip() for i in plan.items]
        return show(plan, asked, [*lines, plan.title])
    _require_confirmation(plan, asked)
    print(plan.title, file=sys.stderr)
    with working(rooms):
        job = manager.apply(
            plan.id,
            asked.action,
            plan.servers,
            rooms.settings.user,
            pace=pace,
            courtesy=courtesy,
        )
        return follow_or_cancel(rooms, job, asked, AREA)


def _require_confirmation(plan: ServerPlan, asked: argparse.Namespace) -> None:
    number = plan.confirm_number
    if number is None or asked.yes or asked.confirm == number:
        return
    raise ConfirmationNeeded(
        f"{plan.title}: this must be confirmed.",
        hint=f"Look at it with --plan, then give --confirm {number}.",
    )


def _pace(asked: argparse.Namespace) -> Pace:
    is_number = asked.canaries.isdecimal()
    return Pace(
        max_in_flight=asked.max_in_flight,
        canary_count=int(asked.canaries) if is_number else 0,
        canaries=() if is_number else tuple(map(_target, asked.canaries.split(","))),
        stop_at_failures=asked.stop_at_failures,
    )


def _who(asked: argparse.Namespace) -> tuple[list[Target], Selector | None]:
    selector = Selector(
        groups=tuple(asked.group),
        states=tuple(asked.state),
        name=asked.name,
        image_not=asked.image_not,
        is_old_revision=asked.old_revision,
        idle_min=asked.idle,
        start_results=tuple(asked.last_start),
        has_named=asked.named,
    )
    is_selected = asked.all or selector != Selector()
    if is_selected and asked.server:
        raise InvalidInput(
            f"{count(len(asked.server), 'server')} and conditions cannot be given together.",
            hint="Give names, or conditions.",
        )
    if not is_selected and not asked.server:
        raise InvalidInput(
            f"Nobody was named to {asked.action}.",
            hint="Give users, or conditions such as --group students, or --all.",
        )
    return [_target(name) for name in asked.server], selector if is_selected else None


def _target(text: str) -> Target:
    user, _, name = text.strip().partition("/")
    return Target(user=user, server_name=name)
