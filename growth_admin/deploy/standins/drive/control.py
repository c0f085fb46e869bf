"""Changes from outside, under /_control: what people and Google itself would do.

JSON in and out. Every call needs the header ``X-Growth-Control``, so that no web page can make one.

====================================  ==============================================================
GET /_control                         items with their links, faults, the virus-scan limit
POST /_control/faults                 {kind, ...}: switch a fault on (see `faults`)
DELETE /_control/faults               fair weather
POST /_control/files                  {name, text or size, parent, ...}: a new file (id in return)
POST /_control/folders                {name, parent, ...}
PATCH /_control/items/ID              {is_shared, resource_key, refusal, name, is_trashed, readers}
POST /_control/changes/ID             {text}: another content (made up without text)
DELETE /_control/items/ID             delete for good
PUT /_control/limits                  {scan_limit_bytes}
DELETE /_control/tokens               the tokens of service accounts expire
GET, DELETE /_control/requests        the requests answered so far; forget them
====================================  ==============================================================
"""

import json
from typing import Any

from growth_admin.deploy.standins.drive.content import MadeContent
from growth_admin.deploy.standins.drive.exchange import Standing
from growth_admin.deploy.standins.drive.wire import Reply, Request
from growth_admin.deploy.standins.drive.world import Item

HEADER = "x-growth-control"
PREFIX = "/_control"
CHANGEABLE = {"is_shared", "resource_key", "refusal", "name", "is_trashed", "readers"}


class NoSuch(LookupError):
    """No such item or call."""


def answer(standing: Standing, request: Request) -> Reply:
    """Make the change; 403 without the header, 404 and 400 for what cannot be."""
    if HEADER not in request.headers:
        return _reply({"message": f"{HEADER} is missing"}, 403)
    action, *words = request.path.removeprefix(PREFIX).strip("/").split("/")
    method = getattr(Control(standing), f"do_{request.method.lower()}_{action or 'world'}", None)
    if method is None:
        return _reply({"message": "no such control"}, 404)
    try:
        given = json.loads(request.body) if request.body else {}
        return _reply(method(*words, **given) or {})
    except NoSuch as error:
        return _reply({"message": f"no such item: {error}"}, 404)
    except (ValueError, TypeError) as error:
        return _reply({"message": str(error)}, 400)


def _reply(body: Any, status: int = 200) -> Reply:
    return Reply(status, [("Content-Type", "application/json")], json.dumps(body).encode())


class Control:
    """One method for each row of the table."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing

    def do_get_world(self) -> dict[str, Any]:
        """Everything but the secrets."""
        return {
            "items": [_as_data(item) for item in self.standing.world.items.values()],
            "faults": self.standing.faults.as_data(),
            "scan_limit_bytes": self.standing.scan_limit_bytes,
        }

    def do_post_faults(self, kind: str, **facts: Any) -> dict[str, Any]:
        """Switch on."""
        return {"id": self.standing.faults.add(kind, **facts).id}

    def do_delete_faults(self) -> None:
        """Fair weather."""
        self.standing.faults.clear()

    def do_post_files(
        self, name: str, text: str = "", size: int = 0, parent: str = "", **facts: Any
    ) -> dict[str, Any]:
        """A new file."""
        content = MadeContent(size, f"{parent}/{name}") if size else text.encode()
        folder = self._item(parent) if parent else None
        return _as_data(self.standing.world.add_file(name, content, folder, **facts))

    def do_post_folders(self, name: str, parent: str = "", **facts: Any) -> dict[str, Any]:
        """A new folder."""
        folder = self._item(parent) if parent else None
        return _as_data(self.standing.world.add_folder(name, folder, **facts))

    def do_patch_items(self, item_id: str, **changes: Any) -> dict[str, Any]:
        """Change what is known of an item."""
        item = self._item(item_id)
        if unknown := set(changes) - CHANGEABLE:
            raise ValueError(f"cannot change {', '.join(sorted(unknown))}")
        for name, value in changes.items():
            setattr(item, name, frozenset(value) if name == "readers" else value)
        return _as_data(item)

    def do_post_changes(self, item_id: str, text: str = "") -> dict[str, Any]:
        """Another content."""
        item = self._item(item_id)
        self.standing.world.change(item, text.encode() or None)
        return _as_data(item)

    def do_delete_items(self, item_id: str) -> None:
        """Delete."""
        self.standing.world.remove(self._item(item_id))

    def do_put_limits(self, scan_limit_bytes: int) -> None:
        """From which size on a file is too large to scan."""
        self.standing.scan_limit_bytes = scan_limit_bytes

    def do_delete_tokens(self) -> None:
        """Expire."""
        self.standing.accounts.expire_tokens()

    def do_get_requests(self) -> list[dict[str, Any]]:
        """The last requests."""
        return list(self.standing.faults.requests)

    def do_delete_requests(self) -> None:
        """Forget them."""
        self.standing.faults.requests.clear()

    def _item(self, item_id: str) -> Item:
        item = self.standing.world.item(item_id)
        if not item:
            raise NoSuch(item_id)
        return item


def _as_data(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "name": item.name,
        "kind": item.kind,
        "parent": item.parent.id if item.parent else "",
        "size": item.content.size if item.is_stored else None,
        "is_shared": item.is_shared,
        "resource_key": item.resource_key,
        "revision": item.revision,
    }
