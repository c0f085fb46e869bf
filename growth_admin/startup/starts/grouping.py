"""The same error of many students is one group: what differs by person or moment is set aside."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

from growth_admin.startup.starts.models import StartGroup, StartRow, StartState

_NOT_FAULTS: Final[frozenset[StartState]] = frozenset({"ok", "old-revision", "never-started"})
_VARYING: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b"
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|\b0x[0-9a-fA-F]+\b"
    r"|\b(?=[a-f]*\d)[0-9a-f]{7,64}\b"
    r"|(?<=/)(?:tmp[\w.-]{4,}|growth-start-[0-9a-f]+)"
    r"|(?<![A-Za-z_\d])\d+(?:\.\d+)*"
)
_HOME: Final = re.compile(r"(?<![\w.-])/home/(?!admin\b)[^/\s:'\"]+")
_USER: Final = "<user>"
_DIFFERS: Final = "…"


def sentence_of(row: StartRow) -> str:
    """Return what went wrong, beginning with the script: ``as-user.sh line 20: ...``."""
    if not row.script:
        return row.error
    is_verb = row.error.startswith(("line ", "was ", "is ", "left ", "ended ", "could not "))
    return f"{row.script}{' ' if is_verb else ': '}{row.error}"


def group_errors(rows: Iterable[StartRow]) -> tuple[StartGroup, ...]:
    """Return the groups, largest first. Every row that tells of a fault is in exactly one."""
    found: dict[tuple[StartState, str, tuple[str, ...]], list[tuple[StartRow, list[str]]]] = {}
    for row in rows:
        if row.state in _NOT_FAULTS or not row.error:
            continue
        text = _without_names(sentence_of(row), row)
        key = (row.state, row.script, tuple(_VARYING.split(text)))
        found.setdefault(key, []).append((row, _VARYING.findall(text)))
    groups = [_group(*key, members) for key, members in found.items()]
    return tuple(
        sorted(groups, key=lambda g: (-len(g.users) - len(g.named_servers), g.title, g.id))
    )


def _without_names(text: str, row: StartRow) -> str:
    text = _HOME.sub(f"/home/{_USER}", text)
    for name in {row.user, row.nb_user}:
        if len(name) > 1 and name in text:
            text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", _USER, text)
    return text


def _group(
    state: StartState,
    script: str,
    constant: tuple[str, ...],
    members: list[tuple[StartRow, list[str]]],
) -> StartGroup:
    columns = zip(*(varying for _, varying in members), strict=True)
    shown = [values[0] if len(set(values)) == 1 else _DIFFERS for values in columns]
    title = constant[0] + "".join(
        value + rest for value, rest in zip(shown, constant[1:], strict=True)
    )
    key = "\0".join((state, script, *constant))
    return StartGroup(
        id=hashlib.sha256(key.encode()).hexdigest()[:16],
        title=title,
        state=state,
        script=script,
        users=tuple(row.user for row, _ in members if not row.server_name),
        named_servers=tuple(
            f"{row.user}/{row.server_name}" for row, _ in members if row.server_name
        ),
    )
