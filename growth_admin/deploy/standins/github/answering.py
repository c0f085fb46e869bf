"""How the REST API answers: credentials, limits, faults, pages, ETags, errors.

Who may see an organization is in `access`, the calls are in `rest_*`.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from tornado import web

from growth_admin.deploy.standins.github.caller import Caller, caller_of
from growth_admin.deploy.standins.github.clock import Clock
from growth_admin.deploy.standins.github.faults import Fault
from growth_admin.deploy.standins.github.limits import SECONDARY
from growth_admin.deploy.standins.github.people import Person
from growth_admin.deploy.standins.github.refusals import Refused
from growth_admin.deploy.standins.github.shapes import Shapes
from growth_admin.deploy.standins.github.weather import Sky
from growth_admin.deploy.standins.github.world import World

DOCUMENTATION = "https://docs.github.com/rest"
PAGE_DEFAULT, PAGE_MAX = 30, 100
HTTP_DATE = "%a, %d %b %Y %H:%M:%S GMT"
Item = TypeVar("Item")


def date_header(clock: Clock) -> str:
    """The stand-in's time for a `Date` header."""
    return time.strftime(HTTP_DATE, time.gmtime(clock.now_s()))


class Rest(web.RequestHandler):
    """A call: credentials, weather, limits, answer. Refused becomes GitHub's error body."""

    world: World
    sky: Sky

    def initialize(self, world: World, sky: Sky, site: str) -> None:
        """Taken by tornado from the route."""
        self.world, self.sky, self.shapes = world, sky, Shapes(site)
        self.caller = Caller()
        self._request_id = secrets.token_hex(4).upper()
        self._late: Fault | None = None
        self._is_counted = self._is_exhausted = False

    async def prepare(self) -> None:
        """Find out whose call it is; refuse it if a fault, the weather or a limit says so."""
        self.world.settle()
        wrong: Refused | None = None
        try:
            self.caller = caller_of(self.world, self.request.headers.get("Authorization", ""))
        except Refused as refused:
            wrong = refused
        self._set_common_headers()
        status = await self.sky.status_for(self.caller.login)
        if status:
            self._fail_with_weather(status)
            return
        method, path = self.request.method or "", self.request.path
        fault = await self.sky.fault_for(method, path, self.caller.login)
        if fault and (fault.status or fault.is_cut):
            if not fault.after_change:
                self._fail_with(fault)
                return
            self._late = fault
        if wrong:
            raise wrong
        self._count()

    def on_finish(self) -> None:
        """Note the request, so that a test can count calls and look at bodies."""
        self._note(self.get_status())

    # ---- answers

    def answer(self, body: Any, status: int = 200) -> None:
        """Reply with JSON; 304 if the caller has it already, which costs nothing."""
        text = json.dumps(body)
        if self.request.method == "GET" and status == 200:
            etag = f'W/"{hashlib.sha256(text.encode()).hexdigest()}"'
            self.set_header("ETag", etag)
            self.set_header("Cache-Control", "private, max-age=60, s-maxage=60")
            known = self.request.headers.get("If-None-Match", "").replace("W/", "")
            if etag.removeprefix("W/") in known:
                self._uncount()
                self.set_status(304)
                self.finish()
                return
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(text)

    def answer_page(self, items: Sequence[Item], shape: Callable[[Item], Any]) -> None:
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
        self.answer([shape(item) for item in items[(page - 1) * size : page * size]])

    def fail(self, status: int, message: str, **more: Any) -> None:
        """Reply with `basic-error`, or `validation-error` with `errors`."""
        self.answer(
            {"message": message, "documentation_url": DOCUMENTATION, "status": str(status), **more},
            status,
        )

    def finish(self, chunk: Any = None) -> Any:
        """Keep what changed, then send, unless a fault makes of it what it likes."""
        self.world.keep()
        late, self._late = self._late, None
        if late:
            self._write_buffer: list[bytes] = []
            self._fail_with(late)
            return None
        self._set_limit_headers()
        return super().finish(chunk)

    def compute_etag(self) -> None:
        """Not tornado's: `answer` sets its own."""

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Refused is an answer, not an accident."""
        if not isinstance(value, Refused):
            super().log_exception(typ, value, tb)

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Turn Refused, wherever it was raised, into its reply."""
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        if not isinstance(error, Refused) or self._finished:
            super().send_error(status_code, **kwargs)
            return
        for name, value in error.headers.items():
            self.set_header(name, value)
        more: dict[str, Any] = {"errors": error.errors} if error.errors else {}
        if error.documentation:
            more["documentation_url"] = error.documentation
        self.fail(error.status, error.message, **more)

    # ---- what a call needs

    def person(self) -> Person:
        """Who calls. Raises Refused 401 for nobody, 403 for an App."""
        if self.caller.person:
            return self.caller.person
        if self.caller.app:
            raise Refused(403, "Resource not accessible by integration")
        raise Refused(401, "Requires authentication")

    def given(self) -> dict[str, Any]:
        """The JSON object of the body. Raises Refused 400 when it is none."""
        try:
            body = json.loads(self.request.body or b"{}")
        except ValueError as error:
            raise Refused(400, "Problems parsing JSON") from error
        if not isinstance(body, dict):
            raise Refused(400, "Body should be a JSON object")
        return body

    def word(self, name: str, allowed: Sequence[str]) -> str:
        """A query argument; the first of `allowed` when it is missing. Raises Refused 422."""
        value = self.get_query_argument(name, allowed[0])
        if value not in allowed:
            raise Refused(422, f"Invalid value for {name}: {value}")
        return value

    # ---- counting and failing

    def _count(self) -> None:
        """Count the call. Raises Refused over a limit; the call that asks for limits is free."""
        if self.request.path.endswith("/rate_limit"):
            return
        name, limits = self.caller.counted_as, self.world.limits
        self._is_counted = True
        if not limits.count(name):
            number = self.caller.person.id if self.caller.person else self.request.remote_ip
            raise Refused(403, f"API rate limit exceeded for user ID {number}.")
        wait_s = limits.wait_s(name, self.request.method or "")
        if wait_s:
            headers = {"Retry-After": str(wait_s)} if limits.rules.tells_retry_after else {}
            message = f"{SECONDARY} {self._request_id}."
            raise Refused(limits.rules.secondary_status, message, headers=headers)

    def _uncount(self) -> None:
        if self._is_counted and self.caller.counted_as:
            self.world.limits.uncount(self.caller.counted_as)

    def _fail_with_weather(self, status: int) -> None:
        if status in (403, 429):
            self._is_exhausted = True
            number = self.caller.person.id if self.caller.person else 0
            self.fail(status, f"API rate limit exceeded for user ID {number}.")
        else:
            self.fail(status, "We couldn't respond to your request in time. Sorry about that.")

    def _fail_with(self, fault: Fault) -> None:
        if fault.is_cut:
            self._note(0)
            self.detach().close()
            return
        self.clear_header("ETag")
        self._is_exhausted = fault.exhausts
        for name, value in fault.headers.items():
            self.set_header(name, value)
        if fault.body is None:
            self.fail(fault.status, fault.message)
        else:
            more = {k: v for k, v in fault.body.items() if k != "message"}
            self.fail(fault.status, fault.body["message"], **more)

    def _note(self, status: int) -> None:
        try:
            body = json.loads(self.request.body) if self.request.body else None
        except ValueError:
            body = None
        self.sky.note(
            self.request.method or "",
            self.request.uri or "",
            self.caller.login,
            status,
            body=body,
            at=self.world.clock.timestamp(),
            is_conditional="If-None-Match" in self.request.headers,
        )

    # ---- headers

    def _set_common_headers(self) -> None:
        self.set_header("Server", "github.com (stand-in)")
        self.set_header("Date", date_header(self.world.clock))
        self.set_header("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP")
        self.set_header("X-GitHub-Media-Type", "github.v3; format=json")
        self.set_header("X-GitHub-Request-Id", f"{self._request_id}:1F2E:3A4B5C")
        token = self.caller.token
        if token and token.has_scopes:
            self.set_header("X-OAuth-Scopes", ", ".join(token.scopes))
            if token.client_id:
                self.set_header("X-OAuth-Client-Id", token.client_id)

    def _set_limit_headers(self) -> None:
        name, limits = self.caller.counted_as, self.world.limits
        window, limit = limits.window(name), limits.limit(name) or 1_000_000
        left = 0 if self._is_exhausted else max(limit - window.used, 0)
        self.set_header("X-RateLimit-Limit", str(limit))
        self.set_header("X-RateLimit-Remaining", str(left))
        self.set_header("X-RateLimit-Used", str(limit - left))
        self.set_header("X-RateLimit-Reset", str(int(window.reset_s)))
        self.set_header("X-RateLimit-Resource", "core")

    def _number(self, name: str, default: int) -> int:
        text = self.get_query_argument(name, str(default))
        return int(text) if text.isascii() and text.isdigit() else default

    def _page_url(self, size: int, page: int) -> str:
        query = {k: v[-1].decode() for k, v in self.request.query_arguments.items()}
        query |= {"per_page": str(size), "page": str(page)}
        path = self.request.path.removeprefix("/api/v3")
        return f"{self.shapes.api}{path}?{urlencode(query)}"
