"""A job's control that remembers what it was told, and a look at what is on the disk."""

from __future__ import annotations

import stat
from pathlib import Path


class Told:
    """What the job would show. ``ends_after`` checks it says stop."""

    def __init__(self, ends_after: int | None = None) -> None:
        self.lines: list[str] = []
        self.steps: list[tuple[float, float | None]] = []
        self.checks = 0
        self._ends_after = ends_after

    def check(self) -> None:
        self.checks += 1
        if self._ends_after is not None and self.checks > self._ends_after:
            raise Stopped

    def progress(
        self, done: float, total: float | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        assert unit == "bytes"
        self.steps.append((done, total))

    def log(self, line: str) -> None:
        self.lines.append(line)


class Stopped(Exception):
    """Somebody cancelled the job."""


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return every path below a folder with its mode and content."""
    found = {}
    for path in sorted(folder.rglob("*")):
        state = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(state.st_mode) else b""
        found[str(path.relative_to(folder))] = (state.st_mode, content)
    return found


def harm(into: Path) -> list[str]:
    """Return what below a folder is neither a read-only file nor a plain folder."""
    bad = []
    for path in into.rglob("*"):
        mode = path.lstat().st_mode
        is_plain = stat.S_ISREG(mode) and stat.S_IMODE(mode) == 0o444 and path.lstat().st_nlink == 1
        if not is_plain and not (stat.S_ISDIR(mode) and stat.S_IMODE(mode) == 0o755):
            bad.append(f"{path.name}: {oct(mode)}")
    return bad
