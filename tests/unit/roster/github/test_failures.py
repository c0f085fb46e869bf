"""Refusals in words that an organiser understands, each with what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from growth_admin.core.errors import (
    GitHubRefused,
    GitHubUnavailable,
    GrowthError,
    InvitationLimit,
    RateLimited,
    Uncertain,
)
from growth_admin.roster.github.school import GitHubSchool
from tests import github
from tests.unit.roster.github.conftest import TOKEN, Make
from tests.unit.roster.github.odd_server import OddServer, Told

NOW = datetime(2026, 11, 29, 10, 0, 0, tzinfo=UTC)
DATE = {"Date": "Sun, 29 Nov 2026 10:00:00 GMT"}
RESET = str(int((NOW + timedelta(minutes=25)).timestamp()))
PRIMARY = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": RESET}


def refused_by(odd: OddServer, school: GitHubSchool, told: Told) -> GrowthError:
    odd.says(told)
    with pytest.raises(GrowthError) as caught:
        school.put_membership("students", "kai")
    return caught.value


@pytest.mark.parametrize(
    ("status", "message", "headers", "after_s"),
    [
        (403, "You have exceeded a secondary rate limit.", {"Retry-After": "17"}, 17),
        (429, "You have exceeded a secondary rate limit.", {"Retry-After": "17"}, 17),
        (403, "You have exceeded a secondary rate limit.", {}, 60),
        (429, "Slow down", {}, 60),
        (403, "API rate limit exceeded for installation ID 1.", PRIMARY, 25 * 60),
        (429, "API rate limit exceeded for user ID 1.", PRIMARY, 25 * 60),
        (403, "You have triggered an abuse detection mechanism.", {}, 60),
        (403, "Forbidden", PRIMARY, 25 * 60),
        (429, "x", {"Retry-After": "Sun, 29 Nov 2026 11:00:00 GMT"}, 60),
        (429, "x", {"Retry-After": "0"}, 1),
        (429, "x", {"Retry-After": "99999999"}, 6 * 3600),
        (429, "x", {**PRIMARY, "X-RateLimit-Reset": "1"}, 1),
        (429, "x", {**PRIMARY, "X-RateLimit-Reset": "999999999999"}, 6 * 3600),
        (429, "x", {**PRIMARY, "Retry-After": "30"}, 30),
    ],
)
def test_limit_when_told_then_until_by_githubs_clock(
    odd: OddServer,
    odd_school: GitHubSchool,
    status: int,
    message: str,
    headers: dict[str, str],
    after_s: int,
) -> None:
    error = refused_by(odd, odd_school, Told(status, {"message": message}, {**headers, **DATE}))
    assert isinstance(error, RateLimited)
    assert abs((error.until - NOW).total_seconds() - after_s) < 1
    assert error.context["status"] == status
    again = RateLimited.from_wire(
        error.detail, hint=error.hint, fields=error.fields, context=error.context
    )
    assert again.until == error.until


CASES: list[tuple[int, dict[str, Any], dict[str, str], str, str]] = [
    (403, {"message": "Blocked"}, {}, "blocked", "people"),
    (
        422,
        {
            "message": "Cannot add an organization as a member.",
            "errors": [{"code": "org", "field": "user", "resource": "TeamMember"}],
        },
        {},
        "organization-account",
        "own login",
    ),
    (
        422,
        {"message": "Validation Failed", "errors": [{"code": "no_seat", "field": "user"}]},
        {},
        "no-seat",
        "billing",
    ),
    (
        403,
        {"message": "Resource not accessible by personal access token"},
        {"X-Accepted-GitHub-Permissions": "members=write; organization_administration=write"},
        "permission",
        "Members: read and write or Administration: read and write",
    ),
    (
        404,
        {"message": "Not Found"},
        {"X-OAuth-Scopes": "read:org, repo", "X-Accepted-OAuth-Scopes": "admin:org, write:org"},
        "permission",
        "scope admin:org",
    ),
    (404, {"message": "Not Found"}, {}, "not-found", "Check the names"),
    (
        403,
        {"message": "Resource protected by organization SAML enforcement."},
        {"X-GitHub-SSO": "required; url=https://github.com/orgs/school/sso?x=1"},
        "sso",
        "https://github.com/orgs/school/sso?x=1",
    ),
    (
        403,
        {"message": "... enabled OAuth App access restrictions, ..."},
        {},
        "oauth-restricted",
        "",
    ),
    (403, {"message": "You must be an admin of the organization"}, {}, "owner", "owner"),
    (403, {"message": "This installation has been suspended"}, {}, "suspended", "installations"),
    (
        422,
        {
            "message": "Validation Failed",
            "errors": [{"message": "Invitee is already a part of this organization"}],
        },
        {},
        "member-already",
        "login",
    ),
    (422, {"message": "Validation Failed", "errors": ["odd", 7, None]}, {}, "refused", ""),
    (418, None, {}, "refused", ""),
    (
        403,
        {"message": "Something new"},
        {"X-Accepted-GitHub-Permissions": "members=write"},
        "refused",
        "Members: read and write",
    ),
    (400, {"message": {"not": "text"}}, {}, "refused", ""),
]


@pytest.mark.parametrize(("status", "body", "headers", "reason", "hint"), CASES)
def test_refusal_when_known_then_explained(
    odd: OddServer,
    odd_school: GitHubSchool,
    status: int,
    body: dict[str, Any],
    headers: dict[str, str],
    reason: str,
    hint: str,
) -> None:
    error = refused_by(odd, odd_school, Told(status, body, headers))
    assert isinstance(error, GitHubRefused) and not isinstance(error, InvitationLimit)
    assert error.context["status"] == status and error.context["reason"] == reason
    assert error.detail.startswith("GitHub refused adding kai to students")
    assert hint in error.hint


@pytest.mark.parametrize(
    "body",
    [
        {"message": "Validation Failed", "errors": [{"message": "Over invitation rate limit"}]},
        {
            "message": "Validation Failed",
            "errors": [{"message": "odd"}, {"message": "Over invitation rate limit"}],
        },
        {"message": "Over invitation rate limit"},
        {"message": "Validation Failed", "errors": ["Over invitation rate limit"]},
    ],
)
def test_invitation_limit_when_anywhere_in_errors_then_seen(
    odd: OddServer, odd_school: GitHubSchool, body: dict[str, Any]
) -> None:
    assert isinstance(refused_by(odd, odd_school, Told(422, body)), InvitationLimit)


def test_credential_when_refused_then_names_its_file(
    odd: OddServer, odd_school: GitHubSchool
) -> None:
    error = refused_by(odd, odd_school, Told(401, {"message": f"Bad credentials {TOKEN}"}))
    assert isinstance(error, GitHubRefused)
    assert odd_school.settings.token_file in error.detail and "expired" in error.detail
    assert TOKEN not in str(vars(error)) and "[removed]" in error.detail


def test_permission_when_last_call_of_the_hour_then_no_limit(
    odd: OddServer, odd_school: GitHubSchool
) -> None:
    body = {"message": "Resource not accessible by integration"}
    error = refused_by(odd, odd_school, Told(403, body, PRIMARY))
    assert isinstance(error, GitHubRefused) and error.context["reason"] == "permission"


def test_message_when_long_and_dirty_then_cut_and_clean(
    odd: OddServer, odd_school: GitHubSchool
) -> None:
    error = refused_by(odd, odd_school, Told(400, {"message": "a\x1b[31m\n" + "x" * 5000}))
    assert len(error.detail) < 500 and error.detail.isprintable()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_read_when_redirected_within_the_site_then_followed(
    odd: OddServer, odd_school: GitHubSchool, status: int
) -> None:
    there = Told(200, {"id": 1, "login": "kai", "type": "User"})
    odd.says(Told(status, None, {"Location": "/organizations/7/there?x=1"}), there)
    found = odd_school.get_account("kai")
    assert found and found.id == 1
    assert odd.asked[1].path == "/organizations/7/there" and odd.asked[1].query == {"x": "1"}


def test_read_when_redirected_elsewhere_then_credential_stays(
    odd: OddServer, odd_school: GitHubSchool
) -> None:
    for there in ("http://localhost:9/x", "https://127.0.0.1/x", "http://[bad/", "//evil.example"):
        odd.says(Told(301, None, {"Location": there}))
        with pytest.raises(GitHubUnavailable, match="another address") as caught:
            odd_school.get_account("kai")
        assert "api_url" in caught.value.hint


def test_read_when_redirects_have_no_end_then_unavailable(
    odd: OddServer, odd_school: GitHubSchool
) -> None:
    odd.says(Told(302, None, {"Location": "/a"}), Told(302, None, {"Location": "/b"}))
    with pytest.raises(GitHubUnavailable):
        odd_school.get_account("kai")
    assert len(odd.asked) <= 5


@pytest.mark.parametrize(
    "headers",
    [
        {"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "x", "X-RateLimit-Reset": "y"},
        {"ETag": "", "Link": "<<<;;;>"},
        {"Date": "yesterday"},
        {"X-OAuth-Scopes": ",,,"},
        {"Link": '<http://[bad/?page=1>; rel="last"'},
    ],
)
def test_read_when_headers_are_odd_then_it_works(
    odd: OddServer, odd_school: GitHubSchool, headers: dict[str, str]
) -> None:
    odd.says(Told(200, [{"id": 1, "login": "a", "type": "User"}], headers))
    assert len(odd_school.list_owners()) == 1


@pytest.mark.parametrize("name", ["sso", "forbidden", "blocked", "no_seat", "over_limit"])
def test_standins_faults_when_on_then_refused_and_fine_afterwards(
    hub: github.StandIn, school: GitHubSchool, name: str
) -> None:
    hub.team("students")
    hub.person(f"fault-{name}")
    hub.fault(name, method="PUT")
    with pytest.raises(GitHubRefused) as caught:
        school.put_membership("students", f"fault-{name}")
    assert caught.value.context["status"] in (403, 422)
    assert isinstance(caught.value, InvitationLimit) == (name == "over_limit")
    assert school.put_membership("students", f"fault-{name}") == "pending"


def test_standins_primary_limit_when_reached_then_reset_is_told(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    hub.fault("primary", path="/members")
    with pytest.raises(RateLimited) as caught:
        school.list_owners()
    assert caught.value.until > school.now()


def test_standin_when_token_has_few_scopes_then_says_which_is_missing(
    hub: github.StandIn, make: Make
) -> None:
    hub.team("students")
    hub.person("scope-1")
    school = make(hub.token("", "read:org"))
    with pytest.raises(GitHubRefused) as caught:
        school.put_membership("students", "scope-1")
    assert "admin:org" in caught.value.hint and not isinstance(caught.value, Uncertain)


def test_standin_when_fine_grained_token_may_only_read_then_says_what_is_missing(
    hub: github.StandIn, make: Make
) -> None:
    hub.team("students")
    hub.person("fine-1")
    school = make(hub.fine_grained({"members": "read"}))
    assert school.list_members("students") == ()
    with pytest.raises(GitHubRefused) as caught:
        school.put_membership("students", "fine-1")
    assert "Members: read and write" in caught.value.hint
    with pytest.raises(GitHubRefused):
        school.list_blocked()


def test_standin_when_organization_wants_sso_then_link(hub: github.StandIn, make: Make) -> None:
    school = make()
    hub.settings(requires_sso=True)
    with pytest.raises(GitHubRefused) as caught:
        school.list_owners()
    assert caught.value.context["link"].startswith("http") and "sso" in caught.value.context["link"]
