"""Which repository it is, and the one client that asks about it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from growth_admin.core.github.cache import ReplyCache
from growth_admin.core.github.exchange import path_of
from growth_admin.core.github.settings import GitHub

if TYPE_CHECKING:
    from growth_admin.core.github.calls import Calls


class RepositoryPlace:
    """A repository by its name, and how it is asked. Safe to use from several threads."""

    def __init__(
        self, name: str, github: GitHub, *, branch: str = "", cache_folder: Path | None = None
    ) -> None:
        """``name`` is OWNER/NAME. Replies are kept below ``cache_folder``."""
        self.name, self.github = name, github
        self._branch = branch.strip()
        self._cache = ReplyCache(cache_folder)
        self._lock = threading.Lock()
        self._calls: Calls | None = None

    @property
    def calls(self) -> Calls:
        """The client; made when it is needed: PyGithub takes 0.1 s to import.

        Raises ``NotConfigured`` for an address that cannot be used.
        """
        with self._lock:
            if self._calls is None:
                from growth_admin.core.github.calls import Calls

                self._calls = Calls(self.github, self._cache)
            return self._calls

    @property
    def owner(self) -> str:
        """The organization, or the person, whose it is."""
        return self.name.partition("/")[0]

    @property
    def branch(self) -> str:
        """The branch that is built; asked for where none is set. Raises as ``Calls.read``."""
        if not self._branch:
            what = f"the repository {self.name}"
            found = self.calls.read(self.path(), what=what, fields=("default_branch",))
            self._branch = str(found.data["default_branch"])
        return self._branch

    def path(self, *words: object, rest: str = "") -> str:
        """Return the path of an address about it; ``rest`` is appended as it is."""
        return path_of("repos", *self.name.split("/"), *words) + rest

    def page(self, *words: str) -> str:
        """Return the address of a page for people."""
        return self.github.page(self.name, *words)

    def require(self) -> None:
        """Raise ``NotConfigured`` without a credential that can be used. GitHub is not asked."""
        self.calls.credential()
