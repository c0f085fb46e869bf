"""What builds leave on this machine: containers and folders of those that were cut off, old images.
Checks of images that were built elsewhere likewise, and what they fetched.

buildah and Podman remove the working containers of a build themselves, but not when they are killed
or asked to end, and their names cannot be chosen. What tells whose they are is the build argument
CREATED, which both keep beside each container (``buildah.json`` in its folder of the storage): it
is the moment at which the build was asked for. Containers of checks, and folders, have names with
a mark of their build, or of the job of their check.

Who sweeps holds the turn (``turn.py``), so no other build of this school runs anywhere. What is not
known as this school's is left alone: a storage may be shared with others.
"""

from __future__ import annotations

import logging
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from growth_admin.core.errors import GrowthError, LeaseLost
from growth_admin.core.schema import to_rfc3339
from growth_admin.core.words import count
from growth_admin.images.builds.marks import (
    CHECK_PREFIX,
    FETCH_PREFIX,
    FETCHED,
    FOLDER_PREFIXES,
    mark_in,
    mark_of,
)
from growth_admin.images.builds.models import Claim
from growth_admin.images.builds.settings import ImageBuilder
from growth_admin.images.builds.store import BuildStore
from growth_admin.images.builds.tool import Container, ContainerTool
from growth_admin.images.registry.settings import HUB

log = logging.getLogger(__name__)
NUMBER: Final = re.compile(r"r\d+-b(\d+)")
CREATED_ARGUMENT: Final = "CREATED"


@dataclass
class Swept:
    """What was removed."""

    containers: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.containers or self.folders or self.images)

    @property
    def sentence(self) -> str:
        """The same in words."""
        words = [
            count(len(found), what)
            for what, found in (
                ("container", self.containers),
                ("folder", self.folders),
                ("local image", self.images),
            )
            if found
        ]
        if not words:
            return "Nothing was left by builds."
        return f"Removed what builds had left: {', '.join(words)}."


class Leftovers:
    """Sweeps for one school. ``name`` is its image's, without a tag."""

    def __init__(
        self,
        store: BuildStore,
        tool: ContainerTool,
        settings: ImageBuilder,
        name: Callable[[], str],
        ended_checks: Callable[[], Set[str]] = frozenset,
    ) -> None:
        """``ended_checks`` returns the marks of checks that run no more."""
        self._store = store
        self._tool = tool
        self._settings = settings
        self._name = name
        self._ended_checks = ended_checks

    def sweep(self) -> Swept:
        """Remove what dead builds left, and local images beyond ``kept_images``; return it.

        Call it while holding the turn. Raises ``NotConfigured`` where no tool is; what the tool
        does not remove now stays for the next time.
        """
        claims = list(self._claims())
        marks = {mark_of(self._name(), claim) for claim in claims} | self._ended_checks()
        moments = {to_rfc3339(claim.time) for claim in claims}
        found = [one for one in self._tool.list_containers() if self._is_ours(one, marks, moments)]
        fetched = fetched_images(self._name(), marks)
        swept = Swept(folders=sweep_folders(self._settings, marks))
        if found and self._tool.remove_containers([one.id for one in found]):
            swept.containers = [one.name for one in found]
        old = self._old_images({claim.number for claim in claims})
        swept.images = [one for one in (*old, *fetched) if self._tool.remove_image(one)]
        return swept

    @contextmanager
    def tidied(self, say: Callable[[str], None]) -> Iterator[None]:
        """Sweep before a build and after it, however it ends; ``say`` what was found before."""
        self._tidy(say)
        try:
            yield
        except LeaseLost:
            raise  # another server goes on with the build, perhaps on this storage
        except BaseException:
            self._tidy(log.info)
            raise
        self._tidy(log.info)

    def _tidy(self, say: Callable[[str], None]) -> None:
        """Sweep; no build fails because of it."""
        try:
            if swept := self.sweep():
                say(swept.sentence)
        except (GrowthError, OSError) as e:
            log.warning("what builds left could not be removed: %s", e)

    def _claims(self) -> Iterable[Claim]:
        for number in self._store.list_numbers():
            with suppress(GrowthError):  # a damaged record hides no other
                yield self._store.get_claim(number)

    def _is_ours(self, box: Container, marks: set[str], moments: set[str]) -> bool:
        if box.name.startswith(CHECK_PREFIX):
            return mark_in(box.name) in marks
        return self._tool.build_arguments_of(box).get(CREATED_ARGUMENT, "") in moments

    def _old_images(self, numbers: set[int]) -> Sequence[str]:
        """Return the local images of this school's builds but the newest, oldest first."""
        hub = f"{HUB}/"  # Docker leaves it out
        start = f"{self._name()}:".removeprefix(hub)
        found: dict[int, str] = {}
        for reference in self._tool.list_images():
            named = reference.removeprefix(hub)
            tag = NUMBER.fullmatch(named.removeprefix(start))
            if tag and named.startswith(start) and int(tag[1]) in numbers:
                found[int(tag[1])] = reference
        return [found[number] for number in sorted(found)[: -self._settings.kept_images]]


def sweep_folders(settings: ImageBuilder, marks: Set[str]) -> list[str]:
    """Remove the folders with these marks; return their paths."""
    swept = []
    for place in {settings.work_folder or tempfile.gettempdir(), tempfile.gettempdir()}:
        for prefix in FOLDER_PREFIXES:
            for path in Path(place).glob(f"{prefix}*"):
                if mark_in(path.name) in marks:
                    shutil.rmtree(path, ignore_errors=True)
                    swept.append(str(path))
    return swept


def fetched_images(name: str, marks: Set[str]) -> list[str]:
    """Return what checks with these marks fetched here of the image with this name, and did not
    remove: the folder of each fetch stays for as long as its image (``FETCHED``)."""
    found = []
    for path in Path(tempfile.gettempdir()).glob(f"{FETCH_PREFIX}*/{FETCHED}"):
        with suppress(OSError, ValueError):
            said = path.read_text()
            if mark_in(path.parent.name) in marks and said.startswith(f"{name}@sha256:"):
                found.append(said)
    return found
