"""Takes lists, and what came of plans, into the roster. Pure: people in, people out.

Entries are found by account number, then by login, then by address. The same list twice, or the
same outcome twice, changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from growth_admin.roster.book import Listed, People, new_key
from growth_admin.roster.ledger_lines import Line
from growth_admin.roster.models import Entry, Step, StepAction
from growth_admin.roster.register import Register

HERE = ("none", "pending")


def with_entries(
    people: People,
    entries: Iterable[tuple[Entry, StepAction]],
    *,
    source: str,
    user: str,
    now: datetime,
) -> People:
    """Return the people with those of a list: new ones added, known ones completed.

    ``team`` of an entry is a slug. Beside each stands what the plan says of it: who is in the team
    or invited is noted as such; what the others become is for the outcomes.
    """
    register = Register(people.values())
    for entry, action in entries:
        known = register.find(entry)
        if known is None:
            known = Listed(key=new_key(), added=now, added_by=user, source=source, team=entry.team)
        fields: dict[str, Any] = {
            name: value
            for name in ("name", "email", "note")
            if (value := getattr(entry, name)) and value != getattr(known, name)
        }
        fields |= _account(known, entry.login, entry.github_id)
        if action in HERE and not is_removed_since(known, now):
            fields |= {"team": entry.team, "removed": None}
        if action == "none" and entry.github_id is not None:
            fields["was_active"] = True
        if not known.team and known.removed is None:
            fields["team"] = entry.team
        register.put(known.model_copy(update=fields))
    return register.people


def with_outcomes(people: People, outcomes: Iterable[tuple[Step, Line]]) -> People:
    """Return the people with what came of steps, in the order in which it came."""
    register = Register(people.values())
    for step, line in outcomes:
        known = find_of_step(register, step)
        if known is not None and line.result in ("done", "queued"):
            register.put(known.model_copy(update=_fields(known, step, line)))
    return register.people


def find_of_step(register: Register, step: Step) -> Listed | None:
    """Return whom a step is about."""
    found = register.by_id(step.github_id) or register.by_login(step.login)
    return found or next(iter(register.by_email(step.email)), None)


def is_removed_since(known: Listed, at: datetime) -> bool:
    """Return whether somebody was removed, here or by an offboarding, after ``at``."""
    return known.removed is not None and known.removed > at


def _fields(known: Listed, step: Step, line: Line) -> dict[str, Any]:
    if is_removed_since(known, line.at):
        return {}
    if step.action == "remove":
        return {"removed": known.removed or line.at, "team": ""}
    fields: dict[str, Any] = {"team": step.team, "removed": None}
    fields |= _account(known, step.login, step.github_id)
    if line.is_invitation:
        # whoever has not answered yet has not left either
        fields |= {"invited": line.at, "was_active": False}
    if line.is_active:
        fields["was_active"] = True
    return fields


def _account(known: Listed, login: str, number: int | None) -> dict[str, Any]:
    """Return the fields of an account as it is called now; what it was called stays findable."""
    fields: dict[str, Any] = {}
    if None not in (number, known.github_id) and number != known.github_id:
        return fields  # somebody has put the entry right: it is about another account by now
    if number is not None and known.github_id is None:
        fields["github_id"] = number
    is_as_written = number is None and login.casefold() == known.login.casefold()
    if login and login != known.login and not is_as_written:
        fields["login"] = login
        if known.login and known.login.casefold() != login.casefold():
            fields["former_logins"] = tuple(
                name
                for name in (*known.former_logins, known.login)
                if name.casefold() != login.casefold()
            )
    return fields
