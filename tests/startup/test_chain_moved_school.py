"""The scripts of an old school, as they stand, under the real chain before and after its move."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from chain_world import World

from growth_admin.deploy.kubernetes.folders import Shares
from growth_admin.deploy.moving.applying import Mover
from growth_admin.deploy.moving.planning import plan_move
from tests.deploy.old_school import OldSchool

HOOK_OF_2020 = """
log_dir=/home/admin/logs
mkdir -p $log_dir
for who in root user; do
    if [ -f /home/admin/start/as-$who.sh ]; then
        log_file=$log_dir/$NB_USER-as-$who.log
        touch $log_file
        run_as=root; [ $who = root ] || run_as=$NB_USER
        sudo -E -H -u $run_as /home/admin/start/as-$who.sh | tee $log_file
        chown admin:admin $log_file
        chmod o-rwx $log_file
    fi
done
"""


class MovedWorld(World):
    """A world whose owners, groups and modes stay as the old school and its move left them."""

    def _give_away(self) -> None:
        (self.root / "result").chmod(0o777)


def world_of(folder: Path, user: str) -> tuple[MovedWorld, OldSchool]:
    """The old school's folders, in the world that the chain sees as /home/admin and /nfs."""
    assert os.geteuid() == 0, "a start as root, on the old school's own files"
    world = MovedWorld(folder, user=user)
    return world, OldSchool(world.root).make()


def before_the_move(world: MovedWorld) -> None:
    world.hooks = world.root / "hooks"
    world.hooks.mkdir()
    (world.hooks / "start-scripts.sh").write_text(HOOK_OF_2020)


@pytest.mark.parametrize("era", ["old", "new"])
@pytest.mark.parametrize("login", ["Jane-Doe", "UPPER", "1st-year"])
def test_start_when_the_school_was_moved_then_its_scripts_do_what_they_did(
    tmp_path: Path, login: str, era: str
) -> None:
    old, _ = world_of(tmp_path / "old", login)
    before_the_move(old)
    assert old.start(era).is_up
    printed = old.log_text("as-user")
    assert "running as: uid=5001" in printed

    world, school = world_of(tmp_path / "new", login.lower())
    shares = Shares(school.admin, school.shared)
    done = Mover(shares).apply(plan_move(shares).plan.id)
    assert done.surprises == ()
    started = world.start(era)
    assert started.is_up, started.log
    record = started.record
    assert [script["state"] for script in record["scripts"]] == ["ok", "ok"], record
    for line in printed.replace(login, login.lower()).splitlines():
        if line != "in path":  # the old script was run by a shell of another PATH
            assert line in world.log_text("as-user"), started.log
    log = (school.admin / "logs" / f"{login.lower()}-as-user.log").stat()
    assert (log.st_uid, log.st_gid) == (999, 3001), "logs belong to admin, and organisers read them"
    assert stat.S_IMODE(log.st_mode) == 0o640


def test_start_when_the_move_was_taken_back_then_the_old_hook_goes_on(tmp_path: Path) -> None:
    world, school = world_of(tmp_path / "w", "Jane-Doe")
    shares = Shares(school.admin, school.shared)
    Mover(shares).apply(plan_move(shares).plan.id)
    assert world.start().is_up
    done = Mover(shares).undo()
    assert not [said for said in done.surprises if "logs/" not in said]
    before_the_move(world)
    assert world.start().is_up
    assert "running as: uid=5001" in world.log_text("as-user")
