"""``growth-admin images try``: packages for a quick look in one's own running server."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from growth_admin.cli_areas import add_verb, rooms_of, show
from growth_admin.cli_following import follow_or_cancel, working
from growth_admin.cli_images import images_of
from growth_admin.core.words import in_words
from growth_admin.images.tryouts.models import TryOut, TryRequest

if TYPE_CHECKING:
    from growth_admin.images.tryouts.manager import TryOutManager
    from growth_admin.rooms import Rooms

AREA: Final = {"images"}


def add_tryouts(verbs: Any) -> None:
    """Add the verbs to those of images."""
    verb = add_verb(verbs, "try", "try packages in your running server; gone when it ends", _try)
    verb.add_argument("packages", nargs="+", help="names, with a version if it matters")
    verb.add_argument("--conda", action="store_true", help="packages of conda, from its channel")
    add_verb(verbs, "tries", "list what is being tried in your server", _tries)
    verb = add_verb(verbs, "untry", "remove packages that were tried", _untry)
    verb.add_argument("tryout", help="its id, as images tries shows it")


def _tryouts_of(rooms: Rooms) -> TryOutManager:
    return images_of(rooms).tryouts


def _try(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    tryouts, user = _tryouts_of(rooms), rooms.settings.user
    wanted = "conda" if asked.conda else "pip"
    request = TryRequest.model_validate({"list": wanted, "packages": asked.packages})
    with working(rooms):
        job = tryouts.start_tryout(request, user=user)
        return follow_or_cancel(rooms, job, asked, AREA)


def _tries(asked: argparse.Namespace) -> int:
    found = _tryouts_of(rooms_of(asked)).list_tryouts()
    lines = [line for one in found.tryouts for line in _lines(one)]
    return show(found, asked, lines or ["Nothing is being tried."])


def _lines(one: TryOut) -> list[str]:
    size = in_words(one.size_bytes) if one.size_bytes is not None else ""
    said = f"{one.id} {one.state:<10} {one.kernel} {size} {one.problem}".rstrip()
    return [said, *(f"  ! {warning}" for warning in one.warnings)]


def _untry(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    removed = _tryouts_of(rooms).delete_tryout(asked.tryout)
    rooms.audit.record(
        user=rooms.settings.user,
        permission="images.tryouts:write",
        area="images",
        action="growth-admin images untry (terminal)",
        target=f"images/tryouts/{removed.id}",
        before=", ".join(removed.packages),
        result="done",
    )
    return show(removed, asked, [f"{removed.kernel} is removed."])
