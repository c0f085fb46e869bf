"""Ending what a run of the bot began, with the organiser's own token.

The bot's token may be known to nobody any more when the server that made it was killed, so tokens
are found by their note.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from growth_admin.core.errors import GrowthError, HubUnavailable, NotFound
from growth_admin.servers.bot.place import Limits, Place
from growth_admin.servers.hub import HubClient
from growth_admin.servers.hub_tokens import HubTokens
from growth_admin.servers.one_server import OneServer

NOTE: Final = "growth-admin bot student"
HASTE_S: Final = 5.0


class Sweeper:
    """Ends the bot's tokens with a note, and one server. Safe to repeat."""

    def __init__(
        self, place: Place, server: OneServer, *, note: str, what: str, is_bots_own: bool = False
    ) -> None:
        self._bot = place.bot
        self._is_bots_own = is_bots_own
        self._tokens = HubTokens(place.hub_url, place.hub_token)
        self._server = server
        self._note = note
        self._what = what

    def sweep(self, *, is_hasty: bool = False) -> str:
        """End both; return what could not be ended, empty when nothing is left.

        With ``is_hasty`` the end of the server is asked for and not waited for.
        """
        problems = []
        try:
            self.end_tokens()
        except NotFound:
            if not self._sees_bot():
                problems.append(
                    "The bot's token may still be there: this server's token may not see the bot's."
                )
            elif self._is_bots_own:
                return ""  # nobody of this name, so nothing of it
        except GrowthError as e:
            problems.append(f"The bot's token may still be there: {e.detail}")
            is_hasty = is_hasty or isinstance(e, HubUnavailable)  # it will not come back for us
        try:
            self._end_server(is_hasty=is_hasty)
        except GrowthError as e:
            problems.append(f"{self._what} may still run: {e.detail}")
        return " ".join(problems)

    def end_tokens(self) -> None:
        """End every token that any run has made: there is one run at a time.

        Raises ``HubUnavailable``, ``HubRefused`` or ``NotFound``.
        """
        for token in self._tokens.list_tokens(self._bot):
            if self._note in token.note:  # the hub may add words of its own
                self._tokens.delete(self._bot, token.id)

    def _sees_bot(self) -> bool:
        """Return whether a 404 is the truth: the hub says so too of users out of one's scopes."""
        with suppress(GrowthError):
            return self._tokens.who_am_i().may_act_for(self._bot)
        return False

    def _end_server(self, *, is_hasty: bool) -> None:
        if is_hasty:
            self._server.ask_to_stop(timeout_s=HASTE_S)
        else:
            self._server.stop()


class Broom(Sweeper):
    """Ends the bot's tokens and its own server."""

    def __init__(self, place: Place, limits: Limits) -> None:
        hub = HubClient(place.hub_url, place.hub_token)
        server = OneServer(hub, place.bot, stop_limit_s=limits.stop_s)
        super().__init__(place, server, note=NOTE, what="The bot's server", is_bots_own=True)
