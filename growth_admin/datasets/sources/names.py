"""Names from outside: which are places in a dataset, and what others are turned into.

Sources name files as they like: Drive allows slashes, line breaks and the same name twice in one
folder; a server may send ``../../.bashrc``. What leaves this module is a relative path that every
student's laptop can keep too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote_to_bytes

from growth_admin.datasets.facts import SourceProblem

NAME_BYTES: Final = 255
"""The longest name that ext4, XFS and NFS keep."""
PATH_BYTES: Final = 4095
RESERVED_TOP: Final = frozenset({".versions", ".staging"})
RESERVED_PREFIX: Final = ".growth"
_UNSAFE: Final = re.compile(
    "[/\\\\\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"""Separators, control characters, marks that are not seen or turn the direction of text."""
_SUFFIX: Final = re.compile(r"(?:\.tar)?\.[A-Za-z0-9]{1,10}")
_PARAMETER: Final = re.compile(
    r";\s*(?P<key>[\w!#$%&'*+.^`|~-]+)\s*=\s*(?P<value>\"(?:[^\"\\]|\\.)*\"|[^;]*)"
)


def safe_name(text: str, *, otherwise: str = "unnamed") -> str:
    """Return a name for one file or folder that is as near to ``text`` as is safe."""
    name = _UNSAFE.sub("_", unicodedata.normalize("NFC", text)).strip().rstrip(". ")
    return _shorten(name or otherwise)


def safe_top_name(text: str, *, otherwise: str = "unnamed") -> str:
    """Return the same for a name at the top of a dataset, where the hub keeps some for itself."""
    name = safe_name(text, otherwise=otherwise)
    is_taken = name in RESERVED_TOP or name.lower().startswith(RESERVED_PREFIX)
    return _shorten(f"_{name}") if is_taken else name


def safe_path(text: str) -> str:
    """Return a relative path of a dataset, normalised (NFC), if each of its parts is safe.

    Raises ``SourceProblem`` (``name_unsafe``) for what could lead elsewhere.
    """
    path = unicodedata.normalize("NFC", text)
    parts = path.split("/")
    why = ""
    if not path or path.startswith("/") or any(part in ("", ".", "..") for part in parts):
        why = "is no plain relative path"
    elif any(_UNSAFE.search(part) for part in parts):
        why = "has a character that is not safe in a name"
    elif len(path.encode()) > PATH_BYTES or any(len(p.encode()) > NAME_BYTES for p in parts):
        why = "is longer than a disk can keep"
    elif parts[0] in RESERVED_TOP or parts[0].lower().startswith(RESERVED_PREFIX):
        why = "is a name that the hub keeps for itself"
    if why:
        raise SourceProblem(
            "name_unsafe",
            f"The file name {text[:120]!a} {why}.",
            hint="Ask whoever offers the data to rename the file, or pack it into an archive.",
        )
    return path


def distinct_names(names: Sequence[tuple[str, str]], *, is_top: bool) -> list[str]:
    """Return safe names for what lies in one folder, no two alike on any laptop.

    Each item is a name and a key (an id) that decides who keeps the plain name, so that the same
    folder gives the same names however the source orders it. The others get ``(2)``, ``(3)``.
    """
    make = safe_top_name if is_top else safe_name
    found = [""] * len(names)
    taken: set[str] = set()
    for index in sorted(range(len(names)), key=lambda i: names[i]):
        name = make(names[index][0])
        count, free = 1, name
        while folded(free) in taken:
            count += 1
            free = numbered(name, count)
        taken.add(folded(free))
        found[index] = free
    return found


def disposition_name(header: str) -> str:
    """Return the file name of a ``Content-Disposition`` header; empty if it names none.

    ``filename*`` (RFC 8187) wins over ``filename`` (RFC 6266, section 4.3). Not made safe.
    """
    values = {m["key"].lower(): m["value"].strip() for m in _PARAMETER.finditer(header)}
    extended = _decode_extended(values.get("filename*", ""))
    if extended:
        return extended
    plain = values.get("filename", "")
    if plain.startswith('"'):
        plain = re.sub(r"\\(.)", r"\1", plain[1:-1])
    try:  # header bytes are read as ISO-8859-1; many servers send UTF-8 all the same
        return plain.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return plain


def is_attachment(header: str) -> bool:
    """Return whether a ``Content-Disposition`` header says that the body is a file to save."""
    return header.partition(";")[0].strip().lower() == "attachment"


def _decode_extended(value: str) -> str:
    charset, _, rest = value.strip('"').partition("'")
    if charset.lower() not in ("utf-8", "iso-8859-1"):
        return ""
    try:
        return unquote_to_bytes(rest.partition("'")[2]).decode(charset)
    except UnicodeError:
        return ""


def folded(name: str) -> str:
    """Return what a laptop that ignores case, composition and trailing dots takes it for."""
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())
    return plain.rstrip(" .") or plain


def _split(name: str) -> tuple[str, str]:
    """Return stem and suffix; ``.tar.gz`` is one suffix, a leading dot none."""
    for match in _SUFFIX.finditer(name, 1):
        if match.end() == len(name):
            return name[: match.start()], match.group()
    return name, ""


def numbered(name: str, count: int) -> str:
    """Return the name of the ``count``-th of several that would have the same: ``a (2).csv``."""
    stem, suffix = _split(name)
    return _shorten(stem, room=NAME_BYTES - len(suffix) - len(f" ({count})")) + (
        f" ({count}){suffix}"
    )


def _shorten(name: str, *, room: int = NAME_BYTES) -> str:
    """Return the name cut to ``room`` bytes, its suffix kept."""
    if len(name.encode()) <= room:
        return name
    stem, suffix = _split(name)
    cut = stem.encode()[: max(room - len(suffix), 1)].decode(errors="ignore")
    return cut.rstrip(" .") + suffix
