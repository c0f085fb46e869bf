"""Moving the tag: what is about to happen, in words, and doing it so that nothing is in doubt.

The registry has no compare-and-swap. So the intent is written down first (one at a time), the tag
is read just before and just after, and whoever dies in between is completed by the next look.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Final

from growth_admin.core.errors import (
    Conflict,
    GrowthError,
    RegistryUnavailable,
    StalePlan,
    StorageFull,
    StorageUnavailable,
)
from growth_admin.core.plan import PlanItem, Receipt, ReceiptItem, Undo, make_plan
from growth_admin.core.schema import now
from growth_admin.core.words import count, in_words
from growth_admin.images.catalogue import previous_tag
from growth_admin.images.models import Action, Gate, Image, ImagePlan, Move, MoveState
from growth_admin.images.moves import Intent, MoveBook
from growth_admin.images.prepulls.telling import fetching
from growth_admin.images.registry.client import Registry
from growth_admin.images.registry.manifest import Manifest
from growth_admin.images.resolving import earlier_digests, taken_back

log = logging.getLogger(__name__)
SHORT: Final = 19
"""``sha256:`` and twelve digits, as people compare them."""
READ_S: Final = 20.0
"""How long reading may take before the tag is moved, at the most."""
MARGIN_S: Final = 10.0


def short(digest: str) -> str:
    """Return a digest as people read it."""
    return digest[:SHORT] if digest else "nothing"


def plan_of(
    *,
    tag: str,
    before: Image | None,
    from_digest: str,
    image: Image,
    gate: Gate,
    gone: Sequence[str],
    moves: Sequence[Move],
    servers: int | None,
) -> ImagePlan:
    """Return the plan to let the tag name another image; its id covers all but the counts."""
    was_live = image.digest in earlier_digests(moves, from_digest)
    action: Action = "roll-back" if was_live else "promote"
    same = from_digest == image.digest
    needs_force = gate.state != "passed" and not was_live
    said = _warnings(tag, before, image, gate, gone, is_same=same, was_live=was_live)
    back = taken_back(moves, image.digest)
    if back is not None:
        said.insert(0, _taken_back_sentence(back))
    plan = make_plan(
        action=action,
        title=f"Let {tag} name {short(image.digest)} instead of {short(from_digest)}",
        items=(
            PlanItem(
                target=tag, action=action, detail=f"{short(from_digest)} -> {short(image.digest)}"
            ),
        ),
        world=[tag, from_digest, image.digest, gate.as_json(), sorted(gone)],
        warnings=tuple(said),
    )
    return ImagePlan(
        **dict(plan),
        tag=tag,
        from_digest=from_digest,
        to_digest=image.digest,
        gate=gate,
        needs_force=needs_force,
        is_possible=not gone and not same,
        gone=tuple(gone),
        image=image,
        servers=servers,
    )


def _warnings(
    tag: str,
    before: Image | None,
    image: Image,
    gate: Gate,
    gone: Sequence[str],
    *,
    is_same: bool,
    was_live: bool,
) -> list[str]:
    said: list[str] = []
    if is_same:
        said.append(f"{tag} names this image already.")
    if gone:
        said.append(gone_sentence(image.digest, gone))
    if gate.state != "passed":
        after = "Students had it before." if was_live else "Promoting it needs a reason."
        said.append(f"{gate.sentence} {after}")
    if (
        before
        and before.platforms
        and not gone
        and not set(before.platforms) & set(image.platforms)
    ):
        ours, theirs = ", ".join(image.platforms) or "none", ", ".join(before.platforms)
        said.append(f"It is for {ours}; what students have now is for {theirs}.")
    if before and image.created and before.created and image.created < before.created:
        said.append(f"It was built before the present one, on {image.created:%Y-%m-%d %H:%M} UTC.")
    if before and image.size_bytes > before.size_bytes * 1.2:
        more = in_words(image.size_bytes - before.size_bytes)
        said.append(f"It is {more} larger than the present one, and first starts take longer.")
    return said


def _taken_back_sentence(move: Move) -> str:
    by = f" by {move.author}" if move.author else ""
    return f"It was taken back on {move.time:%Y-%m-%d %H:%M} UTC{by}: {move.reason}"


def gone_sentence(digest: str, gone: Sequence[str]) -> str:
    """Return what is missing, in words."""
    return (
        f"{count(len(gone), 'part')} of {short(digest)} {'is' if len(gone) == 1 else 'are'} no "
        f"more at the registry ({', '.join(short(part) for part in gone[:3])})."
    )


class Mover:
    """Moves the tag for one admin."""

    def __init__(self, registry: Registry, book: MoveBook, *, keeps_previous: bool) -> None:
        self._registry = registry
        self._book = book
        self._keeps_previous = keeps_previous

    @property
    def lease_s(self) -> float:
        """How long a move may be under way before others may settle it."""
        return READ_S + self._registry.longest_write_s + MARGIN_S

    def require_free(self) -> int:
        """Return the number of the last move. Raises ``Conflict`` while one is under way."""
        moves = self._book.list_moves(limit=1)
        if moves and moves[0].state == "pending":
            raise Conflict(
                f"{moves[0].author} is moving {moves[0].tag} to {short(moves[0].to_digest)} right "
                "now.",
                hint="Wait some seconds, look at the timeline, then decide again.",
            )
        return moves[0].number if moves else 0

    def move(
        self,
        plan: ImagePlan,
        manifest: Manifest,
        action: Action,
        *,
        author: str,
        reason: str,
        force_reason: str,
    ) -> Move:
        """Do what the plan says and return the move, written down as what it was asked for as.

        Raises ``StalePlan`` when the tag is elsewhere by now, ``Conflict`` when somebody else is
        at it, ``RegistryUnavailable``, ``RegistryRefused``, ``StorageFull`` or
        ``StorageUnavailable``; unless they say otherwise nothing was changed.
        """
        began_s = time.monotonic()
        intent = self._book.begin(
            self.require_free(),
            action=action,
            from_digest=plan.from_digest,
            to_digest=plan.to_digest,
            author=author,
            reason=reason,
            lease_s=self.lease_s,
            gate=plan.gate.state,
            force_reason=force_reason,
            plan_id=plan.id,
        )
        try:
            said = self._keep_previous(intent) if self._keeps_previous else ""
            self._require_unmoved(intent)
            if time.monotonic() - began_s > READ_S:
                raise RegistryUnavailable("The registry took too long to answer our questions.")
        except GrowthError as e:
            self._end(intent, "not-moved", intent.from_digest, author, e.detail)
            raise
        return self._put(intent, manifest, author, said)

    def _keep_previous(self, intent: Intent) -> str:
        """Give what is replaced a tag of its own: clean-ups of registries delete what has none.

        Return what is to be said if that fails; the move does not depend on it.
        """
        if not intent.from_digest:
            return ""
        tag = previous_tag(intent.tag, intent.from_digest)
        try:
            if self._registry.head(tag) != intent.from_digest:
                self._registry.put(tag, self._registry.get_manifest(intent.from_digest))
        except GrowthError as e:
            return f"What was there before has no tag of its own: {e.detail}"
        return ""

    def _require_unmoved(self, intent: Intent) -> None:
        there = self._registry.head(intent.tag)
        if there != intent.from_digest:
            raise StalePlan(
                f"{intent.tag} names {short(there)} by now, not {short(intent.from_digest)}: "
                "somebody else has moved it."
            )

    def _put(self, intent: Intent, manifest: Manifest, author: str, said: str) -> Move:
        try:
            self._registry.put(intent.tag, manifest)
        except RegistryUnavailable as e:
            said = f"The registry's answer did not reach us ({e.detail.rstrip('.')})."
        except GrowthError as e:
            self._end(intent, "not-moved", intent.from_digest, author, e.detail)
            raise
        try:
            there = self._registry.head(intent.tag)
        except GrowthError as e:
            raise type(e)(
                f"{intent.tag} may or may not name {short(intent.to_digest)} now: the registry "
                f"does not tell. {e.detail}",
                hint="Look at the timeline when the registry answers again: it says what is so.",
            ) from e
        if there == intent.to_digest:
            return self._end(intent, "done", there, author, said)
        if there == intent.from_digest:
            detail = said or "The registry took it, but the tag is where it was."
            self._end(intent, "not-moved", there, author, detail)
            raise RegistryUnavailable(f"{intent.tag} was not moved. {detail}")
        detail = f"{said} Somebody else moved {intent.tag} to {short(there)} at the same time."
        self._end(intent, "unclear", there, author, detail.strip())
        raise Conflict(detail.strip(), hint="Look at the timeline, then decide again.")

    def _end(self, intent: Intent, state: MoveState, digest: str, author: str, detail: str) -> Move:
        """Write the end down. If the disk does not let us, the next look does it."""
        try:
            self._book.end(intent.number, state, digest, author, detail)
            return self._book.get(intent.number)
        except (StorageFull, StorageUnavailable) as e:
            log.warning("the end of move %s is not written: %s", intent.number, e.detail)
            kept = intent.model_dump(exclude={"plan_id", "process", "lease_s"})
            lost = f"{detail} Its end could not be written down yet: {e.detail}".strip()
            return Move(**kept, state=state, ended=now(), end_digest=digest, detail=lost)


def receipt_of(move: Move, name: str, *, was_on_canary: bool) -> Receipt:
    """Return what was done, how to take it back, and whether nodes have it yet."""
    undo = None
    if move.from_digest:
        undo = Undo(
            title=f"Let {move.tag} name {short(move.from_digest)} again",
            method="POST",
            path="images/rollbacks",
            body={
                "digest": move.from_digest,
                "expected_digest": move.to_digest,
                "reason": f"undo of move {move.number}",
            },
        )
    title = f"{move.tag} of {name} names {short(move.to_digest)} since {move.ended:%H:%M} UTC"
    item = ReceiptItem(target=move.tag, action=move.action, result="done", detail=move.detail)
    nodes = fetching(move.to_digest, was_on_canary=was_on_canary)
    items = (item, nodes) if nodes else (item,)
    return Receipt(title=title, finished=now(), items=items, undo=undo)
