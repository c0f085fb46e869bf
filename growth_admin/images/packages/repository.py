"""The repository at GitHub that the image is built from: its few files that are edited here."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from growth_admin.core.errors import NotConfigured
from growth_admin.images.github.git_data import GitData
from growth_admin.images.github.place import RepositoryPlace
from growth_admin.images.packages.folder import sha256_of
from growth_admin.images.packages.models import FILES, FileKey, FileText, SourceKind

COMMITS_KEPT: Final = 50


class SourceRepository:
    """See ``Source``. What a commit holds never changes, and is asked once."""

    kind: SourceKind = "github"

    def __init__(self, place: RepositoryPlace, data: GitData) -> None:
        self._place, self._data = place, data
        self._lock = threading.Lock()
        self._known: OrderedDict[str, dict[FileKey, str | None]] = OrderedDict()

    @property
    def place(self) -> str:
        """See ``Source``."""
        return f"{self._place.name} at GitHub"

    @property
    def link(self) -> str:
        """See ``Source``."""
        return self._place.page()

    def require(self) -> None:
        """See ``Source``."""
        self._place.require()

    def read(self) -> dict[FileKey, FileText]:
        """See ``Source``."""
        return {
            key: FileText(
                file=key,
                path=FILES[key],
                is_present=text is not None,
                sha256=sha256_of(text or ""),
                text=text or "",
            )
            for key, text in self._at(self._data.head()).items()
        }

    def texts(self) -> dict[FileKey, str]:
        """See ``Source``."""
        return self.texts_at(self._data.head())

    def texts_at(self, commit: str) -> dict[FileKey, str]:
        """Return every file's text as a commit has it. Raises as ``read``."""
        return {key: text or "" for key, text in self._at(commit).items()}

    def _at(self, commit: str) -> dict[FileKey, str | None]:
        with self._lock:
            known = self._known.get(commit)
        if known is None:
            found = self._data.read_files(commit, list(FILES.values()))
            known = dict(zip(FILES, found, strict=True))
            with self._lock:
                self._known[commit] = known
                while len(self._known) > COMMITS_KEPT:
                    self._known.popitem(last=False)
        if known["dockerfile"] is None:
            raise NotConfigured(
                f"There is no image's source in {self._place.name}: it has no Dockerfile.",
                hint="Put the files of growth-admin's folder image/ into its root, and push.",
            )
        return known
