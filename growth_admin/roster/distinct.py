"""Entries that turn out to be one person, and members who may be one that nobody knows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from growth_admin.roster.identity import Person
from growth_admin.roster.register import Register
from growth_admin.roster.seen import World


def distinct(people: Sequence[Person]) -> tuple[list[Person], list[str]]:
    """Return each person once, and what is to be told of entries that are one."""
    kept: list[Person] = []
    places: dict[str, int] = {}
    told: list[str] = []
    for person in people:
        at = next((places[name] for name in _sought(person) if name in places), None)
        if at is None:
            at = len(kept)
            kept.append(person)
        else:
            told.append(_same(kept[at], person))
            kept[at] = _merged(kept[at], person)
        for name in _found_by(kept[at]):
            places.setdefault(name, at)
    return kept, told


def _own(person: Person) -> tuple[str, ...]:
    if person.account:
        return (f"id:{person.account.id}",)
    return (f"login:{person.login.casefold()}",) if person.login else ()


def _sought(person: Person) -> tuple[str, ...]:
    """Return what an earlier entry has to be found by to be the same person.

    Account or login; an address only if one of the two entries has nothing else, because one
    person may have two accounts.
    """
    addresses = [email.casefold() for email in person.emails]
    if person.problem and not person.login:
        return (f"row:{person.entry.row}:{person.entry.name}",)
    kind = "only" if _own(person) else "any"
    found = [] if person.problem else [f"{kind}:{address}" for address in addresses]
    return (*_own(person), *found)


def _found_by(person: Person) -> tuple[str, ...]:
    if person.problem:
        return _own(person)
    addresses = [email.casefold() for email in person.emails]
    names = [f"any:{address}" for address in addresses]
    if not _own(person):
        names += [f"only:{address}" for address in addresses]
    return (*_own(person), *names)


def _same(first: Person, second: Person) -> str:
    who = first.login or first.entry.email
    rows = [str(row) for row in (first.entry.row, second.entry.row) if row]
    where = f"rows {' and '.join(rows)}" if len(rows) == 2 else "two entries"
    other = f"; {first.slug} counts, not {second.slug}" if first.slug != second.slug else ""
    return f"{where[0].upper()}{where[1:]} are one account, {who}{other}."


def _merged(first: Person, second: Person) -> Person:
    """Return both as one: who has an account counts, and what either says of the name."""
    base, other = (first, second) if _own(first) or not _own(second) else (second, first)
    fields = {
        "row": first.entry.row,
        "name": first.entry.name or second.entry.name,
        "email": base.entry.email or other.entry.email,
    }
    entry = base.entry.model_copy(update=fields)
    return replace(base, entry=entry, slug=first.slug, listed=base.listed or other.listed)


def newcomers_of(world: World, register: Register, people: Sequence[Person]) -> frozenset[int]:
    """Return members whom nobody knows, while an invitation by e-mail was perhaps accepted."""
    open_mails = [
        person
        for person in people
        if not person.problem
        and not person.login
        and person.listed
        and person.listed.invited
        and not world.team.invitation_for((), person.emails)
    ]
    if not open_mails:
        return frozenset()
    known = {person.account.id for person in people if person.account}
    return frozenset(
        number
        for number in world.team.by_id
        if number not in known and register.by_id(number) is None
    )
