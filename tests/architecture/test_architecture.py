"""The rules of the house: layers, lightness on a student's server, names, sizes."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp
import pytest

from growth_admin.core.permissions import AREAS

REPOSITORY = Path(__file__).parents[2]
PACKAGE = REPOSITORY / "growth_admin"
NO_WEB = ("tornado", "jupyter_server")
WEB_SIDE = re.compile(
    r"growth_admin|growth_admin\.(api(\..*)?|app|serving|routes|widgets(\..*)?|deploy(\..*)?|cli(_\w+)?)"
    r"|growth_admin\..*\.handlers"
)
"""What may know HTTP: everything else is core, a manager or the client."""
BAD_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base2"}
LONG_MODULES = {
    "growth_admin/core/fsops.py": "the few ways to write and read on NFS, side by side",
    "growth_admin/deploy/hub_config.py": "one self-contained file by design",
    "growth_admin/datasets/manager.py": "the one story of the datasets, with its settings",
    "growth_admin/jobs/engine.py": "one life of a job: start, run, end, take over",
    "growth_admin/jobs/store.py": "the files of a job, with the leases and wishes among them",
    "growth_admin/roster/models.py": "the roster on the wire, one small model each",
    "growth_admin/startup/manager.py": "the one story of a script: look, save, make live, notice",
    "growth_admin/startup/rehearsal/isolation.py": "three ways to isolate, side by side",
}
"""Modules over 300 lines, and why they are."""
STRICT_READERS = {
    "api/handler.py": "a request: a misspelt field must not pass unseen",
    "core/schema.py": "where from_record_json is made",
    "deploy/moving/record.py": "a move that an older one must not go on with by halves",
    "roster/orders.py": "what is to be done: an older one must not do a part of it",
}
"""Modules that refuse JSON with a field which they do not know, and why."""
SETTING_TESTS = {
    "tests/datasets/test_express.py": "a machine where no process can be started",
    "tests/unit/datasets/fetch/test_direct.py": "disks that refuse direct writes; who wrote how",
    "tests/unit/startup/rehearsal/test_harm.py": "a machine that cannot confine scripts",
}
"""Tests that set an attribute of a module in place of a real condition, and which."""


@cache
def graph() -> grimp.ImportGraph:
    """Return who imports whom, imports inside functions included."""
    return grimp.build_graph("growth_admin", include_external_packages=True)


def ours() -> list[str]:
    """Return every module of the package."""
    return sorted(name for name in graph().modules if name.startswith("growth_admin"))


def rooms() -> list[str]:
    """Return the rooms that there are."""
    return [area for area in AREAS if (PACKAGE / area / "__init__.py").exists()]


def python_files(*folders: str) -> Iterator[Path]:
    """Yield the Python files below these folders of the repository."""
    for folder in folders:
        yield from sorted((REPOSITORY / folder).rglob("*.py"))


def direct_imports(name: str) -> set[str]:
    """Return what a module imports of ours."""
    return {
        imported
        for imported in graph().find_modules_directly_imported_by(name)
        if imported.startswith("growth_admin.")
    }


def below(name: str, *packages: str) -> bool:
    """Return whether a module is one of these or stands inside one."""
    return any(name == p or name.startswith(f"{p}.") for p in packages)


def test_import_linter_when_run_then_all_contracts_are_kept() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", [name for name in ours() if not WEB_SIDE.fullmatch(name)])
def test_manager_when_imported_then_no_web_framework_comes_with_it(name: str) -> None:
    for framework in NO_WEB:
        chain = graph().find_shortest_chain(importer=name, imported=framework)
        assert chain is None, " -> ".join(chain or ())


def test_core_when_read_then_it_imports_nothing_else_of_ours() -> None:
    for name in ours():
        if below(name, "growth_admin.core"):
            assert all(below(other, "growth_admin.core") for other in direct_imports(name)), name


def test_jobs_and_api_when_read_then_they_know_no_room() -> None:
    known_rooms = tuple(f"growth_admin.{room}" for room in rooms())
    wiring = "growth_admin.rooms", "growth_admin.routes", "growth_admin.ground"
    assert len(known_rooms) >= 2
    for name in ours():
        # describe is the program that writes the description of all rooms' routes
        if below(name, "growth_admin.jobs", "growth_admin.api") and not name.endswith("describe"):
            for other in direct_imports(name):
                assert not below(other, *known_rooms, *wiring), f"{name} -> {other}"


def test_rooms_when_read_then_none_imports_another() -> None:
    for room in rooms():
        others = tuple(f"growth_admin.{other}" for other in rooms() if other != room)
        for name in ours():
            if below(name, f"growth_admin.{room}"):
                for other in direct_imports(name):
                    assert not below(other, *others), f"{name} -> {other}"


def run_python(code: str) -> str:
    """Return what a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_client_when_imported_then_no_tornado_comes_with_it() -> None:
    code = "import growth_admin.client, sys; print(*sorted(sys.modules))"
    assert not {"tornado", "jupyter_server"} & set(run_python(code).split())


def test_students_server_when_it_starts_then_only_app_and_notices_are_imported() -> None:
    code = """
import sys, jupyter_server.serverapp, jupyter_server.extension.application
import tornado.platform.asyncio
before = {*sys.modules}
import growth_admin
(point,) = growth_admin._jupyter_server_extension_points()
app = point["app"]()
server = jupyter_server.serverapp.ServerApp()
server.init_ioloop()
server.kernel_manager, server.web_app = None, type("Web", (), {"settings": {}})
app.serverapp = server
app.initialize_handlers()
assert [row[0] for row in app.handlers] == [
    "/growth/api/notices/mine", "/growth/api/notices/replies"
], app.handlers
print(*sorted(name for name in {*sys.modules} - before))
"""
    new = run_python(code).split()
    notices = "growth_admin.servers.notices"
    assert {name for name in new if name.startswith("growth_admin")} == {
        "growth_admin",
        "growth_admin.app",
        "growth_admin.servers",
        notices,
        f"{notices}.student",
        *(
            f"{notices}.student.{module}"
            for module in ("current", "desk", "drop", "handlers", "patience")
        ),
    }
    foreign = [name for name in new if name.partition(".")[0] not in sys.stdlib_module_names]
    assert [name for name in foreign if not name.startswith("growth_admin")] == []


def test_names_when_listed_then_none_says_nothing() -> None:
    folders = ("growth_admin", "tests", "startup", "labextension/src")
    bad = [
        path
        for folder in folders
        for path in (REPOSITORY / folder).rglob("*")
        if path.name.partition(".")[0] in BAD_NAMES and "node_modules" not in path.parts
    ]
    assert bad == []


def test_modules_when_over_300_lines_then_there_is_a_reason_in_the_table() -> None:
    long = {
        str(path.relative_to(REPOSITORY))
        for path in python_files("growth_admin", "startup")
        if len(path.read_text().splitlines()) > 300
    }
    assert long - set(LONG_MODULES) == set(), "shorten it, or say in LONG_MODULES why it is long"
    assert set(LONG_MODULES) - long == set(), "no longer long: take it off the table"


def test_functions_when_over_60_lines_then_there_are_none() -> None:
    long = [
        f"{path.relative_to(REPOSITORY)}:{node.lineno} {node.name} ({length})"
        for path in python_files("growth_admin", "startup")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > 60
    ]
    assert long == []


def test_records_when_read_from_a_disk_then_a_newer_ones_fields_are_no_fault() -> None:
    strict = {
        str(path.relative_to(PACKAGE))
        for path in python_files("growth_admin")
        if ".model_validate_json(" in path.read_text()
    }
    assert strict == set(STRICT_READERS), "use from_record_json, or say in STRICT_READERS why not"


def test_type_ignores_when_there_are_some_then_each_names_the_rule_and_the_reason() -> None:
    bare = [
        f"{path.relative_to(REPOSITORY)}:{number}"
        for path in python_files("growth_admin", "startup")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if "# type: ignore" in line and not re.search(r"# type: ignore\[[\w-]+\]\s+# \w", line)
    ]
    assert bare == []


def test_tests_when_read_then_none_is_skipped_and_no_code_is_mocked() -> None:
    forbidden = re.compile(
        r"mock\.patch|from unittest.mock|mark\.(skip|skipif|xfail)\b"
        r"|pytest\.(skip|xfail|importorskip)\("
    )
    found = [
        f"{path.relative_to(REPOSITORY)}:{number}"
        for path in python_files("tests")
        if path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if forbidden.search(line)
    ]
    assert found == []


def test_tests_when_they_set_an_attribute_then_there_is_a_reason_in_the_table() -> None:
    setting = {
        str(path.relative_to(REPOSITORY))
        for path in python_files("tests")
        if path != Path(__file__) and "monkeypatch.setattr" in path.read_text()
    }
    assert setting <= set(SETTING_TESTS)


def test_test_names_when_listed_then_they_tell_a_story() -> None:
    unclear = [
        f"{path.relative_to(REPOSITORY)}: {name}"
        for path in python_files("tests")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
        if "_then_" not in name
    ]
    assert unclear == []


def test_tas_server_when_it_starts_then_what_only_the_roster_needs_is_not_imported() -> None:
    code = """
import sys
from pathlib import Path
from growth_admin.rooms import build_rooms
from growth_admin.settings import Settings
build_rooms(Settings(Path("/proc/none"), Path("/proc/none"), "tess", areas=("datasets",)))
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
    assert not {"github", "openpyxl"} & set(run_python(code).split())
