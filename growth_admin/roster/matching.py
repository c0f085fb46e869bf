"""Who is who: entries of the roster, accounts at GitHub, invitations and users of the hub.

The number of the account at GitHub decides where it is known; a login decides only for those whose
number nobody has seen yet. The hub knows names: an account there is somebody's by the number that
its last start told of, by the name that the roster remembers, or by the login.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from growth_admin.roster.book import Listed
from growth_admin.roster.facts import Account, FailedInvitation, HubAccount, Invitation
from growth_admin.roster.models import HubSide
from growth_admin.roster.sides import Sides


class Index:
    """The sides, ready to be asked about one person after the other."""

    def __init__(self, sides: Sides) -> None:
        self.sides = sides
        github = sides.github
        teams = github.teams if github else {}
        self.member_ids: dict[int, list[str]] = defaultdict(list)
        self.member_logins: dict[str, Account] = {}
        self.accounts: dict[int, Account] = {}
        self.invited: dict[str, list[tuple[str, Invitation]]] = defaultdict(list)
        for slug, team in teams.items():
            for account in team.members:
                self.member_ids[account.id].append(slug)
                self.member_logins[account.login.casefold()] = account
                self.accounts[account.id] = account
            for invitation in team.invitations:
                self.invited[target_of(invitation)].append((slug, invitation))
        self.failed: dict[str, FailedInvitation] = {}
        for failure in sorted(github.failed if github else (), key=_failed_at):
            self.failed[target_of(failure)] = failure
        self.waiting = {one.key: one for one in sides.waiting}
        self.known_ids = {p.github_id for p in sides.people if p.github_id is not None}
        self.emails = Counter(p.email.casefold() for p in sides.people if p.email and not p.removed)
        self._owner_of_hub_name = self._claims()
        self._seen_members: set[int] = set()
        self._seen_targets: set[str] = set()
        self._seen_hub: set[str] = set()

    def _claims(self) -> dict[str, str]:
        """Return which entry a hub name belongs to: as remembered, else as the login says."""
        claims = {p.hub_name.lower(): p.key for p in self.sides.people if p.hub_name}
        for person in self.sides.people:
            if person.login and not person.hub_name:
                claims.setdefault(person.login.lower(), person.key)
        return claims

    # -- GitHub's side

    def account_of(self, person: Listed) -> Account | None:
        """Return the person's account as it is called now, if it was seen in a team."""
        if person.github_id is not None:
            return self.accounts.get(person.github_id)
        found = self.member_logins.get(person.login.casefold())
        # an account that another entry has by number is that person's, whatever it is called
        return None if found is None or found.id in self.known_ids else found

    def targets_of(self, person: Listed, account: Account | None) -> tuple[str, ...]:
        """Return how an invitation may name the person."""
        login = account.login if account else person.login
        named = (login.casefold(), person.email.casefold())
        return tuple(dict.fromkeys(name for name in named if name))

    def note_seen(self, account: Account | None, targets: Iterable[str]) -> None:
        """Remember that somebody on the roster is this member, or was sent these invitations."""
        if account:
            self._seen_members.add(account.id)
        self._seen_targets.update(targets)

    # -- the hub's side

    def hub_name_of(self, person: Listed, account: Account | None) -> tuple[str, bool]:
        """Return the person's name at the hub, and whether a number says so."""
        hub = self.sides.hub
        number = person.github_id or (account.id if account else None)
        by_number = self.hub_numbers.get(number) if number is not None else None
        if by_number:
            return by_number, True
        login = person.login or (account.login if account else "")
        name = (person.hub_name or login).lower()
        known = hub.accounts.get(name) if hub else None
        is_others = known is not None and known.github_id not in (None, number) and number
        is_claimed = self._owner_of_hub_name.get(name, person.key) != person.key
        return ("" if is_others or is_claimed else name), False

    @property
    def hub_numbers(self) -> Mapping[int, str]:
        """Hub names by the account number that their last start told of."""
        if not hasattr(self, "_hub_numbers"):
            accounts = self.sides.hub.accounts.values() if self.sides.hub else ()
            self._hub_numbers = {
                known.github_id: known.name for known in accounts if known.github_id is not None
            }
        return self._hub_numbers

    def hub_side(self, name: str, *, is_sure: bool) -> HubSide | None:
        """Return what the hub knows of a user; nothing if it knows none."""
        hub = self.sides.hub
        known = hub.accounts.get(name) if hub and name else None
        if hub is None or known is None:
            return None
        self._seen_hub.add(name)
        return HubSide(
            groups=known.groups,
            servers=known.servers,
            last_activity=known.last_activity,
            tokens=hub.tokens.get(name),
            is_admin=known.is_admin,
            is_by_name=not is_sure,
        )

    # -- whom the roster does not know

    def unseen_members(self) -> list[Account]:
        """Return members of the school's teams who are nobody on the roster."""
        return [one for number, one in self.accounts.items() if number not in self._seen_members]

    def is_new(self, target: str) -> bool:
        """Return whether nobody was found so far whom an invitation names like this."""
        is_new = target not in self._seen_targets
        self._seen_targets.add(target)
        return is_new

    def unseen_users(self) -> list[HubAccount]:
        """Return users of the hub who are nobody known so far."""
        users = self.sides.hub.accounts if self.sides.hub else {}
        return [users[name] for name in sorted(users) if name not in self._seen_hub]


def target_of(invitation: Invitation | FailedInvitation) -> str:
    """Return whom an invitation names: login, or without one the address; in lower case."""
    return (invitation.login or invitation.email).casefold()


def _failed_at(failure: FailedInvitation) -> datetime:
    return failure.failed or failure.created
