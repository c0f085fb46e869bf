"""The program that decodes one 7z archive, in a process of its own.

7z headers and codecs are large native code fed with data from anywhere. This process may use a
bounded amount of memory, may write no file and is killed when in doubt; its parent judges every
name and writes every byte. The archive is standard input; frames go to standard output.
"""

from __future__ import annotations

import contextlib
import json
import lzma
import os
import resource
import struct
import sys
import zlib
from collections.abc import Iterator
from typing import Any, Final

FRAME: Final = struct.Struct(">cI")
MEMBER, LISTED, BEGIN, DATA, PROBLEM, DONE = b"M", b"L", b"B", b"D", b"X", b"Z"
"""Kinds of frames: a member, the end of the list, the index of the member whose data follow,
data, a problem (code and text), the end."""
OWN_BYTES: Final = 512 << 20
"""Address space of the interpreter and its libraries; most of it is never touched."""
_INPUT_BYTES: Final = 64 << 10
_OUTPUT_BYTES: Final = 1 << 20
_EMPTY: Final = b"7z\xbc\xaf'\x1c" + struct.pack("<L", zlib.crc32(bytes(20))) + bytes(20)
"""All of an archive of nothing, but for its two bytes of version."""
_DIRECTORY: Final = 0x10
_REPARSE: Final = 0x400
_UNIX: Final = 0x8000


def _send(kind: bytes, data: bytes = b"") -> None:
    view = memoryview(FRAME.pack(kind, len(data)) + data)
    while view:
        view = view[os.write(1, view) :]


def _send_problem(code: str, text: str) -> None:
    _send(PROBLEM, json.dumps([code, text[:500]]).encode())


def _confine(memory_bytes: int) -> None:
    """Give up what decoding needs not."""
    with contextlib.suppress(ValueError):  # macOS knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (OWN_BYTES + memory_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _members(archive: Any) -> Iterator[dict[str, Any]]:
    """Yield what the parent must know of each member, in the archive's order."""
    empty_files = iter(archive.header.files_info.emptyfiles)
    for file in archive.files:
        attributes = file._get_property("attributes")
        # without attributes, what has no stream is a folder unless it is listed as an empty file
        is_listed = bool(file.emptystream and next(empty_files, False))
        is_folder = file.emptystream and not is_listed
        if attributes is not None:
            is_folder = bool(attributes & _DIRECTORY)
        mode = attributes >> 16 if attributes and attributes & _UNIX else 0
        is_link_of_windows = bool(attributes and attributes & _REPARSE and not mode)
        yield {
            "name": file.filename,
            "size_bytes": 0 if file.emptystream else file.uncompressed,
            "has_data": not file.emptystream,
            "is_folder": is_folder,
            "mode": mode,
            "is_reparse_point": is_link_of_windows,
        }


def _dictionary_bytes(coder: dict[str, Any]) -> int:
    """Return the memory that a coder says it needs (7zFormat.txt, Methods.txt)."""
    method, properties = coder["method"], coder.get("properties") or b""
    if method == b"\x21" and properties:
        return int(2 | properties[0] & 1) << properties[0] // 2 + 11
    if method in (b"\x03\x01\x01", b"\x03\x04\x01") and len(properties) >= 5:
        return int.from_bytes(properties[1:5], "little")
    return 0


def _needs_input(decompressor: Any) -> bool:
    """Return whether the first decoder has used up its input: py7zr feeds it more and more."""
    first = decompressor.chain[0]
    first = getattr(first, "_decompressor", getattr(first, "decoder", first))
    return bool(getattr(first, "needs_input", True))


def _decode(source: Any, decompressor: Any, size_bytes: int) -> int:
    """Send ``size_bytes`` of what a folder holds; return their CRC."""
    import py7zr.exceptions

    crc = 0
    while size_bytes > 0:
        is_hungry = _needs_input(decompressor)
        decompressor.block_size = _INPUT_BYTES if is_hungry else 0
        before = source.tell()
        block = bytes(decompressor.decompress(source, min(size_bytes, _OUTPUT_BYTES)))
        if not block and is_hungry and source.tell() == before:
            raise py7zr.exceptions.Bad7zFile("the data end too early")
        size_bytes -= len(block)
        crc = zlib.crc32(block, crc)
        if block:
            _send(DATA, block)
    return crc


def _send_data(archive: Any, source: Any, memory_bytes: int) -> None:
    """Send the data of every member that has some, in order."""
    import py7zr.exceptions
    from py7zr.compressor import SevenZipDecompressor

    folder, decompressor, number = None, None, -1
    for index, file in enumerate(archive.files):
        if file.emptystream:
            continue
        if file.folder is not folder:
            folder, number = file.folder, number + 1
            needs = max(_dictionary_bytes(coder) for coder in folder.coders)
            if needs > memory_bytes:
                _send_problem("memory", str(needs))
                return
            packed = archive.header.main_streams.packinfo
            source.seek(archive.afterheader + packed.packpos + packed.packpositions[number])
            size = packed.packsizes[number]
            decompressor = SevenZipDecompressor(
                folder.coders, size, folder.unpacksizes, folder.crc, blocksize=_INPUT_BYTES
            )
        _send(BEGIN, str(index).encode())
        crc = _decode(source, decompressor, file.uncompressed)
        if file.crc32 is not None and crc != file.crc32:
            raise py7zr.exceptions.Bad7zFile(f"{file.filename!r} has another checksum")
    _send(DONE)


def main() -> int:
    """Decode standard input; the argument is how many bytes of memory a decoder may use."""
    memory_bytes = int(sys.argv[1])
    _confine(memory_bytes)
    import py7zr
    import py7zr.exceptions

    try:
        with os.fdopen(0, "rb", closefd=False) as source:
            if os.pread(0, 6, 0) + os.pread(0, 64, 8) == _EMPTY:
                _send(LISTED)  # nothing was packed; py7zr does not open that
                _send(DONE)
                return 0
            archive = py7zr.SevenZipFile(source)
            for member in _members(archive):
                _send(MEMBER, json.dumps(member).encode())
            _send(LISTED)
            if "--list" not in sys.argv:
                _send_data(archive, source, memory_bytes)
    except py7zr.exceptions.PasswordRequired:
        _send_problem("encrypted", "")
    except py7zr.exceptions.UnsupportedCompressionMethodError as e:
        _send_problem("method", str(e.args[-1]) if e.args else "")
    except MemoryError:
        _send_problem("memory", "")
    except (py7zr.exceptions.ArchiveError, lzma.LZMAError) as e:
        _send_problem("damaged", str(e))
    except Exception as e:  # noqa: BLE001 (anything may come out of a damaged header)
        _send_problem("damaged", f"{type(e).__name__}: {e}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
