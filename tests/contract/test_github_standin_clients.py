"""Clients that others wrote against the stand-in: PyGithub and GitHub's own Octokit."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import github as pygithub
import pytest
from github.NamedUser import NamedUser
from github.Organization import Organization
from github.Team import Team

from tests import github
from tests.contract.github_description import Description

HERE = Path(__file__).parent
LABEXTENSION = HERE.parents[1] / "labextension"
QUICK: dict[str, Any] = {
    "per_page": 100,
    "seconds_between_requests": None,
    "seconds_between_writes": None,
    "retry": None,
}


def client(hub: github.StandIn, auth: pygithub.Auth.Auth | None = None) -> pygithub.Github:
    """PyGithub as the owner, or with other credentials."""
    auth = auth or pygithub.Auth.Token(hub.token("", "admin:org", "user"))
    return pygithub.Github(auth=auth, base_url=hub.api_url, **QUICK)


def named(who: pygithub.Github, login: str) -> NamedUser:
    """The account."""
    found = who.get_user(login)
    assert isinstance(found, NamedUser)
    return found


def students(hub: github.StandIn, who: pygithub.Github) -> tuple[Organization, Team]:
    """The organization and its team."""
    organization = who.get_organization(hub.organization)
    return organization, organization.get_team_by_slug("students")


def logins(people: Any) -> set[str]:
    """Their logins."""
    return {one.login for one in people}


def test_pygithub_when_a_person_joins_and_goes_then_every_state_is_seen(
    hub: github.StandIn, published: Description
) -> None:
    hub.team("students")
    [one] = hub.people(1, f"{hub.organization}-p")
    who = client(hub)
    assert who.get_user().login == hub.owner
    organization, team = students(hub, who)
    person = named(who, one["login"])
    team.add_membership(person, role="member")
    assert team.get_team_membership(one["login"]).state == "pending"
    assert logins(organization.invitations()) == logins(team.invitations()) == {one["login"]}
    hub.accept(one["login"])
    assert team.get_team_membership(one["login"]).state == "active"
    assert logins(team.get_members()) == {one["login"]}
    assert organization.has_in_members(person)
    team.remove_membership(person)
    assert logins(team.get_members()) == set() and organization.has_in_members(person)
    organization.remove_from_membership(person)
    with pytest.raises(pygithub.UnknownObjectException):
        team.get_team_membership(one["login"])
    assert published.sent_problems(hub.requests()) == []


def test_pygithub_when_an_invitation_expires_then_invited_again_with_its_team(
    hub: github.StandIn, published: Description
) -> None:
    hub.team("students")
    [one] = hub.people(1, f"{hub.organization}-p")
    who = client(hub)
    organization, team = students(hub, who)
    team.add_membership(named(who, one["login"]), role="member")
    hub.move_clock(days=8)
    assert logins(organization.invitations()) == set()
    path = f"/orgs/{hub.organization}/failed_invitations"
    _, failed = who.requester.requestJsonAndCheck("GET", path)
    assert failed[0]["login"] == one["login"]
    organization.invite_user(user=named(who, one["login"]), teams=[team])
    [invitation] = organization.invitations()
    assert invitation.login == one["login"]
    hub.accept(one["login"])
    assert logins(team.get_members()) == {one["login"]}
    assert published.sent_problems(hub.requests()) == []


def test_pygithub_when_a_team_has_a_thousand_members_then_twelve_calls(
    hub: github.StandIn,
) -> None:
    hub.people(1000, f"{hub.organization}-m", teams=["students"])
    who = client(hub)
    hub.forget_requests()
    _, team = students(hub, who)
    assert len(logins(team.get_members())) == 1000
    assert len(hub.requests()) == 12


def test_pygithub_when_refused_then_its_own_exceptions_are_raised(hub: github.StandIn) -> None:
    hub.team("students")
    people = hub.people(3, f"{hub.organization}-p")
    who = client(hub)
    _, team = students(hub, who)
    hub.settings(invitation_limit=1)
    team.add_membership(named(who, people[0]["login"]), role="member")
    with pytest.raises(pygithub.GithubException) as over:
        team.add_membership(named(who, people[1]["login"]), role="member")
    assert over.value.status == 422
    assert over.value.data["errors"][0]["message"] == "Over invitation rate limit"
    for fault in ("secondary", "primary"):
        hub.fault(fault, method="GET", path="/members$")
        with pytest.raises(pygithub.RateLimitExceededException):
            list(team.get_members())
    hub.fault("secondary_429", method="GET", path="/members$")
    with pytest.raises(pygithub.GithubException) as limited:  # 429 has no exception of its own
        list(team.get_members())
    assert limited.value.status == 429 and "retry-after" in (limited.value.headers or {})
    with pytest.raises(pygithub.BadCredentialsException):
        client(hub, pygithub.Auth.Token("ghp_never")).get_user().login  # noqa: B018
    member = hub.people(1, f"{hub.organization}-m", teams=["students"])[0]["login"]
    weak = client(hub, pygithub.Auth.Token(hub.token(member)))
    with pytest.raises(pygithub.GithubException) as forbidden:
        students(hub, weak)[1].add_membership(named(weak, people[2]["login"]), role="member")
    assert forbidden.value.status == 403


def test_pygithub_when_it_is_a_github_app_then_its_installation_invites(
    hub: github.StandIn, published: Description
) -> None:
    app = hub.app({"members": "write"})
    hub.team("students")
    [one] = hub.people(1, f"{hub.organization}-p")
    auth = pygithub.Auth.AppAuth(app.id, app.private_key)
    integration = pygithub.GithubIntegration(auth=auth, base_url=hub.api_url, retry=None)
    assert integration.get_app().slug == app.slug
    found = integration.get_org_installation(hub.organization)
    assert found.id == app.installation_id
    who = client(hub, auth.get_installation_auth(found.id))
    organization, team = students(hub, who)
    team.add_membership(named(who, one["login"]), role="member")
    [invitation] = organization.invitations()
    assert invitation.inviter.login == f"{app.slug}[bot]"
    hub.accept(one["login"])
    assert logins(team.get_members()) == {one["login"]}
    assert hub.count("POST", "/access_tokens$") == 1
    hub.move_clock(days=3)  # tokens live by the machine's clock, so the client's still counts
    assert logins(team.get_members()) == {one["login"]}
    assert published.sent_problems(hub.requests()) == []


def test_octokit_when_used_as_a_roster_would_then_works(
    hub: github.StandIn, published: Description
) -> None:
    hub.people(150, f"{hub.organization}-m", teams=["students"])
    people = hub.people(3, f"{hub.organization}-p")
    roster = {
        "api": hub.api_url,
        "control": f"{hub.url}/_control",
        "org": hub.organization,
        "token": hub.token(),
        "people": people,
    }
    done = subprocess.run(
        ["node", "--input-type=module"],
        input=(HERE / "octokit_roster.mjs").read_text(),
        cwd=LABEXTENSION,
        env={**os.environ, "ROSTER": json.dumps(roster)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    first, second, _ = (person["login"] for person in people)
    assert json.loads(done.stdout) == {
        "put": "pending",
        "pending": [[first, 1]],
        "accepted": "active",
        "members": 151,
        "unchanged": 304,
        "expired": [[second, "Invitation expired. User did not accept this invite for 7 days"]],
        "again": [201, 1],
        "gone": 404,
        "over": [422, "Over invitation rate limit"],
        "secondary": 403,
        "me": hub.owner,
    }
    assert published.sent_problems(hub.requests()) == []
