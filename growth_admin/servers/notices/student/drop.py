"""What this server says to notices: one small file in a drop box that only organisers can list.

The box is a folder where everybody may create files, nobody may remove another's (sticky), and
only its owner and group may look. The file belongs to the student's uid, which proves who it is
from. Its name is kept in the student's home, so that there is one file per server, however often
it is restarted.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from growth_admin.servers.notices.student.current import Owner

LIMIT_BYTES: Final = 8 * 1024
NOTICES_LIMIT: Final = 20
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}~[0-9a-f]{24}\.json")


class Drop:
    """The file of one server. Not for two threads at once."""

    def __init__(self, box: Path, home: Path, owner: Owner) -> None:
        self._box = box
        self._owner = owner
        own = re.sub(r"[^A-Za-z0-9_.-]", "_", owner.server_name)[:64] or "default"
        self._note = home / ".local" / "share" / "growth-admin" / "replies" / own
        self._name = ""
        self._said: dict[str, dict[str, Any]] = {}

    def tell(self, notice: str, words: dict[str, Any], current: Collection[str]) -> None:
        """Add ``words`` to what was said to ``notice``; forget what is not ``current`` any more.

        Raises ``OSError`` when the box cannot be written; it is tried again next time.
        """
        if not self._name:
            self._name = self._known_name()
            self._said = self._said_before() | self._said
        kept = {id: said for id, said in self._said.items() if id in current}
        kept[notice] = {**kept.get(notice, {}), **words}
        self._said = dict(list(kept.items())[-NOTICES_LIMIT:])
        self._write()

    def _known_name(self) -> str:
        with suppress(OSError, ValueError):
            with self._note.open(encoding="utf-8") as file:
                name = file.read(200)
            if _NAME.fullmatch(name):
                return name
        user = re.sub(r"[^A-Za-z0-9_.-]", "_", self._owner.user)[:64] or "nobody"
        name = f"{user}~{secrets.token_hex(12)}.json"
        with suppress(OSError):  # a home that is full: a name for this process only
            self._note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._note.write_text(name, encoding="utf-8")
        return name

    def _said_before(self) -> dict[str, dict[str, Any]]:
        with suppress(OSError, ValueError, AttributeError):
            fd = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(fd, "rb") as file:
                if os.fstat(fd).st_uid == os.geteuid():
                    replies = json.loads(file.read(LIMIT_BYTES)).get("replies")
                    return {id: said for id, said in replies.items() if isinstance(said, dict)}
        return {}

    @property
    def _path(self) -> Path:
        return self._box / self._name

    def _write(self) -> None:
        stage = self._box / f"{self._name}.part"
        content = json.dumps(
            {
                "user": self._owner.user,
                "server": self._owner.server_name,
                "written_s": round(time.time(), 3),
                "replies": self._said,
            }
        ).encode()
        if len(content) > LIMIT_BYTES:
            raise OSError("the replies are too long")
        with suppress(FileNotFoundError):
            stage.unlink()  # of a server that was killed
        fd = os.open(stage, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            # the box hands its group on, which is the organisers'; without that the name must do
            is_theirs = os.fstat(fd).st_gid not in (os.getegid(), *os.getgroups())
            os.fchmod(fd, 0o640 if is_theirs else 0o644)
            os.write(fd, content)
            os.fsync(fd)
        finally:
            os.close(fd)
        stage.replace(self._path)
