"""Datasets: from a link to every student."""

from __future__ import annotations

from growth_admin.client.uploads import UploadsClient
from growth_admin.core.plan import Plan, Receipt
from growth_admin.datasets.models import (
    Change,
    ChangeApplication,
    ChangePlanRequest,
    Dataset,
    DatasetList,
    DeleteChange,
    Probe,
    ProbeRequest,
    PublishChange,
    ReceiptTable,
    RestorationRequest,
    RestoreChange,
    UndeletionRequest,
    VerificationRequest,
)
from growth_admin.jobs.models import Job


class DatasetsClient(UploadsClient):
    """Datasets, their versions, and who has which.

    ``plan`` and ``apply`` take a ``PublishChange``, a ``RestoreChange`` or a ``DeleteChange``.
    """

    PublishChange = PublishChange
    RestoreChange = RestoreChange
    DeleteChange = DeleteChange

    def list_datasets(self) -> DatasetList:
        """Return all datasets with their versions, and the space they take."""
        return self._transport.get(DatasetList, "datasets")

    def get_dataset(self, name: str) -> Dataset:
        """Return one dataset. Raises ``NotFound``."""
        return self._transport.get(Dataset, "datasets", name)

    def list_receipts(self, name: str) -> ReceiptTable:
        """Return who has which version, as each student's last start left it."""
        return self._transport.get(ReceiptTable, "datasets", name, "receipts")

    def probe(self, link: str, name: str = "") -> Probe:
        """Return what a link, an upload or a path stands for; nothing is fetched.

        Raises ``SourceProblem`` when the source says no, ``InvalidInput`` for what is no link.
        """
        body = ProbeRequest(link=link, name=name)
        return self._transport.post(Probe, "datasets", "probes", body=body)

    def plan(self, change: Change) -> Plan:
        """Return what a change would do."""
        body = ChangePlanRequest(change=change)
        return self._transport.post(Plan, "datasets", "plans", body=body)

    def apply(self, plan_id: str, change: Change) -> Job:
        """Begin to do what the plan says; follow the job with ``jobs.wait``."""
        body = ChangeApplication(plan_id=plan_id, change=change)
        return self._transport.post(Job, "datasets", "applications", body=body)

    def restore(self, name: str, version: str, replaces: str = "") -> Receipt:
        """Make an earlier version current at once.

        Raises ``Conflict`` when something else than ``replaces`` is current.
        """
        body = RestorationRequest(version=version, replaces=replaces)
        return self._transport.post(Receipt, "datasets", name, "restorations", body=body)

    def undelete(self, name: str, version: str = "") -> Receipt:
        """Take a version, or the whole dataset, out of the trash."""
        body = UndeletionRequest(version=version)
        return self._transport.post(Receipt, "datasets", name, "undeletions", body=body)

    def verify(self, name: str, version: str = "") -> Job:
        """Begin to hash a version again (the current one if none is named)."""
        body = VerificationRequest(version=version)
        return self._transport.post(Job, "datasets", name, "verifications", body=body)
