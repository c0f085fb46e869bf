"""``growth-admin datasets``: from a link to every student, from a terminal."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from growth_admin.cli_areas import add_verb, rooms_of, show
from growth_admin.core.errors import ConfirmationNeeded, GrowthError
from growth_admin.core.plan import Plan
from growth_admin.core.words import count, in_words
from growth_admin.datasets.models import Change, DeleteChange, PublishChange, RestoreChange
from growth_admin.datasets.planning import UNVERIFIED
from growth_admin.jobs.models import ENDED, Job

if TYPE_CHECKING:
    from growth_admin.rooms import Rooms

EVERY_S: Final = 0.2


def add_datasets(verbs: Any) -> None:
    """Add the verbs of this area."""
    verb = add_verb(verbs, "add", "fetch, verify and publish data; wait for the end", _add)
    verb.add_argument("link", help="Google Drive, Zenodo or any URL, or a path on the hub")
    verb.add_argument("--name", required=True, help="name of the dataset")
    verb.add_argument("--extract", action="store_true", help="unpack archives")
    verb.add_argument("--sha256", default="", metavar="HEX", help="expected, for a single file")
    verb.add_argument("--checksum", default="", metavar="ALGORITHM:HEX", help="expected")
    verb.add_argument("--delivery", choices=("link", "copy"), default="link")
    verb.add_argument("--connections", type=int, default=1, help="parallel ranges of one file")
    verb.add_argument("--limit", type=float, default=0, metavar="MIB_PER_S", help="bandwidth")
    verb.add_argument("--note", default="")
    verb.add_argument("--plan", action="store_true", help="show the plan and stop")
    verb = add_verb(verbs, "probe", "say what a link stands for; nothing is fetched", _probe)
    verb.add_argument("link")
    _named(verbs, "list", "list datasets", _list, has_name=False)
    _named(verbs, "versions", "list the versions of a dataset", _versions)
    _named(verbs, "receipts", "say which student has which version", _receipts)
    _named(verbs, "restore", "make an earlier version current", _restore, version=True)
    verb = _named(verbs, "delete", "delete a version, or all of them", _delete, version=False)
    verb.add_argument("--free-now", action="store_true", help="free the space at once: no undo")
    verb.add_argument("--yes", action="store_true", help="do not ask for a confirmation")
    _named(verbs, "undelete", "take a version out of the trash", _undelete, version=False)
    _named(verbs, "verify", "hash a version again; exit 1 if it changed", _verify, version=False)
    verb = add_verb(verbs, "resume", "let a paused publication go on, and wait for it", _resume)
    verb.add_argument("job")


def _named(
    verbs: Any,
    name: str,
    help_text: str,
    run: Any,
    *,
    has_name: bool = True,
    version: bool | None = None,
) -> argparse.ArgumentParser:
    verb = add_verb(verbs, name, help_text, run)
    if has_name:
        verb.add_argument("name")
    if version is not None:
        verb.add_argument("version", nargs=None if version else "?", default="")
    return verb


# -- look


def _probe(asked: argparse.Namespace) -> int:
    probe = rooms_of(asked).datasets.manager.probe(asked.link)
    known = probe.checksum or (
        f"{probe.files_with_checksum:,} of {count(probe.files, 'file')} have a checksum"
        if probe.files_with_checksum
        else f"no checksum: {UNVERIFIED}"
    )
    after = "" if probe.free_after_bytes is None else f", {in_words(probe.free_after_bytes)} after"
    lines = [
        f"{probe.title}: {count(probe.files, 'file')}, {in_words(probe.size_bytes)}",
        known,
        f"free: {in_words(probe.free_bytes)}{after}",
        *(f"{probe.suggested_name} exists: {probe.replaces}" for _ in probe.replaces[:1]),
        *probe.warnings,
    ]
    return show(probe, asked, lines)


def _list(asked: argparse.Namespace) -> int:
    listed = rooms_of(asked).datasets.manager.list_datasets()
    lines = [
        f"{d.name:<32} {d.current or '-':<6} {in_words(d.size_bytes):>10}  "
        + (f"{count(len(d.versions), 'version')}" if d.is_managed else "plain folder")
        for d in listed.datasets
    ]
    return show(listed, asked, [*lines, f"free: {in_words(listed.space.free_bytes)}"])


def _versions(asked: argparse.Namespace) -> int:
    dataset = rooms_of(asked).datasets.manager.get_dataset(asked.name)
    lines = [
        f"{'*' if v.is_current else ' '} {v.version:<5} {v.published:%Y-%m-%d %H:%M} "
        f"{v.published_by:<20} {in_words(v.size_bytes):>10}  {v.verified_with or UNVERIFIED}"
        + (f"  deleted {v.deleted:%Y-%m-%d %H:%M}" if v.deleted else "")
        for v in dataset.versions
    ]
    return show(dataset, asked, lines)


def _receipts(asked: argparse.Namespace) -> int:
    table = rooms_of(asked).datasets.manager.list_receipts(asked.name)
    lines = [f"{r.user:<32} {r.state:<8} {r.version:<6} {r.detail}" for r in table.rows]
    counts = ", ".join(f"{n} {state}" for state, n in table.counts.as_json().items() if n)
    return show(table, asked, [*lines, counts or "no receipts yet"])


# -- change


def _add(asked: argparse.Namespace) -> int:
    change = PublishChange(
        link=asked.link,
        name=asked.name,
        extract=asked.extract,
        checksum=f"sha256:{asked.sha256}" if asked.sha256 else asked.checksum,
        delivery=asked.delivery,
        connections=asked.connections,
        limit_bytes_per_s=round(asked.limit * 1024**2) or None,
        note=asked.note,
    )
    rooms = rooms_of(asked)
    manager = rooms.datasets.manager
    with _working(rooms):
        job = manager.find_unfinished(change, rooms.settings.user)
        if job is not None and not asked.plan:
            print(f"going on with job {job.id}", file=sys.stderr)
            return _follow(rooms, manager.resume(job.id), asked)
        plan = manager.plan(change)
        _tell(plan)
        if asked.plan:
            return show(plan, asked, [plan.title])
        return _follow(rooms, manager.apply(plan.id, change, rooms.settings.user), asked)


def _resume(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    with _working(rooms):
        return _follow(rooms, rooms.datasets.manager.resume(asked.job), asked)


def _restore(asked: argparse.Namespace) -> int:
    return _change(asked, RestoreChange(name=asked.name, version=asked.version))


def _delete(asked: argparse.Namespace) -> int:
    wanted = DeleteChange(name=asked.name, version=asked.version, free_now=asked.free_now)
    return _change(asked, wanted)


def _change(asked: argparse.Namespace, change: Change) -> int:
    rooms = rooms_of(asked)
    with _working(rooms):
        plan = rooms.datasets.manager.plan(change)
        _tell(plan)
        if plan.confirm_number is not None and not asked.yes:
            raise ConfirmationNeeded(
                f"{plan.title}: this must be confirmed.", hint="Give --yes if you mean it."
            )
        job = rooms.datasets.manager.apply(plan.id, change, rooms.settings.user)
        return _follow(rooms, job, asked)


def _undelete(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    receipt = rooms.datasets.manager.undelete(asked.name, asked.version)
    rooms.audit.record(
        user=rooms.settings.user,
        permission="datasets.versions:delete",
        area="datasets",
        action="growth-admin datasets undelete (terminal)",
        target=asked.name,
        after=asked.version,
        result="done",
    )
    return show(receipt, asked, [receipt.title])


def _verify(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    with _working(rooms):
        manager = rooms.datasets.manager
        job = manager.start_verify(asked.name, asked.version, rooms.settings.user)
        code = _follow(rooms, job, asked)
    items = (rooms.jobs.get_job(job.id, {"datasets"}).receipt or {}).get("items", ())
    for item in items:
        print(f"growth-admin: not as published: {item['target']}", file=sys.stderr)
    return 1 if items else code


# -- waiting for a job


@contextmanager
def _working(rooms: Rooms) -> Iterator[None]:
    """Run the jobs that are started here, and no others; Ctrl-C pauses them."""
    from growth_admin.datasets.room import prepare_folders

    prepare_folders(rooms.paths)
    rooms.open(takes_over=False)
    try:
        yield
    finally:
        rooms.jobs.close()


def _tell(plan: Plan) -> None:
    for warning in plan.warnings:
        print(f"note: {warning}", file=sys.stderr)


def _follow(rooms: Rooms, job: Job, asked: argparse.Namespace) -> int:
    """Wait for the job with a bar on a terminal; return the exit code."""
    try:
        job = _wait(rooms, job)
    except KeyboardInterrupt:
        return _interrupted(rooms, job)
    if job.state == "succeeded":
        return show(job, asked, [str((job.receipt or {}).get("title", job.title))])
    if job.is_paused:
        why = f"{job.problem.detail} {job.problem.hint}" if job.problem else "It was paused."
        raise GrowthError(
            f"Nothing was published: {why}",
            hint=f"Run the same command again to go on, or: growth-admin jobs cancel {job.id}",
        )
    if job.problem:
        raise GrowthError(job.problem.detail, hint=job.problem.hint)
    raise GrowthError(f"Nothing was done: the job was {job.state}.")


def _wait(rooms: Rooms, job: Job) -> Job:
    from tqdm import tqdm

    bar = tqdm(unit="B", unit_scale=True, disable=not sys.stderr.isatty(), leave=False)
    with bar:
        while job.state not in ENDED and not (job.is_paused and job.state == "pending"):
            time.sleep(EVERY_S)
            rooms.datasets.manager.adopt(job.id)  # its server may have died meanwhile
            job = rooms.jobs.get_job(job.id, {"datasets"})
            if job.progress:
                bar.total = job.progress.total
                bar.n = job.progress.done
                bar.set_description(job.progress.message, refresh=True)
    return job


def _interrupted(rooms: Rooms, job: Job) -> int:
    current = rooms.jobs.get_job(job.id, {"datasets"})
    if current.is_pausable and current.state not in ENDED:
        rooms.jobs.pause_job(job.id, {"datasets"}, rooms.settings.user)
    print(
        f"growth-admin: stopped. Go on: growth-admin datasets resume {job.id}; "
        f"throw away: growth-admin jobs cancel {job.id}",
        file=sys.stderr,
    )
    return 1
