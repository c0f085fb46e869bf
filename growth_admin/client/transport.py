"""Requests to one server, with the errors that the manager raised raised again."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

import requests

from growth_admin.core.errors import (
    Forbidden,
    GrowthError,
    InvalidInput,
    NotConfigured,
    NotFound,
    error_classes,
)
from growth_admin.core.schema import Model

M = TypeVar("M", bound=Model)


class ServerUnreachable(GrowthError):
    """The server did not answer at all."""

    kind = "server-unreachable"
    title = "The server does not answer"


BY_STATUS: Final[dict[int, type[GrowthError]]] = {
    **{403: Forbidden, 404: NotFound},
    **dict.fromkeys((502, 503, 504), ServerUnreachable),  # a proxy before it says so
}


class Transport:
    """One server's API with one token."""

    def __init__(self, base_url: str, token: str, *, timeout_s: float = 60) -> None:
        self._root = f"{base_url.rstrip('/')}/growth/api/"
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"token {token}"

    def send(
        self,
        method: str,
        *segments: str,
        query: dict[str, Any] | None = None,
        body: Model | None = None,
    ) -> Any:
        """Return the decoded reply. Raises the class of ``core.errors`` that the server named."""
        reply = self.exchange(
            method,
            *segments,
            query=query,
            data=body.model_dump_json().encode() if body else None,
            headers={"Content-Type": "application/json"} if body else None,
        )
        return _decoded(reply)

    def exchange(
        self,
        method: str,
        *segments: str,
        query: dict[str, Any] | None = None,
        data: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        """Return the reply with its headers, for what is no JSON. Raises as ``send``."""
        url = self._root + "/".join(_quoted(segment) for segment in segments)
        params = {name: value for name, value in (query or {}).items() if value not in (None, "")}
        try:
            reply = self._session.request(
                method,
                url,
                params=params,
                data=data,
                headers=headers,
                timeout=self._timeout_s,
                allow_redirects=False,
            )
        except requests.RequestException as e:
            raise ServerUnreachable(
                f"{urlsplit(url).netloc} did not answer ({type(e).__name__}).",
                hint="Is the server running? It may be restarting.",
            ) from None
        if not reply.ok:
            raise error_of(reply)
        return reply

    def get(self, model: type[M], *segments: str, **query: Any) -> M:
        """Return what a GET gives, as ``model``."""
        return model.model_validate(self.send("GET", *segments, query=query))

    def post(self, model: type[M], *segments: str, body: Model | None = None) -> M:
        """Return what a POST gives, as ``model``."""
        return model.model_validate(self.send("POST", *segments, body=body))

    def patch(self, model: type[M], *segments: str, body: Model) -> M:
        """Return what a PATCH gives, as ``model``."""
        return model.model_validate(self.send("PATCH", *segments, body=body))

    def delete(self, *segments: str) -> None:
        """Delete."""
        self.send("DELETE", *segments)


def _quoted(segment: str) -> str:
    """Return a name as one segment of a path; ``..`` would lead to another route."""
    if segment in ("", ".", ".."):
        raise InvalidInput(f"{segment!r} is no name.", hint="List what there is.")
    return quote(segment, safe="")


def _decoded(reply: requests.Response) -> Any:
    if reply.is_redirect:
        raise Forbidden(
            "The server sends us to a login page.", hint="Is the token still valid? Log in again."
        )
    if not reply.content:
        return None
    try:
        return reply.json()
    except ValueError:
        raise ServerUnreachable(
            f"{urlsplit(reply.url).netloc} answered with something that is not JSON.",
            hint="Is this the address of a Jupyter server, with its base URL?",
        ) from None


def error_of(reply: requests.Response) -> GrowthError:
    """Return the error of a reply, of the class that the manager raised (RFC 9457)."""
    try:
        problem = reply.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    kind = str(problem.get("type", "")).rpartition(":")[2]
    if kind not in error_classes():  # a proxy's own page may be JSON too, of another shape
        problem = {name: problem.get(name) for name in ("detail", "message", "hint")}
    cls = error_classes().get(kind) or BY_STATUS.get(reply.status_code, GrowthError)
    detail = problem.get("detail") or problem.get("message") or reply.reason
    return cls.from_wire(
        f"{detail}" if kind else f"HTTP {reply.status_code}: {detail}",
        hint=str(problem.get("hint") or ""),
        fields=[(row["field"], row["message"]) for row in problem.get("errors") or ()],
        context=problem.get("context") or {},
    )


def own_server() -> tuple[str, str]:
    """Return base URL and token of the server that this process runs beside.

    On a hub's server from the environment that the hub gave (JupyterHub, "How the hub starts
    servers"); elsewhere from the files that a running jupyter_server leaves. Raises
    ``NotConfigured`` when there is none.
    """
    env = os.environ
    token, service = env.get("JUPYTERHUB_API_TOKEN", ""), env.get("JUPYTERHUB_SERVICE_URL", "")
    if token and service:
        parts = urlsplit(service)
        host = parts.hostname or "127.0.0.1"
        host = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
        prefix = env.get("JUPYTERHUB_SERVICE_PREFIX", parts.path)
        return f"{parts.scheme}://{host}:{parts.port}{prefix}", token
    for record in _running_servers():
        return str(record["url"]), str(record["token"])
    raise NotConfigured(
        "No Jupyter server of yours was found.",
        hint="Give GrowthClient(base_url, token), or call it inside a notebook.",
    )


def _running_servers() -> list[dict[str, Any]]:
    from jupyter_core.paths import jupyter_runtime_dir

    """Return what running servers wrote down: the one that started us first, then the newest."""
    parent = os.environ.get("JPY_PARENT_PID", "")  # set by jupyter_client for every kernel
    found: list[tuple[bool, float, dict[str, Any]]] = []
    for path in Path(jupyter_runtime_dir()).glob("jpserver-*.json"):
        try:
            record = json.loads(path.read_text())
            os.kill(int(record["pid"]), 0)
            found.append((str(record["pid"]) == parent, path.stat().st_mtime, record))
        except (OSError, ValueError, KeyError):
            continue
    return [record for _, _, record in sorted(found, key=lambda row: row[:2], reverse=True)]


__all__ = ["ServerUnreachable", "Transport", "error_of", "own_server"]
