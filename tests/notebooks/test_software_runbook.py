"""O08, executed against a real console over a plain folder, with an index that lies here.

Its image is built for real in tests/container; here a program says what a failing build says, or
nothing builds.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from nbclient.exceptions import CellExecutionError

from tests.console import Console, running_console
from tests.images.package_index import Index, running_index
from tests.notebooks.running import beside, run

ADD = "O08-add-software.ipynb"
PIP = "# What the notebooks import.\nstars==1.0\n"
FAILING = f"""\
#!{sys.executable}
import sys
if "--version" in sys.argv:
    print("buildah version 0 (of the tests)")
    sys.exit()
print("STEP 1/2: FROM debian:12")
sys.exit("the mirror is away")
"""


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with running_index() as started:
        for version in ("1.0", "1.1"):
            started.add("stars", version)
        started.add("maths", "2.1")
        started.add("dark", "6.6", needs=["stars>=2"])
        yield started


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The source's list for pip; the folder is that of the admin folder."""
    folder = tmp_path / "admin" / "image"
    (folder / "packages").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM debian:12\n")
    (folder / "packages" / "pip.txt").write_text(PIP)
    return folder / "packages" / "pip.txt"


def opened(root: Path, index: Index, builder: str) -> AbstractContextManager[Console]:
    """The organiser's server, with something that builds or ``none``."""
    return running_console(
        root,
        "--GrowthAdmin.standalone=True",
        f"--ImageSource.index_url={index.simple}",
        "--ImageSource.python_version=3.13",
        "--ImageRegistry.image=registry.test/school/lab",
        f"--ImageBuilder.program={builder}",
    )


def test_software_when_added_where_nothing_builds_then_the_lists_are_changed_and_taken_back(
    tmp_path: Path, index: Index, source: Path
) -> None:
    with opened(tmp_path, index, "none") as console:
        kernel = beside(console)
        with pytest.raises(CellExecutionError, match="Set name above"):
            run(ADD, kernel)
        with pytest.raises(CellExecutionError, match="NotFound"):
            run(ADD, kernel, name="ghost", reason="lesson 4")
        with pytest.raises(CellExecutionError, match="say in override") as refused:
            run(ADD, kernel, name="dark", reason="lesson 4")
        assert source.read_text() == PIP, "a plan and a refusal write nothing"
        assert "stars>=2" in str(refused.value), "what collides is shown"

        printed = run(ADD, kernel, name="maths", reason="lesson 4")
        assert source.read_text() == PIP + "maths==2.1\n"
        assert "outdated" in printed and "newest: 1.1" in printed
        assert "+maths==2.1" in printed
        assert "Not built here. Install buildah or podman" in printed
        assert "The lists are r2: stars==1.0, maths==2.1" in printed
        undone = run(ADD, kernel, name="stars", verb="pin", reason="lesson 5", undo=True)
        assert "-stars==1.0" in undone and "+stars==1.1" in undone
        assert source.read_text() == PIP + "maths==2.1\n"
        newest, before = console.client.images.packages.get_history().revisions[:2]
        assert (newest.origin, newest.restored_from) == ("restored", 2)
        assert (before.number, before.reason) == (3, "lesson 5")
        forced = run(ADD, kernel, name="dark", reason="lesson 6", override="stars 2 comes today")
        assert "dark==6.6" in source.read_text() and "! " in forced


def test_software_when_the_build_fails_then_its_log_is_shown_and_that_students_are_as_before(
    tmp_path: Path, index: Index, source: Path
) -> None:
    builder = tmp_path / "buildah"
    builder.write_text(FAILING)
    builder.chmod(0o755)
    with opened(tmp_path, index, str(builder)) as console:
        with pytest.raises(CellExecutionError, match="Students have what they had") as failed:
            run(ADD, beside(console), name="maths", reason="lesson 4")
        assert "the mirror is away" in str(failed.value)
        (build,) = console.client.images.builds.list_builds().builds
        assert (build.state, build.revision, build.reason) == ("failed", 2, "lesson 4")
