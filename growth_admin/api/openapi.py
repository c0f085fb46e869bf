"""The description of the API (OpenAPI 3.1), made from the routes and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic import RootModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from growth_admin import __version__
from growth_admin.api.operation import Operation, Route
from growth_admin.api.problems import CONTENT_TYPE, Problem, status_of
from growth_admin.core import errors
from growth_admin.core.schema import Model

REF = "#/components/schemas/{model}"
EVERYWHERE = (errors.InvalidInput, errors.Forbidden, errors.HubUnavailable)


class Description(RootModel[dict[str, Any]]):
    """An OpenAPI 3.1 document."""


def describe(routes: Iterable[Route]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of these routes; plain JSON values, same order each time.

    Source: OpenAPI Specification 3.1.0.
    """
    listed = sorted(routes, key=lambda route: route.path)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "growth-admin",
            "version": __version__,
            "description": "Paths are relative to the base URL of the admin's own server.",
        },
        "servers": [{"url": "{base_url}growth/api", "variables": {"base_url": {"default": "/"}}}],
        "security": [{"token": []}],
        "paths": {f"/{route.path}": _path(route) for route in listed},
        "components": {
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": "Authorization"}
            },
            "schemas": _schemas(listed),
        },
    }


def _path(route: Route) -> dict[str, Any]:
    return {method.lower(): _verb(route, op) for method, op in route.operations().items()}


def _verb(route: Route, op: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": op.client.replace(".", "_"),
        "summary": op.summary,
        "description": f"Permission {op.permission.name}, scope {op.permission.needs}.",
        "tags": [route.area],
        "x-permission": op.permission.name,
        "x-client": op.client,
        "parameters": [*_path_parameters(route), *_query_parameters(op)],
        "responses": _responses(op),
    }
    if op.body:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": _ref(op.body)},
        }
    if op.takes:
        described["requestBody"] = {"content": {op.takes: {}}}
    return described


def _ref(model: type[Model]) -> dict[str, Any]:
    return {"schema": {"$ref": REF.format(model=model.__name__)}}


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in route.parameters
    ]


def _query_parameters(op: Operation) -> list[dict[str, Any]]:
    if op.query is None:
        return []
    schema = op.query.model_json_schema()
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": row.get("description", ""),
            "schema": {key: value for key, value in row.items() if key != "description"},
        }
        for name, row in schema["properties"].items()
    ]


def _responses(op: Operation) -> dict[str, Any]:
    done: dict[str, Any] = {"description": op.summary}
    if op.returns:
        done["content"] = {"application/json": _ref(op.returns)}
    if op.status in (201, 202):
        done["headers"] = {"Location": {"schema": {"type": "string"}}}
    by_status: dict[int, list[str]] = {}
    possible: tuple[type[errors.GrowthError], ...] = (*EVERYWHERE, *op.errors)
    for error in dict.fromkeys(possible):
        by_status.setdefault(status_of(error), []).append(error.title)
    problems = {
        str(status): {
            "description": "; ".join(titles),
            "content": {CONTENT_TYPE: _ref(Problem)},
        }
        for status, titles in sorted(by_status.items())
    }
    return {str(op.status): done, **problems}


def _schemas(routes: list[Route]) -> dict[str, Any]:
    given: dict[str, type[Model]] = {"Problem": Problem}
    taken: dict[str, type[Model]] = {}
    for route in routes:
        for op in route.operations().values():
            if op.returns:
                given[op.returns.__name__] = op.returns
            if op.body:
                taken[op.body.__name__] = op.body
    modes: list[tuple[type[Model], JsonSchemaMode]] = [
        *((given[name], "serialization") for name in sorted(given)),
        *((taken[name], "validation") for name in sorted(taken)),
    ]
    _, document = models_json_schema(modes, ref_template=REF)
    schemas: dict[str, Any] = document["$defs"]
    for schema in schemas.values():
        schema["description"] = re.sub(r"\s+", " ", schema.get("description", ""))
    return schemas
