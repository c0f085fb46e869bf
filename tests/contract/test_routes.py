"""Every route and verb: a permission, a description, a client method, documented errors.

Routes come from ``all_routes()``: a new one is tested here without a word, and the failure says
which of the six steps of CONTRIBUTING is missing.
"""

from __future__ import annotations

import json
import re
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from growth_admin.api.openapi import describe
from growth_admin.api.operation import METHODS, READS, Operation, Route
from growth_admin.api.problems import status_of
from growth_admin.client import GrowthClient
from growth_admin.core.permissions import AREAS, PERMISSIONS
from growth_admin.routes import all_routes
from tests.hub.visitors import EXAMPLES

ROUTES = all_routes()
OPERATIONS = [
    pytest.param(route, method, op, id=f"{method} {route.path}")
    for route in ROUTES
    for method, op in route.operations().items()
]
DOCUMENT = describe(ROUTES)
COMMITTED = Path(__file__).parents[2] / "labextension" / "src" / "api" / "openapi.json"
every_operation = pytest.mark.parametrize(("route", "method", "op"), OPERATIONS)


def verb_of(route: Route, method: str) -> dict[str, Any]:
    """Return what the description says about a verb."""
    found: dict[str, Any] = DOCUMENT["paths"][f"/{route.path}"][method.lower()]
    return found


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_route_when_listed_then_every_verb_it_has_is_declared(route: Route) -> None:
    own = {
        method
        for method in METHODS
        for cls in route.handler.__mro__
        if cls.__module__.startswith("growth_admin") and method.lower() in vars(cls)
    }
    assert own == set(route.operations()), "declare the verb with @operation"
    assert own, "a route without a verb"
    assert route.area in (*AREAS, "jobs", "audit", "me", "openapi.json")


def test_routes_when_listed_then_no_path_stands_twice_and_none_hides_another() -> None:
    paths = [route.path for route in ROUTES]
    assert len(paths) == len(set(paths))
    for earlier, route in enumerate(ROUTES):
        literal = f"/growth/api/{re.sub(r'{[^}]+}', 'x', route.path)}"
        for other in ROUTES[:earlier]:
            assert not re.fullmatch(other.pattern(""), literal), f"{other.path} hides {route.path}"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_route_when_listed_then_the_access_table_can_visit_it(route: Route) -> None:
    missing = set(re.findall(r"{(\w+)}", route.path)) - EXAMPLES.keys()
    assert not missing, "add an example to tests/hub/visitors.py"


@every_operation
def test_operation_when_declared_then_its_permission_is_of_its_area(
    route: Route, method: str, op: Operation
) -> None:
    assert PERMISSIONS[op.permission.name] is op.permission
    assert op.permission.area in ("any", route.area)
    assert not (method in READS and op.permission.is_mutation), "a read changes nothing"


def test_permissions_when_listed_then_each_is_used_by_a_route() -> None:
    used = {op.permission.name for route in ROUTES for op in route.operations().values()}
    assert used == set(PERMISSIONS)


@every_operation
def test_operation_when_declared_then_the_client_has_its_method_with_a_docstring(
    route: Route, method: str, op: Operation
) -> None:
    client = GrowthClient("http://127.0.0.1:1/", "none")
    found = reduce(getattr, op.client.split("."), client)
    assert callable(found), f"add GrowthClient.{op.client}"
    assert found.__doc__


def test_operations_when_listed_then_every_client_method_is_named_once() -> None:
    names = [op.client for route in ROUTES for op in route.operations().values()]
    assert len(names) == len(set(names))


@every_operation
def test_operation_when_declared_then_it_is_described_with_its_errors(
    route: Route, method: str, op: Operation
) -> None:
    verb = verb_of(route, method)
    assert verb["summary"] and not verb["summary"].endswith(".")
    assert (verb["x-permission"], verb["x-client"]) == (op.permission.name, op.client)
    described = {int(status) for status in verb["responses"]}
    assert described == {op.status, 400, 403, 503, *(status_of(error) for error in op.errors)}
    assert bool(route.parameters) <= (404 in described), "a thing that is named may be missing"
    names = [row["name"] for row in verb["parameters"] if row["in"] == "path"]
    assert tuple(names) == route.parameters
    assert ("requestBody" in verb) == (op.body is not None or op.takes != "")
    for row in verb["parameters"]:
        assert row["in"] == "path" or row["description"], f"describe {row['name']}"


def test_description_when_made_then_it_is_valid_openapi() -> None:
    validate(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1")
    assert {f"/{route.path}" for route in ROUTES} == set(DOCUMENT["paths"])


def test_description_when_made_then_every_model_says_what_it_is() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert schema["description"], f"give {name} a docstring"


def test_description_when_committed_for_the_frontend_then_it_is_the_present_one() -> None:
    committed = json.loads(COMMITTED.read_text())
    assert committed == DOCUMENT, "run `make types` and commit what it wrote"
