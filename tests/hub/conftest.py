"""The schools that tests on a hub share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from growth_admin.deploy import hub_config_path
from tests.conftest import properties
from tests.hub.school import School, hub55_python


@pytest.fixture(scope="session")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school with the JupyterHub of this environment; shared, so leave it as it was."""
    with School.open(tmp_path_factory.mktemp("school")) as running:
        yield running


@pytest.fixture(scope="session")
def school55(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """The same with JupyterHub 5.5; people's servers still run this environment's version."""
    root = tmp_path_factory.mktemp("school55")
    with School.open(root, hub_python=hub55_python()) as running:
        yield running


@pytest.fixture(scope="session", params=["hub-6.1", "hub-5.5"])
def either_school(request: pytest.FixtureRequest) -> School:
    """Each of the two: a test with it runs on both hub versions."""
    name = "school" if request.param == "hub-6.1" else "school55"
    found: School = request.getfixturevalue(name)
    return found


Loader = Callable[..., tuple[Config, dict[str, Any]]]


@pytest.fixture
def load_hub_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Loader:
    """Runs hub_config.py as a hub would; its configuration and its names.

    Give environment variables by name, and in `before` what was configured earlier.
    """

    def load(before: Config | None = None, **variables: str) -> tuple[Config, dict[str, Any]]:
        config = before if before is not None else Config()
        monkeypatch.setenv("GROWTH_NAMES_FILE", str(tmp_path / "names.json"))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        path = hub_config_path()
        names: dict[str, Any] = {"get_config": lambda: config, "__file__": str(path)}
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)
        return config, names

    return load


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what each kind of visitor met."""
    rows = [row for row, _ in properties(terminalreporter, "visitor")]
    if not rows:
        return
    write = terminalreporter.write_line
    terminalreporter.section("access table")
    write(f"{'visitor':<44} {'pairs':>5} {'refused':>8} {'let in':>7} {'leaks':>6}")
    totals = ("all", *(sum(row[i] for row in rows) for i in range(1, 5)))
    for name, pairs, refused, let_in, leaks in (*rows, totals):
        write(f"{name:<44} {pairs:>5} {refused:>8} {let_in:>7} {leaks:>6}")
