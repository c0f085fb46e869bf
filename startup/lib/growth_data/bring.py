"""All datasets, top to bottom: links first, because they cost no time; then the copies."""

from __future__ import annotations

import errno
import fcntl
import os
import time

from . import linking, receipt
from .copying import Copy
from .placing import Parts
from .receipt import Entry
from .shelf import Unusable, list_published
from .watched import OutOfTime

_LOCK_PATIENCE_S = 10.0

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .receipt import Receipt
    from .settings import Settings
    from .shelf import Published
    from .watched import Watch


def bring(settings: Settings, watch: Watch, *, restoring: str = "", is_talkative: bool) -> None:
    """Bring everything up to date and leave the receipt.

    `restoring` names a copy of which deleted files come back. `is_talkative`: say so too if
    nothing was to be done.
    """
    try:
        watch.doing(settings.state)
        os.makedirs(settings.state, exist_ok=True)
        if not _lock(settings.state, watch):
            watch.fail("another growth-data is at work; try again when it has ended")
            return
        before = receipt.read(settings.state)
        settings.folder_name = settings.folder_name or before.folder or "data"
        watch.doing(settings.data)
        published = _list(settings, watch)
        if published is None:
            return
        run = _Run(settings, watch, before)
        run.bring(published, restoring)
        if is_talkative and not run.lines:
            watch.say(f"{len(published)} datasets in {settings.folder}, nothing new")
    except OSError as failed:
        watch.fail(f"{failed.filename or settings.folder}: {failed.strerror}")


def _list(settings: Settings, watch: Watch) -> list[Published] | None:
    """What is published; None if that cannot be known now."""
    try:
        return list_published(settings.data)
    except FileNotFoundError:
        watch.say(f"no datasets: {settings.data} is not there")
        receipt.write(settings, {})
    except OSError as failed:
        watch.fail(f"{settings.data}: {failed.strerror}")
    return None


class _Run:
    """One run over all datasets."""

    def __init__(self, settings: Settings, watch: Watch, before: Receipt) -> None:
        self._settings = settings
        self._watch = watch
        self._before = before.entries
        self._parts = Parts(settings, watch)
        self._entries: dict[str, Entry] = {}
        self.lines = 0

    def bring(self, published: list[Published], restoring: str) -> None:
        os.makedirs(self._settings.folder, exist_ok=True)
        for name in linking.remove_withdrawn(self._settings):
            self._say(f"{name}: not published any more, its link is removed")
        copies = [one for one in published if self._deliver_link(one)]
        if restoring and restoring not in [one.name for one in copies]:
            self._watch.fail(f"{restoring} is not delivered as a copy: there is nothing to restore")
        pending = [(one, self._copy(one)) for one in copies]
        if any(not copy.is_settled() for _, copy in pending):
            self._announce([one for one, copy in pending if not copy.is_settled()])
        for one, copy in pending:
            self._deliver_copy(one, copy, is_restoring=one.name == restoring)
        self._parts.tidy()
        receipt.write(self._settings, self._entries)

    def _copy(self, published: Published) -> Copy:
        return Copy(published, self._settings, self._parts, self._watch)

    def _deliver_link(self, published: Published) -> bool:
        """Link a dataset; True if it is to be a copy instead."""
        self._watch.doing(published.name)
        try:
            if self._delivery_of(published) == "copy":
                return True
            self._enter(self._give_back(published) or self._link(published))
        except Unusable as unusable:
            self._link_at_least(published, str(unusable))
        except (OSError, OutOfTime) as failed:
            self._fail(published, "link", failed)
        return False

    def _give_back(self, published: Published) -> Entry | None:
        """Make way for the link where there was a copy; an entry if the copy stays."""
        target = self._target(published)
        if linking.what_stands(target, published) != "folder":
            return None
        copy = self._copy(published)
        entry = copy.give_back()
        if linking.what_stands(target, published) == "nothing":
            copy.forget()
        return entry

    def _link_at_least(self, published: Published, reason: str) -> None:
        """Nobody can tell how it is to be delivered: a link does no harm where nothing stands."""
        try:
            entry = self._link(published)
        except OSError as failed:
            self._fail(published, "link", failed)
            return
        if entry.state == "current":
            entry.state, entry.detail = "partial", reason
        self._enter(entry)
        self._watch.fail(f"{published.name}: {reason}")

    def _link(self, published: Published) -> Entry:
        return linking.link(self._target(published), published)

    def _target(self, published: Published) -> str:
        return os.path.join(self._settings.folder, published.name)

    def _deliver_copy(self, published: Published, copy: Copy, *, is_restoring: bool) -> None:
        self._watch.doing(published.name)
        try:
            entry = copy.bring(self._before.get(published.name), is_restoring=is_restoring)
        except OSError as failed:
            self._fail(published, "copy", failed)
            return
        self._enter(entry, copy.what_changed())
        if copy.problem:
            self._watch.fail(f"{published.name}: {copy.problem}")

    def _delivery_of(self, published: Published) -> str:
        """Asked of the disk only for a version that was not delivered before."""
        known = self._before.get(published.name)
        if known and known.state == "current" and known.version == published.version:
            return known.delivery
        return published.read_delivery()

    def _announce(self, copies: list[Published]) -> None:
        """Write down what is about to be copied, so that a killed run is seen to be partial."""
        begun = {
            one.name: Entry(one.name, "copy", one.version, "partial", 0, "has begun")
            for one in copies
        }
        receipt.write(self._settings, {**self._before, **self._entries, **begun})

    def _enter(self, entry: Entry, changes: str = "") -> None:
        """Note what a dataset is now, and say so if that is news."""
        self._entries[entry.name] = entry
        before = self._before.get(entry.name)
        if changes or before is None or before.fields() != entry.fields():
            words = [entry.delivery, entry.version, entry.state, changes, entry.detail]
            self._say(f"{entry.name}: {', '.join(word for word in words if word)}")

    def _fail(self, published: Published, delivery: str, failed: Exception) -> None:
        reason = failed.strerror if isinstance(failed, OSError) else str(failed) or "out of time"
        entry = Entry(published.name, delivery, "", "missing", 0, f"could not be done: {reason}")
        self._entries[published.name] = entry
        self._watch.fail(f"{published.name}: {reason}")

    def _say(self, line: str) -> None:
        self.lines += 1
        self._watch.say(line)


def _lock(state: str, watch: Watch) -> bool:
    """Wait for another run to end; True also where locks cannot be had. Raises OSError."""
    descriptor = os.open(os.path.join(state, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + _LOCK_PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as failed:
            if failed.errno not in (errno.EAGAIN, errno.EACCES):
                return True
            if time.monotonic() > deadline:
                return False
            watch.beat()
            time.sleep(0.05)
        else:
            return True
