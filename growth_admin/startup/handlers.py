"""Start scripts over HTTP."""

from __future__ import annotations

from pydantic import Field

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.core.errors import (
    ConfirmationNeeded,
    Conflict,
    InvalidInput,
    NotConfigured,
    NotFound,
    StorageFull,
    StorageUnavailable,
)
from growth_admin.core.schema import Model
from growth_admin.jobs.models import Job
from growth_admin.startup import models
from growth_admin.startup.room import StartupRoom
from growth_admin.startup.starts.handlers import ROUTES as STARTS_ROUTES

MOST_DIGITS = 9
ON_DISK = (NotFound, StorageUnavailable)
ON_WRITE = (*ON_DISK, Conflict, StorageFull, ConfirmationNeeded)


class DifferenceQuery(Model):
    """Which two revisions."""

    before: int = Field(description="number of the older revision")
    after: int = Field(description="number of the newer revision")


class _StartupHandler(GrowthHandler):
    manager: StartupRoom


class ScriptsHandler(_StartupHandler):
    """Both scripts."""

    @operation(
        "startup.scripts:read",
        summary="List the start scripts",
        client="startup.list_scripts",
        returns=models.ScriptList,
        errors=ON_DISK,
    )
    async def get(self) -> None:
        """Reply with how both scripts stand."""
        self.reply(await self.call(self.manager.scripts.list_scripts))


class ScriptHandler(_StartupHandler):
    """One script."""

    @operation(
        "startup.scripts:read",
        summary="Get a start script with its live text and its newest revision",
        client="startup.get_script",
        returns=models.ScriptText,
        errors=ON_DISK,
    )
    async def get(self, script: str) -> None:
        """Reply with the script."""
        self.reply(await self.call(self.manager.scripts.get_text, script))


class RevisionsHandler(_StartupHandler):
    """The past of a script."""

    @operation(
        "startup.scripts:read",
        summary="List the revisions and publications of a start script",
        client="startup.get_history",
        returns=models.History,
        errors=ON_DISK,
    )
    async def get(self, script: str) -> None:
        """Reply with the history."""
        self.reply(await self.call(self.manager.scripts.get_history, script))

    @operation(
        "startup.scripts:save",
        summary="Save a revision of a start script",
        client="startup.save_revision",
        returns=models.Saved,
        status=201,
        body=models.SaveRequest,
        errors=ON_WRITE,
    )
    async def post(self, script: str) -> None:
        """Reply with the revision."""
        asked = self.decode(models.SaveRequest)
        saved = await self.call(self.manager.scripts.save, script, asked, author=self.visitor.name)
        await self.audit(
            target=script,
            before=asked.base_sha256[:12],
            after=f"r{saved.revision.number} {saved.revision.sha256[:12]}",
            detail=asked.reason,
        )
        self.reply(saved, location=f"startup/scripts/{script}/revisions/{saved.revision.number}")


class RevisionHandler(_StartupHandler):
    """One revision."""

    @operation(
        "startup.scripts:read",
        summary="Get a revision of a start script with its text and evidence",
        client="startup.get_revision",
        returns=models.RevisionText,
        errors=ON_DISK,
    )
    async def get(self, script: str, revision: str) -> None:
        """Reply with the revision."""
        number = _number(revision)
        self.reply(await self.call(self.manager.scripts.get_revision, script, number))


class DifferencesHandler(_StartupHandler):
    """Two revisions side by side."""

    @operation(
        "startup.scripts:read",
        summary="Compare two revisions of a start script",
        client="startup.get_difference",
        returns=models.Difference,
        query=DifferenceQuery,
        errors=ON_DISK,
    )
    async def get(self, script: str) -> None:
        """Reply with both texts and the unified difference."""
        asked = self.query(DifferenceQuery)
        self.reply(
            await self.call(self.manager.scripts.get_difference, script, asked.before, asked.after)
        )


class RestorationsHandler(_StartupHandler):
    """Old revisions brought back."""

    @operation(
        "startup.scripts:save",
        summary="Restore an old revision as a new one",
        client="startup.restore_revision",
        returns=models.Saved,
        status=201,
        body=models.RestoreRequest,
        errors=ON_WRITE,
    )
    async def post(self, script: str) -> None:
        """Reply with the new revision."""
        asked = self.decode(models.RestoreRequest)
        saved = await self.call(
            self.manager.scripts.restore, script, asked, author=self.visitor.name
        )
        after = f"r{saved.revision.number}"
        await self.audit(
            target=script, before=f"r{asked.revision}", after=after, detail=asked.reason
        )
        self.reply(saved, location=f"startup/scripts/{script}/revisions/{saved.revision.number}")


class PublicationsHandler(_StartupHandler):
    """Revisions made live."""

    @operation(
        "startup.scripts:publish",
        summary="Make a revision of a start script live",
        client="startup.publish_revision",
        returns=models.Published,
        status=201,
        body=models.PublishRequest,
        errors=ON_WRITE,
    )
    async def post(self, script: str) -> None:
        """Reply with the publication and its receipt."""
        asked = self.decode(models.PublishRequest)
        done = await self.call(
            self.manager.scripts.publish, script, asked, author=self.visitor.name
        )
        await self.audit(
            target=script,
            before=done.publication.previous_sha256[:12],
            after=f"r{done.publication.revision} {done.publication.sha256[:12]}",
            detail=asked.reason,
            undo=done.receipt.undo,
        )
        self.reply(done, location=f"startup/scripts/{script}")


class LintsHandler(_StartupHandler):
    """Checks of a text."""

    @operation(
        "startup.scripts:lint",
        summary="Check the text of a start script",
        client="startup.lint",
        returns=models.Findings,
        body=models.LintRequest,
        errors=(InvalidInput,),
    )
    async def post(self) -> None:
        """Reply with the findings."""
        asked = self.decode(models.LintRequest)
        report = await self.call(
            self.manager.scripts.lint, asked.name, asked.text.encode(), mode=0o755
        )
        self.reply(models.Findings(findings=report.findings))


class RehearsalsHandler(_StartupHandler):
    """Runs in a throw-away root."""

    @operation(
        "startup.scripts:rehearse",
        summary="Run a revision twice in a throw-away root",
        client="startup.start_rehearsal",
        returns=Job,
        status=202,
        body=models.TrialRequest,
        errors=ON_DISK,
    )
    async def post(self) -> None:
        """Reply with the job."""
        asked = self.decode(models.TrialRequest)
        job = await self.call(
            self.manager.trials.start_rehearsal,
            asked.script,
            asked.revision,
            user=self.visitor.name,
        )
        await self.reply_begun(job, target=f"{asked.script} r{asked.revision}")


class CanariesHandler(_StartupHandler):
    """Starts of one's own canary."""

    @operation(
        "startup.scripts:canary",
        summary="Start one's own canary with a revision",
        client="startup.start_canary",
        returns=Job,
        status=202,
        body=models.TrialRequest,
        errors=(*ON_DISK, NotConfigured, Conflict),
    )
    async def post(self) -> None:
        """Reply with the job."""
        asked = self.decode(models.TrialRequest)
        job = await self.call(
            self.manager.trials.start_canary, asked.script, asked.revision, user=self.visitor.name
        )
        await self.reply_begun(job, target=f"{asked.script} r{asked.revision}")


def _number(revision: str) -> int:
    if not revision.isdecimal() or len(revision) > MOST_DIGITS:
        raise InvalidInput(f"{revision[:40]!r} is not the number of a revision.")
    return int(revision)


ROUTES = (
    Route("startup/scripts", ScriptsHandler),
    Route("startup/scripts/{script}", ScriptHandler),
    Route("startup/scripts/{script}/revisions", RevisionsHandler),
    Route("startup/scripts/{script}/revisions/{revision}", RevisionHandler),
    Route("startup/scripts/{script}/differences", DifferencesHandler),
    Route("startup/scripts/{script}/restorations", RestorationsHandler),
    Route("startup/scripts/{script}/publications", PublicationsHandler),
    Route("startup/lints", LintsHandler),
    Route("startup/rehearsals", RehearsalsHandler),
    Route("startup/canaries", CanariesHandler),
    *STARTS_ROUTES,
)
