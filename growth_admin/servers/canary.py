"""The owner's canary: the named server that the hub starts with candidates."""

from __future__ import annotations

from typing import Final

from growth_admin.servers.hub import HubClient
from growth_admin.servers.one_server import START_LIMIT_S, STOP_LIMIT_S, OneServer

CANARY: Final = "canary"


class HubCanary(OneServer):
    """Starts, follows and removes ``<owner>/canary``."""

    def __init__(
        self,
        hub: HubClient,
        owner: str,
        *,
        start_limit_s: float = START_LIMIT_S,
        stop_limit_s: float = STOP_LIMIT_S,
    ) -> None:
        super().__init__(hub, owner, CANARY, start_limit_s=start_limit_s, stop_limit_s=stop_limit_s)
