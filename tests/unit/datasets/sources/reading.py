"""What tests of sources share: a control that remembers, and reading to the end."""

from __future__ import annotations

from growth_admin.datasets.facts import Listing, Opened, RemoteFile, Source


class Watch:
    """A control; ``end`` makes its next check raise."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.reports: list[tuple[float, float | None, str]] = []
        self.end: Exception | None = None

    def check(self) -> None:
        if self.end:
            raise self.end

    def progress(
        self, done: float, total: float | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        self.reports.append((done, total, message))

    def log(self, line: str) -> None:
        self.lines.append(line)


def look(source: Source, link: str, *, limit_s: float = 30.0) -> Listing:
    """Return what a link stands for."""
    return source.list_files(link, limit_s=limit_s, control=Watch())


def drain(opened: Opened, *, buffer_bytes: int = 65536) -> bytes:
    """Read to the end and close."""
    buffer = memoryview(bytearray(buffer_bytes))
    pieces = []
    try:
        while count := opened.readinto(buffer):
            pieces.append(bytes(buffer[:count]))
    finally:
        opened.close()
    return b"".join(pieces)


def fetch(source: Source, file: RemoteFile, *, start: int = 0, end: int | None = None) -> bytes:
    """Return a file's bytes."""
    return drain(source.open(file, start=start, end=end))
