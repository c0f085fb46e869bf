"""Sessions of tests over one storage: the first removes what killed ones left, the last one looks.

Several sessions may run at once (processes of one run, benches, another run beside it); a lock that
each holds for as long as it runs tells who is alone.
"""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.container.engine import CACHE, Engine

PASSING = re.compile(r"localhost/growth-test-scratch-.*|(127\.0\.0\.1|localhost):\d+/.*")
"""Images that no test may leave: those of one test, and those of builds by the console."""


@contextmanager
def session(engine: Engine) -> Iterator[None]:
    """Hold the storage with others; AssertionError if the last one to leave finds something left.

    It need not be who left it; the names of containers and images tell.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "sessions.lock").open("a") as lock:
        if _is_alone(lock):
            clear(engine)
        fcntl.flock(lock, fcntl.LOCK_SH)
        try:
            yield
        finally:
            engine.close()
            fcntl.flock(lock, fcntl.LOCK_UN)
            left = _cleared(engine) if _is_alone(lock) else []
        assert not left, "tests left these behind:\n" + "\n".join(left)


def _is_alone(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _cleared(engine: Engine) -> list[str]:
    left = left_behind(engine)
    clear(engine)
    return left + [f"mounted: {place}" for place in mounts_below(engine.storage)]


def left_behind(engine: Engine) -> list[str]:
    """What is there that is not of the images that are kept for the next session."""
    found = [f"container {row}" for row in containers(engine, "{{.ID}} {{.Names}}")]
    found += [f"image {reference}" for reference in passing_images(engine)]
    own = f"node-{os.getpid()}-"
    return found + [f"mounted: {place}" for place in mounts_below(CACHE) if own in place]


def containers(engine: Engine, form: str) -> list[str]:
    """All containers, a line each."""
    return engine.rows("ps", "--all", "--external", "--format", form)


def passing_images(engine: Engine) -> list[str]:
    """The images of single tests."""
    rows = engine.rows("images", "--format", "{{.Repository}}:{{.Tag}}")
    return [reference for reference in rows if PASSING.fullmatch(reference)]


def clear(engine: Engine) -> None:
    """Remove all containers, images of single tests, and the mount of the storage."""
    engine.call("podman", "rm", "--all", "--force", "--time=1", check=False)
    engine.call("buildah", "rm", "--all", check=False)
    if images := passing_images(engine):
        engine.call("podman", "rmi", "--force", *images, check=False)
    for place in reversed(mounts_below(engine.storage)):
        subprocess.run(["umount", place], check=False)


def mounts_below(folder: Path) -> list[str]:
    """Where something is mounted in a folder, outer ones first."""
    places = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    return [place for place in places if Path(place).is_relative_to(folder)]
