"""Who goes first, who goes together, who goes last, and when the rest is left alone.

A plan is laid out in waves: the canaries, then as many at a time as may be in flight, then the
server that the admin is using. Between waves nobody waits: as soon as one server is back the next
one goes, which is quicker and never has more in flight. Only two gaps are kept: all canaries are
back before anybody else is touched, and the own server goes when all others are done.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from growth_admin.core.errors import InvalidInput
from growth_admin.servers.canary import CANARY
from growth_admin.servers.models import Action, Pace, Target

FAILURES_FLOOR: Final = 2
"""A single failure stops nobody but the canaries: 1 of 3 is a student's own trouble, not a sign."""


def choose_canaries(action: Action, targets: Sequence[Target], pace: Pace, own: Target) -> set[int]:
    """Return which of the targets go first, alone; none for a stop, or if there is just one.

    Those that are named, or else the first ones. The server that this runs on is never one, and
    neither is an admin's own named canary: it is no student's. Raises ``InvalidInput`` for names
    that are not among the targets.
    """
    if action == "stop" or (len(targets) < 2 and not pace.canaries):
        return set()
    fit = [i for i, target in enumerate(targets) if target != own and target.server_name != CANARY]
    if not pace.canaries:
        return set(fit[: pace.canary_count])
    by_target = {targets[i]: i for i in fit}
    for wanted in pace.canaries:
        if wanted not in by_target:
            raise InvalidInput(
                f"{wanted.user} cannot be a canary of this {action}.",
                hint="A canary is one of the servers of the plan that would be changed, and not "
                "the one that you are using.",
            )
    return {by_target[wanted] for wanted in pace.canaries}


def lay_out(
    targets: Sequence[Target], canaries: set[int], pace: Pace, own: Target
) -> tuple[int, ...]:
    """Return the number of each target's wave, from 1; canaries are in the first."""
    waves: list[int] = []
    before = 1 if canaries else 0
    place = 0
    for index, target in enumerate(targets):
        if index in canaries:
            waves.append(1)
        elif target == own:
            waves.append(0)
        else:
            waves.append(before + 1 + place // pace.max_in_flight)
            place += 1
    last = before + math.ceil(place / pace.max_in_flight) + 1
    return tuple(wave or last for wave in waves)


def reason_to_stop(*, canaries_failed: int, failed: int, tried: int, pace: Pace) -> str:
    """Return why the rest is better left alone, or nothing."""
    if canaries_failed:
        return "a canary failed" if canaries_failed == 1 else f"{canaries_failed} canaries failed"
    floor = 1 if pace.stop_at_failures == 0 else FAILURES_FLOOR
    if failed >= floor and failed > pace.stop_at_failures * tried:
        share = (
            f"more than {pace.stop_at_failures:.0%} may" if pace.stop_at_failures else "none may"
        )
        return f"{failed} of the {tried} before it failed, and {share}"
    return ""
