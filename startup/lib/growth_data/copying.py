"""A dataset as a copy that the student may edit; a later version never touches an edited file.

    the file is as it was delivered      the new version of it comes; withdrawn, it goes
    the student edited it                it stays
    the student deleted it               it stays away, until `growth-data restore NAME`
    the student has one of a new name    it stays
    the whole folder was deleted         all of it comes again

What was delivered is remembered in the base (base.py). A run that ends early, for lack of time or
room, is `partial`; the next one goes on.
"""

from __future__ import annotations

import os
import time

from .base import NOT_OURS, REMOVED, Base, Folder, facts_of
from .linking import students_own, what_stands
from .placing import Damaged, NoRoom, Parts, spell_size
from .receipt import Entry
from .shelf import Unusable
from .watched import OutOfTime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .settings import Settings
    from .shelf import Published
    from .watched import Watch


class Copy:
    """One dataset in one home."""

    def __init__(
        self, published: Published, settings: Settings, parts: Parts, watch: Watch
    ) -> None:
        self._published = published
        self._settings = settings
        self._parts = parts
        self._watch = watch
        self._target = os.path.join(settings.folder, published.name)
        self._folder = Folder(self._target, watch)
        self._base = Base(settings.state, published.name)
        self._is_known = self._base.load()
        if self._is_known:
            self._base.recall(self._folder)
        self._count = {"new": 0, "replaced": 0, "removed": 0, "edited": 0, "deleted": 0}
        self.problem = ""

    def is_settled(self) -> bool:
        """Whether the version that is published now was delivered whole. Raises OSError."""
        return (
            self._is_known
            and self._base.is_complete
            and self._base.version == self._published.version
            and what_stands(self._target, self._published) == "folder"
        )

    def bring(self, before: Entry | None, *, is_restoring: bool) -> Entry:
        """Bring the copy up to date. Raises OSError; `problem` is what could not be done."""
        stands = what_stands(self._target, self._published)
        if stands == "other" or (stands == "folder" and not self._is_known):
            return students_own(self._published, "copy")
        if self.is_settled() and not is_restoring:
            settled = self._look_again(before)
            if settled:
                return settled
        try:
            manifest = self._published.read_manifest()
        except Unusable as unusable:
            return self._stay(str(unusable))
        if stands != "folder":
            refused = self._begin(manifest, has_link=stands == "link")
            if refused:
                return refused
        return self._update(manifest, is_restoring)

    def what_changed(self) -> str:
        """For people: `12 new, 1 replaced`; empty if no file was touched."""
        words = [f"{self._count[what]} {what}" for what in ("new", "replaced", "removed")]
        return ", ".join(word for word in words if not word.startswith("0 "))

    def give_back(self) -> Entry | None:
        """Make way for a link: remove the copy if nothing in it is the student's.

        None if the place is free now, else what stays. Raises OSError, OutOfTime.
        """
        if what_stands(self._target, self._published) != "folder" or not self._is_known:
            return None
        theirs = self._students_files()
        if theirs:
            detail = f"is a link for others; this copy stays, {theirs} files in it are own"
            version = self._base.version
            return Entry(self._published.name, "copy", version, "edited", theirs, detail)
        for path, facts in list(self._base.files.items()):
            if self._folder.standing(path, facts) != "missing":
                self._folder.remove(path)
        for folder, _, _ in os.walk(self._target, topdown=False):
            os.rmdir(folder)
        return None

    def forget(self) -> None:
        """The dataset is no copy any more. Raises OSError."""
        if self._is_known:
            self._base.drop()

    def _students_files(self) -> int:
        """How many files in the folder were not delivered, or were edited."""
        count = 0
        for folder, folders, files in os.walk(self._target):
            links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
            for name in files + links:
                path = os.path.relpath(os.path.join(folder, name), self._target)
                facts = self._base.files.get(path, NOT_OURS)
                count += self._folder.standing(path, facts) == "theirs"
        return count

    def _stay(self, problem: str) -> Entry:
        """Nothing can be brought; what the student has stays."""
        self.problem = problem
        is_whole = self._is_known and self._base.is_complete
        version = self._base.version if self._is_known else ""
        state = "behind" if is_whole else "partial" if self._is_known else "missing"
        return Entry(self._published.name, "copy", version, state, 0, problem)

    def _begin(self, manifest: dict[str, tuple[str, int]], *, has_link: bool) -> Entry | None:
        """Begin anew in an empty folder; an entry if there is a link now and no room instead."""
        needed = sum(size for _, size in manifest.values())
        if has_link and needed > self._settings.room_bytes():
            self.problem = f"no room for a copy ({spell_size(needed)}); the link stays"
            version = self._published.version
            return Entry(self._published.name, "link", version, "partial", 0, self.problem)
        self._base.version, self._base.is_complete, self._base.files = "", False, {}
        # Before the folder is made: without a base it would pass for the student's own.
        self._base.save()
        if has_link:
            os.unlink(self._target)
        os.makedirs(self._target, exist_ok=True)
        return None

    def _look_again(self, before: Entry | None) -> Entry | None:
        """Count edits in a copy that is up to date; None if something is to be brought after all.

        Cut short by the run's limit for this, the edits of the run before are told again.
        """
        count = {"edited": 0, "deleted": 0}
        is_news = False
        told = before if before and before.state == "edited" else self._entry("current")
        for path, facts in self._base.files.items():
            if time.monotonic() > self._settings.scan_until:
                return told
            try:
                standing = self._folder.standing(path, facts)
            except OutOfTime:
                return told
            if standing == "empty" or (standing == "missing" and facts == NOT_OURS):
                return None
            if standing == "touched":
                self._base.files[path] = facts_of(self._folder.locate(path), facts[0])
                is_news = True
            count["edited"] += standing == "theirs"
            count["deleted"] += standing == "missing"
        self._count.update(count)
        if is_news:
            self._base.save()
        return self._entry("current")

    def _update(self, manifest: dict[str, tuple[str, int]], is_restoring: bool) -> Entry:
        self._base.version, self._base.is_complete = self._published.version, False
        done = 0
        stopped = ""
        try:
            for path in [path for path in self._base.files if path not in manifest]:
                self._withdraw(path)
            for path, (sha256, size_bytes) in manifest.items():
                self._settle(path, sha256, size_bytes, is_restoring)
                done += 1
            self._base.is_complete = True
        except OutOfTime:
            stopped = "the next run goes on"
        except NoRoom as full:
            stopped = self.problem = str(full)
        except Damaged as damaged:
            stopped = self.problem = f"{path} {damaged}"
        except OSError as failed:
            stopped = self.problem = f"{path}: {failed.strerror}"
        self._base.save()
        if stopped:
            return self._entry("partial", f"{done} of {len(manifest)} files; {stopped}")
        return self._entry("current")

    def _entry(self, state: str, detail: str = "") -> Entry:
        edited, deleted = self._count["edited"], self._count["deleted"]
        if edited + deleted and state == "current":
            state = "edited"
        words = [f"{edited} edited" * bool(edited), f"{deleted} deleted" * bool(deleted), detail]
        detail = ", ".join(word for word in words if word)
        name, version = self._published.name, self._published.version
        return Entry(name, "copy", version, state, edited + deleted, detail)

    def _withdraw(self, path: str) -> None:
        """A file that the new version does not have: it goes, unless the student edited it."""
        if self._folder.standing(path, self._base.files[path]) in ("ours", "touched", "empty"):
            self._base.note(path, REMOVED)
            self._folder.remove(path)
            self._count["removed"] += 1
        del self._base.files[path]

    def _settle(self, path: str, sha256: str, size_bytes: int, is_restoring: bool) -> None:
        """Bring one file, if it is to come. Raises what ends this run."""
        self._watch.beat()
        facts = self._base.files.get(path, NOT_OURS)
        standing = self._folder.standing(path, facts)
        if standing == "ours" and facts[0] == sha256:
            return
        if standing == "missing" and facts != NOT_OURS and not is_restoring:
            self._count["deleted"] += 1
        elif standing == "theirs" and not self._folder.holds(path, sha256, size_bytes):
            self._base.files[path] = facts
            self._count["edited"] += 1
        elif standing in ("missing", "empty") or (standing != "theirs" and facts[0] != sha256):
            self._place(path, sha256, size_bytes)
            self._count["new" if standing == "missing" else "replaced"] += 1
        else:  # it has the new content already: an interrupted run brought it, or the student
            self._base.files[path] = facts_of(self._folder.locate(path), sha256)

    def _place(self, path: str, sha256: str, size_bytes: int) -> None:
        self._folder.make_room_for(path)
        self._base.files[path] = self._parts.place(
            os.path.join(self._published.version_path, path),
            self._folder.locate(path),
            sha256,
            size_bytes,
            lambda facts: self._base.note(path, facts),
        )
        self._watch.progress(f"{self._published.name}: {path}")
