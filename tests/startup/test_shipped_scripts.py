"""The scripts that a school begins with: any number of starts, and no student's work is touched."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from chain_world import STARTUP, Started, World, modes

RECEIPT = ".local/share/growth-admin/datasets.json"
SHELL_FILES = sorted(
    [
        *STARTUP.glob("*.sh"),
        *STARTUP.glob("before-notebook.d/*.sh"),
        *(STARTUP.parent / "growth_admin" / "deploy" / "chain").glob("*.sh"),
    ]
)


@pytest.fixture(params=modes())
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """A school with the shipped scripts and one dataset."""
    made = World(tmp_path / "w", mode=request.param)
    for name in ("as-root.sh", "as-user.sh"):
        shutil.copy2(STARTUP / name, made.admin / "start" / name)
    (made.root / "nfs" / "data" / "stars").mkdir(parents=True)
    (made.root / "nfs" / "data" / "stars" / "catalogue.csv").write_text("a,b\n")
    if made.mode == "root":  # each container has its own home folder: keep this one
        made.commands.append("mkdir -p /home/jane-doe")
        made.commands.append("mount --bind /mnt/home /home/jane-doe")
        made.commands.append("chown -R 5001:100 /home/jane-doe")
    return made


def _shared(world: World) -> str:
    return "/mnt/nfs" if world.mode == "root" else f"{world.inner}/nfs"


def _home(world: World) -> dict[str, str]:
    """Every file and link of the home, with its content; of the receipt all but its time."""
    home = world.root / "home"
    found = {
        str(path.relative_to(home)): str(path.readlink()) if path.is_symlink() else path.read_text()
        for path in home.rglob("*")
        if path.is_symlink() or path.is_file()
    }
    if RECEIPT in found:
        found[RECEIPT] = re.sub(r'"time": "[^"]*"', "", found[RECEIPT])
    return found


def _assert_ok(started: Started) -> None:
    assert started.record["state"] == "ok", started.record


def test_shipped_when_started_four_times_then_the_home_is_the_same_as_after_one(
    world: World,
) -> None:
    _assert_ok(world.start())
    once = _home(world)
    for _ in range(3):
        _assert_ok(world.start())
    assert _home(world) == once
    assert once["data/stars"] == f"{_shared(world)}/data/stars"
    (entry,) = json.loads(once[RECEIPT].replace(", ,", ","))["datasets"]
    assert (entry["name"], entry["delivery"], entry["state"]) == ("stars", "link", "current")


def test_shipped_when_a_shell_starts_then_the_tools_are_last_on_path_once(world: World) -> None:
    world.start()
    world.start()
    bashrc = (world.root / "home" / ".bashrc").read_text()
    shown = subprocess.run(
        ["bash", "-c", f"{bashrc}\n{bashrc}\necho $PATH"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.strip() == f"/usr/bin:/bin:{_shared(world)}/bin"


def test_shipped_when_the_student_has_files_of_that_name_then_they_stay(world: World) -> None:
    home = world.root / "home"
    (home / "data").mkdir()
    (home / "data" / "stars").write_text("my own stars")
    (home / "data" / "mine").symlink_to("/somewhere/else")
    (home / ".bashrc").write_text("alias ll='ls -l'")
    (home / ".profile").write_text("# mine\n")
    _assert_ok(world.start())
    after = _home(world)
    assert after["data/stars"] == "my own stars"
    assert after["data/mine"] == "/somewhere/else"
    assert after[".bashrc"].startswith("alias ll='ls -l'\n")
    assert after[".profile"] == "# mine\n"


def test_shipped_when_a_dataset_is_withdrawn_then_only_its_link_goes(world: World) -> None:
    world.start()
    shutil.rmtree(world.root / "nfs" / "data" / "stars")
    (world.root / "nfs" / "data" / "galaxies").mkdir()
    _assert_ok(world.start())
    assert sorted(path.name for path in (world.root / "home" / "data").iterdir()) == ["galaxies"]


def test_shipped_when_the_repository_cannot_be_pulled_then_the_other_steps_are_done(
    world: World,
) -> None:
    script = world.admin / "start" / "as-user.sh"
    text = script.read_text()
    world.write("as-user.sh", text.replace('_REPOSITORY=""', '_REPOSITORY="https://example.org/x"'))
    told = world.start().script("as-user.sh")
    assert (told["state"], told["exit_code"]) == ("failed", 1)
    assert "datasets: ok" in world.log_text("as-user")
    assert "nbgitpuller is not in this image" in world.log_text("as-user")


def test_shipped_when_sudo_rules_are_there_then_only_sound_ones_count(world: World) -> None:
    rules = world.admin / "etc" / "sudoers.d"
    rules.mkdir(parents=True)
    (rules / "00-admins").write_text("admin ALL=(ALL) NOPASSWD: /usr/bin/true\n")
    (rules / "10-typo").write_text("this is no rule\n")
    (rules / "20-harmful").write_text("root ALL=(ALL) !ALL\nDefaults:root requiretty\n")
    started = world.start()
    assert started.is_up
    if world.mode == "root":
        log = world.log_text("as-root")
        assert "00-admins: installed" in log
        assert "10-typo: visudo refuses it" in log
        assert "20-harmful: with it no server could start" in log


@pytest.mark.parametrize("path", SHELL_FILES, ids=lambda path: path.name)
def test_shell_when_checked_then_shellcheck_finds_nothing(path: Path) -> None:
    assert subprocess.run(["bash", "-n", str(path)]).returncode == 0
    checked = subprocess.run(
        [str(Path(sys.executable).parent / "shellcheck"), "-x", str(path)],
        cwd=STARTUP.parent,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout
