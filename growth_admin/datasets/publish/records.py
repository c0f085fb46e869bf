"""What lies on the disk about a dataset: one record per version, and the numbered states.

``<vN>.json`` is a version's record; creating it takes the number, for good. ``state.<n>.json``
says which versions there are and which one students read. States are numbered and each is created
with ``link``, so that one server wins and the next must look again: the highest one counts, and
everything on the disk (the link, what is in the trash) follows it. A server that was killed in
between is finished by whoever comes next. The older states are the history: who replaced what.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from growth_admin.core.schema import Model, Moment
from growth_admin.datasets.models import Check, Delivery, SourceRecord, Version, VersionId

VERSION: Final = re.compile(r"v([1-9][0-9]{0,8})")
CHECKS_KEPT: Final = 10
Action = Literal["none", "publish", "adopt", "restore", "delete", "undelete", "free", "forget"]


@dataclass(frozen=True)
class VersionDraft:
    """What the one who publishes says about the version; its number comes later.

    ``replaces`` is the version that was current when it was planned, empty if none was.
    """

    source: SourceRecord
    published_by: str
    verified_with: str = ""
    sha256: str = ""
    is_extracted: bool = False
    delivery: Delivery = "link"
    note: str = ""
    replaces: str = ""


@dataclass(frozen=True)
class PublishOutcome:
    """What publishing did. ``was_expected``: ``replaced`` is what the draft said it replaces."""

    version: Version
    replaced: str
    was_expected: bool


class StoredVersion(Model):
    """A version's record. ``job`` is the work that took the number, empty for what was adopted."""

    name: str
    version: VersionId
    job: str = ""
    is_adopted: bool = False
    published: Moment
    published_by: str
    size_bytes: int
    files: int
    source: SourceRecord
    verified_with: str = ""
    sha256: str = ""
    manifest: str = Field(default="", description="its file name in the version")
    manifest_sha256: str = ""
    is_extracted: bool = False
    delivery: Delivery = "link"
    note: str = ""
    replaces: str = Field(default="", description="what was to be current when it was planned")
    checks: tuple[Check, ...] = Field(default=(), description="the last ones, newest last")


class State(Model):
    """What there is under one name. A version that no state names was never finished."""

    number: int
    current: str
    kept: tuple[str, ...]
    deleted: dict[str, Moment] = Field(default_factory=dict, description="in the trash, since when")
    freed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = Field(default=(), description="what went when all was deleted")
    dropped_current: str = ""
    action: Action
    version: str = ""
    replaced: str = Field(default="", description="what was current before")
    was_expected: bool = True
    by: str = ""
    time: Moment | None = None

    def knows(self, version: str) -> bool:
        """Return whether the version was published at some time."""
        return version in self.kept or version in self.deleted or version in self.freed


NOTHING: Final = State(number=0, current="", kept=(), action="none")
"""Before anything was published."""


def number_of(name: str) -> int:
    """Return the number in ``v<number>``, 0 if it is something else."""
    found = VERSION.fullmatch(name)
    return int(found[1]) if found else 0


def newest_first(versions: tuple[str, ...]) -> list[str]:
    """Return version ids by falling number."""
    return sorted(versions, key=number_of, reverse=True)


def as_version(stored: StoredVersion, state: State, current: str) -> Version:
    """Return a version as it crosses the wire."""
    return Version(
        name=stored.name,
        version=stored.version,
        is_current=stored.version == current,
        published=stored.published,
        published_by=stored.published_by,
        size_bytes=stored.size_bytes,
        files=stored.files,
        source=stored.source,
        verified_with=stored.verified_with,
        sha256=stored.sha256,
        manifest_sha256=stored.manifest_sha256,
        is_extracted=stored.is_extracted,
        delivery=stored.delivery,
        note=stored.note,
        deleted=state.deleted.get(stored.version),
        last_check=stored.checks[-1] if stored.checks else None,
    )
