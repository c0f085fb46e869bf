"""The bot student of a school: run it now, run it every day, see how it went."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from traitlets import Float, List, TraitError, Unicode, default, validate
from traitlets.config import LoggingConfigurable

from growth_admin.core.errors import Conflict, GrowthError, HubRefused, NotConfigured, NotFound
from growth_admin.core.paths import DATASET_NAME
from growth_admin.core.recurring import Recurring
from growth_admin.core.schema import now
from growth_admin.jobs.engine import JobEngine, Runner
from growth_admin.jobs.models import Job
from growth_admin.servers.bot.book import BotBook
from growth_admin.servers.bot.models import BotRecord, BotRunList, BotRunRequest, lower_first
from growth_admin.servers.bot.place import Limits, Place
from growth_admin.servers.bot.running import BotRunner
from growth_admin.servers.bot.schedule import Schedule, key_of, parse_times, parse_zone
from growth_admin.servers.bot.tidying import Broom
from growth_admin.servers.hub_tokens import HubTokens

KIND: Final = "servers.bot"
PERMISSION: Final = "servers.bot:run"
LOOK_S: Final = 15.0
CLEAN_UP_S: Final = 30.0
"""A turn without a job lapses after a minute: what takes longer is tried again."""
HOW: Final = (
    "Give the hub GROWTH_BOT, a name that nobody at GitHub can have, such as the_school_bot; "
    "then restart the hub and your own server."
)


@dataclass(frozen=True)
class BotParts:
    """What the manager works with. ``user`` is whose server this is."""

    bot: str
    user: str
    hub_url: str
    hub_token: str = field(repr=False)
    data: Path
    engine: JobEngine
    book: BotBook
    clock: Callable[[], datetime] = now


class BotStudent(LoggingConfigurable):
    """The bot student: when it runs by itself, what it reads, how long it may take."""

    times = List(
        Unicode(),
        help="When it runs by itself, every day: times such as 08:20. One organiser's server "
        "that is up at that time runs it, once for all. Empty: only when somebody asks.",
    ).tag(config=True)
    timezone = Unicode(
        "",
        help="Time zone of these times, such as Europe/Lisbon. Empty: that of the server's clock.",
    ).tag(config=True)
    late_limit_min = Float(
        20.0,
        min=1.0,
        help="Minutes after which a time at which no organiser's server was up is not made up.",
    ).tag(config=True)
    dataset = Unicode(
        "", help="Dataset that it reads. Empty: the first one that is published."
    ).tag(config=True)
    start_limit_s = Float(300.0, min=1.0, help="Seconds that its server may take to start.").tag(
        config=True
    )
    proxy_url = Unicode(
        help="Where the hub's proxy is for servers, without a path: there the bot goes as a "
        "student's browser does. The hub tells it (GROWTH_PROXY_URL)."
    ).tag(config=True)

    @default("proxy_url")
    def _default_proxy_url(self) -> str:
        env = os.environ
        return env.get("GROWTH_PROXY_URL") or env.get("JUPYTERHUB_PUBLIC_HUB_URL", "").partition(
            "/hub/"
        )[0].rstrip("/")

    @validate("times")
    def _valid_times(self, proposal: Any) -> list[str]:
        try:
            parse_times(proposal.value)
        except ValueError as e:
            raise TraitError(f"c.BotStudent.times: {e}.") from e
        return list(proposal.value)

    @validate("dataset")
    def _valid_dataset(self, proposal: Any) -> str:
        if not re.fullmatch(f"({DATASET_NAME})?", proposal.value):
            raise TraitError(f"c.BotStudent.dataset: {proposal.value!r} is no dataset's name.")
        return str(proposal.value)

    @validate("timezone")
    def _valid_timezone(self, proposal: Any) -> str:
        try:
            parse_zone(proposal.value)
        except ValueError as e:
            raise TraitError(f"c.BotStudent.timezone: {e}.") from e
        return str(proposal.value)

    def connect(self, parts: BotParts) -> None:
        """Take the parts, and make the job known; nothing is asked or written yet."""
        self._parts = parts
        self._recurring = Recurring(self.look, name="growth-bot", what="the bot student")
        runner = BotRunner(self.place, parts.book, limits=self._limits, clock=parts.clock)
        parts.engine.register(Runner(KIND, PERMISSION, runner.run, is_resumable=True))

    # -- look

    @property
    def bot(self) -> str:
        """The hub user that is the bot, empty when there is none."""
        return self._parts.bot

    @property
    def schedule(self) -> Schedule:
        """When it runs by itself."""
        return Schedule(parse_times(self.times), parse_zone(self.timezone))

    def list_runs(self) -> BotRunList:
        """Return the last runs, newest first, and whether it can run at all."""
        at, record = self._parts.clock(), self._parts.book.load()
        turn = self._parts.book.current(record, at)
        problem = self._problem()
        is_kept = bool(self.times) and problem is None
        return BotRunList(
            bot=self.bot,
            problem=problem.detail if problem else "",
            hint=problem.hint if problem else "",
            times=tuple(self.times),
            timezone=self.timezone,
            next_run=self.schedule.next_slot(at) if is_kept else None,
            running_job=turn.job_id if turn else "",
            doing=self._doing(turn.job_id) if turn and turn.job_id else "",
            runs=record.runs,
        )

    def _doing(self, job_id: str) -> str:
        """Return which step a run is at: ``step 3 of 7, open Lab``."""
        try:
            progress = self._parts.engine.store.load(job_id).job.progress
        except NotFound:
            return ""
        if progress is None or not progress.total:
            return ""
        number = min(progress.done + 1, progress.total)
        return f"step {number:.0f} of {progress.total:.0f}, {lower_first(progress.message)}"

    def require_ready(self) -> None:
        """Raise ``NotConfigured``, ``HubRefused`` or ``HubUnavailable`` where the bot cannot act,
        as far as that can be told without a run."""
        if problem := self._problem():
            raise problem

    def _problem(self) -> GrowthError | None:
        """Return why it cannot run, as far as that can be told without running it."""
        try:
            self._require_place()
            return self._missing_scope()
        except GrowthError as e:
            return e

    def _missing_scope(self) -> GrowthError | None:
        parts = self._parts
        if HubTokens(parts.hub_url, parts.hub_token).who_am_i().may_act_for(parts.bot):
            return None
        return HubRefused(
            f"This server's token lacks tokens!user={parts.bot}.",
            hint="Give it to organisers' role and server token, as hub_config.py of this version "
            "does with GROWTH_BOT; then restart the hub and your own server.",
        )

    # -- run

    def start_run(self, request: BotRunRequest, *, user: str) -> Job:
        """Begin a run and return its job.

        Raises ``NotConfigured`` when there is no bot, ``Conflict`` while it runs.
        """
        return self._start(request, user=user)

    def _start(self, request: BotRunRequest, *, user: str, slot: datetime | None = None) -> Job:
        self._require_place()
        parts, key = self._parts, key_of(slot) if slot else ""
        mark = parts.book.take_turn(by=user, slot=key, at=parts.clock())
        shown = self.schedule.local(slot).strftime("%H:%M") if slot else ""
        try:
            job = parts.engine.start_job(
                KIND,
                title=f"Run the bot student{f' of {shown}' if shown else ''}",
                subject="servers/bot-runs",
                params={
                    "mark": mark,
                    "slot": shown,
                    "dataset": request.dataset or self.dataset,
                    "keeps_server": request.keeps_server,
                },
                user=user,
            )
        except GrowthError:
            with suppress(GrowthError):  # it lapses by itself
                parts.book.give_back(mark)
            raise
        parts.book.enter(mark, job.id)
        return job

    def _require_place(self) -> None:
        if not self.bot:
            raise NotConfigured("This school has no bot student.", hint=HOW)
        if not self.proxy_url:
            raise NotConfigured(
                "Where the hub's proxy is, is not known here.",
                hint="Give the hub GROWTH_PROXY_URL, for example http://proxy-public with Zero to "
                "JupyterHub, then restart your server; or set c.BotStudent.proxy_url.",
            )

    def place(self) -> Place:
        """Return where the bot goes."""
        parts = self._parts
        return Place(
            bot=parts.bot,
            hub_url=parts.hub_url,
            hub_token=parts.hub_token,
            proxy_url=self.proxy_url,
            data=parts.data,
        )

    def _limits(self) -> Limits:
        return Limits(start_s=self.start_limit_s)

    # -- every day

    def open(self) -> None:
        """Begin to keep the schedule, and to clean up what a run left behind."""
        if self.bot:
            self._recurring.open(every_s=LOOK_S)

    def close(self) -> None:
        """Stop; returns at once."""
        self._recurring.close()

    def look(self) -> Job | None:
        """Begin the run that is due, if nobody has; return its job."""
        parts = self._parts
        at, record = parts.clock(), parts.book.load()
        self._clean_up(record, at)
        slot = self.schedule.due_slot(at, timedelta(minutes=self.late_limit_min))
        if slot is None or key_of(slot) in record.slots:
            return None
        try:
            return self._start(BotRunRequest(), user=parts.user, slot=slot)
        except Conflict:
            return None  # another server has it, or the bot runs now and it is tried again

    def _clean_up(self, record: BotRecord, at: datetime) -> None:
        """End what the last run had to leave, because the hub was away then.

        It is done within a turn, so that it ends nothing of a run that begins meanwhile.
        """
        parts, last = self._parts, record.runs[0] if record.runs else None
        if last is None or not last.left_behind:
            return
        try:
            mark = parts.book.take_turn(by=parts.user, slot="", at=at)
        except Conflict:
            return
        try:
            if not Broom(self.place(), Limits(stop_s=CLEAN_UP_S)).sweep():
                parts.book.note_clean(last.job_id)
        finally:
            parts.book.give_back(mark)
