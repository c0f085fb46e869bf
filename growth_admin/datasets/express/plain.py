"""Requests so plain that a process which knows nothing of their source can send them.

One ``GET`` brings one file, and whether it did can be told from the head of the reply. Whatever
else comes (a page, a redirect, a refusal, another length) is for the source itself to understand.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol, runtime_checkable

from growth_admin.datasets.facts import RemoteFile


class PlainWay(NamedTuple):
    """How the requests of a source are sent; the first two are those of its ``AddressGuard``."""

    allow_private: bool
    trusted: tuple[str, ...]
    timeout_s: float
    ca_file: str


class PlainRequest(NamedTuple):
    """What is asked for one file. ``headers`` may hold what is secret.

    ``is_attachment``: only a reply that is marked as one is the file.
    """

    url: str
    headers: dict[str, str]
    is_attachment: bool = False


@runtime_checkable
class PlainSource(Protocol):
    """A source that can say how its files are asked for."""

    def plain_way(self) -> PlainWay | None:
        """Return how its requests are sent; nothing if only the source can (through a proxy)."""
        ...

    def plain_request(self, file: RemoteFile) -> PlainRequest | None:
        """Return what brings a file whole; nothing if that takes more than one plain request.

        May ask for a token. Raises ``SourceProblem``, and ``NotConfigured`` as ``open`` does.
        """
        ...
