"""Writes what the chart needs into a folder, and never over what somebody changed there."""

from __future__ import annotations

import difflib
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from growth_admin.core.errors import Conflict, NotFound
from growth_admin.core.fsops import make_folder, read_bytes, storage_errors, write_atomic
from growth_admin.deploy import hub_config_path
from growth_admin.deploy.kubernetes import cluster, values
from growth_admin.deploy.kubernetes.answers import Answers
from growth_admin.deploy.kubernetes.commands import commands_page

MOVING: Final = Path(__file__).with_name("MOVING.md")
RECORD: Final = ".rendered.json"
SCHOOL: Final = "school"
"""Key of the record with whose files these are; the others are names of files."""
_RECORD: Final = TypeAdapter(dict[str, list[str]])
DIFF_LINES: Final = 60


@dataclass(frozen=True)
class Rendered:
    """What was done: files by name that were written, and those that were so already."""

    folder: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]


def render(answers: Answers) -> dict[str, str]:
    """Return every file by its name. The same answers give the same files."""
    return {
        **(_move(answers) if answers.is_moved else {}),
        "cluster.yaml": cluster.as_yaml(cluster.build_manifests(answers)),
        "values.yaml": values.as_yaml(values.build_values(answers)),
        "hub_config.py": hub_config_path().read_text(encoding="utf-8"),
        "COMMANDS.md": commands_page(answers),
    }


def _move(answers: Answers) -> dict[str, str]:
    """Return what only a school needs that was there before: the way, with its own names in it."""
    way = MOVING.read_text(encoding="utf-8")
    return {
        "MOVING.md": way.replace("NAMESPACE", answers.name).replace("RELEASE", answers.name),
        "move.yaml": cluster.as_yaml([cluster.build_move_pod(answers)]),
    }


def write(answers: Answers, folder: Path, *, is_forced: bool = False) -> Rendered:
    """Write all files, each in one step.

    Raises ``Conflict`` with the difference, before anything is written, when a file is there that
    was not left so by the last rendering, or when another school is, unless ``is_forced``.
    """
    if not is_forced and not (folder / RECORD).exists() and (above := _rendered_above(folder)):
        raise Conflict(
            f"{folder} would stand in {above}, which was rendered itself.",
            hint=f"To render that one again: --output {above}. To have one inside it: --force.",
        )
    new = render(answers)
    old = {name: text for name in new if (text := _text_of(folder / name)) is not None}
    changed = [name for name, text in new.items() if old.get(name) != text]
    record = _read_record(folder)
    there = record.get(SCHOOL, [answers.name])
    if there != [answers.name] and not is_forced:
        raise Conflict(
            f"{folder} holds the school {there[0]}, and this is {answers.name}.",
            hint="Give each school a folder of its own (--output), or --force to replace it.",
        )
    edited = [n for n in changed if n in old and _hash(old[n]) not in record.get(n, ())]
    if edited and not is_forced:
        raise Conflict(
            f"{', '.join(edited)} in {folder} was changed by hand since it was rendered:\n"
            + "".join(difference(name, old[name], new[name]) for name in edited),
            hint="What begins with - is there, with + would be written. Put your change into the "
            "answers or into extra.yaml (COMMANDS.md), or render with --force to lose it.",
        )
    with storage_errors(folder):
        make_folder(folder)
    after = {SCHOOL: [answers.name], **{name: [_hash(text)] for name, text in new.items()}}
    if changed:  # whoever is killed from here on leaves files that are known as ours all the same
        both = {name: [*after[name], *record.get(name, ())] for name in new}
        _write_record(folder, {SCHOOL: [answers.name], **both})
    for name in changed:
        write_atomic(folder / name, new[name].encode())
    if changed or record != after:
        _write_record(folder, after)
    return Rendered(folder, tuple(changed), tuple(name for name in new if name not in changed))


def _rendered_above(folder: Path) -> Path | None:
    """Return the folder around, if it was rendered: somebody who ran the command in there."""
    above = folder.resolve().parent
    return above if (above / RECORD).exists() else None


def difference(name: str, old: str, new: str) -> str:
    """Return how the file on the disk differs from the one that would be written."""
    lines = list(
        difflib.unified_diff(
            old.splitlines(), new.splitlines(), f"{name} (there)", f"{name} (new)", lineterm="", n=1
        )
    )
    more = len(lines) - DIFF_LINES
    return "\n".join(lines[:DIFF_LINES] + [f"... and {more} more lines"] * (more > 0)) + "\n"


def _text_of(path: Path) -> str | None:
    try:
        return read_bytes(path).decode("utf-8", "replace")
    except NotFound:
        return None


def _read_record(folder: Path) -> dict[str, list[str]]:
    """Return the hashes that renderings may have left of each file; none if that is not known."""
    try:
        return _RECORD.validate_json(_text_of(folder / RECORD) or "{}")
    except ValueError:
        return {}


def _write_record(folder: Path, record: dict[str, list[str]]) -> None:
    write_atomic(folder / RECORD, json.dumps(record, indent=1).encode())


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
