"""Calls about an organization: its members, and whom it blocks."""

from growth_admin.deploy.standins.github import joining, leaving, standing
from growth_admin.deploy.standins.github.access import READS_ORGANIZATIONS, Access
from growth_admin.deploy.standins.github.organizations import Organization
from growth_admin.deploy.standins.github.people import Person
from growth_admin.deploy.standins.github.refusals import (
    Refused,
    not_found,
    organization_account,
)


class OneOrganization(Access):
    """GET /orgs/ORG; owners see more."""

    def get(self, name: str) -> None:
        organization = self.world.organization(name)
        reply = self.shapes.full_organization(organization)
        person = self.caller.person
        if person and organization.is_owner(person) and not self.is_restricted(organization):
            policy = organization.policy
            plan = {"name": "team" if policy.paid else "free", "space": 0, "private_repos": 0}
            if policy.seats is not None:
                filled = len(organization.members) + len(standing.pending(organization))
                plan |= {"seats": policy.seats, "filled_seats": filled}
            reply |= {"two_factor_requirement_enabled": policy.requires_two_factor, "plan": plan}
        self.answer(reply)


class Members(Access):
    """Who of an organization the caller may see."""

    def visible(self, name: str) -> tuple[Organization, bool]:
        """The organization, and whether the caller sees more than its public members."""
        self.accepts("read")
        organization = self.world.organization(name)
        person = self.caller.person
        is_inside = bool(self.caller.installation) or bool(
            person and person.id in organization.members
        )
        token = self.caller.token
        if token is None:
            return organization, False
        reads = not token.has_scopes or bool(READS_ORGANIZATIONS & set(token.scopes))
        if not is_inside or not reads or self.is_restricted(organization):
            return organization, False
        return self.member_view(name), True

    def remove(self, name: str, person: Person) -> None:
        """Take the person out: owners may remove anybody, everybody may leave."""
        is_self = self.caller.person is person
        if is_self:
            self.need_scope("write:org", "admin:org")
            organization = self.world.organization(name)
        else:
            organization = self.owner_view(name)
        leaving.remove_from_organization(self.world, organization, person, by_themselves=is_self)


class OrganizationMembers(Members):
    """GET /orgs/ORG/members?role=&filter=: all for members, public ones for everybody else."""

    def get(self, name: str) -> None:
        organization, is_inside = self.visible(name)
        role = self.word("role", ("all", "admin", "member"))
        wanted = self.word("filter", ("all", "2fa_disabled", "2fa_insecure"))
        if wanted != "all":
            self.owner_view(name, "read")
        people = [
            self.world.people[number]
            for number, member in organization.members.items()
            if (is_inside or member.is_public) and role in ("all", member.role)
        ]
        if wanted != "all":
            people = [p for p in people if wanted == "2fa_disabled" and not p.two_factor]
        self.answer_page(people, self.shapes.simple_user)


class PublicMembers(Access):
    """GET /orgs/ORG/public_members."""

    def get(self, name: str) -> None:
        members = self.world.organization(name).members
        people = [self.world.people[n] for n, member in members.items() if member.is_public]
        self.answer_page(people, self.shapes.simple_user)


class PublicMember(Access):
    """GET /orgs/ORG/public_members/LOGIN: 204 or 404."""

    def get(self, name: str, login: str) -> None:
        member = self.world.organization(name).members.get(self.world.person(login).id)
        if not member or not member.is_public:
            raise not_found()
        self.set_status(204)


class OrganizationMember(Members):
    """GET /orgs/ORG/members/LOGIN (204, 404, 302 for outsiders), DELETE removes."""

    def get(self, name: str, login: str) -> None:
        organization, is_inside = self.visible(name)
        if not is_inside:
            url = f"{self.shapes.api}/orgs/{organization.login}/public_members/{login}"
            self.redirect(url, status=302)
            return
        if self.world.person(login).id not in organization.members:
            raise not_found()
        self.set_status(204)

    def delete(self, name: str, login: str) -> None:
        self.remove(name, self.world.person(login))
        self.set_status(204)


class OrganizationMembership(Members):
    """GET, PUT and DELETE /orgs/ORG/memberships/LOGIN."""

    def get(self, name: str, login: str) -> None:
        organization, person = self.member_view(name), self.world.person(login)
        state = standing.state_of(organization, person)
        if not state:
            raise not_found()
        self.answer(self.shapes.organization_membership(organization, person, *state))

    def put(self, name: str, login: str) -> None:
        organization = self.owner_view(name)
        role = self.given().get("role", "member")
        if role not in ("admin", "member"):
            raise Refused(422, "Validation Failed")
        if login.lower() in self.world.organizations:
            raise organization_account()
        person = self.world.person(login)
        state = joining.add_to_organization(self.world, organization, person, role, self.actor())
        self.answer(self.shapes.organization_membership(organization, person, state, role))

    def delete(self, name: str, login: str) -> None:
        self.remove(name, self.world.person(login))
        self.set_status(204)


class Blocks(Access):
    """GET /orgs/ORG/blocks."""

    permission = "organization_user_blocking"

    def get(self, name: str) -> None:
        organization = self.owner_view(name, "read", is_hidden=True)
        people = [self.world.people[n] for n in organization.blocked if n in self.world.people]
        self.answer_page(people, self.shapes.simple_user)


class Block(Access):
    """GET, PUT and DELETE /orgs/ORG/blocks/LOGIN. Blocking removes."""

    permission = "organization_user_blocking"

    def get(self, name: str, login: str) -> None:
        organization = self.owner_view(name, "read", is_hidden=True)
        if self.world.person(login).id not in organization.blocked:
            raise not_found()
        self.set_status(204)

    def put(self, name: str, login: str) -> None:
        organization, person = self.owner_view(name), self.world.person(login)
        leaving.block(self.world, organization, person)
        self.set_status(204)

    def delete(self, name: str, login: str) -> None:
        organization, person = self.owner_view(name), self.world.person(login)
        leaving.unblock(self.world, organization, person)
        self.set_status(204)


ORG = r"/api/v3/(?:orgs|organizations)/([^/]+)"
ROUTES = [
    (ORG, OneOrganization),
    (ORG + r"/members", OrganizationMembers),
    (ORG + r"/members/([^/]+)", OrganizationMember),
    (ORG + r"/public_members", PublicMembers),
    (ORG + r"/public_members/([^/]+)", PublicMember),
    (ORG + r"/memberships/([^/]+)", OrganizationMembership),
    (ORG + r"/blocks", Blocks),
    (ORG + r"/blocks/([^/]+)", Block),
]
