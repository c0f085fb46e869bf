"""Invitations into an organization: sent, accepted, expired, cancelled, refused."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime

import pytest

from tests import github
from tests.contract.github_api import (
    FAILED,
    INVITATIONS,
    MEMBERS,
    MEMBERSHIP,
    TEAM,
    TEAM_MEMBERSHIP,
    Api,
)

PUT, POST = f"PUT {TEAM_MEMBERSHIP}", f"POST {INVITATIONS}"
EXPIRED = "Invitation expired. User did not accept this invite for 7 days"


def new(hub: github.StandIn, count: int = 1) -> list[str]:
    """Logins of new accounts."""
    return [one["login"] for one in hub.people(count, f"{hub.organization}-p")]


def state(api: Api, token: str, login: str, team: str = "") -> str:
    """active, pending, or empty: in a team, or in the organization."""
    template = TEAM_MEMBERSHIP if team else MEMBERSHIP
    values = {"username": login, **({"team_slug": team} if team else {})}
    path = f"/orgs/{api.hub.organization}" + (f"/teams/{team}" if team else "")
    found = api.hub.call("GET", f"{path}/memberships/{login}", token)
    if found.status_code == 404:
        return ""
    return str(api(f"GET {template}", token, **values).json()["state"])


def test_put_when_no_member_then_invited_with_one_mail_and_active_once_accepted(
    hub: github.StandIn, api: Api
) -> None:
    token, [login] = hub.token(), new(hub)
    hub.team("students"), hub.team("tas")
    reply = api(PUT, token, team_slug="students", username=login, role="member").json()
    assert (reply["state"], reply["role"]) == ("pending", "member")
    again = api(PUT, token, team_slug="tas", username=login, role="maintainer").json()
    assert (again["state"], again["role"]) == ("pending", "maintainer")
    [invitation] = api.list(f"GET {INVITATIONS}", token)
    assert (invitation["login"], invitation["team_count"]) == (login, 2)
    teams = api(f"GET {INVITATIONS}/{{invitation_id}}/teams", token, invitation_id=invitation["id"])
    assert {team["slug"] for team in teams.json()} == {"students", "tas"}
    assert [mail["login"] for mail in hub.mails()] == [login]
    assert api.list(f"GET {TEAM}/members", token, team_slug="students") == []
    hub.accept(login)
    assert state(api, token, login) == state(api, token, login, "students") == "active"
    assert api.list(f"GET {INVITATIONS}", token) == []
    [maintainer] = api.list(f"GET {TEAM}/members?role=maintainer", token, team_slug="tas")
    assert maintainer["login"] == login and hub.sent_twice() == []


def test_put_when_a_member_already_then_active_at_once_without_a_mail(
    hub: github.StandIn, api: Api
) -> None:
    [one] = hub.people(1, f"{hub.organization}-m", teams=["tas"])
    hub.team("students")
    reply = api(PUT, hub.token(), team_slug="students", username=one["login"], role="member")
    assert reply.json()["state"] == "active" and hub.mails() == []


def test_invitation_when_seven_days_old_then_failed_and_the_team_can_be_asked_for_no_more(
    hub: github.StandIn, api: Api
) -> None:
    token, [login] = hub.token(), new(hub)
    hub.team("students")
    api(PUT, token, team_slug="students", username=login, role="member")
    hub.move_clock(days=6, hours=23)
    assert state(api, token, login) == "pending"
    hub.move_clock(hours=2)
    assert state(api, token, login) == state(api, token, login, "students") == ""
    assert api.list(f"GET {TEAM}/invitations", token, team_slug="students") == []
    [failed] = api.list(f"GET {FAILED}", token)
    assert failed["failed_reason"] == EXPIRED and failed["login"] == login
    assert failed["failed_at"] > failed["created_at"]
    number = failed["id"]
    api(f"GET {INVITATIONS}/{{invitation_id}}/teams", token, 404, invitation_id=number)
    api(f"DELETE {INVITATIONS}/{{invitation_id}}", token, 204, invitation_id=number)
    assert api.list(f"GET {FAILED}", token) == []
    api(PUT, token, team_slug="students", username=login, role="member")
    hub.accept(login)
    assert state(api, token, login, "students") == "active"
    assert len(hub.mails()) == 2


def test_date_when_the_clock_is_moved_then_every_time_follows(
    hub: github.StandIn, api: Api
) -> None:
    hub.move_clock(days=3)
    reply = api("GET /orgs/{org}", hub.token())
    dated = parsedate_to_datetime(reply.headers["Date"]).timestamp()
    assert abs(dated - hub.now_s()) < 3
    assert 0 < int(reply.headers["X-RateLimit-Reset"]) - hub.now_s() <= 3600
    hub.team("students")
    [login] = new(hub)
    api(PUT, hub.token(), team_slug="students", username=login, role="member")
    sent = datetime.fromisoformat(hub.mails()[0]["at"]).timestamp()
    assert abs(sent - hub.now_s()) < 3


# ---- by address


def test_email_when_invited_again_then_the_same_invitation_and_the_mail_counts(
    hub: github.StandIn, api: Api
) -> None:
    token, team = hub.token(), hub.team("students")
    body = {"email": "late@example.org", "role": "direct_member", "team_ids": [team["id"]]}
    first = api(POST, token, 201, **body).json()
    assert (first["login"], first["email"]) == (None, "late@example.org")
    assert api(POST, token, 201, **body).json() == first
    assert hub.sent_twice() == ["late@example.org"]
    hub.settings(repeats="refused")
    api(POST, token, 422, **body)


def test_email_when_another_account_tries_then_only_its_owner_can_accept(
    hub: github.StandIn, api: Api
) -> None:
    token, team = hub.token(), hub.team("students")
    other, owner = f"{hub.organization}-o", f"{hub.organization}-a"
    hub.person(other), hub.person(owner, emails=[f"{owner}@uni.example"])
    api(POST, token, 201, email=f"{owner}@UNI.example", role="direct_member", team_ids=[team["id"]])
    theirs = hub.token(other, "write:org")
    accept = "PATCH /user/memberships/orgs/{org}"
    api(accept, theirs, 404, state="active")
    assert state(api, token, owner) == "pending"  # although the list shows no login
    [listed] = api.list(f"GET {INVITATIONS}", token)
    assert listed["login"] is None
    mine = hub.token(owner, "write:org")
    pending = api("GET /user/memberships/orgs?state=pending", mine).json()
    assert [one["state"] for one in pending] == ["pending"]
    assert api(accept, mine, state="active").json()["state"] == "active"
    assert state(api, token, owner, "students") == "active"


def test_account_when_its_address_is_invited_too_then_two_invitations(
    hub: github.StandIn, api: Api
) -> None:
    token, team = hub.token(), hub.team("students")
    one = hub.person(f"{hub.organization}-a")
    api(POST, token, 201, email=one["email"], role="direct_member", team_ids=[team["id"]])
    api(POST, token, 201, invitee_id=one["id"], role="direct_member")
    assert len(api.list(f"GET {INVITATIONS}", token)) == 2
    assert hub.sent_twice() == [one["email"]]
    hub.accept(one["login"])
    assert api.list(f"GET {INVITATIONS}", token) == []


@pytest.mark.parametrize(
    "body",
    [
        {"role": "direct_member"},
        {"email": "no address", "role": "direct_member"},
        {"email": "a@example.org", "role": "king"},
        {"email": "a@example.org", "team_ids": [1]},
    ],
)
def test_post_when_the_body_is_wrong_then_422_and_no_mail(
    hub: github.StandIn, api: Api, body: dict[str, object]
) -> None:
    api(POST, hub.token(), 422, **body)
    assert hub.mails() == []


def test_post_when_a_member_already_then_422_in_githubs_words(
    hub: github.StandIn, api: Api
) -> None:
    [one] = hub.people(1, f"{hub.organization}-m", teams=["students"])
    by_id = api(POST, hub.token(), 422, invitee_id=one["id"]).json()
    by_mail = api(POST, hub.token(), 422, email=one["email"]).json()
    assert by_id["errors"][0]["message"] == "Invitee is already a part of this organization"
    assert "already a part of this organization" in by_mail["errors"][0]["message"]


# ---- cancelled, removed, gone


def test_removal_from_a_team_when_pending_then_the_invitation_loses_the_team(
    hub: github.StandIn, api: Api
) -> None:
    token, [login] = hub.token(), new(hub)
    hub.team("students"), hub.team("tas")
    for team in ("students", "tas"):
        api(PUT, token, team_slug=team, username=login, role="member")
    api(f"DELETE {TEAM_MEMBERSHIP}", token, 204, team_slug="tas", username=login)
    [invitation] = api.list(f"GET {INVITATIONS}", token)
    assert invitation["team_count"] == 1
    api(f"DELETE {MEMBERSHIP}", token, 204, username=login)
    assert api.list(f"GET {INVITATIONS}", token) == api.list(f"GET {FAILED}", token) == []
    assert hub.invitations()[0]["state"] == "cancelled"
    number = hub.invitations()[0]["id"]
    api(f"DELETE {INVITATIONS}/{{invitation_id}}", token, 204, invitation_id=number)


def test_member_when_removed_then_out_of_all_teams_and_not_found(
    hub: github.StandIn, api: Api
) -> None:
    token = hub.token()
    [one] = hub.people(1, f"{hub.organization}-m", teams=["students", "tas"])
    api(f"DELETE {TEAM_MEMBERSHIP}", token, 204, team_slug="tas", username=one["login"])
    api(f"DELETE {TEAM_MEMBERSHIP}", token, 404, team_slug="tas", username=one["login"])
    assert state(api, token, one["login"]) == "active"
    api(f"DELETE {MEMBERSHIP}", token, 204, username=one["login"])
    assert state(api, token, one["login"], "students") == state(api, token, one["login"]) == ""
    api(f"DELETE {MEMBERSHIP}", token, 404, username=one["login"])


def test_leaver_when_added_again_then_blocked_until_reinstated(
    hub: github.StandIn, api: Api
) -> None:
    token = hub.token()
    [one, two] = hub.people(2, f"{hub.organization}-m", teams=["students"])
    api(f"DELETE {MEMBERSHIP}", hub.token(one["login"], "write:org"), 204, username=one["login"])
    refused = api(PUT, token, 403, team_slug="students", username=one["login"], role="member")
    assert refused.json()["message"] == "Blocked"
    api(f"PUT {MEMBERSHIP}", token, 403, username=one["login"], role="member")
    hub.control("DELETE", f"blocks/{hub.organization}/{one['login']}")
    api(PUT, token, team_slug="students", username=one["login"], role="member")
    theirs = hub.token(two["login"], "write:org", "admin:org")
    api(f"DELETE {TEAM_MEMBERSHIP}", theirs, 204, team_slug="students", username=two["login"])
    again = api(PUT, token, team_slug="students", username=two["login"], role="member").json()
    assert again["state"] == "active"  # who only left a team can be added


def test_blocked_when_invited_then_refused_and_listed(hub: github.StandIn, api: Api) -> None:
    token, [login] = hub.token(), new(hub)
    hub.team("students")
    api("PUT /orgs/{org}/blocks/{username}", token, 204, username=login)
    assert [one["login"] for one in api.list("GET /orgs/{org}/blocks", token)] == [login]
    api("GET /orgs/{org}/blocks/{username}", token, 204, username=login)
    api(PUT, token, 403, team_slug="students", username=login, role="member")
    number = hub.call("GET", f"/users/{login}", token).json()["id"]
    api(POST, token, 422, invitee_id=number)
    api("DELETE /orgs/{org}/blocks/{username}", token, 204, username=login)
    api("GET /orgs/{org}/blocks/{username}", token, 404, username=login)


def test_put_when_no_such_login_or_an_organization_then_404_and_422(
    hub: github.StandIn, api: Api
) -> None:
    token = hub.token()
    hub.team("students")
    api(PUT, token, 404, team_slug="students", username="nobody-has-this", role="member")
    reply = api(PUT, token, 422, team_slug="students", username=hub.organization, role="member")
    assert reply.json()["errors"][0]["code"] == "org"
    shown = api("GET /users/{username}", token, username=hub.organization).json()
    assert shown["type"] == "Organization"
    api(f"PUT {MEMBERSHIP}", token, 422, username=hub.organization, role="member")


# ---- what the organization's settings refuse


def test_limit_when_fifty_are_sent_then_422_until_a_day_has_passed(
    hub: github.StandIn, api: Api
) -> None:
    token, logins = hub.token(), new(hub, 53)
    hub.team("students")
    values = {"team_slug": "students", "role": "member"}
    for login in logins[:50]:
        hub.call(
            "PUT",
            f"/orgs/{hub.organization}/teams/students/memberships/{login}",
            token,
            json={"role": "member"},
        )
    over = api(PUT, token, 422, username=logins[50], **values).json()
    assert over["errors"] == [
        {
            "resource": "OrganizationInvitation",
            "code": "unprocessable",
            "field": "data",
            "message": "Over invitation rate limit",
        }
    ]
    api(POST, token, 422, email="x@example.org")
    api(f"PUT {MEMBERSHIP}", token, 422, username=logins[50], role="member")
    first = hub.invitations()[0]["id"]
    api(f"DELETE {INVITATIONS}/{{invitation_id}}", token, 204, invitation_id=first)
    api(PUT, token, 422, username=logins[50], **values)  # cancelled ones count
    assert len(hub.mails()) == 50
    hub.move_clock(hours=24, minutes=1)
    api(PUT, token, username=logins[50], **values)
    hub.settings(paid=True)
    api(PUT, token, username=logins[51], **values)
    hub.settings(invitation_limit=2)
    api(PUT, token, 422, username=logins[52], **values)


def test_seats_when_used_up_then_422_and_a_cancelled_invitation_frees_one(
    hub: github.StandIn, api: Api
) -> None:
    token, logins = hub.token(), new(hub, 2)
    hub.team("students")
    hub.settings(paid=True, seats=2)
    api(PUT, token, team_slug="students", username=logins[0], role="member")
    full = api(PUT, token, 422, team_slug="students", username=logins[1], role="member").json()
    assert full["errors"][0]["code"] == "no_seat"
    plan = api("GET /orgs/{org}", token).json()["plan"]
    assert (plan["seats"], plan["filled_seats"]) == (2, 2)
    api(f"DELETE {MEMBERSHIP}", token, 204, username=logins[0])
    api(PUT, token, team_slug="students", username=logins[1], role="member")


def test_acceptance_when_two_factor_is_required_then_refused_without_it(
    hub: github.StandIn, api: Api
) -> None:
    login = f"{hub.organization}-p"
    hub.person(login, two_factor=False)
    hub.team("students")
    hub.settings(requires_two_factor=True)
    api(PUT, hub.token(), team_slug="students", username=login, role="member")
    mine = hub.token(login, "write:org", "user")
    api("PATCH /user/memberships/orgs/{org}", mine, 403, state="active")
    assert api("GET /user", mine).json()["two_factor_authentication"] is False
    hub.control("PATCH", f"people/{login}", two_factor=True)
    api("PATCH /user/memberships/orgs/{org}", mine, state="active")


@pytest.mark.parametrize("reason", ["no_more_seats", "trade_controls", "invalid_generic"])
def test_invitation_when_it_fails_otherwise_then_the_reason_is_a_sentence(
    hub: github.StandIn, api: Api, reason: str
) -> None:
    [login] = new(hub)
    hub.team("students")
    api(PUT, hub.token(), team_slug="students", username=login, role="member")
    hub.fail_invitation(hub.invitations()[0]["id"], reason)
    [failed] = api.list(f"GET {FAILED}", hub.token())
    assert len(failed["failed_reason"].split()) > 2


# ---- teams in teams, and who may write


def test_team_when_it_has_child_teams_then_their_members_count_as_its_own(
    hub: github.StandIn, api: Api
) -> None:
    token = hub.token()
    above, below = hub.team("tas"), hub.team("tas maths", parent="tas")
    [one] = hub.people(1, f"{hub.organization}-m", teams=["tas-maths"])
    assert below["slug"] == "tas-maths"
    [child] = api(f"GET {TEAM}/teams", token, team_slug="tas").json()
    assert child["parent"]["id"] == above["id"]
    listed = api.list(f"GET {TEAM}/members", token, team_slug="tas")
    assert [member["login"] for member in listed] == [one["login"]]
    assert (listed[0]["role"], listed[0]["inherited"]) == ("member", True)
    [own] = api.list(f"GET {TEAM}/members", token, team_slug="tas-maths")
    assert own["inherited"] is False
    assert state(api, token, one["login"], "tas") == "active"
    assert api(f"GET {TEAM}", token, team_slug="tas-maths").json()["parent"]["slug"] == "tas"
    api(f"DELETE {TEAM_MEMBERSHIP}", token, 404, team_slug="tas", username=one["login"])
    assert {team["slug"] for team in api("GET /orgs/{org}/teams", token).json()} == {
        "tas",
        "tas-maths",
    }


def test_owner_when_in_a_team_then_a_maintainer_of_it(hub: github.StandIn, api: Api) -> None:
    hub.people(1, f"{hub.organization}-m", teams=["tas"])
    hub.join(hub.owner, "tas")
    listed = api.list(f"GET {TEAM}/members?role=maintainer", hub.token(), team_slug="tas")
    assert [one["login"] for one in listed] == [hub.owner]
    found = api(f"GET {TEAM_MEMBERSHIP}", hub.token(), team_slug="tas", username=hub.owner)
    assert found.json()["role"] == "maintainer"


def test_maintainer_when_adding_then_members_only(hub: github.StandIn, api: Api) -> None:
    [lead, member] = hub.people(2, f"{hub.organization}-m", teams=["students"])
    hub.team("tas")
    hub.join(lead["login"], "tas", "maintainer")
    [stranger] = new(hub)
    token = hub.token(lead["login"])
    api(PUT, token, team_slug="tas", username=member["login"], role="member")
    api(PUT, token, 403, team_slug="tas", username=stranger, role="member")
    api(PUT, token, 403, team_slug="students", username=member["login"], role="member")
    api(f"DELETE {TEAM_MEMBERSHIP}", token, 204, team_slug="tas", username=member["login"])
    api(f"GET {INVITATIONS}", token, 404)
    api(POST, token, 404, email="x@example.org")


def test_owner_when_the_last_then_cannot_leave(hub: github.StandIn, api: Api) -> None:
    token = hub.token()
    api(f"DELETE {MEMBERSHIP}", token, 403, username=hub.owner)
    api(f"PUT {MEMBERSHIP}", token, 403, username=hub.owner, role="member")
    [one] = hub.people(1, f"{hub.organization}-m", teams=["tas"])
    api(f"PUT {MEMBERSHIP}", token, username=one["login"], role="admin")
    assert {m["login"] for m in api.list(f"GET {MEMBERS}?role=admin", token)} == {
        hub.owner,
        one["login"],
    }
    api(f"DELETE {MEMBERSHIP}", token, 204, username=hub.owner)


def test_person_when_renamed_then_found_by_number_and_the_old_login_is_nobody(
    hub: github.StandIn, api: Api
) -> None:
    [one] = hub.people(1, f"{hub.organization}-m", teams=["students"])
    token, renamed = hub.token(), f"{one['login']}-x"
    hub.rename(one["login"], renamed)
    assert api("GET /user/{account_id}", token, account_id=one["id"]).json()["login"] == renamed
    api("GET /users/{username}", token, 404, username=one["login"])
    other = hub.person(one["login"])
    taken = api("GET /users/{username}", token, username=one["login"]).json()
    assert taken["id"] == other["id"] != one["id"]
    assert state(api, token, renamed, "students") == "active"
