"""How people get out of an organization or a team, and what keeps them out.

Nothing here writes the file: the caller does.
"""

from typing import TYPE_CHECKING

from growth_admin.deploy.standins.github.invitations import CANCELLED
from growth_admin.deploy.standins.github.organizations import Organization, Team
from growth_admin.deploy.standins.github.people import Person
from growth_admin.deploy.standins.github.refusals import Refused, not_found
from growth_admin.deploy.standins.github.standing import pending_for

if TYPE_CHECKING:
    from growth_admin.deploy.standins.github.world import World


def cancel_all(organization: Organization, person: Person) -> int:
    """Cancel what the person was invited by; how many invitations."""
    waiting = pending_for(organization, person)
    for invitation in waiting:
        invitation.state = CANCELLED
    return len(waiting)


def remove_from_team(
    world: "World", organization: Organization, team: Team, person: Person
) -> None:
    """Out of the team, or the team out of the open invitations. Raises Refused 404."""
    found = team.members.pop(person.id, None) is not None
    for invitation in pending_for(organization, person):
        found = invitation.teams.pop(team.id, None) is not None or found
    if not found:
        raise not_found()
    world.changed(organization)


def remove_from_organization(
    world: "World", organization: Organization, person: Person, *, by_themselves: bool = False
) -> None:
    """Out of the organization, or the invitation cancelled. Raises Refused 404, or 403 for the
    last owner. Who left by themselves cannot be added again until an owner reinstates them.
    """
    if person.id in organization.members:
        must_keep_an_owner(organization, person, "")
        organization.forget(person)
        if by_themselves and person.id not in organization.left:
            organization.left.append(person.id)
    elif not cancel_all(organization, person):
        raise not_found()
    world.changed(organization)


def must_keep_an_owner(organization: Organization, person: Person, role: str) -> None:
    """Raises Refused 403 if the last owner would get another role, or none."""
    if role != "admin" and organization.owners() == [person.id]:
        raise Refused(403, "You can't leave an organization without an owner")  # our words


def block(world: "World", organization: Organization, person: Person) -> None:
    """Block the person, who is removed by that; invitations stay until somebody tries them."""
    if person.id in organization.members:
        must_keep_an_owner(organization, person, "")
        organization.forget(person)
    if person.id not in organization.blocked:
        organization.blocked.append(person.id)
    world.changed(organization)


def unblock(world: "World", organization: Organization, person: Person) -> None:
    """Let the person be invited again; also who left by themselves."""
    organization.blocked = [number for number in organization.blocked if number != person.id]
    organization.left = [number for number in organization.left if number != person.id]
    world.changed(organization)
