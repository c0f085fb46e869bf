"""The description of the API (OpenAPI 3.1), made from the routes and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import RootModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from growth_admin import __version__
from growth_admin.api.operation import Operation, Route
from growth_admin.api.problems import CONTENT_TYPE, Problem, status_of
from growth_admin.core import errors
from growth_admin.core.schema import Model

REF = "#/components/schemas/{model}"
Refs = Mapping[tuple[type[Model], JsonSchemaMode], dict[str, Any]]
"""Where the schema of a model stands, as something that comes in or goes out."""

EVERYWHERE = (errors.InvalidInput, errors.Forbidden, errors.HubUnavailable)


class Description(RootModel[dict[str, Any]]):
    """An OpenAPI 3.1 document."""


def describe(routes: Iterable[Route]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of these routes; plain JSON values, same order each time.

    Source: OpenAPI Specification 3.1.0.
    """
    listed = sorted(routes, key=lambda route: route.path)
    refs, schemas = _schemas(listed)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "growth-admin",
            "version": __version__,
            "description": "Paths are relative to the base URL of the admin's own server.",
        },
        "servers": [{"url": "{base_url}growth/api", "variables": {"base_url": {"default": "/"}}}],
        "security": [{"token": []}],
        "paths": {f"/{route.path}": _path(route, refs) for route in listed},
        "components": {
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": "Authorization"}
            },
            "schemas": schemas,
        },
    }


def _path(route: Route, refs: Refs) -> dict[str, Any]:
    return {method.lower(): _verb(route, op, refs) for method, op in route.operations().items()}


def _verb(route: Route, op: Operation, refs: Refs) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": op.client.replace(".", "_"),
        "summary": op.summary,
        "description": f"Permission {op.permission.name}, scope {op.permission.needs}.",
        "tags": [route.area],
        "x-permission": op.permission.name,
        "x-client": op.client,
        "parameters": [*_path_parameters(route), *_query_parameters(op)],
        "responses": _responses(op, refs),
    }
    if op.body:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": refs[op.body, "validation"]}},
        }
    if op.takes:
        described["requestBody"] = {"content": {op.takes: {}}}
    return described


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


def _responses(op: Operation, refs: Refs) -> dict[str, Any]:
    done: dict[str, Any] = {"description": op.summary}
    if op.returns:
        done["content"] = {"application/json": {"schema": refs[op.returns, "serialization"]}}
    if op.status in (201, 202):
        done["headers"] = {"Location": {"schema": {"type": "string"}}}
    by_status: dict[int, list[str]] = {}
    possible: tuple[type[errors.GrowthError], ...] = (*EVERYWHERE, *op.errors)
    for error in dict.fromkeys(possible):
        by_status.setdefault(status_of(error), []).append(error.title)
    problems = {
        str(status): {
            "description": "; ".join(titles),
            "content": {CONTENT_TYPE: {"schema": refs[Problem, "serialization"]}},
        }
        for status, titles in sorted(by_status.items())
    }
    return {str(op.status): done, **problems}


def _schemas(routes: list[Route]) -> tuple[Refs, dict[str, Any]]:
    given: set[type[Model]] = {Problem}
    taken: set[type[Model]] = set()
    for route in routes:
        for op in route.operations().values():
            given.update([op.returns] if op.returns else [])
            taken.update([op.body] if op.body else [])
    modes: list[tuple[type[Model], JsonSchemaMode]] = [
        *((model, "serialization") for model in sorted(given, key=_full_name)),
        *((model, "validation") for model in sorted(taken, key=_full_name)),
    ]
    refs, document = _short(*models_json_schema(modes, ref_template=REF))
    schemas: dict[str, Any] = document["$defs"]
    for schema in schemas.values():
        schema["description"] = re.sub(r"\s+", " ", schema.get("description", ""))
    return refs, schemas


def _full_name(model: type[Model]) -> str:
    return f"{model.__name__} {model.__module__}"


def _short(refs: Any, document: dict[str, Any]) -> tuple[Refs, dict[str, Any]]:
    """Return both with a room's name where several rooms have a model of one name.

    pydantic says ``growth_admin__roster__models__Check``; readers get ``RosterCheck``.
    """

    def short(value: Any) -> Any:
        text = re.sub(
            r"growth_admin__(?:\w+?__)*?([a-z]+)(?:__models)?__(?=[A-Z])",
            lambda found: found[1].capitalize(),
            json.dumps(value),
        )
        return json.loads(text)

    return {model: short(ref) for model, ref in refs.items()}, short(document)
