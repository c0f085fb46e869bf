"""The steps of one run, in their order, each timed; whatever was begun can be tidied away.

The organiser's token only makes and deletes the bot's token and stops the bot's server. All else is
done with the bot's own token and through the proxy, as a student's browser does it.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from growth_admin.core.errors import GrowthError, HubRefused, HubUnavailable, LeaseLost, NotFound
from growth_admin.servers.bot.models import TITLES, BotStep, StepName
from growth_admin.servers.bot.place import Limits, Place
from growth_admin.servers.bot.reading import cell, told
from growth_admin.servers.bot.tidying import NOTE, Broom, Sweeper
from growth_admin.servers.bot.visiting import StudentServer
from growth_admin.servers.hub import HubClient
from growth_admin.servers.hub_models import HubUser, ProgressEvent
from growth_admin.servers.hub_tokens import FreshToken, HubTokens
from growth_admin.servers.one_server import OneServer

STUDENTS: Final = "students"
TRUSTED: Final = frozenset({"admins", "tas"})
"""The hub's groups, as ``hub_config.py`` calls them."""
TOKEN_S: Final = 3600
"""So long a token lives that nobody deletes, because every organiser's server died."""
SUM: Final = "print(6 * 7)"


class Skipped(Exception):
    """A step that has nothing to do; carries why."""


class Failed(Exception):
    """A step failed, and the run with it; the step's record says why."""


class Walk:
    """One run. ``check`` raises when it shall end early, ``on_step`` hears of each step."""

    titles: Mapping[StepName, str] = TITLES

    def __init__(
        self,
        place: Place,
        limits: Limits,
        *,
        dataset: str,
        keeps_server: bool,
        check: Callable[[], None],
        on_step: Callable[[BotStep], None],
        on_line: Callable[[str], None],
    ) -> None:
        self._place = place
        self._limits = limits
        self._dataset = dataset
        self._keeps_server = keeps_server
        self._check = check
        self._on_step = on_step
        self._on_line = on_line
        self._broom: Sweeper = Broom(place, limits)
        self._steps = {
            name: BotStep(name=name, title=title, state="not-reached")
            for name, title in self.titles.items()
        }
        self._token: FreshToken | None = None
        self._server: StudentServer | None = None
        self._session_id = self._kernel_id = ""

    @property
    def steps(self) -> tuple[BotStep, ...]:
        """The steps as they went so far."""
        return tuple(self._steps.values())

    def step(self, name: StepName) -> BotStep:
        """Return one step as it went so far."""
        return self._steps[name]

    def go(self) -> None:
        """Take all steps. Raises ``Failed`` at the first that fails, and what ``check`` raises."""
        steps: dict[StepName, Callable[[], str]] = {
            "login": self._log_in,
            "start": self._start,
            "lab": self._open_lab,
            "notebook": self._open_notebook,
            "cell": self._run_cell,
            "dataset": self._read_dataset,
            "stop": self._stop,
        }
        for name in self.titles:
            self._check()
            with self._timed(self._steps[name]) as step:
                step.detail = steps[name]()

    @contextmanager
    def _timed(self, step: BotStep) -> Iterator[_Taking]:
        self._on_step(step)
        taking, began_s = _Taking(), time.monotonic()

        def done(**fields: object) -> None:
            took_s = round(time.monotonic() - began_s, 3)
            self._steps[step.name] = step.model_copy(update={"took_s": took_s, **fields})
            self._on_step(self._steps[step.name])

        try:
            yield taking
        except LeaseLost:
            raise  # no step failed: another server has the run
        except Skipped as e:
            done(state="skipped", detail=str(e))
        except GrowthError as e:
            done(state="failed", detail=e.detail, hint=e.hint)
            raise Failed from e
        else:
            done(state="ok", detail=taking.detail)

    # -- the steps

    def _log_in(self) -> str:
        """Make a token of the bot, and let the hub say through the proxy whose it is."""
        bot = self._place.bot
        scopes = [f"{scope}!user={bot}" for scope in ("access:servers", "servers", "read:users")]
        try:
            self._token = HubTokens(self._place.hub_url, self._place.hub_token).create(
                bot, note=NOTE, scopes=scopes, ends_in_s=TOKEN_S
            )
        except (HubRefused, NotFound) as e:
            raise HubRefused(
                f"No token of {bot} can be made: {e.detail}",
                hint=f"The hub needs GROWTH_BOT={bot} and organisers' tokens need "
                f"tokens!user={bot}: use hub_config.py of this version, restart the hub, then "
                "your own server.",
            ) from e
        me = self._who_the_hub_sees(self._token)
        if me.is_admin or TRUSTED & set(me.groups) or STUDENTS not in me.groups:
            groups = ", ".join(me.groups) or "no group"
            raise HubRefused(
                f"{bot} is in {groups}{' and an admin of the hub' if me.is_admin else ''}.",
                hint=f"What it meets is then not what students meet: leave it in {STUDENTS} alone.",
            )
        return f"{bot}, in {', '.join(me.groups)}."

    def _who_the_hub_sees(self, token: FreshToken) -> HubUser:
        """Return whom the hub takes a token of the bot's for, asked through the proxy."""
        try:
            me = HubTokens(self._place.outside_hub_url, token.text).who_am_i().user
        except HubUnavailable as e:
            raise HubUnavailable(
                f"The proxy at {self._place.proxy_url} does not lead to the hub: {e.detail}",
                hint="Look at the proxy; where servers reach it is set by GROWTH_PROXY_URL at the "
                "hub, or c.BotStudent.proxy_url.",
            ) from e
        if me.name != self._place.bot:
            raise HubRefused(f"The hub takes the bot for {me.name}.", hint="Look at the hub's log.")
        return me

    def _start(self) -> str:
        """Start the server with the bot's own token, and follow it until it is ready."""
        hub, bot = self._hub(), self._place.bot
        server = OneServer(hub, bot, busy_limit_s=min(60.0, self._limits.start_s))
        self._check()
        server.start()
        event = self._follow(server)
        if event.is_failed:
            raise HubRefused(
                f"The server did not start: {event.message}",
                hint="Students' servers may fail likewise: look at the last starts, at the image "
                "and at the hub's log.",
            )
        url = hub.get_user(bot).server("").url
        assert self._token is not None  # the step before made it
        self._server = StudentServer(
            self._place.proxy_url, url, self._token.text, timeout_s=self._limits.lab_s
        )
        return "ready."

    def _follow(self, server: OneServer) -> ProgressEvent:
        """Return the last event of a start; asked in between whether to go on at all."""
        events: queue.SimpleQueue[ProgressEvent | GrowthError] = queue.SimpleQueue()
        end_s = time.monotonic() + self._limits.start_s

        def listen() -> None:
            try:
                for event in server.progress():
                    events.put(event)
            except GrowthError as e:
                events.put(e)

        threading.Thread(target=listen, name="growth-bot-start", daemon=True).start()
        while True:
            self._check()
            if time.monotonic() > end_s:
                said = f"it was not ready within {self._limits.start_s:.0f} s."
                return ProgressEvent(100, said, is_failed=True)
            with suppress(queue.Empty):
                event = events.get(timeout=0.3)
                if isinstance(event, GrowthError):
                    raise event
                self._on_line(event.message)
                if event.is_ready or event.is_failed:
                    return event

    def _open_lab(self) -> str:
        self._visit().open_lab()
        return "the page came."

    def _open_notebook(self) -> str:
        server = self._visit()
        server.save_notebook()
        kernel = server.python_kernel()
        self._session_id, self._kernel_id = server.open_session(kernel)
        return f"saved in the home, with the kernel {kernel[:80]}."

    def _run_cell(self) -> str:
        printed = self._execute(SUM, self._limits.cell_s).strip()
        if printed != "42":
            raise GrowthError(
                f"{SUM} printed {printed[:80]!r}.", hint="Look at the kernel in the image."
            )
        return f"{SUM} printed 42."

    def _read_dataset(self) -> str:
        place = self._place
        printed = self._execute(cell(place.data, self._dataset), self._limits.dataset_s)
        said = told(printed, place=place.data, bot=place.bot)
        if said is None:
            raise Skipped("nothing is published.")
        return said

    def _stop(self) -> str:
        if self._keeps_server:
            self._leave_notebook()
            self._broom.end_tokens()
            raise Skipped("the server was left running, as asked; the bot's token is gone.")
        problem = self.tidy()
        if problem:
            raise GrowthError(problem, hint="It is tried again by itself.")
        return "nothing is left."

    def _execute(self, code: str, limit_s: float) -> str:
        # here and not above: servers that run no bot do without websockets
        from growth_admin.servers.bot.kernel import KernelChannel

        server = self._visit()
        url = server.channels_url(self._kernel_id)
        with KernelChannel(url, server.token, timeout_s=limit_s, check=self._check) as channel:
            return channel.run(code, limit_s=limit_s)

    def _hub(self) -> HubClient:
        """Return the hub as the bot sees it."""
        assert self._token is not None  # logging in is the first step
        return HubClient(self._place.outside_hub_url, self._token.text)

    def _visit(self) -> StudentServer:
        assert self._server is not None  # starting comes before
        return self._server

    # -- tidying

    def tidy(self, *, is_hasty: bool = False) -> str:
        """Close and end what was begun; return what could not be ended, as ``Broom.sweep``."""
        self._leave_notebook()
        return self._broom.sweep(is_hasty=is_hasty)

    def _leave_notebook(self) -> None:
        """Close the session and delete the notebook, as far as that is possible."""
        server, self._server = self._server, None
        if server is None:
            return
        with suppress(GrowthError):
            if self._session_id:
                server.close_session(self._session_id)
            server.delete_notebook()
        server.close()


@dataclass
class _Taking:
    """A step under way."""

    detail: str = ""
