"""The hub's REST API, as far as this room needs it, with this server's own token.

Works on JupyterHub 5.5 and 6.1. Names go into paths, so what would change a path is refused here.

Source: JupyterHub, "Using JupyterHub's REST API" (pagination, starting servers, progress).
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import quote

import requests

from growth_admin.core.errors import HubRefused, HubUnavailable, InvalidInput, NotFound
from growth_admin.core.schema import now
from growth_admin.servers.hub_models import (
    Answer,
    HubServer,
    HubUser,
    ProgressEvent,
    parse_guests,
    parse_progress,
    parse_user,
)
from growth_admin.servers.hub_transport import (
    CHANGE_TIMEOUT_S,
    HubTransport,
    answer_of,
    require_ok,
)
from growth_admin.servers.pages import UserPages

log = logging.getLogger(__name__)

PAGE_SIZE: Final = 200


class HubClient:
    """A hub, as far as one token may use it. Safe to use from several threads.

    Every method raises ``HubUnavailable`` when there is no usable answer, ``HubRefused`` when the
    hub says no, and ``NotFound`` when the user is not known, or not to this token.
    """

    def __init__(
        self,
        api_url: str,
        token: str,
        session: Callable[[], requests.Session] = requests.Session,
        *,
        page_size: int = PAGE_SIZE,
    ) -> None:
        self._page_size = page_size
        self._transport = HubTransport(api_url, token, session)

    # -- look

    def list_users(
        self,
        *,
        state: Literal["", "active"] = "",
        on_page: Callable[[Sequence[HubUser], int], None] = lambda users, total: None,
    ) -> tuple[HubUser, ...]:
        """Return every user that the token may list, by name, each with the active servers.

        With ``state`` only those who have such a server. ``on_page`` hears of each page as it
        comes, with the number of all users. Whoever was there all the time is among them, however
        others come and go meanwhile; who came or went while it was read may be or not.
        """
        found: dict[str, HubUser] = {}
        asked = f"state={state}" if state else ""
        for users, total in UserPages(self._transport, self._page_size, asked):
            found.update((user.name, user) for user in users)
            on_page(users, total)
        return tuple(found.values())

    def get_user(self, name: str, *, include_stopped: bool = False) -> HubUser:
        """Return one user with the active servers, or all that the hub has a record of."""
        asked = "?include_stopped_servers=1" if include_stopped else ""
        return parse_user(self._transport.get_json(f"users/{_segment(name)}{asked}"))

    def count_tokens(self, name: str) -> int:
        """Return how many live tokens a user has."""
        found = self._transport.get_json(f"users/{_segment(name)}/tokens")
        try:
            tokens = found["api_tokens"]
            return sum(1 for token in tokens if not _is_over(token.get("expires_at")))
        except (AttributeError, KeyError, TypeError, ValueError) as e:
            raise HubUnavailable("The hub's list of tokens makes no sense.") from e

    def list_guests(self, owner: str, *, bot: str = "") -> tuple[str, ...]:
        """Return with whom servers of a user are shared; needs ``read:shares`` for that user.

        That the bot student may open a canary is no share of anybody's: the hub says so itself.
        """
        known = ("canary", bot)
        return parse_guests(self._transport.get_json(f"shares/{_segment(owner)}"), known)

    def list_digests(self) -> dict[tuple[str, str], str]:
        """Return the digest of each running server's image by user and server name.

        Only those that the hub knows and this token may see: with KubeSpawner all. Empty for a hub
        whose ``hub_config.py`` is older than this or another.
        """
        try:
            found = self._transport.get_json("growth/digests")
        except NotFound:
            return {}
        try:
            return {(str(user), str(name)): str(one) for user, name, one in found["digests"]}
        except (AttributeError, KeyError, TypeError, ValueError) as e:
            raise HubUnavailable("The hub's list of digests makes no sense.") from e

    # -- change

    def ask_prepull(self, digest: str, *, begins: bool) -> Any:
        """Return what the hub tells of nodes that fetch a digest, undecoded; ``begins``: let them.

        Raises ``NotFound`` for a hub whose ``hub_config.py`` is older than this or another.
        """
        if not begins:
            return self._transport.get_json(f"growth/prepull?digest={_segment(digest)}")
        response = self._transport.send("POST", "growth/prepull", body={"digest": digest})
        require_ok(response)
        return json.loads(response.content)

    def start_server(
        self, user: str, server_name: str = "", options: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask for a start and return how the hub took it.

        Without ``options`` nothing is sent, and the hub uses those of the last start; with them
        they are the whole body, which is the one form that every supported hub understands.
        Raises ``InvalidInput`` when the hub does not like the options.
        """
        response = self._transport.send("POST", _path(user, server_name), body=options or None)
        if response.status_code == 201:
            return Answer("done")
        return answer_of(response)

    def stop_server(
        self,
        user: str,
        server_name: str = "",
        remove: bool = False,
        *,
        timeout_s: float = CHANGE_TIMEOUT_S,
    ) -> Answer:
        """Ask for a stop and return how the hub took it. ``remove`` forgets a named server."""
        body = {"remove": True} if remove else None
        response = self._transport.send(
            "DELETE", _path(user, server_name), body=body, timeout_s=timeout_s
        )
        if response.status_code == 204:
            return Answer("done")
        return answer_of(response)

    def delete_user(self, name: str) -> bool:
        """Delete a user with all tokens; return whether there was one.

        The hub fails (500) while a named server of the user runs, so stop the servers before.
        """
        response = self._transport.send("DELETE", f"users/{_segment(name)}")
        if response.status_code == 404:
            return False
        if response.status_code != 204:
            require_ok(response)
            raise HubUnavailable(f"The hub's answer to the end of {name} makes no sense.")
        return True

    # -- wait

    def wait_ready(self, user: str, server_name: str = "", *, timeout_s: float) -> HubServer:
        """Return the server once it is ready. Raises ``HubRefused`` if it stopped or is late."""
        server = self._wait(user, server_name, ("ready", "stopped"), timeout_s)
        if server.state == "stopped":
            reason = self.get_failure(user, server_name)
            raise HubRefused(f"{label(user, server_name)} did not start: {reason}")
        return server

    def wait_stopped(self, user: str, server_name: str = "", *, timeout_s: float) -> None:
        """Return once the server is stopped. Raises ``HubRefused`` if that takes too long."""
        self._wait(user, server_name, ("stopped",), timeout_s)

    def _wait(
        self, user: str, server_name: str, states: tuple[str, ...], timeout_s: float
    ) -> HubServer:
        end_s = time.monotonic() + timeout_s
        pause_s = 0.1
        while True:
            server = self.get_user(user).server(server_name)
            if server.state in states:
                return server
            if time.monotonic() > end_s:
                raise HubRefused(
                    f"{label(user, server_name)} is still {server.state} after {timeout_s:.0f} s."
                )
            time.sleep(pause_s)
            pause_s = min(pause_s * 1.5, 2.0)

    def get_failure(self, user: str, server_name: str = "") -> str:
        """Return why the last start failed, as far as the hub remembers; raises nothing."""
        last = self.find_last_event(user, server_name)
        return last.message if last and last.is_failed else "the hub does not say why, its log may"

    def find_last_event(
        self, user: str, server_name: str = "", *, limit_s: float = 5.0
    ) -> ProgressEvent | None:
        """Return what the hub said last of a start that goes on or failed; raises nothing."""
        last = None
        try:
            for event in self._stream(user, server_name, time.monotonic() + limit_s, limit_s):
                last = event
        except (HubUnavailable, HubRefused, InvalidInput, NotFound) as e:
            log.info("what a start of %s came to: %s", label(user, server_name), e.detail)
        return last

    def iter_progress(
        self, user: str, server_name: str = "", *, timeout_s: float = 600.0
    ) -> Iterator[ProgressEvent]:
        """Yield how a start goes on; the last event is ready or failed.

        A stream that breaks off (a proxy, a restarted hub) is taken up again until the time is
        over; then the last event says so.
        """
        end_s = time.monotonic() + timeout_s
        reason = ""
        while time.monotonic() < end_s:
            try:
                for event in self._stream(user, server_name, end_s):
                    yield event
                    if event.is_ready or event.is_failed:
                        return
                ended = self._end_of_progress(user, server_name)
                if ended is not None:
                    yield ended
                    return
            except HubUnavailable as e:
                reason = f" ({e.detail})"
            time.sleep(0.5)
        late = f"{label(user, server_name)} was not ready within {timeout_s:.0f} s{reason}."
        yield ProgressEvent(100, late, is_failed=True)

    def _end_of_progress(self, user: str, server_name: str) -> ProgressEvent | None:
        state = self.get_user(user).server(server_name).state
        if state == "ready":
            return ProgressEvent(100, "Server ready", is_ready=True)
        if state == "stopped":
            said = f"{label(user, server_name)} is not starting."
            return ProgressEvent(100, said, is_failed=True)
        return None

    def _stream(
        self, user: str, server_name: str, end_s: float, silence_s: float | None = None
    ) -> Iterator[ProgressEvent]:
        """Yield the events of one connection until it ends, or is silent for too long."""
        path = f"{_path(user, server_name)}/progress"
        with self._transport.send("GET", path, is_stream=True, timeout_s=silence_s) as response:
            if response.status_code == 400:
                return
            require_ok(response)
            try:
                for line in response.iter_lines(chunk_size=1):
                    if line.startswith(b"data:"):
                        yield parse_progress(json.loads(line.removeprefix(b"data:")))
                    if time.monotonic() > end_s:
                        return
            except (requests.RequestException, ValueError, AttributeError) as e:
                raise HubUnavailable("The hub broke off its report on the start.") from e


def label(user: str, server_name: str = "") -> str:
    """Return the server as people write it: ``jane-doe``, or ``admin/canary``."""
    return f"{user}/{server_name}" if server_name else user


def _is_over(expires_at: str | None) -> bool:
    return expires_at is not None and datetime.fromisoformat(expires_at) <= now()


def _segment(name: str) -> str:
    if name in ("", ".", "..") or "/" in name:
        raise InvalidInput(f"{name[:80]!r} cannot be the name of a user or server.")
    return quote(name, safe="")


def _path(user: str, server_name: str) -> str:
    below = f"servers/{_segment(server_name)}" if server_name else "server"
    return f"users/{_segment(user)}/{below}"
