"""The old start scripts under the new chain: what would go otherwise, said before it does.

The old hook ran a script as it was called, so one without a first line ``#!`` was run by ``sh``;
students could read the folder it lay in, and ``$0`` was its path (startup/README.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from growth_admin.core.errors import GrowthError
from growth_admin.core.fsops import read_bytes
from growth_admin.deploy.kubernetes.folders import Shares

_OWN_PLACE: Final = re.compile(rb"\$\{?0\b|BASH_SOURCE")


def judge_scripts(shares: Shares) -> Iterator[str]:
    """Yield what an organiser should know of both scripts before the move."""
    for name in ("as-root.sh", "as-user.sh"):
        path = shares.admin_root / "start" / name
        if path.is_symlink():
            yield f"{name} is a link to {path.readlink()}: that is what runs, and what is edited."
        try:
            text, mode = read_bytes(path), path.stat().st_mode
        except GrowthError as e:
            yield f"{name}: {e.detail} Nothing of it will run."
            continue
        yield from (f"{name} {said}" for said in _sentences(name, text, mode, shares.admin_root))


def _sentences(name: str, text: bytes, mode: int, admin_root: Path) -> Iterator[str]:
    if not mode & 0o100:
        yield "is not executable: it did not run and will not. chmod +x it, or make it live."
    if b"\r\n" in text:
        yield "has the line ends of Windows: it did not run. Save it once in the console."
    elif not text.startswith(b"#!"):
        yield "has no first line #!: sh ran it, from now on bash does."
    if _OWN_PLACE.search(text):
        yield "asks where it lies ($0): it runs as a copy; the folder is in $GROWTH_START_DIR."
    if name == "as-user.sh":
        needed = sorted(set(re.findall(re.escape(bytes(admin_root)) + rb"/[\w./-]+", text)))
        if needed:
            shown = ", ".join(path.decode("ascii", "replace") for path in needed[:5])
            yield f"uses {shown}, which students cannot read any more: move that to /nfs/bin."
