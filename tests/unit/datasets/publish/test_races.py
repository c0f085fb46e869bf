"""Several servers on one name at once, and readers who look all the time."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from growth_admin.core.errors import Conflict, NotFound
from growth_admin.datasets.publish.library import Library
from tests.conftest import Child, wait_until
from tests.unit.datasets.publish.staged import numbers_in, publish, whole

Spawn = Callable[[Callable[[], object]], Child]
ROUNDS = 50


def test_reader_when_fifty_versions_are_published_then_it_never_sees_nothing_or_a_mixture(
    tmp_path: Path, spawn: Spawn
) -> None:
    data = tmp_path / "data"
    library = Library(data, user="tess", keep_versions=60)
    publish(library, "job-0", whole(0))
    ready, told = tmp_path / "ready", tmp_path / "told"

    def read() -> None:
        reads, seen = 0, set()
        while not (tmp_path / "stop").exists():
            with_link = os.open(data / "stars", os.O_RDONLY | os.O_DIRECTORY)
            tree = Path(f"/proc/self/fd/{with_link}").resolve()
            os.close(with_link)
            numbers = numbers_in(tree)
            assert len(numbers) == 1, numbers
            assert len(list(tree.glob("part-*/*.txt"))) == 3
            seen |= numbers
            reads += 1
            ready.touch()
        told.write_text(f"{reads} {len(seen)}")

    reader = spawn(read)
    wait_until(ready.exists, what="the first read")
    for number in range(1, ROUNDS + 1):
        publish(library, f"job-{number}", whole(number))
    (tmp_path / "stop").touch()
    assert reader.join() == 0
    reads, seen = map(int, told.read_text().split())
    assert reads > ROUNDS
    print(f"\n{reads} reads during {ROUNDS} publications saw {seen} versions, each whole")


def test_reader_when_a_plain_folder_is_adopted_then_the_name_is_gone_for_an_instant_only(
    tmp_path: Path, spawn: Spawn
) -> None:
    data = tmp_path / "data"
    gaps_s: list[float] = []
    for attempt in range(20):
        name = f"old-{attempt}"
        (data / name).mkdir(parents=True)
        (data / name / "a.txt").write_text("old")
        told = tmp_path / f"told-{attempt}"

        def read(
            name: str = name, told: Path = told, stop: Path = tmp_path / f"s{attempt}"
        ) -> None:
            longest, gone_since = 0.0, 0.0
            while not stop.exists():
                if os.path.exists(data / name):
                    gone_since = 0.0
                else:
                    gone_since = gone_since or time.monotonic()
                    longest = max(longest, time.monotonic() - gone_since)
            told.write_text(str(longest))

        reader = spawn(read)
        publish(Library(data, user="tess"), f"job-{attempt}", whole(1), name=name)
        (tmp_path / f"s{attempt}").touch()
        assert reader.join() == 0
        gaps_s.append(float(told.read_text()))
    print(f"\nlongest gap at an adoption: {max(gaps_s) * 1e3:.2f} ms (of {len(gaps_s)})")
    assert max(gaps_s) < 1


def test_publish_when_two_servers_do_it_at_once_then_both_are_versions_and_one_is_current(
    tmp_path: Path, spawn: Spawn
) -> None:
    data = tmp_path / "data"
    publish(Library(data, user="tess"), "job-0", whole(0))
    for round_ in range(1, 21):
        library = Library(data, user="tess", keep_versions=100)
        before = library.get_dataset("stars").current

        def work(who: str, number: int, before: str = before) -> None:
            own = Library(data, user=who, keep_versions=100)
            publish(own, f"job-{who}-{number}", whole(number), replaces=before, by=who)

        children = [
            spawn(lambda n=round_: work("tess", n * 2)),
            spawn(lambda n=round_: work("tom", n * 2 + 1)),
        ]
        assert [child.join() for child in children] == [0, 0]
        dataset = library.get_dataset("stars")
        assert len(dataset.versions) == round_ * 2 + 1
        last, first = library.history("stars")[:2]
        assert (first.replaced, first.was_expected) == (before, True)
        assert (last.replaced, last.was_expected) == (first.version, False)
        assert dataset.current == last.version
        assert {last.by, first.by} == {"tess", "tom"}
        assert numbers_in(data / "stars") <= {f"{round_ * 2}\n", f"{round_ * 2 + 1}\n"}


def test_changes_when_many_are_made_at_once_then_the_disk_ends_as_the_last_state_says(
    tmp_path: Path, spawn: Spawn
) -> None:
    data = tmp_path / "data"
    library = Library(data, user="tess", keep_versions=10)
    for number in range(1, 5):
        publish(library, f"job-{number}", whole(number))

    def work(seed: int) -> None:
        own = Library(data, user=f"ta-{seed}", keep_versions=10)
        for step in range(25):
            version = f"v{(seed + step) % 4 + 1}"
            for change in (own.restore, own.delete, own.undelete):
                try:
                    change("stars", version)
                except (Conflict, NotFound):
                    continue

    children = [spawn(lambda seed=seed: work(seed)) for seed in range(4)]
    assert [child.join(timeout_s=90) for child in children] == [0] * 4
    dataset = library.get_dataset("stars")
    assert dataset.current == library.history("stars")[0].current
    assert numbers_in(data / "stars") == {f"{dataset.current[1:]}\n"}
    folder = data / ".versions" / "stars"
    for version in dataset.versions:
        in_place = (folder / version.version).is_dir()
        in_trash = bool(list(folder.glob(f".deleted-{version.version}-*")))
        assert (in_place, in_trash) == (version.deleted is None, version.deleted is not None)
    assert len(dataset.versions) == 4


def test_reader_when_versions_are_restored_from_everywhere_then_there_is_always_one(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    for number in (1, 2, 3):
        publish(Library(data, user="tess"), f"job-{number}", whole(number))

    def restore(version: str) -> None:
        own = Library(data, user="tess")
        for _ in range(30):
            own.restore("stars", version)

    threads = [threading.Thread(target=restore, args=(f"v{n}",)) for n in (1, 2, 3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert (data / "stars").is_dir()
    library = Library(data, user="tess")
    assert library.get_dataset("stars").current == library.history("stars")[0].current
