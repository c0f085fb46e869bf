"""The checks themselves are checked: hooks that are known to hurt must be noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from chain_world import World, find_differences, modes

SLACK_S = 6.0

# What schools had in 2020: scripts run by path, in the foreground, through tee.
_HOOK_OF_2020 = """
root="${GROWTH_ADMIN_ROOT:-/home/admin}"
for script in as-root as-user; do
    if [ -f "$root/start/$script.sh" ]; then
        "$root/start/$script.sh" | tee "$root/logs/$NB_USER-$script.log"
    fi
done
"""

HARMFUL = {
    "exits": ("exit 1", "both"),
    "fails": ("false", "old"),
    "fails-in-the-middle": ("false\ntrue", "old"),
    "leaves-nounset": ("set -u\nunset JUPYTER_DOCKER_STACKS_QUIET", "both"),
    "exports": ("export LEAK=1", "both"),
    "changes-folder": ("cd /", "both"),
    "changes-umask": ("umask 077", "both"),
    "ignores-a-signal": ("trap '' USR1", "both"),
    "kills-itself": ("kill -9 $$", "both"),
    "of-2020-with-a-script-that-hangs": (_HOOK_OF_2020, "both"),
}


def _bare(tmp_path: Path, like: World) -> World:
    """The same start without any hook."""
    world = World(tmp_path / "bare", mode=like.mode, environ=like.environ)
    world.hooks = world.root / "hooks"
    world.hooks.mkdir()
    return world


@pytest.mark.parametrize("era", ["old", "new"])
@pytest.mark.parametrize("name", sorted(HARMFUL))
def test_checks_when_a_hook_is_harmful_then_they_notice(
    tmp_path: Path, name: str, era: str
) -> None:
    text, harms = HARMFUL[name]
    world = World(tmp_path / "w", mode=modes()[0])
    bare = _bare(tmp_path, world).start(era)
    world.write("as-root.sh", "#!/bin/bash\nsleep 60\n")
    world.patience_s = 5 if "hangs" in name else world.patience_s
    world.hooks = world.root / "hooks"
    world.hooks.mkdir()
    (world.hooks / "50-harmful.sh").write_text(text)
    started = world.start(era)
    is_noticed = bool(find_differences(started, bare, SLACK_S))
    assert is_noticed == (harms in ("both", era))


@pytest.mark.parametrize("kind", ["killable", "unkillable"])
def test_checks_when_a_hook_touches_a_sick_mount_then_the_server_never_starts(
    tmp_path: Path, kind: str
) -> None:
    world = World(tmp_path / "w", mode=modes()[0])
    world.mount(kind, "start")
    world.hooks = world.root / "hooks"
    world.hooks.mkdir()
    (world.hooks / "50-harmful.sh").write_text(f'ls "{world.inner_admin}/start" || :\n')
    world.patience_s = 3
    assert not world.start().is_up


@pytest.mark.parametrize("name", ["a" * 33, "root"])
def test_chain_when_a_name_is_no_users_then_only_the_demo_goes_on(
    tmp_path: Path, name: str
) -> None:
    """useradd refuses it before any hook runs: that is why hub_config.py settles names."""
    mode = modes()[0]
    started = World(tmp_path / "w", mode=mode, user=name).start()
    assert started.is_up == (mode == "rerooted")
