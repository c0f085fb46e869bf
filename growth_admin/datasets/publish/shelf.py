"""One dataset's folder: its records, its numbered states, and the disk that follows them."""

from __future__ import annotations

import random
import re
import secrets
import time
from collections.abc import Callable, Collection, Iterable
from typing import Final, Self

from growth_admin.core.errors import NotFound, StorageUnavailable
from growth_admin.core.schema import now
from growth_admin.datasets.models import NAME_PATTERN
from growth_admin.datasets.publish.adopting import in_the_way, take_in
from growth_admin.datasets.publish.cache import RecordCache
from growth_admin.datasets.publish.folder import Folder
from growth_admin.datasets.publish.records import NOTHING, State, StoredVersion, number_of

VERSIONS: Final = ".versions"
STATES_KEPT: Final = 50
_BY_HAND_NS: Final = 5_000_000_000
"""A server sets the link right after the state; another's may come between."""
_ATTEMPTS: Final = 200
_PAUSE_S: Final = 0.01
_STATE: Final = re.compile(r"state\.([1-9][0-9]{0,8})\.json")
_TRASH: Final = re.compile(r"\.deleted-(v[1-9][0-9]{0,8})-.+")
_NAME: Final = re.compile(NAME_PATTERN)
Decision = Callable[[State], State | None]


class Shelf:
    """The folder of one name, open. Use it in a ``with``. Raises plain ``OSError`` too."""

    def __init__(self, name: str, data: Folder, folder: Folder, cache: RecordCache) -> None:
        self.name = name
        self.data = data
        self.folder = folder
        self._cache = cache

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.folder.close()

    # -- what there is

    def records(self) -> dict[str, StoredVersion]:
        """Return the readable records of all versions, those never finished or freed too."""
        return self.records_in(self.folder.names())

    def records_in(self, names: Iterable[str]) -> dict[str, StoredVersion]:
        """Return the records among these names of files."""
        found: dict[str, StoredVersion] = {}
        for name in names:
            version = name.removesuffix(".json")
            if name.endswith(".json") and number_of(version):
                stored = self._cache.load(self.folder, name, StoredVersion)
                if stored is None:
                    continue
                if (stored.name, stored.version) == (self.name, version):
                    found[version] = stored
                else:
                    self._cache.note(self.folder.path / name, ValueError("of another version"))
        return found

    def get_record(self, version: str) -> StoredVersion | None:
        """Return one record."""
        return self.records_in([f"{version}.json"]).get(version)

    def save_record(self, stored: StoredVersion) -> None:
        """Replace a record."""
        self.folder.replace(f"{stored.version}.json", stored.model_dump_json().encode())

    def link_now(self) -> str:
        """Return the version that students read, as the link on the disk says; else empty."""
        head, _, version = self.data.link_target(self.name).rpartition("/")
        return version if head == f"{VERSIONS}/{self.name}" and number_of(version) else ""

    def latest(self) -> State:
        """Return the highest state that can be read; what somebody linked by hand since counts."""
        return self.latest_in(self.folder.names())

    def latest_in(self, names: Collection[str]) -> State:
        """Return the state among these names of files."""
        state = self._highest(names)
        link = self.link_now()
        if not link or link == state.current or not self._is_newer(state, names):
            return state
        if link in state.kept:
            return state.model_copy(update={"current": link})
        if state.knows(link) or self.folder.stat(link) is None:
            return state
        # a higher state was there and cannot be read; what students read is not to be lost
        return state.model_copy(update={"current": link, "kept": (*state.kept, link)})

    def history(self) -> tuple[State, ...]:
        """Return the states that are still there, newest first."""
        states = [self._state(n) for n in sorted(_state_numbers(self.folder.names()), reverse=True)]
        return tuple(state for state in states if state is not None)

    def is_plain(self) -> bool:
        """Return whether something that was not published here stands under the name."""
        return self.data.stat(self.name) is not None and not self.link_now()

    def trees(self) -> set[str]:
        """Return the versions whose files are in their place."""
        return {name for name in self.folder.names() if number_of(name)}

    def _highest(self, names: Iterable[str]) -> State:
        for number in sorted(_state_numbers(names), reverse=True):
            state = self._state(number)
            if state is not None:
                return state.model_copy(update={"number": number})
        return NOTHING

    def _state(self, number: int) -> State | None:
        return self._cache.load(self.folder, f"state.{number}.json", State)

    def _is_newer(self, state: State, names: Iterable[str]) -> bool:
        """Return whether the link knows more than the state.

        A higher state cannot be read, or the link is clearly newer, both by the file server's
        clock: then no server set it late.
        """
        if max(_state_numbers(names), default=0) > state.number:
            return True
        link, written = self.data.stat(self.name), self.folder.stat(f"state.{state.number}.json")
        if link is None or written is None:
            return False
        return link.st_mtime_ns - written.st_mtime_ns > _BY_HAND_NS

    def enter_tree(self, version: str) -> Folder:
        """Open the files of a version, also in the trash. Raises ``NotFound``."""
        entries = [entry for found, entry in self.trash() if found == version]
        for entry in (version, *entries):
            if self.folder.stat(entry) is not None:
                return self.folder.enter(entry)
        raise NotFound(
            f"The files of {self.name} {version} are not there.",
            hint="Somebody removed them by hand. Restore another version.",
        )

    # -- changes

    def unless_in_the_way(self, decide: Decision) -> Decision:
        """Return a decision that raises ``Conflict`` where no link could be put under the name."""

        def wary(old: State) -> State | None:
            if self.is_plain():
                raise in_the_way(self.data, self.name)
            return decide(old)

        return wary

    def allocate(self, make: Callable[[str], StoredVersion]) -> StoredVersion:
        """Take the next number by creating its record; no number is ever given twice."""
        for _ in range(_ATTEMPTS):
            version = f"v{self._highest_version() + 1}"
            stored = make(version)
            if self.folder.create(f"{version}.json", stored.model_dump_json().encode()):
                return stored
            time.sleep(random.uniform(0, _PAUSE_S))
        raise _busy(self.name)

    def change(self, decide: Decision) -> State:
        """Go to the state that ``decide`` makes of the latest; have the disk follow; return it.

        ``decide`` is asked again when somebody else was faster, and may raise; nothing means that
        there is nothing to change.
        """
        for _ in range(_ATTEMPTS):
            names = self.folder.names()
            old = self.latest_in(names)
            new = decide(old)
            if new is None:
                self.finish()
                return old
            number = max(_state_numbers(names), default=0) + 1
            new = new.model_copy(update={"number": number, "time": now()})
            if self.folder.create(f"state.{number}.json", new.model_dump_json().encode()):
                self.folder.sync()  # tree, record and state before the link that leads to them
                self.follow()
                self._forget_states(number)
                return new
            time.sleep(random.uniform(0, _PAUSE_S))
        raise _busy(self.name)

    def finish(self) -> None:
        """Do what a killed server left undone; a link that was set by hand since is left alone."""
        names = self.folder.names()
        state = self._highest(names)
        if state.number and not (self.link_now() and self._is_newer(state, names)):
            self.follow()

    def follow(self) -> None:
        """Make link and trash what the highest state says, and stay until it is still the highest.

        Whoever moves something last has looked at the state after that: the slower of two servers
        leaves what the later state says. A rename in this folder makes an NFS client look afresh.
        """
        for _ in range(_ATTEMPTS):
            state = self._highest(self.folder.names())
            self._bring_back(state)
            self._set_link(state)
            self._put_away(state)
            if self._highest(self.folder.names()).number == state.number:
                return
        raise _busy(self.name)

    def remove_freed(self) -> None:
        """Remove the files of versions that were given up for good. Takes its time."""
        state = self._highest(self.folder.names())
        for version, entry in self.trash():
            if version in state.freed:
                self.folder.remove(entry)

    def trash(self) -> list[tuple[str, str]]:
        """Return what lies in the trash: version and name of the entry."""
        return [
            (found[1], name) for name in self.folder.names() if (found := _TRASH.fullmatch(name))
        ]

    def move_tree(self, source: Folder, entry: str, version: str) -> None:
        """Rename a folder to be the tree of a version; ``change`` makes that last."""
        source.move(entry, self.folder, version)

    # -- steps

    def _highest_version(self) -> int:
        names = self.folder.names()
        numbers = (number_of(name.removesuffix(".json")) for name in names)
        in_trash = (number_of(found[1]) for name in names if (found := _TRASH.fullmatch(name)))
        return max(*numbers, *in_trash, 0, 0)

    def _bring_back(self, state: State) -> None:
        trees = self.trees()
        for version, entry in self.trash():
            if version in state.kept and version not in trees:
                self.folder.move(entry, self.folder, version)

    def _put_away(self, state: State) -> None:
        trees = self.trees()
        for version in (*state.deleted, *state.freed):
            if version in trees:
                gone = f".deleted-{version}-{secrets.token_hex(4)}"
                self.folder.move(version, self.folder, gone)

    def _set_link(self, state: State) -> None:
        if not state.current:
            if self.link_now():
                self.data.remove(self.name)
                self.data.sync()
            return
        target = f"{VERSIONS}/{self.name}/{state.current}"
        if self.data.link_target(self.name) == target:
            return
        link = self.folder.make_link(target)
        try:
            if not self.link_now():
                self._clear_place(state.current)
            self.folder.move(link, self.data, self.name)
        except BaseException:
            self.folder.remove(link)
            raise
        self.data.sync()

    def _clear_place(self, version: str) -> None:
        stored = self.get_record(version)
        if stored is not None and stored.is_adopted:
            take_in(self.data, self.name, self.folder, version)
        elif self.data.stat(self.name) is not None:
            raise in_the_way(self.data, self.name)
        if self.folder.stat(version) is None:
            raise StorageUnavailable(
                f"The files of {self.name} {version} are not there.",
                hint="Somebody removed them by hand. Restore another version.",
            )

    def _forget_states(self, number: int) -> None:
        for old in _state_numbers(self.folder.names()):
            if old <= number - STATES_KEPT:
                self.folder.remove(f"state.{old}.json")


def is_name(text: str) -> bool:
    """Return whether the text can be the name of a dataset."""
    return bool(_NAME.fullmatch(text))


def _state_numbers(names: Iterable[str]) -> list[int]:
    return [int(found[1]) for name in names if (found := _STATE.fullmatch(name))]


def _busy(name: str) -> StorageUnavailable:
    return StorageUnavailable(
        f"{name} is changed by others all the time.", hint="Try again in a minute."
    )
