"""Waiting for a job in a terminal: run it here, show how far it is, say how it ended."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from growth_admin.cli_areas import show
from growth_admin.core.errors import GrowthError
from growth_admin.jobs.models import ENDED, Job

if TYPE_CHECKING:
    from growth_admin.rooms import Rooms

EVERY_S: Final = 0.1


@contextmanager
def working(rooms: Rooms) -> Iterator[None]:
    """Run the jobs that are started here, and no others."""
    rooms.open(takes_over=False)
    try:
        yield
    finally:
        rooms.close()


def follow(rooms: Rooms, job: Job, asked: argparse.Namespace, areas: Collection[str]) -> int:
    """Wait for the job with a bar on a terminal; return the exit code.

    Raises ``GrowthError`` with the job's problem when it did not succeed.
    """
    job = _wait(rooms, job, areas)
    receipt = job.receipt or {}
    if job.state == "succeeded":
        return show(job, asked, [*_lines(receipt), str(receipt.get("title", job.title))])
    for line in _lines(receipt):
        print(line, file=sys.stderr)
    if job.problem:
        go_on = (
            f" It is paused: growth-admin jobs resume {job.id} goes on, cancel ends it."
            if job.is_paused
            else ""
        )
        raise GrowthError(job.problem.detail, hint=f"{job.problem.hint}{go_on}".strip())
    raise GrowthError(f"The job was {'paused' if job.is_paused else job.state}.")


def follow_or_cancel(
    rooms: Rooms, job: Job, asked: argparse.Namespace, areas: Collection[str]
) -> int:
    """As ``follow``; who interrupts it cancels the job, whose end is waited for."""
    try:
        return follow(rooms, job, asked, areas)
    except KeyboardInterrupt:
        if rooms.jobs.get_job(job.id, areas).state not in ENDED:
            rooms.jobs.cancel_job(job.id, areas, rooms.settings.user)
            print(
                f"growth-admin: job {job.id} is asked to end; what was begun is finished first. "
                "Leave it so and look later: growth-admin jobs list",
                file=sys.stderr,
            )
        return follow(rooms, job, asked, areas)


def follow_or_pause(
    rooms: Rooms, job: Job, asked: argparse.Namespace, areas: Collection[str]
) -> int:
    """As ``follow``; who interrupts it pauses the job, which says how it goes on."""
    try:
        return follow(rooms, job, asked, areas)
    except KeyboardInterrupt:
        if rooms.jobs.get_job(job.id, areas).state not in ENDED:
            rooms.jobs.pause_job(job.id, areas, rooms.settings.user)
        job = _wait(rooms, job, areas)
        if job.state in ENDED:
            return follow(rooms, job, asked, areas)
        raise GrowthError(
            "Stopped; the job is paused.",
            hint=f"Go on: growth-admin jobs resume {job.id}; end it: growth-admin jobs cancel "
            f"{job.id}",
        ) from None


def _lines(receipt: dict[str, object]) -> list[str]:
    items = receipt.get("items")
    return [
        f"{item['result']:<8} {item['action']:<8} {item['target']} {item['detail']}".rstrip()
        for item in (items if isinstance(items, list | tuple) else ())
    ]


def _wait(rooms: Rooms, job: Job, areas: Collection[str]) -> Job:
    from tqdm import tqdm

    with tqdm(disable=not sys.stderr.isatty(), leave=False) as bar:
        while job.state not in ENDED and not (job.is_paused and job.state == "pending"):
            time.sleep(EVERY_S)
            job = rooms.jobs.get_job(job.id, areas)
            if job.progress:
                bar.total = job.progress.total
                bar.n = job.progress.done
                bar.set_description(job.progress.message, refresh=True)
    return job
