"""What was delivered as a copy, file by file: how a file that the student edited is recognised.

While a version is brought, each file is noted in a journal before it is put in its place, or
removed. So after a run that was killed we still know what was our doing and what the student's.
"""

from __future__ import annotations

import json
import os
import stat

from .receipt import write_whole

_CHUNK_BYTES = 1024 * 1024

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .watched import Watch

NOT_OURS = ("", 0, 0)
"""In place of a file's facts: the student had a file of that name already."""
REMOVED = ("", -1, -1)
"""In the journal: we removed it."""


class Base:
    """The files of one dataset that were delivered: path -> SHA-256, size, modification time (ns).

    `version` is the one that was delivered last, or is being delivered if not `is_complete`.
    """

    def __init__(self, state: str, name: str) -> None:
        self._path = os.path.join(state, "copies", f"{name}.json")
        self._journal_path = os.path.join(state, "copies", f"{name}.journal")
        self._journal: int | None = None
        self.version = ""
        self.is_complete = False
        self.files: dict[str, tuple[str, int, int]] = {}

    def load(self) -> bool:
        """Read what was saved; False if there is nothing to be trusted."""
        try:
            with open(self._path, "rb") as file:
                value = json.loads(file.read())
            self.version, self.is_complete = str(value["version"]), bool(value["is_complete"])
            self.files = {
                str(path): (str(sha256), int(size), int(mtime_ns))
                for path, (sha256, size, mtime_ns) in value["files"].items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return False
        return True

    def recall(self, folder: Folder) -> None:
        """Take over what a killed run put in its place or removed. Raises OSError."""
        try:
            with open(self._journal_path, "rb") as file:
                lines = file.read().splitlines()
        except FileNotFoundError:
            return
        for line in lines:
            try:
                path, sha256, size, mtime_ns = json.loads(line)
            except ValueError:
                continue  # the last line of a run that was killed as it wrote it
            facts = (sha256, size, mtime_ns)
            if facts == REMOVED:
                if folder.standing(path, facts) == "missing":
                    self.files.pop(path, None)
            elif folder.is_untouched(path, facts):
                self.files[path] = facts

    def note(self, path: str, facts: tuple[str, int, int]) -> None:
        """Note that this file is about to be put in its place, or removed. Raises OSError."""
        if self._journal is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            self._journal = os.open(self._journal_path, flags, 0o600)
        os.write(self._journal, json.dumps([path, *facts]).encode() + b"\n")

    def save(self) -> None:
        """Remember all. Raises OSError."""
        os.makedirs(os.path.dirname(self._path), exist_ok=True)
        value = {"version": self.version, "is_complete": self.is_complete, "files": self.files}
        write_whole(self._path, json.dumps(value).encode(), is_synced=True)
        if self._journal is not None:
            os.close(self._journal)
            self._journal = None
        _remove(self._journal_path)

    def drop(self) -> None:
        """Forget. Raises OSError."""
        _remove(self._journal_path)
        _remove(self._path)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def facts_of(path: str, sha256: str) -> tuple[str, int, int]:
    """What the base remembers of a file that is delivered. Raises OSError."""
    found = os.lstat(path)
    return (sha256, found.st_size, found.st_mtime_ns)


class Folder:
    """The student's folder of one dataset: how a file in it stands to what was delivered."""

    def __init__(self, path: str, watch: Watch) -> None:
        self.path = path
        self._watch = watch
        self._folders: dict[str, str] = {"": "plain"}

    def locate(self, path: str) -> str:
        """Where a file of the dataset stands."""
        return os.path.join(self.path, path)

    def standing(self, path: str, facts: tuple[str, int, int]) -> str:
        """`ours`: as delivered; `touched`: the same content; `theirs`: edited; or `missing`.

        `empty` is nobody's work: emptied, or lost when the machine died (placing.py). Raises
        OSError.
        """
        found = self._look(path)
        if found is None:
            return "missing"
        if not stat.S_ISREG(found.st_mode):
            return "theirs"
        if (found.st_size, found.st_mtime_ns) == facts[1:]:
            return "ours"
        if not found.st_size and facts[1]:
            return "empty"
        return "touched" if self._is_same(path, found, facts[0], facts[1]) else "theirs"

    def is_untouched(self, path: str, facts: tuple[str, int, int]) -> bool:
        """Whether a file has just this size and time. Raises OSError."""
        found = self._look(path)
        return found is not None and (found.st_size, found.st_mtime_ns) == facts[1:]

    def holds(self, path: str, sha256: str, size_bytes: int) -> bool | None:
        """Whether a file has this content; None if it is not there. Raises OSError."""
        found = self._look(path)
        if found is None:
            return None
        return stat.S_ISREG(found.st_mode) and self._is_same(path, found, sha256, size_bytes)

    def make_room_for(self, path: str) -> None:
        """Make the folders above a file. Raises OSError."""
        above = os.path.dirname(path)
        if self._folders.get(above) == "plain":
            return
        os.makedirs(self.locate(above), exist_ok=True)
        while above:
            self._folders[above] = "plain"
            above = os.path.dirname(above)

    def remove(self, path: str) -> None:
        """Remove a file, and folders that are empty then. Raises OSError."""
        os.unlink(self.locate(path))
        above = os.path.dirname(path)
        while above:
            try:
                os.rmdir(self.locate(above))
            except OSError:
                break
            self._folders.pop(above, None)
            above = os.path.dirname(above)

    def _look(self, path: str) -> os.stat_result | None:
        """The file itself, never what a link on the way leads to; None if it is not there."""
        above = self._kind_of(os.path.dirname(path))
        if above == "missing":
            return None
        try:
            # Behind a link, or below a file, everything is the student's: show the obstacle.
            return os.lstat(self.locate(path) if above == "plain" else above)
        except FileNotFoundError:
            return None

    def _kind_of(self, folder: str) -> str:
        """`plain`, `missing`, or the path of the link or file that stands in the way."""
        known = self._folders.get(folder)
        if known is None:
            above = self._kind_of(os.path.dirname(folder))
            known = above if above != "plain" else _kind(self.locate(folder))
            self._folders[folder] = known
        return known

    def _is_same(self, path: str, found: os.stat_result, sha256: str, size_bytes: int) -> bool:
        return found.st_size == size_bytes and hash_file(self.locate(path), self._watch) == sha256


def _kind(path: str) -> str:
    try:
        return "plain" if stat.S_ISDIR(os.lstat(path).st_mode) else path
    except FileNotFoundError:
        return "missing"


def hash_file(path: str, watch: Watch) -> str:
    """The SHA-256 of a file's content. Raises OSError, and OutOfTime."""
    from hashlib import sha256

    digest = sha256()
    with open(path, "rb", buffering=0) as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            watch.beat()
    return digest.hexdigest()
