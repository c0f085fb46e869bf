"""Archives damaged at random: a refusal or the right files, never anything else."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import random
import tarfile
import zipfile
from pathlib import Path

import py7zr
import pytest
import zstandard

from growth_admin.datasets.archive.unpack import UnpackLimits, unpack
from growth_admin.datasets.facts import SourceProblem
from tests.unit.datasets.archive.raw import member, tar_bytes
from tests.unit.datasets.archive.told import Told, harm, snapshot

FILES = {
    "a.csv": b"1,2\n" * 60,
    "folder/b.bin": bytes(range(256)) * 3,
    "folder/deeper/c": b"",
    "d" * 120: b"long name",
}
TAR = tar_bytes(
    *(member(name, data) for name, data in FILES.items()),
    member("link", type=tarfile.SYMTYPE, linkname="a.csv"),
)
CODES = ("archive_unsafe", "archive_damaged", "not_an_archive", "too_large")


def _zip(method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _seven() -> bytes:
    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w") as archive:
        for name, data in FILES.items():
            archive.writestr(data or b"-", name)
    return buffer.getvalue()


WHOLE = {
    "stored.zip": _zip(zipfile.ZIP_STORED),
    "deflated.zip": _zip(zipfile.ZIP_DEFLATED),
    "bzip2.zip": _zip(zipfile.ZIP_BZIP2),
    "lzma.zip": _zip(zipfile.ZIP_LZMA),
    "plain.tar": TAR,
    "gnu.tar": tar_bytes(*(member(n, d) for n, d in FILES.items()), form=tarfile.GNU_FORMAT),
    "packed.tar.gz": gzip.compress(TAR, mtime=0),
    "packed.tar.bz2": bz2.compress(TAR),
    "packed.tar.xz": lzma.compress(TAR),
    "packed.tar.zst": zstandard.ZstdCompressor(write_checksum=True).compress(TAR),
    "packed.7z": _seven(),
}
CHECKED = frozenset(WHOLE) - {"plain.tar", "gnu.tar"}
"""Formats with checksums of the data: what comes out must be what went in."""
ROUNDS = {"packed.7z": 25}
DEFAULT_ROUNDS = 60


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Return the archive after one to three accidents."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(changed))
        size = min(chance.choice((1, 2, 4, 16, 200)), len(changed) - at)
        kind = chance.randrange(7)
        if kind == 0:
            changed[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            changed[at : at + size] = chance.randbytes(size)
        elif kind == 2:
            del changed[at : at + size]
        elif kind == 3:
            changed[at:at] = changed[at : at + size]
        elif kind == 4:
            changed[at : at + size] = bytes(size)
        elif kind == 5:
            changed[at : at + size] = b"\xff" * size
        else:
            del changed[max(at, 40) :]
    return bytes(changed)


@pytest.mark.parametrize("name", WHOLE)
def test_archive_when_damaged_at_random_then_refused_or_right(name: str, tmp_path: Path) -> None:
    chance = random.Random(f"growth {name}")
    contents = {*FILES.values(), b"-"}
    accepted = 0
    (tmp_path / "around").mkdir()
    archive = tmp_path / name
    for number in range(ROUNDS.get(name, DEFAULT_ROUNDS)):
        archive.write_bytes(mutate(WHOLE[name], chance))
        into = tmp_path / f"into-{number}"
        try:
            records = unpack(
                archive, into, limits=UnpackLimits(total_bytes=1 << 24), control=Told()
            )
        except SourceProblem as problem:
            assert problem.code in CODES
        else:
            accepted += 1
            for record in records:
                data = (into / record.path).read_bytes()
                assert record.size_bytes == len(data)
                assert record.sha256 == hashlib.sha256(data).hexdigest()
                assert name not in CHECKED or data in contents
        assert harm(into) == []
    names = {path.name for path in tmp_path.iterdir() if not path.name.startswith("into-")}
    assert names == {"around", name}
    assert snapshot(tmp_path / "around") == {}
    print(f"{name}: {accepted} of {ROUNDS.get(name, DEFAULT_ROUNDS)} still right, the rest refused")


@pytest.mark.parametrize("name", [name for name in WHOLE if name != "packed.7z"])
def test_archive_when_cut_anywhere_then_refused(name: str, tmp_path: Path) -> None:
    whole = WHOLE[name]
    # what a tar archive is padded with after its end may be missing
    needed = len(whole.rstrip(b"\0")) + 512 if name.endswith(".tar") else len(whole)
    archive = tmp_path / name
    for size in {*range(0, min(needed, len(whole)), max(1, needed // 80)), len(whole) - 1} - {0}:
        if name.endswith(".tar") and size > needed:
            continue
        archive.write_bytes(whole[:size])
        with pytest.raises(SourceProblem):
            unpack(
                archive,
                tmp_path / f"into-{size}",
                limits=UnpackLimits(total_bytes=1 << 24),
                control=Told(),
            )
