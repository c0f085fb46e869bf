"""What the tests of the library stage, and the control that they hand it."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Mapping
from pathlib import Path

from growth_admin.datasets.facts import FileRecord
from growth_admin.datasets.models import SourceRecord
from growth_admin.datasets.publish.library import Library
from growth_admin.datasets.publish.records import PublishOutcome, VersionDraft

SOURCE = SourceRecord(kind="zenodo", link="https://zenodo.org/records/1", title="Stars")


class Told:
    """A control that only listens."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.reports: list[tuple[float, float | None]] = []

    def check(self) -> None:
        """Go on."""

    def progress(
        self, done: float, total: float | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        self.reports.append((done, total))

    def log(self, line: str) -> None:
        self.lines.append(line)


class KilledAt(Told):
    """Ends this process with SIGKILL when the line of a step is logged."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self._step = step

    def log(self, line: str) -> None:
        super().log(line)
        if len(self.lines) == self._step:
            os.kill(os.getpid(), signal.SIGKILL)


def draft(by: str = "tess", replaces: str = "", note: str = "") -> VersionDraft:
    """Return what somebody says about a version."""
    return VersionDraft(source=SOURCE, published_by=by, replaces=replaces, note=note)


def put_files(stage: Path, files: Mapping[str, bytes]) -> list[FileRecord]:
    """Write the payload of a stage as the fetcher leaves it, and return its records."""
    records = []
    for name, data in files.items():
        path = stage / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        records.append(FileRecord(name, len(data), hashlib.sha256(data).hexdigest()))
    return records


def publish(
    library: Library,
    job: str,
    files: Mapping[str, bytes],
    *,
    name: str = "stars",
    replaces: str = "",
    by: str = "tess",
) -> PublishOutcome:
    """Stage and publish some files."""
    stage = library.stage(job)
    records = put_files(stage, files)
    outcome = library.publish(stage, name, records, draft(by, replaces), control=Told())
    library.discard(job)
    return outcome


def whole(number: int, files: int = 3) -> dict[str, bytes]:
    """Return files that all say the same number, so that a mixture can be told."""
    return {f"part-{i}/{number}.txt": f"{number}\n".encode() for i in range(files)}


def numbers_in(folder: Path) -> set[str]:
    """Return the numbers that the files of a tree from ``whole`` say."""
    return {path.read_text() for path in folder.glob("part-*/*.txt")}


def hidden(data: Path, *keep: str) -> list[str]:
    """Return what lies below the data folder that is not part of a version or a record."""
    return sorted(
        str(path.relative_to(data))
        for path in data.rglob(".*")
        if path.name not in (".versions", ".staging", *keep)
    )
