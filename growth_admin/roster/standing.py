"""How everybody stands: roster, GitHub and hub side by side. Nothing here asks or changes anything.

The number of the account at GitHub decides where it is known; a login decides only for those whose
number nobody has seen yet. The hub knows names: an account there is somebody's by the number that
its last start told of, by the name that the roster remembers, or by the login, and the row says
which.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from growth_admin.roster.book import Listed
from growth_admin.roster.facts import Account, FailedInvitation, HubAccount, Invitation
from growth_admin.roster.flags import flags_of
from growth_admin.roster.models import HubSide, PersonRow, State
from growth_admin.roster.names import names_of

INVITATION_DAYS: Final = 7
"""GitHub: an invitation that is not accepted within seven days expires."""


@dataclass(frozen=True)
class TeamFacts:
    """A team of the school as GitHub shows it."""

    members: tuple[Account, ...] = ()
    invitations: tuple[Invitation, ...] = ()


@dataclass(frozen=True)
class GitHubFacts:
    """What GitHub said; ``accounts`` are logins (lower case) that were looked up one by one.

    ``teams`` are by slug."""

    as_of: datetime
    teams: Mapping[str, TeamFacts]
    failed: tuple[FailedInvitation, ...] = ()
    owners: frozenset[int] = frozenset()
    own_id: int | None = None
    blocked: frozenset[int] = frozenset()
    accounts: Mapping[str, Account | None] = field(default_factory=dict)
    slugs: Mapping[str, str] = field(default_factory=dict)
    """Names of teams as configured -> their slugs."""


@dataclass(frozen=True)
class HubFacts:
    """What the hub said; ``tokens`` of those who were asked about."""

    accounts: Mapping[str, HubAccount]
    tokens: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Waiting:
    """Somebody whose invitation waits for another day."""

    key: str
    team: str
    since: datetime | None = None


@dataclass(frozen=True)
class World:
    """All that the people's table is made of. ``hub`` is absent without a hub."""

    people: tuple[Listed, ...]
    now: datetime
    github: GitHubFacts | None = None
    hub: HubFacts | None = None
    waiting: tuple[Waiting, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    """Slug of a team of the school -> the hub group that stands for it."""
    reserved: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Stand:
    """The state of one person, and where it was seen."""

    state: State
    detail: str = ""
    since: datetime | None = None
    days_left: float | None = None
    team: str = ""
    account: Account | None = None


def rows_of(world: World) -> tuple[PersonRow, ...]:
    """Return one row per person: the roster's, then those whom only GitHub or the hub knows."""
    index = Index(world)
    rows = [_listed_row(person, index) for person in world.people]
    rows += index.rest()
    return tuple(rows)


class Index:
    """The world, ready to be asked about one person after the other."""

    def __init__(self, world: World) -> None:
        self.world = world
        github = world.github
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
        self.waiting = {one.key: one for one in world.waiting}
        self.known_ids = {p.github_id for p in world.people if p.github_id is not None}
        self.emails = Counter(p.email.casefold() for p in world.people if p.email and not p.removed)
        self._owner_of_hub_name = self._claims()
        self._seen_members: set[int] = set()
        self._seen_targets: set[str] = set()
        self._seen_hub: set[str] = set()

    def _claims(self) -> dict[str, str]:
        """Return which entry a hub name belongs to: as remembered, else as the login says."""
        claims = {p.hub_name.lower(): p.key for p in self.world.people if p.hub_name}
        for person in self.world.people:
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
        hub = self.world.hub
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
            accounts = self.world.hub.accounts.values() if self.world.hub else ()
            self._hub_numbers = {
                known.github_id: known.name for known in accounts if known.github_id is not None
            }
        return self._hub_numbers

    def hub_side(self, name: str, *, is_sure: bool) -> HubSide | None:
        """Return what the hub knows of a user; nothing if it knows none."""
        hub = self.world.hub
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

    def rest(self) -> Iterator[PersonRow]:
        """Yield members, invitations and hub users that belong to nobody on the roster."""
        github = self.world.github
        for number, account in self.accounts.items():
            if number not in self._seen_members:
                yield self._unlisted_member(account)
        for slug, team in github.teams.items() if github else ():
            for invitation in team.invitations:
                if self._is_new(target_of(invitation)):
                    yield _unlisted_invitation(self, slug, invitation)
        for target, failure in self.failed.items():
            if target not in self.member_logins and self._is_new(target):
                yield _unlisted_failure(self, failure)
        for name, known in sorted(self.world.hub.accounts.items()) if self.world.hub else ():
            if name not in self._seen_hub:
                yield self._hub_only(known)

    def _is_new(self, target: str) -> bool:
        is_new = target not in self._seen_targets
        self._seen_targets.add(target)
        return is_new

    def _unlisted_member(self, account: Account) -> PersonRow:
        teams = self.member_ids[account.id]
        person = Listed(
            key=f"github:{account.id}",
            login=account.login,
            github_id=account.id,
            team=teams[0],
            added=self.world.now,
        )
        self._seen_targets.add(account.login.casefold())
        stand = Stand("unlisted", f"in {_in_words(teams)}, not on the roster", team=teams[0])
        return row_of(person, stand, account, self)

    def _hub_only(self, known: HubAccount) -> PersonRow:
        person = Listed(
            key=f"hub:{known.name}", login="", hub_name=known.name, added=self.world.now
        )
        said = "has an account at the hub; in no team and not on the roster"
        if self.world.github is None:
            said = "has an account at the hub; not on the roster"
        return row_of(person, Stand("unlisted", said), None, self)


def target_of(invitation: Invitation | FailedInvitation) -> str:
    """Return whom an invitation names: login, or without one the address; in lower case."""
    return (invitation.login or invitation.email).casefold()


def _failed_at(failure: FailedInvitation) -> datetime:
    return failure.failed or failure.created


def _listed_row(person: Listed, index: Index) -> PersonRow:
    account = index.account_of(person)
    targets = index.targets_of(person, account)
    stand = _stand_of(person, account, targets, index)
    index.note_seen(account, targets)
    return row_of(person, stand, account, index)


def row_of(person: Listed, stand: Stand, account: Account | None, index: Index) -> PersonRow:
    """Return the row of somebody who stands like this."""
    github = index.world.github
    hub_name, is_sure = index.hub_name_of(person, account)
    number = account.id if account else person.github_id
    login = account.login if account else person.login
    hub = index.hub_side(hub_name, is_sure=is_sure)
    row = PersonRow(
        key=person.key,
        name=person.name,
        email=person.email,
        login=login,
        github_id=number,
        team=stand.team or person.team,
        note=person.note,
        state=stand.state,
        detail=stand.detail,
        since=stand.since,
        days_left=stand.days_left,
        names=names_of(login, hub_name=hub_name, reserved=index.world.reserved),
        hub=hub,
        is_owner=bool(github and number in github.owners),
        is_self=bool(github and number is not None and number == github.own_id),
    )
    return row.model_copy(update={"flags": flags_of(row, person, account, index)})


# -- states


def _stand_of(
    person: Listed, account: Account | None, targets: tuple[str, ...], index: Index
) -> Stand:
    """Return how somebody on the roster stands; what GitHub shows goes before what we remember."""
    if index.world.github is None:
        said = "GitHub was not asked"
        if person.removed:
            return Stand("removed", f"removed {person.removed:%Y-%m-%d}; {said}", person.removed)
        return Stand("active" if person.was_active else "absent", f"{said}: as last seen")
    stand = _seen_now(person, account, targets, index)
    if person.removed:
        return _removed(person, stand)
    return stand or _not_seen(person, targets, index)


def _seen_now(
    person: Listed, account: Account | None, targets: tuple[str, ...], index: Index
) -> Stand | None:
    """Return the stand of a member or of somebody who is invited; nothing for anybody else."""
    teams = index.member_ids.get(account.id, []) if account else []
    if teams:
        team = person.team if person.team in teams else teams[0]
        said = "" if team == person.team else f"in {_in_words(teams)}, not in {person.team}"
        return Stand("active", said, team=team, account=account)
    found = [pair for target in targets for pair in index.invited.get(target, ())]
    if not found:
        return None
    slug, invitation = next((pair for pair in found if pair[0] == person.team), found[0])
    return _invited(invitation, slug, index.world.now)


def _invited(invitation: Invitation, slug: str, now: datetime) -> Stand:
    left = invitation.created + timedelta(days=INVITATION_DAYS) - now
    days = max(left.total_seconds() / 86_400, 0.0)
    how = "by e-mail" if invitation.email and not invitation.login else "by login"
    return Stand("invited", f"invited {how}", invitation.created, round(days, 2), slug)


def _removed(person: Listed, stand: Stand | None) -> Stand:
    assert person.removed is not None  # the caller has looked
    on = f"removed {person.removed:%Y-%m-%d}"
    if stand is None:
        return Stand("removed", on, person.removed)
    if stand.state == "invited":
        said = f"{on}, but an invitation is open"
        return Stand("invited", said, stand.since, stand.days_left, stand.team)
    return Stand("unlisted", f"{on}, but in {stand.team} again", person.removed, team=stand.team)


def _not_seen(person: Listed, targets: tuple[str, ...], index: Index) -> Stand:
    """Return how somebody stands who is neither a member nor invited."""
    github = index.world.github
    assert github is not None  # the caller has looked
    if person.github_id is not None and person.github_id in github.blocked:
        return Stand("blocked", "the organization blocks this account")
    waiting = index.waiting.get(person.key)
    if waiting:
        return Stand("queued", "the invitation waits for the next free place", waiting.since)
    account = github.accounts.get(person.login.casefold()) if person.login else None
    if person.login and person.login.casefold() in github.accounts and person.github_id is None:
        if account is None:
            return Stand("unknown", "GitHub knows no such user")
        if account.type != "User":
            return Stand("unknown", f"this is {_kind(account)}, not a person")
    failure = next((index.failed[target] for target in targets if target in index.failed), None)
    if failure:
        return _failed(failure)
    if person.was_active:
        return Stand("left", "was in the team, and left without us")
    if person.email and not person.login:
        said = "no invitation is open; if it was accepted, one of the unlisted is this person"
        return Stand("absent", said)
    return Stand("absent", "not invited yet")


def _failed(failure: FailedInvitation) -> Stand:
    since = failure.failed or failure.created
    if failure.is_expired:
        return Stand("expired", "not accepted within seven days", since)
    return Stand("failed", failure.reason or "GitHub does not say why", since)


def _kind(account: Account) -> str:
    return "an organization" if account.type == "Organization" else "a bot"


def _unlisted_invitation(index: Index, slug: str, invitation: Invitation) -> PersonRow:
    person = Listed(
        key=f"invitation:{invitation.id}",
        login=invitation.login,
        email=invitation.email,
        team=slug,
        added=invitation.created,
    )
    stand = _invited(invitation, slug, index.world.now)
    said = Stand("invited", f"{stand.detail}, not on the roster", stand.since, stand.days_left)
    return row_of(person, said, None, index)


def _unlisted_failure(index: Index, failure: FailedInvitation) -> PersonRow:
    person = Listed(
        key=f"invitation:{failure.id}",
        login=failure.login,
        email=failure.email,
        added=failure.created,
    )
    stand = _failed(failure)
    said = Stand(stand.state, f"{stand.detail}; not on the roster", stand.since)
    return row_of(person, said, None, index)


def _in_words(teams: Iterable[str]) -> str:
    return " and ".join(teams)
