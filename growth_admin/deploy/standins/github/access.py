"""Who may read an organization and who may change it, by each kind of credential.

After "Permissions required for fine-grained personal access tokens", "... for GitHub Apps" and
"Scopes for OAuth apps". Every reply names what its call accepts: `X-Accepted-OAuth-Scopes`,
`X-Accepted-GitHub-Permissions`.
"""

from growth_admin.deploy.standins.github.answering import Rest
from growth_admin.deploy.standins.github.credentials import BOT_OFFSET, OAUTH, Token, allows
from growth_admin.deploy.standins.github.organizations import Organization, Team
from growth_admin.deploy.standins.github.people import Person
from growth_admin.deploy.standins.github.refusals import (
    Refused,
    application_restricted,
    no_permission,
    not_found,
    sso_required,
)

READS_ORGANIZATIONS = {"read:org", "write:org", "admin:org"}
NO_OWNER = "You must be an admin of the organization"
NO_TEAM_WRITER = "You must be an organization owner or team maintainer to add a team membership."


class Access(Rest):
    """A call about an organization."""

    permission = "members"

    # ---- credentials

    def need_scope(self, *scopes: str) -> None:
        """Raises Refused 403 unless the token has one of `scopes` (or has permissions instead)."""
        self.set_header("X-Accepted-OAuth-Scopes", ", ".join(scopes))
        self.person()
        token = self.caller.token
        if token and token.has_scopes and not set(scopes) & set(token.scopes):
            raise Refused(403, f"This API operation needs one of the scopes: {', '.join(scopes)}")

    def accepts(self, level: str) -> None:
        """Say in the headers what this call accepts."""
        scopes = ["admin:org"] if level == "write" else sorted(READS_ORGANIZATIONS)
        self.set_header("X-Accepted-OAuth-Scopes", ", ".join(scopes))
        self.set_header("X-Accepted-GitHub-Permissions", f"{self.permission}={level}")

    def actor(self) -> int:
        """The number under which the caller's changes run: the account's, or of the App's bot."""
        app = self.caller.app
        return app.id + BOT_OFFSET if app else self.person().id

    # ---- views

    def member_view(self, name: str, level: str = "read") -> Organization:
        """The organization, for those who are in it with a credential for it. 404 for others."""
        self.accepts(level)
        if not self.caller.app:
            self.person()
        organization = self.world.organization(name)
        self._need_credential(organization, level)
        if not self.caller.app and self.person().id not in organization.members:
            raise not_found()
        return organization

    def owner_view(
        self, name: str, level: str = "write", *, is_hidden: bool = False
    ) -> Organization:
        """The organization, for its owners. 403 for members, or 404 where GitHub hides it."""
        organization = self.member_view(name, level)
        if not self.caller.app and not organization.is_owner(self.person()):
            raise not_found() if is_hidden else Refused(403, NO_OWNER)
        return organization

    def team_view(self, name: str, slug: str) -> tuple[Organization, Team]:
        """The team, for members of its organization; a secret one for its own and for owners."""
        organization = self.member_view(name)
        team = organization.team(slug)
        if not self.sees(organization, team):
            raise not_found()
        return organization, team

    def sees(self, organization: Organization, team: Team) -> bool:
        """Whether the caller sees the team."""
        person = self.caller.person
        if team.privacy != "secret" or person is None or organization.is_owner(person):
            return True
        return person.id in team.members

    def team_writer_view(self, name: str, slug: str, person: Person) -> tuple[Organization, Team]:
        """The team, for owners, and for its maintainers as far as `person` is a member already."""
        organization = self.member_view(name, "write")
        team = organization.team(slug)
        if self.caller.app or organization.is_owner(self.person()):
            return organization, team
        me = team.members.get(self.person().id)
        if not me or me.role != "maintainer" or person.id not in organization.members:
            raise Refused(403, NO_TEAM_WRITER)
        return organization, team

    # ---- what stands in the way

    def is_restricted(self, organization: Organization) -> bool:
        """Whether the caller is an OAuth application that the organization has not approved."""
        token = self.caller.token
        if not token or token.kind != OAUTH or not organization.policy.restricts_oauth_apps:
            return False
        application = self.world.applications.get(token.client_id)
        is_own = bool(application and application.owner.lower() == organization.login.lower())
        return not is_own and token.client_id not in organization.policy.approved_applications

    def needs_sso(self, organization: Organization) -> bool:
        """Whether the organization wants the token to be authorized and it is not."""
        token = self.caller.token
        return bool(
            token
            and token.has_scopes
            and organization.policy.requires_sso
            and organization.id not in token.sso
        )

    def _need_credential(self, organization: Organization, level: str) -> None:
        token = self.caller.token
        if token is None:
            raise Refused(401, "Requires authentication")  # a JWT opens /app only
        if self.needs_sso(organization):
            raise sso_required(organization.login, token.kind)
        if self.is_restricted(organization):
            raise application_restricted(organization.login)
        if token.has_scopes:
            self.need_scope(*(["admin:org"] if level == "write" else sorted(READS_ORGANIZATIONS)))
            return
        self._need_permission(token, organization, level)

    def _need_permission(self, token: Token, organization: Organization, level: str) -> None:
        if token.organization != organization.id:
            raise not_found()
        installation = self.caller.installation
        granted = installation.permissions if installation else token.permissions
        if not (
            allows(granted, self.permission, level)
            and allows(token.permissions, self.permission, level)
        ):
            raise no_permission(token.kind)
