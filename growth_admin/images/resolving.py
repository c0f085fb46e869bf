"""Which digest is meant: by its beginning, and what the tag named before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from growth_admin.core.errors import InvalidInput, NotFound
from growth_admin.images.models import Move
from growth_admin.images.registry.settings import DIGEST, TAG

ALGORITHM = "sha256:"


def is_whole_name(wanted: str) -> bool:
    """Return whether this is a tag or a digest, not the beginning of one. Raises
    ``InvalidInput`` for what is neither."""
    if DIGEST.fullmatch(wanted):
        return True
    if not TAG.fullmatch(wanted.removeprefix(ALGORITHM)):
        raise InvalidInput(
            f"{wanted[:80]!r} is neither a tag nor a digest.", hint="List the images."
        )
    return not wanted.startswith(ALGORITHM)


def only_one(known: Iterable[str], wanted: str) -> str:
    """Return the one digest that begins so. Raises ``NotFound`` for none and for several."""
    start = wanted.removeprefix(ALGORITHM)
    found = {digest for digest in known if digest.removeprefix(ALGORITHM).startswith(start)}
    if len(found) == 1:
        return found.pop()
    how = "is the beginning of several digests" if found else "is the beginning of no digest"
    raise NotFound(f"{wanted[:80]} {how} that we know.", hint="List the images.")


def earlier_digests(moves: Sequence[Move], live: str) -> list[str]:
    """Return what the tag named before, the last one first, each once."""
    named: list[str] = []
    for move in moves:
        if move.state in ("done", "unclear"):
            named += [move.end_digest, move.from_digest]
    return list(dict.fromkeys(digest for digest in named if digest and digest != live))


def taken_back(moves: Sequence[Move], digest: str) -> Move | None:
    """Return the roll-back by which the tag left this digest last, if it was one."""
    for move in moves:
        if move.state in ("done", "unclear") and move.from_digest == digest:
            return move if move.action == "roll-back" else None
    return None
