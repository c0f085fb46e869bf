"""The last steps of a file: compared, made last, put at its place."""

from __future__ import annotations

import hmac
import mmap
import os
import stat
from collections.abc import Container
from pathlib import Path

from growth_admin.datasets.facts import Checksum, FetchedFile, RemoteFile, SourceProblem
from growth_admin.datasets.fetch.digest import Digester
from growth_admin.datasets.fetch.disk import FINAL_MODE, disk_errors, settle_mode, write_whole
from growth_admin.datasets.fetch.journal import DoneFile, key_of
from growth_admin.datasets.fetch.part import Part
from growth_admin.datasets.fetch.run import Run


def verified_with(file: RemoteFile, digester: Digester, expected: Checksum | None) -> str:
    """Return the algorithm of the published digest that ours matched, empty if there is none.

    Raises ``checksum_mismatch``.
    """
    for checksum, who in ((expected, "the checksum given by hand"), (file.checksum, "the source")):
        if checksum is None:
            continue
        ours = digester.hexdigest(checksum.algorithm)
        if not hmac.compare_digest(ours, checksum.hexdigest.lower()):
            raise SourceProblem(
                "checksum_mismatch",
                f"{file.path} is not what {who} says: its {checksum.algorithm} is {ours}, "
                f"not {checksum.hexdigest}.",
                hint="Nothing was kept. Look whether the link is the right one and the checksum "
                "is that of this file; the file may have been replaced, or damaged on its way.",
            )
    known = file.checksum or expected
    return known.algorithm if known else ""


def put_in_place(run: Run, part: Part) -> FetchedFile:
    """Verify a whole part and move it to its place.

    Raises ``checksum_mismatch``, ``StorageFull`` or ``StorageUnavailable``.
    """
    file, total = part.file, part.total or 0
    algorithm = verified_with(file, part.digester, run.options.expected)
    sha256 = part.digester.hexdigest("sha256")
    known = DoneFile(part.key, total, sha256, algorithm, is_synced=part.content is None)
    with disk_errors(run.place(file.path), total):
        target = run.make_place(file.path)
        if part.content is not None:
            write_whole(target, part.content)  # at once: it counts when the journal knows it
        else:
            run.keeper.settle(part)
            settle_mode(part.fd, FINAL_MODE)
            part.close()
            run.journal.add_done((file.path, known))  # before the move: the move can be done again
            part.path.replace(target)
    run.placed(part, known)
    return fetched(file, known)


def remove_unknown(folder: str, known: Container[str]) -> None:
    """Remove the files whose paths are not ``known``: a killed process was writing them.

    Raises ``OSError``.
    """
    for around, _, names in os.walk(folder):
        for name in names:
            path = f"{around}/{name}"
            if path[len(f"{folder}/") :] not in known:
                Path(path).unlink()


def find_done(run: Run, file: RemoteFile, buffer: mmap.mmap) -> FetchedFile | None:
    """Return the file if an earlier process fetched it and it is still what it was.

    A file that may not have reached the disk is read again. Raises ``StorageUnavailable``.
    """
    known = run.journal.done.get(file.path)
    if known is None or known.key != key_of(file):
        return None
    target = Path(run.place(file.path))
    part = run.folder / f"{known.key}.part"
    with disk_errors(target):
        if not _has(target, known.size_bytes):
            if not (known.is_synced and _has(part, known.size_bytes)):
                return None
            part.replace(run.make_place(file.path))
            run.keeper.placed((file.path, known))
        elif not known.is_synced and _digest(run, target, buffer) != known.sha256:
            return None
    run.count(known.size_bytes)
    return fetched(file, known)


def fetched(file: RemoteFile, known: DoneFile) -> FetchedFile:
    """Return the file as whoever called the fetcher gets it."""
    return FetchedFile(file.path, known.size_bytes, known.sha256, known.verified_with, file.locator)


def _has(path: Path, size_bytes: int) -> bool:
    """Return whether this is a regular file of that size."""
    try:
        state = path.stat(follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return stat.S_ISREG(state.st_mode) and state.st_size == size_bytes


def _digest(run: Run, path: Path, buffer: mmap.mmap) -> str:
    digester = Digester(())
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        digester.catch_up(fd, os.fstat(fd).st_size, run.halt.check, buffer)
    finally:
        os.close(fd)
    return digester.hexdigest("sha256")
