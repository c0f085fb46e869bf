"""What the hub tells of nodes that fetch an image, and whom this room asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

NodeState = Literal["waiting", "fetching", "there", "failed"]
Where = Literal["", "nodes", "machine", "processes"]
RunState = Literal["none", "running", "ended"]


@dataclass(frozen=True)
class Node:
    """One node. ``detail``: in its own words why it failed, or what it tries again."""

    name: str
    state: NodeState
    detail: str = ""


@dataclass(frozen=True)
class Fetching:
    """A digest on its way to all nodes.

    ``where`` it goes: to the nodes of a cluster, to the hub's one machine, or nowhere because
    servers are processes. ``problem`` says why the hub gave up as a whole.
    """

    state: RunState
    where: Where = ""
    nodes: Sequence[Node] = ()
    problem: str = ""


class NodeFetcher(Protocol):
    """Whoever lets nodes fetch a digest of the school's image.

    Both raise ``NotConfigured`` where that is not offered, ``HubRefused`` and ``HubUnavailable``.
    """

    def begin(self, digest: str) -> Fetching:
        """Begin, or join what runs already."""
        ...

    def look(self, digest: str) -> Fetching:
        """Return how far it is; its state is ``none`` if nobody has begun."""
        ...
