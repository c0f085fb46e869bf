"""Whom an entry of a list means: the account number decides, logins come and go.

Pure, and made to be asked twice: first what has to be read for an entry (``unread``), then, with
the answers, who it is (``identify``).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from growth_admin.roster.book import Listed
from growth_admin.roster.facts import Account
from growth_admin.roster.models import Entry
from growth_admin.roster.register import Register
from growth_admin.roster.seen import World

TAKEN_OVER = "this login now belongs to somebody else"


@dataclass(frozen=True)
class Person:
    """An entry, and what is known of who it means. ``problem``: why it cannot be told."""

    entry: Entry
    slug: str
    listed: Listed | None = None
    account: Account | None = None
    problem: str = ""
    notes: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    other: Listed | None = field(default=None)
    """Somebody with the same address and another account."""

    @property
    def number(self) -> int | None:
        """The account number, if it is known."""
        if self.account:
            return self.account.id
        return self.entry.github_id or (self.listed.github_id if self.listed else None)

    @property
    def login(self) -> str:
        """The login as GitHub spells it, else as written."""
        if self.account:
            return self.account.login
        written, known = self.entry.login, self.listed.login if self.listed else ""
        return known if written.casefold() in ("", known.casefold()) else written

    @property
    def logins(self) -> tuple[str, ...]:
        """The logins that an invitation may name."""
        return (self.login,) if self.login else ()

    @property
    def emails(self) -> tuple[str, ...]:
        """The addresses that an invitation may name, the list's first."""
        known = self.listed.email if self.listed else ""
        return tuple(dict.fromkeys(e for e in (self.entry.email, known) if e))


def unread(entry: Entry, world: World, register: Register) -> str | int | None:
    """Return the login or the account number that has to be asked for next, if there is one."""
    listed = register.find(entry)
    number = entry.github_id or (listed.github_id if listed else None)
    if entry.github_id is not None or not entry.login:
        if number is not None:
            is_known = world.has_number(number) or _is_invited(entry.login, entry, listed, world)
            return None if is_known else number
        login = listed.login if listed else ""
        return login if login and not _is_seen(login, entry, listed, world) else None
    if not _is_seen(entry.login, entry, listed, world):
        return entry.login
    account = world.account_of(entry.login)
    if account is None and entry.login.casefold() not in world.accounts:
        return None  # invited under this login
    if account is None and number is None:
        number = _number_by_address(entry, register)
    is_settled = number is None or (account is not None and account.id == number)
    return None if is_settled or number is None or world.has_number(number) else number


def _is_seen(login: str, entry: Entry, listed: Listed | None, world: World) -> bool:
    """Return whether nothing has to be asked about a login: known, or invited already."""
    return world.has_login(login) or _is_invited(login, entry, listed, world)


def _is_invited(login: str, entry: Entry, listed: Listed | None, world: World) -> bool:
    look = world.teams.get(world.slug_of(entry.team))
    emails = [entry.email, listed.email if listed else ""]
    return look is not None and (
        look.invitation_for(filter(None, [login]), filter(None, emails)) is not None
    )


def _number_by_address(entry: Entry, register: Register) -> int | None:
    numbers = (one.github_id for one in register.by_email(entry.email))
    return next((number for number in numbers if number is not None), None)


def identify(entry: Entry, world: World, register: Register) -> Person:
    """Return who an entry means, once all of ``unread`` was asked."""
    person = Person(entry, world.slug_of(entry.team), register.find(entry))
    if entry.team and not person.slug:
        return replace(person, problem=world.missing_teams.get(entry.team.casefold(), "no team"))
    if not (entry.login or entry.email or entry.github_id):
        return replace(person, problem="neither a GitHub login nor an e-mail address is given")
    if entry.github_id is not None:
        person = _by_number(person, entry.github_id, world)
    elif entry.login:
        person = _by_login(person, world, register)
    else:
        person = _by_address(person, world)
    return _as_user(person)


def _by_number(person: Person, number: int, world: World) -> Person:
    account = world.account_by_id(number)
    if account is None and number not in world.numbers:
        return person  # invited: nothing was asked
    if account is None:
        return replace(person, problem=f"GitHub has no account with the number {number}")
    return _named(replace(person, account=account))


def _by_login(person: Person, world: World, register: Register) -> Person:
    login, listed = person.entry.login, person.listed
    account = world.account_of(login)
    number = listed.github_id if listed else None
    if account is None:
        return _without_account(person, number, world, register)
    if number is not None and account.id != number:
        now = world.account_by_id(number)
        return replace(
            person,
            problem=TAKEN_OVER,
            suggestions=(now.login,) if now else (),
        )
    others = (one for one in register.by_email(person.entry.email) if one != listed)
    other = next((one for one in others if one.github_id not in (None, account.id)), None)
    found = listed or register.by_id(account.id)
    return replace(person, account=account, listed=found, other=other)


def _without_account(
    person: Person, number: int | None, world: World, register: Register
) -> Person:
    """Return somebody whose login GitHub does not know now: renamed, invited, or unknown."""
    login = person.entry.login
    if number is None:
        number = _number_by_address(person.entry, register)
    account = world.account_by_id(number) if number is not None else None
    if account is not None:
        listed = person.listed or register.by_id(account.id)
        return _named(replace(person, account=account, listed=listed))
    if login.casefold() not in world.accounts:  # not asked: an open invitation names it
        return person
    suggestions = world.suggestions.get(login.casefold(), ())
    return replace(person, problem=f"GitHub knows no user {login}", suggestions=suggestions)


def _by_address(person: Person, world: World) -> Person:
    listed = person.listed
    if listed is None or (listed.github_id is None and not listed.login):
        return person
    if listed.github_id is not None:
        account = world.account_by_id(listed.github_id)
    else:
        account = world.account_of(listed.login)
    is_gone = (
        world.numbers.get(listed.github_id, account) is None
        if listed.github_id is not None
        else not world.accounts.get(listed.login.casefold(), True)
    )
    if account is None and is_gone:
        note = f"the account {listed.login} of the roster is gone"
        return replace(person, listed=None, notes=(note,))
    return replace(person, account=account)


def _named(person: Person) -> Person:
    """Return somebody with a note if the account is called otherwise than the list says."""
    account, written = person.account, person.entry.login
    if account and written and account.login.casefold() != written.casefold():
        note = f"the account {written} is called {account.login} now"
        return replace(person, notes=(*person.notes, note))
    return person


def _as_user(person: Person) -> Person:
    account = person.account
    if account is None or account.type == "User":
        return person
    kind = "an organization" if account.type == "Organization" else "a bot"
    problem = f"the login {account.login} belongs to {kind}, not to a person"
    return replace(person, account=None, problem=problem)
