"""`growth-admin demo`: from an installed environment to a running school, until Ctrl-C."""

import argparse
import errno
import importlib.util
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from growth_admin.deploy.demo.problems import CannotStart, Stopped

if TYPE_CHECKING:
    from growth_admin.deploy.demo.running import RunningSchool

IMAGE = "localhost/growth-demo:latest"
NEEDED_MODULES = ("jupyterhub", "oauthenticator", "jupyterlab", "psutil", "configurable_http_proxy")
BOT_TIMES = ("08:20",)
FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
WELCOME = """
The school is open:  {url}

  Log in with "GitHub" (a stand-in, no passwords) as
    Ada-Okafor    an organiser: start scripts, servers, runbooks in admin-notebooks/
    Priya-N       a teaching assistant
    Jane-Doe      a student
    mallory-k     somebody who is not in this school

  Try: as Ada, click School in the left sidebar, change a start script, rehearse it,
  try it on a canary, make it live. Then restart Jane's server and look at what that start did.

  As Priya or Ada, publish data from Google Drive (a stand-in); paste one of these links:
    {stars}
    {archives}

  As Ada, open the school day and let the bot student run: it logs in, starts a server, runs a
  cell, reads a dataset, and says how long each step took. It runs every day at 08:20 too.

  As Ada, open the roster: some students have not accepted their invitations to GitHub.

  {images}

  Everything lives in {root}
  Ctrl-C stops it; the next start goes on where this one ended; --reset forgets it all.
"""

WITH_IMAGES = """As Ada, open Images: promote 2026.11-r42, see who runs what, and roll back; under
  Packages add one by name, and see the difference before anything changes."""
IN_CONTAINERS = """Each server is a container of {image}. Its registry is not here,
  so the panel Images says what is missing; the runbooks are in /home/admin/admin-notebooks."""
WITHOUT_IMAGES = (
    "No registry for images: install Debian's package docker-registry, and start again."
)


class Signals:
    """Remembers that somebody wants the demo to stop, and waits for it."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked.set()

    def pause(self, seconds: float) -> None:
        """Wait. Raises Stopped as soon as somebody asks."""
        if self._asked.wait(seconds):
            raise Stopped


def main(argv: list[str] | None = None) -> int:
    """Run the demo; returns the exit code: 0 stopped, 1 cannot start or go on."""
    options = _parser().parse_args(argv)
    signals = Signals()
    try:
        if options.reset:
            _reset(options.root.absolute())
        else:
            _run(options, signals)
    except Stopped:
        print("\nStopped.", flush=True)
        return 0
    except CannotStart as problem:
        print(f"The demo cannot go on: {problem}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno not in FULL_DISK:
            raise
        print("The demo cannot go on: the disk is full. Make room and try again.", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="growth-admin demo", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(".demo"), help="folder (default .demo)")
    parser.add_argument("--port", type=_port, help="port of the school (default 8000)")
    parser.add_argument("--reset", action="store_true", help="delete the demo's folder, and end")
    parser.add_argument(
        "--spawner", choices=("process", "docker"), default="process",
        help="what each person's server is: a process, or a container (default process)",
    )  # fmt: skip
    parser.add_argument(
        "--source", choices=("folder", "github"), default="folder",
        help="where the image's source is: a folder, or a repository at the stand-in for GitHub, "
        "whose runs push to the demo's registry (default folder)",
    )  # fmt: skip
    parser.add_argument(
        "--image", default=IMAGE, help="image of the containers (default %(default)s)"
    )
    parser.add_argument("--check", action="store_true", help="open the school, then stop at once")
    return parser


def _port(text: str) -> int:
    """A port that a server can be asked to listen on. Raises ArgumentTypeError."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; choose one from 1024 to 65535")
    return int(text)


def _require_parts(image: str) -> None:
    """Raise CannotStart, with what to do, for what is missing here, and before anything is made."""
    missing = [name for name in NEEDED_MODULES if importlib.util.find_spec(name) is None]
    if missing:
        raise CannotStart(f"{', '.join(missing)} missing: pip install 'growth-admin[demo]'")
    from growth_admin.deploy.demo.docks import check_docker
    from growth_admin.deploy.demo.shipped import check_plain_user

    if image:
        check_docker(image)
    else:
        check_plain_user()


def _run(options: argparse.Namespace, signals: Signals) -> None:
    is_docker = options.spawner == "docker"
    _require_parts(options.image if is_docker else "")
    from growth_admin.deploy.demo.content import bring_image_source, furnish
    from growth_admin.deploy.demo.docks import is_first, open_dock, settle_owners
    from growth_admin.deploy.demo.folder import DemoFolder
    from growth_admin.deploy.demo.history import make_past
    from growth_admin.deploy.demo.registry import fill_registry, find_program
    from growth_admin.deploy.demo.roster import StandInGitHub, make_roster
    from growth_admin.deploy.demo.running import RunningSchool

    folder = DemoFolder(options.root.absolute())
    begun = time.monotonic()
    with folder.locked():
        settings, is_new = folder.create(options.port, signals.pause)
        print("Setting up the school..." if is_new else "Opening the school...", flush=True)
        furnish(folder)
        bring_image_source(folder)
        if is_new:
            make_past(folder)
        is_all = is_first(folder)
        if is_docker:
            settle_owners(folder, is_all=is_all)
        dock = open_dock(folder, options.image, settings) if is_docker else None
        school = RunningSchool(
            folder,
            settings,
            bot_times=BOT_TIMES,
            pause=signals.pause,
            registry_program="" if dock else find_program(),  # its images hold no system
            dock=dock,
            has_repository=options.source == "github",
        )
        with school:
            if school.registry_program:
                fill_registry(folder, settings.registry_port)
            if is_new:
                make_roster(folder, StandInGitHub(school.github_url, settings.github_token))
            if dock:
                settle_owners(folder, is_all=is_all)  # what was written since
            print(welcome_to(school))
            print(f"Ready after {time.monotonic() - begun:.1f} s.", flush=True)
            if options.check:
                raise Stopped
            while not (dead := school.dead_child()):
                signals.pause(0.5)
            raise CannotStart(f"{dead.name} ended.\n{dead.last_lines()}")


def welcome_to(school: "RunningSchool") -> str:
    """What there is to see, and where."""
    images = WITH_IMAGES if school.registry_program else WITHOUT_IMAGES
    if school.dock:
        images = IN_CONTAINERS.format(image=school.dock.image)
    return WELCOME.format(
        url=school.url,
        root=school.folder.root,
        stars=school.drive_link("Variable stars"),
        archives=school.drive_link("Archives"),
        images=images,
    )


def _reset(root: Path) -> None:
    """Delete the demo's folder, unless a demo runs in it."""
    from growth_admin.deploy.demo.docks import forget
    from growth_admin.deploy.demo.folder import DemoFolder

    folder = DemoFolder(root)
    if not folder.is_marked:
        done = folder.remove()
    else:
        with folder.locked():
            forget(folder)
            done = folder.remove()
    print(f"{folder.root} is gone." if done else f"There is no demo in {folder.root}.")
