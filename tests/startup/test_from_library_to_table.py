"""From the library that TAs publish with, through the real chain, to the organisers' table."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from chain_world import ADMIN_GID, ADMIN_ID, STARTUP, World, modes

from growth_admin.datasets.models import Delivery
from growth_admin.datasets.publish.library import Library
from growth_admin.datasets.receipts.table import ReceiptReader
from tests.unit.datasets.publish.staged import Told, draft, put_files

V1 = {"a.csv": b"a1", "sub/b.csv": b"b1"}
V2 = {"a.csv": b"a2", "sub/b.csv": b"b2", "c.csv": b"c2"}


class School:
    """A data folder as the product makes it, and one student's server."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.shared = world.root / "nfs"
        self.data = self.shared / "data"
        self.receipts = self.shared / ".growth-admin" / "receipts"
        self.home = world.root / "home"
        self.data.mkdir()
        self.receipts.mkdir(parents=True)
        for folder, mode in ((self.data, 0o2775), (self.receipts, 0o2770)):
            if world.mode == "root":
                os.chown(folder, ADMIN_ID, ADMIN_GID)
            folder.chmod(mode)
        shutil.copy2(STARTUP / "as-user.sh", world.admin / "start" / "as-user.sh")
        if world.mode == "root":
            world.commands += [
                "mkdir -p /home/jane-doe",
                "mount --bind /mnt/home /home/jane-doe",
                "chown -R 5001:100 /home/jane-doe",
            ]

    @property
    def library(self) -> Library:
        """The library, as it looks now."""
        return Library(self.data, user="tess")

    def publish(self, name: str, files: dict[str, bytes], delivery: Delivery) -> str:
        """Publish a version; returns its id."""
        library, job = self.library, f"job-{os.urandom(4).hex()}"
        stage = library.stage(job)
        records = put_files(stage, files)
        said = replace(draft(), delivery=delivery)
        outcome = library.publish(stage, name, records, said, control=Told())
        library.discard(job)
        return outcome.version.version

    def start(self) -> dict[str, str]:
        """One start; the states of the datasets in the record."""
        record = self.world.start().record
        assert (record["state"], record["notes"]) == ("ok", []), self.world.log_text("as-user")
        return {one["name"]: f"{one['version']} {one['state']}" for one in record["data"]}

    def states(self, name: str) -> list[tuple[str, str, str]]:
        """The organisers' table: user, version, state."""
        table = ReceiptReader(self.receipts).table(self.library.get_dataset(name))
        return [(row.user, row.version, row.state) for row in table.rows]


@pytest.fixture(params=modes())
def school(request: pytest.FixtureRequest, tmp_path: Path) -> School:
    """As root the chain of a container, where the student is another user than the TA."""
    return School(World(tmp_path / "w", mode=request.param))


def test_table_when_versions_come_then_it_follows_what_the_student_has(school: School) -> None:
    school.publish("stars", V1, "link")
    school.publish("moons", V1, "copy")
    assert school.start() == {"moons": "v1 current", "stars": "v1 current"}
    assert school.states("stars") == [("jane-doe", "v1", "current")]
    assert (school.home / "data" / "moons" / "sub" / "b.csv").read_bytes() == b"b1"

    school.publish("stars", V2, "link")
    school.publish("moons", V2, "copy")
    school.publish("comets", V1, "copy")
    assert school.states("stars") == [("jane-doe", "v2", "current")]  # the link shows it already
    assert school.states("moons") == [("jane-doe", "v1", "behind")]
    assert school.states("comets") == [("jane-doe", "", "behind")]  # published since

    (school.home / "data" / "moons" / "a.csv").write_text("my own")
    school.start()
    assert school.states("moons") == [("jane-doe", "v2", "edited")]
    assert school.states("comets") == [("jane-doe", "v1", "current")]
    assert (school.home / "data" / "moons" / "a.csv").read_text() == "my own"
    assert (school.home / "data" / "moons" / "c.csv").read_bytes() == b"c2"


def test_table_when_an_earlier_version_is_restored_then_copies_are_behind_until_the_next_start(
    school: School,
) -> None:
    school.publish("moons", V1, "copy")
    school.publish("moons", V2, "copy")
    school.start()
    school.library.restore("moons", "v1")
    assert school.states("moons") == [("jane-doe", "v2", "behind")]
    school.start()
    assert school.states("moons") == [("jane-doe", "v1", "current")]
    assert not (school.home / "data" / "moons" / "c.csv").exists()


def test_table_when_the_data_has_a_manifest_of_its_own_then_both_arrive(school: School) -> None:
    school.publish("moons", {"MANIFEST.json": b"{}", "SHA256SUMS": b"none"}, "copy")
    assert school.start() == {"moons": "v1 current"}
    assert json.loads((school.home / "data" / "moons" / "MANIFEST.json").read_text()) == {}


def test_start_when_a_dataset_is_deleted_then_its_link_goes_and_a_copy_stays(
    school: School,
) -> None:
    school.publish("stars", V1, "link")
    school.publish("moons", V1, "copy")
    school.start()
    for name in ("stars", "moons"):
        school.library.delete(name, "", free_now=False)
    assert school.start() == {}
    assert [path.name for path in (school.home / "data").iterdir()] == ["moons"]
