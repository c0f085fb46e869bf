"""Where somebody stands: in, invited or neither. Read only."""

from growth_admin.deploy.standins.github.invitations import Invitation
from growth_admin.deploy.standins.github.organizations import Organization, Team
from growth_admin.deploy.standins.github.people import Person


def pending(organization: Organization) -> list[Invitation]:
    """The open invitations, oldest first."""
    return [i for i in organization.invitations.values() if i.is_pending]


def pending_for(organization: Organization, person: Person) -> list[Invitation]:
    """The open invitations that the person can accept."""
    return [i for i in pending(organization) if i.is_for(person)]


def pending_account(organization: Organization, person: Person) -> Invitation | None:
    """The open invitation of the account itself.

    One of its address does not count: by account and by address, GitHub keeps two invitations.
    """
    return next((i for i in pending(organization) if i.person == person.id), None)


def pending_address(organization: Organization, email: str) -> Invitation | None:
    """The open invitation of an address."""
    return next((i for i in pending(organization) if i.email.lower() == email.lower()), None)


def state_of(organization: Organization, person: Person) -> tuple[str, str] | None:
    """The person's state and role in the organization: active, pending, or None."""
    if person.id in organization.members:
        return "active", organization.members[person.id].role
    waiting = pending_for(organization, person)
    return ("pending", waiting[0].member_role) if waiting else None


def team_state_of(organization: Organization, team: Team, person: Person) -> tuple[str, str] | None:
    """The person's state and role in the team (also through a team below it), or None."""
    member = organization.team_members(team).get(person.id)
    if member:
        return "active", member.role
    roles = [i.teams[team.id] for i in pending_for(organization, person) if team.id in i.teams]
    return ("pending", roles[0]) if roles else None
