"""The images of the tests: a Debian, a base like those of the Jupyter Docker Stacks, and image/."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.container.engine import CACHE, REPOSITORY, Engine, alone, digest_of, timed

HERE = Path(__file__).resolve().parent
IMAGE = REPOSITORY / "image"
CHAIN = REPOSITORY / "growth_admin" / "deploy" / "chain"
DEBIAN = "localhost/growth-test-debian"
PACKAGES = ("ca-certificates", "procps", "python3", "python3-venv", "sudo", "tini")
SUITE = "bookworm"
SHIMS = {
    "start-notebook.py": '#!/bin/bash\nexec jupyter lab "$@"\n',
    "start-singleuser.py": '#!/bin/bash\nexec jupyterhub-singleuser "$@"\n',
}
"""What the images call their ways to start a server; `start.sh` has run before them."""


def debian(engine: Engine) -> str:
    """A Debian with what a base needs from it; made by debootstrap once on this machine."""
    key = "-".join((SUITE, *PACKAGES))
    mark = CACHE / "debian.key"
    with alone("debian"):
        if engine.has(DEBIAN) and mark.exists() and mark.read_text() == key:
            return DEBIAN
        with timed("debootstrap"), tempfile.TemporaryDirectory(dir=CACHE) as folder:
            _debootstrap(Path(folder))
            tar = Path(folder).with_suffix(".tar")
            subprocess.run(["tar", "-C", folder, "-cf", str(tar), "."], check=True)
            engine.call("podman", "import", str(tar), DEBIAN)
            tar.unlink()
        mark.write_text(key)
    return DEBIAN


def _debootstrap(folder: Path) -> None:
    command = [
        "debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, str(folder),
        *_mirror(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"debootstrap failed:\n{(done.stdout + done.stderr)[-3000:]}"
    for name in ("var/cache/apt/archives", "var/lib/apt/lists", "usr/share/man", "usr/share/doc"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _mirror() -> list[str]:
    """The mirror that this machine uses; none if it is no Debian, then debootstrap's own."""
    for file in sorted(Path("/etc/apt").glob("sources.list.d/*.sources")):
        for line in file.read_text().splitlines():
            if line.startswith("URIs:") and line.split()[1].rstrip("/").endswith("/debian"):
                return [line.split()[1]]
    return []


def base(engine: Engine) -> str:
    """A base with plain JupyterLab; `GROWTH_CHAIN_ERA=old` makes its hooks those before 2026-07."""
    debian(engine)
    tag = "localhost/growth-test-base"
    with alone("base"), tempfile.TemporaryDirectory() as name:
        context = Path(name)
        shutil.copy(HERE / "base" / "Containerfile", context)
        chain = context / "chain"
        shutil.copytree(CHAIN, chain)
        (chain / "start-singleuser.sh").rename(chain / "start.sh")
        for shim, text in SHIMS.items():
            (chain / shim).write_text(text)
        for path in chain.iterdir():
            path.chmod(0o755)
            os.utime(path, (0, 0))
        with timed("base"):
            engine.build(context, tag)
    return tag


def put_wheel(place: Path) -> None:
    """Put the wheel of the console, as the sources are now, into a folder."""
    with alone("wheel"):
        # read while nobody else may take it for an old one
        sources = [REPOSITORY / name for name in ("growth_admin", "startup", "pyproject.toml")]
        folder = CACHE / "wheels" / digest_of(*sources)
        if not list(folder.glob("*.whl")):
            shutil.rmtree(CACHE / "wheels", ignore_errors=True)
            command = [
                sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder),
                str(REPOSITORY),
            ]  # fmt: skip
            environ = {**os.environ, "SKIP_JUPYTER_BUILDER": "1"}
            done = subprocess.run(command, capture_output=True, text=True, env=environ)
            assert done.returncode == 0, done.stdout + done.stderr
        shutil.copy(next(folder.glob("*.whl")), place)


def context(folder: Path) -> Path:
    """A copy of image/ with the wheel in dist/, as `make image-wheel` leaves it."""
    shutil.copytree(IMAGE, folder, ignore=shutil.ignore_patterns("*.whl", "__pycache__"))
    put_wheel(folder / "dist")
    return folder


def image(engine: Engine) -> str:
    """image/ built on that base, without the list of conda.

    ``GROWTH_TEST_IMAGE`` names another image in this storage that is to be tested instead.
    """
    if given := os.environ.get("GROWTH_TEST_IMAGE"):
        return given
    on = base(engine)
    tag = "localhost/growth-test-image"
    with alone("image"), tempfile.TemporaryDirectory() as name, timed("image/"):
        arguments = {"BASE": on, "CONDA": "0", "REVISION": "tests"}
        engine.build(context(Path(name) / "image"), tag, arguments=arguments)
        engine.forget_old_layers()
    return tag
