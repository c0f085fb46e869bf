"""Drive API v3: files.get, files.list, files.export, downloads; and the token endpoint.

After the discovery document and the reference ("Search query terms").
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any

from growth_admin.deploy.standins.drive.api_errors import (
    JSON,
    Refused,
    error_reply,
    json_reply,
)
from growth_admin.deploy.standins.drive.downloads import bytes_reply, file_reply
from growth_admin.deploy.standins.drive.exchange import Exchange
from growth_admin.deploy.standins.drive.shapes import (
    DEFAULT_FILE,
    DEFAULT_LIST,
    BadFields,
    Shapes,
    parse_fields,
)
from growth_admin.deploy.standins.drive.tokens import Refusal, token_body
from growth_admin.deploy.standins.drive.wire import Reply
from growth_admin.deploy.standins.drive.world import DOCUMENTS, Item

FILES = re.compile(r"/drive/v3/files(?:/([^/]+)(/export)?)?")
PAGE_DEFAULT, PAGE_MAX = 100, 1000
PARENT = re.compile(r"'((?:[^'\\]|\\.)*)' in parents")
TRASHED = re.compile(r"trashed\s*=\s*(true|false)")
NAMED = re.compile(r"(name|mimeType)\s*(=|!=)\s*'((?:[^'\\]|\\.)*)'")
Test = Callable[[Item], bool]


def route(path: str) -> tuple[str, str] | None:
    """What a path is about; `metadata` may turn out to be `media`."""
    if path == "/token":
        return "token", ""
    found = FILES.fullmatch(path)
    if not found:
        return None
    if not found[1]:
        return "list", ""
    return ("export" if found[2] else "metadata"), found[1]


def parent_of(query: dict[str, str]) -> str:
    """The folder that a files.list is about, if it says so."""
    found = PARENT.search(query.get("q", ""))
    return found[1] if found else ""


def answer(exchange: Exchange) -> Reply:
    """The reply to a request that was found by `route`."""
    try:
        if exchange.where == "token":
            return _token(exchange)
        _authorize(exchange)
        if exchange.where == "list":
            return _list(exchange)
        return _get(exchange)
    except Refused as refused:
        return error_reply(refused.reason, location=refused.location, detail=refused.detail)
    except BadFields as bad:
        return error_reply("invalidParameter", location="fields", detail=f"{bad}")


def fail(exchange: Exchange) -> Reply | None:
    """The reply of a fault that answers instead, if one does."""
    hit = exchange.hit
    if error := hit.get("api_error"):
        return error_reply(error.reason, status=error.status)
    if status := hit.get("status"):
        return error_reply("backendError", status=status.status or 503)
    reasons = {
        "quota": "downloadQuotaExceeded",
        "abusive": "cannotDownloadAbusiveFile",
        "sorry": "rateLimitExceeded",
        "gone": "notFound",
        "remove": "notFound",
        "sign_in": "notFound",
        "need_access": "notFound",
    }
    found = next((reason for kind, reason in reasons.items() if kind in hit), "")
    return error_reply(found, detail=exchange.item_id) if found else None


def _authorize(exchange: Exchange) -> None:
    """Find out whose call it is. Raises Refused."""
    headers, accounts = exchange.request.headers, exchange.standing.accounts
    scheme, _, token = headers.get("authorization", "").partition(" ")
    key = exchange.request.query.get("key") or headers.get("x-goog-api-key", "")
    if scheme:
        reader = accounts.reader_of(token) if scheme.lower() == "bearer" else None
        if reader is None:
            raise Refused("authError")
        exchange.credential, exchange.reader = "token", reader
    elif not key:
        raise Refused("dailyLimitExceededUnreg")
    elif key not in accounts.api_keys:
        raise Refused("badRequest")
    else:
        exchange.credential = "key"


def _may_see(exchange: Exchange, item: Item) -> bool:
    if item.drive_id and exchange.request.query.get("supportsAllDrives") != "true":
        return False
    if exchange.reader and exchange.reader in item.readers:
        return True
    return item.is_shared and item.resource_key in ("", _keys(exchange).get(item.id))


def _keys(exchange: Exchange) -> dict[str, str]:
    """The resource keys that the caller knows (`id/key,id/key`)."""
    pairs = exchange.request.headers.get("x-goog-drive-resource-keys", "").split(",")
    return dict(pair.strip().split("/", 1) for pair in pairs if "/" in pair)


def _visible(exchange: Exchange, item_id: str, location: str = "fileId") -> Item:
    item = exchange.standing.world.item(item_id)
    if not item or not _may_see(exchange, item):
        raise Refused("notFound", location=location, detail=item_id)
    return item


def _without(exchange: Exchange) -> frozenset[str]:
    fault = exchange.hit.get("no_checksums")
    if not fault:
        return frozenset()
    kept = set(filter(None, fault.reason.split(",")))
    return frozenset({"md5Checksum", "sha1Checksum", "sha256Checksum"} - kept)


def _get(exchange: Exchange) -> Reply:
    item = _visible(exchange, exchange.item_id)
    query = exchange.request.query
    if exchange.where == "media":
        if not item.is_stored:
            raise Refused("fileNotDownloadable", location="alt")
        return file_reply(exchange, item)
    if exchange.where == "export":
        return _export(exchange, item)
    fields = parse_fields(query.get("fields") or DEFAULT_FILE)
    shapes = Shapes(exchange.standing.world, exchange.places.web)
    return json_reply(shapes.file(item, fields, without=_without(exchange)))


def _export(exchange: Exchange, item: Item) -> Reply:
    formats = DOCUMENTS.get(item.document_kind, {})
    wanted = exchange.request.query.get("mimeType", "")
    if not item.document_kind:
        raise Refused("fileNotExportable")
    by_type = {formats[name]: data for name, data in item.exports.items()}
    if wanted not in by_type:
        raise Refused("badRequest", location="mimeType")
    reply = bytes_reply(exchange, item.name, wanted, by_type[wanted])
    reply.headers = [pair for pair in reply.headers if pair[0] != "Content-Disposition"]
    return reply


def _list(exchange: Exchange) -> Reply:
    query = exchange.request.query
    found = _search(exchange, query.get("q", ""))
    size, start = _page_size(query), _page_start(query)
    fields = parse_fields(query.get("fields") or DEFAULT_LIST)
    of_file = fields.get("files", fields.get("*"))
    shapes = Shapes(exchange.standing.world, exchange.places.web)
    below = parse_fields(DEFAULT_FILE) if of_file == {} and "*" not in fields else of_file
    reply: dict[str, Any] = {"kind": "drive#fileList", "incompleteSearch": False}
    if start + size < len(found):
        reply["nextPageToken"] = urlsafe_b64encode(f"~!!~{start + size}".encode()).decode()
    if unknown := set(fields) - {*reply, "files", "nextPageToken", "*"}:
        raise BadFields(min(unknown))
    if "*" not in fields:
        reply = {name: value for name, value in reply.items() if name in fields}
    if below is not None:
        page, without = found[start : start + size], _without(exchange)
        wanted = below or {"*": {}}
        reply["files"] = [shapes.file(item, wanted, without=without) for item in page]
    return json_reply(reply)


def _search(exchange: Exchange, q: str) -> list[Item]:
    """The items that `q` finds (terms joined by `and`). Raises Refused."""
    folder: Item | None = None
    tests: list[Test] = []
    for term in filter(None, (part.strip() for part in re.split(r"\s+and\s+", q))):
        if parent := PARENT.fullmatch(term):
            folder = _visible(exchange, parent[1])
        else:
            tests.append(_test(term))
    items = folder.children if folder else list(exchange.standing.world.items.values())
    everywhere = exchange.request.query.get("includeItemsFromAllDrives") == "true"
    return [
        item
        for item in items
        if _may_list(exchange, item)
        and (everywhere or not item.drive_id)
        and all(test(item) for test in tests)
    ]


def _may_list(exchange: Exchange, item: Item) -> bool:
    """A list shows items with a resource key too, and tells the key."""
    if exchange.reader and exchange.reader in item.readers:
        return True
    return item.is_shared


def _test(term: str) -> Test:
    if trashed := TRASHED.fullmatch(term):
        wanted = trashed[1] == "true"
        return lambda item: item.is_trashed == wanted
    named = NAMED.fullmatch(term)
    if not named:
        raise Refused("invalid", location="q")
    text, is_equal = re.sub(r"\\(.)", r"\1", named[3]), named[2] == "="
    if named[1] == "name":
        return lambda item: (item.name == text) == is_equal
    return lambda item: (item.kind == text) == is_equal


def _page_size(query: dict[str, str]) -> int:
    text = query.get("pageSize", str(PAGE_DEFAULT))
    if not text.isdigit() or not 1 <= int(text) <= PAGE_MAX:
        raise Refused("invalid", location="pageSize")
    return int(text)


def _page_start(query: dict[str, str]) -> int:
    token = query.get("pageToken", "")
    try:
        return int(urlsafe_b64decode(token).removeprefix(b"~!!~")) if token else 0
    except ValueError:
        raise Refused("invalid", location="pageToken") from None


def _token(exchange: Exchange) -> Reply:
    try:
        return json_reply(exchange.standing.accounts.exchange(exchange.request.form))
    except Refusal as refusal:
        return Reply(400, [("Content-Type", JSON)], token_body(refusal))
