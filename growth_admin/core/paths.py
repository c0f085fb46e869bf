"""Where things lie on the shared disks; the one place that spells these names.

``admin_root`` (``/home/admin``) is writable for admins only, ``shared_root`` (``/nfs``) for admins
and TAs, readable for all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from growth_admin.core.errors import InvalidInput

STATE: Final = ".growth-admin"
DATASET_NAME: Final = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""What a dataset may be called: one path component, not hidden."""
_SAFE_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,127}")


def safe_name(name: str, what: str) -> str:
    """Return ``name`` if it can be one path component; raise ``InvalidInput`` otherwise.

    Everything from outside that becomes part of a path passes through here.
    """
    if not _SAFE_NAME.fullmatch(name):
        raise InvalidInput(
            f"{name[:80]!r} is not the name of a {what}.",
            hint="Use letters, digits and . _ @ + - only, and begin with a letter or digit.",
        )
    return name


@dataclass(frozen=True)
class Paths:
    """The folders of one school."""

    admin_root: Path
    shared_root: Path

    @property
    def scripts(self) -> Path:
        """The live start scripts."""
        return self.admin_root / "start"

    @property
    def logs(self) -> Path:
        """Logs of the start chain, one pair per user."""
        return self.admin_root / "logs"

    @property
    def records(self) -> Path:
        """Records of the start chain, one file per user's server."""
        return self.logs / "records"

    @property
    def admin_state(self) -> Path:
        """What only admins may touch."""
        return self.admin_root / STATE

    @property
    def shared_state(self) -> Path:
        """What TAs write and everybody reads.

        Whoever lets everybody read something here makes this folder first, with ``make_folder``:
        a private file closes the folders that are made for it.
        """
        return self.shared_root / STATE

    @property
    def receipts(self) -> Path:
        """What each start left of the datasets, one file per user; the chain writes them."""
        return self.shared_state / "receipts"

    @property
    def notices(self) -> Path:
        """Notices to students; what everybody reads of them is ``current.json``."""
        return self.shared_state / "notices"

    @property
    def replies(self) -> Path:
        """The drop box for what students' servers say to notices: all may drop, admins read."""
        return self.shared_state / "replies"

    @property
    def revisions(self) -> Path:
        """Immutable revisions of the start scripts."""
        return self.admin_state / "startup" / "revisions"

    @property
    def candidates(self) -> Path:
        """Script bundles that a canary may run, by their id."""
        return self.admin_state / "startup" / "candidates"

    @property
    def jobs(self) -> Path:
        """Jobs of the admins' areas."""
        return self.admin_state / "jobs"

    @property
    def audit(self) -> Path:
        """Who changed what, one file per writer and month."""
        return self.admin_state / "audit"
