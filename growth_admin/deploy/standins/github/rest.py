"""The REST API under /api/v3: the calls that a hub, a roster and a checker make."""

import json

from growth_admin.deploy.standins.github.answering import READS_ORGANIZATIONS, Rest
from growth_admin.deploy.standins.github.world import Organization, Refused, Team


class Me(Rest):
    """GET /user."""

    def get(self) -> None:
        self.answer(self.shapes.private_user(self.person()))


class MyTeams(Rest):
    """GET /user/teams: active memberships only."""

    def get(self) -> None:
        self.need_scope("user", "repo", *sorted(READS_ORGANIZATIONS))
        teams = self.world.teams_of(self.person())
        self.answer_page(
            [self.shapes.full_team(organization, team) for organization, team in teams]
        )


class MyEmails(Rest):
    """GET /user/emails."""

    def get(self) -> None:
        self.need_scope("user", "user:email")
        self.answer_page(self.shapes.emails(self.person()))


class MyOrganizations(Rest):
    """GET /user/orgs."""

    def get(self) -> None:
        me = self.person().id
        mine = [
            organization
            for organization in self.world.organizations.values()
            if me in organization.members and organization.members[me].state == "active"
        ]
        self.answer_page([self.shapes.simple_organization(organization) for organization in mine])


class UserByLogin(Rest):
    """GET /users/LOGIN."""

    def get(self, login: str) -> None:
        self.answer(self.shapes.public_user(self.world.person(login)))


class UserByNumber(Rest):
    """GET /user/NUMBER: follows renames."""

    def get(self, number: str) -> None:
        person = self.world.people.get(int(number))
        if not person:
            raise Refused(404, "Not Found")
        self.answer(self.shapes.public_user(person))


class OneOrganization(Rest):
    """GET /orgs/ORG."""

    def get(self, name: str) -> None:
        self.answer(self.shapes.full_organization(self.world.organization(name)))


class OrganizationMembers(Rest):
    """GET /orgs/ORG/members?role=."""

    def get(self, name: str) -> None:
        organization = self.member_view(name)
        people = self.active_people(organization.members, self.get_query_argument("role", "all"))
        self.answer_page([self.shapes.simple_user(person) for person in people])


class OrganizationMember(Rest):
    """GET /orgs/ORG/members/LOGIN (204 or 404), DELETE removes."""

    def get(self, name: str, login: str) -> None:
        organization = self.member_view(name)
        membership = organization.members.get(self.world.person(login).id)
        if not membership or membership.state != "active":
            raise Refused(404, "Not Found")
        self.set_status(204)

    def delete(self, name: str, login: str) -> None:
        organization = self.owner_view(name)
        self.world.leave_organization(organization, self.world.person(login))
        self.set_status(204)


class OrganizationMembership(Rest):
    """GET and DELETE /orgs/ORG/memberships/LOGIN."""

    def get(self, name: str, login: str) -> None:
        organization, person = self.member_view(name), self.world.person(login)
        membership = organization.members.get(person.id)
        if not membership:
            raise Refused(404, "Not Found")
        self.answer(self.shapes.organization_membership(organization, person, membership))

    def delete(self, name: str, login: str) -> None:
        organization = self.owner_view(name)
        self.world.leave_organization(organization, self.world.person(login))
        self.set_status(204)


class Teams(Rest):
    """GET /orgs/ORG/teams."""

    def get(self, name: str) -> None:
        organization = self.member_view(name)
        teams = organization.teams.values()
        self.answer_page([self.shapes.team(organization, team) for team in teams])


class OneTeam(Rest):
    """GET /orgs/ORG/teams/SLUG, also by numbers."""

    def get(self, name: str, slug: str) -> None:
        organization, team = self.found_team(name, slug)
        self.answer(self.shapes.full_team(organization, team))

    def found_team(self, name: str, slug: str) -> tuple[Organization, Team]:
        """The team, for members of its organization."""
        organization = self.member_view(name)
        return organization, self.world.team(organization, slug)


class TeamMembers(OneTeam):
    """GET /orgs/ORG/teams/SLUG/members?role=: those who accepted."""

    def get(self, name: str, slug: str) -> None:
        _, team = self.found_team(name, slug)
        people = self.active_people(team.members, self.get_query_argument("role", "all"))
        self.answer_page([self.shapes.simple_user(person) for person in people])


class TeamMembership(OneTeam):
    """GET, PUT and DELETE /orgs/ORG/teams/SLUG/memberships/LOGIN."""

    def get(self, name: str, slug: str, login: str = "") -> None:
        organization, team = self.found_team(name, slug)
        person = self.world.person(login)
        membership = team.members.get(person.id)
        if not membership:
            raise Refused(404, "Not Found")
        self.answer(self.shapes.team_membership(organization, team, person, membership))

    def put(self, name: str, slug: str, login: str) -> None:
        organization = self.owner_view(name)
        team, person = self.world.team(organization, slug), self.world.person(login)
        role = json.loads(self.request.body or b"{}").get("role", "member")
        if role not in ("member", "maintainer"):
            raise Refused(422, "Validation Failed")
        membership = self.world.join_team(organization, team, person, role)
        self.answer(self.shapes.team_membership(organization, team, person, membership))

    def delete(self, name: str, slug: str, login: str) -> None:
        organization = self.owner_view(name)
        self.world.leave_team(self.world.team(organization, slug), self.world.person(login))
        self.set_status(204)


class Elsewhere(Rest):
    """Everything that the stand-in does not know."""

    def get(self, *words: str) -> None:
        self.fail(404, "Not Found")

    post = put = patch = delete = get


ORG = r"/api/v3/(?:orgs|organizations)/([^/]+)"
TEAM = ORG + r"/teams?/([^/]+)"
ROUTES = [
    (r"/api/v3/user", Me),
    (r"/api/v3/user/teams", MyTeams),
    (r"/api/v3/user/emails", MyEmails),
    (r"/api/v3/user/orgs", MyOrganizations),
    (r"/api/v3/user/(\d+)", UserByNumber),
    (r"/api/v3/users/([^/]+)", UserByLogin),
    (ORG, OneOrganization),
    (ORG + r"/members", OrganizationMembers),
    (ORG + r"/members/([^/]+)", OrganizationMember),
    (ORG + r"/memberships/([^/]+)", OrganizationMembership),
    (ORG + r"/teams", Teams),
    (TEAM, OneTeam),
    (TEAM + r"/members", TeamMembers),
    (TEAM + r"/memberships/([^/]+)", TeamMembership),
    (r"/api/v3/.*", Elsewhere),
]
