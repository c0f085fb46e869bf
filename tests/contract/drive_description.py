"""Google's own description of Drive API v3, to hold the stand-in's replies and our queries against.

It is the discovery document that `google-api-python-client` ships. Its schemas are JSON Schema of
an early draft; they are made strict here: a field that Google does not know is a problem.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import googleapiclient.discovery_cache
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from growth_admin.deploy.standins.drive.shapes import Fields, parse_fields

DOCUMENT = Path(googleapiclient.discovery_cache.__file__).parent / "documents" / "drive.v3.json"
ADDRESS = "urn:drive"
INT64 = r"-?\d+"
TYPES = {"boolean": r"true|false", "integer": r"-?\d+", "number": r"-?[\d.]+"}
ERROR_WORDS = ("domain", "reason", "message", "location", "locationType")
ERROR = {
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "errors"],
            "properties": {
                "code": {"type": "integer", "minimum": 400, "maximum": 599},
                "message": {"type": "string", "minLength": 1},
                "errors": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["domain", "reason", "message"],
                        "additionalProperties": False,
                        "properties": {name: {"type": "string"} for name in ERROR_WORDS},
                    },
                },
            },
        }
    },
}
"""Of error bodies the document says nothing; this is after the guide "Resolve errors"."""


def document() -> dict[str, Any]:
    """The discovery document as it is shipped."""
    loaded: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return loaded


def _strict(node: Any) -> Any:
    """The schema as JSON Schema 2020-12 says it."""
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": f"{ADDRESS}#/schemas/{node['$ref']}"}
    kept = ("type", "items", "additionalProperties", "enum")
    made = {key: _strict(value) for key, value in node.items() if key in kept}
    if made.get("type") == "any":
        del made["type"]
    if "properties" in node:
        made["properties"] = {key: _strict(value) for key, value in node["properties"].items()}
        made.setdefault("additionalProperties", False)
    if node.get("format") in ("int64", "uint64"):
        made["pattern"] = f"^{INT64}$"
    if node.get("format") == "date-time":
        made["pattern"] = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"
    return made


class Description:
    """Checks replies and requests."""

    def __init__(self) -> None:
        self.raw = document()
        self.schemas = self.raw["schemas"]
        contents = {"schemas": {name: _strict(s) for name, s in self.schemas.items()}}
        resource = Resource(contents=contents, specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(ADDRESS, resource)
        self._methods = self.raw["resources"]["files"]["methods"]

    def problems(self, schema: str, body: Any) -> list[str]:
        """What is wrong with a reply (`schema`: a name, or `error`), in words."""
        found = ERROR if schema == "error" else {"$ref": f"{ADDRESS}#/schemas/{schema}"}
        validator = Draft202012Validator(found, registry=self._registry)
        return [f"{e.json_path}: {e.message[:200]}" for e in validator.iter_errors(body)]

    def request_problems(self, method: str, target: str) -> list[str]:
        """What is wrong with a request that was sent to the API, in words."""
        parts = urlsplit(target)
        operation = self._operation(method, unquote(parts.path))
        if operation is None:
            return [f"Drive has no {method} {parts.path}"]
        known = {**self.raw["parameters"], **operation["parameters"]}
        known = {name: facts for name, facts in known.items() if facts["location"] == "query"}
        problems = []
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            if name not in known:
                problems.append(f"{operation['id']} has no parameter {name}")
                continue
            problems += _value_problems(name, value, known[name])
            if name == "fields":
                schema = operation["response"]["$ref"]
                problems += self._field_problems(parse_fields(value), schema)
        return problems

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        for operation in self._methods.values():
            template = "/" + self.raw["servicePath"] + operation["path"]
            pattern = re.sub(r"\{\w+\}", "[^/]+", template)
            if operation["httpMethod"] == method and re.fullmatch(pattern, path):
                found: dict[str, Any] = operation
                return found
        return None

    def _field_problems(self, fields: Fields, schema: str) -> list[str]:
        problems = []
        for name, below in fields.items():
            if name == "*":
                continue
            facts = self.schemas[schema]["properties"].get(name)
            if facts is None:
                problems.append(f"{schema} has no field {name}")
                continue
            facts = facts.get("items", facts)
            if below and "$ref" in facts:
                problems += self._field_problems(below, facts["$ref"])
            elif below:
                unknown = set(below) - set(facts.get("properties", {})) - {"*"}
                problems += [f"{schema}.{name} has no field {sub}" for sub in sorted(unknown)]
        return problems


def _value_problems(name: str, value: str, facts: dict[str, Any]) -> list[str]:
    pattern = TYPES.get(facts["type"])
    if pattern and not re.fullmatch(pattern, value):
        return [f"{name}={value} is no {facts['type']}"]
    if facts["type"] == "integer":
        low, high = int(facts.get("minimum", value)), int(facts.get("maximum", value))
        if not low <= int(value) <= high:
            return [f"{name}={value} is not from {low} to {high}"]
    if "enum" in facts and value not in facts["enum"]:
        return [f"{name}={value} is not one of {facts['enum']}"]
    return []
