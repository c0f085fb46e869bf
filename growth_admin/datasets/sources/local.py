"""A file or folder that lies on the hub already.

It is read with the rights of this process, which are those of whoever publishes. Only what lies
below the given folders counts; each part of a path is opened without following links, so that
nobody can swap one in between.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from growth_admin.core.errors import InvalidInput
from growth_admin.core.schema import to_rfc3339
from growth_admin.datasets.facts import Control, Listing, RemoteFile, SourceProblem
from growth_admin.datasets.sources.names import distinct_names, safe_top_name

FILE_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
FOLDER_FLAGS: Final = (
    getattr(os, "O_PATH", os.O_RDONLY) | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
)
"""To pass through a folder one need not be able to list it."""
CHECK_EACH: Final = 200
WARNING_LIMIT: Final = 20


class PathSource:
    """Paths below ``roots`` and not below ``without``."""

    kind = "path"

    def __init__(self, roots: Sequence[Path], without: Sequence[Path] = ()) -> None:
        self._roots = tuple(roots)
        self._without = tuple(without)

    def recognises(self, link: str) -> bool:
        """Return whether it is an absolute path."""
        return link.strip().startswith(("/", "file:///"))

    def list_files(self, link: str, *, limit_s: float, control: Control) -> Listing:
        """Return the file, or all files of the folder. See ``Source``."""
        path = self._path_of(link)
        try:
            kind = path.stat()
        except OSError as e:
            raise _unreadable(path, e) from None
        is_folder = stat.S_ISDIR(kind.st_mode)
        if not is_folder and not stat.S_ISREG(kind.st_mode):
            raise SourceProblem("refused", f"{path} is neither a file nor a folder.")
        walk = _Walk(self, path, control, time.monotonic() + limit_s)
        files = walk.files() if is_folder else [_remote(safe_top_name(path.name), path, kind)]
        if not files and walk.is_complete:
            raise SourceProblem(
                "not_found", f"{path} holds no files.", hint=" ".join(walk.warnings)
            )
        return Listing(
            self.kind,
            f"{path} on the hub",
            safe_top_name(path.name),
            str(path),
            tuple(sorted(files, key=lambda file: file.path)),
            is_folder=is_folder,
            is_complete=walk.is_complete,
            modified=to_rfc3339(datetime.fromtimestamp(kind.st_mtime, UTC)),
            warnings=tuple(walk.warnings),
        )

    def open(
        self, file: RemoteFile, *, start: int = 0, end: int | None = None, validator: str = ""
    ) -> OpenedFile:
        """See ``Source``. Begins at 0 if the file is another one than ``validator`` says.

        What is opened is what was listed: no part of its path may have become a link, and another
        file in its place is refused (``changed_during_download``).
        """
        path = self._require_inside(Path(os.path.normpath(str(file.locator["path"]))))
        try:
            fd = self._open_below(path)
        except NotADirectoryError:  # what a folder that became a link is called
            raise _linked(path) from None
        except OSError as e:
            raise _unreadable(path, e) from None
        try:
            now = os.fstat(fd)
            if not stat.S_ISREG(now.st_mode):
                raise SourceProblem("refused", f"{path} is not a file.")
            if file.validator and file.validator != _validator(now):
                raise SourceProblem(
                    "changed_during_download",
                    f"{path} is not the file any more that was listed.",
                    hint="Look at the link again, so that the new content is listed.",
                )
            os.set_blocking(fd, True)
            if validator and validator != _validator(now):
                start, end = 0, None
            start = min(start, now.st_size)
            os.lseek(fd, start, os.SEEK_SET)
        except BaseException:
            os.close(fd)
            raise
        return OpenedFile(fd, path, start, min(end or now.st_size, now.st_size), now)

    def require_allowed(self, path: Path) -> Path:
        """Return the path without links in it, if it lies where data may come from.

        Raises ``SourceProblem`` (``refused``).
        """
        return self._require_inside(Path(os.path.realpath(path)), path)

    def _require_inside(self, real: Path, path: Path | None = None) -> Path:
        """Return ``real``, a path without links, if data may come from there."""
        if self.is_hidden(real):
            raise SourceProblem(
                "refused",
                f"{path or real} lies in the folder that holds what was published already.",
                hint="Give the place that the data came from.",
            )
        if not any(_is_below(real, root) for root in self._roots):
            places = ", ".join(map(str, self._roots))
            raise SourceProblem(
                "refused",
                f"{path or real} lies outside the places that data may be taken from.",
                hint=f"Move or copy it below one of: {places}.",
            )
        return real

    def is_hidden(self, path: Path) -> bool:
        """Return whether a path without links in it lies where no data is taken from."""
        return any(_is_below(path, folder) for folder in self._without)

    def _path_of(self, link: str) -> Path:
        text = link.strip()
        if text.startswith("file:"):
            text = unquote(urlsplit(text).path)
        if "\0" in text:
            raise InvalidInput("The path holds a zero byte.", fields=[("link", "not a path")])
        return self.require_allowed(Path(text))

    def _open_below(self, path: Path) -> int:
        """Return a descriptor of the file; no part of its path may be a link by now."""
        folder = os.open("/", FOLDER_FLAGS)
        try:
            for part in path.parts[1:-1]:
                inner = os.open(part, FOLDER_FLAGS, dir_fd=folder)
                os.close(folder)
                folder = inner
            return os.open(path.name, FILE_FLAGS, dir_fd=folder)
        finally:
            os.close(folder)


class OpenedFile:
    """An ``Opened`` over a file of the hub."""

    is_ranged = True

    def __init__(self, fd: int, path: Path, start: int, end: int, now: os.stat_result) -> None:
        self._file = open(fd, "rb", buffering=0)  # noqa: SIM115  (``close`` closes it)
        self._path = path
        self._left = end - start
        self.start = start
        self.total_bytes: int | None = now.st_size
        self.validator = _validator(now)

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer; 0 at the end. Raises ``SourceProblem`` when the file got shorter."""
        buffer = buffer[: self._left]
        if not len(buffer):
            return 0
        try:
            count = self._file.readinto(buffer) or 0
        except OSError as e:
            raise _unreadable(self._path, e) from None
        self._left -= count
        if not count:
            raise SourceProblem(
                "short_body", f"{self._path} got shorter while it was read.", is_retryable=True
            )
        return count

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _Walk:
    """One look at a folder of the hub."""

    def __init__(self, source: PathSource, top: Path, control: Control, until_s: float) -> None:
        self._source = source
        self._top = top
        self._control = control
        self._until_s = until_s
        self.warnings: list[str] = []
        self.is_complete = True

    def files(self) -> list[RemoteFile]:
        """Return all files below the folder, as far as time allows."""
        found: list[RemoteFile] = []
        waiting = [(self._top, "")]
        while waiting and self.is_complete:
            folder, prefix = waiting.pop()
            rows = list(self._rows(folder))
            names = distinct_names([(name, name) for name, _, _ in rows], is_top=not prefix)
            for (_, path, facts), name in zip(rows, names, strict=True):
                if stat.S_ISDIR(facts.st_mode):
                    waiting.append((path, f"{prefix}{name}/"))
                else:
                    found.append(_remote(prefix + name, path, facts))
            self._control.progress(len(found), unit="files")
        return found

    def _rows(self, folder: Path) -> Iterator[tuple[str, Path, os.stat_result]]:
        """Yield name, place and facts of the files and folders of one folder that may be taken."""
        try:
            paths = sorted(folder.iterdir())
        except OSError as e:
            raise _unreadable(folder, e) from None
        for number, path in enumerate(paths):
            if number % CHECK_EACH == 0:
                self._control.check()
                self.is_complete = self.is_complete and time.monotonic() < self._until_s
                if not self.is_complete:
                    return
            row = self._row(path)
            if isinstance(row, str):
                self._leave_out(path, row)
            else:
                yield path.name, *row

    def _row(self, path: Path) -> tuple[Path, os.stat_result] | str:
        """Return where an entry really lies, and its facts; or why it is left out.

        A link is followed within the folder that was asked for only: others may have put it there,
        and what this process may read elsewhere is not theirs to publish.
        """
        try:
            facts = path.lstat()
            if stat.S_ISLNK(facts.st_mode):
                path = self._source.require_allowed(path)
                if not path.is_relative_to(self._top):
                    return "a link that leads elsewhere"
                facts = path.lstat()
                if stat.S_ISDIR(facts.st_mode):
                    return "a link to a folder"
        except SourceProblem:
            return "a link that leads elsewhere"
        except OSError as e:
            return e.strerror or "unreadable"
        if stat.S_ISDIR(facts.st_mode) and self._source.is_hidden(path):
            return "what was published already"
        if stat.S_ISDIR(facts.st_mode) or stat.S_ISREG(facts.st_mode):
            return path, facts
        return "no file and no folder"

    def _leave_out(self, path: Path, why: str) -> None:
        if len(self.warnings) < WARNING_LIMIT:
            self.warnings.append(f"Left out: {path} ({why})")


def _remote(name: str, path: Path, facts: os.stat_result) -> RemoteFile:
    locator: dict[str, Any] = {"path": str(path)}
    return RemoteFile(name, locator, facts.st_size, None, _validator(facts))


def _validator(facts: os.stat_result) -> str:
    return f"{facts.st_dev:x}-{facts.st_ino:x}-{facts.st_size:x}-{facts.st_mtime_ns:x}"


def _is_below(path: Path, folder: Path) -> bool:
    return path.is_relative_to(os.path.realpath(folder))


def _linked(path: Path) -> SourceProblem:
    return SourceProblem(
        "refused",
        f"{path} is, or leads through, a link that was not there when it was listed.",
        hint="Look at the link again, and at who may write to that folder.",
    )


def _unreadable(path: Path, e: OSError) -> SourceProblem:
    if isinstance(e, FileNotFoundError | NotADirectoryError):
        return SourceProblem("not_found", f"{path} does not exist.", hint="Check the spelling.")
    if e.errno == errno.ELOOP:
        return _linked(path)
    if isinstance(e, PermissionError):
        return SourceProblem(
            "refused",
            f"You may not read {path}.",
            hint="Files are read with your own rights; ask their owner.",
        )
    return SourceProblem("unreachable", f"{path} cannot be read: {e.strerror}.", is_retryable=True)
