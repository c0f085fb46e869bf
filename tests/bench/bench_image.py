"""What image/ costs over its base: start to ready, size, and a rebuild after one package more.

Ready means that a server answers, counted from `podman run`, with the start chain as root, home and
shared folders mounted; the peer is the plain base with the same command and mounts, in turns.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.container import images
from tests.container.engine import Engine, alone, require_tools
from tests.container.school import STUDENT, Folders
from tests.container.sessions import session

NAMES = ("image_ready_ratio", "image_size_ratio", "image_rebuild_ratio")
_PAIRS = 5
_READY_S = 180.0
_MORE = "sep==1.4.1"
"""The package that is added: small, with compiled code, and nothing that needs it is there."""
_SAME_PACKAGES = """\
FROM {base}
USER root
RUN apt-get update -qq && apt-get install -qq --yes --no-install-recommends {apt} \\
 && rm -rf /var/lib/apt/lists/*
USER ${{NB_UID}}
COPY dist/ versions.txt /tmp/
RUN umask 002 && pip install --quiet --no-cache-dir --constraint /tmp/versions.txt \\
  /tmp/*.whl {pip}
"""
_VERSIONS = "/usr/local/share/growth-image/installed.txt"
"""What our image says that it has; the peer gets the same versions, or the sizes tell nothing."""


def _line(name: str, value: float, peer: str, **more: Any) -> dict[str, Any]:
    command = f"make bench ONLY={name}"
    return {"name": name, "value": round(value, 3), "unit": "", "peer": peer, **more} | {
        "command": command
    }


def _listed(name: str) -> str:
    lines = (images.IMAGE / "packages" / f"{name}.txt").read_text().splitlines()
    return " ".join(found for line in lines if (found := line.partition("#")[0].strip()))


def _arguments(base: str) -> dict[str, str]:
    return {"BASE": base, "CONDA": "0", "REVISION": "bench"}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _ready_s(engine: Engine, image: str, folders: Folders) -> float:
    """Seconds from `podman run` to the first answer of the server."""
    port = _free_port()
    command = ["jupyter", "lab", "--ip=127.0.0.1", f"--port={port}", "--no-browser"]
    began_s = time.perf_counter()
    box = engine.start(image, *command, options=["--network=host", *folders.options(STUDENT)])
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=5).close()
                return time.perf_counter() - began_s
            except (urllib.error.URLError, OSError):
                waited_s = time.perf_counter() - began_s
                assert waited_s < _READY_S, engine.logs(box)
                time.sleep(0.01)
    finally:
        engine.remove(box)


def _ready(engine: Engine, base: str, image: str, folder: Path) -> dict[str, Any]:
    folders = Folders.make(folder / "disk")
    pairs = [
        (_ready_s(engine, image, folders), _ready_s(engine, base, folders))
        for _ in range(_PAIRS + 1)
    ][1:]  # the first pair reads the files from the disk
    ours_s, plain_s = (statistics.median(times) for times in zip(*pairs, strict=True))
    return _line(
        "image_ready_ratio",
        statistics.median(ours / plain for ours, plain in pairs),
        "the plain base, to ready",
        ours_s=round(ours_s, 2),
        peer_value=round(plain_s, 2),
    )


def _size(engine: Engine, base: str, image: str, source: Path) -> dict[str, Any]:
    context = Path(shutil.copytree(source, source.with_name("size")))
    recipe = _SAME_PACKAGES.format(base=base, apt=_listed("apt"), pip=_listed("pip"))
    (context / "Dockerfile").write_text(recipe)
    (context / ".dockerignore").unlink()
    versions = engine.run(image, "cat", _VERSIONS).out.split()
    (context / "versions.txt").write_text("\n".join(versions) + "\n")
    tag = f"localhost/growth-test-scratch-{os.getpid()}-size"
    engine.build(context, tag)
    ours, plain = engine.size_bytes(image), engine.size_bytes(tag)
    there = engine.run(tag, "pip", "list", "--format=freeze", "--disable-pip-version-check").out
    assert sorted(there.split()) == sorted(versions), "the packages are not the same"
    engine.call("podman", "rmi", "--force", tag, check=False)
    return _line(
        "image_size_ratio",
        ours / plain,
        "the base plus the same packages",
        ours_bytes=ours,
        peer_value=plain,
        base_bytes=engine.size_bytes(base),
    )


def _rebuild(engine: Engine, base: str, source: Path) -> dict[str, Any]:
    context = Path(shutil.copytree(source, source.with_name("rebuild")))
    arguments = _arguments(base)
    tag = f"localhost/growth-test-scratch-{os.getpid()}-rebuild"

    def built_s(*, layers: bool) -> float:
        began_s = time.perf_counter()
        engine.build(context, tag, arguments=arguments, layers=layers)
        return time.perf_counter() - began_s

    clean_s = built_s(layers=False)  # its downloads are in the cache mounts, as the rebuild's are
    built_s(layers=True)
    with (context / "packages" / "pip.txt").open("a") as lines:
        lines.write(f"{_MORE}\n")
    again_s = built_s(layers=True)
    engine.call("podman", "rmi", "--force", tag, check=False)
    return _line(
        "image_rebuild_ratio",
        again_s / clean_s,
        "a clean build",
        ours_s=round(again_s, 1),
        peer_value=round(clean_s, 1),
    )


def measure() -> list[dict[str, Any]]:
    """Return the three lines. Raises AssertionError where containers cannot be run."""
    require_tools()
    with tempfile.TemporaryDirectory() as name, alone("bench"):
        folder = Path(name)
        folder.chmod(0o755)
        engine = Engine(folder / "engine")
        with session(engine):
            base = images.base(engine)
            # one copy for all: the sources may change while this runs
            source = images.context(folder / "source")
            image = f"localhost/growth-test-scratch-{os.getpid()}-image"
            engine.build(source, image, arguments=_arguments(base))
            wanted: list[Callable[[], dict[str, Any]]] = [
                lambda: _ready(engine, base, image, folder),
                lambda: _size(engine, base, image, source),
                lambda: _rebuild(engine, base, source),
            ]
            try:
                return [measured() for measured in wanted]
            finally:
                engine.call("podman", "rmi", "--force", image, check=False)
