"""The hub's users in the words of the roster: joins two rooms that do not know each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from growth_admin.roster.facts import HubAccount
from growth_admin.servers.accounts import UserAccounts
from growth_admin.servers.hub_models import HubUser


class RosterHub:
    """See ``roster.facts.HubAccounts``; ``numbers`` gives account numbers by hub name."""

    def __init__(
        self, accounts: UserAccounts, numbers: Callable[[], Mapping[str, int]] = dict
    ) -> None:
        self._accounts = accounts
        self._numbers = numbers
        self.count_tokens = accounts.count_tokens
        self.stop_servers = accounts.stop_servers
        self.delete_account = accounts.delete_user

    def list_accounts(self) -> dict[str, HubAccount]:
        """Return all users by hub name, some seconds old."""
        numbers = self._numbers()
        return {
            user.name: _account(user, numbers.get(user.name))
            for user in self._accounts.list_users()
        }

    def find_account(self, name: str) -> HubAccount | None:
        """Return one user, asked now; nothing if the hub knows none."""
        user = self._accounts.find_user(name)
        return _account(user, self._numbers().get(name)) if user else None


def _account(user: HubUser, number: int | None) -> HubAccount:
    running = (name for name, server in user.servers.items() if server.state != "stopped")
    return HubAccount(
        name=user.name,
        groups=user.groups,
        servers=tuple(running),
        last_activity=user.last_activity,
        is_admin=user.is_admin,
        github_id=number,
    )
