"""Writing what comes out of an archive, so that nothing of it lands anywhere else.

Each folder is opened once, relative to the folder above it and never through a link; each file is
created new (``O_EXCL``) relative to its folder. No link is ever made: what an archive calls a link
becomes a copy. See openat(2) on why paths that are joined and checked first can be raced.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from growth_admin.core.errors import Conflict
from growth_admin.datasets.archive.limits import BLOCK_BYTES, Budget, Pulse
from growth_admin.datasets.archive.naming import Parts, Tree, is_junk, parse_name, unsafe
from growth_admin.datasets.facts import FileRecord

FILE_MODE = 0o444
"""Readable by all, writable and executable by none: what an archive says about modes is dropped."""
FOLDER_MODE = 0o755
_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN_FOLDERS = 64
"""Folders that are kept open; archives go through their folders in order."""


class OutFile:
    """A file of the archive while its bytes are written, hashed and counted.

    Without a descriptor (``fd`` -1) the bytes are only counted: an entry that is left out.
    """

    def __init__(self, fd: int, budget: Budget) -> None:
        self._fd = fd
        self._budget = budget
        self._sha256 = hashlib.sha256()
        self.size_bytes = 0

    def write(self, data: bytes | memoryview) -> None:
        """Write what is next. Raises ``SourceProblem`` over a limit, or ``OSError``."""
        self._budget.add_bytes(len(data))
        self.size_bytes += len(data)
        if self._fd < 0:
            return
        self._sha256.update(data)
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]

    def write_zeros(self, size_bytes: int) -> None:
        """Write a hole of a sparse file."""
        zeros = memoryview(bytes(min(size_bytes, BLOCK_BYTES)))
        while size_bytes > 0:
            self.write(zeros[:size_bytes])
            size_bytes -= min(size_bytes, len(zeros))

    def hexdigest(self) -> str:
        """Return the SHA-256 of what was written."""
        return self._sha256.hexdigest()


class Jail:
    """The folder that an archive unpacks into, and what it holds so far.

    ``records`` are the files written, by their paths and in the archive's order; ``left_out``
    counts what macOS adds for itself. Use it as a context: it keeps folders open.
    """

    def __init__(self, into: Path, budget: Budget, pulse: Pulse) -> None:
        self.budget = budget
        self.pulse = pulse
        self.records: dict[str, FileRecord] = {}
        self.left_out = 0
        self._tree = Tree()
        self._is_settled: set[int] = set()
        self._open: OrderedDict[Parts, int] = OrderedDict()
        into.mkdir(mode=FOLDER_MODE, exist_ok=True)
        self._top = os.open(into, _OPEN_FOLDER)
        if os.listdir(self._top):  # noqa: PTH208 (a descriptor)
            os.close(self._top)
            raise Conflict(f"{into} holds files already.", hint="Unpack into an empty folder.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for fd in (*self._open.values(), self._top):
            os.close(fd)
        self._open.clear()

    def place(self, name: str, *, is_folder: bool = False) -> Parts:
        """Return the place of a member's name. Raises ``SourceProblem``."""
        return parse_name(name, depth=self.budget.limits.depth, is_folder=is_folder)

    def add_folder(self, name: str) -> None:
        """Make a folder of the archive, if it is not there. Raises ``SourceProblem``."""
        self.budget.add_member(name)
        parts = self.place(name, is_folder=True)
        if not parts:
            return
        if is_junk(parts):
            self.left_out += 1
            return
        self._tree.add(parts, is_folder=True)
        self._folder(parts)

    @contextmanager
    def new_file(
        self, name: str, *, size_bytes: int = 0, packed_bytes: int | None = None
    ) -> Iterator[OutFile]:
        """Yield the new file for a member; it is recorded when the block ends well.

        ``size_bytes`` and ``packed_bytes`` are what the archive announces. Raises
        ``SourceProblem`` for an unsafe name and over a limit.
        """
        self.budget.add_member(name, size_bytes=size_bytes, packed_bytes=packed_bytes)
        parts = self.place(name)
        if is_junk(parts):
            self.left_out += 1
            yield OutFile(-1, self.budget)
            return
        path = self._tree.add(parts, is_folder=False)
        try:
            fd = os.open(parts[-1], _CREATE, FILE_MODE, dir_fd=self._folder(parts[:-1]))
        except FileExistsError:
            raise unsafe(name, "cannot be told from another name on this file system") from None
        try:
            self._settle(fd, FILE_MODE)
            out = OutFile(fd, self.budget)
            yield out
            self.records[path] = FileRecord(path, out.size_bytes, out.hexdigest())
        finally:
            os.close(fd)

    def copy_file(self, source: Parts, name: str) -> None:
        """Write the member ``name`` with the content of a file that is there already."""
        size_bytes = self.records["/".join(source)].size_bytes
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        fd = os.open(source[-1], flags, dir_fd=self._folder(source[:-1]))
        try:
            with self.new_file(name, size_bytes=size_bytes) as out:
                while data := os.read(fd, BLOCK_BYTES):
                    out.write(data)
        finally:
            os.close(fd)

    def _folder(self, parts: Parts) -> int:
        """Return the descriptor of a folder, made if it is missing; never through a link."""
        if not parts:
            return self._top
        fd = self._open.get(parts)
        if fd is not None:
            self._open.move_to_end(parts)
            return fd
        above = self._folder(parts[:-1])
        try:
            os.mkdir(parts[-1], FOLDER_MODE, dir_fd=above)
            is_new = True
        except FileExistsError:
            is_new = False
        fd = os.open(parts[-1], _OPEN_FOLDER, dir_fd=above)
        self._open[parts] = fd
        if is_new:
            self._settle(fd, FOLDER_MODE)
        if len(self._open) > _OPEN_FOLDERS:
            os.close(self._open.popitem(last=False)[1])
        return fd

    def _settle(self, fd: int, mode: int) -> None:
        """Give a new file its mode, where this process's umask took from it.

        The umask is asked for by looking at the first file and the first folder: ``os.umask``
        would change it for the whole server. A folder keeps the set-group-id bit that it has from
        the folder above, so that all of it comes to the group of the data.
        """
        if mode in self._is_settled:
            return
        had = stat.S_IMODE(os.fstat(fd).st_mode)
        if had & 0o777 == mode:
            self._is_settled.add(mode)
        else:
            os.fchmod(fd, mode | had & stat.S_ISGID)
