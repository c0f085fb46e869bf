"""Each fact as a line: its state, its sentence, and what mends it. Pure: asks nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from growth_admin.core.words import count, in_words
from growth_admin.overview.facts import (
    DatasetFacts,
    DiskFacts,
    HubFacts,
    LastStart,
    LiveScript,
    Parts,
    PeopleFacts,
    ShareFacts,
)
from growth_admin.overview.models import Line, LineState, mend
from growth_admin.overview.wording import first, join, some

WINDOW: Final = timedelta(hours=12)
"""Starts older than this are not of this school day, whatever the zone of the server's clock."""
ERROR_SHARE: Final = 0.05
"""From this share of failed starts on it is no single student's trouble."""
FULL_PERCENT: Final = 90.0
OVERFULL_PERCENT: Final = 97.0
_NOT_FAILED: Final = {"ok", "old-revision", "never-started", "unknown", "empty-log"}


def parts_line(parts: Parts, held: Collection[str]) -> Line:
    """Return which parts are ready; a part that the visitor may not use names its scope."""
    closed = [area for area in parts.areas if area not in held]
    lacks = [f"{area}: the permission custom:growth:{area}" for area in closed]
    lacks += [f"{lack.area}: {lack.what} {lack.hint}".strip() for lack in parts.missing]
    bad = {*closed, *(lack.area for lack in parts.missing)}
    total = len({*parts.areas, *bad})
    return Line(
        id="parts",
        title="Parts",
        state="warning" if bad else "ok",
        sentence=f"{len(bad)} of {count(total, 'part')} lack something: {join(sorted(bad))}."
        if bad
        else f"All {count(total, 'part')} have what they need.",
        details=tuple(lacks),
        lacks=join([f"custom:growth:{area}" for area in closed]),
        hint=next((lack.hint for lack in parts.missing if lack.hint), "")
        or ("Ask an admin to add you to a team that holds it." if closed else ""),
        mend=mend("roster", "Open the setup in the roster")
        if "roster" in bad - set(closed)
        else None,
    )


def hub_line(hub: HubFacts) -> Line:
    """Return that the hub answers, and what runs."""
    coming = f", {hub.pending:,} on their way" if hub.pending else ""
    users = count(hub.users, "user")
    return Line(
        id="hub",
        title="Hub",
        state="ok",
        sentence=f"The hub answers: {users}, {count(hub.ready, 'server')} ready{coming}.",
        mend=mend("servers", "Open the servers"),
    )


def starts_line(starts: Sequence[LastStart], at: datetime) -> Line:
    """Return how the last start of each server went, of those within the school day."""
    lately = [
        one for one in starts if one.started and one.started >= at - WINDOW and not one.is_candidate
    ]
    failed = [one for one in lately if one.state not in _NOT_FAILED]
    empty = [one for one in lately if one.state == "empty-log"]
    hours = int(WINDOW.total_seconds() // 3600)
    total = count(len(lately), "start")
    said = [f"{len(failed):,} of {total} within {hours} hours failed"] if failed else []
    if empty:
        said.append(
            f"{len(empty):,} left an empty log"
            if failed
            else f"{len(empty):,} of {total} within {hours} hours left an empty log"
        )
    is_many = len(failed) >= ERROR_SHARE * max(len(lately), 1)
    state: LineState = "ok" if not said else "error" if failed and is_many else "warning"
    fine = f"No server started within {hours} hours"
    if lately:
        fine = f"{total} within {hours} hours, none failed"
    return Line(
        id="starts",
        title="Starts",
        state=state,
        sentence=f"{', '.join(said) or fine}.",
        details=first([f"{one.user}: {one.error or one.state}" for one in (*failed, *empty)]),
        mend=mend("startup", "Open the starts"),
    )


def _in_use(starts: Sequence[LastStart]) -> tuple[list[LastStart], str]:
    """Return the last starts of servers that run, and what to call them.

    Where the hub cannot be asked, those of all servers.
    """
    used = [one for one in starts if not one.is_candidate]
    if any(one.is_running is not None for one in used):
        return [one for one in used if one.is_running and one.state != "unknown"], "running server"
    return [one for one in used if one.started], "last start"


def scripts_line(scripts: Sequence[LiveScript], starts: Sequence[LastStart]) -> Line:
    """Return the revisions that are live, and how many servers began with an older one."""
    used, noun = _in_use(starts)
    old = [one.user for one in used if one.is_old_revision]
    broken = [f"{one.name}: {one.problem}" for one in scripts if one.problem]
    live = join([f"{one.name} r{one.revision or '?'}" for one in scripts if not one.problem])
    total = count(len(used), noun)
    said = [f"{live} live"] if live else []
    if old:
        said.append(f"{len(old):,} of {total} began with an older revision")
    elif used:
        said.append(f"none of {total} began with an older revision")
    if broken:
        said.insert(0, f"{len(broken)} of {count(len(scripts), 'script')} cannot run")
    return Line(
        id="scripts",
        title="Start scripts",
        state="error" if broken else "warning" if old else "ok",
        sentence=f"{'; '.join(said) or 'No start script is live'}.",
        details=(*broken, *([some(sorted(old))] if old else [])),
        mend=mend("startup", "Open the start scripts")
        if broken or not old
        else mend("servers", "Open the servers to restart them"),
    )


def images_line(starts: Sequence[LastStart]) -> Line:
    """Return which images are in use, by digest where the records name it."""
    used, noun = _in_use(starts)
    found = Counter((one.image, one.image_digest) for one in used if one.image or one.image_digest)
    unnamed = len(used) - found.total()
    if not found:
        return Line(
            id="images",
            title="Images",
            state="unknown" if used else "ok",
            sentence=f"None of {count(len(used), noun)} names its image."
            if used
            else "No server runs, so no image is in use.",
            lacks="the image's name in the start records" if used else "",
            hint="The hub puts it there: use hub_config.py of this version." if used else "",
        )
    named = [
        f"{image or 'no tag'}{f' @ {digest[:19]}…' if digest else ''}: {number:,}"
        for (image, digest), number in found.most_common()
    ]
    total = count(found.total(), noun)
    rest = f"; {unnamed:,} name none" if unnamed else ""
    said = "one image" if len(found) == 1 else f"{len(found)} different images"
    only = f" ({next(iter(found))[0]})" if len(found) == 1 and next(iter(found))[0] else ""
    return Line(
        id="images",
        title="Images",
        state="warning" if len(found) > 1 else "ok",
        sentence=f"{total} on {said}{only}{rest}.",
        details=first(named),
        mend=mend("servers", "Open the servers"),
    )


def datasets_line(datasets: Sequence[DatasetFacts], problems: Sequence[str] = ()) -> Line:
    """Return how many students have not the current version, dataset by dataset."""
    late = [one for one in datasets if one.not_current]
    late.sort(key=lambda one: one.not_current, reverse=True)
    details = [
        f"{one.name}: {one.behind:,} behind"
        + (f", {one.partial:,} have only a part" if one.partial else "")
        + (f", {one.missing:,} got none at their last start" if one.missing else "")
        + f", {one.current + one.edited:,} current"
        for one in late
    ]
    worst = late[0] if late else None
    said = (
        f"{len(late)} of {count(len(datasets), 'dataset')} not current everywhere: {worst.name} "
        f"with {count(worst.not_current, 'student')}"
        f"{', and others' if len(late) > 1 else ''}"
        if worst
        else f"{count(len(datasets), 'dataset')}, nobody behind"
        if datasets
        else "No dataset is published"
    )
    if problems:
        said += f"; {count(len(problems), 'problem')} on the shelf"
    return Line(
        id="datasets",
        title="Datasets",
        state="warning" if late or problems else "ok",
        sentence=f"{said}.",
        details=(*first(details), *problems[:3]),
        mend=mend("datasets", "Open the datasets"),
    )


def disk_line(disks: Sequence[DiskFacts]) -> Line:
    """Return how full the shared disks are."""
    worst = max(disks, key=lambda disk: disk.used_percent)
    return Line(
        id="disk",
        title="Shared disk",
        state=_fullness(worst.used_percent),
        sentence=f"{join([_say_disk(disk) for disk in disks])}.",
        mend=mend("datasets", "Open the datasets to make room"),
    )


def _say_disk(disk: DiskFacts) -> str:
    free, total = in_words(disk.free_bytes), in_words(disk.total_bytes)
    return f"{disk.name}: {free} of {total} free ({disk.used_percent:.0f} % used)"


def _fullness(used_percent: float) -> LineState:
    if used_percent > OVERFULL_PERCENT:
        return "error"
    return "warning" if used_percent > FULL_PERCENT else "ok"


def homes_line(homes: Sequence[DiskFacts]) -> Line:
    """Return whose home is over 90 % full, of those that are disks of their own."""
    full = sorted(
        (home for home in homes if home.used_percent > FULL_PERCENT),
        key=lambda home: home.used_percent,
        reverse=True,
    )
    worst = _fullness(full[0].used_percent) if full else "ok"
    total = count(len(homes), "disk")
    return Line(
        id="homes",
        title="Homes",
        state=worst,
        sentence=f"{len(full):,} of {total} of homes over {FULL_PERCENT:.0f} %."
        if full
        else f"{total} of homes, none over {FULL_PERCENT:.0f} %.",
        details=first([_say_disk(home) for home in full]),
        hint="A full home keeps its owner from saving: ask them to delete, or enlarge it."
        if full
        else "",
    )


def people_line(people: PeopleFacts) -> Line:
    """Return which invitations hang."""
    words = {
        "invited": "pending",
        "expired": "expired",
        "failed": "failed",
        "queued": "queued for another day",
    }
    hanging = [f"{people.counts[s]:,} {word}" for s, word in words.items() if people.counts.get(s)]
    is_bad = bool(people.counts.get("expired") or people.counts.get("failed"))
    active = people.counts.get("active", 0)
    said = f"Invitations: {', '.join(hanging)}" if hanging else "No invitation hangs"
    said += f"; {count(active, 'person').replace('persons', 'people')} active"
    if people.problems:
        said += f"; {count(len(people.problems), 'thing')} could not be asked"
    return Line(
        id="people",
        title="Invitations",
        state="warning" if is_bad or people.problems else "ok",
        sentence=f"{said}.",
        details=people.problems,
        mend=mend("roster", "Open the roster"),
    )


def shares_line(found: ShareFacts) -> Line:
    """Return whether an organiser's server is shared, which opens the school to the guest."""
    admins = f"{found.admins:,} organiser{'' if found.admins == 1 else 's'}"
    if not found.shares:
        return Line(
            id="shares",
            title="Shares",
            state="ok",
            sentence=f"No server of {admins} is shared.",
        )
    owners = len({owner for owner, _ in found.shares})
    return Line(
        id="shares",
        title="Shares",
        state="error",
        sentence=f"Servers of {owners} of {admins} are shared "
        f"({count(len(found.shares), 'share')}): whoever visits can do all that the organiser can.",
        details=first([f"{owner} is shared with {guest}" for owner, guest in found.shares]),
        hint="The owner ends it with DELETE /hub/api/shares/OWNER/ (JupyterHub, Sharing access).",
    )
