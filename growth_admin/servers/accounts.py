"""The end of a hub user: every server stopped and removed, tokens counted, the user deleted.

The order was found by running it (JupyterHub 5.5 and 6.1): a user whose named server still runs
cannot be deleted (500, and the process goes on), so servers go first. The user's tokens end with
the user. A cookie outlives tokens, but not the user.
"""

from __future__ import annotations

import time
from typing import Final

from growth_admin.core.errors import HubRefused, NotFound
from growth_admin.servers.hub import HubClient, label
from growth_admin.servers.hub_models import HubUser
from growth_admin.servers.snapshot import HubSnapshot

STOP_LIMIT_S: Final = 180.0
POLL_S: Final = 0.5


class UserAccounts:
    """What may be done to a whole user. Methods raise ``HubUnavailable`` or ``HubRefused``."""

    def __init__(
        self, hub: HubClient, snapshot: HubSnapshot, *, stop_limit_s: float = STOP_LIMIT_S
    ) -> None:
        self._hub = hub
        self._snapshot = snapshot
        self._stop_limit_s = stop_limit_s

    def list_users(self, *, is_fresh: bool = False) -> tuple[HubUser, ...]:
        """Return all users, some seconds old or asked now."""
        return self._snapshot.list_users(is_fresh=is_fresh)

    def find_user(self, name: str) -> HubUser | None:
        """Return one user, asked now; nothing if the hub knows none."""
        try:
            user = self._hub.get_user(name)
        except NotFound:
            self._snapshot.note(name, None)
            return None
        self._snapshot.note(name, user)
        return user

    def count_tokens(self, name: str) -> int | None:
        """Return how many live tokens a user has; None when that may not be asked, or no user."""
        try:
            return self._hub.count_tokens(name)
        except (HubRefused, NotFound):
            return None

    def stop_servers(self, name: str) -> tuple[str, ...]:
        """Stop and remove every server of a user, wait for the end, and return their names.

        The default server is called by the empty name. Nothing happens without such a user.
        """
        try:
            servers = self._hub.get_user(name, include_stopped=True).servers
        except NotFound:
            return ()
        end_s = time.monotonic() + self._stop_limit_s
        for server_name in sorted(servers):
            self._stop(name, server_name, end_s)
        self.find_user(name)
        return tuple(sorted(servers))

    def delete_user(self, name: str) -> bool:
        """Delete a user with all tokens; return whether there was one. Servers must be stopped."""
        done = self._hub.delete_user(name)
        self._snapshot.note(name, None)
        return done

    def _stop(self, name: str, server_name: str, end_s: float) -> None:
        """Ask until the server is gone: one that starts or stops right now says no at first."""
        while True:
            try:
                server = self._hub.get_user(name).server(server_name)
                is_named = bool(server_name)
                if server.state == "stopped" and not is_named:
                    return
                answer = self._hub.stop_server(name, server_name, remove=is_named)
            except NotFound:
                return
            if answer.outcome == "done" and is_named:
                return
            if time.monotonic() > end_s:
                raise HubRefused(
                    f"{label(name, server_name)} is still {server.state}; the hub said: "
                    f"{answer.detail or answer.outcome}.",
                    hint="Look at the hub's log, then try again.",
                )
            time.sleep(POLL_S)
