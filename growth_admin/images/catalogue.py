"""Which of many tags are shown: a registry lists their names only, and in no order that helps.

What a tag names takes one question, and when that was built two more (the manifest and the
configuration), which are asked once for each digest. So a look asks about a bounded number of tags:
those that must be shown, the newest of those whose age is known, and some that were never looked
at, the likely newest first. After a few looks the age of all is known.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from growth_admin.core.errors import GrowthError
from growth_admin.core.words import count
from growth_admin.images.looking import LONG_AGO, Album, built
from growth_admin.images.models import Image
from growth_admin.images.registry.client import Registry

SHOWN: Final = 200
LEARNT: Final = 100
"""Tags that were never looked at and that one look asks about, once there are enough to show."""
PAST: Final = 20
"""Promoted digests whose own tags are looked for, the newest ones."""
GONE: Final = "gone"
"""What a tag names that is listed and not there: some registries list what was deleted."""
OURS: Final = re.compile(r"r\d+-b\d+")
"""Tags of builds of this console (``builds.store``)."""
NUMBERS: Final = re.compile(r"\d+|\D+")


@dataclass(frozen=True)
class Seen:
    """One tag that was asked about; ``image`` or, where it cannot be read, ``problem``."""

    tag: str
    digest: str
    image: Image | None
    problem: str = ""


@dataclass(frozen=True)
class Look:
    """The tags to show, newest first, and how many others have no known age yet."""

    shown: tuple[Seen, ...]
    unknown: int

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said of those that are not shown."""
        if not self.unknown:
            return ()
        return (
            f"The age of {count(self.unknown, 'tag')} is not known yet, so newer images may be "
            "among them; each look at this list asks about more of them.",
        )


class Catalogue:
    """The tags of one image. Safe to use from several threads."""

    def __init__(self, registry: Registry, album: Album) -> None:
        self._registry = registry
        self._album = album
        self._lock = threading.Lock()
        self._named: dict[str, str] = {}
        self._built: dict[str, datetime] = {GONE: LONG_AGO}
        self._tried: set[str] = set()

    def look(self, names: Sequence[str], *, tag: str, past: Sequence[str]) -> Look:
        """Return which tags to show; ``tag`` and those of ``past`` digests always are.

        ``past`` are the digests that ``tag`` has named, newest first. Raises
        ``RegistryUnavailable`` or ``RegistryRefused``.
        """
        kept = self._kept(names, tag, past)
        digests = self._ask(self._asked(names, kept, learnt=LEARNT))
        images = dict(self._registry.each(self._read, {*digests.values()}))
        self._remember(images)
        seen = [Seen(one, digest, *images[digest]) for one, digest in digests.items()]
        seen.sort(key=lambda one: one.tag)
        seen.sort(key=lambda one: built(one.image), reverse=True)
        must, before = {*kept}, {*past}
        first = sorted(
            seen, key=lambda o: (o.tag != tag, o.tag not in must, o.digest not in before)
        )
        chosen = {one.tag for one in first[:SHOWN]}
        return Look(
            tuple(one for one in seen if one.tag in chosen),
            unknown=len({*self._unknown(names)} - chosen),
        )

    def named(self, names: Sequence[str], *, tag: str, past: Sequence[str]) -> dict[str, str]:
        """Return what the tags name that a look would ask about, and others as last seen."""
        asked = self._asked(names, self._kept(names, tag, past), learnt=0)
        fresh = self._ask(asked)
        with self._lock:
            old = {one: self._named.get(one, GONE) for one in names}
        return {one: digest for one, digest in (old | fresh).items() if digest != GONE}

    # -- what to ask about

    def _kept(self, names: Sequence[str], tag: str, past: Sequence[str]) -> list[str]:
        """Return the tags that are shown however old they are, as far as they are known."""
        images = dict(self._registry.each(self._read, past[:PAST]))
        # an image that was built here says itself with which tag
        said = [image.version for image, _ in images.values() if image is not None]
        with self._lock:
            known = [one for one in names if self._named.get(one) in {*past}]
        wanted = [tag, *(previous_tag(tag, digest) for digest in past), *said, *known]
        there = {*names}
        return [one for one in dict.fromkeys(wanted) if one in there][:SHOWN]

    def _asked(self, names: Sequence[str], kept: Sequence[str], *, learnt: int) -> list[str]:
        with self._lock:
            ages = {
                one: self._built[digest]
                for one in names
                if (digest := self._named.get(one, "")) in self._built
            }
        newest = sorted(ages, key=lambda one: ages[one], reverse=True)
        chosen = list(dict.fromkeys([*kept, *newest]))[:SHOWN]
        left = [one for one in self._unknown(names) if one not in {*chosen}]
        return [*chosen, *left[: max(learnt, SHOWN - len(chosen))]]

    def _unknown(self, names: Sequence[str]) -> list[str]:
        """Return the tags whose age is not known, the likely newest first."""
        with self._lock:
            unknown = [one for one in names if self._named.get(one, "") not in self._built]
            # one that could not be read comes after all that were never tried
            return sorted(
                unknown, key=lambda one: (one not in self._tried, _likely(one)), reverse=True
            )

    # -- asking

    def _ask(self, tags: Iterable[str]) -> dict[str, str]:
        found = dict(self._registry.each(self._registry.head, tags))
        with self._lock:
            self._tried |= found.keys()
            self._named |= {one: digest for one, digest in found.items() if digest}
            for gone in (one for one, digest in found.items() if not digest):
                self._named[gone] = GONE
        return {one: digest for one, digest in found.items() if digest}

    def _read(self, digest: str) -> tuple[Image | None, str]:
        try:
            return self._album.get(digest), ""
        except GrowthError as e:
            return None, e.detail

    def _remember(self, images: dict[str, tuple[Image | None, str]]) -> None:
        with self._lock:
            self._built |= {
                digest: built(image) for digest, (image, _) in images.items() if image is not None
            }


def previous_tag(tag: str, digest: str) -> str:
    """Return the tag of its own that an image gets when another one takes its place."""
    return f"{tag[:100]}-{digest.partition(':')[2][:12]}"


def _likely(tag: str) -> tuple[bool, list[tuple[int, int | str]]]:
    """Return what sorts tags by how new they probably are: numbers by their size, not as text."""
    words = [(1, int(word)) if word.isdecimal() else (0, word) for word in NUMBERS.findall(tag)]
    return bool(OURS.fullmatch(tag)), [*words]
