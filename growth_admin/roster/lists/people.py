"""One row: its cells read together, so that what stands in the wrong column finds its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from growth_admin.roster.lists.addresses import read_email
from growth_admin.roster.lists.cells import Meaning, plain, prose, says_nothing
from growth_admin.roster.lists.logins import is_login, read_login
from growth_admin.roster.lists.teams import read_team
from growth_admin.roster.models import CellProblem, Entry, FieldName

NAME_LENGTH: Final = 200
NOTE_LENGTH: Final = 1000
VALUE_LENGTH: Final = 200
"""Characters of a cell that are shown beside what is wrong with it."""
GITHUB_IDS: Final = 2**53

Cells = Mapping[FieldName, str]


@dataclass
class Person:
    """One row as understood so far; rows that are the same person are still apart."""

    row: int
    name: str = ""
    email: str = ""
    login: str = ""
    github_id: int | None = None
    team: str = ""
    note: str = ""
    moment: str = ""
    is_confirmed: bool = False
    problems: list[CellProblem] = field(default_factory=list)
    readings: list[CellProblem] = field(default_factory=list)

    @property
    def has_key(self) -> bool:
        """Whether there is anything to invite by."""
        return bool(self.login or self.email or self.github_id)

    def as_entry(self) -> Entry:
        """Return the person as the preview shows it."""
        return Entry(
            row=self.row,
            name=self.name,
            email=self.email,
            login=self.login,
            github_id=self.github_id,
            team=self.team,
            note=self.note,
        )


class RowReader:
    """Reads rows of one list. ``titles``: what columns are called, by field."""

    def __init__(
        self, titles: Mapping[FieldName, str], teams: Sequence[str], fields: set[FieldName]
    ):
        self._titles = titles
        self._teams = teams
        self._fields = fields

    def read(self, row: int, cells: Cells, corrected: frozenset[FieldName]) -> Person:
        """Return what a row says. ``corrected`` fields were typed by an admin."""
        person = Person(row, is_confirmed=bool(corrected))
        self._read_text(person, cells)
        self._read_team(person, cells.get("team", ""))
        login = read_login(cells.get("login", ""), is_confirmed="login" in corrected)
        email = self._email(cells, login, is_confirmed="email" in corrected)
        self._tell(person, "login", cells, login)
        self._tell(person, "email", cells, email)
        person.login = login.login or email.login
        person.email = email.email
        person.name = person.name or email.name or login.name
        person.github_id = login.github_id or email.github_id
        if login.email:
            self._take_email(person, cells, login.email)
        self._read_id(person, cells)
        if not person.has_key and not person.problems:
            self._nothing(person, cells)
        return person

    def _email(self, cells: Cells, login: Meaning, *, is_confirmed: bool) -> Meaning:
        """Return what the e-mail cell means; it may hold the login when no other cell does."""
        raw = cells.get("email", "")
        email = read_email(raw, is_confirmed=is_confirmed)
        if not email.problem or "@" in raw.strip().lstrip("@"):
            return email
        other = read_login(raw)
        text = plain(raw)
        is_explicit = text.startswith("@") or not is_login(text)
        if not other.login or (not is_explicit and "login" not in self._fields):
            return email
        if login.login and login.login.casefold() != other.login.casefold():
            return replace(
                email, problem="This is no e-mail address, and not the login of the row."
            )
        return Meaning(login=other.login, reading="Read as a login; it is no e-mail address.")

    def _take_email(self, person: Person, cells: Cells, email: str) -> None:
        """Put an address that stands in the login column where it belongs."""
        raw = cells.get("login", "")
        if not person.email:
            person.email = email
            how = "An e-mail address, no login: read as the e-mail address."
        elif person.email.casefold() == email.casefold():
            how = "The e-mail address again, no login."
        else:
            how = f"An e-mail address, no login. {person.email} is kept as the e-mail address."
        person.readings = [one for one in person.readings if one.column != self._titles["login"]]
        person.readings.append(self.remark(person.row, "login", raw, how, person.email))

    def _read_text(self, person: Person, cells: Cells) -> None:
        name = prose(cells.get("name", "")).replace("\n", " ")
        if not name or _is_blank(name):
            parts = (prose(cells.get(part, "")) for part in ("given_name", "family_name"))
            name = " ".join(
                part.replace("\n", " ") for part in parts if part and not _is_blank(part)
            )
        note = prose(cells.get("note", ""))
        for title, text, longest in (("name", name, NAME_LENGTH), ("note", note, NOTE_LENGTH)):
            if len(text) > longest:
                how = f"Cut off after {longest:,} characters."
                which: FieldName = "name" if title == "name" else "note"
                person.readings.append(self.remark(person.row, which, text, how))
        person.name, person.note = name[:NAME_LENGTH].strip(), note[:NOTE_LENGTH].strip()

    def _read_team(self, person: Person, raw: str) -> None:
        team = read_team(raw, self._teams)
        person.team = team.name
        self._tell(person, "team", {"team": raw}, team)

    def _read_id(self, person: Person, cells: Cells) -> None:
        raw = cells.get("github_id", "")
        text = plain(raw)
        if not text or says_nothing(text):
            return
        digits = text.removesuffix(".0").replace(",", "").lstrip("#").removeprefix("id:").strip()
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 17 else 0
        if not 0 < number < GITHUB_IDS:
            message = "This is no account number: those are digits only."
            person.problems.append(self.remark(person.row, "github_id", raw, message))
        elif person.github_id not in (None, number):
            message = f"Another cell of the row says account number {person.github_id}."
            person.problems.append(self.remark(person.row, "github_id", raw, message))
        else:
            person.github_id = number
            if digits != raw.strip():
                how = "Read as an account number."
                person.readings.append(self.remark(person.row, "github_id", raw, how, digits))

    def _nothing(self, person: Person, cells: Cells) -> None:
        where: FieldName = "login" if "login" in self._fields else "email"
        if not self._fields & {"login", "email", "github_id"}:
            message = "No column is known to hold logins or e-mail addresses: choose the columns."
        else:
            message = "Neither a login, an e-mail address nor an account number."
        value = cells.get(where, "") or person.name
        person.problems.append(self.remark(person.row, where, value, message))

    def _tell(self, person: Person, which: FieldName, cells: Cells, meaning: Meaning) -> None:
        raw = cells.get(which, "")
        if meaning.problem:
            remark = self.remark(person.row, which, raw, meaning.problem, meaning.suggestion)
            person.problems.append(remark)
        elif meaning.reading:
            value = meaning.login or meaning.email or meaning.name
            value = value or ("" if meaning.github_id is None else str(meaning.github_id))
            person.readings.append(self.remark(person.row, which, raw, meaning.reading, value))

    def remark(
        self, row: int, which: FieldName, value: str, message: str, suggestion: str = ""
    ) -> CellProblem:
        """Return a line about one cell."""
        return CellProblem(
            row=row,
            column=self._titles[which],
            value=value[:VALUE_LENGTH],
            message=message,
            suggestion=suggestion,
        )


def _is_blank(name: str) -> bool:
    """Return whether a name says that there is none; words that are names too do not."""
    return name.lower() in (
        "-",
        "--",
        "–",
        "—",
        ".",
        "?",
        "n/a",
        "n.a.",
        "#n/a",
        "null",
        "none",
        "nan",
    )
