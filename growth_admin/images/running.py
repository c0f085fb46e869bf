"""Who runs what: running servers by the digest of their image.

With KubeSpawner the hub tells digests (``server_digests``). Else a server's start record often
does; where it does not, the timeline tells what the tag named when the server was started, if no
move since was only found later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from growth_admin.images.models import Move, Usage


@dataclass(frozen=True, slots=True)
class RunningServer:
    """One server that runs, as far as other rooms know it."""

    image: str
    digest: str
    started: datetime | None


@dataclass(frozen=True)
class Running:
    """The running servers; ``problem`` says why they are not known, or not well.

    ``note`` says what is known less surely than it could be; the numbers hold all the same.
    """

    servers: tuple[RunningServer, ...] = ()
    problem: str = ""
    note: str = ""


class RunningSource(Protocol):
    """Where running servers come from."""

    def __call__(self) -> Running:
        """Return those that run now. Raises ``GrowthError``."""
        ...


@dataclass(frozen=True)
class Counted:
    """The servers by digest, most first."""

    usage: tuple[Usage, ...]
    stale: int
    unknown: int


def count_servers(
    running: Sequence[RunningServer],
    moves: Sequence[Move],
    *,
    live: str,
    reference: str,
    whole: Mapping[str, str],
) -> Counted:
    """Return how many servers run each digest.

    ``moves`` are newest first, ``reference`` is the image with its tag as the hub writes it, and
    ``whole`` names the index for each of its images: a node reports either of them.
    """
    past = past_of(reference, moves)
    known: Counter[str] = Counter()
    inferred: Counter[str] = Counter()
    for server in running:
        named = server.digest or server.image.partition("@")[2]
        if named:
            known[whole.get(named, named)] += 1
        elif server.image == reference and server.started:
            inferred[past.digest_at(server.started)] += 1
        else:
            inferred[""] += 1
    unknown = inferred.pop("", 0)
    rows = [
        Usage(
            digest=digest,
            servers=known[digest] + inferred[digest],
            inferred=inferred[digest],
            is_live=digest == live,
        )
        for digest in {*known, *inferred}
    ]
    rows.sort(key=lambda row: (-row.servers, row.digest))
    return Counted(tuple(rows), sum(r.servers for r in rows if not r.is_live), unknown)


@dataclass(frozen=True)
class Past:
    """What a tag named and from when on, the oldest first; empty where that cannot be told."""

    reference: str = ""
    """The image with its tag, as the hub writes it."""
    named: tuple[tuple[datetime, str], ...] = ()

    def digest_at(self, moment: datetime) -> str:
        """Return what the tag named then, empty where that cannot be told."""
        return next((digest for since, digest in reversed(self.named) if since <= moment), "")


def past_of(reference: str, moves: Sequence[Move]) -> Past:
    """Return the past of a tag from its moves, newest first.

    A move that was found was made some time before: of that time nothing can be told.
    """
    named: list[tuple[datetime, str]] = []
    for move in reversed(moves):
        if move.state not in ("done", "unclear"):
            continue
        if move.action == "found" and named:
            named[-1] = (named[-1][0], "")
        named.append((move.ended or move.time, move.end_digest))
    return Past(reference, tuple(named))
