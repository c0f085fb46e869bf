"""GitHub's JSON replies, made from the world.

Field by field after GitHub's OpenAPI description (`api.github.com.json`); the contract tests
validate every reply against it.
"""

from base64 import b64encode
from typing import Any

from growth_admin.deploy.standins.github.world import Membership, Organization, Person, Team

Reply = dict[str, Any]


class Shapes:
    """Makes replies whose links point at `site` (no slash at the end)."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.api = f"{site}/api/v3"

    def simple_user(self, person: Person) -> Reply:
        """`simple-user`, as in lists of members."""
        url = f"{self.api}/users/{person.login}"
        links = ("followers", "subscriptions", "repos", "received_events")
        return {
            "login": person.login,
            "id": person.id,
            "node_id": _node("User", person.id),
            "avatar_url": f"{self.site}/avatars/{person.id}.svg",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.site}/{person.login}",
            "organizations_url": f"{url}/orgs",
            "events_url": f"{url}/events{{/privacy}}",
            "following_url": f"{url}/following{{/other_user}}",
            "gists_url": f"{url}/gists{{/gist_id}}",
            "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
            **{f"{link}_url": f"{url}/{link}" for link in links},
            "type": "User",
            "user_view_type": "public",
            "site_admin": False,
        }

    def public_user(self, person: Person) -> Reply:
        """`public-user`: what anybody sees at /users/NAME."""
        counts = ("public_repos", "public_gists", "followers", "following")
        return {
            **self.simple_user(person),
            "name": person.name,
            "company": None,
            "blog": "",
            "location": None,
            "email": person.email if person.email_is_public else None,
            "hireable": None,
            "bio": None,
            "twitter_username": None,
            **dict.fromkeys(counts, 0),
            "created_at": person.created_at,
            "updated_at": person.updated_at,
        }

    def private_user(self, person: Person) -> Reply:
        """`private-user`: what the person sees at /user."""
        counts = ("private_gists", "total_private_repos", "owned_private_repos", "disk_usage")
        return {
            **self.public_user(person),
            "user_view_type": "private",
            **dict.fromkeys((*counts, "collaborators"), 0),
            "two_factor_authentication": True,
        }

    def emails(self, person: Person) -> list[Reply]:
        """The person's addresses: one, primary."""
        visibility = "public" if person.email_is_public else "private"
        address = {"email": person.email, "primary": True, "verified": True}
        return [{**address, "visibility": visibility}]

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

    def team(self, organization: Organization, team: Team) -> Reply:
        """`team`, as in lists."""
        url = f"{self.api}/organizations/{organization.id}/team/{team.id}"
        return {
            "id": team.id,
            "node_id": _node("Team", team.id),
            "name": team.name,
            "slug": team.slug,
            "description": "",
            "privacy": "closed",
            "notification_setting": "notifications_enabled",
            "permission": "pull",
            "type": "organization",
            "url": url,
            "html_url": f"{self.site}/orgs/{organization.login}/teams/{team.slug}",
            "members_url": f"{url}/members{{/member}}",
            "repositories_url": f"{url}/repos",
            "parent": None,
            "organization_id": organization.id,
        }

    def full_team(self, organization: Organization, team: Team) -> Reply:
        """`team-full`, as at /user/teams and for one team."""
        active = [member for member in team.members.values() if member.state == "active"]
        return {
            **self.team(organization, team),
            "created_at": team.created_at,
            "updated_at": team.created_at,
            "members_count": len(active),
            "repos_count": 0,
            "organization": self.full_organization(organization),
        }

    def team_membership(
        self, organization: Organization, team: Team, person: Person, membership: Membership
    ) -> Reply:
        """`team-membership`."""
        url = f"{self.api}/organizations/{organization.id}/team/{team.id}"
        return {
            "state": membership.state,
            "role": membership.role,
            "url": f"{url}/memberships/{person.login}",
        }

    def organization_membership(
        self, organization: Organization, person: Person, membership: Membership
    ) -> Reply:
        """`org-membership`."""
        url = f"{self.api}/orgs/{organization.login}"
        return {
            "url": f"{url}/memberships/{person.login}",
            "state": membership.state,
            "role": membership.role,
            "organization_url": url,
            "user": self.simple_user(person),
            "organization": self.simple_organization(organization),
        }


def _node(kind: str, number: int) -> str:
    return b64encode(f"04:{kind}{number}".encode()).decode()
