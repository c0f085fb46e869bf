"""Datasets over HTTP. Uploads have their own protocol, in ``uploads.handlers``."""

from __future__ import annotations

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.api.problems import give_status
from growth_admin.core.errors import Conflict, InvalidInput, NotFound, StalePlan
from growth_admin.core.plan import Plan, Receipt
from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.manager import DatasetManager
from growth_admin.datasets.models import (
    ChangeApplication,
    ChangePlanRequest,
    Dataset,
    DatasetList,
    Probe,
    ProbeRequest,
    ReceiptTable,
    RestorationRequest,
    UndeletionRequest,
    VerificationRequest,
)
from growth_admin.jobs.models import Job

give_status({SourceProblem: 422})
LOOK_S = 45.0
"""Seconds that a request waits for a source beside the manager's own limit of a look."""


class _DatasetHandler(GrowthHandler):
    manager: DatasetManager


class DatasetsHandler(_DatasetHandler):
    """All datasets."""

    @operation(
        "datasets.datasets:read",
        summary="List datasets, their versions and the space they take",
        client="datasets.list_datasets",
        returns=DatasetList,
    )
    async def get(self) -> None:
        """Reply with all datasets."""
        self.reply(await self.call(self.manager.list_datasets))


class ProbesHandler(_DatasetHandler):
    """Looks at links."""

    @operation(
        "datasets.sources:probe",
        summary="Say what a link stands for, before anything is fetched",
        client="datasets.probe",
        returns=Probe,
        body=ProbeRequest,
        errors=(InvalidInput, SourceProblem),
    )
    async def post(self) -> None:
        """Reply with what was found."""
        asked = self.decode(ProbeRequest)
        limit_s = self.manager.probe_limit_s + LOOK_S
        self.reply(await self.call(self.manager.probe, asked.link, asked.name, limit_s=limit_s))


class PlansHandler(_DatasetHandler):
    """What would happen to datasets."""

    @operation(
        "datasets.datasets:read",
        summary="Plan to publish, restore or delete",
        client="datasets.plan",
        returns=Plan,
        body=ChangePlanRequest,
        errors=(Conflict, InvalidInput, NotFound, SourceProblem),
    )
    async def post(self) -> None:
        """Reply with the plan."""
        change = self.decode(ChangePlanRequest).change
        limit_s = self.manager.probe_limit_s + LOOK_S
        self.reply(await self.call(self.manager.plan, change, limit_s=limit_s))


class ApplicationsHandler(_DatasetHandler):
    """Plans that are carried out."""

    @operation(
        "datasets.datasets:publish",
        summary="Publish, restore or delete as planned",
        client="datasets.apply",
        returns=Job,
        status=202,
        body=ChangeApplication,
        errors=(Conflict, InvalidInput, NotFound, SourceProblem, StalePlan),
    )
    async def post(self) -> None:
        """Reply with the job."""
        asked = self.decode(ChangeApplication)
        job = await self.call(
            self.manager.apply,
            asked.plan_id,
            asked.change,
            user=self.visitor.name,
            limit_s=self.manager.probe_limit_s + LOOK_S,
        )
        await self.reply_begun(
            job, action=job.title, target=asked.change.name, plan_id=asked.plan_id
        )


class DatasetHandler(_DatasetHandler):
    """One dataset."""

    @operation(
        "datasets.datasets:read",
        summary="Get one dataset with its versions",
        client="datasets.get_dataset",
        returns=Dataset,
        errors=(NotFound,),
    )
    async def get(self, name: str) -> None:
        """Reply with the dataset."""
        self.reply(await self.call(self.manager.get_dataset, name))


class ReceiptsHandler(_DatasetHandler):
    """Who has which version."""

    @operation(
        "datasets.receipts:read",
        summary="List which student has which version of a dataset",
        client="datasets.list_receipts",
        returns=ReceiptTable,
        errors=(NotFound,),
    )
    async def get(self, name: str) -> None:
        """Reply with one row per student."""
        self.reply(await self.call(self.manager.list_receipts, name))


class RestorationsHandler(_DatasetHandler):
    """Earlier versions that become current again, at once."""

    @operation(
        "datasets.versions:restore",
        summary="Make an earlier version of a dataset current",
        client="datasets.restore",
        returns=Receipt,
        body=RestorationRequest,
        errors=(Conflict, NotFound),
    )
    async def post(self, name: str) -> None:
        """Reply with the receipt."""
        asked = self.decode(RestorationRequest)
        receipt = await self.call(self.manager.restore, name, asked.version, asked.replaces)
        await self.audit(target=name, before=asked.replaces, after=asked.version, undo=receipt.undo)
        self.reply(receipt)


class UndeletionsHandler(_DatasetHandler):
    """Versions that come out of the trash."""

    @operation(
        "datasets.versions:delete",
        summary="Take a deleted version, or a whole dataset, out of the trash",
        client="datasets.undelete",
        returns=Receipt,
        body=UndeletionRequest,
        errors=(Conflict, NotFound),
    )
    async def post(self, name: str) -> None:
        """Reply with the receipt."""
        asked = self.decode(UndeletionRequest)
        receipt = await self.call(self.manager.undelete, name, asked.version)
        await self.audit(target=name, after=asked.version)
        self.reply(receipt)


class VerificationsHandler(_DatasetHandler):
    """Versions that are hashed again."""

    @operation(
        "datasets.versions:verify",
        summary="Hash a published version again and compare it with its manifest",
        client="datasets.verify",
        returns=Job,
        status=202,
        body=VerificationRequest,
        errors=(NotFound,),
    )
    async def post(self, name: str) -> None:
        """Reply with the job."""
        asked = self.decode(VerificationRequest)
        job = await self.call(
            self.manager.start_verify, name, asked.version, user=self.visitor.name
        )
        await self.reply_begun(job, target=name)


ROUTES = (
    Route("datasets", DatasetsHandler),
    Route("datasets/probes", ProbesHandler),
    Route("datasets/plans", PlansHandler),
    Route("datasets/applications", ApplicationsHandler),
)
NAMED_ROUTES = (
    Route("datasets/{name}", DatasetHandler),
    Route("datasets/{name}/receipts", ReceiptsHandler),
    Route("datasets/{name}/restorations", RestorationsHandler),
    Route("datasets/{name}/undeletions", UndeletionsHandler),
    Route("datasets/{name}/verifications", VerificationsHandler),
)
"""Behind every route whose second part is a word of ours."""
