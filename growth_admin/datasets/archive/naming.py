"""Names in archives: which are places in a dataset, and which are refused and why."""

from __future__ import annotations

import re
import unicodedata

from growth_admin.datasets.facts import SourceProblem

Parts = tuple[str, ...]
"""A place below the folder that is unpacked into: one name per folder, the file's own last."""

NAME_BYTES = 255
"""The longest name that ext4, XFS and NFS keep."""
PATH_BYTES = 4096
"""PATH_MAX of Linux."""
_SHOWN_CHARACTERS = 120
_RESERVED_TOP = frozenset({".versions", ".staging"})
_RESERVED_PREFIX = ".growth-"
_DRIVE = re.compile(r"[A-Za-z]:")
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Control characters and marks that turn the direction of text: a list would show another name."""
_JUNK_NAMES = frozenset({".DS_Store", "Icon\r"})


def shown(name: str | bytes) -> str:
    """Return a member's name as it may be put into a message: escaped, quoted, cut."""
    text = name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else name
    cut = text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 3] + "..."
    return ascii(cut) if _INVISIBLE.search(cut) or not cut.isprintable() else repr(cut)


def unsafe(name: str | bytes, reason: str, *, hint: str = "") -> SourceProblem:
    """Return the refusal of an archive because of one member."""
    return SourceProblem(
        "archive_unsafe",
        f"The archive is refused: {shown(name)} {reason}.",
        hint=hint or "Ask whoever made the archive to pack it again without this entry.",
    )


def is_junk(parts: Parts) -> bool:
    """Return whether it is what macOS adds to archives for itself (AppleDouble, Finder)."""
    return parts[0] == "__MACOSX" or parts[-1] in _JUNK_NAMES or parts[-1].startswith("._")


def parse_name(name: str, *, depth: int, is_folder: bool = False) -> Parts:
    """Return the place that a member's name stands for; none for the top folder itself.

    ``./`` and doubled slashes are what ``tar`` writes for ``tar c .`` and are dropped. Raises
    ``SourceProblem`` for what could lead elsewhere or cannot be kept under the same name.
    """
    _refuse_spelling(name)
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if not parts:
        if is_folder and name:
            return ()
        raise unsafe(name, "is no name")
    if name.endswith("/") and not is_folder:
        raise unsafe(name, "is named like a folder and is none")
    if ".." in parts:
        raise unsafe(name, "leads out of the folder (..)")
    if is_junk(parts):
        return parts
    if len(parts) > depth:
        raise unsafe(name, f"lies more than {depth} folders deep")
    for part in parts:
        _refuse_part(name, part)
    if parts[0] in _RESERVED_TOP or parts[0].startswith(_RESERVED_PREFIX):
        raise unsafe(name, "has a name that the hub keeps for itself")
    return parts


def _refuse_spelling(name: str) -> None:
    """Raise if the whole name is one that no safe reading is agreed on."""
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        raise unsafe(name, "has a name in no known encoding") from None
    if "\0" in name:
        raise unsafe(name, "has a zero byte in its name")
    if size > PATH_BYTES - 1:
        raise unsafe(name, f"has a path of over {PATH_BYTES} bytes")
    if name.startswith("/"):
        raise unsafe(name, "has an absolute name")
    if "\\" in name:
        raise unsafe(name, "has a backslash in its name")
    if _DRIVE.match(name):
        raise unsafe(name, "names a drive")


def _refuse_part(name: str, part: str) -> None:
    """Raise if one part of a name is unsafe."""
    if len(part.encode()) > NAME_BYTES:
        raise unsafe(name, f"has a name of over {NAME_BYTES} bytes")
    if _INVISIBLE.search(part):
        raise unsafe(name, "has an invisible character in its name")


def _folded(part: str) -> str:
    """Return what a laptop that ignores case, composition and trailing dots takes it for."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFD", part).casefold())
    return folded.rstrip(" .") or folded


class Tree:
    """The names that an archive has used, folded as laptops fold them.

    Students copy datasets to macOS and Windows, where ``A`` and ``a``, or the composed and the
    decomposed form of an umlaut, are one file: one of the two would silently be lost.
    """

    def __init__(self) -> None:
        self._folders: dict[str, Parts] = {}
        self._files: dict[str, str] = {}

    def add(self, parts: Parts, *, is_folder: bool) -> str:
        """Take a name for a file or a folder and return it. Raises ``SourceProblem``."""
        name = "/".join(parts)
        self._add_folder(parts if is_folder else parts[:-1])
        if is_folder:
            return name
        key = self._key(parts)
        if key in self._folders:
            raise unsafe(name, "is a file and a folder at once")
        if key in self._files:
            raise self._collision(name, self._files[key])
        # one text for both where they are equal: there may be a million
        self._files[name if key == name else key] = name
        return name

    def _add_folder(self, parts: Parts) -> None:
        if not parts:
            return
        key = self._key(parts)
        known = self._folders.get(key)
        if known == parts:
            return
        name = "/".join(parts)
        if known is not None:
            raise self._collision(name, "/".join(known))
        if key in self._files:
            raise unsafe(name, "is a file and a folder at once")
        self._add_folder(parts[:-1])
        self._folders[key] = parts

    @staticmethod
    def _key(parts: Parts) -> str:
        name = "/".join(parts)
        # most names are plain; folding each part of 100,000 names would be most of the work
        if name.isascii() and "./" not in name and " /" not in name and name[-1] not in " .":
            return name.lower()
        return "/".join(_folded(part) for part in parts)

    @staticmethod
    def _collision(name: str, other: str) -> SourceProblem:
        if name == other:
            return unsafe(name, "is there twice")
        return unsafe(name, f"cannot be told from {shown(other)} on macOS or Windows")
