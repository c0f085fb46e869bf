"""Who was who in the old school: account number at GitHub -> name at the hub.

The old hub gave each server the account's number and login; ``as-user.sh`` of that time printed
``id`` first, so the logs still say it. The new hub keeps such a list (``GROWTH_NAMES_FILE``): with
it, somebody who took another login at GitHub since gets the old home and not an empty one.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Final

from growth_admin.core.errors import GrowthError
from growth_admin.core.fsops import list_names, read_bytes
from growth_admin.roster.homes import uid_of

LOG: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]{0,38})-as-user\.log")
IDENTITY: Final = re.compile(rb"\buid=([0-9]{1,10})\(([A-Za-z0-9-]{1,39})\)")
LIMIT_BYTES: Final = 64 * 1024


def names_in_logs(logs: Path) -> tuple[dict[str, str], list[str]]:
    """Return the names by number, and a sentence on each log that contradicts another and on each
    person whose account gets another number than their files have.

    A log counts only if it tells of the login that it is called after. Raises
    ``StorageUnavailable``.
    """
    told: list[tuple[str, str]] = []
    for name in sorted(list_names(logs)):
        if not (found := LOG.fullmatch(name)):
            continue
        login = found[1].lower()
        with suppress(GrowthError):
            text = read_bytes(logs / name, limit_bytes=LIMIT_BYTES)
            numbers = {n.decode() for n, who in IDENTITY.findall(text) if who.decode() == found[1]}
            told += [(str(int(number)), login) for number in sorted(numbers) if int(number)]
    numbers_of = Counter(number for number, _ in set(told))
    names_of = Counter(login for _, login in set(told))
    is_sure = {(n, login) for n, login in told if numbers_of[n] == names_of[login] == 1}
    odd = sorted(set(told) - is_sure)
    said = [f"{login} and number {number} go together in one log and not in another: decide by "
            "hand." for number, login in odd]  # fmt: skip
    said += [
        _renumbered(int(number), login)
        for number, login in sorted(set(told))
        if uid_of(int(number)) != int(number)
    ]
    return dict(sorted(is_sure)), said


def _renumbered(number: int, login: str) -> str:
    """Say what opens a home that its owner finds and cannot write in."""
    uid = uid_of(number)
    return (
        f"{login}'s files belong to {number} and the account will be {uid}: once, as root in that "
        f"home, `chown -Rh --from={number} {uid} .` (MOVING.md, 4)."
    )
