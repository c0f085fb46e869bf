"""Hashes a published version again: what is damaged, missing, added."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

from growth_admin.core.errors import GrowthError, StorageUnavailable
from growth_admin.core.schema import now
from growth_admin.datasets.facts import Control, FileRecord
from growth_admin.datasets.models import Check
from growth_admin.datasets.publish.folder import Folder
from growth_admin.datasets.publish.manifest import (
    Names,
    names_for,
    read_manifest,
    registry_bytes,
    sha256_of,
    sums_bytes,
)

EXAMPLES: Final = 20
BLOCK_BYTES: Final = 1 << 20
_THREADS: Final = min(8, (os.cpu_count() or 1) + 2)
_CHUNK: Final = 64
_MANIFEST_LIMIT_BYTES: Final = 1 << 30
_STORAGE_IS_AWAY: Final = (errno.ESTALE, errno.ETIMEDOUT, errno.ENOTCONN, errno.EHOSTDOWN)


@dataclass
class Findings:
    """What was found so far; filled from several threads."""

    damaged: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)

    def as_check(self, by: str, files: int) -> Check:
        """Return the findings as they cross the wire."""
        told = [
            *(f"{path} (damaged)" for path in sorted(self.damaged)[:EXAMPLES]),
            *(f"{path} (missing)" for path in sorted(self.missing)[:EXAMPLES]),
            *(f"{path} (added)" for path in sorted(self.added)[:EXAMPLES]),
        ]
        return Check(
            time=now(),
            by=by,
            files=files,
            damaged=len(self.damaged),
            missing=len(self.missing),
            added=len(self.added),
            examples=tuple(told[:EXAMPLES]),
        )


def verify_tree(
    tree: Folder, manifest: str, manifest_sha256: str, *, by: str, control: Control
) -> Check:
    """Return how the files of a version compare with its manifest, read in parallel threads.

    A manifest that is not the published one counts as damaged; if it cannot be read at all, no
    file can be judged. A file that gives a read error is damaged. Raises ``StorageUnavailable``
    when the storage itself is away, and what ``control.check`` raises.
    """
    found = Findings()
    files, ours = _listed(tree, manifest, manifest_sha256, found)
    known = {file.path for file in files} | set(ours.all)
    if files:
        found.added += [path for path in _walk(tree, "") if path not in known]
        _Hashing(tree, files, found, control).run()
    return found.as_check(by, len(files))


def _listed(
    tree: Folder, manifest: str, manifest_sha256: str, found: Findings
) -> tuple[tuple[FileRecord, ...], Names]:
    """Return what the manifest names, after a look at our own three files."""
    if tree.stat(manifest) is None:
        found.missing.append(manifest)
        return (), Names()
    try:
        data = tree.read(manifest, limit_bytes=_MANIFEST_LIMIT_BYTES)
        if sha256_of(data) != manifest_sha256:
            found.damaged.append(manifest)
        files = read_manifest(data)
    except (OSError, GrowthError) as e:
        _require_storage(e)
        found.damaged = [manifest]
        return (), Names()
    ours = names_for([file.path for file in files])
    for name, right in ((ours.sums, sums_bytes(files)), (ours.registry, registry_bytes(files))):
        if tree.stat(name) is None:
            found.missing.append(name)
        elif _read_or_empty(tree, name, len(right)) != right:
            found.damaged.append(name)
    return files, ours


def _read_or_empty(tree: Folder, name: str, size_bytes: int) -> bytes:
    try:
        return tree.read(name, limit_bytes=size_bytes)
    except (OSError, StorageUnavailable) as e:
        _require_storage(e)
        return b""


def _walk(folder: Folder, prefix: str) -> Iterator[str]:
    """Yield the path of everything in the tree that is no folder."""
    with os.scandir(folder.fd) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in found:
        if is_folder:
            with folder.enter(name) as child:
                yield from _walk(child, f"{prefix}{name}/")
        else:
            yield prefix + name


class _Hashing:
    """Hashes the files of a tree in threads (``hashlib`` lets others run meanwhile)."""

    def __init__(
        self, tree: Folder, files: Sequence[FileRecord], found: Findings, control: Control
    ) -> None:
        self._tree = tree
        self._files = sorted(files)
        self._found = found
        self._control = control
        self._total_bytes = sum(file.size_bytes for file in files)
        self._done_bytes = 0
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def run(self) -> None:
        chunks = [self._files[i : i + _CHUNK] for i in range(0, len(self._files), _CHUNK)]
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="growth-verify") as pool:
            futures = [pool.submit(self._hash_all, chunk) for chunk in chunks]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                self._stopped.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _hash_all(self, files: Sequence[FileRecord]) -> None:
        buffer = memoryview(bytearray(BLOCK_BYTES))
        self._control.check()
        for file in files:
            if self._stopped.is_set():
                return
            verdict = self._judge(file, buffer)
            if verdict is not None:
                with self._lock:
                    verdict.append(file.path)

    def _judge(self, file: FileRecord, buffer: memoryview) -> list[str] | None:
        """Return the list that the file belongs into, nothing if it is as it was published."""
        try:
            with ExitStack() as stack:
                *folders, name = file.path.split("/")
                folder = self._tree
                for part in folders:
                    folder = stack.enter_context(folder.enter(part))
                fd = stack.enter_context(folder.opened(name))
                is_same = self._hash(fd, buffer) == file.sha256
        except FileNotFoundError:
            return self._found.missing
        except (OSError, StorageUnavailable) as e:
            _require_storage(e)
            return self._found.damaged
        return None if is_same else self._found.damaged

    def _hash(self, fd: int, buffer: memoryview) -> str:
        digest = hashlib.sha256()
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return ""
        while (count := os.readv(fd, [buffer])) and not self._stopped.is_set():
            digest.update(buffer[:count])
            with self._lock:
                self._done_bytes += count
                self._control.progress(self._done_bytes, self._total_bytes, unit="bytes")
            self._control.check()
        return digest.hexdigest()


def _require_storage(e: Exception) -> None:
    """Raise if the storage is away, which says nothing about the file."""
    if isinstance(e, OSError) and e.errno in _STORAGE_IS_AWAY:
        raise StorageUnavailable(
            f"The storage does not answer: {e.strerror}.",
            hint="Check that the shared folder is mounted, then verify again.",
        ) from e
