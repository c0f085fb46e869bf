"""The hub's word on nodes that fetch an image, for the images room; neither room knows the other.

The address is ``/hub/api/growth/prepull`` of ``hub_config.py``.
"""

from __future__ import annotations

from typing import Any, cast, get_args

from growth_admin.core.errors import HubUnavailable, NotConfigured, NotFound
from growth_admin.images.prepulls.nodes import (
    Fetching,
    Node,
    NodeState,
    RunState,
    Where,
)
from growth_admin.servers.hub import HubClient


class HubNodes:
    """See ``NodeFetcher``."""

    def __init__(self, hub: HubClient) -> None:
        self._hub = hub

    def begin(self, digest: str) -> Fetching:
        """Begin, or join what runs already."""
        return self._ask(digest, begins=True)

    def look(self, digest: str) -> Fetching:
        """Return how far it is."""
        return self._ask(digest, begins=False)

    def _ask(self, digest: str, *, begins: bool) -> Fetching:
        try:
            return _read(self._hub.ask_prepull(digest, begins=begins))
        except NotFound as e:
            raise NotConfigured(
                "The hub does not offer to pre-pull: its hub_config.py is older than this console.",
                hint="Let whoever runs the hub give it the hub_config.py of this version, and "
                "restart it. Servers fetch the image when they start, as before.",
            ) from e
        except (AttributeError, KeyError, TypeError, ValueError) as e:
            raise HubUnavailable("The hub's answer about its nodes makes no sense.") from e


def hub_nodes(hub: HubClient | None) -> HubNodes | None:
    """Return whom the images room asks; nothing where there is no hub."""
    return HubNodes(hub) if hub else None


def _read(found: Any) -> Fetching:
    return Fetching(
        state=cast(RunState, _one_of(RunState, found["state"])),
        where=cast(Where, _one_of(Where, found["where"])),
        nodes=tuple(
            Node(
                name=str(row["name"]),
                state=cast(NodeState, _one_of(NodeState, row["state"])),
                detail=str(row["detail"]),
            )
            for row in found["nodes"]
        ),
        problem=str(found["problem"]),
    )


def _one_of(words: Any, word: Any) -> str:
    if word not in get_args(words):
        raise ValueError(word)
    return str(word)
