"""GitHub's JSON replies, made from the world.

Field by field after GitHub's OpenAPI description (`api.github.com.json`); the contract tests
validate every reply against it.
"""

from base64 import b64encode
from typing import Any

from growth_admin.deploy.standins.github.clock import iso
from growth_admin.deploy.standins.github.credentials import BOT_OFFSET, App, Installation
from growth_admin.deploy.standins.github.invitations import Invitation
from growth_admin.deploy.standins.github.organizations import Organization, Team
from growth_admin.deploy.standins.github.people import Person

Reply = dict[str, Any]


class Shapes:
    """Makes replies whose links point at `site` (no slash at the end)."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.api = f"{site}/api/v3"

    def simple_user(self, person: Person) -> Reply:
        """`simple-user`, as in lists of members."""
        return self._account(person.login, person.id, "User")

    def team_member(self, person: Person, role: str, *, is_inherited: bool) -> Reply:
        """`team-member`: with the role, and whether through a child team."""
        return {**self.simple_user(person), "role": role, "inherited": is_inherited}

    def bot(self, app: App) -> Reply:
        """`simple-user` of an App's bot account."""
        return self._account(f"{app.slug}[bot]", app.id + BOT_OFFSET, "Bot")

    def ghost(self) -> Reply:
        """`simple-user` in the place of an account that is gone."""
        return self._account("ghost", 10137, "User")

    def organization_account(self, organization: Organization) -> Reply:
        """`simple-user` of an organization's account."""
        return self._account(organization.login, organization.id, "Organization")

    def _account(self, login: str, number: int, kind: str) -> Reply:
        url = f"{self.api}/users/{login}"
        links = ("followers", "subscriptions", "repos", "received_events")
        return {
            "login": login,
            "id": number,
            "node_id": _node(kind, number),
            "avatar_url": f"{self.site}/avatars/{number}.svg",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.site}/{login}",
            "organizations_url": f"{url}/orgs",
            "events_url": f"{url}/events{{/privacy}}",
            "following_url": f"{url}/following{{/other_user}}",
            "gists_url": f"{url}/gists{{/gist_id}}",
            "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
            **{f"{link}_url": f"{url}/{link}" for link in links},
            "type": kind,
            "user_view_type": "public",
            "site_admin": False,
        }

    def public_user(self, person: Person) -> Reply:
        """`public-user`: what anybody sees at /users/NAME."""
        email = person.email if person.email_is_public else None
        more = self._profile(person.name, email, person.created_at, person.updated_at)
        return {**self.simple_user(person), **more}

    def public_organization(self, organization: Organization) -> Reply:
        """`public-user` of an organization: /users/NAME finds those too."""
        created = organization.created_at
        return {
            **self.organization_account(organization),
            **self._profile(organization.name, None, created, created),
        }

    def _profile(self, name: str, email: str | None, created: str, updated: str) -> Reply:
        return {
            "name": name,
            "company": None,
            "blog": "",
            "location": None,
            "email": email,
            "hireable": None,
            "bio": None,
            "twitter_username": None,
            **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
            "created_at": created,
            "updated_at": updated,
        }

    def private_user(self, person: Person) -> Reply:
        """`private-user`: what the person sees at /user."""
        counts = ("private_gists", "total_private_repos", "owned_private_repos", "disk_usage")
        return {
            **self.public_user(person),
            "user_view_type": "private",
            **dict.fromkeys((*counts, "collaborators"), 0),
            "two_factor_authentication": person.two_factor,
        }

    def emails(self, person: Person) -> list[Reply]:
        """The person's addresses; the first is primary."""
        visibility = "public" if person.email_is_public else "private"
        primary = {"email": person.email, "primary": True, "verified": True}
        others = {"primary": False, "verified": True, "visibility": None}
        return [
            {**primary, "visibility": visibility},
            *({"email": email, **others} for email in person.emails),
        ]

    def simple_organization(self, organization: Organization) -> Reply:
        """`organization-simple`."""
        url = f"{self.api}/orgs/{organization.login}"
        links = ("repos", "events", "hooks", "issues")
        return {
            "login": organization.login,
            "id": organization.id,
            "node_id": _node("Organization", organization.id),
            "url": url,
            **{f"{link}_url": f"{url}/{link}" for link in links},
            "members_url": f"{url}/members{{/member}}",
            "public_members_url": f"{url}/public_members{{/member}}",
            "avatar_url": f"{self.site}/avatars/{organization.id}.svg",
            "description": organization.name,
        }

    def full_organization(self, organization: Organization) -> Reply:
        """`organization-full`, and the `team-organization` inside a team."""
        counts = ("public_repos", "public_gists", "followers", "following")
        return {
            **self.simple_organization(organization),
            "name": organization.name,
            "has_organization_projects": True,
            "has_repository_projects": True,
            **dict.fromkeys(counts, 0),
            "html_url": f"{self.site}/{organization.login}",
            "type": "Organization",
            "created_at": organization.created_at,
            "updated_at": organization.created_at,
            "archived_at": None,
        }

    def simple_team(self, organization: Organization, team: Team) -> Reply:
        """`team-simple`, as a parent."""
        url = f"{self.api}/organizations/{organization.id}/team/{team.id}"
        return {
            "id": team.id,
            "node_id": _node("Team", team.id),
            "name": team.name,
            "slug": team.slug,
            "description": team.description,
            "privacy": team.privacy,
            "notification_setting": "notifications_enabled",
            "permission": "pull",
            "type": "organization",
            "url": url,
            "html_url": f"{self.site}/orgs/{organization.login}/teams/{team.slug}",
            "members_url": f"{url}/members{{/member}}",
            "repositories_url": f"{url}/repos",
            "organization_id": organization.id,
        }

    def team(self, organization: Organization, team: Team) -> Reply:
        """`team`, as in lists."""
        above = organization.team_by_number(team.parent_id) if team.parent_id else None
        parent = self.simple_team(organization, above) if above else None
        return {**self.simple_team(organization, team), "parent": parent}

    def full_team(self, organization: Organization, team: Team) -> Reply:
        """`team-full`, as at /user/teams and for one team."""
        return {
            **self.team(organization, team),
            "created_at": team.created_at,
            "updated_at": team.created_at,
            "members_count": len(organization.team_members(team)),
            "repos_count": 0,
            "organization": self.full_organization(organization),
        }

    def team_membership(
        self, organization: Organization, team: Team, login: str, state: str, role: str
    ) -> Reply:
        """`team-membership`."""
        url = f"{self.api}/organizations/{organization.id}/team/{team.id}"
        return {"state": state, "role": role, "url": f"{url}/memberships/{login}"}

    def organization_membership(
        self, organization: Organization, person: Person, state: str, role: str
    ) -> Reply:
        """`org-membership`. `direct_membership` is false while pending, as others saw."""
        url = f"{self.api}/orgs/{organization.login}"
        return {
            "url": f"{url}/memberships/{person.login}",
            "state": state,
            "role": role,
            "direct_membership": state == "active",
            "organization_url": url,
            "user": self.simple_user(person),
            "organization": self.simple_organization(organization),
        }

    def invitation(
        self, organization: Organization, invitation: Invitation, login: str, inviter: Reply
    ) -> Reply:
        """`organization-invitation`.

        One by address has `login` null even when the address is an account's, as others saw.
        """
        url = f"{self.api}/organizations/{organization.id}/invitations/{invitation.id}"
        has_failed = bool(invitation.failed_reason)
        return {
            "id": invitation.id,
            "node_id": _node("OrganizationInvitation", invitation.id),
            "login": login or None,
            "email": invitation.email or None,
            "role": invitation.role,
            "created_at": iso(invitation.created_s),
            "failed_at": iso(invitation.failed_s) if has_failed else None,
            "failed_reason": invitation.failed_reason or None,
            "inviter": inviter,
            "team_count": len(invitation.teams),
            "invitation_teams_url": f"{url}/teams",
            "invitation_source": "member",
        }

    def app(self, app: App, owner: Reply, installations: int) -> Reply:
        """`integration`."""
        return {
            "id": app.id,
            "slug": app.slug,
            "node_id": _node("Integration", app.id),
            "client_id": app.client_id,
            "owner": owner,
            "name": app.name,
            "description": "",
            "external_url": self.site,
            "html_url": f"{self.site}/apps/{app.slug}",
            "created_at": app.created_at,
            "updated_at": app.created_at,
            "permissions": app.permissions,
            "events": [],
            "installations_count": installations,
        }

    def installation(
        self, installation: Installation, app: App, organization: Organization
    ) -> Reply:
        """`installation`."""
        url = f"{self.api}/app/installations/{installation.id}"
        page = f"organizations/{organization.login}/settings/installations/{installation.id}"
        suspended = installation.is_suspended
        return {
            "id": installation.id,
            "account": self.organization_account(organization),
            "repository_selection": "all",
            "access_tokens_url": f"{url}/access_tokens",
            "repositories_url": f"{self.api}/installation/repositories",
            "html_url": f"{self.site}/{page}",
            "app_id": app.id,
            "app_slug": app.slug,
            "client_id": app.client_id,
            "target_id": organization.id,
            "target_type": "Organization",
            "permissions": installation.permissions,
            "events": [],
            "created_at": installation.created_at,
            "updated_at": installation.created_at,
            "single_file_name": None,
            "has_multiple_single_files": False,
            "single_file_paths": [],
            "suspended_by": self.ghost() if suspended else None,
            "suspended_at": installation.created_at if suspended else None,
        }


def _node(kind: str, number: int) -> str:
    return b64encode(f"04:{kind}{number}".encode()).decode()
