"""The stand-in with the demo's people: its calls against GitHub's description, and the log-in flow.

What rosters need is in the other `test_github_standin_*`.
"""

from __future__ import annotations

import hashlib
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tornado.web import RequestHandler

from growth_admin.deploy.demo.people import CLIENT_ID, ORGANIZATION, PEOPLE, seed
from growth_admin.deploy.standins.github.server import REST
from tests.contract.github_api import Api
from tests.contract.github_description import Description
from tests.contract.test_github_standin_access import signed
from tests.github import StandIn, running

SECRET, CALLBACK = "s3cret", "http://127.0.0.1:1/hub/oauth_callback"
BY = "/orgs/{org}/teams/{team_slug}"
APP = "/app/installations/{installation_id}"


@pytest.fixture(scope="module")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    folder = tmp_path_factory.mktemp("demo")
    with running(folder, seed(SECRET, CALLBACK), ORGANIZATION) as started:
        started.owner = "Ada-Okafor"
        yield started


# ---- every call that it serves


CALLS: list[tuple[str, int, dict[str, Any]]] = [
    ("GET /user", 200, {}),
    ("GET /user/emails", 200, {}),
    ("GET /user/orgs", 200, {}),
    ("GET /user/teams", 200, {}),
    ("GET /user/memberships/orgs", 200, {}),
    ("GET /user/memberships/orgs/{org}", 200, {}),
    ("PATCH /user/memberships/orgs/{org}", 200, {"state": "active"}),
    ("GET /users/{username}", 200, {"username": "Jane-Doe"}),
    ("GET /user/{account_id}", 200, {"account_id": "JANE"}),
    ("GET /rate_limit", 200, {}),
    ("GET /orgs/{org}", 200, {}),
    ("GET /orgs/{org}/members", 200, {}),
    ("GET /orgs/{org}/members/{username}", 204, {"username": "Jane-Doe"}),
    ("GET /orgs/{org}/public_members", 200, {}),
    ("GET /orgs/{org}/public_members/{username}", 404, {"username": "Jane-Doe"}),
    ("GET /orgs/{org}/memberships/{username}", 200, {"username": "Jane-Doe"}),
    ("PUT /orgs/{org}/memberships/{username}", 200, {"username": "Jane-Doe", "role": "member"}),
    ("GET /orgs/{org}/teams", 200, {}),
    (f"GET {BY}", 200, {}),
    (f"GET {BY}/teams", 200, {}),
    (f"GET {BY}/members", 200, {}),
    (f"GET {BY}/memberships/{{username}}", 200, {"username": "Jane-Doe"}),
    (f"PUT {BY}/memberships/{{username}}", 200, {"username": "mallory-k", "role": "member"}),
    (f"GET {BY}/invitations", 200, {}),
    ("GET /orgs/{org}/invitations", 200, {}),
    ("POST /orgs/{org}/invitations", 201, {"email": "new@example.org"}),
    ("GET /orgs/{org}/invitations/{invitation_id}/teams", 200, {"invitation_id": "OPEN"}),
    ("DELETE /orgs/{org}/invitations/{invitation_id}", 204, {"invitation_id": "OPEN"}),
    ("GET /orgs/{org}/failed_invitations", 200, {}),
    ("PUT /orgs/{org}/blocks/{username}", 204, {"username": "Zoe-L"}),
    ("GET /orgs/{org}/blocks", 200, {}),
    ("GET /orgs/{org}/blocks/{username}", 204, {"username": "Zoe-L"}),
    ("DELETE /orgs/{org}/blocks/{username}", 204, {"username": "Zoe-L"}),
    (f"DELETE {BY}/memberships/{{username}}", 204, {"username": "kofi-mensah"}),
    ("DELETE /orgs/{org}/members/{username}", 204, {"username": "kofi-mensah"}),
    ("DELETE /orgs/{org}/memberships/{username}", 204, {"username": "Yuki-Tanaka"}),
    ("GET /app", 200, {}),
    ("GET /app/installations", 200, {}),
    (f"GET {APP}", 200, {"installation_id": "APP"}),
    (f"POST {APP}/access_tokens", 201, {"installation_id": "APP"}),
    ("GET /orgs/{org}/installation", 200, {}),
]
"""In an order in which each finds what it needs."""


def served(published: Description) -> set[str]:
    """What the stand-in answers, "GET /user" for example."""
    found = set()
    routes = [route for module in REST for route in module.ROUTES]
    for pattern, handler in routes:
        if not pattern.startswith("/api/v3"):
            continue  # where logs are fetched, which is no part of the API
        for method in ("get", "post", "put", "patch", "delete"):
            if getattr(handler, method) is not getattr(RequestHandler, method):
                sample = pattern.replace("(?:orgs|organizations)", "orgs").replace(
                    "teams?", "teams"
                )
                for word in (r"(\d+)", "([^/]+)", "(.+)", "(.*)"):
                    sample = sample.replace(word, "1")
                path = sample.removeprefix("/api/v3")
                found.add(f"{method.upper()} {published.template_of(method, path)}")
    return found


def test_calls_when_served_then_github_has_them_and_deprecates_none(
    published: Description,
) -> None:
    calls = served(published)
    of_repositories = {call for call in calls if "/repos/" in call}
    assert {call for call, _, _ in CALLS} == calls - of_repositories
    operations = [published.operation(*call.split(" ")) for call in sorted(calls)]
    assert [wrong for wrong in operations if isinstance(wrong, str)] == []


def test_calls_when_made_then_requests_and_replies_are_as_github_describes_them(
    standin: StandIn, published: Description
) -> None:
    api, token = Api(standin, published), standin.token("", "admin:org", "user")
    app = standin.app({"members": "write"})
    jane = standin.call("GET", "/users/Jane-Doe", token).json()["id"]
    for call, status, values in CALLS:
        opened = [one["id"] for one in standin.invitations("pending")]
        known = {"JANE": jane, "OPEN": opened[-1] if opened else 0, "APP": app.installation_id}
        filled = {k: known.get(v, v) if isinstance(v, str) else v for k, v in values.items()}
        filled |= {"team_slug": "students"} if "{team_slug}" in call else {}
        is_app = "/app" in call or call.endswith("/installation")
        api(call, signed(app) if is_app else token, status, **filled)


@pytest.mark.parametrize(
    ("call", "values"),
    [
        ("GET /users/{username}", {"username": "nobody-here"}),
        ("GET /user/{account_id}", {"account_id": 1}),
        ("GET /orgs/{org}", {"org": "no-such-org"}),
        ("GET /orgs/{org}/members/{username}", {"username": "mallory-k"}),
        ("GET /orgs/{org}/memberships/{username}", {"username": "tester-0"}),
        (f"GET {BY}", {"team_slug": "chess"}),
        (f"GET {BY}/memberships/{{username}}", {"team_slug": "tas", "username": "Jane-Doe"}),
    ],
)
def test_calls_when_nothing_is_there_then_404(
    standin: StandIn, published: Description, call: str, values: dict[str, Any]
) -> None:
    Api(standin, published)(call, standin.token(), 404, **values)


def test_reply_when_a_field_is_missing_then_the_description_notices(
    standin: StandIn, published: Description
) -> None:
    body = standin.call("GET", "/user", standin.token("Jane-Doe", "user")).json()
    assert published.unknown_fields("private-user", body) == set()
    assert published.problems("GET", "/user", 200, body) == []
    del body["node_id"]
    assert published.problems("GET", "/user", 200, body)
    assert published.problems("GET", "/user/teams", 200, [{"id": "x"}])
    assert published.problems("GET", "/user", 418, body)


def test_request_when_wrong_then_the_description_notices(published: Description) -> None:
    put = ("PUT", f"{BY}/memberships/{{username}}")
    assert published.request_problems(*put, {"role": "member"}) == []
    assert published.request_problems(*put, None) == []
    assert published.request_problems(*put, {"role": "king"})
    assert published.request_problems(*put, {"rolle": "member"})
    assert published.request_problems("GET", "/user", {"a": 1})
    assert published.request_problems("PATCH", "/user/memberships/orgs/{org}", None)
    members = ("GET", f"{BY}/members", None)
    assert published.request_problems(*members, "per_page=100&page=2&role=all") == []
    assert len(published.request_problems(*members, "per_page=200&rolle=all&role=x")) == 3
    assert published.request_problems("GET", "/teams/{team_id}", None)  # deprecated
    sent = {"method": "PUT", "path": "/api/v3/organizations/1/team/2/memberships/x"}
    assert published.sent_problems([{**sent, "body": {"role": "member"}}]) == []
    assert published.sent_problems([{**sent, "body": {"role": 1}}])
    assert published.sent_problems([{"method": "GET", "path": "/api/v3/nowhere"}])


@pytest.mark.parametrize("status", [401, 403])
def test_reply_when_refused_then_as_github_describes_it(
    standin: StandIn, published: Description, status: int
) -> None:
    token = "gho_never" if status == 401 else standin.token("Jane-Doe", "")
    path = "/user" if status == 401 else "/user/teams"
    reply = standin.call("GET", path, token)
    assert reply.status_code == status
    assert published.problems("GET", path, status, reply.json()) == []
    assert set(reply.json()) == {"message", "documentation_url", "status"}


# ---- pages


def test_members_when_many_then_pages_are_linked_as_at_github(standin: StandIn) -> None:
    standin.people(65, "many-", teams=["crowd"])
    token = standin.token("Ada-Okafor", "read:org")
    seen, path, pages = [], f"/orgs/{ORGANIZATION}/teams/crowd/members", 0
    while path:
        reply = standin.call("GET", path, token)
        seen += [person["login"] for person in reply.json()]
        pages += 1
        path = reply.links.get("next", {}).get("url", "").removeprefix(standin.api_url)
    assert (len(set(seen)), pages) == (65, 3)
    last = standin.call("GET", f"/orgs/{ORGANIZATION}/teams/crowd/members?page=3", token)
    assert set(last.links) == {"first", "prev"}
    huge = standin.call("GET", f"/orgs/{ORGANIZATION}/teams/crowd/members?per_page=900", token)
    assert len(huge.json()) == 65


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
    with running(tmp_path, seed(SECRET, CALLBACK), ORGANIZATION) as standin:
        token = standin.token("Jane-Doe", "read:org")
        standin.rename("Jane-Doe", "Jane-Smith")
        standin.control("DELETE", f"members/{ORGANIZATION}/students/kofi-mensah")
        before = standin.control("GET", "")
        assert standin.stop() == 0
        standin.start()
        assert standin.control("GET", "") == before
        assert standin.call("GET", "/user", token).json()["login"] == "Jane-Smith"
