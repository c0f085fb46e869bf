"""What students' own servers do with a notice, through the same files as theirs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from growth_admin.core.paths import Paths
from growth_admin.servers.notices.student.current import CurrentNotices, Owner, mine
from growth_admin.servers.notices.student.drop import Drop


class Student:
    """One student's server, which has run since long ago."""

    def __init__(self, folder: Path, name: str) -> None:
        self.paths = Paths(folder / "admin", folder / "nfs")
        self._owner = Owner(name)
        self._drop = Drop(self.paths.replies, folder / "homes" / name, self._owner)

    def notices(self) -> list[dict[str, Any]]:
        """What is shown now."""
        stored = CurrentNotices(self.paths.notices / "current.json").look()
        return mine(stored, self._owner, time.time())

    @property
    def at_s(self) -> float:
        """When the server is restarted, as its countdown says; 0 when nothing is shown."""
        shown = self.notices()
        return float(shown[0]["restart"]["at_s"]) if shown else 0.0

    def say(self, **words: Any) -> None:
        """Answer the notice that is shown."""
        notice = self.notices()[0]["id"]
        self._drop.tell(notice, words, [notice])

    def see(self) -> None:
        """Open Lab."""
        self.say(seen_s=time.time())

    def save(self, documents: int = 1, unsaved: int = 0) -> None:
        """Save what is open."""
        self.say(saved_s=time.time(), documents=documents, unsaved=unsaved)

    def go(self) -> None:
        """Save all and restart now."""
        self.see()
        self.save()
        self.say(ready_s=time.time())

    def ask(self, minutes: int = 10) -> None:
        """Ask for more time."""
        self.say(wants_time_s=time.time(), wants_min=minutes)

    def work(self, kernels: int) -> None:
        """Have so many busy kernels."""
        self.say(busy_kernels=kernels, told_s=time.time())
