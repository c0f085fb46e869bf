"""``growth-admin roster plan`` and ``apply``: a list as the desired state of a team."""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from growth_admin.cli_areas import add_verb, rooms_of
from growth_admin.cli_following import follow_or_pause, working
from growth_admin.core.errors import ConfirmationNeeded, InvalidInput, NotConfigured
from growth_admin.core.plan import Plan
from growth_admin.core.words import count
from growth_admin.roster.models import (
    Application,
    CellProblem,
    ImportPreview,
    ImportRequest,
    PlanRequest,
    RosterPlan,
)

if TYPE_CHECKING:
    from growth_admin.rooms import Rooms
    from growth_admin.roster.manager import RosterManager

AREA: Final = ("roster",)
WHOLE: Final = (
    "The file is the whole team: members who are not in it are listed as remove, and apply takes "
    "them out (more than a quarter only with --confirm). With --add-only others are left alone."
)


def add_list_verbs(verbs: Any) -> None:
    """Add the verbs that take a list."""
    _list_verb(verbs, "plan", "say what a list would change in a team", _plan)
    verb = _list_verb(verbs, "apply", "do what a plan says; wait for the end", _apply)
    verb.add_argument("--plan", required=True, metavar="ID", help="as `plan` printed it")
    verb.add_argument("--good-rows", action="store_true", help="leave out rows with problems")
    confirmable(verb)


def _list_verb(verbs: Any, name: str, help_text: str, run: Any) -> argparse.ArgumentParser:
    verb = add_verb(verbs, name, help_text, run)
    verb.description = f"{help_text.capitalize()}. {WHOLE}"
    verb.add_argument("file", help="CSV, TSV or XLSX; - for text from standard input")
    verb.add_argument("--team", required=True, metavar="NAME", help="name or slug at GitHub")
    scope = verb.add_mutually_exclusive_group()
    scope.add_argument("--whole-team", action="store_true", help="as it is without an option")
    scope.add_argument("--add-only", action="store_true", help="remove nobody")
    return verb


def confirmable(verb: argparse.ArgumentParser) -> None:
    """Let a verb take the number that a plan asks for."""
    verb.add_argument(
        "--confirm", type=int, default=None, metavar="N", help="the number that the plan asks for"
    )


def manager_of(rooms: Rooms) -> RosterManager:
    """Return the roster. Raises ``NotConfigured`` where there is none."""
    if rooms.roster is None:
        raise NotConfigured(
            "The roster is for admins, and not on this server.",
            hint="Run it on an admin's server, or set GROWTH_AREAS.",
        )
    return rooms.roster


def _plan(asked: argparse.Namespace) -> int:
    manager = manager_of(rooms_of(asked))
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
    manager = manager_of(rooms)
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
        return follow_or_pause(rooms, job, asked, AREA)


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
    return manager.read_list(ImportRequest(filename=_name_of(file), content=content), team=team)


def _name_of(file: str) -> str:
    """Return what the list is called; a name that is no UTF-8, as from an old archive, as text."""
    return "" if file == "-" else os.fsencode(Path(file).name).decode("utf-8", "replace")


def _request(asked: argparse.Namespace, preview: ImportPreview) -> PlanRequest:
    return PlanRequest(
        team=asked.team,
        entries=preview.entries,
        is_whole_team=not asked.add_only,
        source=_name_of(asked.file),
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
