"""Archives that mean harm, or that would leave something else than what was packed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

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

UNSAFE, DAMAGED, NONE, LARGE = "archive_unsafe", "archive_damaged", "not_an_archive", "too_large"
MIB = 1 << 20
LINK, DEVICE, PIPE, SOCKET = (
    stat.S_IFLNK | 0o777,
    stat.S_IFCHR | 0o666,
    stat.S_IFIFO | 0o666,
    stat.S_IFSOCK | 0o666,
)


@dataclass(frozen=True)
class Hostile:
    """One archive: what it is, its file name and bytes, and how it is refused."""

    title: str
    name: str
    data: bytes
    code: str
    reason: str
    limits: dict[str, int | float] = field(default_factory=dict)


def all_hostile() -> list[Hostile]:
    """Return the whole table."""
    return [
        *_zip_names(),
        *_zip_links(),
        *_zip_sizes(),
        *_zip_lies(),
        *_tar_names(),
        *_tar_links(),
        *_tar_headers(),
        *_tar_sparse(),
        *_streams(),
        *_seven(),
    ]


def _zip(title: str, reason: str, *entries: Entry, code: str = UNSAFE) -> Hostile:
    return Hostile(f"zip: {title}", "data.zip", zip_bytes(entries), code, reason)


def _zip_names() -> Iterator[Hostile]:
    one = b"data"
    for title, name, reason in (
        ("parent folder", b"../evil", "leads out"),
        ("parent folder in the middle", b"a/../../evil", "leads out"),
        ("parent folder that stays inside", b"a/../evil", "leads out"),
        ("parent folder at the end", b"a/..", "leads out"),
        ("parent folder in macOS junk", b"__MACOSX/../../evil", "leads out"),
        ("absolute name", b"/etc/cron.d/evil", "absolute"),
        ("network name", b"//server/share/evil", "absolute"),
        ("drive letter", b"C:/evil", "drive"),
        ("drive letter without a slash", b"c:evil", "drive"),
        ("backslashes of Unix", b"..\\..\\evil", "backslash"),
        ("slashes and backslashes", b"a/..\\..\\evil", "backslash"),
        ("zero byte", b"evil\0.csv", "zero byte"),
        ("empty name", b"", "is no name"),
        ("a dot for a name", b".", "is no name"),
        ("dots and slashes", b"././/.", "is no name"),
        ("name of 256 bytes", b"x" * 256, "255 bytes"),
        ("name of 256 bytes in 128 letters", "ä".encode() * 128, "255 bytes"),
        ("path of 4,100 bytes", b"abcdefghi/" * 410 + b"x", "4096 bytes"),
        ("65 folders deep", b"a/" * 65 + b"x", "folders deep"),
        ("escape sequence", b"a\x1b[2Jb", "invisible"),
        ("new line", b"a\nb", "invisible"),
        ("text turned round", "a\u202evsc.exe".encode(), "invisible"),
        ("the hub's versions", b".versions/data/v1.json", "keeps for itself"),
        ("the hub's staging area", b".staging/x", "keeps for itself"),
        ("the hub's own files", b".growth-stage-x", "keeps for itself"),
    ):
        yield _zip(title, reason, Entry(name, one))
    for title, name, reason in (
        ("parent folder with backslashes of Windows", b"..\\evil", "leads out"),
        ("network name of Windows", b"\\\\server\\share\\evil", "absolute"),
        ("drive of Windows", b"C:\\evil", "drive"),
    ):
        yield _zip(title, reason, Entry(name, one, host=FAT))
    for title, first, second, reason in (
        ("same name twice", b"a", b"a", "twice"),
        ("same name twice, spelled differently", b"a/b", b"./a//b", "twice"),
        ("names that differ in case", b"data/A.csv", b"data/a.csv", "cannot be told"),
        ("folders that differ in case", b"Data/a", b"data/b", "cannot be told"),
        ("names that differ in composition", "ä".encode(), "a\u0308".encode(), "cannot be told"),
        ("names that differ in sharp s", "straße".encode(), b"strasse", "cannot be told"),
        ("names that differ in a dot at the end", b"a", b"a.", "cannot be told"),
        ("names that differ in a space at the end", b"a ", b"a", "cannot be told"),
        ("folders that differ in a dot at the end", b"a/x", b"a./y", "cannot be told"),
        ("file, then a folder of its name", b"a", b"a/b", "file and a folder"),
        ("folder, then a file of its name", b"a/b", b"a", "file and a folder"),
        ("folder, then a file in another case", b"a/b", b"A", "file and a folder"),
    ):
        yield _zip(title, reason, Entry(first, one), Entry(second, one))
    path = b"\x01" + struct.pack("<L", zlib.crc32(b"ok.txt")) + b"../evil"
    extra = struct.pack("<HH", 0x7075, len(path)) + path
    yield _zip("parent folder in the Unicode path", "leads out", Entry(b"ok.txt", one, extra=extra))
    yield _zip("name that is not UTF-8", "UTF-8", Entry(b"a\xff", one, flags=0x800), code=DAMAGED)


def _zip_links() -> Iterator[Hostile]:
    def link(name: bytes, target: bytes) -> Entry:
        return Entry(name, target, mode=LINK)

    yield _zip("link to an absolute path", "leaves the archive", link(b"a", b"/etc/passwd"))
    yield _zip("link to the folder above", "leaves the archive", link(b"a", b".."))
    yield _zip("link out of a folder", "leaves the archive", link(b"a/b", b"../../x"))
    yield _zip("link to nothing", "no file", link(b"a", b"missing"))
    yield _zip("link to itself", "circles", link(b"a", b"a"))
    yield _zip("links in a circle", "circles", link(b"a", b"b"), link(b"b", b"a"))
    yield _zip("link to a folder", "no file", Entry(b"d/x", b"1"), link(b"a", b"d"))
    yield _zip(
        "link through a link", "no file", Entry(b"d/x", b"1"), link(b"l", b"d"), link(b"a", b"l/x")
    )
    yield _zip(
        "write through a link", "leaves the archive", link(b"l", b"/tmp"), Entry(b"l/evil", b"1")
    )
    yield _zip(
        "write through a link inside",
        "no file",
        Entry(b"d/x", b"1"),
        link(b"l", b"d"),
        Entry(b"l/y", b"1"),
    )
    yield _zip(
        "file in the place of a link",
        "twice",
        Entry(b"f", b"1"),
        link(b"l", b"f"),
        Entry(b"l", b"2"),
    )
    yield _zip(
        "two links of one name", "twice", Entry(b"f", b"1"), link(b"l", b"f"), link(b"l", b"f")
    )
    yield _zip("link with a backslash", "no file", Entry(b"f", b"1"), link(b"l", b"..\\f"))
    yield _zip("link with an endless target", "longer than any path", link(b"a", b"x/" * 4000))
    yield _zip("link named as a folder", "folder and a link", Entry(b"a/", mode=LINK))
    yield _zip("device", "device", Entry(b"a", mode=DEVICE))
    yield _zip("pipe", "pipe", Entry(b"a", mode=PIPE))
    yield _zip("socket", "socket", Entry(b"a", mode=SOCKET))
    yield _zip("folder with data", "carries", Entry(b"a/", b"data"))


def _zip_sizes() -> Iterator[Hostile]:
    zeros = bytes(48 * MIB)
    bomb = zip_bytes([Entry(b"zeros", zeros, method=8)])
    yield Hostile("zip: a bomb of one file", "data.zip", bomb, UNSAFE, "times its packed size")
    part = deflate_once(bytes(8 * MIB))
    many = [Entry(b"%d" % at, bytes(8 * MIB), method=8, packed=part) for at in range(6)]
    yield Hostile(
        "zip: a bomb of many files", "data.zip", zip_bytes(many), UNSAFE, "times its packed size"
    )
    data = os.urandom(3000)
    three = zip_bytes([Entry(b"%d" % at, data) for at in range(3)])
    yield Hostile(
        "zip: more than there is room for",
        "data.zip",
        three,
        LARGE,
        "unpacks to more",
        {"total_bytes": 8000},
    )
    yield Hostile(
        "zip: one file over the limit",
        "data.zip",
        three,
        LARGE,
        "limit for one file",
        {"member_bytes": 2000},
    )
    yield Hostile(
        "zip: too many files", "data.zip", three, LARGE, "more than 2 files", {"files": 2}
    )
    kernel = deflate_once(bytes(MIB))
    same = [
        Entry(b"0", bytes(MIB), method=8),
        *(Entry(b"%d" % at, bytes(MIB), method=8, packed=kernel, offset=0) for at in range(1, 9)),
    ]
    yield _zip("entries that are the same bytes", "share the same bytes", *same)
    yield Hostile(
        "zip: quoted overlap (Fifield)", "data.zip", fifield(), UNSAFE, "share the same bytes"
    )
    yield _zip(
        "overlap by one byte",
        "share the same bytes",
        Entry(b"a", b"1234"),
        Entry(b"b", b"12", offset=33),
    )
    huge = Entry(b"a", b"x", size=1 << 31)
    yield Hostile(
        "zip: a size that is a lie", "data.zip", zip_bytes([huge]), LARGE, "unpacks to more"
    )
    yield _zip(
        "more data than it says",
        "more than the archive says",
        Entry(b"a", b"x" * 5000, method=8, size=100),
    )
    yield _zip(
        "stored with more data than it says",
        "more than the archive says",
        Entry(b"a", b"x" * 50, size=10),
    )
    yield _zip(
        "LZMA with a dictionary of 4 GiB",
        "memory",
        Entry(b"a", b"x", method=14, packed=b"\x09\x14\x05\0\x5d\xff\xff\xff\xff" + bytes(9)),
    )


def deflate_once(data: bytes) -> bytes:
    """Return raw deflate data."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def fifield() -> bytes:
    """Return two entries, the first of which quotes the header of the second as its data.

    D. Fifield, "A better zip bomb" (2019): each local header becomes data of the one before it,
    by a stored deflate block, so that all share one kernel.
    """
    kernel = deflate_once(bytes(MIB))
    inner = zip_bytes([Entry(b"b", bytes(MIB), method=8)])[: 31 + len(kernel)]
    head = inner[:31]
    quote = b"\0" + struct.pack("<HH", len(head), 0xFFFF ^ len(head)) + head
    data = head + bytes(MIB)
    first = Entry(b"a", data, method=8, packed=quote + kernel)
    second = Entry(b"b", bytes(MIB), method=8, packed=kernel, offset=31 + len(quote) - len(head))
    return zip_bytes([first, second])


def _zip_lies() -> Iterator[Hostile]:
    yield _zip("another name beside the data", "something else", Entry(b"a", b"1", local_name=b"b"))
    yield _zip("another size beside the data", "something else", Entry(b"a", b"1", local_size=2))
    yield _zip(
        "another method beside the data", "something else", Entry(b"a", b"1", local_method=8)
    )
    yield _zip("wrong checksum", "checksum", Entry(b"a", b"1", crc=7), code=DAMAGED)
    yield _zip("less data than it says", "checksum", Entry(b"a", b"1", size=2), code=DAMAGED)
    yield _zip(
        "deflate that ends early",
        "shorter",
        Entry(b"a", b"x", method=8, packed=deflate_once(b"x") + b"hidden"),
        code=DAMAGED,
    )
    yield _zip(
        "deflate that is cut",
        "ends too early",
        Entry(b"a", b"x" * 500, method=8, packed=deflate_once(bytes(range(250)))[:40]),
        code=DAMAGED,
    )
    yield _zip(
        "data that are no deflate",
        "damaged",
        Entry(b"a", b"x", method=8, packed=b"\xff" * 9),
        code=DAMAGED,
    )
    yield _zip(
        "wrong data descriptor",
        "something else",
        Entry(b"a", b"1", flags=8, descriptor=b"PK\7\x08" + bytes(12)),
    )
    yield _zip("encrypted", "encrypted", Entry(b"a", b"1", flags=1))
    yield _zip("encrypted with AES", "encrypted", Entry(b"a", b"1", flags=1, method=99))
    yield _zip("Deflate64", "Deflate64", Entry(b"a", b"1", method=9))
    yield _zip("a method nobody knows", "number 77", Entry(b"a", b"1", method=77))
    yield _zip(
        "zip64 field that is cut",
        "zip64",
        Entry(b"a", b"1", size=0xFFFFFFFF, extra=b"\1\0\4\0aaaa"),
        code=DAMAGED,
    )
    yield _zip(
        "extra field that is cut",
        "extra field",
        Entry(b"a", b"1", extra=b"\1\0\xff\0a"),
        code=DAMAGED,
    )
    yield _zip("entry in another volume", "directory", Entry(b"a", b"1", disk=3), code=DAMAGED)
    yield _zip(
        "entry that points to nothing", "share", Entry(b"a", b"1"), Entry(b"b", b"1", offset=5000)
    )
    yield _zip(
        "entry that points into data",
        "share",
        Entry(b"a", bytes(200)),
        Entry(b"b", b"", offset=100),
    )
    whole = zip_bytes([Entry(b"a", b"data" * 50), Entry(b"b", b"more")])
    for title, data, reason in (
        ("cut at its end", whole[:-3], "no directory"),
        ("cut in the middle", whole[: len(whole) // 2], "no directory"),
        ("something added behind", whole + b"#!/bin/sh\nevil\n" * 3, "no directory"),
        ("wrong number of entries", zip_bytes([Entry(b"a", b"1")], count=3), "number of entries"),
        ("directory elsewhere", zip_bytes([Entry(b"a", b"1")], offset=7), "elsewhere"),
        ("hole in the middle", whole[:60] + bytes(60) + whole[120:], "checksum"),
    ):
        yield Hostile(f"zip: {title}", "data.zip", data, DAMAGED, reason)
    yield Hostile(
        "zip: several volumes",
        "data.zip",
        zip_bytes([Entry(b"a", b"1")], disk=1),
        UNSAFE,
        "volumes",
    )
    yield Hostile(
        "zip: a program in front", "data.zip", b"MZ" + bytes(98) + whole, NONE, "no archive"
    )
    yield Hostile(
        "zip: a web page",
        "data.zip",
        b"<!DOCTYPE html><title>Sign in</title>" * 20,
        NONE,
        "no archive",
    )
    yield Hostile("zip: nothing", "data.zip", b"", NONE, "no archive")


def _tar(title: str, reason: str, data: bytes, code: str = UNSAFE) -> Hostile:
    return Hostile(f"tar: {title}", "data.tar", data, code, reason)


def _tar_names() -> Iterator[Hostile]:
    for title, name, reason in (
        ("parent folder", "../evil", "leads out"),
        ("absolute name", "/tmp/evil", "absolute"),
        ("backslashes", "..\\evil", "backslash"),
        ("a dot for a file", ".", "is no name"),
        ("long name that leads out", "x" * 200 + "/../../../evil", "leads out"),
        ("folder of the hub", ".versions/x", "keeps for itself"),
    ):
        for kind, form in (("pax", tarfile.PAX_FORMAT), ("GNU", tarfile.GNU_FORMAT)):
            data = tar_bytes(member(name, b"evil"), form=form)
            yield _tar(f"{title} ({kind})", reason, data)
    yield _tar(
        "folder that leads out", "leads out", tar_bytes(member("../d", type=tarfile.DIRTYPE))
    )
    path = pax_header(record("path", "../evil")) + header(b"ok.txt") + END
    yield _tar("parent folder in the extended header", "leads out", path)
    path = pax_header(record("path", "../evil"), kind=b"g") + header(b"ok.txt") + END
    yield _tar("parent folder for all members", "leads out", path)
    path = pax_header(record("path", "a\0b")) + header(b"ok.txt") + END
    yield _tar("zero byte in the extended header", "zero byte", path)
    prefix = header(b"evil", change=lambda block: block.__setitem__(slice(345, 350), b"../.."))
    yield _tar("parent folder in the prefix", "leads out", prefix + END)
    for title, first, second, reason in (
        ("same name twice", "a", "a", "twice"),
        ("names that differ in case", "A", "a", "cannot be told"),
        ("file and folder", "a", "a/b", "file and a folder"),
    ):
        yield _tar(title, reason, tar_bytes(member(first, b"1"), member(second, b"2")))


def _tar_links() -> Iterator[Hostile]:
    def link(
        name: str, target: str, kind: bytes = tarfile.SYMTYPE
    ) -> tuple[tarfile.TarInfo, bytes]:
        return member(name, type=kind, linkname=target)

    hard, file = tarfile.LNKTYPE, member("f", b"data")
    for title, reason, members in (
        ("link to an absolute path", "leaves the archive", [link("a", "/etc/passwd")]),
        ("link out of a folder", "leaves the archive", [link("a/b", "../../x")]),
        ("write through a link", "leaves the archive", [link("l", "/tmp"), member("l/evil", b"1")]),
        (
            "link, then a folder in its place",
            "no file",
            [member("d/x", b"1"), link("l", "d"), member("l/y", b"1")],
        ),
        ("link to nothing", "no file", [link("a", "missing")]),
        ("links in a circle", "circles", [link("a", "b"), link("b", "a")]),
        (
            "a chain of 41 links",
            "circles",
            [file, *(link(f"l{at}", f"l{at + 1}") for at in range(41)), link("l41", "f")],
        ),
        ("hard link to an absolute path", "leaves the archive", [link("a", "/etc/shadow", hard)]),
        ("hard link out", "leaves the archive", [link("a", "../x", hard)]),
        ("hard link to nothing", "no file", [link("a", "missing", hard)]),
        (
            "hard link to a link that leaves",
            "leaves the archive",
            [link("l", "/etc/shadow"), link("a", "l", hard)],
        ),
        ("hard link to itself", "circles", [link("a", "a", hard)]),
        ("hard link over a file", "twice", [file, member("a", b"1"), link("a", "f", hard)]),
        (
            "character device",
            "character device",
            [member("a", type=tarfile.CHRTYPE, devmajor=1, devminor=3)],
        ),
        ("disk", "block device", [member("a", type=tarfile.BLKTYPE, devmajor=8)]),
        ("pipe", "pipe", [member("a", type=tarfile.FIFOTYPE)]),
    ):
        yield _tar(title, reason, tar_bytes(*members))
    size = octal(4)
    yield _tar(
        "hard link with data",
        "carries",
        header(b"a", kind=b"1", target=b"f", size=size) + padded(b"evil") + END,
    )
    yield _tar(
        "folder with data", "carries", header(b"a/", kind=b"5", size=size) + padded(b"evil") + END
    )
    copies = tar_bytes(member("f", bytes(4000)), *(link(f"c{at}", "f", hard) for at in range(40)))
    yield Hostile(
        "tar: hard links that fill the disk",
        "data.tar",
        copies,
        LARGE,
        "unpacks to more",
        {"total_bytes": 100_000},
    )


def _tar_headers() -> Iterator[Hostile]:
    whole = tar_bytes(member("a", b"data" * 500), member("b", b"more"))
    flipped = bytearray(whole)
    flipped[3000] ^= 1
    negative = b"\xff" * 12
    huge = b"\x80" + (1 << 60).to_bytes(11, "big")
    impossible = b"\x80" + b"\xff" * 11
    for title, data, code, reason in (
        ("negative size", header(b"a", size=negative) + END, DAMAGED, "negative"),
        ("size of an exabyte", header(b"a", size=huge) + END, LARGE, "unpacks to more"),
        ("impossible size", header(b"a", size=impossible) + END, DAMAGED, "impossible"),
        (
            "size that is no number",
            header(b"a", size=b"0000000zz00\0") + END,
            DAMAGED,
            "number that is none",
        ),
        ("cut in the data", whole[:1500], DAMAGED, "too early"),
        ("cut between two members", whole[:2560], DAMAGED, "too early"),
        (
            "cut before its end",
            whole[: len(whole) - len(whole) % 10240 - 10240 + 3584],
            DAMAGED,
            "too early",
        ),
        (
            "header with a wrong checksum",
            bytes(flipped[:2560]) + b"x" * 512 + END,
            DAMAGED,
            "checksum",
        ),
        ("something behind its end", whole + b"evil" * 200, DAMAGED, "other data"),
        ("two archives in a row", whole + whole, DAMAGED, "other data"),
        (
            "extended header of a gigabyte",
            header(b"p", kind=b"x", size=octal(1 << 30)) + bytes(5120),
            UNSAFE,
            "bombs",
        ),
        (
            "long name of a megabyte",
            header(b"p", kind=b"L", size=octal(MIB)) + bytes(MIB) + END,
            UNSAFE,
            "bombs",
        ),
        (
            "extended headers without an end",
            pax_header(record("a", "b")) * 20 + header(b"a") + END,
            DAMAGED,
            "more extended headers",
        ),
        (
            "extended header that is no record",
            pax_header(b"99999 path=x\n") + header(b"a") + END,
            DAMAGED,
            "not valid",
        ),
        (
            "extended header without a number",
            pax_header(b"path=x\n") + header(b"a") + END,
            DAMAGED,
            "not valid",
        ),
        (
            "extended header with a negative size",
            pax_header(record("size", "-1")) + header(b"a") + END,
            DAMAGED,
            "number that is none",
        ),
        (
            "extended header with an endless number",
            pax_header(record("size", "9" * 5000)) + header(b"a") + END,
            DAMAGED,
            "number that is none",
        ),
        ("part of another volume", header(b"a", kind=b"M") + END, UNSAFE, "another volume"),
        ("list of a backup", header(b"a/", kind=b"D") + END, UNSAFE, "incremental"),
        ("a kind nobody knows", header(b"a", kind=b"Q") + END, UNSAFE, "nobody knows"),
    ):
        yield _tar(title, reason, data, code)


def _tar_sparse() -> Iterator[Hostile]:
    def old(pieces: list[tuple[int, int]], real: int, size: int) -> bytes:
        def change(block: bytearray) -> None:
            for at, (offset, length) in enumerate(pieces):
                block[386 + 24 * at : 410 + 24 * at] = b"%011o\0%011o\0" % (offset, length)
            block[483:495] = b"\x80" + real.to_bytes(11, "big")

        head = header(b"s", kind=b"S", size=octal(size), change=change, magic=b"ustar  \0")
        return head + bytes(512) + END

    for title, data, code, reason in (
        ("sparse file of a petabyte", old([(0, 512)], 1 << 50, 512), LARGE, "unpacks to more"),
        (
            "sparse file of a gigabyte in a kilobyte",
            old([(0, 512)], 1 << 29, 512),
            UNSAFE,
            "times its packed size",
        ),
        (
            "sparse file with pieces behind its end",
            old([(4096, 512)], 1024, 512),
            DAMAGED,
            "sparse",
        ),
        (
            "sparse file with pieces in each other",
            old([(0, 512), (100, 512)], 4096, 1024),
            DAMAGED,
            "sparse",
        ),
        (
            "sparse file with other data than its map",
            old([(0, 512)], 4096, 1024),
            DAMAGED,
            "sparse",
        ),
    ):
        yield _tar(title, reason, data, code)
    bad = (
        record("GNU.sparse.major", "0")
        + record("GNU.sparse.size", "99")
        + record("GNU.sparse.map", "0,1,2")
    )
    yield _tar("sparse map that is half", "sparse", pax_header(bad) + header(b"s") + END, DAMAGED)
    one = (
        record("GNU.sparse.major", "1")
        + record("GNU.sparse.realsize", "99")
        + record("GNU.sparse.name", "../evil")
    )
    data = padded(b"0\n")
    head = pax_header(one) + header(b"s", size=octal(512)) + data + END
    yield _tar("sparse file whose name leads out", "leads out", head)
    none = (
        pax_header(record("GNU.sparse.major", "1"))
        + header(b"s", size=octal(512))
        + b"7" * 512
        + END
    )
    yield _tar("sparse map without an end", "sparse", none, DAMAGED)


def _streams() -> Iterator[Hostile]:
    whole = tar_bytes(member("a", os.urandom(3000)))
    packed = gzip.compress(whole, mtime=0)
    bomb = tar_bytes(member("zeros", bytes(48 * MIB)))
    wrong = bytearray(packed)
    wrong[-6] ^= 1
    window = b"\x28\xb5\x2f\xfd\x00" + bytes([21 << 3]) + b"\1\0\0"
    plain = zstandard.ZstdCompressor(write_content_size=False, write_checksum=True).compress(whole)
    learned = zstandard.train_dictionary(
        8192, [b"line %d of some text\n" % at * 4 for at in range(3000)]
    )
    foreign = zstandard.ZstdCompressor(dict_data=learned).compress(b"line 7 of some text\n" * 40)
    endless = gzip.compress(whole + bytes(70 * MIB), mtime=0)
    large = lzma.compress(b"x", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}])
    for title, name, data, code, reason in (
        ("tar.gz: a bomb", "data.tar.gz", gzip.compress(bomb), UNSAFE, "times its packed size"),
        ("tar.bz2: a bomb", "data.tar.bz2", bz2.compress(bomb), UNSAFE, "times its packed size"),
        ("tar.xz: a bomb", "data.tar.xz", lzma.compress(bomb), UNSAFE, "times its packed size"),
        (
            "tar.zst: a bomb",
            "data.tar.zst",
            zstandard.compress(bomb),
            UNSAFE,
            "times its packed size",
        ),
        (
            "gz: a bomb",
            "data.csv.gz",
            gzip.compress(bytes(48 * MIB)),
            UNSAFE,
            "times its packed size",
        ),
        ("tar.gz: zeros without an end", "data.tgz", endless, DAMAGED, "goes on with zeros"),
        ("tar.gz: cut", "data.tar.gz", packed[:-20], DAMAGED, "too early"),
        ("tar.gz: cut before its checksum", "data.tar.gz", packed[:-4], DAMAGED, "too early"),
        ("tar.gz: wrong checksum", "data.tar.gz", bytes(wrong), DAMAGED, "damaged"),
        (
            "tar.gz: a script behind it",
            "data.tar.gz",
            packed + b"#!/bin/sh\n",
            DAMAGED,
            "other data",
        ),
        (
            "tar.gz: no tar inside",
            "data.tar.gz",
            gzip.compress(b"plain text" * 100),
            NONE,
            "not a tar",
        ),
        ("tar.gz: nothing inside", "data.tar.gz", gzip.compress(b""), DAMAGED, "too early"),
        (
            "tar.gz: a name that leads out",
            "data.tar.gz",
            gzip.compress(tar_bytes(member("../x", b"1"))),
            UNSAFE,
            "leads out",
        ),
        ("gz: named only by dots", "...gz", gzip.compress(b"1"), UNSAFE, "leads out"),
        ("bz2: cut", "data.bz2", bz2.compress(whole)[:-9], DAMAGED, "too early"),
        ("bz2: damaged", "data.bz2", b"BZh9" + b"\x31" * 60, DAMAGED, "damaged"),
        ("xz: cut", "data.xz", lzma.compress(whole)[:-9], DAMAGED, "too early"),
        ("xz: a dictionary of 1 GiB", "data.xz", large, UNSAFE, "memory"),
        ("xz: a script behind it", "data.xz", lzma.compress(b"x") + b"evil", DAMAGED, "other data"),
        ("zst: a window of 2 GiB", "data.zst", window, UNSAFE, "memory"),
        ("zst: cut between two blocks", "data.zst", plain[: len(plain) - 3], DAMAGED, "too early"),
        ("zst: damaged", "data.zst", plain[:-50] + b"\xff" * 9 + plain[-41:], DAMAGED, "damaged"),
        ("zst: a dictionary that is not there", "data.zst", foreign, UNSAFE, "dictionary"),
        ("zst: a script behind it", "data.zst", plain + b"evil", DAMAGED, "other data"),
    ):
        yield Hostile(title, name, data, code, reason)


def _seven() -> Iterator[Hostile]:
    def seven(title: str, reason: str, *files: SevenFile, code: str = UNSAFE) -> Hostile:
        return Hostile(f"7z: {title}", "data.7z", seven_bytes(files), code, reason)

    yield seven("parent folder", "leads out", SevenFile("../evil", b"1"))
    yield seven("parent folder with backslashes", "leads out", SevenFile("a\\..\\..\\evil", b"1"))
    yield seven("absolute name", "absolute", SevenFile("/etc/evil", b"1"))
    yield seven("drive letter", "drive", SevenFile("C:\\evil", b"1"))
    yield seven("same name twice", "twice", SevenFile("a", b"1"), SevenFile("a", b"2"))
    yield seven(
        "names that differ in case", "cannot be told", SevenFile("a", b"1"), SevenFile("A", b"2")
    )
    yield seven("folder that leads out", "leads out", SevenFile("../d", is_folder=True))
    yield seven("link out", "leaves the archive", SevenFile("l", b"/etc/passwd", mode=LINK))
    yield seven(
        "write through a link",
        "leaves the archive",
        SevenFile("l", b"/tmp", mode=LINK),
        SevenFile("l/x", b"1"),
    )
    yield seven("device", "device", SevenFile("a", b"1", mode=DEVICE))
    yield seven("Windows junction", "junction", SevenFile("a", b"/tmp", attributes=0x400))
    yield seven("folder with data", "carries", SevenFile("a", b"1", attributes=0x10))
    yield seven("name in half a letter", "damaged", SevenFile("a\ud800", b"1"), code=DAMAGED)
    whole = seven_bytes([SevenFile("a", b"data" * 100)])
    zeros = lzma.compress(
        bytes(48 * MIB), lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]
    )
    file = [SevenFile("zeros", b"\0")]
    bomb = seven_bytes(file, coder=b"\x21\x21\x01\x10", packed=zeros, sizes=[48 * MIB])
    greedy = seven_bytes(file, coder=b"\x21\x21\x01\x28", packed=zeros, sizes=[100])
    lie = seven_bytes([SevenFile("a", b"data")], sizes=[5000])
    flipped = bytearray(whole)
    flipped[-30] ^= 1
    for title, data, code, reason in (
        ("anti-item", seven_bytes([SevenFile("a")], anti=True), UNSAFE, "deletes files"),
        ("a bomb", bomb, UNSAFE, "times its packed size"),
        ("a dictionary of 4 GiB", greedy, UNSAFE, "memory"),
        ("more data than there are", lie, DAMAGED, "damaged"),
        ("wrong checksum", seven_bytes([SevenFile("a", b"data")], crcs=[7]), DAMAGED, "checksum"),
        ("a method nobody knows", seven_bytes(file, coder=b"\x01\x7e"), UNSAFE, "not supported"),
        ("cut", whole[:-9], DAMAGED, "damaged"),
        ("cut to its first bytes", whole[:20], DAMAGED, "damaged"),
        ("damaged list", bytes(flipped), DAMAGED, "damaged"),
        ("encrypted", _encrypted_7z(), UNSAFE, "encrypted"),
    ):
        yield Hostile(f"7z: {title}", "data.7z", data, code, reason)


def _encrypted_7z() -> bytes:
    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w", password="secret") as archive:
        archive.writestr(b"data", "a.txt")
    return buffer.getvalue()
