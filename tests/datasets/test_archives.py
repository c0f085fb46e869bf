"""Archives as the programs themselves write them: tar, zip, 7-Zip, bsdtar, zstd, Python.

Needs the Debian packages zip, 7zip (or p7zip-full), libarchive-tools, zstd, xz-utils and bzip2.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from growth_admin.datasets.archive.unpack import UnpackLimits, measure, unpack
from growth_admin.datasets.facts import SourceProblem
from tests.unit.datasets.archive.told import Told, harm

LIMITS = UnpackLimits(total_bytes=1 << 30)
HOLE_BYTES = 3 << 20
Tree = dict[str, str]

TAR_FORMATS = ("v7", "oldgnu", "gnu", "ustar", "posix")
COMMANDS = {
    **{
        f"tar --format={form}": ("data.tar", f"tar --format={form} -cf OUT .")
        for form in TAR_FORMATS
    },
    **{
        f"tar sparse {version}": (
            "data.tar",
            f"tar --format=posix --sparse --sparse-version={version} -cf OUT .",
        )
        for version in ("0.0", "0.1", "1.0")
    },
    "tar sparse gnu": ("data.tar", "tar --format=gnu --sparse -cf OUT ."),
    "tar gzip": ("data.tar.gz", "tar -czf OUT ."),
    "tar bzip2": ("data.tar.bz2", "tar -cjf OUT ."),
    "tar xz": ("data.tar.xz", "tar -cJf OUT ."),
    "tar xz -9e": ("data.tar.xz", "tar -c . | xz -9e > OUT"),
    "tar xz -T2": ("data.tar.xz", "tar -c . | xz -T2 --block-size=262144 > OUT"),
    "tar zstd": ("data.tar.zst", "tar --zstd -cf OUT ."),
    "tar zstd --long=27": ("data.tar.zst", "tar -c . | zstd -q --long=27 -19 > OUT"),
    "tar zstd -T0": ("data.tar.zst", "tar -c . | zstd -q -T0 --no-check > OUT"),
    "tar, by name": ("data.tar", "tar -cf OUT *"),
    "tar, absolute folder cut off": ("data.tar.gz", "tar -czf OUT -C $PWD ."),
    "tar, appended": ("data.tar", "tar -cf OUT text.csv && tar -rf OUT --exclude=text.csv ."),
    "tar, a label": ("data.tar", "tar -V backup -cf OUT ."),
    "zip": ("data.zip", "zip -qr OUT ."),
    "zip -0": ("data.zip", "zip -q0r OUT ."),
    "zip -9": ("data.zip", "zip -q9r OUT ."),
    "zip -Z bzip2": ("data.zip", "zip -qr -Z bzip2 OUT ."),
    "zip to a pipe": ("data.zip", "zip -qr - . | cat > OUT"),
    "zip -fz (zip64)": ("data.zip", "zip -qr -fz OUT ."),
    "zip without folders": ("data.zip", "zip -qrD OUT ."),
    "7z": ("data.7z", "7z a OUT ."),
    "7z -mx9": ("data.7z", "7z a -mx9 OUT text.csv"),
    "7z not solid": ("data.7z", "7z a -ms=off OUT ."),
    "7z PPMd": ("data.7z", "7z a -m0=ppmd OUT text.csv"),
    "7z LZMA": ("data.7z", "7z a -m0=lzma OUT ."),
    "7z BZip2": ("data.7z", "7z a -m0=bzip2 OUT ."),
    "7z Deflate": ("data.7z", "7z a -m0=deflate OUT ."),
    "7z BCJ": ("data.7z", "7z a -m0=bcj -m1=lzma2 OUT ."),
    "7z plain list": ("data.7z", "7z a -mhc=off OUT ."),
    "7z as zip": ("data.zip", "7z a -tzip OUT ."),
    "7z as zip, LZMA": ("data.zip", "7z a -tzip -mm=lzma OUT ."),
    "7z as zip, BZip2": ("data.zip", "7z a -tzip -mm=bzip2 OUT ."),
    "7z as tar": ("data.tar", "7z a -ttar OUT ."),
    "bsdtar pax": ("data.tar", "bsdtar --format=pax -cf OUT ."),
    "bsdtar ustar": ("data.tar", "bsdtar --format=ustar -cf OUT ."),
    "bsdtar gnutar": ("data.tar", "bsdtar --format=gnutar -cf OUT ."),
    "bsdtar gzip": ("data.tar.gz", "bsdtar -czf OUT ."),
    "bsdtar zip": ("data.zip", "bsdtar -a -cf OUT ."),
    "bsdtar zip to a pipe": ("data.zip", "bsdtar --format=zip -cf - . | cat > OUT"),
    "bsdtar 7z": ("data.7z", "bsdtar --format=7zip -cf OUT ."),
    "python -m zipfile": ("data.zip", "PYTHON -m zipfile -c OUT *"),
    "python -m tarfile": ("data.tar.gz", "PYTHON -m tarfile -c OUT *"),
}
SINGLE = {
    "gzip": ("text.csv.gz", "gzip -c text.csv > OUT"),
    "gzip, twice": (
        "text.csv.gz",
        "(head -c 1000 text.csv | gzip; tail -c +1001 text.csv | gzip) > OUT",
    ),
    "bzip2": ("text.csv.bz2", "bzip2 -c text.csv > OUT"),
    "xz": ("text.csv.xz", "xz -c text.csv > OUT"),
    "zstd": ("text.csv.zst", "zstd -q -c text.csv > OUT"),
}
REFUSED = {
    "zip -e": ("data.zip", "zip -qr -P secret OUT .", "encrypted"),
    "7z -p": ("data.7z", "7z a -psecret OUT .", "encrypted"),
    "7z -p -mhe": ("data.7z", "7z a -psecret -mhe=on OUT .", "encrypted"),
    "7z as zip, AES": ("data.zip", "7z a -tzip -psecret -mem=AES256 OUT .", "encrypted"),
    "7z as zip, Deflate64": ("data.zip", "7z a -tzip -mm=deflate64 OUT .", "Deflate64"),
    "tar -P": ("data.tar", "tar -cPf OUT $PWD/text.csv", "absolute"),
    "tar of a pipe": ("data.tar", "mkfifo pipe && tar -cf OUT pipe; rm pipe", "pipe"),
    "tar of a device": ("data.tar", "tar -cf OUT -C /dev null", "character device"),
    "tar, two in a row": ("data.tar", "(tar -c text.csv; tar -c data) > OUT", "other data"),
    "zip -y, a link out": ("data.zip", "ln -s /etc/passwd out; zip -qry OUT .; rm out", "leaves"),
    "7z -snl, a link out": ("data.7z", "ln -s /etc/passwd o; 7z a -snl OUT .; rm o", "leaves"),
    "zstd --long=31": (
        "data.tar.zst",
        "tar -c . | zstd -q --ultra -1 --long=31 > OUT",
        "memory",
    ),
    "zip, two volumes": (
        "data.zip",
        "zip -q0r -s 1m vol.zip . && cp vol.zip OUT; rm vol.*",
        "no archive",
    ),
    "7z -mx9 of a program": ("data.7z", "7z a -mx9 OUT data/program", "BCJ2"),
}


@pytest.fixture(scope="module")
def packed_tree(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Tree]:
    """Return a folder to pack, and the SHA-256 of each file in it."""
    top = tmp_path_factory.mktemp("tree")
    chance = random.Random("growth")
    (top / "data/deep/er").mkdir(parents=True)
    (top / "data/nothing").mkdir()
    lines = "".join(f"{at},{at * at},{chance.random()}\n" for at in range(30_000))
    (top / "text.csv").write_text(lines)
    (top / "data/noise.bin").write_bytes(chance.randbytes(1_500_000))
    (top / "data/deep/er/empty").write_bytes(b"")
    (top / "data/deep/Größe ä.txt").write_text("umlaut")
    (top / ("data/" + "long-name-" * 9)).write_text("almost a hundred bytes")
    (top / "data/program").write_bytes(Path("/bin/true").read_bytes())
    (top / "data/program").chmod(0o4755)
    with (top / "data/holes.bin").open("wb") as file:
        file.write(b"begin")
        file.seek(HOLE_BYTES)
        file.write(b"middle")
        file.truncate(2 * HOLE_BYTES)
    return top, digests(top)


def digests(top: Path) -> Tree:
    """Return the SHA-256 of each file below a folder."""
    return {
        str(path.relative_to(top)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in top.rglob("*")
        if path.is_file()
    }


def make(command: str, top: Path, out: Path) -> None:
    """Run a packing command in a folder."""
    line = command.replace("OUT", str(out)).replace("PYTHON", sys.executable)
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line], cwd=top, capture_output=True, text=True, timeout=120
    )
    assert out.exists(), f"{line}\n{done.stdout}\n{done.stderr}"
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("title", COMMANDS)
def test_archive_when_made_by_its_program_then_unpacked_byte_for_byte(
    title: str, packed_tree: tuple[Path, Tree], tmp_path: Path
) -> None:
    top, wanted = packed_tree
    name, command = COMMANDS[title]
    make(command, top, tmp_path / name)
    if "text.csv" in command and "exclude" not in command:
        wanted = {"text.csv": wanted["text.csv"]}
    into = tmp_path / "into"
    records = unpack(tmp_path / name, into, limits=LIMITS, control=Told())
    assert {record.path: record.sha256 for record in records} == wanted
    assert digests(into) == wanted
    assert harm(into) == []
    facts = measure(tmp_path / name)
    assert facts.size_bytes in (None, sum(record.size_bytes for record in records))
    print(f"{title:30} {facts.format:8} {len(records)} files")


@pytest.mark.parametrize("title", SINGLE)
def test_file_when_packed_alone_then_named_after_its_archive(
    title: str, packed_tree: tuple[Path, Tree], tmp_path: Path
) -> None:
    top, wanted = packed_tree
    name, command = SINGLE[title]
    make(command, top, tmp_path / name)
    unpack(tmp_path / name, tmp_path / "into", limits=LIMITS, control=Told())
    assert digests(tmp_path / "into") == {"text.csv": wanted["text.csv"]}


@pytest.mark.parametrize("title", REFUSED)
def test_archive_when_its_program_made_it_unsafe_then_refused(
    title: str, packed_tree: tuple[Path, Tree], tmp_path: Path
) -> None:
    name, command, reason = REFUSED[title]
    top = tmp_path / "top"
    shutil.copytree(packed_tree[0], top)
    make(command, top, tmp_path / name)
    with pytest.raises(SourceProblem) as caught:
        unpack(tmp_path / name, tmp_path / "into", limits=LIMITS, control=Told())
    assert reason in caught.value.detail
    assert harm(tmp_path / "into") == []


def link_inside(top: Path) -> None:
    """Add links that stay inside to a tree."""
    (top / "data/again.csv").symlink_to("../text.csv")
    os.link(top / "text.csv", top / "data/deep/hard.csv")


@pytest.mark.parametrize(
    "command",
    [
        "tar -czf OUT .",
        "bsdtar -czf OUT .",
        "tar --format=posix -cf OUT .",
        "zip -qry OUT .",
        "7z a -snl OUT .",
    ],
)
def test_links_when_they_stay_inside_then_they_are_copies(
    command: str, packed_tree: tuple[Path, Tree], tmp_path: Path
) -> None:
    top = tmp_path / "top"
    shutil.copytree(packed_tree[0], top)
    link_inside(top)
    name = {"z": "data.zip", "7": "data.7z"}.get(command[0], "data.tar")
    make(command, top, tmp_path / name)
    unpack(tmp_path / name, tmp_path / "into", limits=LIMITS, control=Told())
    wanted = digests(top)
    assert wanted["data/again.csv"] == wanted["data/deep/hard.csv"] == wanted["text.csv"]
    assert digests(tmp_path / "into") == wanted
    assert harm(tmp_path / "into") == []


PEAK = """
import sys
from pathlib import Path
from growth_admin.datasets.archive.unpack import UnpackLimits, unpack
import growth_admin.datasets.archive.seven, growth_admin.datasets.archive.zstd
from tests.unit.datasets.archive.told import Told

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

before = peak()
limits = UnpackLimits(1 << 30, ratio=1e9)
unpack(Path(sys.argv[1]), Path(sys.argv[2]), limits=limits, control=Told())
print((peak() - before) // 1024)
"""
DATA_MIB = 96


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("data.tar", "tar -cf OUT ."),
        ("data.tar.gz", "tar -c . | gzip -1 > OUT"),
        ("data.tar.xz", "tar -c . | xz -6 > OUT"),
        ("data.tar.zst", "tar -c . | zstd -q > OUT"),
        ("data.zip", "zip -q1 OUT data.bin"),
        ("data.7z", "7z a -mx3 OUT data.bin"),
    ],
)
def test_memory_when_a_large_archive_is_unpacked_then_it_hardly_grows(
    name: str, command: str, tmp_path: Path
) -> None:
    top = tmp_path / "top"
    top.mkdir()
    block = random.Random("growth").randbytes(1 << 20)
    with (top / "data.bin").open("wb") as file:
        for at in range(DATA_MIB):
            file.write(block[at * 64 :] + block[: at * 64])
    make(command, top, tmp_path / name)
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(tmp_path / name), str(tmp_path / "into")],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    print(f"{name}: {done.stdout.strip()} MiB")
    assert int(done.stdout) < 32


FULL = """
import resource, sys
from pathlib import Path
from growth_admin.core.errors import StorageFull
from growth_admin.datasets.archive.unpack import UnpackLimits, unpack
from tests.unit.datasets.archive.told import Told

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    limits = UnpackLimits(1 << 30)
    unpack(Path(sys.argv[1]), Path(sys.argv[2]), limits=limits, control=Told())
except StorageFull as problem:
    print(problem.detail)
"""


@pytest.mark.parametrize("room_bytes", [1, 4096, 1_000_000])
@pytest.mark.parametrize("command", ["tar -cf OUT .", "zip -qr OUT .", "7z a OUT ."])
def test_disk_when_full_while_unpacking_then_said_so(
    command: str, room_bytes: int, packed_tree: tuple[Path, Tree], tmp_path: Path
) -> None:
    name = {"z": "data.zip", "7": "data.7z"}.get(command[0], "data.tar")
    make(command, packed_tree[0], tmp_path / name)
    arguments = [str(tmp_path / name), str(tmp_path / "into"), str(room_bytes)]
    done = subprocess.run(
        [sys.executable, "-c", FULL, *arguments],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, "no room left" in done.stdout) == (0, True), done.stderr
    assert harm(tmp_path / "into") == []
