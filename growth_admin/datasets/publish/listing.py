"""What the data folder holds, from records: no walk over what was published here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from growth_admin.core.errors import GrowthError
from growth_admin.datasets.models import Dataset, SpacePart
from growth_admin.datasets.publish.cache import RecordCache
from growth_admin.datasets.publish.folder import Folder
from growth_admin.datasets.publish.records import as_version, newest_first
from growth_admin.datasets.publish.shelf import VERSIONS, Shelf, is_name
from growth_admin.datasets.publish.sizes import SizeCache


class Lister:
    """Describes datasets; remembers records and sizes as last read."""

    def __init__(self, cache: RecordCache) -> None:
        self._cache = cache
        self._sizes = SizeCache()
        self._stage_sizes = SizeCache(fresh_s=10)

    def all_in(self, data: Folder) -> Iterator[Dataset]:
        """Yield every dataset by name, those too that were not published here.

        One that cannot be looked at is left out and noted.
        """
        names = {name for name in data.names() if not name.startswith(".")}
        with suppress(FileNotFoundError), data.enter(VERSIONS) as versions:
            names |= {name for name in versions.names() if is_name(name)}
        for name in sorted(names):
            try:
                found = self.describe(data, name)
            except (OSError, GrowthError) as e:
                self._cache.note(data.path / VERSIONS / name, e)
                continue
            if found is not None:
                yield found

    def describe(self, data: Folder, name: str) -> Dataset | None:
        """Return what there is under a name; nothing if nothing was ever finished there."""
        try:
            with data.enter(VERSIONS) as versions:
                shelf = Shelf(name, data, versions.enter(name), self._cache)
        except FileNotFoundError:
            return self._describe_plain(data, name)
        with shelf:
            names = shelf.folder.names()
            state, current = shelf.latest_in(names), shelf.link_now()
            records = shelf.records_in(names)
        if not current and data.stat(name) is not None:
            return self._describe_plain(data, name)
        order = [*newest_first(state.kept), *newest_first(tuple(state.deleted))]
        if current in records and current not in order:
            order.insert(0, current)
        found = [as_version(records[v], state, current) for v in order if v in records]
        if not found and not current:
            return None
        stored = records.get(current)
        return Dataset(
            name=name,
            current=current,
            path=str(data.path / name),
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
