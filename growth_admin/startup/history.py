"""Revisions and publications as immutable files, numbered by who creates the file first.

revisions/<script>/texts/<sha256>            a text, once
revisions/<script>/<number>.json             a revision; created with ``link``, never changed
revisions/<script>/live/<number>.json        a publication, likewise
revisions/<script>/evidence/<sha256>/<job>.json   what a trial found
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError

from growth_admin.core.errors import Conflict, NotFound, StorageUnavailable
from growth_admin.core.fsops import create_exclusive, list_names, read_bytes
from growth_admin.core.paths import safe_name
from growth_admin.core.schema import Model
from growth_admin.startup.models import Evidence, Publication, Revision

M = TypeVar("M", bound=Model)
FIRST_TOO_HIGH: Final = 1_000_000  # names have six digits, and sort as text


def sha256_of(text: bytes) -> str:
    """Return the SHA-256 of a text (hex)."""
    return hashlib.sha256(text).hexdigest()


class RevisionStore:
    """The past of one script."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put_text(self, text: bytes) -> str:
        """Keep a text and return its hash. Keeping it twice is keeping it once."""
        digest = sha256_of(text)
        with suppress(Conflict):
            create_exclusive(self._folder / "texts" / digest, text)
        return digest

    def get_text(self, digest: str) -> bytes:
        """Return a text. Raises ``NotFound``, or ``StorageUnavailable`` if it was tampered with."""
        text = read_bytes(self._folder / "texts" / safe_name(digest, "text"))
        if sha256_of(text) != digest:
            raise StorageUnavailable(
                f"The kept text {digest[:12]} is damaged: its hash does not match.",
                hint="Restore it from a backup of the admin folder.",
            )
        return text

    def add_revision(self, revision: Revision) -> None:
        """Write a revision. Raises ``Conflict`` when its number is taken."""
        self._add(self._folder / f"{revision.number:06d}.json", revision)

    def add_publication(self, publication: Publication) -> None:
        """Write a publication. Raises ``Conflict`` when its number is taken."""
        self._add(self._folder / "live" / f"{publication.number:06d}.json", publication)

    def add_evidence(self, evidence: Evidence) -> None:
        """Write what a trial found; a job that was taken over may say it twice."""
        folder = self._folder / "evidence" / evidence.sha256
        with suppress(Conflict):
            self._add(folder / f"{safe_name(evidence.job_id, 'job')}.json", evidence)

    def list_revisions(self) -> list[Revision]:
        """Return all revisions, newest first."""
        return list(self._iterate(self._folder, Revision))

    def list_publications(self) -> list[Publication]:
        """Return all publications, newest first."""
        return list(self._iterate(self._folder / "live", Publication))

    def list_evidence(self, digest: str) -> list[Evidence]:
        """Return what is known about a text, newest first."""
        found = self._iterate(self._folder / "evidence" / digest, Evidence)
        return sorted(found, key=lambda evidence: evidence.time, reverse=True)

    def get_revision(self, number: int) -> Revision:
        """Return one revision. Raises ``NotFound``."""
        try:
            if not 0 < number < FIRST_TOO_HIGH:
                raise NotFound(f"Revisions count from 1; {str(number)[:20]} is none.")
            return _read(self._folder / f"{number:06d}.json", Revision)
        except NotFound:
            raise NotFound(
                f"There is no revision r{str(number)[:20]}.", hint="List the history."
            ) from None

    def head(self) -> Revision | None:
        """Return the newest revision, if there is one."""
        return next(self._iterate(self._folder, Revision), None)

    def last_publication(self) -> Publication | None:
        """Return the newest publication, if there is one."""
        return next(self._iterate(self._folder / "live", Publication), None)

    def find(self, digest: str) -> Revision | None:
        """Return the newest revision with this text."""
        return next((r for r in self._iterate(self._folder, Revision) if r.sha256 == digest), None)

    def _add(self, path: Path, record: Model) -> None:
        create_exclusive(path, record.model_dump_json(indent=1).encode())

    def _iterate(self, folder: Path, model: type[M]) -> Iterator[M]:
        """Yield the records of a folder, newest first, each read when it is asked for."""
        names = (n for n in list_names(folder) if n.endswith(".json") and not n.startswith("."))
        for name in sorted(names, reverse=True):
            yield _read(folder / name, model)


def _read(path: Path, model: type[M]) -> M:
    """Return a record. Raises ``NotFound``, or ``StorageUnavailable`` if it is damaged."""
    try:
        return model.from_record_json(read_bytes(path))
    except ValidationError as e:
        raise StorageUnavailable(
            f"{path} cannot be read as a {model.__name__.lower()}.",
            hint="It was changed by hand. Restore it from a backup or move it away.",
        ) from e
