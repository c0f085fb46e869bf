"""How many starts the hub takes at a time, as learnt from what it refuses and what it takes."""

from __future__ import annotations

import time

from growth_admin.servers.ledger import Ledger


class Intake:
    """The limit in flight of one run: lower when the hub says that it is too many, then higher.

    A hub that refused is asked for more at once after ``quiet_times`` the wait that it asked for:
    if it refuses again, that wait is a small part of the time.
    """

    def __init__(self, ledger: Ledger, *, quiet_times: float) -> None:
        self._ledger = ledger
        self._quiet_times = quiet_times
        self._held_until_s = 0.0
        self._more_from_s = 0.0
        self._fewest = 1

    @property
    def is_held(self) -> bool:
        """Whether the hub asked us to wait, and that time is not up."""
        return time.monotonic() < self._held_until_s

    def note_refused(self, wait_s: float, *, taken: int) -> None:
        """Wait as the hub asks, then have no more in flight than the starts that it has taken.

        But half as many as before at least, however many it refuses at one time: others may have
        been before us for a moment, as when a class comes.
        """
        before = self._ledger.limit
        if not self.is_held:
            self._fewest = before // 2
        self._ledger.learn_limit(min(max(taken, self._fewest), before))
        now_s = time.monotonic()
        self._held_until_s = max(self._held_until_s, now_s + wait_s)
        self._more_from_s = now_s + self._quiet_times * wait_s

    def note_done(self) -> None:
        """Have one more in flight, unless the hub refused lately."""
        if time.monotonic() >= self._more_from_s:
            self._ledger.learn_limit(self._ledger.limit + 1)
