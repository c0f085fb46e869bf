"""Calls about teams."""

from growth_admin.deploy.standins.github import joining, leaving, standing
from growth_admin.deploy.standins.github.access import Access
from growth_admin.deploy.standins.github.refusals import (
    Refused,
    not_found,
    organization_account,
)
from growth_admin.deploy.standins.github.rest_organizations import ORG


class Teams(Access):
    """GET /orgs/ORG/teams."""

    def get(self, name: str) -> None:
        organization = self.member_view(name)
        teams = [team for team in organization.teams.values() if self.sees(organization, team)]
        self.answer_page(teams, lambda team: self.shapes.team(organization, team))


class OneTeam(Access):
    """GET /orgs/ORG/teams/SLUG, also by numbers."""

    def get(self, name: str, slug: str) -> None:
        organization, team = self.team_view(name, slug)
        self.answer(self.shapes.full_team(organization, team))


class ChildTeams(Access):
    """GET /orgs/ORG/teams/SLUG/teams."""

    def get(self, name: str, slug: str) -> None:
        organization, team = self.team_view(name, slug)
        children = organization.children(team)
        self.answer_page(children, lambda child: self.shapes.team(organization, child))


class TeamMembers(Access):
    """GET /orgs/ORG/teams/SLUG/members?role=: those who accepted, with those of child teams."""

    def get(self, name: str, slug: str) -> None:
        organization, team = self.team_view(name, slug)
        role = self.word("role", ("all", "member", "maintainer"))
        members = organization.team_members(team)
        numbers = [number for number, one in members.items() if role in ("all", one.role)]

        def shape(number: int) -> object:
            is_inherited = number not in team.members
            person, its_role = self.world.people[number], members[number].role
            return self.shapes.team_member(person, its_role, is_inherited=is_inherited)

        self.answer_page(numbers, shape)


class TeamMembership(Access):
    """GET, PUT and DELETE /orgs/ORG/teams/SLUG/memberships/LOGIN."""

    def get(self, name: str, slug: str, login: str) -> None:
        organization, team = self.team_view(name, slug)
        person = self.world.person(login)
        state = standing.team_state_of(organization, team, person)
        if not state:
            raise not_found()
        self.answer(self.shapes.team_membership(organization, team, person.login, *state))

    def put(self, name: str, slug: str, login: str) -> None:
        role = self.given().get("role", "member")
        if role not in ("member", "maintainer"):
            raise Refused(422, "Validation Failed")
        if login.lower() in self.world.organizations:
            self.owner_view(name)
            raise organization_account()
        self.member_view(name, "write")
        person = self.world.person(login)
        organization, team = self.team_writer_view(name, slug, person)
        joining.add_to_team(self.world, organization, team, person, role, self.actor())
        state = standing.team_state_of(organization, team, person) or ("pending", role)
        self.answer(self.shapes.team_membership(organization, team, person.login, *state))

    def delete(self, name: str, slug: str, login: str) -> None:
        organization = self.member_view(name, "write")
        team, person = organization.team(slug), self.world.person(login)
        if self.caller.person is not person:
            self.team_writer_view(name, slug, person)
        leaving.remove_from_team(self.world, organization, team, person)
        self.set_status(204)


TEAM = ORG + r"/teams?/([^/]+)"
ROUTES = [
    (ORG + r"/teams", Teams),
    (TEAM, OneTeam),
    (TEAM + r"/teams", ChildTeams),
    (TEAM + r"/members", TeamMembers),
    (TEAM + r"/memberships/([^/]+)", TeamMembership),
]
