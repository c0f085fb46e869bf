"""Kubernetes' programs, built from Debian's source package; no registry has them to fetch.

They are kept outside the clone with the other caches of tests. The first build takes some twenty
minutes of a processor (``GOFLAGS=-p=1`` leaves the others free) and 34 MB of download.
The version (1.20) is old: what its API knows says nothing of what newer ones know.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.container.engine import CACHE, alone, timed

FOLDER = CACHE / "kubernetes"
PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet")
PACKAGE = "kubernetes"
SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
MODULE = "k8s.io/kubernetes"
BUILD_S = 5400
WITHOUT_DESCRIPTION = (
    "sample-", "code-generator", "/test", "apiextensions-apiserver/examples", "kube-openapi/test",
)  # fmt: skip
"""Folders that the API's description does not cover, although they are marked for it."""


def programs() -> Path:
    """Return the folder with the programs, which are built if they are not there."""
    place = FOLDER / "bin"
    with alone("kubernetes"):
        missing = [name for name in PROGRAMS if not (place / name).exists()]
        if missing:
            place.mkdir(parents=True, exist_ok=True)
            with timed(f"building {', '.join(missing)} from source"):
                _build(missing, place)
            for leftover in ("gopath", "gocache", "source"):
                shutil.rmtree(FOLDER / leftover, ignore_errors=True)
    return place


def _build(names: list[str], place: Path) -> None:
    tree = FOLDER / "gopath" / "src" / "k8s.io" / "kubernetes"
    if not (tree / "cmd").exists():
        _fetch(tree)
    described = tree / "pkg" / "generated" / "openapi" / "zz_generated.openapi.go"
    if not described.exists():
        _describe(tree)
    for name in names:
        target = place / f".{name}"
        _go(tree, "build", "-ldflags", "-s -w", "-o", str(target), f"{MODULE}/cmd/{name}")
        target.rename(place / name)


def _fetch(tree: Path) -> None:
    """Get the source as this machine's mirror has it, with lists of packages of our own."""
    folder = FOLDER / "source"
    lists = folder / "lists"
    lists.mkdir(parents=True, exist_ok=True)
    listed = folder / "sources.sources"
    listed.write_text(SOURCES.read_text().replace("Types: deb\n", "Types: deb-src\n"))
    options = [f"-oDir::Etc::sourcelist={listed}", "-oDir::Etc::sourceparts=/nonexistent"]
    options += [f"-oDir::State::lists={lists}", "-oAPT::Sandbox::User=root"]
    for words in (["update"], ["source", "--download-only", PACKAGE]):
        _run(["apt-get", "-qq", *options, *words], folder)
    (described,) = folder.glob("*.dsc")
    tree.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(tree, ignore_errors=True)
    _run(["dpkg-source", "--no-check", "-x", str(described), str(tree)], folder)


def _describe(tree: Path) -> None:
    """Generate the API's description, which the archive leaves out."""
    generator = FOLDER / "gopath" / "openapi-gen"
    command = f"{MODULE}/vendor/k8s.io/kube-openapi/cmd/openapi-gen"
    _go(tree, "build", "-o", str(generator), command)
    marked = set()
    for root in ("pkg", "staging", "vendor/k8s.io"):
        for path in (tree / root).rglob("*.go"):
            text = path.read_text(errors="replace")
            if "\n// +k8s:openapi-gen=true" in f"\n{text}":
                marked.add(_import_path(path.parent.relative_to(tree)))
    wanted = sorted(one for one in marked if not any(no in one for no in WITHOUT_DESCRIPTION))
    words = ["--logtostderr", "-h", "hack/boilerplate/boilerplate.generatego.txt"]
    words += ["-O", "zz_generated.openapi", "-p", f"{MODULE}/pkg/generated/openapi"]
    words += ["-r", str(FOLDER / "gopath" / "violations"), "-i", ",".join(wanted)]
    _run([str(generator), *words], tree, _environ())


def _import_path(folder: Path) -> str:
    text = str(folder)
    if text.startswith("staging/src/"):
        return f"{MODULE}/vendor/{text.removeprefix('staging/src/')}"
    return f"{MODULE}/{text}"


def _environ() -> dict[str, str]:
    return {
        **os.environ,
        "GO111MODULE": "off",  # with modules it wants to change its own list of them
        "CGO_ENABLED": "0",
        "GOPATH": str(FOLDER / "gopath"),
        "GOCACHE": str(FOLDER / "gocache"),
        "GOPROXY": "off",
    }


def _go(tree: Path, *words: str) -> None:
    _run(["go", *words], tree, _environ())


def _run(command: list[str], folder: Path, environ: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, timeout=BUILD_S
    )
    said = (done.stdout + done.stderr)[-4000:]
    assert done.returncode == 0, f"{' '.join(command)[:300]} ended with {done.returncode}:\n{said}"


if __name__ == "__main__":
    print(programs())
