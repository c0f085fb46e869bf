"""``growth-admin jobs``: see, pause, resume and cancel long work from a terminal."""

from __future__ import annotations

import argparse
from typing import Any

from growth_admin.cli_areas import add_verb, rooms_of, show
from growth_admin.cli_following import follow_or_pause, working
from growth_admin.core.permissions import AREAS


def add_jobs(verbs: Any) -> None:
    """Add the verbs of this area."""
    add_verb(verbs, "list", "list the newest jobs", _list)
    verb = add_verb(verbs, "pause", "ask a job to stop until it is resumed", _pause)
    verb.add_argument("job")
    verb = add_verb(verbs, "resume", "let a paused job go on, and wait for its end", _resume)
    verb.add_argument("job")
    verb = add_verb(verbs, "cancel", "ask a job to end", _cancel)
    verb.add_argument("job")


def _list(asked: argparse.Namespace) -> int:
    listed = rooms_of(asked).jobs.list_jobs(AREAS)
    return show(listed, asked, [f"{j.id}  {j.state:<10} {j.title}" for j in listed.jobs])


def _pause(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    job = rooms.jobs.pause_job(asked.job, AREAS, rooms.settings.user)
    return show(job, asked, [f"{job.title}: asked to pause"])


def _resume(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    with working(rooms):
        job = rooms.jobs.resume_job(asked.job, AREAS)
        rooms.jobs.adopt(asked.job)  # unless another server was faster
        return follow_or_pause(rooms, job, asked, AREAS)


def _cancel(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    job = rooms.jobs.cancel_job(asked.job, AREAS, rooms.settings.user)
    return show(job, asked, [f"{job.title}: asked to end"])
