"""One request to the hub, and what its answer means.

The token goes to the hub only: addresses in answers are never followed, and what is raised or
logged holds neither the token nor an address.

Source: JupyterHub REST API; RFC 9110 section 10.2.3 (Retry-After).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import requests

from growth_admin.core.errors import HubRefused, HubUnavailable, InvalidInput, NotFound
from growth_admin.servers.hub_models import Answer

CONNECT_TIMEOUT_S: Final = 5.0
READ_TIMEOUT_S: Final = 20.0
CHANGE_TIMEOUT_S: Final = 60.0
"""A start answers after the hub's ``slow_spawn_timeout`` (10 s) and a look-up of the login."""
KEEPALIVE_LIMIT_S: Final = 30.0
"""The hub sends an empty line every 8 s into a progress stream."""
RETRY_AFTER_LIMIT_S: Final = 120.0
RETRY_AFTER_DEFAULT_S: Final = 30.0
HUB_MARK: Final = "X-JupyterHub-Version"
"""The hub writes this header on every answer, also on its errors."""
GATEWAY: Final = (502, 503, 504)


class HubTransport:
    """Requests with one token. Safe to use from several threads: each has its own session."""

    def __init__(self, api_url: str, token: str, session: Callable[[], requests.Session]) -> None:
        self._url = api_url.rstrip("/")
        self._token = token
        self._make_session = session
        self._local = threading.local()

    def get_json(
        self,
        path: str,
        *,
        accept: str = "application/json",
        on_answer: Callable[[], None] = lambda: None,
    ) -> Any:
        """Return a decoded answer; a connection that was cut is tried once more.

        ``on_answer`` is called as soon as a good answer begins, before all of it is here.
        """
        try:
            response = self._get(path, accept, on_answer)
        except HubUnavailable:
            time.sleep(0.2)
            response = self._get(path, accept, on_answer)
        require_ok(response)
        try:
            return response.json()
        except ValueError as e:
            raise HubUnavailable("The hub's answer is not JSON.") from e

    def _get(self, path: str, accept: str, on_answer: Callable[[], None]) -> requests.Response:
        """Return an answer that is here as a whole."""
        timeout_s = READ_TIMEOUT_S
        response = self.send("GET", path, accept=accept, timeout_s=timeout_s, is_stream=True)
        if response.status_code == 200:
            on_answer()
        try:
            response.content  # noqa: B018  # read here, where a cut connection can be told
        except requests.RequestException as e:
            raise HubUnavailable(f"The hub's answer broke off ({type(e).__name__}).") from None
        return response

    def send(
        self,
        method: str,
        path: str,
        *,
        accept: str = "application/json",
        body: Mapping[str, Any] | None = None,
        timeout_s: float | None = None,
        is_stream: bool = False,
    ) -> requests.Response:
        """Return any answer of the hub itself. Raises ``HubUnavailable`` without one."""
        by_kind_s = KEEPALIVE_LIMIT_S if is_stream else READ_TIMEOUT_S
        read_s = timeout_s or (by_kind_s if method == "GET" else CHANGE_TIMEOUT_S)
        try:
            response = self._session().request(
                method,
                f"{self._url}/{path}",
                headers={"Accept": accept, "Authorization": f"token {self._token}"},
                json=body,
                timeout=(CONNECT_TIMEOUT_S, read_s),
                allow_redirects=False,
                stream=is_stream,
            )
        except requests.RequestException as e:
            # the cause is named by its class: its text may hold the address, never needed here
            raise HubUnavailable(f"The hub gave no answer ({type(e).__name__}).") from None
        # a proxy that knows no route yet says 404, of a user who exists: without the hub's mark, or
        # with the hub's page of errors and all its headers; nothing that is asked here is a page
        is_astray = response.status_code in GATEWAY or 300 <= response.status_code < 400
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if is_astray or is_page or HUB_MARK not in response.headers:
            raise HubUnavailable(f"In place of the hub something answered {response.status_code}.")
        return response

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._make_session()
            session.trust_env = False  # a .netrc would replace our token
            self._local.session = session
        return session


def _message(response: requests.Response) -> str:
    """Return the hub's own words, or its status."""
    try:
        said = response.json().get("message")
    except (ValueError, AttributeError):
        said = None
    return str(said or f"status {response.status_code}")[:500]


def require_ok(response: requests.Response) -> None:
    """Return if the hub answered what was asked. Raises what its status says otherwise."""
    if response.status_code == 200:
        return
    said = _message(response)
    if response.status_code == 404:
        raise NotFound(
            f"The hub does not know this user or server ({said}).",
            hint="It may have been deleted, or your token may not see it.",
        )
    if response.status_code == 403:
        raise HubRefused(
            f"The hub refused: {said}.",
            hint="Your server's token lacks a scope. Restart your server after a new right."
            if "scope" in said
            else "",
        )
    if response.status_code >= 500 or response.status_code == 429:
        raise HubUnavailable(f"The hub failed to answer: {said}.")
    raise HubRefused(f"The hub refused: {said}.")


def answer_of(response: requests.Response) -> Answer:
    """Return what a status other than success says about a start or a stop."""
    if response.status_code == 202:
        return Answer("pending")
    said = _message(response)
    if response.status_code == 400:
        if "already running" in said or "pending" in said:
            return Answer("conflict", said)
        raise InvalidInput(f"The hub refused: {said}.")
    if response.status_code == 429:
        return Answer("busy", said, _retry_after_s(response))
    if response.status_code >= 500:
        return Answer("failed", said)
    require_ok(response)
    raise HubUnavailable(f"The hub's answer makes no sense: {said}.")


def _retry_after_s(response: requests.Response) -> float:
    given = response.headers.get("Retry-After", "")
    asked_s = float(given) if given.isdecimal() else RETRY_AFTER_DEFAULT_S
    return min(asked_s, RETRY_AFTER_LIMIT_S)
