"""The last resort: no namespaces. The script's text and environment are moved to another root."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from growth_admin.startup.lint import lint_text
from growth_admin.startup.lint.places import is_home, normal
from growth_admin.startup.rehearsal.sample import STUDENT_ID, walked
from growth_admin.startup.rehearsal.stage import Stage

_CONFINED = Path(__file__).with_name("confined.py")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty")
_KILLS = re.compile(r"\b(kill|killall|pkill|skill|fuser)\b")
_PROFILE = (
    '(version 1)(allow default)(deny file-write*)(allow file-write* (subpath "{work}")'
    ' (subpath "/dev"))(deny signal (target others))'
)


@cache
def confinement() -> frozenset[str]:
    """Return what can be forbidden here, outside the root: ``writes``, ``signals``, ``modes``."""
    if sys.platform == "darwin" and shutil.which("sandbox-exec"):
        return frozenset(("writes", "signals", "modes"))
    answer = subprocess.run(
        [sys.executable, "-I", "-S", str(_CONFINED), "probe"],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    return frozenset(answer.stdout.split())


def why_not(scripts: Mapping[str, bytes], *, is_root: bool) -> str:
    """Return why the scripts must not run without a real sandbox; empty if they may.

    Root becomes an unused id first, so nothing real is its own to delete or kill.
    """
    can = confinement()
    if is_root:
        return ""
    for name, text in scripts.items():
        if "signals" not in can and _KILLS.search(text.decode("utf-8", "replace")):
            return f"{name} kills processes, and this machine cannot keep it away from yours."
        if "modes" not in can and _changes_modes(text):
            return (
                f"{name} changes the mode or owner of files that may lie outside the throw-away"
                " home, and this machine cannot forbid that."
            )
        if "writes" not in can and lint_text(text, name=name).has_errors:
            return f"The lint has errors for {name}, and this machine has no sandbox to try it in."
    return ""


def _changes_modes(text: bytes) -> bool:
    """Return whether the script may change modes outside its home (Landlock allows that)."""
    for call in walked(text).calls:
        if call.name not in {"chmod", "chown", "chgrp", "setfacl", "chattr", "touch"}:
            continue
        for word in call.operands[1:] if call.name != "touch" else call.operands:
            paths = [normal(value, call.cwd) for value in word.values]
            if ".." in word.raw or not all(is_home(p) or p.startswith("/tmp/") for p in paths):
                return True
            if any(value in {"/", "/home"} for value in word.values):
                return True
    return False


def confined_command(command: list[str], stage: Stage) -> list[str]:
    """Return the command under the strongest confinement there is."""
    if sys.platform == "darwin":
        if "writes" not in confinement():
            return command
        return ["sandbox-exec", "-p", _PROFILE.format(work=stage.work.resolve()), *command]
    folders = [str(stage.home.parent), str(stage.work / "tmp"), *_devices()]
    launcher = [sys.executable, "-I", "-S", str(_CONFINED), "run", str(STUDENT_ID)]
    return [*launcher, *folders, "--", *command]


def _devices() -> list[str]:
    return [name for name in _DEVICES if Path(name).exists()]
