"""When whose turn comes, where users were told: as they were told, and as they then asked for.

The notice is what users go by. Its number is in the job's journal before it is posted, and so is
each time that somebody is given before it is in the notice: whichever server goes on with the job
finds the same notice, and never posts another.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from growth_admin.core.errors import GrowthError, InvalidInput, LeaseLost
from growth_admin.core.schema import now
from growth_admin.servers.courtesy import (
    Heard,
    Rhythm,
    concluded,
    heed,
    is_ready,
    is_settled,
    said_so_far,
    taken_back,
    text_of,
    untold,
)
from growth_admin.servers.herald import Herald, News
from growth_admin.servers.ledger import Ledger
from growth_admin.servers.models import Courtesy, Target
from growth_admin.servers.notices.models import Notice, Restart
from growth_admin.servers.notices.warning import NOTHING_SAID, Reply, key_of
from growth_admin.servers.turns import Turns, Wish

log = logging.getLogger(__name__)


class WarnedTurns(Turns):
    """Users are told, and their turn comes when they were told that it would, or asked it to."""

    def __init__(
        self,
        ledger: Ledger,
        herald: Herald,
        courtesy: Courtesy,
        *,
        own: Target,
        took_s: float | None,
        rhythm: Rhythm,
    ) -> None:
        self._ledger = ledger
        self._herald = herald
        self._courtesy = courtesy
        self._own = own
        self._rhythm = rhythm
        self._took_s = took_s or rhythm.took_s
        self._is_announced = False
        self._news: News | None = None
        self._dismissed: set[int] = set()
        self._counts: dict[str, int] = {}

    # -- the notice

    def listen(self, waiting: Sequence[int], wish: Wish) -> None:
        """Announce at first; later take in replies and give more time.

        Raises ``StorageUnavailable`` when nobody can be told, before anything has happened.
        """
        told = [i for i in waiting if self._ledger.marks[i].target != self._own]
        news = self._herald.take()
        if wish == "pause":
            self._take_back()
        elif not wish and told and not self._is_announced:
            self._announce(told)
        elif news and self._is_announced:
            self._news = news
            self._follow(told, news)
            if not wish:
                self._give_room(told)
        else:
            return  # nothing new: with thousands of servers each look at all of them is felt
        self._count(told)

    def _announce(self, told: Sequence[int]) -> None:
        """Post the notice, or go on with that of an earlier run where it still holds."""
        if not self._herald.is_rested:
            return
        before = self._ledger.announcement
        try:
            if before is None or before.is_withdrawn or not self._is_still_told(told):
                self._tell_anew(told)
        except LeaseLost:
            raise
        except GrowthError as e:
            if before is None:
                # it may be in the book, from where the next look would show it to students
                self._herald.withdraw(1)
                raise untold(e, self._ledger.action) from e
            log.warning("users cannot be told yet: %s", e.detail)
            return
        if self.problem:
            return
        self._is_announced, self._news = True, None
        self._put_off(self._late(told, self._rhythm.bygone_s))
        for index in told:
            own_at = self._heard(index).restart_at
            if own_at:
                self._herald.move(self._ledger.marks[index].target, own_at)

    def _is_still_told(self, told: Sequence[int]) -> bool:
        """Make sure that the notice of an earlier run is there; return whether it holds.

        It does not when its end has come, or when all were told a time that is long past: who was
        spared for hours must not lose the server at once.
        """
        try:
            notice = self._post(told)
        except InvalidInput:  # an earlier run came not so far, and its time is over
            return False
        if notice.withdrawn:
            self.problem = taken_back(notice.withdrawn_by)
            return True
        if notice.restart:
            self._heed_time(told, notice.restart.at)
        return notice.state != "ended" and len(self._late(told, self._rhythm.bygone_s)) < len(told)

    def _tell_anew(self, told: Sequence[int]) -> None:
        before = self._ledger.announcement
        if before:
            self._herald.withdraw(before.number)
        for index in told:
            self._ledger.keep(index, heard=Heard())
        self._ledger.announce(before.number + 1 if before else 1, self._first_at(), told=len(told))
        self._post(told)

    def _post(self, told: Sequence[int]) -> Notice:
        noted = self._ledger.require_announcement()
        is_stop = self._ledger.action == "stop"
        targets = [self._ledger.marks[index].target for index in told]
        offsets = zip(targets, map(self._offset, told), strict=True)
        restart = Restart(
            at=noted.at,
            may_postpone_min=self._courtesy.may_postpone_min,
            may_go_now=self._courtesy.may_go_now,
            asks_busy=self._courtesy.wait_for_busy_min > 0,
            is_stop=is_stop,
            moved={key_of((t.user, t.server_name)): noted.at + by for t, by in offsets if by},
        )
        text = text_of(self._courtesy, is_stop=is_stop)
        return self._herald.post(
            noted.number, targets, restart, text=text, link=self._courtesy.link
        )

    def _take_back(self) -> None:
        """While the job is paused no countdown may run; those left are told anew afterwards."""
        noted = self._ledger.announcement
        if noted and not noted.is_withdrawn:
            self._ledger.change_announcement(is_withdrawn=True)
            self._ledger.commit()  # where the disk is full: with the next one
            self._herald.withdraw(noted.number)
        self._is_announced = False

    def speak(self) -> None:
        """Begin an errand, if it is time for one: what was decided, and whom it concerns no more.

        What was decided must be kept before.
        """
        if not self._is_announced:
            return
        for index, mark in enumerate(self._ledger.marks):
            if mark.phase == "ended" and index not in self._dismissed:
                self._dismissed.add(index)
                self._herald.dismiss(mark.target)
        self._herald.send(self._ledger.require_announcement().number)

    def close(self) -> None:
        """Take the notice away: all is done, or the job stops for a while."""
        self._take_back()

    # -- what users said

    def _follow(self, told: Sequence[int], news: News) -> None:
        if news.standing.withdrawn_by:
            self.problem = taken_back(news.standing.withdrawn_by)
            return
        self._heed_time(told, news.standing.at)
        for index in told:
            before = self._heard(index)
            reply, due = self._reply(index), self._due(index)
            after = heed(before, reply, due, now(), self._courtesy, self._rhythm)
            if after != before:
                self._give(index, after)

    def _heed_time(self, told: Sequence[int], at: datetime) -> None:
        """Go by the notice's time, where an organiser gave it another one."""
        if at == self._ledger.require_announcement().at:
            return
        self._ledger.change_announcement(at=at)
        for index in told:
            if self._offset(index) and not self._heard(index).restart_at:
                self._herald.move(self._ledger.marks[index].target, self._due(index))

    def _give(self, index: int, heard: Heard) -> None:
        before = self._heard(index)
        self._ledger.keep(index, heard=heard)
        if heard.restart_at and heard.restart_at != before.restart_at:
            self._herald.move(self._ledger.marks[index].target, heard.restart_at)
            if heard.postponed_min > before.postponed_min:
                more = heard.postponed_min - before.postponed_min
                self._ledger.say(index, f"is given {more} more minutes")
            elif heard.waited_busy_s > before.waited_busy_s:
                self._ledger.say(index, "kernels are busy: is given more time")

    def _give_room(self, told: Sequence[int]) -> None:
        """Say another time to those whose turn is late, but for the next ones."""
        self._put_off(self._late(told, self._rhythm.late_s)[self._ledger.limit :])

    def _late(self, told: Sequence[int], late_s: float) -> list[int]:
        latest = now() - timedelta(seconds=late_s)
        return [i for i in told if self._due(i) < latest and not self._is_early(i)]

    def _put_off(self, late: Sequence[int]) -> None:
        moment, limit = now(), self._ledger.limit
        for place, index in enumerate(late):
            wait_s = max(self._rhythm.step_s, (place // limit + 1) * self._took_s)
            at = moment + timedelta(seconds=wait_s)
            self._give(index, self._heard(index).model_copy(update={"restart_at": at}))

    def conclude(self, index: int) -> None:
        """Keep what is known of a user whose turn has come, or will not come."""
        if not self._is_announced or self._ledger.marks[index].target == self._own:
            return
        is_early = self._is_early(index) and now() < self._due(index)
        heard = concluded(
            self._heard(index), self._reply(index), self._due(index), is_early=is_early
        )
        self._ledger.keep(index, heard=heard)

    # -- times

    def is_due(self, index: int) -> bool:
        """Return whether a server's time has come, and its page has said that it saved.

        A page that says nothing is waited for a moment; what was said last is looked at first.
        """
        if self._ledger.marks[index].target == self._own:
            return True
        if not self._is_announced:
            return False
        if self._is_early(index):
            return True
        moment, due = now(), self._due(index)
        if moment < due:
            return False
        if (moment - due).total_seconds() >= self._rhythm.save_s:
            return True
        is_fresh = self._news is not None and self._news.looked >= due
        return is_fresh and is_settled(self._reply(index), due)

    def has_come(self, index: int) -> bool:
        """Return whether the time that a server was told has come, saved or not."""
        return self._is_announced and now() >= self._due(index)

    def _is_early(self, index: int) -> bool:
        return self._courtesy.may_go_now and is_ready(self._reply(index))

    def _first_at(self) -> datetime:
        return now() + timedelta(seconds=self._courtesy.warn_min * self._rhythm.minute_s)

    def _due(self, index: int) -> datetime:
        own_at = self._heard(index).restart_at
        return own_at or self._ledger.require_announcement().at + self._offset(index)

    def _offset(self, index: int) -> timedelta:
        """Return how much later a wave comes than the first one, as far as can be told."""
        return timedelta(seconds=(self._ledger.marks[index].wave - 1) * self._took_s)

    def _heard(self, index: int) -> Heard:
        return self._ledger.marks[index].heard

    def _reply(self, index: int) -> Reply:
        target = self._ledger.marks[index].target
        return self._news.reply_of(target) if self._news else NOTHING_SAID

    # -- reports

    @property
    def counts(self) -> dict[str, int]:
        """How many said what, for the job's progress."""
        return self._counts

    def _count(self, told: Sequence[int]) -> None:
        said = said_so_far(self._news.standing.replies.values(), now()) if self._news else {}
        noted = self._ledger.announcement
        counts = {"warned": noted.told if noted else 0, **said}
        if told and self._is_announced:
            counts["restart_at_s"] = int(min(map(self._due, told)).timestamp())
        self._counts = counts
