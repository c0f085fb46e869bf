"""The base of every handler: deny by default, decode, run the manager, reply, audit."""

from __future__ import annotations

import asyncio
import gzip
import http
import logging
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from jupyter_server.base.handlers import APIHandler
from pydantic import ValidationError
from tornado import web

from growth_admin.api.gate import Gate, Visitor
from growth_admin.api.operation import METHODS, READS, Operation, operation_of
from growth_admin.api.problems import CONTENT_TYPE, plain_problem, problem_of
from growth_admin.core.audit import Audit
from growth_admin.core.errors import (
    Forbidden,
    GrowthError,
    HubUnavailable,
    InvalidInput,
    StorageFull,
    StorageUnavailable,
    TookTooLong,
)
from growth_admin.core.schema import Model

if TYPE_CHECKING:
    from growth_admin.jobs.models import Job

log = logging.getLogger(__name__)
T = TypeVar("T")
M = TypeVar("M", bound=Model)
PACK_FROM_BYTES: Final = 32 * 1024
BODY_LIMIT_BYTES: Final = 4 * 1024 * 1024


@dataclass
class Desk:
    """What every handler needs beside its manager."""

    gate: Gate
    audit: Audit
    storage_limit_s: float = 20.0
    pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(16, thread_name_prefix="growth-api")
    )


class GrowthHandler(APIHandler):
    """A verb exists only if it is declared with ``@operation``; everything else is refused."""

    SUPPORTED_METHODS = METHODS
    visitor: Visitor
    declared: Operation

    def initialize(self, *, desk: Desk, manager: Any) -> None:
        """Take what the application hands to every handler."""
        self.desk = desk
        self.manager: Any = manager
        self._is_recorded = False

    async def prepare(self) -> None:  # type: ignore[override]  # an option of ours is not needed
        """Let the visitor in, or refuse; nothing of a handler runs before this is done."""
        self._track_activity = self.request.method not in READS
        found = operation_of(type(self), self.request.method or "")
        await self._authenticate()
        if self._finished:
            return
        if not self.current_user:
            raise web.HTTPError(403)
        is_mutation = found is None or found.permission.is_mutation
        self.visitor = await self.desk.gate.admit(self, is_mutation=is_mutation)
        if found is None:
            raise self.undeclared()
        self.declared = found
        if not found.permission.is_held_by(self.visitor.scopes):
            raise Forbidden(
                f"{self.visitor.name} may not: {found.permission.description.lower()}. "
                f"That needs {found.permission.needs}.",
                hint="An admin can add you to a team that holds it. A new right takes effect "
                "after your server was restarted.",
            )

    async def _authenticate(self) -> None:
        """Let jupyter_server find out who it is. Its way of asking the hub fails with 500."""
        try:
            await super().prepare()
        except web.HTTPError as e:
            if e.status_code < 500:
                raise
            raise HubUnavailable("The hub could not be asked who you are.") from e

    def undeclared(self) -> Exception:
        """Return what to raise for a verb that nobody declared."""
        return web.HTTPError(405)

    # -- in

    def decode(self, model: type[M]) -> M:
        """Return the JSON body as ``model``. Raises ``InvalidInput`` that names each field."""
        if len(self.request.body) > BODY_LIMIT_BYTES:
            raise InvalidInput(f"The request is larger than {BODY_LIMIT_BYTES} bytes.")
        try:
            return model.model_validate_json(self.request.body or b"{}")
        except ValidationError as e:
            raise _invalid("request", e) from None

    def query(self, model: type[M]) -> M:
        """Return the query string as ``model``. Raises ``InvalidInput`` that names each field."""
        given = {
            name: self.get_query_argument(name)
            for name in self.request.query_arguments
            if name != "token" and name != "_xsrf" and not name.isdigit()
        }
        try:
            return model.model_validate(given, strict=False)
        except ValidationError as e:
            raise _invalid("query", e) from None

    async def call(
        self, work: Callable[..., T], *args: Any, limit_s: float = 0, **kwargs: Any
    ) -> T:
        """Run a manager's method in a thread and return what it returns.

        A folder that does not answer in ``storage_limit_s`` costs a thread, not the server;
        ``limit_s`` is a longer limit, for work that also asks somebody outside.
        """
        loop = asyncio.get_running_loop()
        waiting = loop.run_in_executor(self.desk.pool, lambda: work(*args, **kwargs))
        longest_s = max(limit_s, self.desk.storage_limit_s)
        try:
            return await asyncio.wait_for(waiting, longest_s)
        except TimeoutError:
            if limit_s > self.desk.storage_limit_s:
                raise TookTooLong(
                    f"The answer took longer than {longest_s:.0f} s: a service outside (registry, "
                    "index, source, GitHub, hub) is slow, or the shared folder. What was asked "
                    "for may still be done.",
                    hint="Look at what is there before you try again. The School day page says "
                    "which part does not answer.",
                ) from None
            raise StorageUnavailable(
                f"The shared folder did not answer within {longest_s:.0f} s; "
                "what was asked for may still be done.",
                hint="Look at what is there before you try again. Check the file server.",
            ) from None

    # -- out

    def reply(self, model: Model | None = None, *, location: str = "") -> None:
        """Send what the verb returns, with the status that it declared."""
        self.set_status(self.declared.status)
        if location:
            self.set_header("Location", f"{self.base_url}growth/api/{location}")
        if model is None:
            self.finish()
            return
        self.finish(self._packed(model.as_json_bytes()))

    def _packed(self, body: bytes) -> bytes:
        """Return a long body compressed where the visitor takes that (RFC 9110, section 8.4)."""
        self.set_header("Vary", "Accept-Encoding")
        takes_gzip = "gzip" in self.request.headers.get("Accept-Encoding", "")
        if len(body) < PACK_FROM_BYTES or not takes_gzip:
            return body
        self.set_header("Content-Encoding", "gzip")
        return gzip.compress(body, 1)

    async def audit(self, **fields: Any) -> None:
        """Record this mutation; ``fields`` are those of ``Entry``. Once per request."""
        self._is_recorded = True
        permission = self.declared.permission
        area = self.request.path.partition("/growth/api/")[2].partition("/")[0]
        known: dict[str, Any] = {
            "user": self.visitor.name,
            "permission": permission.name,
            "area": area if permission.area == "any" else permission.area,
            "action": self.declared.summary,
            "result": "done",
        }
        entry = {**known, **fields}
        try:
            await self.call(lambda: self.desk.audit.record(**entry))
        except (StorageFull, StorageUnavailable) as e:
            if entry["result"] not in ("done", "accepted"):
                raise
            raise type(e)(
                f"It was done, but could not be recorded in the audit trail: {e.detail}",
                hint="Do not repeat it; look at what is there now. Tell the other admins.",
            ) from e

    async def reply_begun(self, job: Job, **fields: Any) -> None:
        """Record that a job was begun, and reply with it; ``fields`` are those of ``Entry``."""
        await self.audit(**{"result": "accepted", "detail": f"job {job.id}", **fields})
        self.reply(job, location=f"jobs/{job.id}")

    def leave_unrecorded(self) -> None:
        """Write no line for this request: it is a part of a change that gets its own line."""
        self._is_recorded = True

    async def audit_end(self, error: Exception | None) -> None:
        """Record a mutation whose verb did not do so itself; called after every verb."""
        if self._is_recorded or not self.declared.permission.is_mutation:
            return
        target = self.request.path.partition("/growth/api/")[2]
        if error is None:
            await self.audit(target=target)
            return
        result, detail = "failed", type(error).__name__
        if isinstance(error, GrowthError):
            result, detail = _result_of(error), error.detail
        try:
            await self.audit(target=target, result=result, detail=detail)
        except GrowthError as e:  # the visitor must hear of the first error
            log.error("a failed %s was not recorded: %s", self.declared.summary, e.detail)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Send the problem document for whatever was raised."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, GrowthError):
            problem = problem_of(error)
            self.set_status(problem.status)
        else:
            title = http.HTTPStatus(status_code).phrase
            detail, hint = getattr(error, "log_message", None) or title, ""
            if status_code >= 500:
                incident = secrets.token_hex(4)
                log.error("incident %s at %s", incident, self.request.path, exc_info=error)
                detail = f"An unexpected error happened (incident {incident})."
                hint = "The server's log has the details under this number."
            problem = plain_problem(status_code, title, detail, hint)
        if status_code == 405:  # RFC 9110, section 15.5.6
            allowed = [method for method in METHODS if operation_of(type(self), method)]
            self.set_header("Allow", ", ".join(allowed))
        self.finish(problem.as_json_bytes(), set_content_type=CONTENT_TYPE)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log what nobody expected; a ``GrowthError`` is an answer, not an incident."""
        if not isinstance(value, GrowthError):
            super().log_exception(typ, value, tb)


def _result_of(error: GrowthError) -> str:
    return "refused" if problem_of(error).status < 500 else "failed"


def _invalid(where: str, error: ValidationError) -> InvalidInput:
    fields = [
        (".".join(str(part) for part in row["loc"]) or where, row["msg"])
        for row in error.errors(include_url=False, include_input=False)
    ]
    listed = "; ".join(f"{name}: {why}" for name, why in fields)
    return InvalidInput(f"The {where} is not valid: {listed}.", fields=fields)
