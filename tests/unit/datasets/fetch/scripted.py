"""A source in memory whose connections behave as a test says."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from growth_admin.datasets.facts import Checksum, Listing, RemoteFile, SourceProblem


def some_bytes(size: int, seed: int = 1) -> bytes:
    """Return bytes that no two files share."""
    return random.Random(seed).randbytes(size)


def remote(path: str, content: bytes, *, algorithm: str = "", **fields: Any) -> RemoteFile:
    """Return a file as a listing says it, with a checksum if there is an algorithm."""
    digest = hashlib.new(algorithm, content).hexdigest() if algorithm else ""
    checksum = Checksum(algorithm, digest) if algorithm else None
    facts = {"size_bytes": len(content), "checksum": checksum} | fields
    return RemoteFile(path, {"name": path}, **facts)


@dataclass
class Content:
    """What the source has under a path, and how it gives it."""

    data: bytes
    validator: str = '"v1"'
    has_ranges: bool = True
    has_length: bool = True


@dataclass
class Connection:
    """One answer; ``cut_at`` ends it with a problem once so many bytes of it were given."""

    content: Content
    start: int
    end: int
    total_bytes: int | None
    validator: str
    is_ranged: bool
    cut_at: int | None = None
    portion: int = 1 << 20
    given: int = 0
    is_closed: bool = False
    on_read: Callable[[int], None] = lambda given: None

    def readinto(self, buffer: memoryview) -> int:
        self.on_read(self.given)
        at = self.start + self.given
        size = min(len(buffer), self.end - at, self.portion)
        if self.cut_at is not None:
            size = min(size, self.cut_at - self.given)
            if size <= 0:
                raise SourceProblem("unreachable", "The connection was cut.", is_retryable=True)
        buffer[:size] = self.content.data[at : at + size]
        self.given += size
        return size

    def close(self) -> None:
        self.is_closed = True


@dataclass
class ScriptedSource:
    """Gives what ``contents`` holds; ``on_open`` may change the connection, or raise."""

    contents: dict[str, Content]
    kind: str = "scripted"
    on_open: Callable[[int, str, Connection], None] = lambda number, path, connection: None
    connections: list[Connection] = field(default_factory=list)
    asked: list[tuple[str, int, int | None, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def given_bytes(self) -> int:
        """How many bytes all connections gave."""
        return sum(connection.given for connection in self.connections)

    def recognises(self, link: str) -> bool:
        return True

    def list_files(self, link: str, *, limit_s: float, control: object) -> Listing:
        raise NotImplementedError

    def open(
        self, file: RemoteFile, *, start: int = 0, end: int | None = None, validator: str = ""
    ) -> Connection:
        content = self.contents[file.locator["name"]]
        total = len(content.data)
        is_partial = content.has_ranges and (start or end is not None)
        if validator and validator != content.validator:
            is_partial = False
        if not is_partial:
            start, end = 0, None
        connection = Connection(
            content,
            start,
            total if end is None else min(end, total),
            total if content.has_length else None,
            content.validator,
            content.has_ranges,
        )
        with self.lock:
            number = len(self.asked)
            self.asked.append((file.path, start, end, validator))
        self.on_open(number, file.path, connection)
        with self.lock:
            self.connections.append(connection)
        return connection


@dataclass
class Watched:
    """A control that notes what it was told, and raises what a test wants."""

    reports: list[tuple[float, float | None, str, str]] = field(default_factory=list)
    error: BaseException | None = None
    checks: int = 0

    def check(self) -> None:
        self.checks += 1
        if self.error is not None:
            raise self.error

    def progress(
        self, done: float, total: float | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        self.reports.append((done, total, unit, message))

    def log(self, line: str) -> None:
        raise AssertionError(line)
