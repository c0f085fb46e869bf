"""A server that is killed while it publishes, at every step and at random moments."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from growth_admin.core.errors import StorageFull
from growth_admin.datasets.publish.library import Library
from tests.conftest import Child, fill
from tests.unit.datasets.publish.staged import (
    KilledAt,
    Told,
    draft,
    hidden,
    numbers_in,
    publish,
    put_files,
    whole,
)

Spawn = Callable[[Callable[[], object]], Child]
STEPS = ("settled", "manifest", "number", "on the disk", "moved", "published")
KILLS = 100


@pytest.fixture
def data(tmp_path: Path) -> Path:
    publish(Library(tmp_path / "data", user="tess"), "job-0", whole(1))
    return tmp_path / "data"


def require_whole(data: Path, number: int) -> None:
    """Require one whole version of that number under the link."""
    assert numbers_in(data / "stars") == {f"{number}\n"}
    assert len(list((data / "stars").glob("part-*/*.txt"))) == 3


@pytest.mark.parametrize("step", range(1, len(STEPS) + 1), ids=STEPS)
def test_publish_when_killed_after_a_step_then_a_repetition_makes_one_version(
    data: Path, spawn: Spawn, step: int
) -> None:
    library = Library(data, user="tess")
    stage = library.stage("job-1")
    records = put_files(stage, whole(2))

    def work() -> None:
        library.publish(stage, "stars", records, draft(replaces="v1"), control=KilledAt(step))

    assert spawn(work).join() == -signal.SIGKILL
    require_whole(data, 2 if step == len(STEPS) else 1)
    after = Library(data, user="tom")
    outcome = after.publish(stage, "stars", records, draft(replaces="v1"), control=Told())
    after.discard("job-1")
    assert (outcome.version.version, outcome.replaced, outcome.was_expected) == ("v2", "v1", True)
    require_whole(data, 2)
    assert [v.version for v in after.get_dataset("stars").versions] == ["v2", "v1"]
    assert after.verify("stars", "v2", by="tom", control=Told()).is_good
    assert hidden(data) == []


def test_publish_when_killed_at_random_moments_then_there_is_always_exactly_one_version(
    data: Path, spawn: Spawn
) -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    rng = random.Random(seed)
    begun_s = time.monotonic()
    publish(Library(data, user="tess"), "job-1", whole(2))
    usual_s = time.monotonic() - begun_s
    killed = repeated = 0
    number = 2
    while killed + repeated < KILLS:
        number += 1
        library = Library(data, user="tess")
        stage = library.stage(f"job-{number}")
        records = put_files(stage, whole(number))

        def work(library: Library = library, stage: Path = stage, records: list = records) -> None:
            library.publish(stage, "stars", records, draft(), control=Told())

        while True:
            child = spawn(work)
            time.sleep(rng.uniform(0, 1.5 * usual_s))
            child.kill()
            seen = numbers_in(data / "stars")
            assert seen in ({f"{number - 1}\n"}, {f"{number}\n"}), f"seed {seed}"
            if child.join() == 0 or rng.random() < 0.5:
                break
            repeated += 1
        killed += child.join() != 0
        fresh = Library(data, user="tom")
        outcome = fresh.publish(stage, "stars", records, draft(), control=Told())
        fresh.discard(f"job-{number}")
        assert outcome.version.version == f"v{number}", f"seed {seed}"
        require_whole(data, number)
    library = Library(data, user="tess", trash_keep_s=0)
    library.purge_expired()
    dataset = library.get_dataset("stars")
    assert [v.version for v in dataset.versions] == [f"v{n}" for n in range(number, number - 3, -1)]
    assert all(
        library.verify("stars", v.version, by="tess", control=Told()).is_good
        for v in dataset.versions
    )
    stale = [name for name in hidden(data) if ".growth-stage-" not in name]
    assert stale == [], f"seed {seed}"
    print(f"\nkilled {killed + repeated} times over {number - 2} publications: one version each")


def test_restore_when_killed_before_the_link_then_the_next_one_finishes_it(
    data: Path,
) -> None:
    library = Library(data, user="tess")
    publish(library, "job-1", whole(2))
    # what a kill between the state and the link leaves: the link is older than the state
    folder = data / ".versions" / "stars"
    state = (folder / "state.2.json").read_text().replace('"current":"v2"', '"current":"v1"')
    (folder / "state.3.json").write_text(state.replace('"number":2', '"number":3'))
    require_whole(data, 2)
    Library(data, user="tom").forget_unfinished((), older_than_s=0)
    require_whole(data, 1)


def test_adoption_when_killed_between_the_renames_then_the_next_one_finishes_it(
    tmp_path: Path, spawn: Spawn
) -> None:
    data = tmp_path / "data"
    for attempt in range(30):
        name = f"old-{attempt}"
        (data / name / "part-0").mkdir(parents=True)
        (data / name / "part-0" / "1.txt").write_text("1\n")
        library = Library(data, user="tess")
        stage = library.stage(f"job-{attempt}")
        records = put_files(stage, whole(2))

        def work(
            library: Library = library,
            stage: Path = stage,
            records: list = records,
            name: str = name,
        ) -> None:
            library.publish(stage, name, records, draft(), control=Told())

        child = spawn(work)
        time.sleep(random.uniform(0, 0.012))
        child.kill()
        outcome = Library(data, user="tom").publish(stage, name, records, draft(), control=Told())
        assert numbers_in(data / name) == {"2\n"}
        versions = library.get_dataset(name).versions
        assert sorted(v.version for v in versions) == ["v1", "v2"]
        assert outcome.replaced in ("v1", "v2")


# -- a full disk


def test_publish_when_the_disk_is_full_then_the_old_version_stays_and_the_next_try_goes_on(
    small_disk: Path,
) -> None:
    data = small_disk / "data"
    library = Library(data, user="tess")
    publish(library, "job-0", whole(1))
    stage = library.stage("job-1")
    records = put_files(stage, whole(2))
    filler = fill(small_disk)
    with pytest.raises(StorageFull):
        library.publish(stage, "stars", records, draft(replaces="v1"), control=Told())
    assert [v.version for v in library.get_dataset("stars").versions] == ["v1"]
    require_whole(data, 1)
    filler.unlink()
    outcome = library.publish(stage, "stars", records, draft(replaces="v1"), control=Told())
    assert outcome.version.version == "v2"
    require_whole(data, 2)
    library.discard("job-1")
    assert hidden(data) == []


def test_publish_when_the_disk_gets_full_at_each_block_then_nothing_broken_is_ever_seen(
    small_disk: Path,
) -> None:
    data = small_disk / "data"
    library = Library(data, user="tess", keep_versions=2, trash_keep_s=0)
    publish(library, "job-0", whole(1))
    full = 0
    for blocks in range(16):
        stage = library.stage("job-1")
        records = put_files(stage, whole(2))
        filler = fill(small_disk)
        os.truncate(filler, max(filler.stat().st_size - blocks * 4096, 0))
        try:
            outcome = library.publish(stage, "stars", records, draft(), control=Told())
        except StorageFull:
            full += 1
            require_whole(data, 1)
            assert [v.version for v in library.get_dataset("stars").versions] == ["v1"]
            filler.unlink()
        else:
            break
    assert full > 0
    assert outcome.version.version == "v2"
    require_whole(data, 2)
    print(f"\nfull at {full} places; then published")
