"""``growth-admin roster``: people in and out of the school's teams, from a terminal.

``plan`` needs nothing but GitHub's settings: no hub, and no folder that can be written.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from growth_admin.cli_areas import add_verb, rooms_of, show
from growth_admin.cli_following import follow_or_cancel, follow_or_pause, working
from growth_admin.cli_roster_list import AREA, add_list_verbs, confirmable, manager_of
from growth_admin.core.errors import InvalidInput, NotFound
from growth_admin.core.words import count
from growth_admin.roster.models import (
    Application,
    Entry,
    Offboarding,
    OffboardingRequest,
    PeopleList,
    PersonRow,
    PlanRequest,
)

if TYPE_CHECKING:
    from growth_admin.rooms import Rooms

NOT_ACCEPTED: Final = ("invited", "expired", "failed")
AGAIN: Final = ("expired", "failed")


def add_roster(verbs: Any) -> None:
    """Add the verbs of this area."""
    add_list_verbs(verbs)
    verb = add_verb(verbs, "status", "list people: roster, GitHub and hub", _status)
    verb.add_argument("--state", default="", help="only those: active, invited, expired, ...")
    verb.add_argument(
        "--emails", action="store_true", help="only the addresses of who has not accepted"
    )
    verb = add_verb(verbs, "export", "write the people as CSV", _export)
    verb.add_argument("--out", type=Path, default=None, metavar="FILE")
    verb = add_verb(verbs, "remove", "take people out of a team; they stay in the school", _remove)
    verb.add_argument("login", nargs="+")
    verb.add_argument("--team", required=True, metavar="NAME")
    confirmable(verb)
    verb = add_verb(verbs, "offboard", "end somebody's access at GitHub and the hub", _offboard)
    verb.add_argument("login", help="login, hub name, e-mail address, home or log")
    verb.add_argument("--home", choices=("keep", "archive", "delete"), default="keep")
    verb.add_argument("--leave-organization", action="store_true")
    verb.add_argument("--show", action="store_true", help="show the plan and stop")
    confirmable(verb)
    verb = add_verb(verbs, "reinvite", "invite again whose invitation expired", _reinvite)
    verb.add_argument("login", nargs="*")
    verb.add_argument("--all-expired", action="store_true")
    add_verb(verbs, "setup", "try each step of the first-time setup; exit 1 if one lacks", _setup)
    verb = add_verb(verbs, "queue", "list invitations that wait for another day", _queue)
    verb.add_argument("--send", action="store_true", help="send those that may be sent now")
    verb = add_verb(verbs, "names", "say who is meant, and every spelling of the name", _names)
    verb.add_argument("text", help="login, hub name, home, log file, e-mail address, number")


# -- people


def _status(asked: argparse.Namespace) -> int:
    people = manager_of(rooms_of(asked)).list_people(is_fresh=True)
    rows = [row for row in people.people if asked.state in ("", row.state)]
    _tell_of(people)
    if asked.emails:
        waiting = [row for row in rows if row.state in NOT_ACCEPTED]
        emails = sorted({row.email for row in waiting if row.email})
        print(json.dumps(emails) if asked.json else "\n".join(emails))
        lacking = sum(1 for row in waiting if not row.email)
        if lacking:
            print(f"note: no address is known of {lacking} more", file=sys.stderr)
        return 0
    shown = people.model_copy(update={"people": tuple(rows)})
    counts = ", ".join(f"{number} {state}" for state, number in sorted(people.counts.items()))
    return show(shown, asked, [*map(_line, rows), counts or "nobody yet"])


def _line(row: PersonRow) -> str:
    who = row.login or row.email or row.names.hub
    left = f" ({int(row.days_left)} days left)" if row.days_left is not None else ""
    flags = f"  [{', '.join(row.flags)}]" if row.flags else ""
    return f"{row.state:<9} {row.team:<12} {who:<40} {row.name:<24} {row.detail}{left}{flags}"


def _tell_of(people: PeopleList) -> None:
    for problem in people.problems:
        print(f"note: {problem}", file=sys.stderr)


def _export(asked: argparse.Namespace) -> int:
    from growth_admin.roster.lists import export_csv

    people = manager_of(rooms_of(asked)).list_people(is_fresh=True)
    _tell_of(people)
    text = export_csv(people.people)
    if asked.out is None:
        sys.stdout.write(text)
        return 0
    try:
        asked.out.write_text(text, encoding="utf-8", newline="")
    except OSError as e:
        raise InvalidInput(f"{asked.out} cannot be written: {e.strerror or e}.") from None
    print(f"{count(len(people.people), 'row')} in {asked.out}")
    return 0


def _remove(asked: argparse.Namespace) -> int:
    return _change(asked, PlanRequest(team=asked.team, removals=tuple(asked.login)))


def _reinvite(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    people = manager_of(rooms).list_people(is_fresh=True).people
    rows = [row for row in people if row.state in AGAIN and row.team]
    if not asked.all_expired:
        if not asked.login:
            raise InvalidInput("Nobody was named.", hint="Name logins, or give --all-expired.")
        rows = [_one(text, rooms) for text in asked.login]
    if not rows:
        print("nobody's invitation has expired")
        return 0
    code = 0
    for team in dict.fromkeys(row.team for row in rows):
        entries = tuple(_entry(row) for row in rows if row.team == team)
        code = max(code, _change(asked, PlanRequest(team=team, entries=entries)))
    return code


def _entry(row: PersonRow) -> Entry:
    return Entry(name=row.name, email=row.email, login=row.login, github_id=row.github_id)


def _change(asked: argparse.Namespace, request: PlanRequest) -> int:
    """Plan and apply in one go; a plan that asks for a number stops here without it."""
    rooms = rooms_of(asked)
    manager = manager_of(rooms)
    plan = manager.plan(request)
    for warning in plan.warnings:
        print(f"note: {warning}", file=sys.stderr)
    confirm = getattr(asked, "confirm", None)
    application = Application(**dict(request), plan_id=plan.id, confirm_number=confirm)
    with working(rooms):
        job = manager.apply(application, user=rooms.settings.user)
        return follow_or_pause(rooms, job, asked, AREA)


def _one(text: str, rooms: Rooms) -> PersonRow:
    """Return the one person whom a spelling names. Raises ``NotFound`` or ``InvalidInput``."""
    found = manager_of(rooms).find_people(text)
    if not found:
        raise NotFound(f"Nobody here is called {text}.", hint="growth-admin roster status")
    if len(found) > 1:
        names = ", ".join(row.login or row.email for row in found[:5])
        raise InvalidInput(f"{text} can be several people: {names}.", hint="Name one login.")
    return found[0]


def _offboard(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    manager = manager_of(rooms)
    request = OffboardingRequest(
        key=_one(asked.login, rooms).key,
        leaves_organization=asked.leave_organization,
        home=asked.home,
    )
    plan = manager.plan_offboarding(request)
    for warning in plan.warnings:
        print(f"note: {warning}", file=sys.stderr)
    if asked.show:
        lines = [f"{item.action:<8} {item.target}: {item.detail}" for item in plan.items]
        return show(plan, asked, [plan.title, *lines])
    offboarding = Offboarding(**dict(request), plan_id=plan.id, confirm_number=asked.confirm)
    with working(rooms):
        job = manager.offboard(offboarding, user=rooms.settings.user)
        return follow_or_cancel(rooms, job, asked, AREA)


# -- the rest


def _setup(asked: argparse.Namespace) -> int:
    setup = manager_of(rooms_of(asked)).check_setup()
    lines = [
        f"{check.state:<8} {check.title}: {check.detail}"
        + (f"\n         -> {check.hint} {check.link}".rstrip() if check.state != "ok" else "")
        for check in setup.checks
    ]
    code = show(setup, asked, lines)
    missing = [check.title for check in setup.checks if check.state == "missing"]
    if missing:
        print(f"growth-admin: missing: {', '.join(missing)}.", file=sys.stderr)
    return 1 if missing else code


def _queue(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    manager = manager_of(rooms)
    people = manager.list_people(is_fresh=True)  # which also tells GitHub's time
    _tell_of(people)
    if asked.send:
        with working(rooms):
            job = manager.continue_queue(user=rooms.settings.user)
            if job is not None:
                return follow_or_pause(rooms, job, asked, AREA)
        print("nothing may be sent now", file=sys.stderr)
    rows = tuple(row for row in people.people if row.state == "queued")
    budget = people.budget
    free = f", more from {budget.free_at:%Y-%m-%d %H:%M} UTC" if budget.free_at else ""
    sent = f"{budget.used} of {budget.limit} invitations sent within 24 h{free}"
    return show(people.model_copy(update={"people": rows}), asked, [*map(_line, rows), sent])


def _names(asked: argparse.Namespace) -> int:
    found = manager_of(rooms_of(asked)).find_people(asked.text)
    if not found:
        raise NotFound(f"Nobody here is called {asked.text}.", hint="growth-admin roster status")
    if asked.json:
        print(json.dumps([row.as_json() for row in found], indent=1))
        return 0
    for row in found:
        names = row.names
        print(f"{row.name or row.email or row.login or names.hub}  ({row.state})")
        print(f"  GitHub      {names.login or '-'}  {row.github_id or ''}".rstrip())
        print(f"  hub         {names.hub or '-'}")
        print(f"  container   {names.container or '-'}")
        print(f"  home slugs  {', '.join(names.homes) or '-'}")
        print(f"  logs        {names.log}-as-root.log" if names.log else "  logs        -")
    return 0
