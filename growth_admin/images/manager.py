"""The school's image: look at it, promote another one, take that back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from growth_admin.core.errors import (
    ConfirmationNeeded,
    GrowthError,
    InvalidInput,
    NotFound,
    RegistryRefused,
    RegistryUnavailable,
)
from growth_admin.core.plan import require_same
from growth_admin.core.schema import now
from growth_admin.images import models
from growth_admin.images.catalogue import Catalogue, Seen
from growth_admin.images.gates import GateBook
from growth_admin.images.going_back import digest_to_go_back_to, require_expected
from growth_admin.images.looking import Album
from growth_admin.images.models import Action, Image, ImagePlan, ImageTag, Move, Moved
from growth_admin.images.moves import MoveBook
from growth_admin.images.moving import Mover, gone_sentence, plan_of, receipt_of, short
from growth_admin.images.registry.client import Registry
from growth_admin.images.registry.manifest import Manifest
from growth_admin.images.registry.settings import require_digest
from growth_admin.images.resolving import is_whole_name, only_one
from growth_admin.images.rules import PromotionRules
from growth_admin.images.running import Counted, Running, RunningSource, count_servers

log = logging.getLogger(__name__)


class TagManager:
    """The tag that students' servers start with, as one admin's server sees and moves it."""

    def __init__(
        self,
        registry: Registry,
        gates: GateBook,
        open_book: Callable[[str, str], MoveBook],
        *,
        user: str,
        rules: PromotionRules,
        running: RunningSource | None = None,
        other_tag: Callable[[], str] = lambda: "",
    ) -> None:
        self._registry = registry
        self._gates = gates
        self._open_book = open_book
        self._user = user
        self._rules = rules
        self._running = running
        self._other_tag = other_tag
        self._album = Album(registry)
        self._catalogue = Catalogue(registry, self._album)

    def require_configured(self) -> None:
        """Raise ``NotConfigured``, with what to set or to mend. Asks nobody."""
        self._registry.require_configured()

    # -- look

    def list_images(self) -> models.ImageList:
        """Return every tag with what it names, the live one marked.

        Raises ``NotConfigured``, ``RegistryUnavailable`` or ``RegistryRefused``.
        """
        name, tag = self._registry.name, self._registry.tag
        names = self._registry.list_tags()
        look = self._catalogue.look(names, tag=tag, past=self._past())
        live = next((one.digest for one in look.shown if one.tag == tag), "")
        return models.ImageList(
            name=name,
            tag=tag,
            digest=live,
            tags=tuple(self._row(one, live) for one in look.shown),
            left_out=len(names) - len(look.shown),
            notes=(*self._notes(live), *look.notes),
            as_of=now(),
        )

    def _row(self, seen: Seen, live: str) -> ImageTag:
        return ImageTag(
            name=seen.tag,
            digest=seen.digest,
            is_live=seen.digest == live,
            gate=self._gates.get_gate(seen.digest),
            image=seen.image,
            problem=seen.problem,
        )

    def _past(self) -> list[str]:
        """Return the digests that the tag has named, newest first, as the book knows them."""
        moves = self._book().list_moves()
        named = (d for move in moves for d in (move.to_digest, move.from_digest) if d)
        return list(dict.fromkeys(named))

    def _notes(self, live: str) -> tuple[str, ...]:
        tag, other = self._registry.tag, self._other_tag()
        said = []
        if other:
            said.append(
                f"The hub started this server with the tag {other}: moving {tag} changes nothing "
                f"for servers that start with {other}. Set ImageRegistry.tag, or the hub's image."
            )
        if not live:
            said.append(f"There is no tag {tag} yet: promote an image, and there is.")
        return tuple(said)

    def get_image(self, target: str) -> models.ImageDetails:
        """Return one image by tag, digest or the beginning of a digest, and whether it is whole."""
        manifest = self._registry.get_manifest(self._resolve(target))
        live = self._registry.head(self._registry.tag)
        named = [tag for tag, digest in self._named().items() if digest == manifest.digest]
        return models.ImageDetails(
            name=self._registry.name,
            image=self._album.read(manifest),
            tags=tuple(named),
            is_live=live == manifest.digest,
            gate=self._gates.get_gate(manifest.digest),
            results=tuple(self._gates.list_results(manifest.digest)),
            gone=tuple(self._registry.list_gone(manifest)),
        )

    def get_timeline(self) -> models.Timeline:
        """Return the tag's moves, newest first, and how many servers run which digest.

        A move that was made elsewhere, and one whose author died, are written down first.
        """
        name, tag = self._registry.name, self._registry.tag
        notes: tuple[str, ...] = ()
        try:
            live, moves = self._look()
        except (RegistryUnavailable, RegistryRefused) as e:
            moves = self._book().list_moves()
            live = moves[0].end_digest or moves[0].from_digest if moves else ""
            notes = (f"What {tag} names is as last seen. {e.detail}",)
        running, said = self._servers()
        counted = self._count(running, moves, live)
        return models.Timeline(
            name=name,
            tag=tag,
            digest=live,
            moves=tuple(moves),
            usage=counted.usage,
            stale=counted.stale,
            unknown=counted.unknown,
            notes=(*notes, *said),
        )

    def _look(self) -> tuple[str, list[Move]]:
        """Return what the tag names and its moves, after bringing the book up to date."""
        book = self._book()
        live = book.settle(lambda: self._registry.head(self._registry.tag), self._user)
        return live, book.list_moves()

    def _book(self) -> MoveBook:
        return self._open_book(self._registry.name, self._registry.tag)

    def _servers(self) -> tuple[Running, tuple[str, ...]]:
        if self._running is None:
            return Running(), ("Which servers run is known on a hub's own server only.",)
        try:
            running = self._running()
        except GrowthError as e:
            return Running(), (f"Which servers run is not known. {e.detail}",)
        return running, tuple(said for said in (running.problem, running.note) if said)

    def _count(self, running: Running, moves: Sequence[Move], live: str) -> Counted:
        digests = {live, *(move.to_digest for move in moves[:20])} - {""}
        whole: dict[str, str] = {}
        for digest in digests if running.servers else ():
            with suppress(GrowthError):  # what is gone from the registry names no parts
                whole |= dict.fromkeys(self._album.get(digest).images, digest)
        reference = f"{self._registry.name}:{self._registry.tag}"
        return count_servers(running.servers, moves, live=live, reference=reference, whole=whole)

    # -- gate

    def add_result(
        self, digest: str, asked: models.CheckRequest, *, author: str
    ) -> models.CheckResult:
        """Keep what a check found about a digest."""
        return self._gates.add(digest, asked, author=author)

    # -- promote and roll back

    def plan(self, target: str) -> ImagePlan:
        """Return what would happen if the tag named this image (a tag, a digest, its beginning).

        Raises ``NotFound`` for an image that the registry does not have.
        """
        live, moves = self._look()
        return self._plan(self._registry.get_manifest(self._resolve(target, moves)), live, moves)

    def promote(self, asked: models.PromoteRequest, *, author: str) -> Moved:
        """Do what the plan says. Raises as ``Mover.move``, and ``ConfirmationNeeded`` where the
        gate is not passed and no reason was given to do it all the same."""
        live, moves = self._look()
        manifest = self._registry.get_manifest(require_digest(asked.digest))
        plan = self._plan(manifest, live, moves)
        require_same(asked.plan_id, plan)
        if plan.needs_force and not asked.force_reason.strip():
            raise ConfirmationNeeded(
                f"{short(plan.to_digest)} may not be promoted: {plan.gate.sentence}",
                hint="Run its checks, or give a reason to promote it all the same; the reason "
                "stays in the timeline.",
                context={"gate": plan.gate.as_json()},
            )
        force_reason = asked.force_reason.strip() if plan.needs_force else ""
        return self._move(
            plan, manifest, "promote", author=author, reason=asked.reason, force_reason=force_reason
        )

    def roll_back(self, asked: models.RollBackRequest, *, author: str) -> Moved:
        """Let the tag name a digest that it named before, in one step. Raises as ``promote``, and
        as ``digest_to_go_back_to``.

        Its gate is not asked: students had it already.
        """
        live, moves = self._look()
        require_expected(self._registry.tag, live, asked.expected_digest)
        digest = digest_to_go_back_to(self._registry.tag, moves, live, asked.digest)
        manifest = self._registry.get_manifest(digest)
        plan = self._plan(manifest, live, moves)
        return self._move(
            plan, manifest, "roll-back", author=author, reason=asked.reason, force_reason=""
        )

    def _plan(self, manifest: Manifest, live: str, moves: Sequence[Move]) -> ImagePlan:
        before = None
        if live:
            with suppress(NotFound):
                before = self._album.get(live)
        gone = self._registry.list_gone(manifest)
        image = (
            Image(digest=manifest.digest, media_type=manifest.media_type, size_bytes=0, layers=0)
            if gone
            else self._album.read(manifest)
        )
        running, _ = self._servers()
        counted = self._count(running, moves, manifest.digest)
        return plan_of(
            tag=self._registry.tag,
            before=before,
            from_digest=live,
            image=image,
            gate=self._gates.get_gate(manifest.digest),
            gone=gone,
            moves=moves,
            servers=counted.stale if self._running and not running.problem else None,
        )

    def _move(
        self,
        plan: ImagePlan,
        manifest: Manifest,
        action: Action,
        *,
        author: str,
        reason: str,
        force_reason: str,
    ) -> Moved:
        if plan.to_digest == plan.from_digest:
            raise InvalidInput(f"{plan.tag} names {short(plan.to_digest)} already.")
        if plan.gone:
            raise NotFound(
                f"{gone_sentence(plan.to_digest, plan.gone)} Servers could not start with it.",
                hint="Push the image again, or choose another one. Nothing was changed.",
            )
        mover = Mover(self._registry, self._book(), keeps_previous=self._rules.keeps_previous)
        move = mover.move(
            plan, manifest, action, author=author, reason=reason, force_reason=force_reason
        )
        was_on_canary = any(
            one.check == "canary" and one.is_passed and one.job_id
            for one in self._gates.list_results(plan.to_digest)
        )
        receipt = receipt_of(move, self._registry.name, was_on_canary=was_on_canary)
        return Moved(move=move, receipt=receipt)

    def _resolve(self, target: str, moves: Sequence[Move] = ()) -> str:
        """Return a tag or a digest. Raises ``NotFound`` for the beginning of no known digest."""
        wanted = target.strip()
        if is_whole_name(wanted):
            return wanted
        known = self._named().values()
        return only_one([*known, *(move.to_digest for move in moves)], wanted)

    def _named(self) -> dict[str, str]:
        names = self._registry.list_tags()
        return self._catalogue.named(names, tag=self._registry.tag, past=self._past())
