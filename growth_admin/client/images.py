"""The school's image, as notebooks and widgets use it."""

from __future__ import annotations

from growth_admin.client.builds import BuildsClient
from growth_admin.client.packages import PackagesClient
from growth_admin.client.transport import Transport
from growth_admin.client.tryouts import TryOutsClient
from growth_admin.images import models
from growth_admin.images.checks.models import CheckStart
from growth_admin.jobs.models import Job


class ImagesClient:
    """What students' servers start with, and how to change and take back that."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.packages = PackagesClient(transport)
        self.builds = BuildsClient(transport)
        self.tryouts = TryOutsClient(transport)

    def list_images(self) -> models.ImageList:
        """Return every tag of the school's image with what it is, newest image first."""
        return self._transport.get(models.ImageList, "images")

    def get_image(self, image: str) -> models.ImageDetails:
        """Return one image by tag, digest or the beginning of one, with its checks' results."""
        return self._transport.get(models.ImageDetails, "images", "tags", image)

    def get_timeline(self) -> models.Timeline:
        """Return the tag's moves, newest first, and how many servers run which digest."""
        return self._transport.get(models.Timeline, "images", "timeline")

    def add_result(
        self,
        digest: str,
        check: models.Check,
        *,
        is_passed: bool,
        detail: str = "",
        job_id: str = "",
    ) -> models.CheckResult:
        """Keep what a check (``smoke`` or ``canary``) found about a digest."""
        body = models.CheckRequest(check=check, is_passed=is_passed, detail=detail, job_id=job_id)
        return self._transport.post(
            models.CheckResult, "images", "tags", digest, "results", body=body
        )

    def start_check(self, image: str, *, repeats_smoke: bool = False) -> Job:
        """Begin to check an image (a tag, a digest, its beginning); return the job.

        Its own checks where they have not passed yet and a container tool is there, then the
        canary: started with the digest, and used by the bot student. The results stay with the
        digest. Raises ``NotConfigured`` without a hub or a bot student, ``Conflict`` while it is
        being checked.
        """
        body = CheckStart(repeats_smoke=repeats_smoke)
        return self._transport.post(Job, "images", "tags", image, "checks", body=body)

    def start_prepull(self, image: str) -> Job:
        """Let every node fetch an image (a tag, a digest, its beginning) before the class starts.

        Return the job that follows it; its receipt has an item for each node. Raises
        ``NotConfigured`` where the hub does not offer it, and ``HubRefused``.
        """
        return self._transport.post(Job, "images", "tags", image, "prepulls")

    def plan_promotion(self, target: str) -> models.ImagePlan:
        """Return what would happen if this image (tag or digest) became the live one."""
        body = models.PlanRequest(target=target)
        return self._transport.post(models.ImagePlan, "images", "plans", body=body)

    def promote(
        self, plan: models.ImagePlan, *, reason: str, force_reason: str = ""
    ) -> models.Moved:
        """Do what the plan says.

        Raises ``StalePlan`` or ``Conflict`` when somebody else moved the tag, and
        ``ConfirmationNeeded`` when the gate is not passed and ``force_reason`` is empty.
        """
        body = models.PromoteRequest(
            plan_id=plan.id, digest=plan.to_digest, reason=reason, force_reason=force_reason
        )
        return self._transport.post(models.Moved, "images", "promotions", body=body)

    def roll_back(
        self, digest: str = "", *, reason: str, expected_digest: str = ""
    ) -> models.Moved:
        """Let the tag name a digest that it named before; without one, what the last move replaced.

        Raises ``Conflict`` when the last move was a roll-back already and no digest is named, and
        when the tag does not name ``expected_digest``, if that is given.
        """
        body = models.RollBackRequest(digest=digest, expected_digest=expected_digest, reason=reason)
        return self._transport.post(models.Moved, "images", "rollbacks", body=body)
