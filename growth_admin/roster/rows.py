"""The people's table out of what was read: the roster's people, then whom it does not know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from growth_admin.roster.book import Listed
from growth_admin.roster.facts import Account, FailedInvitation, Invitation
from growth_admin.roster.flags import flags_of
from growth_admin.roster.matching import Index, target_of
from growth_admin.roster.models import Names, PersonRow
from growth_admin.roster.names import names_of
from growth_admin.roster.sides import Sides
from growth_admin.roster.standing import (
    Stand,
    in_words,
    stand_of,
    stand_of_failure,
    stand_of_invitation,
)


def rows_of(sides: Sides) -> tuple[PersonRow, ...]:
    """Return one row per person: the roster's, then those whom only GitHub or the hub knows."""
    index = Index(sides)
    listed = [_listed_row(person, index) for person in sides.people]
    return (*listed, *_members(index), *_invitations(index), *_failures(index), *_users(index))


def _listed_row(person: Listed, index: Index) -> PersonRow:
    account = index.account_of(person)
    targets = index.targets_of(person, account)
    stand = stand_of(person, account, targets, index)
    index.note_seen(account, targets)
    return row_of(person, stand, account, index)


def row_of(person: Listed, stand: Stand, account: Account | None, index: Index) -> PersonRow:
    """Return the row of somebody who stands like this."""
    github = index.sides.github
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
        names=names_of(login, hub_name, index.sides.reserved) if hub_name else Names(login=login),
        hub=hub,
        is_owner=bool(github and number in github.owners),
        is_self=bool(github and number is not None and number == github.own_id),
    )
    return row.model_copy(update={"flags": flags_of(row, person, account, index)})


# -- whom the roster does not know


def _members(index: Index) -> Iterator[PersonRow]:
    for account in index.unseen_members():
        teams = index.member_ids[account.id]
        person = Listed(
            key=f"github:{account.id}",
            login=account.login,
            github_id=account.id,
            team=teams[0],
            added=index.sides.now,
        )
        index.note_seen(account, [account.login.casefold()])
        stand = Stand("unlisted", f"in {in_words(teams)}, not on the roster", team=teams[0])
        yield row_of(person, stand, account, index)


def _invitations(index: Index) -> Iterator[PersonRow]:
    for pairs in list(index.invited.values()):
        slug, invitation = pairs[0]
        if not index.is_new(target_of(invitation)):
            continue
        person = _invitee(invitation, slug)
        stand = stand_of_invitation(invitation, slug, index.sides.now)
        said = f"{stand.detail}, not on the roster"
        yield row_of(person, replace(stand, detail=said), None, index)


def _failures(index: Index) -> Iterator[PersonRow]:
    for target, failure in index.failed.items():
        if target in index.member_logins or not index.is_new(target):
            continue
        stand = stand_of_failure(failure)
        said = f"{stand.detail}; not on the roster"
        yield row_of(_invitee(failure, ""), replace(stand, detail=said), None, index)


def _invitee(invitation: Invitation | FailedInvitation, slug: str) -> Listed:
    return Listed(
        key=f"invitation:{invitation.id}",
        login=invitation.login,
        email=invitation.email,
        team=slug,
        added=invitation.created,
    )


def _users(index: Index) -> Iterator[PersonRow]:
    """Yield users of the hub that belong to nobody."""
    said = "has an account at the hub; not on the roster"
    if index.sides.github is not None:
        said = "has an account at the hub; in no team and not on the roster"
    for known in index.unseen_users():
        person = Listed(
            key=f"hub:{known.name}",
            hub_name=known.name,
            github_id=known.github_id,
            added=index.sides.now,
        )
        yield row_of(person, Stand("unlisted", said), None, index)
