"""Calls about invitations into an organization."""

from typing import Any

from growth_admin.deploy.standins.github import joining, standing
from growth_admin.deploy.standins.github.access import Access
from growth_admin.deploy.standins.github.credentials import BOT_OFFSET
from growth_admin.deploy.standins.github.invitations import CANCELLED, Invitation
from growth_admin.deploy.standins.github.organizations import Organization
from growth_admin.deploy.standins.github.people import Person
from growth_admin.deploy.standins.github.refusals import invalid, not_found
from growth_admin.deploy.standins.github.rest_organizations import ORG
from growth_admin.deploy.standins.github.rest_teams import TEAM

ROLES = ("direct_member", "admin", "billing_manager", "reinstate")


class Invitations(Access):
    """A call that shows invitations; owners only, hidden from others."""

    def shape(self, organization: Organization, invitation: Invitation) -> Any:
        """`organization-invitation`."""
        person = self.world.people.get(invitation.person)
        inviter, app = self.world.people.get(invitation.inviter), None
        if inviter is None:
            app = self.world.apps.get(invitation.inviter - BOT_OFFSET)
        if inviter:
            sender = self.shapes.simple_user(inviter)
        else:
            sender = self.shapes.bot(app) if app else self.shapes.ghost()
        login = person.login if person else ""
        return self.shapes.invitation(organization, invitation, login, sender)

    def answer_invitations(self, organization: Organization, found: list[Invitation]) -> None:
        """A page of them."""
        self.answer_page(found, lambda invitation: self.shape(organization, invitation))


class OpenInvitations(Invitations):
    """GET and POST /orgs/ORG/invitations."""

    def get(self, name: str) -> None:
        organization = self.owner_view(name, "read", is_hidden=True)
        role = self.word("role", ("all", "admin", "direct_member", "billing_manager"))
        found = [i for i in standing.pending(organization) if role in ("all", i.role)]
        self.answer_invitations(organization, found)

    def post(self, name: str) -> None:
        organization = self.owner_view(name, is_hidden=True)
        given = self.given()
        role = given.get("role", "direct_member")
        if role not in ROLES:
            raise invalid("Invalid role")
        person, email = self._invitee(given)
        teams: dict[int, str] = {}
        for number in given.get("team_ids") or ():
            if not isinstance(number, int) or not organization.team_by_number(number):
                raise invalid("Team does not exist")
            teams[number] = "member"
        invitation = joining.invite_directly(
            self.world,
            organization,
            self.actor(),
            person=person,
            email=email,
            role=role,
            teams=teams,
        )
        self.answer(self.shape(organization, invitation), 201)

    def _invitee(self, given: dict[str, Any]) -> tuple[Person | None, str]:
        number, email = given.get("invitee_id"), given.get("email")
        if isinstance(number, int):
            person = self.world.people.get(number)
            if person is None:
                raise not_found()
            return person, ""
        if not isinstance(email, str) or email.count("@") != 1 or " " in email:
            raise invalid("Either invitee_id or a valid email is required")
        return None, email


class OneInvitation(Invitations):
    """DELETE /orgs/ORG/invitations/NUMBER: cancels an open one, takes a failed one off the list.

    Again for one that is cancelled: 204, as others saw.
    """

    def delete(self, name: str, number: str) -> None:
        organization = self.owner_view(name, is_hidden=True)
        invitation = organization.invitations.get(int(number))
        if invitation is None:
            raise not_found()
        if invitation.is_pending:
            invitation.state = CANCELLED
        elif invitation.is_listed_failure:
            invitation.is_dismissed = True
        self.world.changed(organization)
        self.set_status(204)


class InvitationTeams(Invitations):
    """GET /orgs/ORG/invitations/NUMBER/teams: 404 for one that is not open any more."""

    def get(self, name: str, number: str) -> None:
        organization = self.owner_view(name, "read", is_hidden=True)
        invitation = organization.invitations.get(int(number))
        if invitation is None or not invitation.is_pending:
            raise not_found()
        teams = [team for team in organization.teams.values() if team.id in invitation.teams]
        self.answer_page(teams, lambda team: self.shapes.team(organization, team))


class FailedInvitations(Invitations):
    """GET /orgs/ORG/failed_invitations."""

    def get(self, name: str) -> None:
        organization = self.owner_view(name, "read", is_hidden=True)
        failed = [i for i in organization.invitations.values() if i.is_listed_failure]
        self.answer_invitations(organization, failed)


class TeamInvitations(Invitations):
    """GET /orgs/ORG/teams/SLUG/invitations: the open ones with this team."""

    def get(self, name: str, slug: str) -> None:
        organization = self.owner_view(name, "read", is_hidden=True)
        team = organization.team(slug)
        found = [i for i in standing.pending(organization) if team.id in i.teams]
        self.answer_invitations(organization, found)


ROUTES = [
    (ORG + r"/invitations", OpenInvitations),
    (ORG + r"/invitations/(\d+)", OneInvitation),
    (ORG + r"/invitations/(\d+)/teams", InvitationTeams),
    (ORG + r"/failed_invitations", FailedInvitations),
    (TEAM + r"/invitations", TeamInvitations),
]
