"""What a handler's verb says about itself; the gate, the description and the tests read this."""

from __future__ import annotations

import functools
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from tornado import web

from growth_admin.core.errors import GrowthError
from growth_admin.core.permissions import PERMISSIONS, Permission
from growth_admin.core.schema import Model

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
READS = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing (RFC 9110, section 9.2.1)."""
Verb = TypeVar("Verb", bound=Callable[..., Awaitable[None]])


@dataclass(frozen=True)
class Operation:
    """One verb of one route."""

    permission: Permission
    summary: str
    returns: type[Model] | None
    status: int
    body: type[Model] | None
    query: type[Model] | None
    errors: tuple[type[GrowthError], ...]
    client: str
    takes: str = ""


def operation(
    permission: str,
    *,
    summary: str,
    client: str,
    returns: type[Model] | None = None,
    status: int = 200,
    body: type[Model] | None = None,
    query: type[Model] | None = None,
    errors: tuple[type[GrowthError], ...] = (),
    takes: str = "",
) -> Callable[[Verb], Verb]:
    """Declare a verb: the permission it needs, what it takes and gives, and its client method.

    A verb without this declaration is refused for everybody. ``takes`` is the media type of a
    body that is no JSON. Raises ``KeyError`` at import when the permission is not in the table.
    """
    described = Operation(
        PERMISSIONS[permission],
        summary,
        returns,
        status,
        body,
        query,
        errors,
        client,
        takes,
    )

    def mark(verb: Verb) -> Verb:
        @web.authenticated
        @functools.wraps(verb)
        async def recorded(handler: Any, *args: Any, **kwargs: Any) -> None:
            try:
                await verb(handler, *args, **kwargs)
            except Exception as error:
                await handler.audit_end(error)
                raise
            await handler.audit_end(None)

        recorded.growth_operation = described  # type: ignore[attr-defined]  # for operation_of
        return cast(Verb, recorded)

    return mark


def operation_of(handler: type[web.RequestHandler], method: str) -> Operation | None:
    """Return what the handler declares for this HTTP method, if anything."""
    verb = getattr(handler, method.lower(), None) if method in METHODS else None
    found = getattr(verb, "growth_operation", None)
    return found if isinstance(found, Operation) else None


@dataclass(frozen=True)
class Route:
    """A path below ``/growth/api/``, with ``{parameters}``, and who answers there."""

    path: str
    handler: type[web.RequestHandler]

    @property
    def area(self) -> str:
        """The first part of the path."""
        return self.path.partition("/")[0]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters in the path."""
        return tuple(re.findall(r"\{(\w+)\}", self.path))

    def pattern(self, base_url: str) -> str:
        """Return the regular expression for tornado; each parameter is one path segment."""
        escaped = re.escape(self.path).replace(r"\{", "{").replace(r"\}", "}")
        body = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", escaped)
        return f"{re.escape(base_url.rstrip('/'))}/growth/api/{body}"

    def operations(self) -> dict[str, Operation]:
        """Return the declared verbs by HTTP method."""
        found = {method: operation_of(self.handler, method) for method in METHODS}
        return {method: op for method, op in found.items() if op is not None}
