"""Archives as people have them, written by Python or laid out as other programs do."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import py7zr
import zstandard

from tests.unit.datasets.archive.raw import (
    END,
    FAT,
    Entry,
    SevenFile,
    header,
    member,
    octal,
    padded,
    pax_header,
    record,
    seven_bytes,
    tar_bytes,
    zip_bytes,
)

LINK = 0o120777
OSX = 19
TABLE = b"x,y,z\n" + b"".join(b"%d,%d,%d\n" % (n, n * n, n % 7) for n in range(20_000))
TREE = {
    "README.md": b"# Data\n",
    "empty.txt": b"",
    "tables/a.csv": TABLE,
    "tables/deep/er/b.csv": TABLE[::-1],
    "bilder/Größe 1.png": b"\x89PNG" + zlib.compress(TABLE),
}
"""What most of the archives hold."""


@dataclass(frozen=True)
class Ordinary:
    """One archive: what it is, its file name and bytes, and what must come out."""

    title: str
    name: str
    data: bytes
    files: dict[str, bytes]
    says: str = ""


def all_ordinary() -> list[Ordinary]:
    """Return the whole table."""
    return [*_zips(), *_zip_layouts(), *_tars(), *_tar_layouts(), *_streams(), *_sevens()]


def written_zip(write: Callable[[zipfile.ZipFile], None], **options: int) -> bytes:
    """Return what ``zipfile`` writes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as archive:  # type: ignore[call-overload]
        write(archive)
    return buffer.getvalue()


def _write_tree(archive: zipfile.ZipFile) -> None:
    archive.mkdir("tables")
    for name, data in TREE.items():
        archive.writestr(name, data)


class OneWay(io.RawIOBase):
    """A pipe: what is written cannot be changed later."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.data += bytes(data)
        return len(data)


def _zips() -> Iterator[Ordinary]:
    for method in ("ZIP_STORED", "ZIP_DEFLATED", "ZIP_BZIP2", "ZIP_LZMA"):
        data = written_zip(_write_tree, compression=getattr(zipfile, method))
        yield Ordinary(f"Python: zipfile, {method}", "data.zip", data, TREE)
    pipe = OneWay()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        _write_tree(archive)
    yield Ordinary("Python: zipfile to a pipe", "data.zip", pipe.data, TREE)

    def write_large(archive: zipfile.ZipFile) -> None:
        for name, content in TREE.items():
            with archive.open(name, "w", force_zip64=True) as file:
                file.write(content)

    yield Ordinary("Python: zipfile, zip64", "data.zip", written_zip(write_large), TREE)
    pipe = OneWay()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        write_large(archive)
    yield Ordinary("Python: zipfile to a pipe, zip64", "data.zip", pipe.data, TREE)
    yield Ordinary("Python: zipfile, nothing in it", "data.zip", written_zip(lambda _: None), {})

    def write_comment(archive: zipfile.ZipFile) -> None:
        _write_tree(archive)
        archive.comment = b"PK\5\6 is how a directory begins" * 9

    yield Ordinary("Python: zipfile, a comment", "data.zip", written_zip(write_comment), TREE)
    plain = zip_bytes([Entry(b"a", b"1"), Entry(b"b", b"2")])
    size, offset = struct.unpack("<2L", plain[-10:-2])
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 2, 2, size, offset)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, offset + size, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, *[0xFFFF] * 2, *[0xFFFFFFFF] * 2, 0)
    large = plain[:-22] + end64 + locator + end
    yield Ordinary("zip: a zip64 directory", "data.zip", large, {"a": b"1", "b": b"2"})


def many_files(count: int) -> bytes:
    """Return a zip archive of this many files, without zip64 whatever their number."""
    return zip_bytes([Entry(b"%d" % at) for at in range(count)])


def _zip_layouts() -> Iterator[Ordinary]:
    def layout(title: str, files: dict[str, bytes], *entries: Entry, says: str = "") -> Ordinary:
        return Ordinary(title, "data.zip", zip_bytes(entries), files, says)

    one = b"1"
    yield layout(
        "old DOS: a name in CP437",
        {"Größe.txt": one},
        Entry(b"Gr\x94\xe1e.txt", one, host=FAT),
        says="no encoding",
    )
    yield layout(
        "a name in UTF-8 that does not say so", {"Größe.txt": one}, Entry("Größe.txt".encode(), one)
    )
    raw = "表.txt".encode("shift-jis")
    path = b"\x01" + struct.pack("<L", zlib.crc32(raw)) + "表.txt".encode()
    extra = struct.pack("<HH", 0x7075, len(path)) + path
    yield layout(
        "Info-ZIP: a Unicode path beside the name",
        {"表.txt": one},
        Entry(raw, one, extra=extra, host=FAT),
    )
    stale = b"\x01" + struct.pack("<L", 7) + b"other.txt"
    extra = struct.pack("<HH", 0x7075, len(stale)) + stale
    yield layout(
        "Info-ZIP: a Unicode path of another name",
        {"a.txt": one},
        Entry(b"a.txt", one, extra=extra),
    )
    yield layout(
        "PowerShell: backslashes between folders",
        {"a/b/c.txt": one},
        Entry(b"a\\b\\c.txt", one, host=FAT),
    )
    yield layout(
        "Windows: folders by attribute",
        {"a/b.txt": one},
        Entry(b"a", attributes=0x10, host=FAT),
        Entry(b"a/b.txt", one, host=FAT),
    )
    # ditto and Finder: UTF-8 without the flag, descriptors, Unix of macOS, AppleDouble beside
    packed = zlib.compress(TABLE)[2:-4]
    descriptor = b"PK\7\x08" + struct.pack("<3L", zlib.crc32(TABLE), len(packed), len(TABLE))
    yield layout(
        "macOS: Finder's Compress",
        {"Daten/Größe.csv": TABLE, "Daten/leer": b""},
        Entry(b"Daten/", mode=0o40755, host=OSX),
        Entry(
            "Daten/Größe.csv".encode(),
            TABLE,
            method=8,
            flags=8,
            mode=0o100644,
            host=OSX,
            packed=packed,
            descriptor=descriptor,
        ),
        Entry(b"__MACOSX/", mode=0o40755, host=OSX),
        Entry(b"__MACOSX/Daten/", mode=0o40755, host=OSX),
        Entry("__MACOSX/Daten/._Größe.csv".encode(), b"\0\5\x16\7", mode=0o100644, host=OSX),
        Entry(b"Daten/.DS_Store", b"Bud1", mode=0o100644, host=OSX),
        Entry(b"Daten/Icon\r", b"", mode=0o100644, host=OSX),
        Entry(b"Daten/leer", b"", mode=0o100644, host=OSX),
        says="macOS adds",
    )
    yield layout(
        "links inside",
        {"d/f": one, "d/l": one, "l": one, "ll": one},
        Entry(b"l", b"d/f", mode=LINK),
        Entry(b"ll", b"./d/../l", mode=LINK),
        Entry(b"d/f", one),
        Entry(b"d/l", b"../d/f", mode=LINK),
    )
    yield layout(
        "set-id and executable bits", {"a": one}, Entry(b"a", one, mode=0o106777), says="dropped"
    )
    yield layout(
        "an archive in an archive",
        {"a.zip": zip_bytes([Entry(b"../evil", one)])},
        Entry(b"a.zip", zip_bytes([Entry(b"../evil", one)])),
    )
    yield layout(
        "names of dots and spaces inside",
        {"...a/b c": one, "~x": one},
        Entry(b"...a/b c", one),
        Entry(b"~x", one),
    )
    yield layout("./ and doubled slashes", {"a/b": one}, Entry(b"./a//b", one))
    yield layout(
        "data descriptor without its mark",
        {"a": one},
        Entry(b"a", one, flags=8, descriptor=struct.pack("<3L", zlib.crc32(one), 1, 1)),
    )


def _tree_members() -> list[tuple[tarfile.TarInfo, bytes]]:
    folder = member("tables", type=tarfile.DIRTYPE, mode=0o755)
    return [folder, *(member(name, data, mode=0o640) for name, data in TREE.items())]


def _tars() -> Iterator[Ordinary]:
    long = {"a-rather-long-name/" * 12 + "x" * 120 + ".csv": b"1,2\n"}
    for form, title in (
        (tarfile.USTAR_FORMAT, "ustar"),
        (tarfile.GNU_FORMAT, "GNU"),
        (tarfile.PAX_FORMAT, "pax"),
    ):
        data = tar_bytes(*_tree_members(), form=form)
        yield Ordinary(f"Python: tarfile, {title}", "data.tar", data, TREE)
        if form != tarfile.USTAR_FORMAT:
            data = tar_bytes(*(member(name, content) for name, content in long.items()), form=form)
            yield Ordinary(f"Python: tarfile, {title}, long names", "data.tar", data, long)
    prefixed = {"p" * 100 + "/" + "n" * 90: b"1"}
    data = tar_bytes(
        *(member(name, content) for name, content in prefixed.items()), form=tarfile.USTAR_FORMAT
    )
    yield Ordinary("Python: tarfile, ustar, a prefix", "data.tar", data, prefixed)
    whole = tar_bytes(*_tree_members())
    for name, pack in (
        ("data.tar.gz", gzip.compress),
        ("data.TGZ", gzip.compress),
        ("data.tar.bz2", bz2.compress),
        ("data.tar.xz", lzma.compress),
        ("data.txz", lzma.compress),
        ("data.tar.zst", zstandard.compress),
    ):
        yield Ordinary(f"Python: {name}", name, pack(whole), TREE)
    yield Ordinary("Python: a tar without an ending", "data", whole, TREE)
    yield Ordinary("Python: a tar that is named as a zip", "data.zip", whole, TREE)


def _tar_layouts() -> Iterator[Ordinary]:
    def layout(title: str, files: dict[str, bytes], data: bytes, says: str = "") -> Ordinary:
        return Ordinary(f"tar: {title}", "data.tar", data, files, says)

    one, hard = b"1", tarfile.LNKTYPE
    v7 = (
        header(b"d/", magic=bytes(8), kind=b"\0")
        + header(b"d/a", magic=bytes(8), kind=b"\0", size=octal(1))
        + padded(one)
    )
    yield layout("v7", {"d/a": one}, v7 + END)
    top = tar_bytes(
        member(".", type=tarfile.DIRTYPE),
        member("./a", one),
        member("./d", type=tarfile.DIRTYPE),
        member("./d/b", one),
    )
    yield layout("of the folder itself", {"a": one, "d/b": one}, top)
    links = tar_bytes(
        member("d/f", one),
        member("h", type=hard, linkname="d/f"),
        member("d/s", type=tarfile.SYMTYPE, linkname="../h"),
        member("early", type=tarfile.SYMTYPE, linkname="late"),
        member("late", b"2"),
        member("hs", type=hard, linkname="d/s"),
    )
    yield layout(
        "links inside",
        {"d/f": one, "h": one, "d/s": one, "early": b"2", "late": b"2", "hs": one},
        links,
    )
    latin = header("Größe.txt".encode("latin-1"), size=octal(1)) + padded(one) + END
    yield layout("a name in Latin-1", {"Größe.txt": one}, latin, "no encoding")
    long_size = header(b"a", size=b"\x80" + (1).to_bytes(11, "big")) + padded(one) + END
    yield layout("a size in base 256", {"a": one}, long_size)
    git = (
        pax_header(record("comment", "0" * 40), kind=b"g")
        + header(b"a", size=octal(1))
        + padded(one)
        + END
    )
    yield layout("git archive", {"a": one}, git)
    yield layout(
        "git archive of nothing", {}, pax_header(record("comment", "0" * 40), kind=b"g") + END
    )
    label = (
        header(b"backup", kind=b"V") + header(b"a", size=octal(1), kind=b"7") + padded(one) + END
    )
    yield layout("a label, and a contiguous file", {"a": one}, label)
    yield layout(
        "one block of zeros at the end",
        {"a": one},
        header(b"a", size=octal(1)) + padded(one) + bytes(512),
    )
    yield layout("set-id bits", {"a": one}, tar_bytes(member("a", one, mode=0o6755)), "dropped")
    yield layout("nothing in it", {}, bytes(10240))
    mac = tar_bytes(
        member("./._a", b"\0\5\x16\7"),
        member("./a", one, pax_headers={"LIBARCHIVE.xattr.com.apple.quarantine": "AAAA"}),
    )
    yield layout("macOS, with AppleDouble", {"a": one}, mac, "macOS adds")
    old = {"sparse": b"A" * 512 + bytes(3584) + b"B" * 512 + bytes(512)}

    def change(block: bytearray) -> None:
        block[386:410] = b"%011o\0%011o\0" % (0, 512)
        block[410:434] = b"%011o\0%011o\0" % (4096, 512)
        block[483:495] = octal(5120)

    data = b"A" * 512 + b"B" * 512
    head = header(b"sparse", kind=b"S", size=octal(1024), change=change, magic=b"ustar  \0")
    yield layout("sparse, as GNU did", old, head + data + END)
    size = record("GNU.sparse.size", "5120") + record("GNU.sparse.numblocks", "2")
    pairs = "".join(
        record(f"GNU.sparse.{key}", value).decode()
        for key, value in (
            ("offset", "0"),
            ("numbytes", "512"),
            ("offset", "4096"),
            ("numbytes", "512"),
        )
    )
    yield layout(
        "sparse, pax 0.0",
        old,
        pax_header(size + pairs.encode()) + header(b"sparse", size=octal(1024)) + data + END,
    )
    named = record("GNU.sparse.name", "sparse")
    text = record("GNU.sparse.map", "0,512,4096,512")
    yield layout(
        "sparse, pax 0.1",
        old,
        pax_header(size + named + text)
        + header(b"GNUSparseFile.0/sparse", size=octal(1024))
        + data
        + END,
    )
    major = (
        record("GNU.sparse.major", "1")
        + record("GNU.sparse.minor", "0")
        + record("GNU.sparse.realsize", "5120")
    )
    inside = padded(b"2\n0\n512\n4096\n512\n") + data
    yield layout(
        "sparse, pax 1.0",
        old,
        pax_header(major + named)
        + header(b"GNUSparseFile.0/sparse", size=octal(len(inside)))
        + inside
        + END,
    )


def _streams() -> Iterator[Ordinary]:
    half = len(TABLE) // 2
    alone = {"data.csv": TABLE}

    def single(title: str, name: str, data: bytes) -> Ordinary:
        return Ordinary(title, name, data, alone)

    first, second = TABLE[:half], TABLE[half:]
    yield single("gz: one file", "data.csv.gz", gzip.compress(TABLE))
    named = io.BytesIO()
    with gzip.GzipFile("../../evil", "wb", fileobj=named) as file:
        file.write(TABLE)
    yield single("gz: another name inside is not used", "data.csv.gz", named.getvalue())
    yield single(
        "gz: members in a row",
        "data.csv.gz",
        gzip.compress(first) + gzip.compress(b"") + gzip.compress(second),
    )
    blocks = b"".join(gzip.compress(TABLE[at : at + 97]) for at in range(0, len(TABLE), 97))
    yield single("gz: thousands of members", "data.csv.gz", blocks)
    yield single("gz: zeros behind it", "data.csv.gz", gzip.compress(TABLE) + bytes(700_000))
    yield single(
        "bz2: streams in a row", "data.csv.bz2", bz2.compress(first) + bz2.compress(second)
    )
    yield single(
        "xz: streams in a row, padded",
        "data.csv.xz",
        lzma.compress(first) + bytes(8) + lzma.compress(second),
    )
    frames = (
        zstandard.compress(first)
        + b"\x50\x2a\x4d\x18\4\0\0\0skip"
        + zstandard.ZstdCompressor(write_checksum=True, write_content_size=False).compress(second)
    )
    yield single("zst: frames in a row, one to skip", "data.csv.zst", frames)
    large = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters.from_level(19, window_log=27)
    ).compress(TABLE)
    yield single("zst: a window of 128 MiB", "data.csv.zst", large)
    yield single("xz: -9", "data.csv.xz", lzma.compress(TABLE, preset=9))
    yield Ordinary("zst: nothing in it", "data.csv.zst", zstandard.compress(b""), {"data.csv": b""})
    yield Ordinary("gz: no name before its ending", ".gz", gzip.compress(b"1"), {".gz": b"1"})


def _sevens() -> Iterator[Ordinary]:
    def packed(files: dict[str, bytes], filters: list[dict[str, int]] | None = None) -> bytes:
        buffer = io.BytesIO()
        with py7zr.SevenZipFile(buffer, "w", filters=filters) as archive:
            for name, content in files.items():
                archive.writestr(content, name)
        return buffer.getvalue()

    full = {name: content for name, content in TREE.items() if content}
    for title, filters in (
        ("LZMA2", None),
        ("Zstandard", [{"id": py7zr.FILTER_ZSTD, "level": 3}]),
        ("bzip2", [{"id": py7zr.FILTER_BZIP2}]),
        ("Deflate", [{"id": py7zr.FILTER_DEFLATE}]),
        ("stored", [{"id": py7zr.FILTER_COPY}]),
        ("BCJ and LZMA", [{"id": py7zr.FILTER_X86}, {"id": py7zr.FILTER_LZMA}]),
    ):
        yield Ordinary(f"Python: py7zr, {title}", "data.7z", packed(full, filters), full)
    plain = [
        SevenFile("d", is_folder=True, mode=0o40755),
        SevenFile("d/a", b"1"),
        SevenFile("e"),
        SevenFile("l", b"d/a", mode=LINK),
        SevenFile("w", b"2", attributes=0x20),
    ]
    yield Ordinary(
        "7z: folders, empty files, a link, Windows attributes",
        "data.7z",
        seven_bytes(plain),
        {"d/a": b"1", "e": b"", "l": b"1", "w": b"2"},
    )
    nothing = b"7z\xbc\xaf'\x1c\0\x04" + struct.pack("<L", zlib.crc32(bytes(20))) + bytes(20)
    yield Ordinary("7z: nothing in it", "data.7z", nothing, {})
    zeros = lzma.compress(
        bytes(1 << 24), lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]
    )
    names = [SevenFile(f"{at}", b"\0") for at in range(2)]
    crc = zlib.crc32(bytes(1 << 23))
    data = seven_bytes(
        names, coder=b"\x21\x21\x01\x10", packed=zeros, sizes=[1 << 23, 1 << 23], crcs=[crc, crc]
    )
    yield Ordinary("7z: solid", "data.7z", data, {"0": bytes(1 << 23), "1": bytes(1 << 23)})
