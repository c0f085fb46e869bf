"""One request on its way to an answer: who asks, for what, and which names the hosts go by."""

from dataclasses import dataclass, field

from growth_admin.deploy.standins.drive.faults import Faults, Hit
from growth_admin.deploy.standins.drive.tokens import Accounts
from growth_admin.deploy.standins.drive.wire import Reply, Request
from growth_admin.deploy.standins.drive.world import Item, World

HTML = "text/html; charset=utf-8"
GOOGLE_HOSTS = {
    "drive.google.com",
    "docs.google.com",
    "drive.usercontent.google.com",
    "accounts.google.com",
    "www.googleapis.com",
    "oauth2.googleapis.com",
}


@dataclass(frozen=True)
class Places:
    """The addresses to put into links (no slash at the end)."""

    web: str
    docs: str
    download: str
    accounts: str


GOOGLE = Places(
    "https://drive.google.com",
    "https://docs.google.com",
    "https://drive.usercontent.google.com",
    "https://accounts.google.com",
)


@dataclass
class Standing:
    """What all requests have in common. Files above `scan_limit_bytes` get the virus-scan form."""

    world: World
    faults: Faults
    accounts: Accounts
    site: str = ""
    scan_limit_bytes: int = 100 * 1024 * 1024
    form_keys: dict[str, dict[str, str]] = field(default_factory=dict)
    _names: dict[tuple[str, int], dict[str, Item]] = field(default_factory=dict)

    def named(self, folder: Item, name: str) -> Item | None:
        """The first entry of a folder with this name."""
        key = (folder.id, len(folder.children))
        if key not in self._names:
            self._names[key] = {child.name: child for child in reversed(folder.children)}
        return self._names[key].get(name)


@dataclass
class Exchange:
    """A request, what it is about, and the faults that it meets."""

    request: Request
    standing: Standing
    where: str
    item_id: str = ""
    credential: str = "none"
    reader: str = ""
    hit: Hit = field(default_factory=Hit)

    @property
    def item(self) -> Item | None:
        """What the request is about, if it exists."""
        return self.standing.world.item(self.item_id)

    @property
    def places(self) -> Places:
        """The hosts as the caller knows them."""
        if self.request.headers.get("host", "").partition(":")[0] in GOOGLE_HOSTS:
            return GOOGLE
        site = self.standing.site
        return Places(site, site, site, site)


def html(body: bytes, status: int = 200) -> Reply:
    """A page."""
    return Reply(status, [("Content-Type", HTML), ("Cache-Control", "no-cache")], body)


def redirect(address: str, status: int = 303) -> Reply:
    """Go there."""
    return Reply(status, [("Location", address), ("Content-Type", HTML)])
