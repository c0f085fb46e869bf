"""One class per area; a method for every verb of every route."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from growth_admin.client.transport import ServerUnreachable, Transport
from growth_admin.core.audit import EntryList
from growth_admin.core.errors import GrowthError, HubUnavailable, StorageUnavailable
from growth_admin.core.schema import to_rfc3339
from growth_admin.jobs.models import ENDED, Job, JobList, LogPart
from growth_admin.startup import models
from growth_admin.startup.starts.models import LogText, StartHistory, StartList

PASSING: Final = (ServerUnreachable, HubUnavailable, StorageUnavailable)
"""What may be over in a moment, while a job is followed."""


class _Area:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport


class StartupClient(_Area):
    """Start scripts."""

    def list_scripts(self) -> models.ScriptList:
        """Return how both scripts stand."""
        return self._transport.get(models.ScriptList, "startup", "scripts")

    def get_script(self, script: str) -> models.ScriptText:
        """Return a script with its live text and its newest revision."""
        return self._transport.get(models.ScriptText, "startup", "scripts", script)

    def get_history(self, script: str) -> models.History:
        """Return every revision and publication, newest first."""
        return self._transport.get(models.History, "startup", "scripts", script, "revisions")

    def get_revision(self, script: str, revision: int) -> models.RevisionText:
        """Return a revision, its text, and what trials found."""
        return self._transport.get(
            models.RevisionText, "startup", "scripts", script, "revisions", str(revision)
        )

    def get_difference(self, script: str, before: int, after: int) -> models.Difference:
        """Return two revisions side by side and as a unified difference."""
        return self._transport.get(
            models.Difference,
            "startup",
            "scripts",
            script,
            "differences",
            before=before,
            after=after,
        )

    def save_revision(
        self,
        script: str,
        text: str,
        *,
        reason: str,
        base_sha256: str | None = None,
        override_reason: str = "",
    ) -> models.Saved:
        """Save a revision. Without ``base_sha256`` it is based on what is newest now.

        Raises ``Conflict`` with all three texts, ``ConfirmationNeeded`` with the findings.
        """
        if base_sha256 is None:
            head = self.get_script(script).head
            base_sha256 = head.revision.sha256 if head else ""
        return self._transport.post(
            models.Saved,
            "startup",
            "scripts",
            script,
            "revisions",
            body=models.SaveRequest(
                text=text,
                reason=reason,
                base_sha256=base_sha256,
                override_reason=override_reason,
            ),
        )

    def restore_revision(self, script: str, revision: int, *, reason: str) -> models.Saved:
        """Bring an old text back as a new revision; ``publish_revision`` makes it live."""
        return self._transport.post(
            models.Saved,
            "startup",
            "scripts",
            script,
            "restorations",
            body=models.RestoreRequest(revision=revision, reason=reason),
        )

    def publish_revision(
        self,
        script: str,
        revision: int,
        *,
        reason: str,
        expected_live_sha256: str | None = None,
        skip_reason: str = "",
    ) -> models.Published:
        """Make a revision live. Without ``expected_live_sha256``: over whatever is live now.

        Raises ``Conflict``, and ``ConfirmationNeeded`` when steps were skipped without a reason.
        """
        if expected_live_sha256 is None:
            expected_live_sha256 = self.get_script(script).script.live_sha256
        return self._transport.post(
            models.Published,
            "startup",
            "scripts",
            script,
            "publications",
            body=models.PublishRequest(
                revision=revision,
                expected_live_sha256=expected_live_sha256,
                reason=reason,
                skip_reason=skip_reason,
            ),
        )

    def lint(self, text: str, *, name: str = "as-user.sh") -> models.Findings:
        """Return what the lint says about a text."""
        body = models.LintRequest(name=name, text=text)
        return self._transport.post(models.Findings, "startup", "lints", body=body)

    def start_rehearsal(self, script: str, revision: int) -> Job:
        """Begin to run a revision twice in a throw-away root; return the job."""
        body = models.TrialRequest(script=script, revision=revision)
        return self._transport.post(Job, "startup", "rehearsals", body=body)

    def start_canary(self, script: str, revision: int) -> Job:
        """Begin to start one's own canary with a revision; return the job."""
        body = models.TrialRequest(script=script, revision=revision)
        return self._transport.post(Job, "startup", "canaries", body=body)

    def list_starts(self) -> StartList:
        """Return what the last start of every server did."""
        return self._transport.get(StartList, "startup", "starts")

    def get_start_history(self, user: str, *, server_name: str = "") -> StartHistory:
        """Return what is known about the starts of one server, newest first."""
        return self._transport.get(StartHistory, "startup", "starts", user, server_name=server_name)

    def get_start_log(
        self, user: str, script: str, *, server_name: str = "", which: int = 0
    ) -> LogText:
        """Return the end of a log; ``which`` 0 is the last start's, 1 the one before."""
        return self._transport.get(
            LogText,
            "startup",
            "starts",
            user,
            "logs",
            script,
            server_name=server_name,
            which=which,
        )


class JobsClient(_Area):
    """Long work."""

    def list_jobs(self, *, area: str = "", state: str = "") -> JobList:
        """Return the newest jobs."""
        return self._transport.get(JobList, "jobs", area=area, state=state)

    def get_job(self, job_id: str) -> Job:
        """Return one job."""
        return self._transport.get(Job, "jobs", job_id)

    def get_log(self, job_id: str, *, offset: int = 0) -> LogPart:
        """Return a part of a job's log from a byte offset on."""
        return self._transport.get(LogPart, "jobs", job_id, "log", offset=offset)

    def follow_log(
        self, job: Job, *, offset: int = 0, every_s: float = 0.5, retry_limit_s: float = 120
    ) -> Iterator[str]:
        """Yield a job's log as it grows, until the job has ended or paused.

        A lost connection is tried again for ``retry_limit_s`` and goes on at the byte where it
        stopped: nothing is missing, nothing comes twice. Raises ``ServerUnreachable`` after that;
        the job goes on without its reader.
        """
        last_good_s = time.monotonic()
        while True:
            try:
                part = self.get_log(job.id, offset=offset)
                is_over = part.is_complete or (not part.text and self.get_job(job.id).is_paused)
            except PASSING:
                if time.monotonic() - last_good_s > retry_limit_s:
                    raise
                time.sleep(every_s)
                continue
            last_good_s = time.monotonic()
            offset = max(offset, part.next_offset)  # 0 while the log's folder is out of sight
            if part.text:
                yield part.text
            if is_over:
                return
            if not part.text:
                time.sleep(every_s)

    def cancel_job(self, job_id: str) -> Job:
        """Ask a job to end."""
        return self._transport.post(Job, "jobs", job_id, "cancellations")

    def pause_job(self, job_id: str) -> Job:
        """Ask a job to stop until it is resumed."""
        return self._transport.post(Job, "jobs", job_id, "pauses")

    def resume_job(self, job_id: str) -> Job:
        """Let a paused job go on."""
        return self._transport.post(Job, "jobs", job_id, "resumptions")

    def delete_job(self, job_id: str) -> None:
        """Put an ended job away."""
        self._transport.delete("jobs", job_id)

    def wait(
        self, job: Job, *, timeout_s: float = 600, every_s: float = 0.5, retry_limit_s: float = 120
    ) -> Job:
        """Return the job once it has ended, or has paused by itself (``problem`` says why).

        A lost connection, or a hub that is away, is tried again for ``retry_limit_s``. Raises
        ``ServerUnreachable`` after that, and ``GrowthError`` when the time is up first; the job
        goes on either way.
        """
        last_good_s = time.monotonic()
        end_s = last_good_s + timeout_s
        while True:
            try:
                job = self.get_job(job.id)
            except PASSING as e:
                if time.monotonic() - last_good_s > retry_limit_s:
                    raise ServerUnreachable(
                        f"How far it is could not be asked for {retry_limit_s:.0f} s: {job.title}.",
                        hint="It goes on. Wait again with jobs.wait(job), or look under Jobs.",
                    ) from e
            else:
                last_good_s = time.monotonic()
                if job.state in ENDED or (job.is_paused and job.problem):
                    return job
            if time.monotonic() > end_s:
                raise GrowthError(
                    f"{job.title} has not ended within {timeout_s:.0f} s.",
                    hint="It goes on. Wait again, or cancel it.",
                )
            time.sleep(every_s)


class AuditClient(_Area):
    """Who changed what."""

    def list_entries(
        self,
        *,
        user: str = "",
        permission: str = "",
        area: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 200,
    ) -> EntryList:
        """Return the newest entries that match, newest first."""
        return self._transport.get(
            EntryList,
            "audit",
            "entries",
            user=user,
            permission=permission,
            area=area,
            since=to_rfc3339(since) if since else "",
            until=to_rfc3339(until) if until else "",
            limit=limit,
        )
