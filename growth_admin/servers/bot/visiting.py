"""A student's server from outside, as the student's own browser uses it: through the proxy.

Source: Jupyter Server REST API (contents, kernelspecs, sessions).
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

import requests

from growth_admin.core.errors import GrowthError
from growth_admin.core.words import in_words
from growth_admin.servers.hub_transport import CONNECT_TIMEOUT_S

NOTEBOOK: Final = "the-bot-was-here.ipynb"
"""What the bot saves and deletes; a run that was killed leaves it, and the next one takes it."""
_CELL: Final[dict[str, Any]] = {
    "cell_type": "code",
    "id": "a",
    "metadata": {},
    "source": "print(6 * 7)",
    "outputs": [],
    "execution_count": None,
}
_CONTENT: Final[dict[str, Any]] = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [_CELL],
}
REPLY_LIMIT_BYTES: Final = 8_000_000
"""Lab's page has some hundred kilobytes; what is longer is not read to its end."""


@dataclass(frozen=True)
class Reply:
    """What the server answered."""

    code: int
    body: bytes

    def json(self) -> Any:
        """Return the decoded body, nothing for what is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class StudentServer:
    """One server, with a token that opens it. Every method raises ``GrowthError``.

    ``origin`` is where the proxy is, without a path, ``path`` the server's own (``/user/x/``).
    What is raised holds neither the token nor an address.
    """

    def __init__(self, origin: str, path: str, token: str, *, timeout_s: float) -> None:
        self.token = token
        self._base = f"{origin.rstrip('/')}/{urlsplit(path).path.strip('/')}"
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"token {token}"

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def open_lab(self) -> None:
        """Get Lab's page, and look that it is one."""
        if b"jupyter-config-data" not in self._send("GET", "lab", "Lab").body:
            raise GrowthError(
                "The server answered, but not with JupyterLab's page.",
                hint="Look whether JupyterLab is in the image, and what else answers there.",
            )

    def save_notebook(self) -> None:
        """Save a small notebook in the home, over one that is there."""
        body = {"type": "notebook", "format": "json", "content": _CONTENT}
        self._send("PUT", f"api/contents/{NOTEBOOK}", "the home", body)

    def delete_notebook(self) -> None:
        """Delete it; none is no trouble."""
        self._send("DELETE", f"api/contents/{NOTEBOOK}", "the home", is_gone_fine=True)

    def python_kernel(self) -> str:
        """Return the name of the default kernel, or of another one that runs Python."""
        given = self._json("GET", "api/kernelspecs", "the list of kernels")
        default = str(given.get("default") or "")
        try:
            languages = {
                str(name): str(one["spec"].get("language")).casefold()
                for name, one in (given.get("kernelspecs") or {}).items()
            }
        except (AttributeError, KeyError, TypeError) as e:
            raise GrowthError("The server's list of kernels makes no sense.") from e
        for name in (default, *sorted(languages)):
            if languages.get(name) == "python":
                return name
        raise GrowthError(
            "The server offers no Python kernel.",
            hint="Look whether ipykernel is in the image.",
        )

    def open_session(self, kernel: str) -> tuple[str, str]:
        """Open the notebook with a kernel; return the ids of session and kernel."""
        body = {"path": NOTEBOOK, "name": NOTEBOOK, "type": "notebook", "kernel": {"name": kernel}}
        given = self._json("POST", "api/sessions", "the kernel", body)
        try:
            return str(given["id"]), str(given["kernel"]["id"])
        except (KeyError, TypeError) as e:
            raise GrowthError("The server's answer about a session makes no sense.") from e

    def close_session(self, session_id: str) -> None:
        """Close the session and its kernel; none is no trouble."""
        path = f"api/sessions/{quote(session_id, safe='')}"
        self._send("DELETE", path, "the kernel", is_gone_fine=True)

    def channels_url(self, kernel_id: str) -> str:
        """Return the address of a kernel's websocket."""
        scheme, _, rest = self._base.partition("://")
        secure = "wss" if scheme == "https" else "ws"
        return f"{secure}://{rest}/api/kernels/{quote(kernel_id, safe='')}/channels"

    def _json(
        self, method: str, path: str, what: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        given = self._send(method, path, what, body).json()
        if not isinstance(given, dict):
            raise GrowthError(f"The answer of {what} is not what a Jupyter server says.")
        return given

    def _send(
        self,
        method: str,
        path: str,
        what: str,
        body: dict[str, Any] | None = None,
        *,
        is_gone_fine: bool = False,
    ) -> Reply:
        try:
            with self._session.request(
                method,
                f"{self._base}/{path}",
                json=body,
                timeout=(CONNECT_TIMEOUT_S, self._timeout_s),
                allow_redirects=False,
                stream=True,
            ) as response:
                reply = Reply(response.status_code, _bounded(response, what, self._timeout_s))
        except requests.Timeout:
            raise GrowthError(
                f"No answer of {what} within {self._timeout_s:.0f} s.",
                hint="The server may be short of memory or processor, or its home is slow.",
            ) from None
        except requests.RequestException as e:
            raise GrowthError(
                f"No answer of {what} ({type(e).__name__}).",
                hint="Look at the bot's server and at the proxy's log.",
            ) from None
        if reply.code < 300 or (is_gone_fine and reply.code == 404):
            return reply
        raise _refused(reply, what)


def _bounded(response: requests.Response, what: str, limit_s: float) -> bytes:
    """Return an answer that is here as a whole. Raises ``requests.Timeout``, ``GrowthError``."""
    end_s = time.monotonic() + limit_s
    body = bytearray()
    for part in response.iter_content(1 << 16):
        body += part
        if len(body) > REPLY_LIMIT_BYTES:
            raise GrowthError(
                f"The answer of {what} is longer than {in_words(REPLY_LIMIT_BYTES)}.",
                hint="Look what answers there: no Jupyter server says so much.",
            )
        if time.monotonic() > end_s:
            raise requests.Timeout
    return bytes(body)


def _refused(reply: Reply, what: str) -> GrowthError:
    """Return what an answer other than yes means."""
    code, given = reply.code, reply.json()
    said = str(given.get("message") or "") if isinstance(given, dict) else ""
    told = f"{what[:1].upper()}{what[1:]} answered {code}{f': {said[:300]}' if said else ''}."
    if code in (301, 302, 303, 307, 308, 401, 403):
        return GrowthError(
            f"{told} The server did not take the bot for its owner.",
            hint="Look whether the hub and the notebook image have versions of JupyterHub that "
            "go together.",
        )
    if code in (404, 502, 503, 504):
        return GrowthError(
            told, hint="The proxy does not reach the server, or the server has ended: its log says."
        )
    if code == 500:  # so JupyterHub's part of the server says that its question was not answered
        return GrowthError(
            told,
            hint="Servers say so while the hub is away, as they cannot ask whose visit it is. Look "
            "at the hub, then at the log of the bot's server.",
        )
    return GrowthError(told, hint="The log of the bot's server has the details.")
