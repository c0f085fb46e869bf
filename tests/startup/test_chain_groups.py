"""The groups that the hub asks for: in the server, and in as-user.sh; and what may go wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from chain_world import Started, World, modes


def _start(tmp_path: Path, commands: list[str], **environ: str) -> tuple[World, Started]:
    world = World(tmp_path / "w", mode=modes()[0], commands=commands, environ=environ)
    world.write("as-user.sh", "#!/bin/bash\nid -G\n")
    return world, world.start()


def _expects(started: Started, *groups: str) -> None:
    """As root the groups are there; a plain user keeps what the spawner gave, and starts."""
    assert started.is_up
    if os.geteuid() == 0:
        assert set(started.snapshot["groups"].split()) == {"100", *groups}


def test_groups_when_asked_for_then_server_and_user_script_have_them(tmp_path: Path) -> None:
    world, started = _start(tmp_path, [], GROWTH_DATA_GID="2000", GROWTH_ADMIN_GID="2001")
    _expects(started, "2000", "2001")
    if os.geteuid() == 0:
        assert {"2000", "2001"} <= set(world.log_text("as-user").split())
    assert started.record["notes"] == []


_TAKEN = "/usr/sbin/groupadd -g 2000 somebody"
_NAME_TAKEN = "/usr/sbin/groupadd -g 3000 growth-data"


@pytest.mark.parametrize("command", [_TAKEN, _NAME_TAKEN])
def test_groups_when_number_or_name_is_taken_then_the_number_counts(
    tmp_path: Path, command: str
) -> None:
    commands = [command] if os.geteuid() == 0 else []
    _, started = _start(tmp_path, commands, GROWTH_DATA_GID="2000")
    _expects(started, "2000")


def test_groups_when_the_hub_asks_nonsense_then_it_is_noted_and_the_rest_is_done(
    tmp_path: Path,
) -> None:
    _, started = _start(tmp_path, [], GROWTH_DATA_GID="0; id", GROWTH_ADMIN_GID="2001")
    _expects(started, "2001")
    if os.geteuid() == 0:
        assert "GROWTH_DATA_GID=0; id: not a group number" in started.record["notes"][0]


def test_groups_when_root_is_asked_for_then_refused(tmp_path: Path) -> None:
    _, started = _start(tmp_path, [], GROWTH_ADMIN_GID="0")
    _expects(started)


def test_groups_when_the_account_files_are_locked_then_noted_and_the_server_starts(
    tmp_path: Path,
) -> None:
    """The lock is made by as-root... of the start before: it lies there when the hook runs."""
    world = World(tmp_path / "w", mode=modes()[0], environ={"GROWTH_DATA_GID": "2000"})
    world.hooks = world.root / "hooks"
    world.hooks.mkdir()
    source = Path(__file__).parents[2] / "startup" / "before-notebook.d" / "50-growth.sh"
    (world.hooks / "50-growth.sh").write_text(source.read_text())
    (world.hooks / "10-lock.sh").write_text('[ "$(id -u)" -ne 0 ] || echo 1 >/etc/group.lock\n')
    started = world.start()
    _expects(started)
    if os.geteuid() == 0:
        assert "groupadd failed" in started.record["notes"][0]
