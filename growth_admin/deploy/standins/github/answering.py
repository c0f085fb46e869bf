"""How the REST API answers: token, scopes, pages, errors, weather. The calls are in `rest`."""

import json
import time
from typing import Any
from urllib.parse import urlencode

from tornado import web

from growth_admin.deploy.standins.github.shapes import Shapes
from growth_admin.deploy.standins.github.weather import Sky
from growth_admin.deploy.standins.github.world import (
    Membership,
    Organization,
    Person,
    Refused,
    Token,
    World,
)

DOCUMENTATION = "https://docs.github.com/rest"
RATE_LIMIT = 5000
PAGE_DEFAULT, PAGE_MAX = 30, 100
READS_ORGANIZATIONS = {"read:org", "write:org", "admin:org"}


class Rest(web.RequestHandler):
    """A call: token, weather, answer. Refused becomes GitHub's error body."""

    world: World
    sky: Sky
    token: Token | None
    me: Person | None

    def initialize(self, world: World, sky: Sky, site: str) -> None:
        """Taken by tornado from the route."""
        self.world, self.sky, self.shapes = world, sky, Shapes(site)
        self.token = self.me = None

    async def prepare(self) -> None:
        """Find out whose call it is; answer with the weather's failure if there is one."""
        scheme, _, value = self.request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() in ("token", "bearer"):
            self.token = self.world.tokens.get(value.strip())
            self.me = self.world.people.get(self.token.person) if self.token else None
        self._set_common_headers()
        status = await self.sky.status_for(self.me.login if self.me else "")
        if status:
            self._fail_with_weather(status)
        elif scheme and not self.me:
            self.fail(401, "Bad credentials")

    def on_finish(self) -> None:
        """Note the request, so that a test can count calls."""
        login = self.me.login if self.me else ""
        self.sky.note(self.request.method or "", self.request.uri or "", login, self.get_status())

    # ---- answers

    def answer(self, body: Any, status: int = 200) -> None:
        """Reply with JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(body))

    def answer_page(self, items: list[Any]) -> None:
        """Reply with the page that the query asks for, and the Link header to the others."""
        size = min(max(self._number("per_page", PAGE_DEFAULT), 1), PAGE_MAX)
        page, last = max(self._number("page", 1), 1), max(-(-len(items) // size), 1)
        links = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        if page >= last:
            links.pop("next")
            links.pop("last")
        if page == 1:
            links.pop("prev")
            links.pop("first")
        if links:
            header = [f'<{self._page_url(size, n)}>; rel="{rel}"' for rel, n in links.items()]
            self.set_header("Link", ", ".join(header))
        self.answer(items[(page - 1) * size : page * size])

    def fail(self, status: int, message: str) -> None:
        """Reply with `basic-error`."""
        body = {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)}
        self.answer(body, status)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Refused is an answer, not an accident."""
        if not isinstance(value, Refused):
            super().log_exception(typ, value, tb)

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Turn Refused, wherever it was raised, into its reply."""
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        if isinstance(error, Refused) and not self._finished:
            self.fail(error.status, error.message)
        else:
            super().send_error(status_code, **kwargs)

    # ---- what a call needs

    def person(self) -> Person:
        """Who calls. Raises Refused 401 for nobody."""
        if not self.me:
            raise Refused(401, "Requires authentication")
        return self.me

    def need_scope(self, *scopes: str) -> None:
        """Raises Refused 403 unless the token has one of `scopes`."""
        self.person()
        self.set_header("X-Accepted-OAuth-Scopes", ", ".join(scopes))
        if self.token and not set(scopes) & set(self.token.scopes):
            raise Refused(403, f"This API operation needs one of the scopes: {', '.join(scopes)}")

    def member_view(self, name: str) -> Organization:
        """The organization, for its active members with a scope that reads it; others get 404."""
        self.need_scope(*sorted(READS_ORGANIZATIONS))
        organization = self.world.organization(name)
        membership = organization.members.get(self.person().id)
        if not membership or membership.state != "active":
            raise Refused(404, "Not Found")
        return organization

    def owner_view(self, name: str) -> Organization:
        """The organization, for its owners with `admin:org`. Raises Refused 403 for members."""
        organization = self.member_view(name)
        self.need_scope("admin:org")
        if organization.members[self.person().id].role != "admin":
            raise Refused(403, "You must be an admin of the organization")
        return organization

    def active_people(self, members: dict[int, Membership], role: str) -> list[Person]:
        """Active members with `role` (or `all`)."""
        return [
            self.world.people[number]
            for number, membership in members.items()
            if membership.state == "active" and role in ("all", membership.role)
        ]

    def _set_common_headers(self) -> None:
        now = int(time.time())
        used = min(len(self.sky.requests), RATE_LIMIT)
        self.set_header("Server", "github.com (stand-in)")
        self.set_header("X-GitHub-Media-Type", "github.v3; format=json")
        self.set_header("X-RateLimit-Limit", str(RATE_LIMIT))
        self.set_header("X-RateLimit-Remaining", str(RATE_LIMIT - used))
        self.set_header("X-RateLimit-Used", str(used))
        self.set_header("X-RateLimit-Reset", str(now - now % 3600 + 3600))
        self.set_header("X-RateLimit-Resource", "core")
        if self.token:
            self.set_header("X-OAuth-Scopes", ", ".join(self.token.scopes))

    def _fail_with_weather(self, status: int) -> None:
        if status in (403, 429):
            self.set_header("X-RateLimit-Remaining", "0")
            self.fail(status, f"API rate limit exceeded for user ID {self.me and self.me.id}.")
        else:
            self.fail(status, "We couldn't respond to your request in time. Sorry about that.")

    def _number(self, name: str, default: int) -> int:
        text = self.get_query_argument(name, str(default))
        return int(text) if text.isascii() and text.isdigit() else default

    def _page_url(self, size: int, page: int) -> str:
        query = {k: v[-1].decode() for k, v in self.request.query_arguments.items()}
        query |= {"per_page": str(size), "page": str(page)}
        path = self.request.path.removeprefix("/api/v3")
        return f"{self.shapes.api}{path}?{urlencode(query)}"
