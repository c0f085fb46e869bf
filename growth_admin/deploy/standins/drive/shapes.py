"""Drive's JSON replies, made from the world, and the selection of their fields.

Field by field after Google's discovery document (`drive.v3.json`); the contract tests validate
every reply against it.
"""

import re
import time
from typing import Any

from growth_admin.deploy.standins.drive.content import ALGORITHMS
from growth_admin.deploy.standins.drive.world import DOCUMENTS, FOLDER, SHORTCUT, Item, World

Fields = dict[str, Any]
"""Selected fields: name to what is selected below it ({}: all)."""

DEFAULT_FILE = "kind,id,name,mimeType,resourceKey"
DEFAULT_LIST = f"kind,incompleteSearch,nextPageToken,files({DEFAULT_FILE})"
TOKEN = re.compile(r"[A-Za-z0-9_]+|[*(),/]")


class BadFields(ValueError):
    """A selector that names no field, or is none."""


def parse_fields(text: str) -> Fields:
    """A partial-response selector (`a,b(c,d),e/f`, `*`). Raises BadFields."""
    tokens = TOKEN.findall(text)
    if "".join(tokens) != text.replace(" ", ""):
        raise BadFields(text)
    fields, rest = _parse_list(tokens)
    if rest:
        raise BadFields(text)
    return fields


def _parse_list(tokens: list[str]) -> tuple[Fields, list[str]]:
    fields: Fields = {}
    while True:
        if not tokens or not (tokens[0][0].isalnum() or tokens[0] == "*"):
            raise BadFields(" ".join(tokens))
        name, tokens = tokens[0], tokens[1:]
        below = fields.setdefault(name, {})
        while tokens[:1] == ["/"]:
            if len(tokens) < 2:
                raise BadFields(name)
            below, tokens = below.setdefault(tokens[1], {}), tokens[2:]
        if tokens[:1] == ["("]:
            inner, tokens = _parse_list(tokens[1:])
            if tokens[:1] != [")"]:
                raise BadFields(name)
            below.update(inner)
            tokens = tokens[1:]
        if tokens[:1] != [","]:
            return fields, tokens
        tokens = tokens[1:]


class Shapes:
    """Makes replies."""

    def __init__(self, world: World, site: str) -> None:
        self.world = world
        self.site = site

    def file(self, item: Item, fields: Fields, *, without: frozenset[str] = frozenset()) -> Any:
        """A `File` with the selected fields that it has. Raises BadFields for unknown ones."""
        if "*" in fields:
            fields = {name: {} for name in _MAKERS}
        reply: dict[str, Any] = {}
        for name, below in fields.items():
            if name not in _MAKERS:
                raise BadFields(name)
            value = None if name in without else _MAKERS[name](self, item)
            if value is not None:
                reply[name] = _select(value, below)
        return reply

    def _target(self, item: Item) -> dict[str, str] | None:
        target = self.world.item(item.target) if item.kind == SHORTCUT else None
        if not target:
            return {"targetId": item.target} if item.kind == SHORTCUT else None
        details = {"targetId": target.id, "targetMimeType": target.kind}
        if target.resource_key:
            details["targetResourceKey"] = target.resource_key
        return details

    def _export_links(self, item: Item) -> dict[str, str] | None:
        formats = DOCUMENTS.get(item.document_kind, {})
        links = {
            formats[name]: f"{self.site}/export?id={item.id}&exportFormat={name}"
            for name in item.exports
        }
        return links or None

    def _links(self, item: Item, kind: str) -> str | None:
        if kind == "view":
            path = "drive/folders/{}" if item.is_folder else "file/d/{}/view"
            return f"{self.site}/{path.format(item.id)}?usp=drivesdk"
        return f"{self.site}/uc?id={item.id}&export=download" if item.is_stored else None


def _select(value: Any, below: Fields) -> Any:
    if not below or "*" in below or not isinstance(value, dict):
        return value
    if unknown := set(below) - set(value) - _SUBFIELDS:
        raise BadFields(min(unknown))
    return {name: value[name] for name in below if name in value}


def _checksum(algorithm: str) -> Any:
    return lambda shapes, item: item.checksum(algorithm) if item.is_stored else None


def _size(shapes: Shapes, item: Item) -> str | None:
    return str(item.content.size) if item.is_stored else None


def _time(seconds: float) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03d}Z"


def _extension(shapes: Shapes, item: Item) -> str | None:
    return item.name.rpartition(".")[2] if item.is_stored and "." in item.name else None


_SUBFIELDS = {"targetId", "targetMimeType", "targetResourceKey", "canDownload", "canListChildren"}
_MAKERS: dict[str, Any] = {
    "kind": lambda shapes, item: "drive#file",
    "id": lambda shapes, item: item.id,
    "name": lambda shapes, item: item.name,
    "mimeType": lambda shapes, item: item.kind,
    "size": _size,
    "quotaBytesUsed": lambda shapes, item: _size(shapes, item) or "0",
    **{f"{algorithm}Checksum": _checksum(algorithm) for algorithm in ALGORITHMS},
    "headRevisionId": lambda s, item: (
        f"0B{item.id[1:20]}{item.revision:04d}" if item.is_stored else None
    ),
    "version": lambda shapes, item: str(item.revision),
    "createdTime": lambda shapes, item: _time(item.created),
    "modifiedTime": lambda shapes, item: _time(item.modified),
    "originalFilename": lambda shapes, item: item.name if item.is_stored else None,
    "fileExtension": _extension,
    "fullFileExtension": _extension,
    "resourceKey": lambda shapes, item: item.resource_key or None,
    "shortcutDetails": Shapes._target,
    "exportLinks": Shapes._export_links,
    "capabilities": lambda shapes, item: {
        "canDownload": item.kind not in (FOLDER, SHORTCUT),
        "canListChildren": item.is_folder,
        "canEdit": False,
    },
    "trashed": lambda shapes, item: item.is_trashed,
    "explicitlyTrashed": lambda shapes, item: item.is_trashed,
    "starred": lambda shapes, item: False,
    "shared": lambda shapes, item: True,
    "ownedByMe": lambda shapes, item: False,
    "driveId": lambda shapes, item: item.drive_id or None,
    "parents": lambda shapes, item: [item.parent.id] if item.parent else None,
    "spaces": lambda shapes, item: ["drive"],
    "owners": lambda shapes, item: [
        {"kind": "drive#user", "displayName": "An Observatory", "me": False, "permissionId": "1"}
    ],
    "webViewLink": lambda shapes, item: shapes._links(item, "view"),
    "webContentLink": lambda shapes, item: shapes._links(item, "content"),
}
