"""A past for the new school: the real start chain, run once for a few students.

So that "what every start did" has something to show before anybody logs in, a failure included:
Zoë has a file where the start script wants to put a folder.
"""

import os
import shutil
import subprocess

from growth_admin.deploy.demo.folder import DemoFolder
from growth_admin.deploy.demo.shipped import as_plain_user, chain_environment, chain_start

WITH_A_PAST = ("liam-o-connor", "sofia-rossi-2009", "chen-wei", "kofi-mensah", "zoe-l")
WITH_A_FAILURE = "zoe-l"
IMAGE = "growth-school/notebook:2026.11"
LIMIT_S = 20


def make_past(folder: DemoFolder) -> None:
    """Run the start chain for some students, without a server at its end."""
    started = [_start(folder, name) for name in WITH_A_PAST]
    for process in started:
        try:
            process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _start(folder: DemoFolder, name: str) -> subprocess.Popen[bytes]:
    home = folder.homes / name
    home.mkdir(exist_ok=True)
    if name == WITH_A_FAILURE:
        (home / "data").write_text("my measurements\n", encoding="utf-8")
    env = {
        **chain_environment(folder),
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "NB_USER": name,
        "JUPYTERHUB_USER": name,
        "GROWTH_IMAGE": IMAGE,
    }
    return subprocess.Popen(
        [*as_plain_user(), *chain_start(), shutil.which("true") or "true"],
        env=env,
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
