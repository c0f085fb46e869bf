"""How people get into an organization: invited, accepting or not.

After GitHub's pages on organization members and team members, and what others saw it do (named at
each rule). `inviter` is an account number. Nothing here writes the file: the caller does.
"""

from typing import TYPE_CHECKING

from growth_admin.deploy.standins.github.clock import DAY_S
from growth_admin.deploy.standins.github.invitations import (
    ACCEPTED,
    LIFE_S,
    Invitation,
    Mail,
)
from growth_admin.deploy.standins.github.leaving import cancel_all, must_keep_an_owner
from growth_admin.deploy.standins.github.organizations import Membership, Organization, Team
from growth_admin.deploy.standins.github.people import Person
from growth_admin.deploy.standins.github.refusals import (
    ADDRESS_OF_MEMBER,
    ALREADY_MEMBER,
    EXPIRED,
    OVER_LIMIT,
    Refused,
    blocked,
    invalid,
    no_seat,
    not_found,
)
from growth_admin.deploy.standins.github.standing import (
    pending,
    pending_account,
    pending_address,
    pending_for,
)

if TYPE_CHECKING:
    from growth_admin.deploy.standins.github.world import World


# ---- inviting


def invite(
    world: "World",
    organization: Organization,
    inviter: int,
    *,
    person: Person | None = None,
    email: str = "",
    role: str = "direct_member",
    teams: dict[int, str] | None = None,
) -> Invitation:
    """A new invitation, with its mail. Raises Refused 422 over a limit."""
    now_s = world.clock.now_s()
    recent = sum(i.created_s > now_s - DAY_S for i in organization.invitations.values())
    if recent >= organization.invitation_limit(now_s):
        raise invalid(OVER_LIMIT)
    seats = organization.policy.seats
    if seats is not None and len(organization.members) + len(pending(organization)) >= seats:
        raise no_seat(organization.login)
    number = person.id if person else 0
    invitation = Invitation(
        world.new_id(), inviter, now_s, number, "" if person else email, role, dict(teams or {})
    )
    organization.invitations[invitation.id] = invitation
    _send(world, organization, invitation)
    return invitation


def invite_directly(
    world: "World",
    organization: Organization,
    inviter: int,
    *,
    person: Person | None,
    email: str,
    role: str,
    teams: dict[int, str],
) -> Invitation:
    """What `POST /orgs/ORG/invitations` does.

    Asked again for somebody invited in the same way, it answers with the invitation that there is
    (same id and created_at, seen on GitHub for addresses). Whether another mail goes out then
    nobody has written down; the stand-in counts one, so that a client does not rely on it.
    """
    if person and person.id in organization.members:
        raise invalid(ALREADY_MEMBER)
    owner = person or world.people.with_address(email)
    if owner and owner.id in organization.members:
        raise invalid(ADDRESS_OF_MEMBER)
    if owner and owner.id in organization.blocked:
        raise invalid("User is blocked")
    known = pending_account(organization, person) if person else None
    known = known or (pending_address(organization, email) if not person else None)
    if known and organization.policy.repeats == "refused":
        raise invalid("Invitee has already been invited")  # our words
    if known:
        _send(world, organization, known, is_repeat=True)
        return known
    return invite(world, organization, inviter, person=person, email=email, role=role, teams=teams)


def add_to_team(
    world: "World", organization: Organization, team: Team, person: Person, role: str, inviter: int
) -> None:
    """What `PUT .../teams/T/memberships/U` does.

    Members are in at once. Others are invited; an open invitation of the account gets the team,
    without another mail. Raises Refused 403 for the blocked and for who left by themselves.
    """
    world.changed(organization)
    if person.id in organization.members:
        team.members[person.id] = Membership(role)
        return
    if person.id in organization.blocked or person.id in organization.left:
        raise blocked()
    known = pending_account(organization, person)
    if known:
        known.teams[team.id] = role
    else:
        invite(world, organization, inviter, person=person, teams={team.id: role})


def add_to_organization(
    world: "World", organization: Organization, person: Person, role: str, inviter: int
) -> str:
    """What `PUT /orgs/ORG/memberships/U` does; the new state.

    For somebody invited, peribolos avoids it because "re-adding sends another mail": one counts.
    """
    world.changed(organization)
    if person.id in organization.members:
        must_keep_an_owner(organization, person, role)
        organization.members[person.id].role = role
        return "active"
    if person.id in organization.blocked or person.id in organization.left:
        raise blocked()
    wanted = "admin" if role == "admin" else "direct_member"
    known = pending_account(organization, person)
    if known:
        known.role = wanted
        _send(world, organization, known, is_repeat=True)
    else:
        invite(world, organization, inviter, person=person, role=wanted)
    return "pending"


def _send(
    world: "World", organization: Organization, invitation: Invitation, is_repeat: bool = False
) -> None:
    world.changed(organization)
    person = world.people.get(invitation.person)
    login = person.login if person else ""
    email = person.email if person else invitation.email
    now = world.clock.timestamp()
    organization.mails.append(Mail(now, invitation.id, login, email, is_repeat))


# ---- the person's answer


def accept(world: "World", organization: Organization, person: Person) -> None:
    """The person accepts: in the organization and in the teams, at once.

    Raises Refused 404 when not invited, 403 while two-factor authentication is required and
    missing, 422 when blocked meanwhile.
    """
    waiting = pending_for(organization, person)
    if not waiting:
        raise not_found()
    if organization.policy.requires_two_factor and not person.two_factor:
        message = "You must enable two-factor authentication to join this organization."
        raise Refused(403, message)  # our words
    if person.id in organization.blocked:
        raise invalid("User is blocked")
    for invitation in waiting:
        organization.admit(person, invitation.member_role)
        for team in organization.teams.values():
            if team.id in invitation.teams:
                team.members[person.id] = Membership(invitation.teams[team.id])
        invitation.state = ACCEPTED
    world.changed(organization)


def decline(world: "World", organization: Organization, person: Person) -> None:
    """The person declines: the invitation is gone, and in no list."""
    if not cancel_all(organization, person):
        raise not_found()
    world.changed(organization)


def expire(organization: Organization, now_s: float) -> bool:
    """Let what is older than seven days fail; whether anything did."""
    over = [i for i in pending(organization) if i.created_s + LIFE_S <= now_s]
    for invitation in over:
        invitation.fail(EXPIRED, invitation.created_s + LIFE_S)
    return bool(over)


def put_in(
    world: "World", organization: Organization, team: Team | None, person: Person, role: str = ""
) -> None:
    """Into the organization and a team, accepted, without an invitation: for seeds and controls."""
    cancel_all(organization, person)
    organization.admit(person)
    if team:
        team.members[person.id] = Membership(role or "member")
    world.changed(organization)
