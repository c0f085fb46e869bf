"""What the list shows of all builds, without reading the files of each again and again.

A build that has ended does not change. What its files say is kept in memory, and in one file
beside them (``known.json``) for the next server. Each is believed only as long as the file that
says how the build ended is the one that was read: the names and marks of all files come with one
listing of the folder. Whoever finds ended builds that the file does not know writes it anew; when
two do at once the later one stands, and what it lacks is read and added once more.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Final

from pydantic import ValidationError

from growth_admin.core.errors import GrowthError
from growth_admin.core.fsops import list_marks, read_bytes, write_atomic
from growth_admin.images.builds.models import BuildRecord, KnownBuild, KnownBuilds, Mark
from growth_admin.images.builds.store import BuildStore

log = logging.getLogger(__name__)
SHOWN: Final = 500
LIMIT_BYTES: Final = 16 * 1024 * 1024


class BuildRecords:
    """The newest builds of one school, newest first."""

    def __init__(self, store: BuildStore) -> None:
        self._store = store
        self._file = store.folder / "known.json"
        self._file_mark: Mark | None = None
        self._known: dict[int, KnownBuild] = {}

    def list_records(self) -> tuple[list[BuildRecord], list[str], int]:
        """Return the newest builds, what could not be read, and the number of those left out.

        Raises ``StorageUnavailable`` when the folder cannot be read.
        """
        marks = list_marks(self._store.folder)
        self._take_over(marks.get(self._file.name))
        numbers = sorted(
            (int(name[:-5]) for name in marks if name[:-5].isdecimal() and name.endswith(".json")),
            reverse=True,
        )
        found, notes, is_news = [], [], False
        for number in numbers[:SHOWN]:
            ended = marks.get(self._store.end_name(number))
            known = self._known.get(number)
            if known and known.mark == ended:
                found.append(known.record)
                continue
            try:
                record = self.get(number)
            except GrowthError as e:
                notes.append(f"Build {number} is not listed: {e.detail}")
                continue
            found.append(record)
            if record.end and ended:
                self._known[number] = KnownBuild(mark=ended, record=record)
                is_news = True
        if is_news:
            self._keep(numbers[:SHOWN])
        return found, notes, max(0, len(numbers) - SHOWN)

    def get(self, number: int) -> BuildRecord:
        """Return one build. Raises ``NotFound``."""
        claim, end = self._store.get_claim(number), self._store.get_end(number)
        if end and end.packages is not None:  # it says itself what is asked of the contents here
            return BuildRecord(
                claim=claim,
                end=end,
                python_version=end.python_version,
                packages=end.packages,
                is_smoke_passed=end.is_smoke_passed,
            )
        contents = self._store.get_contents(number)
        return BuildRecord(
            claim=claim,
            end=end,
            python_version=contents.python_version if contents else "",
            packages=len(contents.packages) if contents else 0,
            is_smoke_passed=contents.is_smoke_passed if contents else None,
        )

    def _take_over(self, mark: Mark | None) -> None:
        """Take what another server read, if that is not known here yet."""
        if mark is None or mark == self._file_mark:
            return
        self._file_mark = mark
        try:
            kept = KnownBuilds.from_record_json(read_bytes(self._file, limit_bytes=LIMIT_BYTES))
        except (GrowthError, ValidationError) as e:
            log.warning("%s is of no use, the builds are read one by one: %s", self._file, e)
            return
        self._known |= {one.record.claim.number: one for one in kept.builds}

    def _keep(self, numbers: list[int]) -> None:
        self._known = {number: self._known[number] for number in numbers if number in self._known}
        kept = KnownBuilds(builds=tuple(self._known.values()))
        with suppress(GrowthError):  # a copy: on a full disk the files are read again
            write_atomic(self._file, kept.model_dump_json().encode(), is_private=True)
