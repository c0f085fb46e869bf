"""Reading a dataset as a student does: a cell that looks, and what it says.

What the cell does not find or may not read is what a student does not find or may not read.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, TypeGuard

from growth_admin.core.errors import GrowthError
from growth_admin.core.words import count, in_words

NAME_CHARS: Final = 100
PATH_CHARS: Final = 400
MARK: Final = "growth-bot:"
"""Begins the one line of the cell's output that is ours."""
_CELL: Final = """
import json as _json, os as _os, time as _time
def _look(place, wanted, limit_bytes=32 * 1024 * 1024, limit_s=20):
    end_s, name, at = _time.monotonic() + limit_s, wanted, place
    try:
        if not name:
            found = sorted(n for n in _os.listdir(place) if not n.startswith("."))
            if not found:
                return {"state": "nothing"}
            name = found[0]
        at = _os.path.join(place, name)
        files = size = 0
        def _walk(top):
            if _os.path.isfile(top):
                yield top
                return
            for entry in sorted(_os.listdir(top)):
                yield from _walk(_os.path.join(top, entry))
        for path in _walk(_os.path.realpath(at)):
            at = path
            with open(path, "rb") as file:
                while part := file.read(1 << 20):
                    size += len(part)
                    if size >= limit_bytes or _time.monotonic() > end_s:
                        break
            files += 1
            if size >= limit_bytes or _time.monotonic() > end_s:
                break
        return {"state": "read", "name": name, "files": files, "bytes": size}
    except OSError as e:
        return {"state": "failed", "name": name, "at": at, "why": e.strerror or str(e)}
"""


def cell(place: Path, wanted: str) -> str:
    """Return the code that reads the dataset ``wanted``, or the first one below ``place``."""
    asked = f"{str(place)!r}, {wanted!r}"
    return f"{_CELL}\nprint({MARK!r} + _json.dumps(_look({asked})))\ndel _look\n"


def told(printed: str, *, place: Path, bot: str) -> str | None:
    """Return what was read, in words; nothing when nothing is published.

    Raises ``GrowthError`` when it was not found, or could not be read.
    """
    found = _found(printed)
    state, name = found.get("state"), _shown(found.get("name", ""), NAME_CHARS)
    files, size_bytes = found.get("files"), found.get("bytes")
    if state == "nothing":
        return None
    if state == "read" and _is_number(files) and _is_number(size_bytes) and files:
        return f"{name}: {in_words(size_bytes)} of {count(files, 'file')} read."
    if state == "read" and files == 0:
        raise GrowthError(
            f"{place / name} has no file.", hint="Publish the dataset again, or name another one."
        )
    if state == "failed":
        raise GrowthError(
            f"{bot} cannot read {_shown(found.get('at'), PATH_CHARS)}: "
            f"{_shown(found.get('why'), PATH_CHARS)}.",
            hint="Students cannot either. Publish the dataset again, or look at the modes of its "
            "files, and whether students' servers have the shared disk.",
        )
    raise GrowthError("The cell that reads a dataset said nothing that makes sense.")


def _found(printed: str) -> dict[str, Any]:
    for line in printed.splitlines():
        if line.startswith(MARK):
            try:
                found = json.loads(line.removeprefix(MARK))
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict):
                return found
    return {}


def _shown(said: object, limit: int) -> str:
    """Return what the student's server said as one line of bounded length."""
    text = str(said)
    cut = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return "".join(sign if sign.isprintable() else "?" for sign in cut)


def _is_number(said: object) -> TypeGuard[int]:
    return type(said) is int and 0 <= said < 2**63
