"""What the job does: follow the hub until every node has the image, or says why not.

The hub does the work and remembers it while it lives. A hub that was started anew is asked again;
nodes that have the image by then are done at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from growth_admin.core.errors import GrowthError, HubRefused, HubUnavailable, NotConfigured
from growth_admin.core.plan import Receipt, ReceiptItem
from growth_admin.core.schema import now
from growth_admin.core.words import count
from growth_admin.images.moving import short
from growth_admin.images.prepulls.nodes import Fetching, Node, NodeFetcher
from growth_admin.images.prepulls.telling import by_hand
from growth_admin.images.registry.client import Registry
from growth_admin.jobs.context import JobContext
from growth_admin.jobs.models import JobProblem

KIND: Final = "images.prepull"
LOOK_S: Final = 1.0
OUTLAST_S: Final = 600.0
"""How long a hub may be away: an upgrade of the chart takes minutes."""
BEGINS: Final = 5
"""How often a hub that has forgotten is asked to begin again."""


class PrePullWork:
    """The code of the job."""

    def __init__(
        self,
        nodes: NodeFetcher | None,
        registry: Registry,
        *,
        look_s: float = LOOK_S,
        outlast_s: float = OUTLAST_S,
    ) -> None:
        self._nodes = nodes
        self._registry = registry
        self._look_s = look_s
        self._outlast_s = outlast_s

    def begin(self, digest: str) -> None:
        """Ask the hub to begin. Raises as ``NodeFetcher``, and ``NotConfigured`` without a hub."""
        self._fetcher.begin(digest)

    @property
    def _fetcher(self) -> NodeFetcher:
        if self._nodes is None:
            raise NotConfigured(
                "There is no hub here that could let nodes fetch an image.",
                hint="Do it from an organiser's own server.",
            )
        return self._nodes

    def run(self, context: JobContext) -> dict[str, Any]:
        """Follow it and return the receipt; raises where a node does not have it in the end."""
        digest, fetcher = str(context.params["digest"]), self._fetcher
        told: dict[str, Node] = {}
        begins = 0
        while True:
            seen = self._ask(context, fetcher.look, digest)
            if seen.state == "none":
                begins += 1
                if begins > BEGINS:
                    raise HubUnavailable("The hub is started anew again and again.")
                seen = self._ask(context, fetcher.begin, digest)
            _tell(context, seen, told)
            if seen.state == "ended":
                return self._conclude(context, seen, digest)
            context.rest(self._look_s)

    def _ask(self, context: JobContext, ask: Callable[[str], Fetching], digest: str) -> Fetching:
        """Return the hub's answer; one that is away is waited for."""
        end_s, is_said = time.monotonic() + self._outlast_s, False
        while True:
            try:
                return ask(digest)
            except HubUnavailable as e:
                if time.monotonic() > end_s:
                    raise HubUnavailable(
                        f"{e.detail} So it has been for {self._outlast_s / 60:.0f} minutes.",
                        hint="Nodes that had begun may go on. Pre-pull again when the hub is back.",
                    ) from e
                if not is_said:
                    context.log(f"{e.detail} It is waited for.")
                    is_said = True
            context.rest(self._look_s)

    def _conclude(self, context: JobContext, seen: Fetching, digest: str) -> dict[str, Any]:
        hint = by_hand(self._registry.name, digest)
        if seen.problem and not seen.nodes:
            raise HubRefused(f"The hub could not let nodes fetch it. {seen.problem}", hint=hint)
        if seen.where == "nodes" and not seen.nodes:
            raise NotConfigured(
                "The hub knows of no node: no server runs, and the chart's continuous puller and "
                "placeholders are off.",
                hint="Start one server, or switch prePuller.continuous on in the chart's values.",
            )
        missing = [node for node in seen.nodes if node.state != "there"]
        receipt = Receipt(
            title=_title(seen, missing, digest),
            finished=now(),
            items=tuple(_item(node) for node in seen.nodes),
        ).as_json()
        if missing:
            error = GrowthError(
                f"{_title(seen, missing, digest)}. {missing[0].name}: {missing[0].detail}",
                hint="Servers that start there try to fetch it themselves. Mend what the node "
                "says, then pre-pull again: nodes that have it are done at once.",
            )
            problem = JobProblem(title=error.title, detail=error.detail, hint=error.hint)
            context.finish(state="failed", receipt=receipt, problem=problem)
            raise error
        return receipt


def _title(seen: Fetching, missing: Sequence[Node], digest: str) -> str:
    if seen.where == "processes":
        return "Servers are processes here: there is nothing to fetch"
    total = count(len(seen.nodes), _noun(seen))
    if missing:
        return f"{len(missing)} of {total} did not get {short(digest)}"
    return f"{total} {'has' if len(seen.nodes) == 1 else 'have'} {short(digest)}"


def _noun(seen: Fetching) -> str:
    return "machine" if seen.where == "machine" else "node"


def _item(node: Node) -> ReceiptItem:
    result = "done" if node.state == "there" else "failed"
    return ReceiptItem(target=node.name, action="pre-pull", result=result, detail=node.detail)


def _tell(context: JobContext, seen: Fetching, told: dict[str, Node]) -> None:
    """Report how far it is, and log each node whose state or words have changed."""
    for node in seen.nodes:
        if told.get(node.name) != node:
            told[node.name] = node
            said = "has it" if node.state == "there" else node.state
            context.log(f"{node.name}: {said} {node.detail}".rstrip())
    there = sum(node.state == "there" for node in seen.nodes)
    failed = sum(node.state == "failed" for node in seen.nodes)
    trouble = next((f"{node.name}: {node.detail}" for node in seen.nodes if node.detail), "")
    context.progress(
        there,
        len(seen.nodes) or None,
        unit=_noun(seen) if len(seen.nodes) == 1 else f"{_noun(seen)}s",
        message=trouble,
        counts={"failed": failed} if failed else None,
    )
