"""Rows that are the same person: one stays, or both are a problem because they disagree.

Who answers a form twice is taken at their last word. In other lists two rows that disagree are
both left out, each naming the other, because nobody but the admin knows which is right. Rows that
have a problem of their own are left alone until it is put right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from growth_admin.roster.lists.cells import folded
from growth_admin.roster.lists.moments import is_later
from growth_admin.roster.lists.people import Person, RowReader
from growth_admin.roster.models import CellProblem, FieldName

_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_COMPARED: Final[tuple[FieldName, ...]] = ("login", "email", "github_id", "team")
Key = tuple[str, str]


def merge(people: list[Person], reader: RowReader, *, is_form: bool) -> list[Person]:
    """Return the people with each of them once, in the order of the list.

    Readings and problems are added to those who stay.
    """
    merging = _Merging(reader, is_form=is_form)
    for person in people:
        merging.add(person)
    return sorted(merging.kept.values(), key=lambda one: one.row)


@dataclass
class _Merging:
    """The people so far, by row, and the first row that stays of each account, address and name.

    Everybody is compared with these only: a list of one name 5,000 times ends too.
    """

    reader: RowReader
    is_form: bool
    kept: dict[int, Person] = field(default_factory=dict)
    rows: dict[Key, int] = field(default_factory=dict)
    disputed: set[int] = field(default_factory=set)

    def add(self, person: Person) -> None:
        """Keep a person, put it together with an earlier row, or mark both."""
        for other in self._seen(_account_keys(person)):
            if self.is_form and is_same_name(other.name, person.name):
                person = self._supersede(other, person)
            elif self._is_unclear(other) or self._is_unclear(person):
                continue
            elif which := _disagreement(other, person):
                self._dispute(other, person, which)
            else:
                person = self._collapse(other, person)
        for other in self._seen(_name_keys(person)):
            if other is not person and not _account_keys(other) & _account_keys(person):
                self._compare_namesakes(other, person)
        self._keep(person)

    def _seen(self, keys: set[Key]) -> list[Person]:
        rows = {self.rows[key] for key in keys if key in self.rows}
        return [self.kept[row] for row in sorted(rows) if row in self.kept]

    def _is_unclear(self, person: Person) -> bool:
        """Return whether a row has a problem that is not one of duplicates."""
        return bool(person.problems) and person.row not in self.disputed

    def _supersede(self, earlier: Person, later: Person) -> Person:
        """Return the later answer; what it leaves blank is taken from the earlier one."""
        if not is_later(earlier.moment, later.moment):
            earlier, later = later, earlier
        self.kept.pop(earlier.row, None)
        _fill(later, earlier)
        how = f"Answered again in row {later.row}: the later answer counts."
        later.readings += [one for one in earlier.readings if one.row != earlier.row]
        later.readings.append(self._left_out(earlier, later, how))
        return later

    def _collapse(self, first: Person, again: Person) -> Person:
        self.kept.pop(again.row, None)
        _fill(first, again)
        first.readings += again.readings
        first.readings.append(
            self._left_out(again, first, f"The same person as in row {first.row}: taken once.")
        )
        return first

    def _dispute(self, a: Person, b: Person, which: FieldName) -> None:
        """Mark both rows; a cell that has a problem with one row needs none with a second."""
        for one, other in ((a, b), (b, a)):
            mine, theirs = _value(one, which), _value(other, which)
            message = f"Row {other.row} is the same person, with {theirs} instead of {mine}."
            if which == "name":
                message = f"Row {other.row} has the same account or address, and the name {theirs}."
            problem = self.reader.remark(one.row, which, mine, message)
            if all(known.column != problem.column for known in one.problems):
                one.problems.append(problem)
            self.disputed.add(one.row)

    def _compare_namesakes(self, a: Person, b: Person) -> None:
        """Tell two people of the same name from one person with two logins."""
        are_known_as_two = a.is_confirmed or b.is_confirmed or bool(a.github_id and b.github_id)
        if not (a.login and b.login) or self._is_unclear(a) or self._is_unclear(b):
            return
        if (a.email and b.email) or are_known_as_two:
            how = f"The same name as in row {a.row}, with another account: taken as two people."
            b.readings.append(self.reader.remark(b.row, "name", b.name, how))
        else:
            self._dispute(a, b, "login")

    def _left_out(self, person: Person, kept: Person, how: str) -> CellProblem:
        which: FieldName = "login" if person.login else "email"
        return self.reader.remark(
            person.row, which, _value(person, which), how, kept.login or kept.email
        )

    def _keep(self, person: Person) -> None:
        self.kept[person.row] = person
        for key in _account_keys(person) | _name_keys(person):
            if self.rows.get(key) not in self.kept:
                self.rows[key] = person.row


def is_same_name(a: str, b: str) -> bool:
    """Return whether two names may be of one person: one is missing, or they share a word."""
    one, other = _words(a), _words(b)
    return not one or not other or bool(one & other)


def _disagreement(a: Person, b: Person) -> FieldName | None:
    """Return the first field in which two rows of one account contradict each other."""
    for which in _COMPARED:
        one, other = _value(a, which).casefold(), _value(b, which).casefold()
        if one and other and one != other:
            return which
    return None if is_same_name(a.name, b.name) else "name"


def _value(person: Person, which: FieldName) -> str:
    value = getattr(person, which)
    return "" if value is None else str(value)


def _fill(person: Person, other: Person) -> None:
    """Take what a person's row leaves blank from the other row."""
    for which in ("name", *_COMPARED, "note"):
        if not getattr(person, which):
            setattr(person, which, getattr(other, which))


def _account_keys(person: Person) -> set[Key]:
    keys = {("login", person.login.casefold()), ("email", person.email.casefold())}
    keys.add(("github_id", str(person.github_id or "")))
    return {key for key in keys if key[1]}


def _name_keys(person: Person) -> set[Key]:
    """Return the name in a form that forgets order, accents and case; one word is no name."""
    words = _words(person.name)
    return {("name", " ".join(sorted(words)))} if len(words) > 1 else set()


def _words(name: str) -> set[str]:
    letters = folded(name.casefold().translate(_UMLAUTS))
    return {word for word in re.split(r"[\W\d_]+", letters) if len(word) > 1}
