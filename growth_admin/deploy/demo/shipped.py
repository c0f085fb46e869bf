"""Finds what ships beside the package: start scripts, runbooks, the start chain."""

import os
import subprocess
from pathlib import Path

from growth_admin.deploy.demo.folder import DemoFolder
from growth_admin.deploy.demo.problems import CannotStart

DEPLOY = Path(__file__).parents[1]
CHECKOUT = DEPLOY.parents[1]
QUICK = DEPLOY / "demo" / "quick"  # first on the import path: what is left out to start quickly
PLAIN_UID = 1000
NO_NAMESPACES = (
    "As root the demo needs user namespaces, and there are none. Run it as a plain user."
)


def shipped(name: str) -> Path | None:
    """The folder `startup`, `admin-notebooks` or `image`: inside the wheel, or of the checkout.

    `image` is in the checkout only.
    """
    for place in (DEPLOY / name, CHECKOUT / name):
        if place.is_dir():
            return place
    return None


def chain_start() -> list[str]:
    """The command that runs the start chain and then the words after it."""
    return ["/bin/bash", str(DEPLOY / "chain" / "start-singleuser.sh")]


def as_plain_user() -> list[str]:
    """What comes before a command so that it runs as a plain user, even when root runs the demo.

    As root the chain would make accounts and groups on this machine, and a start script could do
    anything to it. In a user namespace root's files are the plain user's, and nothing else is.
    """
    if os.geteuid() != 0:
        return []
    return ["unshare", "--user", f"--map-user={PLAIN_UID}", f"--map-group={PLAIN_UID}", "--"]


def check_plain_user() -> None:
    """Raises CannotStart when root runs the demo where there are no user namespaces."""
    command = [*as_plain_user(), "true"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=10, check=False)
    except FileNotFoundError:
        raise CannotStart(NO_NAMESPACES) from None
    if done.returncode != 0:
        raise CannotStart(NO_NAMESPACES)


def chain_environment(folder: DemoFolder) -> dict[str, str]:
    """What tells the chain that it runs in the demo's folder instead of a container."""
    startup = shipped("startup") or CHECKOUT / "startup"
    return {
        "GROWTH_HOOKS_DIR": str(startup / "before-notebook.d"),
        "GROWTH_CHAIN_LIB": str(startup / "lib"),
        "GROWTH_ADMIN_ROOT": str(folder.admin),
        "GROWTH_SHARED_ROOT": str(folder.shared),
    }
