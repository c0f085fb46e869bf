"""What a student does, tried by the bot on an organiser's canary that runs a candidate image.

The canary is started and stopped with the organiser's token, which is never shown to it: the bot
comes with a token of its own that opens this one server. The hub lets the bot into canaries
(``let_the_bot_in`` in ``hub_config.py``), so nobody need share anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from growth_admin.core.errors import GrowthError, HubRefused, HubUnavailable, NotFound
from growth_admin.servers.bot.models import BotStep, StepName
from growth_admin.servers.bot.place import Limits, Place
from growth_admin.servers.bot.tidying import Sweeper
from growth_admin.servers.bot.visiting import StudentServer
from growth_admin.servers.bot.walk import Walk
from growth_admin.servers.canary import CANARY, HubCanary
from growth_admin.servers.hub import HubClient
from growth_admin.servers.hub_tokens import HubTokens

TOKEN_S: Final = 1800
"""So long a token lives that nobody deletes, because every organiser's server died."""
NO_OF_THE_HUB: Final = re.compile(r"HTTP 4\d\d")
"""A start that the hub's own configuration refused, as its progress tells it."""
SAME_NAME: Final = (
    "Look at the hub's log. The image's name has to be the same at the hub (GROWTH_IMAGE_NAME) and "
    "here (ImageRegistry.image)."
)
NEWER: Final = "Use hub_config.py of this version, restart the hub, then your own server."


@dataclass(frozen=True)
class Candidate:
    """What is tried, and on whose canary. ``look`` says what its start was, or raises."""

    owner: str
    options: Mapping[str, str]
    look: Callable[[], str]
    dataset: str = ""


class CanaryBroom(Sweeper):
    """Ends an owner's canary, and the tokens of the bot that were made for it."""

    def __init__(self, place: Place, owner: str, *, stop_limit_s: float) -> None:
        hub = HubClient(place.hub_url, place.hub_token)
        super().__init__(
            place,
            HubCanary(hub, owner, stop_limit_s=stop_limit_s),
            note=note_of(owner),
            what=f"{owner}/{CANARY}",
        )


def note_of(owner: str) -> str:
    """Return what tells the tokens for one owner's canary from all others."""
    return f"growth-admin check on {owner}/{CANARY}"


class CanaryWalk(Walk):
    """One run. ``go`` and ``tidy`` are as for the bot's own server."""

    titles: Mapping[StepName, str] = {
        "start": "Start the canary",
        "login": "Let the bot student in",
        "lab": "Open Lab",
        "notebook": "Open a notebook",
        "cell": "Run a cell",
        "dataset": "Read a dataset",
        "stop": "Stop and clean up",
    }

    def __init__(
        self,
        place: Place,
        limits: Limits,
        candidate: Candidate,
        *,
        check: Callable[[], None],
        on_step: Callable[[BotStep], None],
        on_line: Callable[[str], None],
    ) -> None:
        super().__init__(
            place,
            limits,
            dataset=candidate.dataset,
            keeps_server=False,
            check=check,
            on_step=on_step,
            on_line=on_line,
        )
        self._candidate = candidate
        self._broom = CanaryBroom(place, candidate.owner, stop_limit_s=limits.stop_s)

    def _start(self) -> str:
        """Start the canary with the organiser's token; then look what its start was."""
        hub, owner = HubClient(self._place.hub_url, self._place.hub_token), self._candidate.owner
        canary = HubCanary(hub, owner, start_limit_s=self._limits.start_s)
        canary.start(self._candidate.options)
        event = self._follow(canary)
        if event.is_failed and NO_OF_THE_HUB.search(event.message):
            raise HubRefused(f"The hub does not start it: {event.message}", hint=SAME_NAME)
        if event.is_failed:
            raise GrowthError(
                f"The canary did not start: {event.message}",
                hint="Students' servers would fail likewise: look at the last starts, at the image "
                "and at the hub's log.",
            )
        self._check()
        return self._candidate.look()

    def _log_in(self) -> str:
        """Make a token of the bot that opens the canary and nothing else."""
        place, owner = self._place, self._candidate.owner
        scopes = [f"access:servers!server={owner}/{CANARY}", f"read:users:name!user={place.bot}"]
        hub = HubTokens(place.hub_url, place.hub_token)
        try:
            self._token = hub.create(
                place.bot, note=note_of(owner), scopes=scopes, ends_in_s=TOKEN_S
            )
        except (HubRefused, NotFound) as e:
            raise HubRefused(
                f"No token of {place.bot} for {owner}/{CANARY} can be made: {e.detail}", hint=NEWER
            ) from e
        self._who_the_hub_sees(self._token)
        url = HubClient(place.hub_url, place.hub_token).get_user(owner).server(CANARY).url
        if not url:
            raise HubUnavailable(f"{owner}/{CANARY} is gone by now.", hint="Check the image again.")
        self._server = StudentServer(
            place.proxy_url, url, self._token.text, timeout_s=self._limits.lab_s
        )
        return f"{place.bot}, with a token for {owner}/{CANARY} alone."
