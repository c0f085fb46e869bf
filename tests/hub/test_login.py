"""Logging in with GitHub on a real hub, both versions: who gets in, with which rights."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from growth_admin.deploy.demo.people import PEOPLE, Person
from tests.hub.school import School, eventually

CUSTOM = "custom:growth:"


def scopes(school: School, token: str) -> set[str]:
    """What a token may do, as the hub sees it now."""
    reply = school.hub_api("GET", "user", token)
    assert reply.status_code == 200, reply.text
    return set(reply.json()["scopes"])


@pytest.mark.parametrize("person", [p for p in PEOPLE if p.team], ids=lambda p: p.login)
def test_login_when_in_a_team_then_group_of_that_name_and_no_hub_admin(
    school: School, person: Person
) -> None:
    school.login(person.login)
    assert school.groups(person.hub_name) == [person.team]
    assert school.user(person.hub_name)["admin"] is False


def test_login_when_outsider_then_refused(either_school: School) -> None:
    browser, page = either_school.try_login("mallory-k")
    assert page.status_code == 403
    assert urlsplit(browser.get("/hub/home").url).path == "/hub/login"
    assert either_school.hub_api("GET", "users/mallory-k").status_code == 404


def test_login_when_admins_of_another_organization_then_refused(either_school: School) -> None:
    github = either_school.github
    login = either_school.new_person()
    seed = {"organizations": ["elsewhere"], "people": []}
    github.control("PUT", "seed", **seed)
    github.control("PUT", f"members/elsewhere/admins/{login}")
    _, page = either_school.try_login(login)
    assert page.status_code == 403


def test_login_when_invitation_is_pending_then_refused_until_accepted(
    either_school: School,
) -> None:
    github, login = either_school.github, either_school.new_person()
    owner = github.control("POST", "tokens", login="Ada-Okafor", scopes=["admin:org"])["token"]
    invited = github.api(
        "PUT", f"orgs/growth-school/teams/students/memberships/{login}", owner, role="member"
    )
    assert invited.json()["state"] == "pending"
    assert either_school.try_login(login)[1].status_code == 403
    github.control("POST", f"accept/growth-school/{login}")
    either_school.login(login)


def test_login_when_done_then_three_calls_to_github(either_school: School) -> None:
    login = either_school.new_person("students")
    either_school.github.control("DELETE", "requests")
    either_school.try_login(login)
    asked = [r for r in either_school.github.control("GET", "requests") if r["login"] == login]
    exchanges = [
        r
        for r in either_school.github.control("GET", "requests")
        if r["path"].startswith("/login/oauth/access_token")
    ]
    assert [r["path"].split("?")[0] for r in asked[:2]] == ["/api/v3/user", "/api/v3/user/teams"]
    assert len(exchanges) == 1


def test_login_when_in_many_teams_then_last_page_counts_too(either_school: School) -> None:
    github, login = either_school.github, either_school.new_person()
    github.control("PUT", "seed", organizations=["big-club"])
    for number in range(105):
        github.control("PUT", f"members/big-club/group-{number}/{login}")
    github.control("DELETE", f"members/big-club/group-0/{login}")
    github.join(login, "students")
    _, page = either_school.try_login(login)
    assert page.status_code == 200, page.url
    assert either_school.groups(login.lower()) == ["students"]


@pytest.mark.parametrize(
    ("login", "custom", "hub"),
    [
        ("Ada-Okafor", 7, {"list:users", "servers", "access:servers", "admin-ui", "read:hub"}),
        ("Priya-N", 1, set()),
        ("Jane-Doe", 0, set()),
    ],
)
def test_scopes_when_logged_in_then_those_of_the_team(
    either_school: School, login: str, custom: int, hub: set[str]
) -> None:
    either_school.login(login)
    held = scopes(either_school, either_school.token(login.lower()))
    assert len([s for s in held if s.startswith(CUSTOM)]) == custom
    assert hub <= held
    if custom < 7:
        assert not held & {"list:users", "admin-ui", "access:servers", "tokens", "delete:users"}
    assert not held & {"admin:users", "admin:auth_state", "shares", "admin:servers"}


def test_scopes_when_organiser_asks_for_a_user_then_no_github_token_in_it(
    either_school: School,
) -> None:
    either_school.login("Ada-Okafor")
    either_school.login("Jane-Doe")
    token = either_school.token("ada-okafor")
    model = either_school.hub_api("GET", "users/jane-doe", token).json()
    assert model["groups"] == ["students"] and "auth_state" not in model


def test_team_when_ta_is_promoted_then_rights_follow_within_the_refresh(
    either_school: School,
) -> None:
    login = either_school.new_person("students")
    either_school.login(login)
    token = either_school.token(login.lower())
    assert not [s for s in scopes(either_school, token) if s.startswith(CUSTOM)]
    either_school.github.join(login, "tas")
    eventually(lambda: CUSTOM + "datasets" in scopes(either_school, token))
    either_school.github.leave(login, "tas")
    eventually(lambda: CUSTOM + "datasets" not in scopes(either_school, token))
    assert either_school.groups(login.lower()) == ["students"]
