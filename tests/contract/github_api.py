"""Calls of the stand-in in which request and reply are held against GitHub's description."""

from __future__ import annotations

import re
from typing import Any

import requests

from tests.contract.github_description import Description
from tests.github import StandIn


class Api:
    """Makes calls by template; every one is checked."""

    def __init__(self, hub: StandIn, published: Description) -> None:
        self.hub, self.published = hub, published

    def __call__(
        self, call: str, token: str = "", status: int = 200, **values: Any
    ) -> requests.Response:
        """Make `call`, "GET /orgs/{org}/members?role=admin" for example, and expect `status`.

        Values fill the template (`org` is known); the others are the body. `headers` are headers.
        """
        method, _, rest = call.partition(" ")
        template, _, query = rest.partition("?")
        names = set(re.findall(r"\{(\w+)\}", template))
        filling = {"org": self.hub.organization, **{k: v for k, v in values.items() if k in names}}
        body = {k: v for k, v in values.items() if k not in names and k != "headers"} or None
        if status < 400:
            assert self.published.request_problems(method, template, body, query) == []
        path = template.format(**filling) + (f"?{query}" if query else "")
        headers = values.get("headers", {})
        options: dict[str, Any] = {"json": body, "headers": headers, "allow_redirects": False}
        reply = self.hub.call(method, path, token, **options)
        assert reply.status_code == status, f"{call}: {reply.status_code} {reply.text}"
        found = reply.json() if reply.content else None
        wrong = self.published.problems(method, template, status, found)
        assert wrong == [], f"{call}: {wrong}"
        return reply

    def list(self, call: str, token: str, **values: Any) -> list[dict[str, Any]]:
        """All items of all pages."""
        found: list[dict[str, Any]] = []
        page, mark = 1, "&" if "?" in call else "?"
        while True:
            reply = self(f"{call}{mark}per_page=100&page={page}", token, **values)
            found += reply.json()
            if "next" not in reply.links:
                return found
            page += 1


MEMBERS = "/orgs/{org}/members"
MEMBERSHIP = "/orgs/{org}/memberships/{username}"
INVITATIONS = "/orgs/{org}/invitations"
FAILED = "/orgs/{org}/failed_invitations"
TEAM = "/orgs/{org}/teams/{team_slug}"
TEAM_MEMBERSHIP = TEAM + "/memberships/{username}"
