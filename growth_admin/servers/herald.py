"""Carries the words of one job to its notice and the replies back.

One errand at a time, beside the thread that decides: a slow disk holds up no server that is on its
way. Between two errands lies a while, as each costs a look at every student's file.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from growth_admin.core.errors import Conflict, GrowthError, LeaseLost, NotFound
from growth_admin.core.schema import now
from growth_admin.servers.crew import Crew
from growth_admin.servers.models import Target
from growth_admin.servers.notices.models import Notice, Restart
from growth_admin.servers.notices.warning import NOTHING_SAID, Reply, RestartWarning, Standing

log = logging.getLogger(__name__)
PATIENCE: Final = 10
"""Between two errands lie so many times as long as the last one took."""


@dataclass(frozen=True)
class News:
    """How the notice stood when somebody looked, and when that look began."""

    looked: datetime
    standing: Standing

    def reply_of(self, target: Target) -> Reply:
        """Return what a server said, if anything."""
        return self.standing.replies.get((target.user, target.server_name), NOTHING_SAID)


class Herald:
    """The notices of one job, of which one at a time is shown. They are numbered from 1."""

    def __init__(self, job_id: str, crew: Crew, warning: RestartWarning, *, every_s: float) -> None:
        self._job_id = job_id
        self._crew = crew
        self._warning = warning
        self._every_s = every_s
        self._errand: Future[News] | None = None
        self._took_s = 0.0
        self._next_s = 0.0
        self._moved: dict[Target, datetime] = {}
        self._done: dict[Target, None] = {}
        self._carried: tuple[dict[Target, datetime], dict[Target, None]] = {}, {}
        self._complained = ""

    @property
    def is_rested(self) -> bool:
        """Whether it may go again: nothing is under way, and the last time is long enough ago."""
        return self._errand is None and time.monotonic() >= self._next_s

    def notice_id(self, number: int) -> str:
        """Return the id of a notice, which each run of the job knows before it is posted."""
        return f"n{self._job_id}-{number}"

    # -- at once

    def post(
        self, number: int, targets: Iterable[Target], restart: Restart, *, text: str, link: str
    ) -> Notice:
        """Show the notice and return it; if it is there already, it stays as it is.

        Raises as notices do.
        """
        self._next_s = time.monotonic() + self._every_s
        planned = restart.model_copy(update={"job_id": self._job_id})
        servers = [(target.user, target.server_name) for target in targets]
        notice_id = self.notice_id(number)
        notice = self._warning.announce(notice_id, servers, planned, text=text, link=link)
        self._next_s = 0.0
        return notice

    def withdraw(self, number: int) -> None:
        """Take a notice away, if it is there; what cannot be written is left to its own end."""
        self._moved.clear()
        self._done.clear()
        try:
            with suppress(NotFound):
                self._warning.withdraw(self.notice_id(number))
        except GrowthError as e:
            self._complain(e)

    # -- with the next errand

    def move(self, target: Target, at: datetime) -> None:
        """Give a server a time of its own."""
        self._moved[target] = at

    def dismiss(self, target: Target) -> None:
        """Say that the notice does not concern a server any more."""
        self._done[target] = None

    def send(self, number: int) -> None:
        """Begin an errand, if it is time for one."""
        if not self.is_rested:
            return
        self._carried, self._moved, self._done = (self._moved, self._done), {}, {}
        self._errand = self._crew.send(self._go, self.notice_id(number), *self._carried)

    def take(self) -> News | None:
        """Return what the last errand brought, once. Raises ``LeaseLost``."""
        if self._errand is None or not self._errand.done():
            return None
        errand, self._errand = self._errand, None
        self._next_s = time.monotonic() + max(self._every_s, PATIENCE * self._took_s)
        try:
            news = errand.result()
        except LeaseLost:
            raise
        except GrowthError as e:
            moved, done = self._carried
            self._moved, self._done = {**moved, **self._moved}, {**done, **self._done}
            self._complain(e)
            return None
        self._complained = ""
        return news

    def _go(self, notice_id: str, moved: dict[Target, datetime], done: dict[Target, None]) -> News:
        looked, began_s = now(), time.monotonic()
        if moved or done:
            times = {(target.user, target.server_name): at for target, at in moved.items()}
            ended = [(target.user, target.server_name) for target in done]
            with suppress(Conflict):  # it was withdrawn: the look tells
                self._warning.settle(notice_id, moved=times, done=ended)
        standing = self._warning.look(notice_id)
        self._took_s = time.monotonic() - began_s
        return News(looked, standing)

    def _complain(self, error: GrowthError) -> None:
        if error.detail != self._complained:
            log.warning("the notice of job %s: %s", self._job_id, error.detail)
            self._complained = error.detail
