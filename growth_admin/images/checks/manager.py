"""Checks of images: begin one, and refuse what could not end well."""

from __future__ import annotations

from typing import Final

from growth_admin.core.errors import Conflict, NotConfigured
from growth_admin.images.checks.models import CheckStart
from growth_admin.images.checks.trial import CanaryTrial
from growth_admin.images.checks.work import KIND, CheckWork
from growth_admin.images.manager import TagManager
from growth_admin.images.moving import short
from growth_admin.jobs.canaries import require_free_canary
from growth_admin.jobs.engine import JobEngine, Runner
from growth_admin.jobs.models import ENDED, Job

AREA: Final = frozenset({"images"})
JOBS_SEEN: Final = 200
TITLE_CHARS: Final = 60


class CheckManager:
    """The checks of one school, as one admin's server begins and runs them."""

    def __init__(
        self, tags: TagManager, work: CheckWork, trial: CanaryTrial | None, jobs: JobEngine
    ) -> None:
        self._tags = tags
        self._trial = trial
        self._jobs = jobs
        jobs.register(Runner(KIND, "images.checks:start", work.run, is_resumable=True))

    def start_check(self, target: str, asked: CheckStart, *, user: str) -> Job:
        """Begin to check an image (a tag, a digest, its beginning); return the job.

        Raises ``NotFound`` for an image that the registry does not have, ``NotConfigured`` without
        a hub or a bot student, and ``Conflict`` while it is checked already or the own canary is
        in use.
        """
        if self._trial is None:
            raise NotConfigured(
                "There is no hub here that could start a canary.",
                hint="Check the image from an organiser's own server.",
            )
        self._trial.require_ready()
        image = self._tags.get_image(target)
        digest = image.image.digest
        for job in self._jobs.list_jobs(AREA, limit=JOBS_SEEN).jobs:
            if job.kind == KIND and job.state not in ENDED and job.subject == subject_of(digest):
                raise Conflict(
                    f"{job.created_by} is checking {short(digest)} already.",
                    hint="Follow that job, or cancel it first.",
                    context={"job": job.id},
                )
        require_free_canary(self._jobs, user)
        named = target if target in image.tags else next(iter(image.tags), short(digest))
        return self._jobs.start_job(
            KIND,
            title=f"Check the image {named[:TITLE_CHARS]}",
            subject=subject_of(digest),
            params={"digest": digest, **asked.as_json()},
            user=user,
        )


def subject_of(digest: str) -> str:
    """Return an image's path below the API's root."""
    return f"images/tags/{digest}"
