"""Limits, faults and crashes of the stand-in: what a client has to live with."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest
import requests

from growth_admin.deploy.standins.github.world import World
from tests import github
from tests.contract.github_api import INVITATIONS, MEMBERS, TEAM, TEAM_MEMBERSHIP, Api

PUT = f"PUT {TEAM_MEMBERSHIP}"


def put(hub: github.StandIn, token: str, login: str) -> requests.Response:
    """Into the students' team."""
    path = f"/orgs/{hub.organization}/teams/students/memberships/{login}"
    return hub.call("PUT", path, token, json={"role": "member"})


# ---- counting


def test_primary_limit_when_used_up_then_403_until_the_reset(hub: github.StandIn, api: Api) -> None:
    hub.limits(primary_per_hour=3)
    token = hub.token()
    try:
        seen = [api("GET /user", token).headers["X-RateLimit-Remaining"] for _ in range(3)]
        assert seen == ["2", "1", "0"]
        refused = api("GET /user", token, 403)
        assert "rate limit exceeded" in refused.json()["message"]
        assert refused.headers["X-RateLimit-Remaining"] == "0"
        core = api("GET /rate_limit", token).json()["resources"]["core"]
        assert core["remaining"] == 0 and core["reset"] == int(refused.headers["X-RateLimit-Reset"])
        hub.move_clock(seconds=core["reset"] - hub.now_s() + 1)
        api("GET /user", token)
    finally:
        hub.limits(primary_per_hour=5000)


def test_anonymous_when_asking_more_than_sixty_times_then_403(
    hub: github.StandIn, api: Api
) -> None:
    statuses = [hub.call("GET", f"/users/{hub.owner}").status_code for _ in range(61)]
    assert statuses == [200] * 60 + [403]
    api("GET /users/{username}", hub.token(), username=hub.owner)


def test_reply_when_it_is_known_already_then_304_and_not_counted(
    hub: github.StandIn, api: Api
) -> None:
    hub.people(3, f"{hub.organization}-m", teams=["students"])
    token, call = hub.token(), f"GET {TEAM}/members?per_page=100"
    first = api(call, token, team_slug="students")
    known = {"If-None-Match": first.headers["ETag"]}
    again = api(call, token, 304, team_slug="students", headers=known)
    assert again.headers["X-RateLimit-Used"] == first.headers["X-RateLimit-Used"]
    assert again.headers["ETag"] == first.headers["ETag"] and again.content == b""
    hub.people(1, f"{hub.organization}-n", teams=["students"])
    changed = api(call, token, team_slug="students", headers=known)
    assert len(changed.json()) == 4
    assert hub.count("GET", "/members", 304) == 1


@pytest.mark.parametrize(
    ("status", "tells"), [(403, True), (429, True), (403, False), (429, False)]
)
def test_secondary_limit_when_writing_fast_then_refused_until_a_minute_has_passed(
    hub: github.StandIn, api: Api, status: int, tells: bool
) -> None:
    hub.team("students")
    [one, two] = hub.people(2, f"{hub.organization}-p")
    hub.limits(writes_per_minute=1, secondary_status=status, tells_retry_after=tells)
    try:
        api(PUT, hub.token(), team_slug="students", username=one["login"], role="member")
        refused = put(hub, hub.token(), two["login"])
        assert refused.status_code == status
        assert "secondary rate limit" in refused.json()["message"]
        assert ("Retry-After" in refused.headers) is tells
        assert int(refused.headers["X-RateLimit-Remaining"]) > 0
        api("GET /user", hub.token())
        hub.move_clock(seconds=61)
        api(PUT, hub.token(), team_slug="students", username=two["login"], role="member")
    finally:
        hub.limits(writes_per_minute=0, secondary_status=403, tells_retry_after=True)
    assert hub.sent_twice() == []


def test_points_when_spent_then_reading_is_refused_too(hub: github.StandIn, api: Api) -> None:
    hub.limits(points_per_minute=7)
    token = hub.token()
    try:
        hub.team("students")
        [one] = hub.people(1, f"{hub.organization}-p")
        api(PUT, token, team_slug="students", username=one["login"], role="member")
        api("GET /user", token)
        api("GET /user", token)
        assert int(api("GET /user", token, 403).headers["Retry-After"]) > 0
    finally:
        hub.limits(points_per_minute=0)


# ---- faults


def test_connection_when_cut_before_then_nothing_was_done(hub: github.StandIn) -> None:
    hub.team("students")
    [one] = hub.people(1, f"{hub.organization}-p")
    hub.fault("cut_before", method="PUT")
    with pytest.raises(requests.ConnectionError):
        put(hub, hub.token(), one["login"])
    assert hub.mails() == []
    assert put(hub, hub.token(), one["login"]).json()["state"] == "pending"


def test_connection_when_cut_after_then_it_was_done_once(hub: github.StandIn) -> None:
    hub.team("students")
    people = hub.people(3, f"{hub.organization}-p")
    hub.fault("cut_after", method="PUT", path="/memberships/", after_n=1)
    assert put(hub, hub.token(), people[0]["login"]).status_code == 200
    with pytest.raises(requests.ConnectionError):
        put(hub, hub.token(), people[1]["login"])
    assert put(hub, hub.token(), people[1]["login"]).json()["state"] == "pending"
    assert len(hub.mails()) == 2 and hub.sent_twice() == []
    statuses = [one["status"] for one in hub.requests() if one["method"] == "PUT"]
    assert statuses == [200, 0, 200]


def test_answer_when_lost_then_made_all_the_same(hub: github.StandIn, api: Api) -> None:
    hub.fault("lost_answer", method="POST", path="/invitations$")
    api(f"POST {INVITATIONS}", hub.token(), 502, email="a@example.org")
    assert [one["email"] for one in api.list(f"GET {INVITATIONS}", hub.token())] == [
        "a@example.org"
    ]


@pytest.mark.parametrize(
    ("name", "status", "header", "value"),
    [
        ("secondary", 403, "Retry-After", "60"),
        ("secondary_429", 429, "Retry-After", "60"),
        ("primary", 403, "X-RateLimit-Remaining", "0"),
        ("sso", 403, "X-GitHub-SSO", "required; url="),
        ("outage", 503, "X-GitHub-Request-Id", ""),
        ("bad_gateway", 502, "Date", ""),
        ("error", 500, "Date", ""),
        ("blocked", 403, "Date", ""),
        ("forbidden", 403, "X-GitHub-Request-Id", ""),
        ("unauthorized", 401, "Date", ""),
        ("not_found", 404, "Date", ""),
    ],
)
def test_fault_when_named_then_it_meets_once_and_looks_like_githubs(
    hub: github.StandIn, api: Api, name: str, status: int, header: str, value: str
) -> None:
    hub.fault(name, path="/members$", login=hub.owner, after_n=1)
    token = hub.token()
    api(f"GET {MEMBERS}", token)
    refused = api(f"GET {MEMBERS}", token, status)
    assert value in refused.headers[header]
    api(f"GET {MEMBERS}", token)
    [fault] = hub.control("GET", "faults")
    assert (fault["matched"], fault["met"]) == (3, 1)


@pytest.mark.parametrize("name", ["over_limit", "no_seat", "unprocessable"])
def test_fault_when_422_then_no_invitation_is_made(
    hub: github.StandIn, api: Api, name: str
) -> None:
    hub.fault(name, method="POST", times=2)
    for _ in range(2):
        api(f"POST {INVITATIONS}", hub.token(), 422, email="a@example.org")
    assert hub.mails() == []
    api(f"POST {INVITATIONS}", hub.token(), 201, email="a@example.org")


def test_answer_when_slow_then_done_although_the_client_gave_up(hub: github.StandIn) -> None:
    hub.team("students")
    [one] = hub.people(1, f"{hub.organization}-p")
    hub.fault("slow", method="PUT", delay_s=0.6)
    headers = {"Authorization": f"Bearer {hub.token()}"}
    url = f"{hub.api_url}/orgs/{hub.organization}/teams/students/memberships/{one['login']}"
    with pytest.raises(requests.Timeout):
        requests.put(url, json={"role": "member"}, headers=headers, timeout=0.2)
    time.sleep(0.7)
    assert len(hub.mails()) == 1


def test_fault_when_it_is_none_then_said(hub: github.StandIn) -> None:
    for wrong in ({"name": "rain"}, {"colour": "red"}, {"path": "("}):
        with pytest.raises(AssertionError, match=r"no fault|No fault"):
            hub.control("POST", "faults", **wrong)


# ---- keeping


def known(hub: github.StandIn) -> list[object]:
    """People and organizations, as the running stand-in knows them."""
    world = hub.control("GET", "")
    return [world["people"], world["organizations"]]


def kept(hub: github.StandIn) -> object:
    """People and organizations, as its file has them now."""
    world = World(hub.folder / "state.json")
    parts = (world.people.values(), world.organizations.values())
    return json.loads(json.dumps([[asdict(one) for one in part] for part in parts]))


def test_state_when_killed_then_all_that_was_answered_is_there(tmp_path: Path) -> None:
    with github.running(tmp_path) as hub:
        token = hub.token()
        hub.team("students")
        names = [one["login"] for one in hub.people(12)]
        changes: list[Callable[[], object]] = [
            lambda: [put(hub, token, name) for name in names[:2]],
            lambda: put_unanswered(hub, token, names[2]),
            lambda: [put(hub, token, name) for name in names[3:]],
            lambda: hub.accept(names[0]),
            lambda: hub.decline(names[1]),
            lambda: hub.accept(names[2]),
            lambda: hub.leave(names[2]),
            lambda: hub.block(names[3]),
            lambda: hub.rename(names[4], "renamed"),
            lambda: hub.fail_invitation(hub.invitations("pending")[-1]["id"], "no_more_seats"),
            lambda: hub.call("DELETE", f"/orgs/school/memberships/{names[6]}", token),
            lambda: hub.call(
                "DELETE", f"/orgs/school/teams/students/memberships/{names[0]}", token
            ),
            lambda: hub.call("PUT", f"/orgs/school/memberships/{names[7]}", token, json={}),
            lambda: hub.control("DELETE", f"people/{names[8]}"),
            lambda: hub.settings(seats=100, invitation_limit=7),
            lambda: hub.limits(writes_per_minute=500),
            lambda: hub.move_clock(days=8),
            lambda: hub.call("DELETE", f"/orgs/school/invitations/{failed(hub)}", token),
            lambda: hub.app({"members": "write"}),
        ]
        for change in changes:
            change()
            assert kept(hub) == known(hub)
        before = known(hub), hub.mails()
        hub.kill()
        hub.start()
        assert (known(hub), hub.mails()) == before
        assert hub.control("GET", "limits")["rules"]["writes_per_minute"] == 500
        assert hub.control("GET", "clock")["offset_s"] == 8 * 86400
        assert put(hub, token, hub.people(1, "more-")[0]["login"]).status_code == 200


def put_unanswered(hub: github.StandIn, token: str, login: str) -> None:
    """Into the students' team, but nobody hears of it."""
    hub.fault("cut_after", method="PUT")
    with pytest.raises(requests.ConnectionError):
        put(hub, token, login)


def failed(hub: github.StandIn) -> int:
    """The number of a failed invitation."""
    return int(hub.invitations("failed")[0]["id"])


def test_state_when_of_an_earlier_version_then_read(tmp_path: Path) -> None:
    folder = tmp_path / "github"
    folder.mkdir()
    person = {"name": "P", "email": "p@example.org", "label": "", "email_is_public": False}
    person |= {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    active, pending = {"role": "admin", "state": "active"}, {"role": "member", "state": "pending"}
    team = {"id": 12, "slug": "students", "name": "students", "members": {"11": pending}}
    organization = {"id": 13, "login": "school", "name": "school"}
    organization |= {"members": {"10": active, "11": pending}, "teams": {"students": team}}
    for one in (team, organization):
        one["created_at"] = "2026-01-01T00:00:00Z"
    state = {
        "next_id": 20,
        "seeded": ["owner"],
        "people": [{**person, "id": 10, "login": "Owner"}, {**person, "id": 11, "login": "Pat"}],
        "organizations": [organization],
        "applications": [],
        "tokens": [{"value": "ghp_old", "person": 10, "scopes": ["admin:org"], "client_id": ""}],
    }
    (folder / "state.json").write_text(json.dumps(state))
    with github.running(tmp_path) as hub:
        path = "/orgs/school/teams/students/memberships/Pat"
        assert hub.call("GET", path, "ghp_old").json()["state"] == "pending"
        hub.accept("Pat")
        assert hub.call("GET", path, "ghp_old").json()["state"] == "active"


def test_page_when_two_thousand_are_there_then_within_ten_milliseconds_of_its_time(
    tmp_path: Path,
) -> None:
    with github.running(tmp_path) as hub:
        hub.people(2000, teams=["students"])
        token, process = hub.token(), psutil.Process(hub.process.pid)
        path = f"/orgs/{hub.organization}/teams/students/members?per_page=100&page="
        begun = process.cpu_times()
        for page in range(1, 21):
            assert len(hub.call("GET", f"{path}{page}", token).json()) == 100
        ended = process.cpu_times()
        assert ended.user + ended.system - begun.user - begun.system < 20 * 0.010
