"""Real replies of a real server against the published description."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from growth_admin.api.operation import Operation, Route
from growth_admin.routes import all_routes
from tests.console import Console
from tests.unit.startup.school import FIRST, ROOT, USER

LOG = "2026-11-23T08:41:02Z something\n"
PARAMETERS = {"script": USER, "revision": "1", "user": "jane-doe"}
QUERIES = {"startup/scripts/{script}/differences": {"before": "1", "after": "1"}}
"""Queries of routes that refuse to answer without."""
NEEDS_HUB = {"servers"}
"""Areas that a server without a hub does not serve; their replies are tested in tests/hub."""
NEEDS_REGISTRY = {"images"}
"""Areas that say what is missing without a registry; their replies are tested in tests/images."""

ROUTES = [route for route in all_routes() if route.area not in NEEDS_HUB]
READING = [
    pytest.param(route, op, id=route.path)
    for route in ROUTES
    if route.area not in NEEDS_REGISTRY
    for method, op in route.operations().items()
    if method == "GET"
]
PAIRS = [
    pytest.param(route, method, id=f"{method} {route.path}")
    for route in ROUTES
    for method in route.operations()
]


@pytest.fixture(scope="session")
def parameters(console: Console) -> dict[str, str]:
    """What stands for each parameter of a path, on a server where these things exist."""
    admin = console.root / "admin"
    for name in (USER, ROOT):
        (admin / "start" / name).write_text(FIRST)
        (admin / "start" / name).chmod(0o755)
    (admin / "logs").mkdir(exist_ok=True)
    for script in ("as-root", "as-user"):
        (admin / "logs" / f"jane-doe-{script}.log").write_text(LOG)
    console.ask("GET", "startup/scripts")
    body = {"script": USER, "revision": 1}
    job = console.ask("POST", "startup/rehearsals", json=body).json()
    dataset = console.root / "nfs" / "data" / "stars"
    dataset.mkdir(parents=True)
    (dataset / "a.csv").write_text("one\n")
    upload = console.ask(
        "POST", "datasets/uploads", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "3"}
    )
    upload_id = upload.headers["Location"].rpartition("/")[2]
    return {
        **PARAMETERS,
        "key": "nobody",
        "job_id": job["id"],
        "name": "stars",
        "upload_id": upload_id,
    }


def path_of(route: Route, parameters: dict[str, str]) -> str:
    """Return a route's path; fail with what to do for a parameter that is new."""
    missing = set(route.parameters) - set(parameters)
    assert not missing, f"say in PARAMETERS what stands for {missing}"
    return re.sub(r"\{(\w+)\}", lambda match: parameters[match[1]], route.path)


def validator_of(document: dict[str, Any], name: str) -> Draft202012Validator:
    """Return what checks a value against a schema of the description."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return Draft202012Validator(schema)


@pytest.fixture(scope="session")
def document(console: Console) -> dict[str, Any]:
    """The description as the server publishes it."""
    found: dict[str, Any] = console.ask("GET", "openapi.json").json()
    return found


def test_server_when_without_a_hub_then_just_the_known_areas_are_missing(
    console: Console,
) -> None:
    missing = {row["area"] for row in console.ask("GET", "me").json()["missing"]}
    # startup only lacks bubblewrap, if anything; the others lack a credential, or a registry
    assert missing - {"startup"} == NEEDS_HUB | NEEDS_REGISTRY | {"roster"}


@pytest.mark.parametrize(("route", "op"), READING)
def test_reply_when_read_then_it_is_what_the_description_promises(
    console: Console,
    document: dict[str, Any],
    parameters: dict[str, str],
    route: Route,
    op: Operation,
) -> None:
    reply = console.ask("GET", path_of(route, parameters), params=QUERIES.get(route.path))
    assert reply.status_code == op.status, reply.text
    assert reply.headers["Content-Type"].startswith("application/json")
    if op.returns:
        validator_of(document, op.returns.__name__).validate(reply.json())
        op.returns.model_validate_json(reply.content)


@pytest.mark.parametrize(("route", "method"), PAIRS)
def test_reply_when_things_do_not_exist_then_the_problem_is_a_documented_one(
    console: Console, document: dict[str, Any], route: Route, method: str
) -> None:
    path = re.sub(r"\{(\w+)\}", "nothing-here", route.path)
    reply = console.ask(method, path, data="{}" if method != "GET" else None)
    described = document["paths"][f"/{route.path}"][method.lower()]["responses"]
    assert str(reply.status_code) in described, reply.text
    if reply.status_code >= 400 and method != "HEAD":
        validator_of(document, "Problem").validate(reply.json())


@pytest.mark.parametrize(("route", "method"), PAIRS)
def test_reply_when_nobody_is_logged_in_then_it_is_the_documented_403(
    console: Console, document: dict[str, Any], route: Route, method: str
) -> None:
    path = re.sub(r"\{(\w+)\}", "x", route.path)
    reply = console.ask(method, path, token="")
    assert reply.status_code == 403
    if method != "HEAD":  # a reply without a body
        validator_of(document, "Problem").validate(reply.json())
