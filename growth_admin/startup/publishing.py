"""When a revision may be made live, and what is said about it afterwards."""

from __future__ import annotations

from typing import Final

from growth_admin.core.errors import Conflict
from growth_admin.core.plan import Receipt, ReceiptItem, Undo
from growth_admin.core.schema import now
from growth_admin.startup import models
from growth_admin.startup.models import Publication

PUBLISH_S: Final = 10.0
"""Seconds that a publication may be ahead of its file."""


def require_expected(
    before: models.Script, last: Publication | None, request: models.PublishRequest
) -> None:
    """Raise ``Conflict`` unless what is live is what the requester saw, and is there to stay."""
    if before.live_sha256 != request.expected_live_sha256:
        raise Conflict(
            f"{before.name} was changed meanwhile: live is now {_spell(before.live_revision)}, "
            f"since {before.published} by {before.published_by or 'nobody known'}.",
            hint="Look at the difference to the live script, then make yours live again.",
            context={"script": before.as_json()},
        )
    if last and is_under_way(last, before.live_sha256):
        raise Conflict(
            f"{last.author} is making r{last.revision} of {before.name} live right now.",
            hint="Wait a few seconds, look at what is live, then decide again.",
        )


def reason_found(last: Publication | None, live_sha256: str, *, is_first: bool) -> str:
    """Return how a text that nobody made live here can have come to be live."""
    if is_first:
        return "the script as it was found"
    if last and live_sha256 == last.previous_sha256:
        return f"as before: r{last.revision} did not reach the file, or was taken back by hand"
    return "changed by hand"


def is_under_way(last: Publication, live_sha256: str) -> bool:
    """Return whether this publication was written a moment ago and its file not yet."""
    age_s = (now() - last.time).total_seconds()
    return live_sha256 == last.previous_sha256 != last.sha256 and age_s < PUBLISH_S


def _spell(number: int | None) -> str:
    return "an unknown text" if number is None else f"r{number}"


def receipt_of(name: str, before: models.Script, publication: Publication) -> Receipt:
    undo = None
    if before.live_revision is not None:
        undo = Undo(
            title=f"Make r{before.live_revision} live again",
            method="POST",
            path=f"startup/scripts/{name}/publications",
            body={
                "revision": before.live_revision,
                "expected_live_sha256": publication.sha256,
                "reason": f"undo of publication {publication.number}",
            },
        )
    title = f"r{publication.revision} of {name} is live since {publication.time:%H:%M} UTC"
    item = ReceiptItem(target=name, action="make live", result="done", detail=publication.reason)
    return Receipt(title=title, finished=now(), items=(item,), undo=undo)
