"""What the node pulls: the school's image, the same with one package more, and a pod's sandbox."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.container.engine import CACHE, Engine, alone, timed
from tests.images.registry import RealRegistry

SCHOOL, NEWER = "localhost/growth-test-kube-1", "localhost/growth-test-kube-2"
SANDBOX = "localhost/growth-test-sandbox"
SHIM = '#!/bin/bash\nexec start-singleuser.py "$@"\n'
"""`start-singleuser.sh`, which the chart's values call and the images of Jupyter have."""
RECIPE = """\
FROM {image}
USER root
COPY --chmod=755 start-singleuser.sh /usr/local/bin/
USER ${{NB_UID}}
"""
NEWER_RECIPE = f"""\
FROM {SCHOOL}
COPY lecture.py /opt/conda/
RUN mv /opt/conda/lecture.py /opt/conda/lib/python3*/site-packages/
"""
WAITING = """\
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGINT, syscall.SIGTERM)
	<-end
}
"""
"""All that a sandbox does."""


def build_all(engine: Engine, image: str) -> None:
    """Build what the node pulls on the school's image; known layers are not built again."""
    files = {"start-singleuser.sh": SHIM}
    _build(engine, SCHOOL, RECIPE.format(image=image), files)
    _build(engine, NEWER, NEWER_RECIPE, {"lecture.py": "MAGNITUDE = 17.2\n"})
    with alone("sandbox"):
        if not engine.has(SANDBOX):
            _build_sandbox(engine)


def _build(engine: Engine, tag: str, recipe: str, files: Mapping[str, str]) -> None:
    with tempfile.TemporaryDirectory() as name, alone("kubernetes-images"):
        for file, text in {"Dockerfile": recipe, **files}.items():
            (Path(name) / file).write_text(text)
        engine.build(Path(name), tag)


def _build_sandbox(engine: Engine) -> None:
    """Compile it; a static program is the whole image."""
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        folder = Path(name)
        (folder / "waiting.go").write_text(WAITING)
        words = ["go", "build", "-ldflags", "-s -w", "-o", "waiting", "waiting.go"]
        environ = {"PATH": "/usr/bin:/bin", "HOME": name, "CGO_ENABLED": "0", "GO111MODULE": "off"}
        subprocess.run(words, cwd=folder, env=environ, check=True)
        (folder / "Dockerfile").write_text(
            'FROM scratch\nCOPY waiting /waiting\nENTRYPOINT ["/waiting"]\n'
        )
        engine.build(folder, SANDBOX)


def push(engine: Engine, registry: RealRegistry, image: str, reference: str) -> None:
    """Push a built image to the registry, as NAME:TAG there."""
    storage = f"[overlay@{engine.storage}+{engine.run_root}]"
    command = ["skopeo", "copy", "--quiet", "--dest-tls-verify=false"]
    command += ["--dest-compress-level=1", f"containers-storage:{storage}{image}"]
    command += [f"docker://{registry.host}/{reference}"]
    with timed(f"push {reference}"):
        subprocess.run(command, env=engine.environ, check=True, timeout=600)
