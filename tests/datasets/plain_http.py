"""Files at addresses, as a source that processes may fetch small ones of."""

from __future__ import annotations

from growth_admin.datasets.express.plain import PlainRequest, PlainWay
from growth_admin.datasets.facts import RemoteFile
from growth_admin.datasets.sources.http import HttpSource


class PlainHttp(HttpSource):
    """Tells how its files are asked for, as Drive does; it lists none of them."""

    def plain_way(self) -> PlainWay | None:
        """See ``PlainSource``."""
        return self._transport.plain_way()

    def plain_request(self, file: RemoteFile) -> PlainRequest | None:
        """See ``PlainSource``."""
        return self._transport.plain_request(str(file.locator["url"]), {})
