"""What kind of file some bytes are, by their first bytes and never by the name of the file.

Whatever is no list of people is refused with a sentence that says what to do.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final, Literal

from growth_admin.core.errors import InvalidInput
from growth_admin.core.words import in_words

UNPACKED_LIMIT_BYTES: Final = 40 * 1000**2
PARTS_LIMIT: Final = 2_000
AS_CSV: Final = "Open it in the program that made it, save it as CSV or XLSX, and import that."

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_PAGE: Final = re.compile(rb"\s*(?:<!doctype|<html|<head|<body|<table|<\?xml|<!--)", re.IGNORECASE)
_KNOWN: Final = (
    (b"%PDF", "a PDF", "Copy the people out of it and paste them as text."),
    (b"{\\rtf", "an RTF document", "Copy the people out of it and paste them as text."),
    (b"BEGIN:VCARD", "a set of contact cards", "Export the contacts as CSV instead."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it and import the list that is in it."),
    (b"Rar!", "a RAR archive", "Unpack it and import the list that is in it."),
    (b"7z\xbc\xaf", "a 7z archive", "Unpack it and import the list that is in it."),
    (b"\x89PNG", "a picture", "Export the list as CSV or XLSX, or paste the people as text."),
    (b"\xff\xd8\xff", "a picture", "Export the list as CSV or XLSX, or paste the people as text."),
    (b"GIF8", "a picture", "Export the list as CSV or XLSX, or paste the people as text."),
    (b"SQLite format 3", "a database", AS_CSV),
    (b"PAR1", "a Parquet file", AS_CSV),
    (b"\x7fELF", "a program", "Choose the file that holds the people."),
    (b"MZ\x90", "a program", "Choose the file that holds the people."),
)


def kind_of(data: bytes) -> Literal["text", "xlsx"]:
    """Return whether the bytes are text or an XLSX workbook.

    Raises ``InvalidInput`` for everything else, and for a workbook that unpacks to too much.
    """
    if data.startswith(_OLE):
        raise _ole(data)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        _check_archive(data)
        return "xlsx"
    for start, what, hint in _KNOWN:
        if data.startswith(start):
            raise refused(f"The file is {what}, not a list of people.", hint)
    if _PAGE.match(data.removeprefix(b"\xef\xbb\xbf")[:200]):
        raise refused(
            "The file is a web page, not a list of people.",
            "The download probably needed a login, or the export is HTML under another name. "
            "Open it, and save the table as CSV or XLSX.",
        )
    return "text"


def check_text(text: str) -> None:
    """Raise ``InvalidInput`` when a decoded text is none, is empty, or is JSON."""
    if not text.strip():
        raise refused("The list is empty.", "Choose a file that holds people, or paste them.")
    sample = text[:4000]
    odd = sum(1 for c in sample if (ord(c) < 32 and c not in "\t\n\r\f\v") or c == "\ufffd")
    if odd > 0.05 * len(sample):
        raise refused("The file is not text, and no spreadsheet that can be read.", AS_CSV)
    if re.match(r"\s*(?:\{\s*\"|\[\s*[\[{\"])", text):
        raise refused("The file is JSON, not a table.", "Export the list as CSV or XLSX.")


def refused(detail: str, hint: str) -> InvalidInput:
    """Return the error for a file that cannot be read."""
    return InvalidInput(detail, hint=hint, fields=[("content", detail)])


def _ole(data: bytes) -> InvalidInput:
    if _ENCRYPTED in data:
        return refused(
            "The workbook is protected by a password.",
            "Open it in Excel, choose File, Info, Protect Workbook, Encrypt with Password, delete "
            "the password, save, and import it again.",
        )
    return refused(
        "The file is an old Excel workbook (.xls).",
        "Open it in Excel or LibreOffice, save it as XLSX or CSV, and import that.",
    )


def _check_archive(data: bytes) -> None:
    """Raise ``InvalidInput`` unless the archive is a workbook of a sane size."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as e:
        raise refused("The file is cut off or damaged.", "Save or download it again.") from e
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise _other_archive(names)
    size = sum(part.file_size for part in parts)
    if size > UNPACKED_LIMIT_BYTES or len(parts) > PARTS_LIMIT:
        raise refused(
            f"The workbook unpacks to {in_words(size)} in {len(parts):,} parts; at most "
            f"{in_words(UNPACKED_LIMIT_BYTES)} are read.",
            "Copy the columns with the people into a new workbook, or save the sheet as CSV.",
        )
    if any(part.flag_bits & 0x1 for part in parts):
        raise refused("The workbook is protected by a password.", AS_CSV)


def _other_archive(names: set[str]) -> InvalidInput:
    if "xl/workbook.bin" in names:
        return refused("The file is a binary workbook (.xlsb).", AS_CSV)
    if "mimetype" in names and "content.xml" in names:
        return refused("The file is an OpenDocument file (.ods).", AS_CSV)
    if any(name.endswith((".iwa", "Index.zip")) for name in names):
        return refused(
            "The file is an Apple Numbers document.",
            "In Numbers choose File, Export To, CSV or Excel, and import that.",
        )
    if "word/document.xml" in names:
        return refused(
            "The file is a Word document.", "Copy the people out of it and paste them as text."
        )
    return refused("The file is a ZIP archive.", "Unpack it and import the list that is in it.")
