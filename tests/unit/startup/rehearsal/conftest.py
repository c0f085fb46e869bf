"""A school to rehearse against, and every isolation that this machine has."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from growth_admin.startup.rehearsal import RehearsalReport, Sandbox, find_sandbox, rehearse

DELETER = """
import os
for name in ["module1/photometry.ipynb", "module2/spectra.ipynb"]:
    path = os.path.join("school", name)
    if os.path.exists(path):
        os.remove(path)
"""


@dataclass(frozen=True)
class School:
    """Real folders that no rehearsal may change."""

    shared: Path
    admin: Path

    def contents(self) -> dict[str, bytes]:
        """Return every file with its text."""
        files = [p for top in (self.shared, self.admin) for p in top.rglob("*") if p.is_file()]
        return {str(path): path.read_bytes() for path in files}


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    """Return a school whose files are the same at the end of the test."""
    made = School(tmp_path / "nfs", tmp_path / "home-admin")
    for path, text in {
        made.shared / "bin/delete_notebooks.py": DELETER,
        made.shared / "data/photometry/catalogue.csv": "star,magnitude\n",
        made.shared / "misc/DS9.desktop": "[Desktop Entry]\n",
        made.admin / "start/as-user.sh": "#!/bin/bash\n",
        made.admin / "logs/records/ada.jsonl": "{}\n",
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    before = made.contents()
    yield made
    assert made.contents() == before


Run = Callable[..., RehearsalReport]


@pytest.fixture
def run(school: School) -> Run:
    """Return ``run(text, ...)``: rehearse an as-user.sh (or ``as_root=``) against the school."""

    def rehearse_text(text: str = "", *, as_root: str = "", **options: object) -> RehearsalReport:
        scripts = {"as-root.sh": as_root.encode(), "as-user.sh": text.encode()}
        given = {name: body for name, body in scripts.items() if body}
        options.setdefault("limit_s", 20)
        return rehearse(
            given,
            shared_root=school.shared,
            admin_root=school.admin,
            **options,  # type: ignore[arg-type]  # options of the test
        )

    return rehearse_text


@pytest.fixture(params=["bubblewrap", "user-namespace", "re-rooted"])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """Return each isolation in turn, the one found here with its own settings."""
    found = find_sandbox()
    return found if found.kind == request.param else Sandbox(request.param, "chosen by the test")


@pytest.fixture
def is_root() -> bool:
    """Return whether the tests run as root."""
    return os.geteuid() == 0
