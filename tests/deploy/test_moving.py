"""A re-created school of 2020 is taken over on a real disk, interrupted, and given back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from growth_admin.cli import main
from growth_admin.core.paths import Paths
from growth_admin.deploy.kubernetes.folders import Shares, check_folders
from growth_admin.startup.manager import ScriptManager
from tests.deploy.old_school import AS_ROOT, AS_USER, PEOPLE, OldSchool, snapshot
from tests.deploy.test_folders import ADMIN, STUDENT, TA, may_create

RECORD = ".growth-admin-move"
Command = Callable[..., int]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may pass."""
    assert os.geteuid() == 0, "only root can move a school"
    with tempfile.TemporaryDirectory(prefix="growth-moving-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def school(folder: Path) -> OldSchool:
    """The old school, small."""
    return OldSchool(folder).make()


def words(school: OldSchool, *more: str) -> list[str]:
    """The command line of the move."""
    roots = (("admin_root", school.admin), ("shared_root", school.shared))
    options = [f"--GrowthAdmin.{name}={path}" for name, path in roots]
    return ["deploy", "move", *more, *options]


def plan_id(school: OldSchool, capsys: pytest.CaptureFixture[str]) -> str:
    """The id of the plan as it is now."""
    assert main(words(school, "--json")) == 0
    return str(json.loads(capsys.readouterr().out)["id"])


def read_json(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return dict(json.loads(capsys.readouterr().out))


def moved(school: OldSchool, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Move the school and return what is said of it."""
    code = main(words(school, "--json", "--apply", plan_id(school, capsys)))
    done = read_json(capsys)
    assert (code, done["surprises"]) == (0, []), done
    return done


def test_plan_when_shown_then_nothing_is_touched_and_what_matters_is_said(
    school: OldSchool, capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(school.admin, school.shared, without="")
    assert main(words(school)) == 0
    said = capsys.readouterr().out
    assert snapshot(school.admin, school.shared, without="") == before
    for sentence in (
        "as-root.sh has no first line #!",
        "closed to the own group",
        "setuid",
        "sudoers.d are left",
        "pipe, socket or device",
        "Everybody may write in 1 folder",
        "no content, no name, no owner",
        "growth-admin deploy move --apply ",
    ):
        assert sentence in said, said


def test_move_when_applied_then_content_and_owners_stay_and_the_walls_stand(
    school: OldSchool, capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(school.admin, school.shared)
    moved(school, capsys)
    after = snapshot(school.admin, school.shared)
    for path, (mode, uid, _, mtime, content) in before.items():
        now = after[path]
        is_folder = stat.S_ISDIR(int(mode, 8))
        assert (now[1], now[4]) == (uid, content), path
        assert is_folder or now[3] == mtime, path
    shares = Shares(school.admin, school.shared)
    bad = [c for c in check_folders(shares) if not c.is_good and not c.name.startswith("disk of")]
    assert bad == []
    y, n = "yes", "no"
    places = [school.admin, school.admin / "start", school.admin / "logs", school.shared / "data"]
    places += [school.shared, school.shared / "bin", school.shared / "photometry" / "night-1"]
    assert may_create(STUDENT, *places) == [n, n, n, n, n, n, n]
    assert may_create(TA, *places) == [n, n, n, y, n, n, n]
    assert may_create(ADMIN, *places) == [y, y, y, y, n, y, y]


def test_move_when_applied_then_what_was_closed_or_is_not_ours_stays_as_it_is(
    school: OldSchool, capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(school.admin, school.shared)
    moved(school, capsys)
    after = snapshot(school.admin, school.shared)
    admin, shared = school.admin, school.shared
    untouched = [
        *(admin / ".ssh", admin / ".ssh" / "id_rsa", admin / ".bash_history", admin / "to-nfs"),
        *(admin / "etc" / "sudoers.d", admin / "etc" / "sudoers.d" / "00-admins-group"),
        *(shared / "bin" / "old-tool", shared / "misc" / "pipe", shared / "misc" / "nothing"),
        *(shared / "photometry" / "latest", shared / "photometry" / "dangling"),
    ]
    assert [p for p in untouched if before[str(p)] != after[str(p)]] == []
    two = [(shared / name).stat() for name in ("bin/ds9put", "data/ds9put-too")]
    assert two[0].st_ino == two[1].st_ino and two[0].st_gid == 3001
    log = (admin / "logs" / "UPPER-as-user.log").stat()
    assert (log.st_uid, log.st_gid, stat.S_IMODE(log.st_mode)) == (999, 3001, 0o660)


def test_move_when_applied_then_both_scripts_begin_a_history_as_they_stand(
    school: OldSchool, capsys: pytest.CaptureFixture[str]
) -> None:
    moved(school, capsys)
    scripts = ScriptManager(Paths(school.admin, school.shared))
    for name, text in (("as-root.sh", AS_ROOT), ("as-user.sh", AS_USER)):
        script = scripts.get_script(name)
        assert (script.live_revision, script.is_executable, script.problem) == (1, True, "")
        assert scripts.store(name).get_text(script.live_sha256) == text
        (revision,) = scripts.get_history(name).revisions
        assert revision.origin == "initial"
    history = school.admin / ".growth-admin" / "startup"
    groups = {path.stat().st_gid for path in history.rglob("*")}
    assert groups == {3001}, "organisers could not go on with it"


def test_move_when_applied_then_people_are_known_by_their_numbers(
    school: OldSchool, capsys: pytest.CaptureFixture[str]
) -> None:
    done = moved(school, capsys)
    names = json.loads((school.admin / RECORD / "growth-names.json").read_text())
    # who claims another's number is told and decided by hand, and so is whose number it is
    sure = {str(n): login.lower() for login, n in PEOPLE.items() if login != "UPPER"}
    assert names == sure
    assert sum("decide by hand" in said for said in done["told"]) == 2
    # whose number is one of those that images use themselves gets another: that home is not theirs
    (renumbered,) = [said for said in done["told"] if "files belong to" in said]
    assert "early's files belong to 583 " in renumbered
    assert "`chown -Rh --from=583 2000000583 .`" in renumbered


def test_plan_when_the_exports_are_not_here_then_told_where_to_run_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(OldSchool(folder / "nowhere"))) == 1
    said = capsys.readouterr().err
    assert (
        "does not exist" in said and "growth-move" in said and "--GrowthAdmin.shared_root" in said
    )


def test_move_when_taken_back_then_the_tree_is_what_it_was_to_the_last_bit(
    school: OldSchool, capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(school.admin, school.shared)
    for _ in range(2):  # and it may be moved again
        moved(school, capsys)
        assert snapshot(school.admin, school.shared) != before
        assert main(words(school, "--json", "--undo")) == 0
        assert read_json(capsys)["surprises"] == []
        assert snapshot(school.admin, school.shared) == before
    assert main(words(school, "--undo")) == 1
    assert "no move here" in capsys.readouterr().err


def test_undo_when_the_school_has_gone_on_then_nothing_that_came_since_is_lost(
    school: OldSchool, capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(school.admin, school.shared)
    moved(school, capsys)
    (school.admin / "logs" / "new-as-user.log").write_text("new")
    (school.shared / ".growth-admin" / "receipts" / "new.json").write_text("{}")
    (school.shared / "data" / "catalogue" / "new.csv").write_text("1")
    script = school.admin / "start" / "as-user.sh"
    script.write_bytes(b"#!/bin/bash\necho edited\n")
    code = main(words(school, "--json", "--undo"))
    done = read_json(capsys)
    assert code == 1, "an edited script is no longer what the old school had, and that is said"
    assert [s for s in done["surprises"] if "as-user.sh" in s] == done["surprises"]
    assert script.read_bytes() == b"#!/bin/bash\necho edited\n"
    assert (school.admin / "logs" / "new-as-user.log").read_text() == "new"
    aside = school.shared / ".growth-admin-undone-1"
    assert (aside / "receipts" / "new.json").exists() and str(aside) in str(done["told"])
    kept = school.admin / RECORD / "undone-1" / "startup" / "revisions" / "as-user.sh" / "texts"
    assert AS_USER in [text.read_bytes() for text in kept.iterdir()]
    after = snapshot(school.admin, school.shared)
    modes = {path: what[:3] for path, what in after.items() if path in before}
    assert modes == {path: what[:3] for path, what in before.items()}


# ---- killed in the middle


def run_until(school: OldSchool, reached: Callable[[], bool], *more: str) -> bool:
    """Run the command and kill it, as a node does that dies, when something is reached.

    Return whether it was killed: on a busy machine it may have ended a moment before.
    """
    command = [sys.executable, "-m", "growth_admin.cli", *words(school, *more)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 300
    try:
        while not reached():
            if process.poll() is not None:
                break
            assert time.monotonic() < deadline
    finally:
        process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def moment(school: OldSchool, name: str) -> Callable[[], bool]:
    """When to kill: while everything is read, or after so many changes."""
    record = school.admin / RECORD
    if name == "reading":
        return lambda: any((record / f"before.jsonl{part}").exists() for part in (".part", ""))
    if name == "first-changes":
        return lambda: (school.admin / "logs").stat().st_gid == 3001
    if name == "many-changes":
        middle = school.shared / "photometry" / "night-3" / "part-00003.fits"
        return lambda: middle.stat().st_gid == 3001
    return lambda: (record / "after.jsonl.part").exists()


MOMENTS = ("reading", "first-changes", "many-changes", "comparing")


@pytest.mark.parametrize("when", MOMENTS)
def test_move_when_killed_then_it_goes_on_and_comes_back(
    folder: Path, when: str, capsys: pytest.CaptureFixture[str]
) -> None:
    school = OldSchool(folder).make(files=1500)
    before = snapshot(school.admin, school.shared)
    first = plan_id(school, capsys)
    if run_until(school, moment(school, when), "--apply", first):
        assert main(words(school, "--json", "--apply", first)) == 0
        assert read_json(capsys)["surprises"] == []
    else:
        assert when == "comparing", "it ended before it could be killed"
    assert (school.admin / "start").stat().st_gid == 3001
    assert main(words(school, "--json", "--undo")) == 0
    assert snapshot(school.admin, school.shared) == before


@pytest.mark.parametrize("when", MOMENTS[1:])
def test_undo_when_the_move_was_killed_and_the_undo_too_then_the_tree_is_as_before(
    folder: Path, when: str, capsys: pytest.CaptureFixture[str]
) -> None:
    school = OldSchool(folder).make(files=1500)
    before = snapshot(school.admin, school.shared)
    killed = run_until(school, moment(school, when), "--apply", plan_id(school, capsys))
    assert killed or when == "comparing"
    assert main(words(school, "--apply", "0" * 16)) == 1
    assert "--undo" in capsys.readouterr().err
    middle = school.shared / "photometry" / "night-1" / "part-00001.fits"  # the last is first
    assert run_until(school, lambda: middle.stat().st_gid == 996, "--undo")
    assert main(words(school, "--json", "--undo")) == 0, capsys.readouterr().out
    assert snapshot(school.admin, school.shared) == before


# ---- others at work


def test_apply_when_something_changed_since_the_plan_then_refused_and_nothing_done(
    school: OldSchool, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = plan_id(school, capsys)
    (school.shared / "misc" / "DS9.desktop").chmod(0o600)
    before = snapshot(school.admin, school.shared)
    assert main(words(school, "--apply", shown)) == 1
    assert "has changed" in capsys.readouterr().err
    assert snapshot(school.admin, school.shared) == before


def test_apply_when_moved_already_then_refused(
    school: OldSchool, capsys: pytest.CaptureFixture[str]
) -> None:
    done = moved(school, capsys)
    assert main(words(school, "--apply", done["plan_id"])) == 1
    assert "was moved" in capsys.readouterr().err
    assert main(words(school)) == 0
    assert "A move is applied here" in capsys.readouterr().out


def test_undo_when_somebody_set_a_mode_since_then_that_is_left_and_told(
    school: OldSchool, capsys: pytest.CaptureFixture[str]
) -> None:
    moved(school, capsys)
    file = school.shared / "misc" / "DS9.desktop"
    file.chmod(0o604)
    assert main(words(school, "--json", "--undo")) == 1
    done = read_json(capsys)
    assert "DS9.desktop" in str(done["told"]) and stat.S_IMODE(file.stat().st_mode) == 0o604


def test_apply_when_a_folder_became_a_link_then_nothing_beyond_it_is_touched(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody swaps a folder for a link to another while the move, as root, is at work."""
    school = OldSchool(folder).make(files=1500)
    victim = folder / "victim"
    shutil.copytree(school.shared / "photometry" / "night-6", victim)
    before = snapshot(victim)
    shown = plan_id(school, capsys)
    assert run_until(school, moment(school, "first-changes"), "--apply", shown)
    night = school.shared / "photometry" / "night-6"
    night.rename(night.with_name("night-6-real"))
    night.symlink_to(victim)
    assert main(words(school, "--json", "--apply", shown)) == 1
    assert "something else by now" in str(read_json(capsys)["told"])
    assert snapshot(victim) == before


def test_plan_when_a_place_is_taken_by_something_else_then_told_and_not_moved(
    school: OldSchool, capsys: pytest.CaptureFixture[str]
) -> None:
    (school.admin / "logs").rename(school.admin / "real-logs")
    (school.admin / "logs").symlink_to("real-logs")
    assert main(words(school, "--json")) == 1
    shown = read_json(capsys)
    assert "logs is a link, not a folder" in shown["blockers"][0]
    before = snapshot(school.admin, school.shared)
    assert main(words(school, "--apply", shown["id"])) == 1
    assert "Rename it" in capsys.readouterr().err
    assert snapshot(school.admin, school.shared) == before


def test_move_when_not_root_then_refused_with_where_to_run_it(
    school: OldSchool, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = plan_id(school, capsys)
    os.seteuid(50_003)
    try:
        assert main(words(school, "--apply", shown)) == 1
    finally:
        os.seteuid(0)
    assert "Only root can move a school" in capsys.readouterr().err


def test_apply_when_root_may_not_change_owners_then_told_what_to_export_and_it_goes_on(
    school: OldSchool, capsys: pytest.CaptureFixture[str]
) -> None:
    """As on an export with root_squash: root without the right to give files away."""
    before = snapshot(school.admin, school.shared)
    shown = plan_id(school, capsys)
    command = [sys.executable, "-m", "growth_admin.cli", *words(school, "--apply", shown)]
    (school.admin / RECORD).mkdir()
    os.utime(school.admin, ns=(before[str(school.admin)][3],) * 2)
    squashed = ["setpriv", "--bounding-set=-chown,-fowner", *command]
    done = subprocess.run(squashed, capture_output=True, text=True)
    assert done.returncode == 1 and "no_root_squash" in done.stderr, done.stderr
    assert snapshot(school.admin, school.shared)[str(school.admin / "start")][1] == 999
    assert main(words(school, "--json", "--apply", shown)) == 0
    assert read_json(capsys)["surprises"] == []
    assert main(words(school, "--json", "--undo")) == 0
    assert snapshot(school.admin, school.shared) == before


# ---- copies


def test_inventory_when_the_tree_was_copied_then_every_difference_is_found(
    school: OldSchool, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lists = folder / "old.jsonl"
    assert main(words(school, "--inventory", str(lists))) == 0
    copy = OldSchool(folder / "copy")
    (folder / "copy").mkdir()
    for old, new in ((school.admin, copy.admin), (school.shared, copy.shared)):
        subprocess.run(["cp", "-a", str(old), str(new)], check=True)
    capsys.readouterr()
    assert main(words(copy, "--compare", str(lists), "--json")) == 0, capsys.readouterr().out
    (copy.shared / "bin" / "ds9put").write_bytes(b"#!/bin/zz\n")
    (copy.admin / "start" / "as-root.sh").unlink()
    (copy.shared / "extra").touch()
    os.chown(copy.shared / "misc" / "DS9.desktop", 0, 0)
    capsys.readouterr()
    assert main(words(copy, "--compare", str(lists))) == 1
    said = capsys.readouterr().out
    for sentence in ("start/as-root.sh is missing", "its content changed", "extra is new"):
        assert sentence in said
    assert "owner 999:996 became 0:0" in said
    assert main(words(copy, "--compare", str(copy.shared / "bin" / "ds9put"))) == 1
    assert "is not an inventory" in capsys.readouterr().err
