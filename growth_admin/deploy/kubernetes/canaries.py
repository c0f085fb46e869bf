"""What the last canary says of the storage: its chain ran as root, behind a student's mounts.

A canary has the mounts, groups and image of a student's server, so a record that it left is proof
that everybody's start can leave one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from growth_admin.core.errors import GrowthError
from growth_admin.core.fsops import list_names, read_bytes
from growth_admin.deploy.doctor import Check
from growth_admin.deploy.kubernetes.folders import Shares

NAME: Final = "canary's start"
ENDING: Final = "--canary.jsonl"
LIMIT_BYTES: Final = 2 * 1024**2


def check_canary(shares: Shares) -> Check:
    """Return what the newest record of a canary says of logs and mounts."""
    logs = shares.admin_root / "logs"
    try:
        record, file = _newest(logs / "records")
    except (GrowthError, OSError) as e:
        said = e.detail if isinstance(e, GrowthError) else str(e.strerror)
        return _unknown(said, "Look as an organiser: the records are theirs.")
    if not record or file is None:
        return _unknown(
            "no canary has left a record here",
            "Start yours: Start scripts, Canary. If it ran and left none, its chain cannot write "
            f"{logs}: see the checks of the folders above.",
        )
    notes = [str(note) for note in record.get("notes") or () if "not written" in str(note)]
    owner, expected = file.stat().st_uid, logs.stat().st_uid
    wrong = [
        *(["its chain did not begin as root"] if record.get("rerooted") else []),
        *([f"its record is {owner}'s, the folder {expected}'s"] if owner != expected else []),
        *notes,
    ]
    told = f"{record.get('user')}'s of {record.get('started')}"
    hint = "The hub must start servers as root (singleuser.uid: 0), and the NFS server must keep "
    return Check(
        name=NAME,
        is_good=not wrong,
        finding=f"{told}: {', '.join(wrong) or 'root wrote its logs and its record'}",
        hint=f"{hint}owners: no_root_squash, no all_squash." if wrong else "",
    )


def _newest(folder: Path) -> tuple[dict[str, Any], Path | None]:
    """Return the last record of the canary that was started last, if there is one."""
    files = [folder / name for name in list_names(folder) if name.endswith(ENDING)]
    for file in sorted(files, key=lambda path: path.stat().st_mtime, reverse=True):
        lines = read_bytes(file, limit_bytes=LIMIT_BYTES).splitlines()
        try:
            found = json.loads(lines[-1]) if lines else None
        except ValueError:
            continue
        if isinstance(found, dict):
            return found, file
    return {}, None


def _unknown(finding: str, hint: str) -> Check:
    return Check(name=NAME, is_good=True, state="unknown", finding=finding, hint=hint)
