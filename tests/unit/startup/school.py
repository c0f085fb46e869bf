"""A school's start scripts on a real disk, for the tests of the startup room."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from growth_admin.core.paths import Paths
from growth_admin.startup.manager import ScriptManager
from growth_admin.startup.models import (
    Published,
    PublishRequest,
    RestoreRequest,
    Saved,
    SaveRequest,
)

USER = "as-user.sh"
ROOT = "as-root.sh"
FIRST = "#!/bin/bash\necho first\n"
BROKEN = "#!/bin/bash\nif true; then\n"


def sound(number: int | str) -> str:
    """Return a script that the lint finds nothing wrong with."""
    return f"#!/bin/bash\necho start {number}\n"


@dataclass(frozen=True)
class School:
    """Paths and a manager."""

    paths: Paths

    @classmethod
    def make(cls, root: Path) -> School:
        """Return a school whose as-user.sh is live and that the console has never seen."""
        school = cls(Paths(root / "admin", root / "nfs"))
        school.paths.scripts.mkdir(parents=True)
        school.paths.shared_root.mkdir()
        school.write_by_hand(FIRST)
        return school

    @property
    def manager(self) -> ScriptManager:
        """A manager as another server has one; nothing is kept in memory."""
        return ScriptManager(self.paths)

    @property
    def live(self) -> Path:
        """The live as-user.sh."""
        return self.paths.scripts / USER

    def write_by_hand(self, text: str | bytes, *, mode: int = 0o755) -> None:
        """Change the live script over NFS."""
        self.live.write_bytes(text.encode() if isinstance(text, str) else text)
        os.chmod(self.live, mode)

    def save(self, text: str, *, author: str = "jane", **fields: Any) -> Saved:
        """Save on top of whatever is newest."""
        if "base_sha256" not in fields:
            self.manager.notice(USER)
            head = self.manager.store(USER).head()
            fields["base_sha256"] = head.sha256 if head else ""
        request = SaveRequest(text=text, **{"reason": "because", **fields})
        return self.manager.save(USER, request, author=author)

    def publish(self, revision: int, *, author: str = "jane", **fields: Any) -> Published:
        """Make live over whatever is live."""
        if "expected_live_sha256" not in fields:
            fields["expected_live_sha256"] = self.manager.get_script(USER).live_sha256
        known = {"reason": "because", "skip_reason": "in a hurry"}
        request = PublishRequest(revision=revision, **{**known, **fields})
        return self.manager.publish(USER, request, author=author)

    def restore(self, revision: int, *, author: str = "jane") -> Saved:
        """Bring an old text back."""
        request = RestoreRequest(revision=revision, reason="it was better")
        return self.manager.restore(USER, request, author=author)
