"""What TAs did with servers, as organisers see it: marked, without an undo, never run by them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from growth_admin.core.audit import TOLD, AuditTrail
from growth_admin.core.errors import NotFound
from growth_admin.core.permissions import AREAS
from growth_admin.core.plan import Undo
from growth_admin.core.schema import now
from growth_admin.jobs.models import ENDED, Job, StoredJob
from growth_admin.jobs.seal import Seal
from growth_admin.jobs.store import JobStore
from growth_admin.rooms import Rooms, build_rooms
from growth_admin.servers.models import Pace, Target
from growth_admin.settings import Settings
from tests.unit.servers.stand_in_hub import TOKEN, StandInHub
from tests.unit.servers.test_waves import fill
from tests.unit.servers.waiting import wait_until

UNDO = Undo(title="Undo", method="POST", path="servers/x/restorations", body={})


def rooms_of(folder: Path, hub: StandInHub, user: str, areas: tuple[str, ...]) -> Rooms:
    for name in ("admin", "nfs", f"homes/{user}"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    rooms = build_rooms(
        Settings(
            folder / "admin",
            folder / "nfs",
            user=user,
            hub_url=hub.url,
            hub_token=TOKEN,
            areas=areas,
            lease_s=0.6,
            home=folder / "homes" / user,
        )
    )
    rooms.open()
    return rooms


@pytest.fixture
def ta(tmp_path: Path, hub: StandInHub) -> Iterator[Rooms]:
    """The server of a TA whose school grants restarts."""
    rooms = rooms_of(tmp_path, hub, "tess", ("datasets", "servers"))
    yield rooms
    rooms.close()


@pytest.fixture
def organiser(tmp_path: Path, hub: StandInHub, ta: Rooms) -> Iterator[Rooms]:
    rooms = rooms_of(tmp_path, hub, "ada", AREAS)
    yield rooms
    rooms.close()


def planted(
    folder: Path, *, area: str = "servers", seal: Seal | None = None, ended: bool = False
) -> Job:
    """Put a job on the shared disk, in an organiser's name, as a TA can."""
    store = JobStore(folder / "nfs" / ".growth-admin" / "jobs", seal=seal)
    job = Job(
        id=store.new_id(),
        kind=f"{area}.control",
        area=area,
        title="Stop everybody",
        subject="servers/x",
        state="succeeded" if ended else "pending",
        created=now(),
        created_by="ada",
        receipt={"title": "Stopped", "undo": UNDO.as_json()} if ended else None,
    )
    target = {"user": "jane", "server_name": "", "state": "ready"}
    store.create(StoredJob(job=job, params={"action": "stop", "targets": [target]}))
    return job


def test_restart_when_a_ta_began_it_then_an_organiser_sees_it_and_can_end_it(
    hub: StandInHub, ta: Rooms, organiser: Rooms
) -> None:
    names = fill(hub, 12, "")
    hub.spawn_s = 1.0
    assert ta.servers is not None
    pace, targets = Pace(max_in_flight=1), [Target(user=name) for name in names]
    plan = ta.servers.plan("restart", targets, pace=pace)
    job = ta.servers.apply(plan.id, "restart", plan.servers, "tess", pace=pace)
    wait_until(lambda: bool(hub.stops), 20)
    (seen,) = organiser.jobs.list_jobs({"servers"}).jobs
    assert (seen.id, seen.created_by, seen.title) == (job.id, "tess", f"{job.title} {TOLD}")
    assert organiser.jobs.cancel_job(job.id, AREAS, "ada").is_cancel_asked
    wait_until(lambda: ta.jobs.get_job(job.id, AREAS).state in ENDED, 30)
    assert ta.jobs.get_job(job.id, AREAS).state == "cancelled"
    assert len(hub.stops) < 12

    wait_until(lambda: bool(organiser.audit.list_entries(areas={"servers"}).entries), 10)
    (entry,) = organiser.audit.list_entries(areas={"servers"}).entries
    assert (entry.user, entry.action) == ("tess", job.title)
    assert entry.detail == f"cancelled {TOLD}"
    assert ta.audit.list_entries(areas={"servers"}).entries[0].detail == "cancelled"
    assert TOLD not in ta.jobs.get_job(job.id, AREAS).title


@pytest.mark.parametrize("is_sealed", [False, True])
@pytest.mark.parametrize("is_cancelled", [False, True])
def test_job_when_a_ta_planted_it_in_an_organisers_name_then_it_is_told_and_never_run(
    tmp_path: Path, hub: StandInHub, organiser: Rooms, is_sealed: bool, is_cancelled: bool
) -> None:
    hub.add("jane", "")
    seal = Seal(tmp_path / "homes" / "tess" / ".local/share/growth-admin/jobs.key")
    job = planted(tmp_path, seal=seal if is_sealed else None)
    if is_cancelled:
        organiser.jobs.cancel_job(job.id, AREAS, "ada")
    assert not organiser.jobs.adopt(job.id)
    time.sleep(2)
    assert hub.stops == []
    found = organiser.jobs.get_job(job.id, AREAS)
    # an end, and only that, is written by the TA's server
    assert found.state == ("cancelled" if is_cancelled else "pending")
    assert (found.owner, found.subject) == ("", "")
    assert found.title.endswith(TOLD)


def test_job_when_a_ta_planted_an_undo_then_no_click_of_an_organiser_sends_it(
    tmp_path: Path, organiser: Rooms
) -> None:
    ended = planted(tmp_path, ended=True)
    for found in (organiser.jobs.get_job(ended.id, AREAS), *organiser.jobs.list_jobs(AREAS).jobs):
        assert found.receipt == {"title": "Stopped", "undo": None}


@pytest.mark.parametrize("area", ["startup", "roster", "images"])
def test_job_when_of_an_area_that_is_never_a_tas_then_it_is_not_even_told(
    tmp_path: Path, organiser: Rooms, area: str
) -> None:
    job = planted(tmp_path, area=area)
    assert organiser.jobs.list_jobs(AREAS).jobs == ()
    with pytest.raises(NotFound):
        organiser.jobs.get_job(job.id, AREAS)


def test_job_when_a_ta_links_to_an_organisers_own_then_it_is_listed_once_and_unmarked(
    tmp_path: Path, hub: StandInHub, organiser: Rooms
) -> None:
    hub.add("jane", "")
    assert organiser.servers is not None
    plan = organiser.servers.plan("stop", [Target(user="jane")])
    job = organiser.servers.apply(plan.id, "stop", plan.servers, "ada")
    wait_until(lambda: organiser.jobs.get_job(job.id, AREAS).state in ENDED, 20)
    own = tmp_path / "admin" / ".growth-admin" / "jobs" / job.id
    shared = tmp_path / "nfs" / ".growth-admin" / "jobs" / job.id
    shared.parent.mkdir(parents=True, exist_ok=True)
    shared.symlink_to(own)
    (found,) = organiser.jobs.list_jobs(AREAS).jobs
    assert (found.id, found.title) == (job.id, job.title)


def test_changes_when_a_ta_wrote_them_then_told_without_an_undo_and_only_of_tas_areas(
    tmp_path: Path, organiser: Rooms
) -> None:
    trail = AuditTrail(tmp_path / "nfs" / ".growth-admin" / "audit", writer="tess")
    for area in ("servers", "images"):
        trail.record(
            user="ada", permission="x:y", area=area, action="Stop", result="done", undo=UNDO
        )
    (entry,) = organiser.audit.list_entries(areas=AREAS).entries
    assert (entry.area, entry.detail, entry.undo) == ("servers", TOLD, None)
