"""The folders of all datasets below one data folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from growth_admin.core.errors import GrowthError, InvalidInput, NotFound
from growth_admin.core.fsops import make_folder, storage_errors
from growth_admin.datasets.publish.cache import RecordCache
from growth_admin.datasets.publish.folder import Folder
from growth_admin.datasets.publish.shelf import VERSIONS, Shelf, is_name

T = TypeVar("T")


class Shelves:
    """Opens the folders of datasets."""

    def __init__(self, data: Path, cache: RecordCache) -> None:
        self._data = data
        self._cache = cache

    @contextmanager
    def opened(self, name: str, *, make: bool = False) -> Iterator[Shelf]:
        """Yield the open folder of one name.

        Raises ``NotFound`` (never with ``make``), ``InvalidInput``, and what storage raises.
        """
        if not is_name(name):
            raise InvalidInput(
                f"{name[:80]!r} cannot be the name of a dataset.",
                hint="Use letters, digits and . _ - only, begin with a letter or digit.",
                fields=[("name", "not a name")],
            )
        with storage_errors(self._data / name):
            if make:
                make_folder(self._data)
            try:
                shelf = self._open(name, make=make)
            except FileNotFoundError as e:
                raise NotFound(
                    f"No dataset {name!r} was published here.", hint="List the datasets."
                ) from e
            with shelf.data, shelf:
                yield shelf

    def each(self, work: Callable[[Shelf], T]) -> list[T]:
        """Do something with every name that something was published under.

        One that cannot be opened is left out and noted.
        """
        results = []
        for name in self._names():
            try:
                with self.opened(name) as shelf:
                    results.append(work(shelf))
            except GrowthError as e:
                self._cache.note(self._data / VERSIONS / name, e)
        return results

    def _names(self) -> list[str]:
        with (
            storage_errors(self._data),
            suppress(FileNotFoundError),
            Folder.at(self._data) as data,
            data.enter(VERSIONS) as versions,
        ):
            return sorted(name for name in versions.names() if is_name(name))
        return []

    def _open(self, name: str, *, make: bool) -> Shelf:
        data = Folder.at(self._data)
        try:
            with data.make(VERSIONS) if make else data.enter(VERSIONS) as versions:
                folder = versions.make(name) if make else versions.enter(name)
        except BaseException:
            data.close()
            raise
        return Shelf(name, data, folder, self._cache)
