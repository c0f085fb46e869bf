"""What the list of servers knows, in the words of the images room; neither knows the other."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Protocol

from growth_admin.core.errors import GrowthError
from growth_admin.images.room import PastSource
from growth_admin.images.running import Past, Running, RunningServer, RunningSource
from growth_admin.images.server_digests import ServerDigests
from growth_admin.servers.facts import Key, StartFacts, StartSource
from growth_admin.servers.models import Server, ServerList


class Servers(Protocol):
    """Whoever knows the servers."""

    def list_servers(self) -> ServerList:
        """Return them all."""
        ...


def running_source(servers: Servers, digests: ServerDigests) -> RunningSource:
    """Return where the images room hears of running servers. Nothing is asked yet."""
    return partial(running_images, servers, digests)


def facts_with_digests(
    starts: StartSource, digests: ServerDigests, past: PastSource
) -> dict[Key, StartFacts]:
    """Return what is known of the last starts, with what tells the digest that each server runs.

    As the hub says; else as the start says; else by what the tag named when it was started, so
    that "everybody on another image" is the same to both rooms. Raises as ``starts``.
    """
    facts, running = dict(starts()), digests().digests
    try:
        tag = past()
    except GrowthError:  # no registry is set, or this user may not read the book
        tag = Past()
    for key, digest in running.items():
        facts[key] = replace(facts.get(key, StartFacts()), image_digest=digest)
    return {
        key: replace(fact, digest_at=tag.digest_at)
        if fact.image and fact.image == tag.reference
        else fact
        for key, fact in facts.items()
    }


def running_images(servers: Servers, digests: ServerDigests) -> Running:
    """Return the running servers with their images: as the hub says, else as starts said.

    Raises ``HubUnavailable`` or ``HubRefused``.
    """
    listed, known = servers.list_servers(), digests()
    return Running(
        servers=tuple(
            RunningServer(
                row.image or "",
                known.digests.get((row.user, row.server_name)) or _told(row),
                row.started,
            )
            for row in listed.servers
            if row.state == "ready"
        ),
        problem=" ".join(listed.notes),
        note=known.problem,
    )


def _told(row: Server) -> str:
    """Return the digest that the start said: what is inferred, the other room infers and counts."""
    return "" if row.is_digest_inferred else row.image_digest or ""
