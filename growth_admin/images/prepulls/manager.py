"""Pre-pulling: let every node have an image before a class starts servers."""

from __future__ import annotations

from typing import Final

from growth_admin.core.errors import NotConfigured
from growth_admin.images.checks.manager import subject_of
from growth_admin.images.manager import TagManager
from growth_admin.images.moving import short
from growth_admin.images.prepulls.telling import by_hand
from growth_admin.images.prepulls.work import KIND, PrePullWork
from growth_admin.images.registry.client import Registry
from growth_admin.jobs.engine import JobEngine, Runner
from growth_admin.jobs.models import ENDED, Job

AREA: Final = frozenset({"images"})
JOBS_SEEN: Final = 200
TITLE_CHARS: Final = 60


class PrePullManager:
    """Lets nodes fetch images, as one admin's server asks the hub for it."""

    def __init__(
        self, tags: TagManager, registry: Registry, work: PrePullWork, jobs: JobEngine
    ) -> None:
        self._tags = tags
        self._registry = registry
        self._work = work
        self._jobs = jobs
        jobs.register(Runner(KIND, "images.prepulls:start", work.run, is_resumable=True))

    def start_prepull(self, target: str = "", *, user: str) -> Job:
        """Let every node fetch an image (a tag, a digest, its beginning; without: the live tag).

        Return the job that follows it; the one that does so already, whoever began it. Raises
        ``NotFound`` for an image that the registry does not have, ``NotConfigured`` where the hub
        does not offer it, ``HubRefused`` and ``HubUnavailable``.
        """
        wanted = target or self._registry.tag
        image = self._tags.get_image(wanted)
        digest = image.image.digest
        try:
            self._work.begin(digest)
        except NotConfigured as e:
            said = by_hand(self._registry.name, digest)
            raise NotConfigured(e.detail, hint=f"{e.hint} {said}".strip()) from e
        for job in self._jobs.list_jobs(AREA, limit=JOBS_SEEN).jobs:
            if job.kind == KIND and job.state not in ENDED and job.subject == subject_of(digest):
                return job
        named = wanted if wanted in image.tags else next(iter(image.tags), short(digest))
        return self._jobs.start_job(
            KIND,
            title=f"Pre-pull the image {named[:TITLE_CHARS]}",
            subject=subject_of(digest),
            params={"digest": digest},
            user=user,
        )
