"""What the data folder holds, from records: no walk over what was published here."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from growth_admin.core.errors import GrowthError
from growth_admin.datasets.models import Dataset, SpacePart
from growth_admin.datasets.publish.cache import RecordCache
from growth_admin.datasets.publish.folder import Folder
from growth_admin.datasets.publish.records import as_version, newest_first
from growth_admin.datasets.publish.shelf import VERSIONS, Shelf, is_name
from growth_admin.datasets.publish.sizes import SizeCache

_SETTLED_NS: Final = 10_000_000_000


class Lister:
    """Describes datasets; remembers records and sizes as last read."""

    def __init__(self, cache: RecordCache) -> None:
        self._cache = cache
        self._sizes = SizeCache()
        self._known: dict[str, tuple[tuple[int, int, str], Dataset | None]] = {}
        self._stage_sizes = SizeCache(fresh_s=10)

    def all_in(self, data: Folder) -> Iterator[Dataset]:
        """Yield every dataset by name, those too that were not published here.

        One that cannot be looked at is left out and noted.
        """
        with _versions_of(data) as versions:
            names = {name for name in data.names() if not name.startswith(".")}
            if versions is not None:
                names |= {name for name in versions.names() if is_name(name)}
            for name in sorted(names):
                try:
                    found = self._describe(data, versions, name)
                except (OSError, GrowthError) as e:
                    self._cache.note(data.path / VERSIONS / name, e)
                    continue
                if found is not None:
                    yield found

    def describe(self, data: Folder, name: str) -> Dataset | None:
        """Return what there is under a name; nothing if nothing was ever finished there."""
        with _versions_of(data) as versions:
            return self._describe(data, versions, name)

    def _describe(self, data: Folder, versions: Folder | None, name: str) -> Dataset | None:
        folder = versions.stat(name) if versions is not None else None
        if versions is None or folder is None:
            return self._describe_plain(data, name)
        link = data.link_target(name) or str(data.stat(name) is not None)
        mark = (folder.st_ino, folder.st_mtime_ns, link)
        known = self._known.get(name)
        if known is not None and known[0] == mark:
            return known[1]
        with Shelf(name, data, versions.enter(name), self._cache) as shelf:
            dataset = self._describe_shelf(shelf)
        if not shelf.link_now() and data.stat(name) is not None:
            return self._describe_plain(data, name)
        # a folder that was changed just now may change again within the same tick of its clock
        if time.time_ns() - folder.st_mtime_ns > _SETTLED_NS:
            self._known[name] = (mark, dataset)
        return dataset

    def _describe_shelf(self, shelf: Shelf) -> Dataset | None:
        names = shelf.folder.names()
        state, current = shelf.latest_in(names), shelf.link_now()
        records = shelf.records_in(names)
        order = [*newest_first(state.kept), *newest_first(tuple(state.deleted))]
        if current in records and current not in order:
            order.insert(0, current)
        found = [as_version(records[v], state, current) for v in order if v in records]
        if not found and not current:
            return None
        stored = records.get(current)
        return Dataset(
            name=shelf.name,
            current=current,
            path=str(shelf.data.path / shelf.name),
            delivery=stored.delivery if stored else "link",
            size_bytes=sum(version.size_bytes for version in found),
            versions=tuple(found),
        )

    def _describe_plain(self, data: Folder, name: str) -> Dataset | None:
        if data.stat(name) is None:
            return None
        return Dataset(
            name=name,
            current="",
            path=str(data.path / name),
            is_managed=False,
            size_bytes=self._sizes.measure(data, name).size_bytes,
            versions=(),
        )

    def staged(self, staging: Folder) -> Iterator[SpacePart]:
        """Yield what each job's folder, and the uploads, take: a short walk, kept for seconds."""
        for name in sorted(staging.names()):
            size = self._stage_sizes.measure(staging, name)
            if size.size_bytes:
                yield SpacePart(name=name, what="staging", size_bytes=size.size_bytes)


@contextmanager
def _versions_of(data: Folder) -> Iterator[Folder | None]:
    """Yield the open folder of all versions, nothing if nothing was ever published."""
    with ExitStack() as stack:
        versions = None
        with suppress(FileNotFoundError):
            versions = stack.enter_context(data.enter(VERSIONS))
        yield versions


def parts_of(datasets: Sequence[Dataset]) -> Iterator[SpacePart]:
    """Yield the bytes of datasets by what they are."""
    for dataset in datasets:
        if not dataset.is_managed:
            yield SpacePart(name=dataset.name, what="unmanaged", size_bytes=dataset.size_bytes)
            continue
        current = earlier = trash = 0
        for version in dataset.versions:
            if version.is_current:
                current += version.size_bytes
            elif version.deleted is None:
                earlier += version.size_bytes
            else:
                trash += version.size_bytes
        if current:
            yield SpacePart(name=dataset.name, what="current", size_bytes=current)
        if earlier:
            yield SpacePart(name=dataset.name, what="earlier", size_bytes=earlier)
        if trash:
            yield SpacePart(name=dataset.name, what="trash", size_bytes=trash)


def is_entry(name: str) -> bool:
    """Return whether the text can be a visible entry of the data folder."""
    return bool(name) and not name.startswith(".") and Path(name).name == name and "\0" not in name
