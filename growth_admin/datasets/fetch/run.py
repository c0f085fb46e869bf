"""What the threads of one fetch share."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from growth_admin.core.fsops import make_folder
from growth_admin.datasets.facts import Opened, RemoteFile, Source, SourceProblem
from growth_admin.datasets.fetch.halt import Halt
from growth_admin.datasets.fetch.intake import Intake
from growth_admin.datasets.fetch.journal import DoneFile, Journal
from growth_admin.datasets.fetch.keeper import Keeper
from growth_admin.datasets.fetch.options import FetchOptions, Settings
from growth_admin.datasets.fetch.pace import Bandwidth, Hold, Patience
from growth_admin.datasets.fetch.part import Part

MOST_RESTARTS: Final = 4


class Run:
    """One call of the fetcher: the source, the options, the counters, the end."""

    def __init__(
        self, source: Source, stage: Path, options: FetchOptions, settings: Settings
    ) -> None:
        self.source = source
        self.options = options
        self.settings = settings
        self.files_folder = str((stage / "files").absolute())  # processes run in another folder
        self.folder = stage / "fetch"
        self.halt = Halt()
        self.journal = Journal(self.folder)
        self.keeper = Keeper(self.journal, stage, self.halt, settings)
        self.bandwidth = Bandwidth(options.limit_bytes_per_s, self.halt)
        self.hold = Hold(self.halt)
        self.done_bytes = 0
        self._lock = threading.Lock()
        self._parts: set[Part] = set()
        self._parents: set[str] = set()

    @property
    def portion_bytes(self) -> int:
        """How much is received before it is written."""
        return self.settings.portion_bytes(self.options.connections)

    def algorithms(self, file: RemoteFile) -> Sequence[str]:
        """Return which published digests this file is compared with."""
        known = (file.checksum, self.options.expected)
        return [checksum.algorithm for checksum in known if checksum is not None]

    def count(self, size_bytes: int) -> None:
        """Add to the bytes that are there; less than nothing when a part starts over."""
        with self._lock:
            self.done_bytes += size_bytes

    def part(self, file: RemoteFile) -> Part:
        """Return the part for a file, with what an earlier process left of it."""
        part = Part(self.folder, file, self.algorithms(file))
        with self._lock:
            self._parts.add(part)
        if (known := self.journal.parts.get(part.key)) is not None:
            part.recall(known)
            self.count(part.written_bytes)
        return part

    def placed(self, part: Part, known: DoneFile) -> None:
        """Note a part that is whole at its place."""
        self.keeper.placed((part.file.path, known))
        with self._lock:
            self._parts.discard(part)

    def place(self, path: str) -> str:
        """Return where a file goes to."""
        return f"{self.files_folder}/{path}"  # not a ``Path``: making one costs too much per file

    def make_place(self, path: str) -> str:
        """Return the same; its folder is made if it is not there."""
        parent = path.rpartition("/")[0]
        if parent not in self._parents:
            make_folder(Path(self.place(parent)))
            self._parents.add(parent)
        return self.place(path)

    def close_parts(self, *, is_full: bool) -> None:
        """Close the parts; on a full disk they keep only what can be gone on from."""
        for part in self._parts:
            if is_full:
                part.shrink()
            part.close()

    def open(
        self, file: RemoteFile, *, start: int = 0, end: int | None = None, validator: str = ""
    ) -> Opened:
        """Open the file at the source. Raises ``SourceProblem`` and ``Stopped``."""
        self.hold.wait()
        self.halt.leave()
        try:
            opened = self.source.open(file, start=start, end=end, validator=validator)
        finally:
            self.halt.back()
        return opened

    def intake(self, opened: Opened) -> Intake:
        """Return what reads from an open file."""
        return Intake(opened, halt=self.halt, bandwidth=self.bandwidth, settings=self.settings)

    def wait_retry(self, patience: Patience, problem: SourceProblem) -> None:
        """Wait before the next try. Raises the problem when there is to be none, ``Stopped``."""
        pause_s = patience.pause_s(problem)
        self.hold.ask(problem)
        self.halt.sleep(pause_s)

    def drop(self, part: Part) -> None:
        """Drop what is there of a part."""
        self.count(-part.written_bytes)
        self.keeper.forget(part)

    def start_over(self, part: Part) -> None:
        """Drop what is there of a part, because the source has another content by now.

        Raises ``changed_during_download`` when that happens again and again.
        """
        self.drop(part)
        if part.restarts > MOST_RESTARTS:
            raise SourceProblem(
                "changed_during_download",
                f"{part.file.path} changes at the source while it is fetched; it was begun "
                f"{part.restarts} times.",
                hint="Wait until nobody edits it any more, then start the job again.",
            )

    def is_same(self, part: Part, opened: Opened) -> bool:
        """Return whether the source still offers what the part is made of, as far as it says."""
        is_same_size = None in (part.total, opened.total_bytes) or opened.total_bytes == part.total
        return opened.validator == part.validator and is_same_size

    def learn(self, part: Part, opened: Opened) -> None:
        """Take what the source says of a file whose first byte comes now.

        Raises ``changed_during_download`` when it has not the size that was listed.
        """
        listed, offered = part.file.size_bytes, opened.total_bytes
        if listed is not None and offered is not None and listed != offered:
            raise SourceProblem(
                "changed_during_download",
                f"{part.file.path} has {offered} bytes by now; the listing said {listed}.",
                hint="Look at the link again, so that the new content is listed.",
            )
        part.validator = opened.validator
        part.total = offered if offered is not None else listed
