"""A school's folders with a board of notices, and a student's side of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.paths import Paths
from growth_admin.core.schema import now
from growth_admin.servers.notices.board import NoticeBoard
from growth_admin.servers.notices.manager import NoticeManager
from growth_admin.servers.notices.models import NoticeDraft, NoticeRow, Restart
from growth_admin.servers.notices.replies import DropBox
from growth_admin.servers.notices.student.current import CurrentNotices, Owner, mine
from growth_admin.servers.notices.student.drop import Drop

JANE = Owner("jane", groups=frozenset({"students"}))


@dataclass
class School:
    """The folders, the organisers' manager, and what a student's server does."""

    paths: Paths
    home: Path
    manager: NoticeManager

    def post(self, text: str = "Lunch", **fields: Any) -> NoticeRow:
        """Post a notice as Ada."""
        return self.manager.post(NoticeDraft.model_validate({"text": text, **fields}), user="ada")

    def shown_to(self, owner: Owner, in_s: float = 0) -> list[dict[str, Any]]:
        """What the owner of a server is shown some seconds from now."""
        stored = CurrentNotices(self.paths.notices / "current.json").look()
        return mine(stored, owner, now().timestamp() + in_s)

    def drop(self, owner: Owner = JANE, home: str = "jane") -> Drop:
        """The file of a server in the drop box."""
        return Drop(self.paths.replies, self.home / home, owner)


@pytest.fixture
def school(tmp_path: Path) -> School:
    """An empty school."""
    paths = Paths(tmp_path / "admin", tmp_path / "nfs")
    for folder in (paths.admin_root, paths.shared_root):
        folder.mkdir()
    manager = NoticeManager(NoticeBoard(paths), DropBox(paths.replies))
    return School(paths, tmp_path / "homes", manager)


@pytest.fixture
def restart() -> Callable[..., Restart]:
    """Makes restarts that are announced for ten minutes from now."""

    def make(minutes: float = 10, **fields: Any) -> Restart:
        return Restart.model_validate({"at": now() + timedelta(minutes=minutes), **fields})

    return make
