"""What each version carries: a manifest, checksums for ``sha256sum -c``, a registry for pooch."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from growth_admin.core.errors import StorageUnavailable
from growth_admin.core.schema import to_rfc3339
from growth_admin.datasets.facts import FileRecord
from growth_admin.datasets.publish.records import VersionDraft

MANIFEST: Final = "MANIFEST.json"
SUMS: Final = "SHA256SUMS"
REGISTRY: Final = "registry.txt"
_AS_OURS: Final = {
    MANIFEST: "MANIFEST.growth.json",
    SUMS: "SHA256SUMS.growth",
    REGISTRY: "registry.growth.txt",
}
_UNSAYABLE: Final = re.compile("[\n\r\ud800-\udfff]")


@dataclass(frozen=True)
class Names:
    """What our three files are called in one version."""

    manifest: str = MANIFEST
    sums: str = SUMS
    registry: str = REGISTRY

    @property
    def all(self) -> tuple[str, str, str]:
        """All three."""
        return (self.manifest, self.sums, self.registry)


def names_for(paths: Collection[str]) -> Names:
    """Return names for our files that the data does not use itself, whatever the case."""
    taken = {path.partition("/")[0].casefold() for path in paths}

    def free(name: str) -> str:
        while name.casefold() in taken:
            name = _AS_OURS.get(name) or f"growth.{name}"
        return name

    return Names(free(MANIFEST), free(SUMS), free(REGISTRY))


def manifest_bytes(
    name: str, files: Sequence[FileRecord], draft: VersionDraft, published: datetime
) -> bytes:
    """Return the manifest: what it is, then one line per file. Same input, same bytes."""
    head = {
        "schema": 1,
        "dataset": name,
        "published": to_rfc3339(published),
        "published_by": draft.published_by,
        "source": draft.source.as_json(),
        "verified_with": draft.verified_with,
        "sha256": draft.sha256,
        "is_extracted": draft.is_extracted,
        "delivery": draft.delivery,
        "note": draft.note,
        "size_bytes": sum(file.size_bytes for file in files),
        "file_count": len(files),
    }
    lines = ",\n".join(
        f'  {{"path": {json.dumps(file.path)}, "size_bytes": {file.size_bytes}, '
        f'"sha256": "{file.sha256}"}}'
        for file in sorted(files)
    )
    return f'{json.dumps(head, indent=1)[:-2]},\n "files": [\n{lines}\n ]\n}}\n'.encode()


def read_manifest(data: bytes) -> tuple[FileRecord, ...]:
    """Return the files that a manifest names. Raises ``StorageUnavailable`` if it is none."""
    try:
        rows = json.loads(data)["files"]
        files = tuple(
            FileRecord(str(row["path"]), int(row["size_bytes"]), str(row["sha256"])) for row in rows
        )
    except (ValueError, KeyError, TypeError) as e:
        raise StorageUnavailable(
            "The manifest cannot be read.", hint="Publish the data again, or restore a version."
        ) from e
    return files


def sums_bytes(files: Sequence[FileRecord]) -> bytes:
    """Return what ``sha256sum -c`` reads, names escaped as coreutils escapes them.

    https://www.gnu.org/software/coreutils/manual/html_node/md5sum-invocation.html
    """
    return b"".join(_sum_line(file) for file in sorted(files))


def _sum_line(file: FileRecord) -> bytes:
    name = file.path.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    mark = "" if name == file.path else "\\"
    return os.fsencode(f"{mark}{file.sha256}  {name}\n")


def registry_bytes(files: Sequence[FileRecord]) -> bytes:
    """Return what ``pooch.Pooch.load_registry`` reads: one name and one hash per line.

    A name with a line break, or one that is not UTF-8, cannot be said there; a comment names it.
    """
    return "".join(_registry_lines(files)).encode()


def _registry_lines(files: Sequence[FileRecord]) -> Iterator[str]:
    for file in sorted(files):
        if _UNSAYABLE.search(file.path):
            yield f"# cannot be listed here: {json.dumps(file.path)}\n"
        else:
            yield f"{shlex.quote(file.path)} sha256:{file.sha256}\n"


def sha256_of(data: bytes) -> str:
    """Return the digest in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
