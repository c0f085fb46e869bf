"""What is kept of builds: small files, each written once.

builds/<number>.json           that it was asked for; who creates it has the number
builds/<number>.contents.json  what is in the image, and what its checks said
builds/<number>.end.json       how it ended
builds/<number>.link.json      page of the run that makes it, where that is elsewhere
builds/turn/                   whose build runs now (``turn``)
builds/known.json              a copy for lists (``records``)
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError

from growth_admin.core.errors import Conflict, NotFound, StorageUnavailable
from growth_admin.core.fsops import create_exclusive, list_names, read_bytes, write_atomic
from growth_admin.core.schema import Model, now
from growth_admin.images.builds.models import BuildEnd, Claim, Contents

M = TypeVar("M", bound=Model)
SHOWN: Final = 100
TRIES: Final = 20
LIMIT_BYTES: Final = 16 * 1024 * 1024


class BuildStore:
    """The builds of one school."""

    def __init__(self, folder: Path, tag_of: Callable[[int, int], str] | None = None) -> None:
        """``tag_of`` tells the tag by revision and number; without it no two builds have one."""
        self.folder = folder
        self._tag_of = tag_of or tag_of_number

    def claim(self, revision: int, *, author: str, reason: str) -> Claim:
        """Take the next number, and with it the tag.

        Raises ``Conflict`` when others take numbers all the time, ``StorageFull`` or
        ``StorageUnavailable``.
        """
        for _ in range(TRIES):
            number = max(self._numbers(), default=0) + 1
            claim = Claim(
                number=number,
                tag=self._tag_of(revision, number),
                revision=revision,
                author=author,
                reason=reason,
                time=now(),
            )
            with suppress(Conflict):
                create_exclusive(self._path(number, ""), claim.model_dump_json(indent=1).encode())
                return claim
        raise Conflict("Builds are being begun by others.", hint="Try again in a moment.")

    def next_tag(self, revision: int) -> str:
        """Return the tag that the next build of a revision gets, if nobody else is first."""
        return self._tag_of(revision, max(self._numbers(), default=0) + 1)

    def list_numbers(self) -> list[int]:
        """Return the newest numbers that were taken, newest first; no file is read."""
        return sorted(self._numbers(), reverse=True)[:SHOWN]

    def get_claim(self, number: int) -> Claim:
        """Return one. Raises ``NotFound``."""
        try:
            return _read(self._path(number, ""), Claim)
        except NotFound:
            raise NotFound(f"There is no build {number}.", hint="List the builds.") from None

    def keep_contents(self, number: int, contents: Contents) -> None:
        """Keep what is in an image. Raises ``StorageFull`` or ``StorageUnavailable``."""
        path = self._path(number, ".contents")
        write_atomic(path, contents.model_dump_json().encode(), is_private=True)

    def get_contents(self, number: int) -> Contents | None:
        """Return what is in an image, nothing before that was looked at."""
        with suppress(NotFound):
            return _read(self._path(number, ".contents"), Contents)
        return None

    def end(self, number: int, end: BuildEnd) -> None:
        """Write down how a build ended. Raises ``StorageFull`` or ``StorageUnavailable``."""
        path = self._path(number, ".end")
        write_atomic(path, end.model_dump_json(indent=1).encode(), is_private=True)

    def get_end(self, number: int) -> BuildEnd | None:
        """Return how a build ended, nothing if it has not, or nobody could say."""
        with suppress(NotFound):
            return _read(self._path(number, ".end"), BuildEnd)
        return None

    def keep_link(self, number: int, link: str) -> None:
        """Keep the page of the run that makes it elsewhere. Raises as ``keep_contents``."""
        write_atomic(self._path(number, ".link"), json.dumps(link).encode(), is_private=True)

    def get_link(self, number: int) -> str:
        """Return the page of the run that makes it elsewhere; empty where there is none."""
        with suppress(NotFound, ValueError):
            found = read_bytes(self._path(number, ".link"), limit_bytes=LIMIT_BYTES)
            return str(json.loads(found))
        return ""

    def end_name(self, number: int) -> str:
        """Return the name of the file that says how a build ended."""
        return self._path(number, ".end").name

    def _numbers(self) -> list[int]:
        names = (name.removesuffix(".json") for name in list_names(self.folder))
        return [int(name) for name in names if name.isdecimal()]

    def _path(self, number: int, kind: str) -> Path:
        return self.folder / f"{number:06d}{kind}.json"


def tag_of_number(revision: int, number: int) -> str:
    """Return the tag of a build that no other one has."""
    return f"r{revision}-b{number}"


def _read(path: Path, model: type[M]) -> M:
    try:
        return model.from_record_json(read_bytes(path, limit_bytes=LIMIT_BYTES))
    except ValidationError as e:
        raise StorageUnavailable(
            f"{path} cannot be read as the record of a build.",
            hint="It was changed by hand. Restore it from a backup or move it away.",
        ) from e
