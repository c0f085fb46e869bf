"""Jobs where others may write: what a TA plants there, no organiser's server does."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.audit import AuditTrail, SchoolAudit
from growth_admin.core.errors import StorageUnavailable
from growth_admin.core.permissions import AREAS
from growth_admin.core.plan import Undo
from growth_admin.core.schema import now
from growth_admin.jobs.engine import JobContext, JobEngine
from growth_admin.jobs.models import Job, StoredJob
from growth_admin.jobs.seal import Seal
from growth_admin.jobs.store import JobStore
from tests.conftest import wait_until
from tests.unit.jobs.engines import KIND, look, make_engine, start, step_through, wait_for_state

SECRET = {"link": "/home/admin/secret.key"}


def key_of(folder: Path, user: str) -> Seal:
    """Return the seal of a user, whose home only that user may read."""
    return Seal(folder / "homes" / user / "jobs.key")


def planted(folder: Path, *, seal: Seal | None, by: str = "ada", **facts: Any) -> Job:
    """Put a job there as somebody who may write the folder can."""
    store = JobStore(folder / "jobs", seal=seal)
    known: dict[str, Any] = {
        "id": store.new_id(),
        "kind": KIND,
        "area": "startup",
        "title": "Publish",
        "state": "pending",
        "created": now(),
        "created_by": by,
    }
    job = Job.model_validate({**known, **facts})
    store.create(StoredJob(job=job, params=SECRET))
    return job


class Victim:
    """Ada's server, which notes what it was made to do."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.did: list[dict[str, Any]] = []
        self.engine: JobEngine = make_engine(
            folder, self._run, user="ada", seal=key_of(folder, "ada"), lease_s=0.6, **options
        )

    def _run(self, context: JobContext) -> dict[str, Any]:
        self.did.append(context.params)
        return {"title": "done"}


@pytest.mark.parametrize("trick", ["none", "cancel", "dangling cancel", "moved aside"])
@pytest.mark.parametrize("is_personal", [True, False])
@pytest.mark.parametrize("signer", ["nobody", "tess"])
def test_job_when_planted_in_anothers_name_then_it_is_not_run(
    tmp_path: Path, trick: str, signer: str, is_personal: bool
) -> None:
    start(make_engine(tmp_path / "warm", lambda c: {}, seal=key_of(tmp_path, "ada")), user="ada")
    seal = key_of(tmp_path, "tess") if signer == "tess" else None
    job = planted(tmp_path, seal=seal)
    cancel = tmp_path / "jobs" / job.id / "cancel"
    if trick in ("cancel", "moved aside"):
        cancel.touch()
    if trick == "dangling cancel":
        cancel.symlink_to("/nonexistent")
    ada = Victim(tmp_path, is_personal=is_personal)
    if trick == "moved aside":
        wait_until(lambda: list(cancel.parent.glob("lease.1")), what="the take-over")
        cancel.unlink()
    time.sleep(1.5)
    assert ada.did == []
    assert not ada.engine.adopt(job.id)
    assert look(tmp_path, job.id).state == ("pending" if trick == "none" else "cancelled")
    ada.engine.close()


def test_job_when_its_own_user_sealed_it_then_that_users_next_server_goes_on(
    tmp_path: Path,
) -> None:
    job = planted(tmp_path, seal=key_of(tmp_path, "ada"))
    ada = Victim(tmp_path)
    assert wait_for_state(tmp_path, job.id).state == "succeeded"
    assert ada.did == [SECRET]
    ada.engine.close()


def test_sealed_job_when_its_words_are_changed_then_it_is_not_run(tmp_path: Path) -> None:
    job = planted(tmp_path, seal=key_of(tmp_path, "ada"))
    asked = tmp_path / "jobs" / job.id / "job.0.json"
    words = json.loads(asked.read_text())
    words["params"] = {"link": "/home/admin/another.key"}
    asked.chmod(0o644)
    asked.write_text(json.dumps(words))
    ada = Victim(tmp_path)
    time.sleep(1.2)
    assert ada.did == []
    ada.engine.close()


def test_sealed_job_when_copied_under_another_id_then_it_is_no_job(tmp_path: Path) -> None:
    job = planted(tmp_path, seal=key_of(tmp_path, "ada"))
    copy = tmp_path / "jobs" / "20260101T000000000000-abcdef"
    copy.mkdir()
    (copy / "job.0.json").write_bytes((tmp_path / "jobs" / job.id / "job.0.json").read_bytes())
    with pytest.raises(StorageUnavailable, match="another job"):
        JobStore(tmp_path / "jobs").load(copy.name)


def test_state_when_a_link_stands_in_its_place_then_what_it_names_is_not_touched(
    tmp_path: Path,
) -> None:
    script = tmp_path / "as-root.sh"
    script.write_text("#!/bin/bash\n")
    engine = make_engine(
        tmp_path, step_through(tmp_path / "steps", 60, step_s=0.05), seal=key_of(tmp_path, "jane")
    )
    job = start(engine)
    state = tmp_path / "jobs" / job.id / "job.1.json"
    wait_until(state.exists, what="the state")
    (tmp_path / "link").symlink_to(script)
    (tmp_path / "link").replace(state)  # in one step: the job writes it all the time
    wait_until(lambda: not state.is_symlink(), what="the next state")
    assert wait_for_state(tmp_path, job.id).state == "succeeded"
    engine.close()
    assert script.read_text() == "#!/bin/bash\n"
    assert not state.is_symlink()


def test_undo_when_it_leads_elsewhere_then_it_is_not_offered(tmp_path: Path) -> None:
    seal = key_of(tmp_path, "ada")
    ada = Victim(tmp_path)
    good = {"title": "Undo", "method": "POST", "path": "startup/x/restorations", "body": {}}
    for path, is_kept in ((good["path"], True), ("servers/applications", False)):
        job = planted(
            tmp_path, seal=seal, state="succeeded", receipt={"undo": {**good, "path": path}}
        )
        found = ada.engine.get_job(job.id, AREAS).receipt
        assert found is not None
        assert bool(found["undo"]) is is_kept
    ada.engine.close()
    shared = AuditTrail(tmp_path / "shared", writer="tess")
    shared.record(
        user="ada",
        permission="datasets.versions:restore",
        area="datasets",
        action="Make v1 of iris current again",
        result="done",
        undo=Undo(title="Undo", method="POST", path="servers/applications", body={}),
    )
    trail = SchoolAudit(AuditTrail(tmp_path / "own", writer="ada"), shared, {"datasets"})
    (entry,) = trail.list_entries(areas=AREAS).entries
    assert entry.undo is None


def test_seal_when_others_may_read_its_key_then_it_is_refused(tmp_path: Path) -> None:
    seal = key_of(tmp_path, "ada")
    proof = seal.of(b"words")
    assert key_of(tmp_path, "ada").is_good(b"words", proof)
    assert not key_of(tmp_path, "ada").is_good(b"other words", proof)
    assert not key_of(tmp_path, "tess").is_good(b"words", proof)
    os.chmod(tmp_path / "homes" / "ada" / "jobs.key", 0o644)
    with pytest.raises(StorageUnavailable, match="only you can read"):
        key_of(tmp_path, "ada").of(b"words")
