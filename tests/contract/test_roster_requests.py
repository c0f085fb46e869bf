"""Every request that the roster sends to GitHub, held against GitHub's own description.

The calls are made against a server that keeps them; the answers are the least that is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from growth_admin.core.github.settings import GitHub
from growth_admin.roster.github.school import GitHubSchool
from growth_admin.roster.github.setup import check_setup
from tests.contract.github_description import Description
from tests.unit.roster.github import odd_server
from tests.unit.roster.github.odd_server import Asked, Told
from tests.unit.roster.github.test_credential import PEM

PERSON = {"id": 5, "login": "kai", "type": "User", "state": "active", "role": "admin"}
TEAM = {"id": 9, "slug": "students", "name": "Students"}
INVITED = {"id": 11, "login": "kai", "email": None, "created_at": "2026-11-01T10:00:00Z"}
TOKEN = {"token": "ghs_x", "expires_at": "2099-01-01T00:00:00Z", "permissions": {"members": "read"}}
LISTS = ("members", "blocks", "teams", "invitations", "failed_invitations")


@pytest.fixture(scope="module")
def published() -> Description:
    return Description()


def answer(asked: Asked) -> Told:
    """The least that a client can use."""
    words = asked.path.strip("/").split("/")
    if asked.method == "DELETE":
        return Told(404, {"message": "Not Found"})
    if asked.method == "POST":
        return Told(201, TOKEN if words[-1] == "access_tokens" else INVITED)
    if words[-1] in LISTS:
        return Told(200, [{**PERSON, **TEAM, **INVITED}])
    if words[0] == "search":
        return Told(200, {"items": [PERSON]})
    return Told(200, {**PERSON, **(TEAM if words[-2:-1] == ["teams"] else {})})


def make_every_call(school: GitHubSchool) -> None:
    """Call whatever ``School`` has, and the setup."""
    school.find_team("students")
    school.list_members("students")
    school.list_child_members("students")
    school.list_team_invitations("students")
    school.list_failed_invitations()
    school.list_owners()
    school.list_organization_members()
    school.list_blocked()
    school.get_account("kai")
    school.get_account_by_id(5)
    school.suggest_logins("kaii")
    school.get_organization_state("kai")
    school.get_team_state("students", "kai")
    school.get_self()
    school.put_membership("students", "kai")
    school.create_invitation((9,), email="kai@example.org")
    school.create_invitation((9, 10), invitee_id=5)
    school.list_invitation_teams(11)
    for remove in (
        lambda: school.cancel_invitation(11),
        lambda: school.remove_membership("students", "kai"),
        lambda: school.remove_from_organization("kai"),
    ):
        with pytest.raises(Exception, match="may not change it"):
            remove()
    check_setup(school, ["students"])


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Asked]]:
    folder: Path = tmp_path_factory.mktemp("credentials")
    for name, text in (("token", "github_pat_x"), ("key.pem", PEM)):
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(text)
    with odd_server.running() as server:
        server.script = answer
        known = {"api_url": server.url, "organization": "school", "write_interval_s": 0.0}
        by_token = GitHub(token_file=str(folder / "token"), **known)
        by_app = GitHub(app_id="4", app_key_file=str(folder / "key.pem"), **known)
        for settings in (by_token, by_app):
            make_every_call(GitHubSchool(settings, wait=lambda _: None))
        yield list(server.asked)


def template_of(published: Description, asked: Asked) -> str:
    """The path of the description that a request's path fits; one without blanks goes first."""
    paths = sorted(published.raw["paths"], key=lambda path: path.count("{"))
    for path in paths:
        pattern = re.sub(r"\{[^}]*\}", "[^/]+", path)
        operations = published.raw["paths"][path]
        if re.fullmatch(pattern, asked.path) and asked.method.lower() in operations:
            return str(path)
    raise AssertionError(f"GitHub has no {asked.method} {asked.path}")


def resolved(published: Description, node: dict[str, Any]) -> dict[str, Any]:
    """The node that a reference names."""
    while "$ref" in node:
        found: Any = published.raw
        for word in node["$ref"].split("/")[1:]:
            found = found[word]
        node = found
    return node


def test_requests_when_made_then_all_kinds_of_calls_were_seen(
    published: Description, sent: list[Asked]
) -> None:
    seen = {(one.method, template_of(published, one)) for one in sent}
    assert len(seen) >= 24, sorted(seen)
    assert ("POST", "/app/installations/{installation_id}/access_tokens") in seen


def test_requests_when_looked_up_then_none_is_deprecated(
    published: Description, sent: list[Asked]
) -> None:
    for one in sent:
        operation = published.raw["paths"][template_of(published, one)][one.method.lower()]
        assert not operation.get("deprecated"), f"{one.method} {one.path}"


def test_queries_when_sent_then_as_described(published: Description, sent: list[Asked]) -> None:
    for one in sent:
        operation = published.raw["paths"][template_of(published, one)][one.method.lower()]
        described = {
            found["name"]: found["schema"]
            for found in (resolved(published, p) for p in operation.get("parameters", ()))
            if found["in"] == "query"
        }
        assert set(one.query) <= set(described), f"{one.method} {one.path}"
        for name, value in one.query.items():
            allowed = described[name].get("enum")
            assert not allowed or value in allowed, f"{name}={value}"
            assert name != "per_page" or 1 <= int(value) <= 100


def test_bodies_when_sent_then_as_described(published: Description, sent: list[Asked]) -> None:
    checked = 0
    for one in sent:
        operation = published.raw["paths"][template_of(published, one)][one.method.lower()]
        described = operation.get("requestBody")
        if described is None:
            assert one.body is None, f"{one.method} {one.path} has no body"
            continue
        schema = described["content"]["application/json"]["schema"]
        assert set(one.body or {}) <= set(schema["properties"]), f"{one.method} {one.path}"
        refs = {**schema, "components": published.raw["components"]}
        problems = [e.message for e in Draft202012Validator(refs).iter_errors(one.body or {})]
        assert problems == [], f"{one.method} {one.path}"
        checked += 1
    assert checked == 7, "two memberships, two invitations each, the App's token"


def test_headers_when_sent_then_as_github_asks(sent: list[Asked]) -> None:
    for one in sent:
        assert one.headers["user-agent"].startswith("growth-admin")
        assert one.headers["accept"] == "application/vnd.github+json"
        assert one.headers["authorization"]
