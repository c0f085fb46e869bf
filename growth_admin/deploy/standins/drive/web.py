"""drive.google.com, docs.google.com, drive.usercontent.google.com, as people without login see."""

import re
import secrets
from urllib.parse import quote, urlencode

from growth_admin.deploy.standins.drive import pages
from growth_admin.deploy.standins.drive.downloads import bytes_reply, file_reply
from growth_admin.deploy.standins.drive.exchange import Exchange, html, redirect
from growth_admin.deploy.standins.drive.wire import Reply
from growth_admin.deploy.standins.drive.world import DOCUMENTS, SHORTCUT, Item

DOCUMENT_PATHS = {"document": "document", "spreadsheets": "spreadsheet"}
DOCUMENT_PATHS |= {"presentation": "presentation"}
PATHS = {kind: path for path, kind in DOCUMENT_PATHS.items()}
ROUTES = [
    (re.compile(r"/file(?:/u/\d+)?/d/([-\w]+)(?:/(?:view|edit|preview))?/?"), "page"),
    (re.compile(r"/drive(?:/u/\d+)?/folders/([-\w]+)/?"), "page"),
    (re.compile(r"/(?:document|spreadsheets|presentation)(?:/u/\d+)?/d/([-\w]+)/export"), "export"),
    (re.compile(r"/(?:document|spreadsheets|presentation)(?:/u/\d+)?/d/([-\w]+)(?:/.*)?"), "page"),
]
BY_QUERY = {"/uc": "uc", "/open": "page", "/download": "download", "/embeddedfolderview": "folder"}


def route(path: str, query: dict[str, str]) -> tuple[str, str] | None:
    """What a path is about: the kind of request and the item's id."""
    where = BY_QUERY.get(path)
    if where:
        return where, query.get("id", "")
    for pattern, name in ROUTES:
        if found := pattern.fullmatch(path):
            return name, found[1]
    return None


def answer(exchange: Exchange) -> Reply:
    """The reply to a request that was found by `route`."""
    item = exchange.item
    if not item or item.is_trashed or not _has_key(exchange, item):
        return html(pages.missing_page(), 404)
    if not item.is_shared:
        if exchange.where == "folder":
            return html(pages.missing_page(), 404)
        return refuse(exchange, item.refusal)
    if item.kind == SHORTCUT:
        return _follow(exchange, item)
    if exchange.where == "folder":
        return _folder(exchange, item)
    if exchange.where == "export":
        return _export(exchange, item)
    if exchange.where == "download":
        return _download(exchange, item)
    if exchange.where == "uc":
        return _uc(exchange, item)
    if item.document_kind and exchange.request.path == "/open":
        return redirect(address_of(exchange, item), 307)
    return html(pages.view_page(item))


def fail(exchange: Exchange) -> Reply | None:
    """The reply of a fault that answers instead, if one does."""
    hit = exchange.hit
    if hit.get("sign_in", "need_access"):
        return refuse(exchange, "sign_in" if "sign_in" in hit else "need_access")
    if "quota" in hit:
        return html(pages.quota_page())
    if "abusive" in hit:
        return html(pages.infected_page())
    if "sorry" in hit:
        return html(pages.sorry_page(), 429)
    if hit.get("gone", "remove"):
        return html(pages.missing_page(), 404)
    if status := hit.get("status"):
        return html(pages.page("Error", "<p>That's an error.</p>"), status.status or 503)
    return None


def refuse(exchange: Exchange, how: str) -> Reply:
    """What one gets for an item that is not shared."""
    if how == "need_access":
        return html(pages.need_access_page())
    back = f"{exchange.places.web}{exchange.request.target}"
    words = urlencode({"service": "wise", "passive": "1209600", "continue": back})
    return redirect(f"{exchange.places.accounts}/ServiceLogin?{words}", 302)


def address_of(exchange: Exchange, item: Item) -> str:
    """The address of an item's page, as a folder's view links to it."""
    places = exchange.places
    if item.document_kind:
        return f"{places.docs}/{PATHS[item.document_kind]}/d/{item.id}/edit?usp=drive_web"
    key = f"&resourcekey={item.resource_key}" if item.resource_key else ""
    if item.is_folder:
        return f"{places.web}/drive/folders/{item.id}?usp=drive_web{key}"
    return f"{places.web}/file/d/{item.id}/view?usp=drive_web{key}"


def _has_key(exchange: Exchange, item: Item) -> bool:
    return item.resource_key in ("", exchange.request.query.get("resourcekey"))


def _follow(exchange: Exchange, shortcut: Item) -> Reply:
    target = exchange.standing.world.item(shortcut.target)
    if not target:
        return html(pages.missing_page(), 404)
    if exchange.where not in ("uc", "download"):
        return redirect(address_of(exchange, target), 302)
    words = {"id": target.id, "export": "download"}
    if target.resource_key:
        words["resourcekey"] = target.resource_key
    return redirect(f"{exchange.places.web}/uc?{urlencode(words)}")


def _uc(exchange: Exchange, item: Item) -> Reply:
    if item.document_kind:
        return html(pages.page("Error 500", "<p><b>500.</b> That's an error.</p>"), 500)
    if item.is_folder:
        return html(pages.missing_page(), 404)
    wanted = exchange.request.query
    words = {"id": item.id, "export": "download"}
    words |= {name: wanted[name] for name in ("confirm", "resourcekey") if name in wanted}
    return redirect(f"{exchange.places.download}/download?{urlencode(words)}")


def _download(exchange: Exchange, item: Item) -> Reply:
    if not item.is_stored:
        return html(pages.missing_page(), 404 if item.is_folder else 500)
    if "virus_unparsable" in exchange.hit:
        return html(pages.virus_page(item, "", {}, has_form=False))
    if _needs_form(exchange, item) and not _is_confirmed(exchange, item):
        return _virus_form(exchange, item)
    return file_reply(exchange, item)


def _needs_form(exchange: Exchange, item: Item) -> bool:
    if "virus_never" in exchange.hit:
        return False
    is_large = item.content.size > exchange.standing.scan_limit_bytes
    return is_large or bool(exchange.hit.get("virus_always", "virus_strict"))


def _is_confirmed(exchange: Exchange, item: Item) -> bool:
    if exchange.request.method == "POST":
        return True
    query = exchange.request.query
    if "virus_strict" not in exchange.hit:
        return query.get("confirm") == "t"
    wanted = exchange.standing.form_keys.get(item.id)
    return bool(wanted) and all(query.get(k) == v for k, v in (wanted or {}).items())


def _virus_form(exchange: Exchange, item: Item) -> Reply:
    keys = {"confirm": "t", "uuid": _uuid()}
    if "virus_strict" in exchange.hit or int(keys["uuid"][0], 16) % 2:
        keys["at"] = f"AIrpjvP{secrets.token_urlsafe(20)}:{secrets.randbelow(10**13)}"
    exchange.standing.form_keys[item.id] = keys
    hidden = {"id": item.id, "export": "download", **keys}
    if item.resource_key:
        hidden["resourcekey"] = item.resource_key
    return html(pages.virus_page(item, f"{exchange.places.download}/download", hidden))


def _folder(exchange: Exchange, folder: Item) -> Reply:
    if not folder.is_folder:
        return html(pages.missing_page(), 404)
    rows = []
    for child in folder.children:
        if not child.is_shared or child.is_trashed:
            continue
        target = exchange.standing.world.item(child.target) if child.target else None
        rows.append((child, address_of(exchange, target or child)))
    return html(pages.folder_page(folder, rows))


def _export(exchange: Exchange, item: Item) -> Reply:
    kind = item.document_kind
    path = exchange.request.path.split("/")[1]
    if not kind or DOCUMENT_PATHS[path] != kind:
        return html(pages.missing_page(), 404)
    wanted = exchange.request.query.get("format") or next(iter(DOCUMENTS[kind]))
    if wanted not in item.exports:
        return html(pages.page("Error 400", "<p>Bad Request</p>"), 400)
    data = item.exports[wanted]
    return bytes_reply(exchange, f"{item.name}.{wanted}", DOCUMENTS[kind][wanted], data)


def index(exchange: Exchange, path: str) -> Reply:
    """Not Google's: a folder as a plain web server shows it, for clients that know only those."""
    item, standing = exchange.item, exchange.standing
    for name in filter(None, path.split("/")):
        item = standing.named(item, name) if item else None
    if item and item.is_folder:
        names = [quote(c.name) + ("/" if c.is_folder else "") for c in item.children]
        return html(pages.index_page(item, names))
    if not item or not item.is_stored:
        return html(pages.missing_page(), 404)
    return file_reply(exchange, item, has_disposition=False)


def _uuid() -> str:
    text = secrets.token_hex(16)
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
