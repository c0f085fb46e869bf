"""The hub's users in the words of the roster: joins two rooms that do not know each other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from growth_admin.core.errors import GrowthError
from growth_admin.roster.facts import HubAccount
from growth_admin.servers.accounts import UserAccounts
from growth_admin.servers.hub_models import HubUser

log = logging.getLogger(__name__)


class RosterHub:
    """See ``roster.facts.HubAccounts``; ``numbers`` gives account numbers by hub name.

    The hub itself shows no numbers to an organiser's server, but each start records one. The bot
    student is left out: it is nobody at GitHub, and must not look like somebody who left.
    """

    def __init__(
        self,
        accounts: UserAccounts,
        numbers: Callable[[], Mapping[str, int]] = dict,
        *,
        bot: str = "",
    ) -> None:
        self._bot = bot
        self._accounts = accounts
        self._numbers = numbers
        self.count_tokens = accounts.count_tokens
        self.stop_servers = accounts.stop_servers
        self.delete_account = accounts.delete_user

    def _known_numbers(self) -> Mapping[str, int]:
        try:
            return self._numbers()
        except GrowthError as e:
            log.info("account numbers of hub users are not known: %s", e.detail)
            return {}

    def list_accounts(self, *, is_fresh: bool = False) -> dict[str, HubAccount]:
        """Return all users by hub name, some seconds old or asked now."""
        numbers = self._known_numbers()
        return {
            user.name: _account(user, numbers.get(user.name))
            for user in self._accounts.list_users(is_fresh=is_fresh)
            if user.name != self._bot
        }

    def find_account(self, name: str) -> HubAccount | None:
        """Return one user, asked now; nothing if the hub knows none."""
        user = self._accounts.find_user(name) if name != self._bot else None
        return _account(user, self._known_numbers().get(name)) if user else None


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


def list_uids(numbers: Callable[[], Mapping[str, int]]) -> dict[str, int]:
    """Return the uid of each hub user whose account number a start has recorded.

    None when the records cannot be read.
    """
    # here and not above: a TA's server packs no homes
    from growth_admin.roster.homes import uid_of

    try:
        return {name: uid_of(number) for name, number in numbers().items()}
    except GrowthError as e:
        log.info("account numbers of hub users are not known: %s", e.detail)
        return {}
