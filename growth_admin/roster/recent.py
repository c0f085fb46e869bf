"""Accounts that were just asked for, so that planning again soon costs GitHub nothing.

A list of 350 new people costs one request each. Whoever plans it, puts two rows right, plans again
and applies would ask a thousand within a minute, which is more than GitHub takes from one client
(900 points a minute), and would be kept waiting.
"""

from __future__ import annotations

import threading
import time
from typing import Final

from growth_admin.roster.facts import Account, School

RECENT_S: Final = 120.0
MOST: Final = 10_000


class RecentAccounts:
    """Accounts by login, kept for two minutes. Safe to use from several threads.

    A login that GitHub does not know is asked for each time: somebody may just be making it.
    """

    def __init__(self, school: School, *, recent_s: float = RECENT_S) -> None:
        self._school = school
        self._recent_s = recent_s
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, Account]] = {}

    def get_account(self, login: str) -> Account | None:
        """Return the account of a login, as it was within the last two minutes.

        Raises as ``School.get_account``.
        """
        key, now_s = login.casefold(), time.monotonic()
        with self._lock:
            asked_s, account = self._known.get(key, (0.0, None))
            if account is not None and now_s - asked_s < self._recent_s:
                return account
        account = self._school.get_account(login)
        if account is not None:
            with self._lock:
                if len(self._known) >= MOST:
                    self._known.clear()
                self._known[key] = (now_s, account)
        return account
