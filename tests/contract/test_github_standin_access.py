"""Who may do what: scopes, permissions, GitHub Apps, the policy on OAuth apps, SSO."""

from __future__ import annotations

import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from growth_admin.deploy.demo.people import CLIENT_ID
from tests import github
from tests.contract.github_api import INVITATIONS, MEMBERS, MEMBERSHIP, TEAM, TEAM_MEMBERSHIP, Api

PUT = f"PUT {TEAM_MEMBERSHIP}"


def signed(app: github.App, *, life_s: int = 300, key: str = "", algorithm: str = "RS256") -> str:
    """The JWT of an App, as its owner would make it."""
    claims = {"iss": str(app.id), "iat": int(time.time()) - 30, "exp": int(time.time()) + life_s}
    return jwt.encode(claims, key or app.private_key, algorithm)


def installation_token(api: Api, app: github.App, **body: object) -> str:
    """A token for what the App is installed in."""
    call = "POST /app/installations/{installation_id}/access_tokens"
    made = api(call, signed(app), 201, installation_id=app.installation_id, **body)
    return str(made.json()["token"])


# ---- scopes and permissions


def test_token_when_a_scope_is_missing_then_403_and_the_headers_say_what_it_takes(
    hub: github.StandIn, api: Api
) -> None:
    hub.team("students")
    [one] = hub.people(1, f"{hub.organization}-p")
    reads = hub.token(hub.owner, "read:org")
    assert api(f"GET {MEMBERS}", reads).headers["X-Accepted-OAuth-Scopes"] == (
        "admin:org, read:org, write:org"
    )
    refused = api(PUT, reads, 403, team_slug="students", username=one["login"], role="member")
    assert refused.headers["X-OAuth-Scopes"] == "read:org"
    assert refused.headers["X-Accepted-OAuth-Scopes"] == "admin:org"
    assert refused.headers["X-Accepted-GitHub-Permissions"] == "members=write"
    bare = hub.token(hub.owner, "")
    assert bare and api(f"GET {MEMBERS}", bare).json() == []  # public ones only: there are none


@pytest.mark.parametrize(("level", "status"), [("write", 200), ("read", 403), ("", 403)])
def test_fine_grained_token_when_writing_then_its_permission_decides(
    hub: github.StandIn, api: Api, level: str, status: int
) -> None:
    hub.team("students")
    [one] = hub.people(1, f"{hub.organization}-p")
    token = hub.fine_grained({"members": level} if level else {"metadata": "read"})
    reply = api(PUT, token, status, team_slug="students", username=one["login"], role="member")
    assert "X-OAuth-Scopes" not in reply.headers
    if status == 403:
        assert reply.json()["message"] == "Resource not accessible by personal access token"
        assert reply.headers["X-Accepted-GitHub-Permissions"] == "members=write"
    api(f"GET {INVITATIONS}", token, 200 if level else 403)
    blocks = api("GET /orgs/{org}/blocks", token, 403)
    assert blocks.headers["X-Accepted-GitHub-Permissions"] == "organization_user_blocking=read"


def test_fine_grained_token_when_of_another_organization_then_404(
    hub: github.StandIn, api: Api
) -> None:
    token = hub.fine_grained({"members": "write"})
    hub.control("PUT", "seed", organizations=["elsewhere-inc"])
    hub.control("PUT", f"members/elsewhere-inc/{hub.owner}", role="admin")
    hub.control("PUT", f"members/elsewhere-inc/x/{hub.owner}")
    hub.join(hub.owner, hub.team("students")["slug"])
    api(f"GET {INVITATIONS}", token, 404, org="elsewhere-inc")
    assert [one["slug"] for one in api("GET /user/teams", token).json()] == ["students"]
    assert len(api("GET /user/teams", hub.token()).json()) == 2
    api(f"GET {INVITATIONS}", hub.token(), org="elsewhere-inc")


def test_outsider_when_looking_then_only_the_public_is_there(hub: github.StandIn, api: Api) -> None:
    [one, two] = hub.people(2, f"{hub.organization}-m", teams=["students"])
    outsider = hub.person(f"{hub.organization}-o")["login"]
    hub.control("PUT", f"members/{hub.organization}/{one['login']}", is_public=True)
    token = hub.token(outsider)
    assert [m["login"] for m in api(f"GET {MEMBERS}", token).json()] == [one["login"]]
    api(f"GET {MEMBERS}/{{username}}", token, 302, username=two["login"])
    api("GET /orgs/{org}/public_members/{username}", token, 404, username=two["login"])
    api("GET /orgs/{org}/public_members/{username}", token, 204, username=one["login"])
    assert len(api("GET /orgs/{org}/public_members", token).json()) == 1
    for call in (f"GET {INVITATIONS}", "GET /orgs/{org}/teams", "GET /orgs/{org}/blocks"):
        api(call, token, 404)
    api(f"GET {MEMBERSHIP}", token, 404, username=one["login"])
    api(f"GET {MEMBERS}", "", 200)
    api(f"GET {INVITATIONS}", "", 401)


def test_secret_team_when_looked_for_then_only_its_members_and_owners_see_it(
    hub: github.StandIn, api: Api
) -> None:
    hub.team("secret", privacy="secret")
    [inside] = hub.people(1, f"{hub.organization}-i", teams=["secret"])
    [outside] = hub.people(1, f"{hub.organization}-o", teams=["students"])
    api(f"GET {TEAM}", hub.token(), team_slug="secret")
    api(f"GET {TEAM}", hub.token(inside["login"]), team_slug="secret")
    api(f"GET {TEAM}", hub.token(outside["login"]), 404, team_slug="secret")
    assert len(api("GET /orgs/{org}/teams", hub.token(outside["login"])).json()) == 1


def test_two_factor_when_asked_for_then_owners_see_who_has_none(
    hub: github.StandIn, api: Api
) -> None:
    hub.person(f"{hub.organization}-w", two_factor=False)
    hub.join(f"{hub.organization}-w", "students")
    listed = api(f"GET {MEMBERS}?filter=2fa_disabled", hub.token()).json()
    assert [one["login"] for one in listed] == [f"{hub.organization}-w"]
    api(f"GET {MEMBERS}?role=king", hub.token(), 422)


# ---- GitHub Apps


def test_app_when_it_asks_with_its_jwt_then_it_finds_itself_and_its_installation(
    hub: github.StandIn, api: Api
) -> None:
    app = hub.app({"members": "write"})
    assert api("GET /app", signed(app)).json()["slug"] == app.slug
    [one] = api("GET /app/installations", signed(app)).json()
    assert one["id"] == app.installation_id
    api("GET /app/installations/{installation_id}", signed(app), installation_id=one["id"])
    assert api("GET /orgs/{org}/installation", signed(app)).json()["account"]["login"] == (
        hub.organization
    )
    api("GET /orgs/{org}/installation", signed(app), 404, org="school")
    api(f"GET {MEMBERS}", signed(app), 200)  # the public ones
    api(f"GET {INVITATIONS}", signed(app), 401)
    hub.control("DELETE", f"installations/{app.installation_id}")
    assert api("GET /app/installations", signed(app)).json() == []


def test_installation_when_it_may_write_members_then_it_invites_as_its_bot(
    hub: github.StandIn, api: Api
) -> None:
    app = hub.app({"members": "write"})
    token = installation_token(api, app)
    hub.team("students")
    [one] = hub.people(1, f"{hub.organization}-p")
    api(PUT, token, team_slug="students", username=one["login"], role="member")
    [invitation] = api(f"GET {INVITATIONS}", token).json()
    assert invitation["inviter"]["login"] == f"{app.slug}[bot]"
    assert invitation["inviter"]["type"] == "Bot"
    refused = api("GET /user", token, 403)
    assert refused.json()["message"] == "Resource not accessible by integration"
    narrow = installation_token(api, app, permissions={"members": "read"})
    api(f"GET {MEMBERS}", narrow)
    reply = api(PUT, narrow, 403, team_slug="students", username=one["login"], role="member")
    assert reply.headers["X-Accepted-GitHub-Permissions"] == "members=write"
    hub.control("PATCH", f"installations/{app.installation_id}", permissions={"members": "read"})
    api(PUT, token, 403, team_slug="students", username=one["login"], role="member")
    call = "POST /app/installations/{installation_id}/access_tokens"
    wanted = {"installation_id": app.installation_id, "permissions": {"members": "write"}}
    api(call, signed(app), 422, **wanted)
    hub.control("PATCH", f"installations/{app.installation_id}", is_suspended=True)
    api(f"GET {INVITATIONS}", token, 401)
    api(call, signed(app), 403, installation_id=app.installation_id)


def test_credentials_when_seeded_then_they_work_and_a_second_seed_changes_nothing(
    hub: github.StandIn, api: Api
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
    number, value = f"Iv-{hub.organization}", f"ghp_{hub.organization}"
    wanted = {"client_id": number, "name": "Seeded", "owner": hub.organization}
    app = {**wanted, "public_key": public, "permissions": {"members": "read"}}
    for _ in range(2):
        token = {"value": value, "login": hub.owner, "scopes": ["admin:org"]}
        hub.control("PUT", "seed", apps=[app], tokens=[token])
    claims = {"iss": number, "iat": int(time.time()), "exp": int(time.time()) + 60}
    assert len(api("GET /app/installations", jwt.encode(claims, key, "RS256")).json()) == 1
    api(f"GET {INVITATIONS}", value)


def test_jwt_when_wrong_then_401(hub: github.StandIn, api: Api) -> None:
    app, other = hub.app({"members": "read"}), hub.app({"members": "read"}, name="Other")
    wrong = {
        "key of another App": signed(app, key=other.private_key),
        "too long a life": signed(app, life_s=3600),
        "over": signed(app, life_s=-120),
        "no such App": jwt.encode({"iss": "1", "iat": 1, "exp": 9e9}, app.private_key, "RS256"),
        "not signed so": signed(app, key="s" * 40, algorithm="HS256"),
        "no JWT": "a.b.c",
    }
    for why, text in wrong.items():
        assert hub.call("GET", "/app", text).status_code == 401, why
    api("GET /app", hub.token(), 401)


# ---- the policy on OAuth apps, and SSO


def oauth_token(hub: github.StandIn, login: str, owner: str = "") -> str:
    """What the hub gets when the person logs in there."""
    callback = "http://127.0.0.1:1/callback"
    application = {"client_id": CLIENT_ID, "client_secret": "s", "name": "Hub", "owner": owner}
    hub.control("PUT", "seed", applications=[{**application, "callback_url": callback}])
    query = f"client_id={CLIENT_ID}&scope=read:org"
    url = f"{hub.url}/login/oauth/authorize?{query}"
    back = hub.session.post(url, data={"login": login}, allow_redirects=False, timeout=20)
    code = back.headers["Location"].partition("code=")[2]
    given = {"client_id": CLIENT_ID, "client_secret": "s", "code": code}
    headers = {"Accept": "application/json"}
    url = f"{hub.url}/login/oauth/access_token"
    return str(
        hub.session.post(url, data=given, headers=headers, timeout=20).json()["access_token"]
    )


def test_oauth_app_when_not_approved_then_it_sees_nothing_private(
    hub: github.StandIn, api: Api
) -> None:
    [one] = hub.people(1, f"{hub.organization}-m", teams=["students"])
    token = oauth_token(hub, one["login"])
    assert [team["slug"] for team in api("GET /user/teams", token).json()] == ["students"]
    hub.settings(restricts_oauth_apps=True)
    assert api("GET /user/teams", token).json() == []
    assert api("GET /user/orgs", token).json() == []
    assert api(f"GET {MEMBERS}", token).json() == []
    refused = api(f"GET {TEAM}/members", token, 403, team_slug="students")
    assert "OAuth App access restrictions" in refused.json()["message"]
    assert len(api(f"GET {MEMBERS}", hub.token(one["login"], "read:org")).json()) == 2
    hub.settings(approved_applications=[CLIENT_ID])
    assert len(api("GET /user/teams", token).json()) == 1
    hub.settings(approved_applications=[])
    own = oauth_token(hub, one["login"], owner=hub.organization)
    assert len(api("GET /user/teams", own).json()) == 1  # its own are exempt


def test_sso_when_required_then_403_with_where_to_go_until_authorized(
    hub: github.StandIn, api: Api
) -> None:
    token, app = hub.token(), hub.app({"members": "read"})
    hub.settings(requires_sso=True)
    refused = api(f"GET {MEMBERS}", token, 403)
    assert refused.headers["X-GitHub-SSO"].startswith("required; url=https://")
    partial = api("GET /user/teams", token).headers["X-GitHub-SSO"]
    assert partial.startswith("partial-results; organizations=")
    api(f"GET {MEMBERS}", installation_token(api, app))
    api(f"GET {MEMBERS}", hub.fine_grained({"members": "read"}))
    hub.control("POST", f"sso/{hub.organization}", token=token)
    api(f"GET {MEMBERS}", token)


# ---- the web page


def test_invitation_page_when_opened_then_log_in_and_join(hub: github.StandIn, api: Api) -> None:
    hub.team("students")
    [one, other] = hub.people(2, f"{hub.organization}-p")
    api(PUT, hub.token(), team_slug="students", username=one["login"], role="member")
    page = f"{hub.url}/orgs/{hub.organization}/invitation"
    login = hub.session.get(page, timeout=20)
    assert "/login?return_to=" in login.url and one["login"] in login.text
    wrong = hub.session.post(login.url, data={"login": other["login"]}, timeout=20)
    assert wrong.status_code == 404 and "no open invitation" in wrong.text
    question = hub.session.post(login.url, data={"login": one["login"]}, timeout=20)
    assert question.url == page and "students" in question.text
    joined = hub.session.post(page, data={"answer": "accept"}, timeout=20)
    assert joined.status_code == 200 and "You are a member" in joined.text
    assert len(api(f"GET {TEAM}/members", hub.token(), team_slug="students").json()) == 1
    away = hub.session.post(
        f"{hub.url}/login?return_to=//evil.example/",
        data={"login": one["login"]},
        allow_redirects=False,
        timeout=20,
    )
    assert away.headers["Location"] == "/"


def test_invitation_page_when_declined_then_in_no_list(hub: github.StandIn, api: Api) -> None:
    hub.team("students")
    [one] = hub.people(1, f"{hub.organization}-p")
    api(PUT, hub.token(), team_slug="students", username=one["login"], role="member")
    login = f"{hub.url}/login?return_to=/orgs/{hub.organization}/invitation"
    hub.session.post(login, data={"login": one["login"]}, timeout=20)
    page = f"{hub.url}/orgs/{hub.organization}/invitation"
    assert "Declined" in hub.session.post(page, data={"answer": "decline"}, timeout=20).text
    assert api(f"GET {INVITATIONS}", hub.token()).json() == []
    assert api("GET /orgs/{org}/failed_invitations", hub.token()).json() == []
