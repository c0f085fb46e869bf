"""How GitHub says no, in its own words.

Where its documentation has the words they are from there, else from what others saw it answer
(named beside the words). Nobody but us wrote those marked "our words".
"""

from collections.abc import Mapping, Sequence
from typing import Any

EXPIRED = "Invitation expired. User did not accept this invite for 7 days"
"""As foundation50/classroom50 sees it; a sentence, not a code."""
FAILURES = {
    "expired": EXPIRED,
    "no_more_seats": "No seats available",
    "trade_controls": "This user isn't able to use this feature due to trade regulations",
    "already_accepted": "Invitation already accepted",
    "invalid_generic": "Invitation is invalid",
}
"""`failed_reason` by its short name; the list is GitHub's (github/docs, issue 4423)."""
ALREADY_MEMBER = "Invitee is already a part of this organization"
ADDRESS_OF_MEMBER = "A user with this email address is already a part of this organization"
"""Seen by several; older replies write `addresss` (rest-api-description, issue 4109)."""
OVER_LIMIT = "Over invitation rate limit"


class Refused(Exception):
    """GitHub would refuse: `status`, `message` and the rest of the reply."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        documentation: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = [dict(error) for error in errors]
        self.headers = dict(headers or {})
        self.documentation = documentation


def not_found() -> Refused:
    """404, also where GitHub hides that something is there."""
    return Refused(404, "Not Found")


def invalid(message: str, *, resource: str = "OrganizationInvitation") -> Refused:
    """422 in the form that an invitation's refusals have."""
    error = {"resource": resource, "code": "unprocessable", "field": "data", "message": message}
    return Refused(422, "Validation Failed", errors=[error])


def organization_account() -> Refused:
    """422 as the documentation of team memberships shows it."""
    error = {"code": "org", "field": "user", "resource": "TeamMember"}
    return Refused(422, "Cannot add an organization as a member.", errors=[error])


def no_seat(organization: str) -> Refused:
    """422 as probot/invite (issue 8) and GithubOrganizer (issue 21) saw it."""
    message = "You must purchase at least one more seat to add this user as a member."
    page = f"https://github.com/organizations/{organization}/settings/billing/seats"
    return Refused(422, message, errors=[{"code": "no_seat", "field": "user"}], documentation=page)


def blocked() -> Refused:
    """403 as kubernetes/test-infra (issue 22723) saw it, also for who left by themselves."""
    return Refused(403, "Blocked")


def sso_required(organization: str, token_kind: str) -> Refused:
    """403 after "Authenticating to the REST API", with the header that says where to go."""
    words = {"oauth": "OAuth token", "classic": "Personal Access token"}
    page = f"https://github.com/orgs/{organization}/sso?authorization_request=AZSCKtL4U8yX1H3sCQIV"
    return Refused(
        403,
        "Resource protected by organization SAML enforcement. You must grant your "
        f"{words.get(token_kind, 'token')} access to this organization.",
        headers={"X-GitHub-SSO": f"required; url={page}"},
        documentation="https://docs.github.com/articles/authenticating-to-a-github-organization-with-saml-single-sign-on/",
    )


def application_restricted(organization: str) -> Refused:
    """403 as gitbutler (issue 8594) saw it."""
    return Refused(
        403,
        "Although you appear to have the correct authorization credentials, the "
        f"`{organization}` organization has enabled OAuth App access restrictions, meaning that "
        "data access to third-parties is limited. For more information on these restrictions, "
        "including how to enable this app, visit https://docs.github.com/articles/"
        "restricting-access-to-your-organization-s-data/",
    )


def no_permission(token_kind: str) -> Refused:
    """403 for a token without the permission that X-Accepted-GitHub-Permissions names."""
    whose = "personal access token" if token_kind == "fine_grained" else "integration"
    return Refused(403, f"Resource not accessible by {whose}")
