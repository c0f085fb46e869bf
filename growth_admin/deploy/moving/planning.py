"""What would change in an old school's exports, and why it may or may not.

The rules: no owner and no content changes. A file or folder gets the group of those who are to
write it (organisers; the data group below ``data``), and that group gets what the owner may. What
was closed to its group stays closed, with everything in it; what others may stays as it is, but
for the folders that the console's walls are made of.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

from growth_admin.core.plan import Plan, PlanItem, make_plan
from growth_admin.core.words import count, in_words
from growth_admin.deploy.kubernetes.folders import ADMINS, ANY, DATA, Place, Shares
from growth_admin.deploy.moving.scripts import judge_scripts
from growth_admin.deploy.moving.tree import Entry, Export, Kind, Roots, printable, walk

SUDOERS: Final = "etc/sudoers.d"
SCRIPTS: Final = ("start/as-root.sh", "start/as-user.sh")
STATE: Final = ".growth-admin"
ALWAYS_SHARED: Final = ("start", "logs")
"""What organisers must be able to read and write in any case."""
BUSY_S: Final = 120.0


class Standing(NamedTuple):
    """Who owns something, and what may be done with it."""

    uid: int
    gid: int
    mode: int


@dataclass(frozen=True, slots=True)
class Change:
    """Another group or mode of one thing. Its path may hold what is not UTF-8."""

    export: Export
    path: str
    kind: Kind
    before: Standing
    after: Standing


@dataclass(frozen=True, slots=True)
class NewFolder:
    """A folder that is missing."""

    export: Export
    path: str
    gid: int | None
    mode: int


@dataclass(frozen=True, slots=True)
class Move:
    """All that is to be done, whole enough to be done again and taken back."""

    plan: Plan
    admin_root: str
    shared_root: str
    changes: tuple[Change, ...]
    folders: tuple[NewFolder, ...]
    blockers: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        """Return the move as JSON; paths that are not UTF-8 survive (as lone surrogates)."""
        plan, rest = self.plan.as_json(), asdict(replace(self, plan=_NO_PLAN))
        return json.dumps({**rest, "plan": plan}).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Move:
        """Return the move that was kept. Raises ``ValueError``, ``KeyError`` or ``TypeError``."""
        found = json.loads(text)
        return cls(
            plan=Plan.model_validate(found["plan"]),
            admin_root=found["admin_root"],
            shared_root=found["shared_root"],
            changes=tuple(
                Change(
                    export=row["export"],
                    path=row["path"],
                    kind=row["kind"],
                    before=Standing(*row["before"]),
                    after=Standing(*row["after"]),
                )
                for row in found["changes"]
            ),
            folders=tuple(NewFolder(**row) for row in found["folders"]),
            blockers=tuple(found["blockers"]),
        )


_NO_PLAN: Final = Plan(id="", action="", title="", items=())


@dataclass(frozen=True)
class _Rules:
    """The places of a school by where they are, and what was seen on the way."""

    shares: Shares
    places: dict[tuple[Export, str], Place]


def roots_of(shares: Shares) -> Roots:
    """Return both exports by name."""
    return {"admin": shares.admin_root, "shared": shares.shared_root}


def plan_move(shares: Shares) -> Move:
    """Return what the move would do. Reads names and modes, and both scripts; writes nothing.

    Raises ``NotFound`` or ``StorageUnavailable``.
    """
    roots = roots_of(shares)
    rules = _Rules(shares, _places(shares))
    entries = list(walk(roots))
    there = {entry.key: entry for entry in entries}
    seen: Counter[str] = Counter()
    changes = tuple(_changes(rules, entries, seen))
    folders = tuple(_missing(rules, there))
    blockers = tuple(_blockers(rules, there))
    world = [[asdict(c) for c in changes], [asdict(f) for f in folders], list(blockers)]
    warnings = [*blockers, *judge_scripts(shares), *_warnings(entries, seen)]
    files = sum(entry.kind == "file" for entry in entries)
    size = in_words(sum(entry.size_bytes for entry in entries))
    plan = make_plan(
        action="move",
        title=f"Take over {count(files, 'file')} ({size}) in {shares.admin_root} and "
        f"{shares.shared_root}: {count(len(changes), 'group or mode')} would change, "
        f"{count(len(folders), 'folder')} would be made; no content, no name, no owner.",
        items=tuple(_items(changes, folders, shares)),
        world=world,
        warnings=tuple(warnings),
    )
    return Move(
        plan=plan,
        admin_root=str(shares.admin_root),
        shared_root=str(shares.shared_root),
        changes=changes,
        folders=folders,
        blockers=blockers,
    )


def _places(shares: Shares) -> dict[tuple[Export, str], Place]:
    found: dict[tuple[Export, str], Place] = {}
    for place in shares.places():
        for export, root in roots_of(shares).items():
            if place.path == root or root in place.path.parents:
                found[export, str(place.path.relative_to(root))] = place
    return found


# ---- what changes


def _changes(rules: _Rules, entries: list[Entry], seen: Counter[str]) -> Iterator[Change]:
    """Yield every change, folders before what is in them; count what is left as it is."""
    left: set[tuple[Export, str]] = set()
    settled: dict[tuple[int, int], Standing] = {}  # of files with several names, by the first
    for entry in entries:
        before = Standing(entry.uid, entry.gid, entry.mode)
        above = (entry.export, entry.path.rpartition("/")[0])
        reason = "" if above in left else _reason_to_leave(rules, entry)
        if reason or above in left:
            seen[reason] += 1
            left.add(entry.key)
            after = before
        else:
            after = _wanted(rules, entry)
        if entry.links > 1:
            after = settled.setdefault(entry.inode, after)
        if after != before:
            yield Change(
                export=entry.export, path=entry.path, kind=entry.kind, before=before, after=after
            )


def _reason_to_leave(rules: _Rules, entry: Entry) -> str:
    """Return why something, and what is in it, stays as it is; empty if it does not."""
    if entry.kind in ("link", "other"):
        return entry.kind
    if entry.key in rules.places:
        return ""
    if entry.export == "admin" and entry.path == SUDOERS:
        return "sudoers"
    if entry.path == STATE or entry.path.startswith(f"{STATE}/"):
        return "state"
    if entry.kind == "file" and entry.mode & 0o6000:
        return "setuid"
    is_shared = entry.export == "admin" and entry.path.split("/")[0] in ALWAYS_SHARED
    return "" if entry.mode & 0o070 or is_shared else "closed"


def _wanted(rules: _Rules, entry: Entry) -> Standing:
    place = rules.places.get(entry.key)
    if place is not None:
        gid = rules.shares.gid(place.group) if place.group else entry.gid
        return Standing(entry.uid, gid, place.mode)
    is_data = entry.export == "shared" and entry.path.split("/")[0] == "data"
    mode = entry.mode | (entry.mode & 0o700) >> 3
    if entry.kind == "folder":
        mode |= 0o2000  # what is made in it later is the group's too
    if entry.export == "admin" and entry.path in SCRIPTS:
        mode &= ~0o002
    return Standing(entry.uid, rules.shares.gid(DATA if is_data else ADMINS), mode)


def _missing(rules: _Rules, there: dict[tuple[Export, str], Entry]) -> Iterator[NewFolder]:
    for (export, path), place in rules.places.items():
        if (export, path) not in there:
            gid = None if place.group == ANY else rules.shares.gid(place.group)
            yield NewFolder(export=export, path=path, gid=gid, mode=place.mode)


def _blockers(rules: _Rules, there: dict[tuple[Export, str], Entry]) -> Iterator[str]:
    for key, place in rules.places.items():
        entry = there.get(key)
        if entry is not None and entry.kind != "folder":
            yield f"{place.path} is a {entry.kind}, not a folder. Rename it, then plan again."


# ---- what is said


def _items(
    changes: tuple[Change, ...], folders: tuple[NewFolder, ...], shares: Shares
) -> Iterator[PlanItem]:
    roots = roots_of(shares)
    for folder in folders:
        group = f", group {folder.gid}" if folder.gid else ""
        target = str(Path(roots[folder.export]) / folder.path)
        yield PlanItem(target=target, action="make", detail=f"mode {folder.mode:o}{group}")
    counted: Counter[tuple[Export, str, int, Kind]] = Counter(
        (change.export, change.path.split("/")[0], change.after.gid, change.kind)
        for change in changes
    )
    for (export, top, gid, kind), number in sorted(counted.items()):
        target = str(roots[export] if top == "." else roots[export] / printable(top))
        yield PlanItem(target=target, action="open", detail=f"{count(number, kind)}: group {gid}")
    for script in SCRIPTS:
        path = roots["admin"] / script
        if path.is_file() and not path.is_symlink():
            yield PlanItem(
                target=str(path), action="adopt", detail="as it stands; the history's first"
            )


def _warnings(entries: list[Entry], seen: Counter[str]) -> Iterator[str]:
    newest = max((e.mtime_ns for e in entries if e.path.startswith("logs/")), default=0)
    ago_s = time.time() - newest / 1e9
    if ago_s < BUSY_S:
        yield f"A server of the old school was started {ago_s:.0f} s ago. Stop it all first."
    if seen["closed"]:
        yield (
            f"{count(seen['closed'], 'file or folder')} closed to the own group (mode 600, 700) "
            "stays closed: other organisers cannot open what is there."
        )
    if seen["setuid"]:
        yield f"{count(seen['setuid'], 'setuid or setgid file')} is left as it is. Is it needed?"
    if seen["sudoers"]:
        yield (
            "The rules in etc/sudoers.d are left as they are. On Kubernetes nobody becomes root in "
            "a server any more; elsewhere growth-admin's own as-root.sh installs them."
        )
    if seen["other"]:
        yield f"{count(seen['other'], 'pipe, socket or device')} is left as it is."
    wide = sum(e.kind == "folder" and e.mode & 0o1002 == 0o002 for e in entries)
    if wide:
        yield (
            f"Everybody may write in {count(wide, 'folder')}, as before. On Kubernetes students "
            "have both exports for reading only; elsewhere look at these."
        )
