"""The stand-in for GitHub against GitHub's own description, an independent client, and the flow."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import github
import pytest
import requests

from growth_admin.deploy.demo.folder import free_port
from growth_admin.deploy.demo.people import CLIENT_ID, ORGANIZATION, PEOPLE, seed
from tests.contract.github_description import Description

SECRET, CALLBACK = "s3cret", "http://127.0.0.1:1/hub/oauth_callback"
TEAM = f"/orgs/{ORGANIZATION}/teams/students"


class StandIn:
    """A running stand-in and a session that its control accepts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.session = requests.Session()
        self.session.trust_env = False
        self.start()

    def start(self) -> None:
        """Start it, or start it again with the state that it kept."""
        wanted = self.folder / "seed.json"
        wanted.write_text(json.dumps(seed(SECRET, CALLBACK)))
        command = [sys.executable, "-m", "growth_admin.deploy.standins.github"]
        command += ["--port", str(self.port), "--seed", str(wanted)]
        command += ["--state", str(self.folder / "state.json")]
        root = Path(__file__).parents[2]
        self.process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE)
        assert self.process.stdout and self.process.stdout.readline()

    def stop(self) -> int:
        """Stop it; its exit code."""
        self.process.terminate()
        return self.process.wait(10)

    def control(self, method: str, path: str, **body: Any) -> Any:
        """A change from outside."""
        headers = {"X-Growth-Control": "test"}
        url = f"{self.url}/_control/{path}"
        reply = self.session.request(method, url, json=body, headers=headers, timeout=20)
        assert reply.ok, reply.text
        return reply.json()

    def token(self, login: str, *scopes: str) -> str:
        """A personal access token."""
        return str(self.control("POST", "tokens", login=login, scopes=scopes)["token"])

    def call(self, method: str, path: str, token: str = "", **options: Any) -> requests.Response:
        """A call of the REST API."""
        headers = {"Authorization": f"token {token}"} if token else {}
        url = f"{self.url}/api/v3{path}"
        return self.session.request(method, url, headers=headers, timeout=20, **options)


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    running = StandIn(tmp_path_factory.mktemp("github"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def published() -> Description:
    return Description()


# ---- replies against the published description


CALLS = [
    ("GET", "/user", "", 200),
    ("GET", "/user/emails", "", 200),
    ("GET", "/user/orgs", "", 200),
    ("GET", "/user/teams", "", 200),
    ("GET", "/users/{username}", "username=Jane-Doe", 200),
    ("GET", "/users/{username}", "username=nobody-here", 404),
    ("GET", "/user/{account_id}", "account_id=1", 404),
    ("GET", "/orgs/{org}", "", 200),
    ("GET", "/orgs/{org}", "org=no-such-org", 404),
    ("GET", "/orgs/{org}/members", "", 200),
    ("GET", "/orgs/{org}/members/{username}", "username=Jane-Doe", 204),
    ("GET", "/orgs/{org}/members/{username}", "username=mallory-k", 404),
    ("GET", "/orgs/{org}/memberships/{username}", "username=Jane-Doe", 200),
    ("GET", "/orgs/{org}/memberships/{username}", "username=mallory-k", 404),
    ("GET", "/orgs/{org}/teams", "", 200),
    ("GET", "/orgs/{org}/teams/{team_slug}", "", 200),
    ("GET", "/orgs/{org}/teams/{team_slug}", "team_slug=chess", 404),
    ("GET", "/orgs/{org}/teams/{team_slug}/members", "", 200),
    ("GET", "/orgs/{org}/teams/{team_slug}/memberships/{username}", "username=Jane-Doe", 200),
    ("GET", "/orgs/{org}/teams/{team_slug}/memberships/{username}", "username=mallory-k", 404),
    ("PUT", "/orgs/{org}/teams/{team_slug}/memberships/{username}", "username=kofi-mensah", 200),
    ("PUT", "/orgs/{org}/teams/{team_slug}/memberships/{username}", "username=mallory-k", 200),
    ("DELETE", "/orgs/{org}/teams/{team_slug}/memberships/{username}", "username=mallory-k", 204),
    ("DELETE", "/orgs/{org}/members/{username}", "username=mallory-k", 204),
    ("DELETE", "/orgs/{org}/memberships/{username}", "username=Zoe-L", 204),
]


@pytest.mark.parametrize(("method", "template", "words", "status"), CALLS)
def test_reply_when_called_then_as_github_describes_it(
    standin: StandIn, published: Description, method: str, template: str, words: str, status: int
) -> None:
    values = {"org": ORGANIZATION, "team_slug": "students"}
    values |= dict(pair.split("=") for pair in words.split() if pair)
    token = standin.token("Ada-Okafor", "admin:org", "user")
    reply = standin.call(method, template.format(**values), token)
    assert reply.status_code == status, reply.text
    body = reply.json() if reply.content else None
    assert published.problems(method, template, status, body) == []


def test_reply_when_a_field_is_missing_then_the_description_notices(
    standin: StandIn, published: Description
) -> None:
    body = standin.call("GET", "/user", standin.token("Jane-Doe", "user")).json()
    assert published.unknown_fields("private-user", body) == set()
    assert published.problems("GET", "/user", 200, body) == []
    del body["node_id"]
    assert published.problems("GET", "/user", 200, body)
    assert published.problems("GET", "/user/teams", 200, [{"id": "x"}])


@pytest.mark.parametrize("status", [401, 403])
def test_reply_when_refused_then_as_github_describes_it(
    standin: StandIn, published: Description, status: int
) -> None:
    token = "gho_never" if status == 401 else standin.token("Jane-Doe")
    path = "/user" if status == 401 else "/user/teams"
    reply = standin.call("GET", path, token)
    assert reply.status_code == status
    assert published.problems("GET", path, status, reply.json()) == []
    assert set(reply.json()) == {"message", "documentation_url", "status"}


def test_user_when_followed_by_number_then_found_under_the_new_login(standin: StandIn) -> None:
    person = standin.control("POST", "people", login="Old-Name")
    standin.control("PATCH", "people/Old-Name", login="New-Name")
    assert standin.call("GET", f"/user/{person['id']}").json()["login"] == "New-Name"
    assert standin.call("GET", "/users/Old-Name").status_code == 404


# ---- pages


def test_members_when_many_then_pages_are_linked_as_at_github(standin: StandIn) -> None:
    for number in range(65):
        login = f"many-{number:03}"
        standin.control("POST", "people", login=login)
        standin.control("PUT", f"members/{ORGANIZATION}/crowd/{login}")
    token = standin.token("Ada-Okafor", "read:org")
    seen, path, pages = [], f"/orgs/{ORGANIZATION}/teams/crowd/members", 0
    while path:
        reply = standin.call("GET", path, token)
        seen += [person["login"] for person in reply.json()]
        pages += 1
        path = reply.links.get("next", {}).get("url", "").removeprefix(f"{standin.url}/api/v3")
    assert (len(set(seen)), pages) == (65, 3)
    last = standin.call("GET", f"/orgs/{ORGANIZATION}/teams/crowd/members?page=3", token)
    assert set(last.links) == {"first", "prev"}
    huge = standin.call("GET", f"/orgs/{ORGANIZATION}/teams/crowd/members?per_page=900", token)
    assert len(huge.json()) == 65


# ---- an independent client


def test_pygithub_when_used_as_a_roster_would_then_works(standin: StandIn) -> None:
    standin.control("POST", "people", login="newcomer-1")
    token = standin.token("Ada-Okafor", "admin:org", "user")
    client = github.Github(
        auth=github.Auth.Token(token),
        base_url=f"{standin.url}/api/v3",
        per_page=100,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )
    assert client.get_user().login == "Ada-Okafor"
    organization = client.get_organization(ORGANIZATION)
    team = organization.get_team_by_slug("tas")
    assert {member.login for member in team.get_members()} == {"Priya-N", "tomasz-w7"}
    newcomer = client.get_user("newcomer-1")
    team.add_membership(newcomer, role="member")  # type: ignore[arg-type]
    assert team.get_team_membership("newcomer-1").state == "pending"
    standin.control("POST", f"accept/{ORGANIZATION}/newcomer-1")
    assert team.get_team_membership("newcomer-1").state == "active"
    team.remove_membership(newcomer)  # type: ignore[arg-type]
    assert "newcomer-1" not in {member.login for member in team.get_members()}
    assert organization.has_in_members(newcomer)  # type: ignore[arg-type]
    organization.remove_from_membership(newcomer)  # type: ignore[arg-type]
    with pytest.raises(github.UnknownObjectException):
        team.get_team_membership("newcomer-1")


def test_pygithub_when_a_member_is_no_owner_then_forbidden(standin: StandIn) -> None:
    client = github.Github(
        auth=github.Auth.Token(standin.token("Priya-N", "admin:org")),
        base_url=f"{standin.url}/api/v3",
        retry=None,
    )
    team = client.get_organization(ORGANIZATION).get_team_by_slug("students")
    with pytest.raises(github.GithubException) as refused:
        team.add_membership(client.get_user("mallory-k"))  # type: ignore[arg-type]
    assert refused.value.status == 403


# ---- the web flow


def authorize(standin: StandIn, login: str, **more: str) -> dict[str, list[str]]:
    """Choose a person on the login page; what comes back in the redirect."""
    query = {"client_id": CLIENT_ID, "redirect_uri": CALLBACK, "scope": "read:org", **more}
    url = f"{standin.url}/login/oauth/authorize"
    page = standin.session.get(url, params=query, timeout=20)
    assert page.status_code == 200
    assert all(person.login in page.text for person in PEOPLE)
    reply = standin.session.post(page.url, data={"login": login}, allow_redirects=False, timeout=20)
    assert reply.status_code == 302 and reply.headers["Location"].startswith(CALLBACK)
    return parse_qs(urlsplit(reply.headers["Location"]).query)


def exchange(standin: StandIn, code: str, **more: str) -> dict[str, Any]:
    """Exchange a code; the JSON."""
    given = {"client_id": CLIENT_ID, "client_secret": SECRET, "code": code, **more}
    reply = standin.session.post(
        f"{standin.url}/login/oauth/access_token",
        data=given,
        headers={"Accept": "application/json"},
        timeout=20,
    )
    assert reply.status_code == 200
    found: dict[str, Any] = reply.json()
    return found


def test_flow_when_scopes_are_several_then_separated_by_commas(standin: StandIn) -> None:
    back = authorize(standin, "Jane-Doe", scope="user:email read:org", state="xyz")
    assert back["state"] == ["xyz"]
    token = exchange(standin, back["code"][0])
    assert token["scope"] == "read:org,user:email" and token["token_type"] == "bearer"
    me = standin.call("GET", "/user", token["access_token"])
    assert me.json()["login"] == "Jane-Doe"
    assert me.headers["X-OAuth-Scopes"] == "read:org, user:email"


def test_flow_when_code_is_used_twice_then_refused(standin: StandIn) -> None:
    code = authorize(standin, "Jane-Doe")["code"][0]
    assert "access_token" in exchange(standin, code)
    assert exchange(standin, code)["error"] == "bad_verification_code"


def test_flow_when_pkce_verifier_is_wrong_then_refused(standin: StandIn) -> None:
    verifier = "v" * 50
    digest = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    pkce = {"code_challenge": digest, "code_challenge_method": "S256"}
    code = authorize(standin, "Jane-Doe", **pkce)["code"][0]
    assert exchange(standin, code, code_verifier="w" * 50)["error"] == "bad_verification_code"
    code = authorize(standin, "Jane-Doe", **pkce)["code"][0]
    assert "access_token" in exchange(standin, code, code_verifier=verifier)


def test_flow_when_secret_or_address_is_wrong_then_refused(standin: StandIn) -> None:
    code = authorize(standin, "Jane-Doe")["code"][0]
    wrong = exchange(standin, code, client_secret="guess")
    assert wrong["error"] == "incorrect_client_credentials"
    page = f"{standin.url}/login/oauth/authorize"
    query = {"client_id": CLIENT_ID, "redirect_uri": "https://evil.example/"}
    assert standin.session.get(page, params=query, timeout=20).status_code == 400
    assert standin.session.get(page, params={"client_id": "x"}, timeout=20).status_code == 404


# ---- failures from outside


def test_weather_when_bad_for_one_person_then_fair_for_others(standin: StandIn) -> None:
    jane, ada = standin.token("Jane-Doe", "read:org"), standin.token("Ada-Okafor", "read:org")
    standin.control("PUT", "weather", status=403, login="Jane-Doe")
    limited = standin.call("GET", "/user", jane)
    assert limited.status_code == 403 and limited.headers["X-RateLimit-Remaining"] == "0"
    assert "rate limit" in limited.json()["message"]
    assert standin.call("GET", "/user", ada).status_code == 200
    standin.control("PUT", "weather", status=503)
    assert standin.call("GET", "/user", ada).status_code == 503
    standin.control("PUT", "weather", delay_s=0.5)
    begun = time.monotonic()
    assert standin.call("GET", "/user", ada).status_code == 200
    assert time.monotonic() - begun >= 0.5
    standin.control("PUT", "weather")
    assert standin.call("GET", "/user", jane).status_code == 200


def test_token_when_revoked_then_bad_credentials(standin: StandIn) -> None:
    token = standin.token("Jane-Doe", "read:org")
    standin.control("DELETE", "tokens/Jane-Doe")
    reply = standin.call("GET", "/user", token)
    assert (reply.status_code, reply.json()["message"]) == (401, "Bad credentials")


def test_control_when_header_is_missing_then_refused(standin: StandIn) -> None:
    url = f"{standin.url}/_control/people/Jane-Doe"
    assert standin.session.delete(url, timeout=20).status_code == 403
    assert standin.call("GET", "/users/Jane-Doe").status_code == 200


def test_state_when_restarted_then_kept(tmp_path: Path) -> None:
    standin = StandIn(tmp_path)
    try:
        token = standin.token("Jane-Doe", "read:org")
        standin.control("PATCH", "people/Jane-Doe", login="Jane-Smith")
        standin.control("DELETE", f"members/{ORGANIZATION}/students/kofi-mensah")
        before = standin.control("GET", "")
        assert standin.stop() == 0
        standin.start()
        after = standin.control("GET", "")
        assert after == before
        assert standin.call("GET", "/user", token).json()["login"] == "Jane-Smith"
    finally:
        standin.stop()
