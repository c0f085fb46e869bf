"""Which image a roll-back goes to, and when it has to be named."""

from __future__ import annotations

from collections.abc import Sequence

from growth_admin.core.errors import Conflict, NotFound
from growth_admin.images.models import Move
from growth_admin.images.moving import short
from growth_admin.images.registry.settings import DIGEST
from growth_admin.images.resolving import earlier_digests, only_one, taken_back


def require_expected(tag: str, live: str, expected: str) -> None:
    """Raise ``Conflict`` unless the tag names what the requester knows, if that is said."""
    if expected and expected != live:
        raise Conflict(
            f"{tag} names {short(live)} by now, not {short(expected)}: somebody else has moved it.",
            hint="Look at the timeline, then decide again.",
        )


def digest_to_go_back_to(tag: str, moves: Sequence[Move], live: str, wanted: str) -> str:
    """Return the digest that a roll-back lets the tag name; ``wanted`` may be its beginning.

    Without one it is what the last move replaced, and never what a roll-back took away. Raises
    ``NotFound`` for what the tag never named, and ``Conflict`` where nothing is named and the last
    move was a roll-back: of two who type it at once, the second would bring the bad image back.
    """
    earlier = earlier_digests(moves, live)
    if wanted:
        digest = wanted if DIGEST.fullmatch(wanted) else only_one(earlier, wanted)
        if digest not in earlier:
            raise _never_named(tag, short(digest))
        return digest
    kept = [digest for digest in earlier if taken_back(moves, digest) is None]
    last = last_roll_back(moves, live)
    if last is not None:
        raise _rolled_back_already(last, kept)
    if not kept:
        raise _never_named(tag, "anything that was not taken back" if earlier else "anything else")
    return kept[0]


def last_roll_back(moves: Sequence[Move], live: str) -> Move | None:
    """Return the roll-back by which the tag came to what it names now, if it was one."""
    last = next((move for move in moves if move.state in ("done", "unclear")), None)
    is_back = last is not None and last.action == "roll-back" and last.end_digest == live
    return last if is_back else None


def _never_named(tag: str, what: str) -> NotFound:
    return NotFound(
        f"{tag} never named {what}.",
        hint="The timeline shows what can be taken back; anything else is promoted.",
    )


def _rolled_back_already(move: Move, kept: Sequence[str]) -> Conflict:
    further = (
        f"To go further back, name the image: growth-admin images rollback {short(kept[0])}."
        if kept
        else "All that came before was taken back; to bring one back all the same, name it: "
        "growth-admin images rollback DIGEST."
    )
    return Conflict(
        f"{move.author or 'Somebody'} rolled {move.tag} back on {move.time:%Y-%m-%d %H:%M} UTC "
        f"already, from {short(move.from_digest)}; {short(move.end_digest)} is live now.",
        hint=f"{further} Any other image is promoted; the timeline shows all.",
    )
