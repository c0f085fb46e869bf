"""The notices of one school, made from its folders and wired."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from growth_admin.core.paths import Paths
from growth_admin.servers.notices.board import NoticeBoard
from growth_admin.servers.notices.manager import NoticeManager
from growth_admin.servers.notices.replies import DropBox


def build_notices(paths: Paths, uids: Callable[[], Mapping[str, int]]) -> NoticeManager:
    """Return the manager; nothing is read or written yet.

    ``uids`` are the accounts that are known to be users', by hub names. The organisers' group is
    what the hub put into the environment of organisers' servers.
    """
    gid = os.environ.get("GROWTH_ADMIN_GID", "")
    board = NoticeBoard(paths, admin_gid=int(gid) if gid.isdigit() else None)
    return NoticeManager(board, DropBox(paths.replies), uids=uids)
