"""Calls about accounts, and those of the person who calls about themselves."""

from growth_admin.deploy.standins.github import joining, standing
from growth_admin.deploy.standins.github.access import READS_ORGANIZATIONS, Access
from growth_admin.deploy.standins.github.answering import Rest
from growth_admin.deploy.standins.github.organizations import Organization, Team
from growth_admin.deploy.standins.github.refusals import Refused, application_restricted, not_found


class Me(Rest):
    """GET /user."""

    def get(self) -> None:
        self.answer(self.shapes.private_user(self.person()))


class MyEmails(Access):
    """GET /user/emails."""

    def get(self) -> None:
        self.need_scope("user", "user:email")
        self.answer_page(self.shapes.emails(self.person()), lambda address: address)


class Mine(Access):
    """What a person sees of their own organizations, as far as the token reaches."""

    def reachable(self) -> list[Organization]:
        """Those that neither restrict the application nor want the token authorized; the one of a
        fine-grained token.
        """
        found, token = self.world.organizations_of(self.person()), self.caller.token
        if token and not token.has_scopes:
            return [o for o in found if o.id == token.organization]
        hidden = [str(o.id) for o in found if self.needs_sso(o)]
        if hidden:
            listed = ",".join(hidden)
            self.set_header("X-GitHub-SSO", f"partial-results; organizations={listed}")
        return [o for o in found if not self.is_restricted(o) and not self.needs_sso(o)]


class MyTeams(Mine):
    """GET /user/teams: active memberships only."""

    def get(self) -> None:
        self.need_scope("user", "repo", *sorted(READS_ORGANIZATIONS))
        reachable = self.reachable()
        teams = [pair for pair in self.world.teams_of(self.person()) if pair[0] in reachable]

        def shape(pair: tuple[Organization, Team]) -> object:
            return self.shapes.full_team(*pair)

        self.answer_page(teams, shape)


class MyOrganizations(Mine):
    """GET /user/orgs."""

    def get(self) -> None:
        self.answer_page(self.reachable(), self.shapes.simple_organization)


class MyMemberships(Mine):
    """GET /user/memberships/orgs?state=."""

    def get(self) -> None:
        self.need_scope(*sorted(READS_ORGANIZATIONS))
        wanted = self.word("state", ("", "active", "pending"))
        me, found = self.person(), []
        for organization in self.world.organizations.values():
            state = standing.state_of(organization, me)
            if state and wanted in ("", state[0]) and not self.is_restricted(organization):
                found.append((organization, *state))
        self.answer_page(
            found, lambda one: self.shapes.organization_membership(one[0], me, one[1], one[2])
        )


class MyMembership(Access):
    """GET /user/memberships/orgs/ORG; PATCH {state: active} accepts an invitation."""

    def get(self, name: str) -> None:
        self._answer(self._organization(name, *sorted(READS_ORGANIZATIONS)))

    def patch(self, name: str) -> None:
        organization = self._organization(name, "write:org", "admin:org")
        if self.given().get("state") != "active":
            raise Refused(422, "Validation Failed")
        if self.person().id not in organization.members:
            joining.accept(self.world, organization, self.person())
        self._answer(organization)

    def _organization(self, name: str, *scopes: str) -> Organization:
        self.need_scope(*scopes)
        organization = self.world.organization(name)
        if self.is_restricted(organization):
            raise application_restricted(organization.login)
        return organization

    def _answer(self, organization: Organization) -> None:
        state = standing.state_of(organization, self.person())
        if not state:
            raise not_found()
        self.answer(self.shapes.organization_membership(organization, self.person(), *state))


class UserByLogin(Rest):
    """GET /users/LOGIN: a person, or an organization's account."""

    def get(self, login: str) -> None:
        organization = self.world.organizations.get(login.lower())
        if organization:
            self.answer(self.shapes.public_organization(organization))
        else:
            self.answer(self.shapes.public_user(self.world.person(login)))


class UserByNumber(Rest):
    """GET /user/NUMBER: follows renames."""

    def get(self, number: str) -> None:
        organization = self.world.organization_by_number(int(number))
        person = self.world.people.get(int(number))
        if organization:
            self.answer(self.shapes.public_organization(organization))
        elif person:
            self.answer(self.shapes.public_user(person))
        else:
            raise not_found()


class RateLimit(Rest):
    """GET /rate_limit: costs nothing."""

    def get(self) -> None:
        name, limits = self.caller.counted_as, self.world.limits
        window, limit = limits.window(name), limits.limit(name) or 1_000_000
        left = max(limit - window.used, 0)
        core = {"limit": limit, "used": window.used, "remaining": left}
        core["reset"] = int(window.reset_s)
        self.answer({"resources": {"core": core, "search": core}, "rate": core})


API = r"/api/v3"
ROUTES = [
    (API + r"/user", Me),
    (API + r"/user/teams", MyTeams),
    (API + r"/user/emails", MyEmails),
    (API + r"/user/orgs", MyOrganizations),
    (API + r"/user/memberships/orgs", MyMemberships),
    (API + r"/user/memberships/orgs/([^/]+)", MyMembership),
    (API + r"/user/(\d+)", UserByNumber),
    (API + r"/users/([^/]+)", UserByLogin),
    (API + r"/rate_limit", RateLimit),
]
