"""What the stand-in knows: files, folders, shortcuts, Google documents, and who may see them.

Plain data with the rules that Drive has for it. No HTTP. Ids are made from where an item lies, so
that the same world has the same links every time.
"""

import hashlib
import mimetypes
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from growth_admin.deploy.standins.drive.content import (
    Content,
    FileContent,
    GivenContent,
    MadeContent,
    digest,
)

GOOGLE = "application/vnd.google-apps."
FOLDER, SHORTCUT = GOOGLE + "folder", GOOGLE + "shortcut"
PROJECT = "growth-school"
MADE_UP_TIME = 1_790_000_000  # 2026-09-21
DOCUMENTS = {
    "document": {
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "pdf": "application/pdf",
        "txt": "text/plain",
    },
    "spreadsheet": {
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pdf": "application/pdf",
        "csv": "text/csv",
    },
    "presentation": {
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "pdf": "application/pdf",
    },
}
"""Kinds of Google documents, with the formats that each can be exported to."""


@dataclass
class Item:
    """A file, folder, shortcut or Google document.

    ``is_shared``: anyone with the link may see it. ``readers``: accounts (e-mail addresses) that
    may see it anyway. ``resource_key``: the link works only together with it. ``refusal``: what the
    web shows to who may not see it, ``sign_in`` or ``need_access``. ``drive_id``: the shared drive
    that it lies in. ``revision`` grows with each change of the content.
    """

    id: str
    name: str
    kind: str
    parent: "Item | None" = None
    content: Content = field(default_factory=lambda: GivenContent(b""))
    target: str = ""
    exports: dict[str, bytes] = field(default_factory=dict)
    is_shared: bool = True
    readers: frozenset[str] = frozenset()
    resource_key: str = ""
    refusal: str = "sign_in"
    drive_id: str = ""
    created: float = MADE_UP_TIME
    modified: float = MADE_UP_TIME
    revision: int = 1
    is_trashed: bool = False
    children: list["Item"] = field(default_factory=list)
    _digests: dict[tuple[int, str], str] = field(default_factory=dict)

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.kind == FOLDER

    @property
    def document_kind(self) -> str:
        """`document`, `spreadsheet` or `presentation` for Google's own; else empty."""
        kind = self.kind.removeprefix(GOOGLE)
        return kind if kind in DOCUMENTS else ""

    @property
    def is_stored(self) -> bool:
        """Whether it has bytes of its own, with a size and checksums."""
        return not self.kind.startswith(GOOGLE)

    @property
    def etag(self) -> str:
        """A strong validator of the content."""
        return f'"{self.id[:12]}-{self.revision}"'

    def checksum(self, algorithm: str) -> str:
        """The digest of the content in hexadecimal, computed once for each revision."""
        key = (self.revision, algorithm)
        if key not in self._digests:
            self._digests[key] = digest(self.content, algorithm)
        return self._digests[key]


class World:
    """All items by id. Safe to change while requests are answered, from any thread."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}

    def item(self, item_id: str) -> Item | None:
        """The item, unless it was never there or is gone for good."""
        return self.items.get(item_id)

    def add_folder(self, name: str, parent: Item | None = None, **facts: object) -> Item:
        """A new, empty folder. `facts` are fields of Item, for all that follow."""
        return self._add(name, FOLDER, parent, **facts)

    def add_file(
        self,
        name: str,
        content: bytes | Path | Content,
        parent: Item | None = None,
        *,
        mime_type: str = "",
        **facts: object,
    ) -> Item:
        """A new file with these bytes, or those of a file on disk."""
        if isinstance(content, bytes):
            content = GivenContent(content)
        elif isinstance(content, Path):
            facts.setdefault("modified", content.stat().st_mtime)
            content = FileContent(content)
        kind = mime_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return self._add(name, kind, parent, content=content, **facts)

    def add_shortcut(
        self, name: str, target: Item, parent: Item | None = None, **facts: object
    ) -> Item:
        """A shortcut to `target`."""
        return self._add(name, SHORTCUT, parent, target=target.id, **facts)

    def add_document(
        self,
        name: str,
        kind: str,
        exports: Mapping[str, bytes],
        parent: Item | None = None,
        **facts: object,
    ) -> Item:
        """A Google document (a kind of DOCUMENTS) with what its exports are, by format."""
        assert set(exports) <= set(DOCUMENTS[kind]), f"{kind} has formats {[*DOCUMENTS[kind]]}"
        return self._add(name, GOOGLE + kind, parent, exports=dict(exports), **facts)

    def add_made_files(
        self, count: int, size: int, parent: Item, pattern: str = "file-{:05d}.dat"
    ) -> list[Item]:
        """`count` made-up files of `size` bytes in `parent`."""
        names = [pattern.format(number) for number in range(count)]
        return [self.add_file(n, MadeContent(size, f"{parent.id}/{n}"), parent) for n in names]

    def add_tree(self, folder: Path, parent: Item | None = None, **facts: object) -> Item:
        """A folder on disk with all that is in it; the item of the folder itself."""
        made = self.add_folder(folder.name, parent, **facts)
        for path in sorted(folder.iterdir()):
            if path.is_dir():
                self.add_tree(path, made)
            elif path.is_file():
                self.add_file(path.name, path, made)
        return made

    def change(self, item: Item, content: bytes | Content | None = None) -> None:
        """Another content, by default a made-up one of the same size: a new revision."""
        if isinstance(content, bytes):
            content = GivenContent(content)
        made = MadeContent(item.content.size, f"{item.id} revision {item.revision + 1}")
        item.content = content or made
        item.revision += 1
        item.modified = max(time.time(), item.modified + 1)

    def remove(self, item: Item) -> None:
        """Delete for good, with what is in it."""
        for child in list(item.children):
            self.remove(child)
        self.items.pop(item.id, None)
        if item.parent:
            item.parent.children.remove(item)

    def walk(self, item: Item) -> Iterator[Item]:
        """The item and all below it."""
        yield item
        for child in item.children:
            yield from self.walk(child)

    def _add(self, name: str, kind: str, parent: Item | None, **facts: object) -> Item:
        if parent:
            facts.setdefault("is_shared", parent.is_shared)
            facts.setdefault("readers", parent.readers)
            facts.setdefault("drive_id", parent.drive_id)
            facts.setdefault("refusal", parent.refusal)
        if "readers" in facts:
            facts["readers"] = frozenset(facts["readers"])  # type: ignore[call-overload]  # any iterable
        item = Item(self._free_id(name, parent), name, kind, parent, **facts)  # type: ignore[arg-type]  # fields of Item
        self.items[item.id] = item
        if parent:
            parent.children.append(item)
        return item

    def _free_id(self, name: str, parent: Item | None) -> str:
        copy = 0
        while (found := id_for(name, parent.id if parent else "", copy)) in self.items:
            copy += 1
        return found


def service_email(name: str) -> str:
    """The address of a service account of the school's project."""
    return f"{name}@{PROJECT}.iam.gserviceaccount.com"


def id_for(name: str, parent_id: str = "", copy: int = 0) -> str:
    """The id of an item, as Drive makes them: 33 characters, the first a 1.

    `copy` counts the items of one folder with one name.
    """
    digits = hashlib.sha256(f"{parent_id}/{name}/{copy}".encode()).digest()
    return "1" + urlsafe_b64encode(digits).decode()[:32]
