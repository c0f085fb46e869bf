"""The lists of packages over HTTP, through the client and in a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from growth_admin.cli import main
from growth_admin.core.errors import ConfirmationNeeded, NotConfigured, StalePlan
from growth_admin.images.packages.models import PackageChange
from tests.console import Console, running_console
from tests.images.package_index import Index, running_index

PIP = "# What the notebooks import.\nstars==1.0\n"


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with running_index() as started:
        started.add("stars", "1.0")
        started.add("stars", "1.1")
        started.add("maths", "2.1")
        yield started


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, index: Index) -> Iterator[Console]:
    root = tmp_path_factory.mktemp("console")
    settings = (f"--ImageSource.index_url={index.simple}", "--ImageSource.python_version=3.13")
    with running_console(root, "--GrowthAdmin.standalone=True", *settings) as started:
        yield started


@pytest.fixture(autouse=True)
def source(console: Console) -> Path:
    folder = console.root / "admin" / "image"
    (folder / "packages").mkdir(parents=True, exist_ok=True)
    (folder / "packages" / "pip.txt").write_text(PIP)
    (folder / "Dockerfile").write_text("FROM debian:12\n")
    return folder


def test_package_when_added_and_taken_back_over_http_then_the_trail_has_both(
    console: Console, source: Path
) -> None:
    packages = console.client.images.packages
    assert [one.name for one in packages.get_lists().packages] == ["stars"]
    assert packages.list_versions("maths").newest == "2.1"
    assert packages.check().packages[0].state == "outdated"
    plan = packages.plan([PackageChange(verb="add", name="maths")])
    done = packages.save(plan, reason="for Tuesday")
    assert (source / "packages" / "pip.txt").read_text() == PIP + "maths==2.1\n"
    undo = done.receipt.undo
    assert undo is not None
    assert console.ask(undo.method, undo.path, json=undo.body).status_code == 201
    assert (source / "packages" / "pip.txt").read_text() == PIP
    newest, before = packages.get_history().revisions[:2]
    assert (newest.origin, before.origin) == ("restored", "saved")
    assert packages.get_revision(before.number).texts["pip"].endswith("maths==2.1\n")
    entries = console.client.audit.list_entries(area="images").entries
    kept = [entry for entry in entries if entry.permission == "images.packages:write"]
    assert [entry.result for entry in kept[:2]] == ["done", "done"]
    assert "for Tuesday" in kept[1].detail


def test_plan_when_a_build_would_fail_then_the_client_raises_what_the_manager_raised(
    console: Console,
) -> None:
    packages = console.client.images.packages
    plan = packages.plan([PackageChange(verb="add", name="ghost", version="1")])
    assert plan.needs_override
    with pytest.raises(ConfirmationNeeded) as refused:
        packages.save(plan, reason="x")
    assert "ghost" in refused.value.detail
    with pytest.raises(StalePlan):
        packages.save(plan.model_copy(update={"id": "0" * 16}), reason="x", override_reason="y")


def test_packages_when_there_is_no_source_then_what_is_missing_is_said(
    console: Console, source: Path
) -> None:
    (source / "Dockerfile").unlink()
    with pytest.raises(NotConfigured):
        console.client.images.packages.get_lists()
    missing = console.ask("GET", "me").json()["missing"]
    assert any("image's source" in row["what"] for row in missing)


def test_terminal_when_asked_then_packages_are_listed_added_checked_and_restored(
    console: Console,
    source: Path,
    index: Index,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GROWTH_ADMIN_ROOT", str(console.root / "admin"))
    monkeypatch.setenv("GROWTH_SHARED_ROOT", str(console.root / "nfs"))
    settings = (f"--ImageSource.index_url={index.simple}", "--ImageSource.python_version=3.13")

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["images", "packages", *words, *settings])
        out, err = capsys.readouterr()
        return code, out, err

    code, out, _ = run("list")
    assert code == 0 and "stars ==1.0" in out
    code, out, err = run("add", "maths")
    assert code == 1 and "reason" in err
    assert run("add", "maths", "--plan")[1].count("+maths==2.1") == 1
    code, out, err = run("add", "maths=2.1", "--reason", "for Tuesday")
    assert code == 0 and "to take it back" in out, err
    number = json.loads(run("history", "--json")[1])["revisions"][0]["number"]
    assert "+maths==2.1" in run("show", str(number))[1]
    assert run("pin", "stars", "--reason", "newer")[0] == 0
    assert "stars==1.1" in (source / "packages" / "pip.txt").read_text()
    code, _, err = run("pin", "stars", "--reason", "once more")
    assert (code, "Nothing would change." in err, "valid" in err) == (1, True, False), err
    assert run("check")[0] == 0
    code, _, err = run("add", "ghost==3", "--reason", "x")
    assert code == 1 and "would fail" in err
    assert run("remove", "maths", "--reason", "no more")[0] == 0
    assert run("restore", str(number - 1), "--reason", "as it was")[0] == 0
    assert (source / "packages" / "pip.txt").read_text() == PIP
    text = console.root / "new.txt"
    text.write_text(PIP + "# more\n")
    assert run("write", "pip", str(text), "--reason", "a remark")[0] == 0
    assert (source / "packages" / "pip.txt").read_text() == PIP + "# more\n"
    assert "1.1" in run("versions", "stars")[1]
