"""GitHub's own description of its REST API, to hold replies and requests against.

Taken from npm (`@octokit/openapi`, MIT) at test time and kept in `.cache`, never in the repository.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

PACKAGE, VERSION = "@octokit/openapi", "23.0.2"
MEMBER = "package/generated/api.github.com.json"
CACHE = Path(__file__).parents[2] / ".cache"
ADDRESS = "urn:github"
ANYWHERE = {304, 400, 401, 403, 404, 429, 500, 502, 503}
"""What any call may answer, after "Troubleshooting the REST API" and "Best practices"."""
BY_NUMBER = re.compile(r"/organizations/\d+(?:/team/\d+)?")
"""Addresses by number, in the links of GitHub's replies; they mean the same and are undescribed."""


def description() -> dict[str, Any]:
    """The description, from the cache or npm, with `nullable` turned into JSON Schema's types."""
    kept = CACHE / f"github-openapi-{VERSION}.json"
    if not kept.exists():
        CACHE.mkdir(exist_ok=True)
        beside_python = Path(sys.executable).parent / "npm"
        npm = str(beside_python) if beside_python.exists() else shutil.which("npm")
        assert npm, "npm is needed to fetch GitHub's description"
        command = [npm, "pack", f"{PACKAGE}@{VERSION}", "--silent"]
        # In a folder of its own: other processes of the same run fetch it at the same moment.
        with tempfile.TemporaryDirectory(dir=CACHE) as own:
            subprocess.run(command, cwd=own, check=True, capture_output=True, timeout=280)
            with tarfile.open(next(Path(own).glob("*.tgz"))) as archive:
                source = archive.extractfile(MEMBER)
                assert source, MEMBER
                staged = Path(own, kept.name)
                staged.write_bytes(source.read())
            staged.replace(kept)
    raw: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    _correct(raw)
    _make_plain(raw)
    return raw


def _correct(raw: dict[str, Any]) -> None:
    """Where the description contradicts itself.

    The list of installations wants each account to be a user and an enterprise at once (`allOf`);
    the schema of one installation has `anyOf`, which holds for the list too.
    """
    listed = raw["paths"]["/app/installations"]["get"]["responses"]["200"]["content"]
    account = listed["application/json"]["schema"]["items"]["properties"]["account"]
    account["anyOf"] = account.pop("allOf")


def _make_plain(node: Any) -> None:
    """OpenAPI 3.0's `nullable` as JSON Schema says it, in place."""
    if isinstance(node, list):
        for item in node:
            _make_plain(item)
    if not isinstance(node, dict):
        return
    for value in node.values():
        _make_plain(value)
    if node.pop("nullable", False) is True:
        if isinstance(node.get("type"), str):
            node["type"] = [node["type"], "null"]
            if "enum" in node:
                node["enum"] = [*node["enum"], None]
        else:
            inner = {k: node.pop(k) for k in ("allOf", "anyOf", "oneOf", "$ref") if k in node}
            node["anyOf"] = [inner, {"type": "null"}]


class Description:
    """Checks replies and requests against the description."""

    def __init__(self) -> None:
        self.raw = description()
        resource = Resource(contents=self.raw, specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(ADDRESS, resource)
        self._templates = [
            (_pattern(template, self._long_words(calls)), template)
            for template, calls in self.raw["paths"].items()
        ]
        self.checked: set[tuple[str, str, int]] = set()

    def problems(self, method: str, template: str, status: int, body: Any) -> list[str]:
        """What is wrong with a reply, in words; empty if nothing is."""
        operation = self.operation(method, template)
        if isinstance(operation, str):
            return [operation]
        described = str(status) in operation["responses"]
        if not described and status not in ANYWHERE:
            return [f"GitHub does not answer {method} {template} with {status}"]
        self.checked.add((method, template, status))
        answer = self._follow(operation["responses"][str(status)]) if described else {}
        content = answer.get("content", {}).get("application/json")
        if not content and status >= 400:  # described in prose only; the body is the common one
            content = {"schema": {"$ref": "#/components/schemas/basic-error"}}
        if not content:
            return [] if body in (None, "") else [f"no body expected, but {body!r:.80}"]
        return self._errors(content["schema"], body)

    def request_problems(self, method: str, template: str, body: Any, query: str = "") -> list[str]:
        """What is wrong with a request: body, names and sizes in the query; empty if nothing is."""
        operation = self.operation(method, template)
        if isinstance(operation, str):
            return [operation]
        found = self._query_problems(operation, query)
        described = self._follow(operation.get("requestBody", {}))
        content = described.get("content", {}).get("application/json")
        if body is None:
            return [*found, "a body is required"] if described.get("required") else found
        if not content:
            return found if body == {} else [*found, f"no body expected, but {body!r:.80}"]
        schema = self._follow(content["schema"])
        unknown = set(body) - set(schema.get("properties", body))
        found += [f"unknown in the body: {name}" for name in sorted(unknown)]
        return [*found, *self._errors(schema, body)]

    def sent_problems(self, requests: list[dict[str, Any]]) -> list[str]:
        """What is wrong with the requests that a stand-in's control lists (method, path, body)."""
        found = []
        for one in requests:
            if one["path"].startswith("/api/v3/"):
                path, _, query = one["path"].removeprefix("/api/v3").partition("?")
                template = self.template_of(one["method"], path)
                wrong = self.request_problems(one["method"], template, one.get("body"), query)
                found += [f"{one['method']} {path}: {problem}" for problem in wrong]
        return found

    def operation(self, method: str, template: str) -> dict[str, Any] | str:
        """The description of a call, or in words why nobody should make it."""
        operation: dict[str, Any] | None
        operation = self.raw["paths"].get(template, {}).get(method.lower())
        if not operation:
            return f"GitHub has no {method} {template}"
        if operation.get("deprecated"):
            return f"GitHub deprecates {method} {template}"
        return operation

    def template_of(self, method: str, path: str) -> str:
        """The template that a path fills, the one with the most fixed words; else the path."""
        by_name = BY_NUMBER.sub(
            lambda found: "/orgs/O/teams/T" if "/team/" in found[0] else "/orgs/O", path
        )
        fitting = [
            template
            for pattern, template in self._templates
            if pattern.fullmatch(by_name) and method.lower() in self.raw["paths"][template]
        ]
        return min(
            fitting, key=lambda template: (template.count("{"), -len(template)), default=path
        )

    def _long_words(self, calls: dict[str, Any]) -> set[str]:
        """Words of a path that may have slashes in them, the names of branches for example."""
        described = [one for call in calls.values() if isinstance(call, dict)
                     for one in call.get("parameters", ())]  # fmt: skip
        return {one["name"] for one in map(self._follow, described) if one.get("x-multi-segment")}

    def _query_problems(self, operation: dict[str, Any], query: str) -> list[str]:
        known = {
            parameter["name"]: parameter["schema"]
            for parameter in map(self._follow, operation.get("parameters", ()))
            if parameter["in"] == "query"
        }
        found = []
        for name, value in parse_qsl(query):
            if name not in known:
                found.append(f"unknown in the query: {name}")
            elif value not in known[name].get("enum", [value]):
                found.append(f"{name}={value} is none of {known[name]['enum']}")
            elif name == "per_page" and not 0 < int(value) <= 100:
                found.append(f"per_page={value}: there are 1 to 100")
        return found

    def _errors(self, schema: dict[str, Any], body: Any) -> list[str]:
        pointer = f"{ADDRESS}#{self._pointer(schema)}"
        validator = Draft202012Validator({"$ref": pointer}, registry=self._registry)
        return [f"{e.json_path}: {e.message[:200]}" for e in validator.iter_errors(body)]

    def unknown_fields(self, schema_name: str, body: dict[str, Any]) -> set[str]:
        """Fields that we send and the description does not have."""
        return set(body) - set(self.raw["components"]["schemas"][schema_name]["properties"])

    def _follow(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            found: Any = self.raw
            for word in node["$ref"].split("/")[1:]:
                found = found[word]
            node = found
        return node

    def _pointer(self, schema: dict[str, Any]) -> str:
        """Where a schema stands: put beside the others, so that its references resolve."""
        name = f"checked-{id(schema)}"
        self.raw["components"]["schemas"].setdefault(name, _absolute(schema))
        return f"/components/schemas/{name}"


def _pattern(template: str, long_words: set[str]) -> re.Pattern[str]:
    def word(found: re.Match[str]) -> str:
        return ".+" if found[1] in long_words else "[^/]+"

    return re.compile(re.sub(r"\\\{([^}]+)\\\}", word, re.escape(template)))


def _absolute(node: Any) -> Any:
    """The same schema with references that hold from anywhere."""
    text = json.dumps(node)
    return json.loads(re.sub(r'"\$ref": "#/', f'"$ref": "{ADDRESS}#/', text))
