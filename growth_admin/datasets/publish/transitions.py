"""From one state of a dataset to the next; pure functions, nothing meaning no change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from growth_admin.core.errors import Conflict, NotFound
from growth_admin.core.schema import now
from growth_admin.datasets.publish.records import State, StoredVersion, newest_first


def published(stored: StoredVersion, keep_versions: int, old: State) -> State | None:
    """Return the state with a new version as the current one, and the oldest in the trash.

    It becomes current whatever it replaces; ``was_expected`` says if that was planned. Raises
    ``Conflict`` if it was given up meanwhile.
    """
    version = stored.version
    if version in old.freed:
        raise Conflict(
            f"{stored.name} {version} was given up while it was published.",
            hint="Start the job again.",
        )
    if old.knows(version):
        return None
    kept = (*old.kept, version)
    stay = _staying(kept, version, old.current, keep_versions)
    fields = {
        "current": version,
        "kept": tuple(v for v in kept if v in stay),
        "deleted": old.deleted | {v: now() for v in kept if v not in stay},
        "was_expected": old.current == stored.replaces,
    }
    return _next(old, "publish", version, stored.published_by, fields)


def _staying(kept: tuple[str, ...], current: str, replaced: str, keep_versions: int) -> set[str]:
    """Return the versions that are not put in the trash: current, the one before, the newest."""
    stay = {current}
    for version in (replaced, *newest_first(kept)):
        if version in kept and len(stay) < keep_versions:
            stay.add(version)
    return stay


def adopted(stored: StoredVersion, old: State) -> State | None:
    """Return the state in which what was there before is the current version."""
    if old.knows(stored.version):
        return None
    fields = {"current": stored.version, "kept": (*old.kept, stored.version)}
    return _next(old, "adopt", stored.version, stored.published_by, fields)


def restored(name: str, version: str, replaces: str, by: str, old: State) -> State | None:
    """Return the state in which an earlier version is current. Raises ``Conflict``, ``NotFound``.

    With ``replaces`` that one must be current now.
    """
    if version == old.current:
        return None
    if replaces and old.current != replaces:
        raise Conflict(
            f"{old.current or 'No version'} of {name} is current, not {replaces}.",
            hint="Look at its versions again.",
        )
    if version in old.deleted:
        raise Conflict(f"{name} {version} is in the trash.", hint="Take it out of the trash first.")
    if version not in old.kept:
        raise _no_version(name, version)
    return _next(old, "restore", version, by, {"current": version})


def deleted(name: str, version: str, by: str, *, free_now: bool, old: State) -> State | None:
    """Return the state without a version, or without any; ``free_now``: not in the trash either.

    Raises ``Conflict`` for the current version, ``NotFound`` for one that there never was.
    """
    if not version:
        return _without_all(name, by, free_now, old)
    if version == old.current:
        raise Conflict(
            f"{name} {version} is what students read now.",
            hint="Restore another version first, or delete the whole dataset.",
        )
    if not old.knows(version) or (version in old.freed and not free_now):
        raise _no_version(name, version)
    if version in old.freed or (version in old.deleted and not free_now):
        return None
    return _next(old, "delete", version, by, _without(old, [version], free_now))


def _without_all(name: str, by: str, free_now: bool, old: State) -> State | None:
    if not old.kept and not old.deleted:
        raise NotFound(f"There is no dataset {name} any more.", hint="List the datasets.")
    gone = (*old.kept, *old.deleted) if free_now else old.kept
    if not gone:
        return None
    fields = {
        **_without(old, gone, free_now),
        "current": "",
        "dropped": () if free_now else old.kept,
        "dropped_current": "" if free_now else old.current,
    }
    return _next(old, "delete", "", by, fields)


def _without(old: State, gone: Collection[str], free_now: bool) -> dict[str, object]:
    trashed = {v: time for v, time in old.deleted.items() if v not in gone}
    return {
        "kept": tuple(v for v in old.kept if v not in gone),
        "deleted": trashed if free_now else trashed | {v: now() for v in gone},
        "freed": (*old.freed, *gone) if free_now else old.freed,
    }


def undeleted(name: str, version: str, by: str, old: State) -> State | None:
    """Return the state with a version out of the trash, or all that went when all were deleted.

    If no version is current, what was current becomes it, else the version. Raises ``NotFound``
    for what is not in the trash any more.
    """
    if version and version in old.kept:
        return None
    back = [version] if version else [v for v in old.dropped if v in old.deleted]
    if not version and not back and old.kept:
        return None
    if not back or not all(v in old.deleted for v in back):
        raise NotFound(
            f"{name} {version}".strip() + " is not in the trash.",
            hint="The trash is emptied after a time. Publish the data again.",
        )
    first = version or (old.dropped_current if old.dropped_current in back else "")
    fields = {
        "current": old.current or first or newest_first(tuple(back))[0],
        "kept": (*old.kept, *back),
        "deleted": {v: time for v, time in old.deleted.items() if v not in back},
        "dropped": tuple(v for v in old.dropped if v not in back),
    }
    return _next(old, "undelete", version, by, fields)


def expired(before: datetime, by: str, old: State) -> State | None:
    """Return the state without what was put in the trash before that moment."""
    gone = [version for version, time in old.deleted.items() if time < before]
    return _next(old, "free", "", by, _without(old, gone, True)) if gone else None


def forgotten(versions: Collection[str], by: str, old: State) -> State | None:
    """Return the state that gives up numbers of publications that will never be finished."""
    gone = [version for version in versions if not old.knows(version)]
    return _next(old, "forget", "", by, {"freed": (*old.freed, *gone)}) if gone else None


def trash_limit(keep_s: float) -> datetime:
    """Return the moment before which what is in the trash has been there too long."""
    return now() - timedelta(seconds=keep_s)


def _next(old: State, action: str, version: str, by: str, fields: Mapping[str, object]) -> State:
    told = {"action": action, "version": version, "by": by, "replaced": old.current}
    return old.model_copy(update={"was_expected": True, **told, **fields})


def _no_version(name: str, version: str) -> NotFound:
    return NotFound(f"There is no {name} {version[:20]}.", hint="List its versions.")
