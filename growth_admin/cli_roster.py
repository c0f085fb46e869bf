"""``growth-admin roster``: people in and out of the school's teams, from a terminal.

``plan`` needs nothing but GitHub's settings: no hub, and no folder that can be written.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from growth_admin.cli_areas import add_verb, rooms_of, show
from growth_admin.cli_following import follow, working
from growth_admin.core.errors import ConfirmationNeeded, InvalidInput, NotConfigured, NotFound
from growth_admin.core.plan import Plan
from growth_admin.core.words import count
from growth_admin.roster.models import (
    Application,
    CellProblem,
    Entry,
    ImportPreview,
    ImportRequest,
    Offboarding,
    OffboardingRequest,
    PeopleList,
    PersonRow,
    PlanRequest,
    RosterPlan,
)

if TYPE_CHECKING:
    from growth_admin.rooms import Rooms
    from growth_admin.roster.manager import RosterManager

AREA: Final = ("roster",)
NOT_ACCEPTED: Final = ("invited", "expired", "failed")
AGAIN: Final = ("expired", "failed")
WHOLE: Final = (
    "The file is the whole team: members who are not in it are listed as remove, and apply takes "
    "them out (more than a quarter only with --confirm). With --add-only others are left alone."
)


def add_roster(verbs: Any) -> None:
    """Add the verbs of this area."""
    verb = _list_verb(verbs, "plan", "say what a list would change in a team", _plan)
    verb = _list_verb(verbs, "apply", "do what a plan says; wait for the end", _apply)
    verb.add_argument("--plan", required=True, metavar="ID", help="as `plan` printed it")
    verb.add_argument("--good-rows", action="store_true", help="leave out rows with problems")
    _confirmable(verb)
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
    _confirmable(verb)
    verb = add_verb(verbs, "offboard", "end somebody's access at GitHub and the hub", _offboard)
    verb.add_argument("login", help="login, hub name, e-mail address, home or log")
    verb.add_argument("--home", choices=("keep", "archive", "delete"), default="keep")
    verb.add_argument("--leave-organization", action="store_true")
    verb.add_argument("--show", action="store_true", help="show the plan and stop")
    _confirmable(verb)
    verb = add_verb(verbs, "reinvite", "invite again whose invitation expired", _reinvite)
    verb.add_argument("login", nargs="*")
    verb.add_argument("--all-expired", action="store_true")
    add_verb(verbs, "setup", "try each step of the first-time setup; exit 1 if one lacks", _setup)
    verb = add_verb(verbs, "queue", "list invitations that wait for another day", _queue)
    verb.add_argument("--send", action="store_true", help="send those that may be sent now")
    verb = add_verb(verbs, "names", "say who is meant, and every spelling of the name", _names)
    verb.add_argument("text", help="login, hub name, home, log file, e-mail address, number")


def _list_verb(verbs: Any, name: str, help_text: str, run: Any) -> argparse.ArgumentParser:
    verb = add_verb(verbs, name, help_text, run)
    verb.description = f"{help_text.capitalize()}. {WHOLE}"
    verb.add_argument("file", help="CSV, TSV or XLSX; - for text from standard input")
    verb.add_argument("--team", required=True, metavar="NAME", help="name or slug at GitHub")
    scope = verb.add_mutually_exclusive_group()
    scope.add_argument("--whole-team", action="store_true", help="as it is without an option")
    scope.add_argument("--add-only", action="store_true", help="remove nobody")
    return verb


def _confirmable(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--confirm", type=int, default=None, metavar="N", help="the number that the plan asks for"
    )


def _manager(rooms: Rooms) -> RosterManager:
    if rooms.roster is None:
        raise NotConfigured(
            "The roster is for admins, and not on this server.",
            hint="Run it on an admin's server, or set GROWTH_AREAS.",
        )
    return rooms.roster


# -- a list as the desired state


def _plan(asked: argparse.Namespace) -> int:
    manager = _manager(rooms_of(asked))
    preview = _read(manager, asked.file, asked.team)
    plan = manager.plan(_request(asked, preview))
    _tell_problems(preview.problems)
    if asked.json:
        print(json.dumps(_plan_json(plan, preview), indent=1))
        return 0
    for note in _notes(plan, preview):
        print(f"note: {note}", file=sys.stderr)
    for step in plan.steps:
        print(f"{step.action:<8} {step.login or step.email:<40} {step.reason}".rstrip())
    counts = ", ".join(f"{number} {action}" for action, number in plan.counts.items())
    print(f"{counts or 'nothing to do'}\nplan {plan.id}")
    if plan.confirm_number is not None:
        print(f"apply asks for --confirm {plan.confirm_number}")
    return 0


def _apply(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    manager = _manager(rooms)
    preview = _read(manager, asked.file, asked.team)
    if preview.problems and not asked.good_rows:
        _tell_problems(preview.problems)
        raise InvalidInput(
            f"{count(len(preview.problems), 'cell')} of {asked.file} cannot be right; nothing was "
            "done.",
            hint="Mend them, or give --good-rows to leave these rows out.",
        )
    request = _request(asked, preview)
    if preview.problems:
        _require_no_loss(manager.plan(request), preview, asked)
    application = Application(**dict(request), plan_id=asked.plan, confirm_number=asked.confirm)
    with working(rooms):
        job = manager.apply(application, user=rooms.settings.user)
        return follow(rooms, job, asked, AREA)


def _require_no_loss(plan: RosterPlan, preview: ImportPreview, asked: argparse.Namespace) -> None:
    """Refuse to remove people who may be those of the rows that are left out."""
    removals = plan.counts.get("remove", 0)
    if removals and asked.confirm != removals:
        rows = len({problem.row for problem in preview.problems})
        raise ConfirmationNeeded(
            f"{count(removals, 'member')} would be removed, and {count(rows, 'row')} of the file "
            "cannot be read: they may be the same people.",
            hint=f"Mend the rows, or give --add-only, or --confirm {removals}.",
        )


def _read(manager: RosterManager, file: str, team: str) -> ImportPreview:
    """Return a list as it is understood. Raises ``InvalidInput`` for what cannot be read."""
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as e:
        raise InvalidInput(f"{file} cannot be read: {e.strerror or e}.") from None
    content = base64.b64encode(data).decode()
    name = "" if file == "-" else Path(file).name
    return manager.read_list(ImportRequest(filename=name, content=content), team=team)


def _request(asked: argparse.Namespace, preview: ImportPreview) -> PlanRequest:
    return PlanRequest(
        team=asked.team,
        entries=preview.entries,
        is_whole_team=not asked.add_only,
        source="" if asked.file == "-" else Path(asked.file).name,
    )


def _plan_json(plan: RosterPlan, preview: ImportPreview) -> dict[str, Any]:
    told = plan.as_json()
    kept = ("login", "email", "team", "reason")
    steps = [{"action": step["action"], **{k: step[k] for k in kept}} for step in told["steps"]]
    more = ("title", "counts", "warnings", "confirm_number", "budget", "queued")
    return {
        "plan_id": plan.id,
        "steps": steps,
        "problems": [problem.as_json() for problem in preview.problems],
        "readings": [reading.as_json() for reading in preview.readings],
        **{name: told[name] for name in more},
    }


def _notes(plan: Plan, preview: ImportPreview) -> tuple[str, ...]:
    readings = tuple(f"{_place(one)} {one.value!r}: {one.message}" for one in preview.readings)
    return (*plan.warnings, *readings)


def _tell_problems(problems: tuple[CellProblem, ...]) -> None:
    for one in problems:
        meant = f" Perhaps {one.suggestion!r}?" if one.suggestion else ""
        print(f"problem: {_place(one)} {one.value!r}: {one.message}{meant}", file=sys.stderr)


def _place(one: CellProblem) -> str:
    return f"row {one.row}, column {one.column}:" if one.column else f"row {one.row}:"


# -- people


def _status(asked: argparse.Namespace) -> int:
    people = _manager(rooms_of(asked)).list_people(is_fresh=True)
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

    people = _manager(rooms_of(asked)).list_people(is_fresh=True)
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
    people = _manager(rooms).list_people(is_fresh=True).people
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
    manager = _manager(rooms)
    plan = manager.plan(request)
    for warning in plan.warnings:
        print(f"note: {warning}", file=sys.stderr)
    confirm = getattr(asked, "confirm", None)
    application = Application(**dict(request), plan_id=plan.id, confirm_number=confirm)
    with working(rooms):
        job = manager.apply(application, user=rooms.settings.user)
        return follow(rooms, job, asked, AREA)


def _one(text: str, rooms: Rooms) -> PersonRow:
    """Return the one person whom a spelling names. Raises ``NotFound`` or ``InvalidInput``."""
    found = _manager(rooms).find_people(text)
    if not found:
        raise NotFound(f"Nobody here is called {text}.", hint="growth-admin roster status")
    if len(found) > 1:
        names = ", ".join(row.login or row.email for row in found[:5])
        raise InvalidInput(f"{text} can be several people: {names}.", hint="Name one login.")
    return found[0]


def _offboard(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    manager = _manager(rooms)
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
        return follow(rooms, job, asked, AREA)


# -- the rest


def _setup(asked: argparse.Namespace) -> int:
    setup = _manager(rooms_of(asked)).check_setup()
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
    manager = _manager(rooms)
    people = manager.list_people(is_fresh=True)  # which also tells GitHub's time
    _tell_of(people)
    if asked.send:
        with working(rooms):
            job = manager.continue_queue(user=rooms.settings.user)
            if job is not None:
                return follow(rooms, job, asked, AREA)
        print("nothing may be sent now", file=sys.stderr)
    rows = tuple(row for row in people.people if row.state == "queued")
    budget = people.budget
    free = f", more from {budget.free_at:%Y-%m-%d %H:%M} UTC" if budget.free_at else ""
    sent = f"{budget.used} of {budget.limit} invitations sent within 24 h{free}"
    return show(people.model_copy(update={"people": rows}), asked, [*map(_line, rows), sent])


def _names(asked: argparse.Namespace) -> int:
    found = _manager(rooms_of(asked)).find_people(asked.text)
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
