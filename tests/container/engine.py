"""Real containers without a daemon: buildah, Podman and skopeo over a storage of the tests' own.

Images are kept outside the clone, in ``~/.cache/growth-admin-tests`` (``GROWTH_TEST_CACHE`` moves
it), by the content of what they are made of; several sessions may share it. Containers are each
session's own and are removed with it.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("GROWTH_TEST_CACHE") or Path.home() / ".cache" / "growth-admin-tests")
RUN_ROOT = Path("/run/growth-admin-tests")
"""What Podman knows of running containers; a storage remembers the place, so it is always this."""
PROGRAMS = (
    "buildah",
    "podman",
    "docker",
    "skopeo",
    "docker-registry",
    "runc",
    "debootstrap",
    "tini",
)
BUILD_S = 900
LIST_TRIES = 20
CONTAINERS_CONF = """\
[containers]
default_ulimits = ["nofile={files}:{files}", "nproc=4096:4096"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[network]
network_backend = "cni"
"""
"""What makes Podman run where limits may not be raised and cgroups are of the first kind."""
CERTIFICATES = (
    "/etc/ssl/certs",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
)
"""Who this machine trusts, so that pip inside a build trusts the same; nothing of it is kept."""


LOST_LAYER = "layer not known"
"""What buildah says when another process takes an image away while it looks for known layers."""


class MissingTool(AssertionError):
    """A program that the tests of containers need is not there."""


def require_tools() -> None:
    """Raise MissingTool with what to do, unless containers can be built and run here."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing or os.geteuid() != 0:
        lack = f"these programs: {', '.join(missing)}" if missing else "root"
        raise MissingTool(
            f"tests/container needs {lack}. `bash .ci/system-packages` installs the programs on "
            "Debian; run the tests as root, in a machine that may be thrown away."
        )


@dataclass
class Ran:
    """What a command in a container did: its exit code, what it said, and what the chain said."""

    code: int
    out: str
    errors: str

    @property
    def text(self) -> str:
        """Both streams, one after the other."""
        return self.errors + self.out


@dataclass
class Engine:
    """A storage of images, and a folder for what the programs need to run."""

    folder: Path
    containers: list[str] = field(default_factory=list)
    storage: Path = CACHE / "containers"
    run_root: Path = RUN_ROOT

    @functools.cached_property
    def environ(self) -> dict[str, str]:
        """The environment for the programs."""
        config = self.folder / "containers.conf"
        config.parent.mkdir(parents=True, exist_ok=True)
        files = min(20_000, int(subprocess.check_output(["bash", "-c", "ulimit -Hn"])))
        config.write_text(CONTAINERS_CONF.format(files=files))
        return {**os.environ, "CONTAINERS_CONF": str(config), "TMPDIR": str(self.folder)}

    @functools.cached_property
    def options(self) -> list[str]:
        """Where the storage is, and how layers are put over each other on this disk."""
        self.storage.mkdir(parents=True, exist_ok=True)
        where = ["--root", str(self.storage), "--runroot", str(self.run_root)]
        over = ["--storage-driver", "overlay"]
        if not _has_overlay(self.storage):
            over += ["--storage-opt", "overlay.mount_program=/usr/bin/fuse-overlayfs"]
        return where + over

    def call(
        self, program: str, *words: str, timeout_s: float = 120, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run podman or buildah on this storage; AssertionError with what it said if it fails."""
        command = [program, *self.options, *words]
        done = subprocess.run(
            command, env=self.environ, capture_output=True, text=True, timeout=timeout_s,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if check:
            said = (done.stdout + done.stderr)[-6000:]
            assert done.returncode == 0, (
                f"{' '.join(command)} ended with {done.returncode}:\n{said}"
            )
        return done

    def rows(self, *words: str) -> list[str]:
        """The lines of a list; Podman gives up when what it lists goes away meanwhile."""
        for _ in range(LIST_TRIES):
            done = self.call("podman", *words, check=False)
            if done.returncode == 0:
                return done.stdout.splitlines()
        raise AssertionError(f"podman {' '.join(words)}: {done.stderr[-6000:]}")

    def build(
        self,
        context: Path,
        tag: str,
        *,
        arguments: Mapping[str, str] | None = None,
        layers: bool = True,
    ) -> str:
        """Build a context to `tag`; return the image's id. Known layers are not built again."""
        words = ["bud", "--isolation", "chroot", "--network", "host", "--format", "docker"]
        words.append("--force-rm")  # nothing of a build that fails stays, neither
        words += ["--layers" if layers else "--no-cache", "--pull-never", "--tag", tag]
        for name, value in (arguments or {}).items():
            words += ["--build-arg", f"{name}={value}"]
        words += self._trust()
        for _ in range(3):
            done = self.call("buildah", *words, str(context), timeout_s=BUILD_S, check=False)
            if LOST_LAYER not in done.stderr:
                break
        assert done.returncode == 0, f"{tag} was not built:\n{(done.stdout + done.stderr)[-6000:]}"
        return self.call("podman", "image", "inspect", "--format", "{{.Id}}", tag).stdout.strip()

    def push(self, image: str, reference: str) -> None:
        """Push an image to a registry without TLS."""
        command = ["skopeo", "copy", "--quiet", "--dest-tls-verify=false"]
        command += ["--dest-compress-level=1"]
        command += [f"containers-storage:[overlay@{self.storage}+{self.run_root}]{image}"]
        subprocess.run(
            [*command, f"docker://{reference}"], env=self.environ, check=True, timeout=600
        )

    def forget(self, image: str) -> None:
        """Remove an image of one test, if it is there; nobody else builds on it."""
        with alone("image"):
            self.call("podman", "rmi", "--force", image, check=False)

    def _trust(self) -> list[str]:
        """Mounts for a build, so that pip in it reaches what pip here reaches."""
        words = [f"--volume={path}:{path}:ro" for path in CERTIFICATES if Path(path).is_dir()]
        config = self.folder / "pip.conf"
        files = [Path("/etc/pip.conf"), Path.home() / ".config/pip/pip.conf"]
        texts = [path.read_text() for path in files if path.exists()]
        # file:// places of this machine are not in the build
        config.write_text("[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n" + _indexes(texts))
        return [*words, f"--volume={config}:/etc/pip.conf:ro"]

    def run(
        self, image: str, *words: str, options: Sequence[str] = (), timeout_s: float = 120
    ) -> Ran:
        """Run a command in a container that is gone afterwards."""
        done = subprocess.run(
            ["podman", *self.options, "run", "--rm", "--network=none", *options, image, *words],
            env=self.environ, capture_output=True, text=True, errors="replace", timeout=timeout_s,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    def start(self, image: str, *words: str, options: Sequence[str] = ()) -> str:
        """Start a container; return its id. It is removed with the session."""
        done = self.call("podman", "run", "--detach", *options, image, *words)
        name = done.stdout.strip().splitlines()[-1]
        self.containers.append(name)
        return name

    def inside(
        self,
        container: str,
        *words: str,
        user: str = "",
        environ: Mapping[str, str] | None = None,
        timeout_s: float = 60,
    ) -> Ran:
        """Run a command in a running container, as somebody."""
        options = [f"--user={user}"] if user else []
        options += [f"--env={name}={value}" for name, value in (environ or {}).items()]
        done = subprocess.run(
            ["podman", *self.options, "exec", *options, container, *words],
            env=self.environ, capture_output=True, text=True, errors="replace", timeout=timeout_s,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    def inspect(self, container: str) -> dict[str, Any]:
        """What Podman says about a container."""
        told = self.call("podman", "container", "inspect", container).stdout
        found: dict[str, Any] = json.loads(told)[0]
        return found

    def logs(self, container: str) -> str:
        """Both streams of a container."""
        done = self.call("podman", "logs", container, check=False)
        return done.stdout + done.stderr

    def size_bytes(self, image: str) -> int:
        """The size of all layers of an image."""
        return int(self.call("podman", "image", "inspect", "--format", "{{.Size}}", image).stdout)

    def forget_old_layers(self) -> None:
        """Remove what builds of earlier days left and nothing is made of any more."""
        self.call("podman", "image", "prune", "--force", "--filter", "until=24h", check=False)

    def has(self, image: str) -> bool:
        """Whether the storage has an image."""
        return self.call("podman", "image", "exists", image, check=False).returncode == 0

    def remove(self, container: str) -> None:
        """End a container now."""
        self.call("podman", "rm", "--force", "--time=1", container, check=False)

    def close(self) -> None:
        """End all that was started."""
        for container in self.containers:
            self.remove(container)


def _has_overlay(folder: Path) -> bool:
    """Whether the kernel stacks folders of this disk; on a stacked disk it does not."""
    probe = folder / f".probe-{os.getpid()}"
    places = {name: probe / name for name in ("lower", "upper", "work", "merged")}
    for place in places.values():
        place.mkdir(parents=True)
    layers = ",".join(f"{name}dir={places[name]}" for name in ("lower", "upper", "work"))
    command = ["mount", "-t", "overlay", "overlay", "-o", layers, str(places["merged"])]
    try:
        if subprocess.run(command, capture_output=True).returncode != 0:
            return False
        subprocess.run(["umount", str(places["merged"])], check=True)
        return True
    finally:
        shutil.rmtree(probe, ignore_errors=True)


def _indexes(texts: list[str]) -> str:
    """The lines of pip's configuration that say which index to ask."""
    known = ("index-url", "extra-index-url", "trusted-host", "timeout")
    return "".join(
        f"{line.strip()}\n"
        for text in texts
        for line in text.splitlines()
        if line.partition("=")[0].strip() in known and "file:" not in line
    )


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Keep other sessions from making the same thing meanwhile."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    """Tell what takes so long, past pytest's capture."""
    print(f"[tests/container] {text}", file=sys.__stderr__, flush=True)


def digest_of(*paths: Path) -> str:
    """Twelve digits for the names and contents of files and folders."""
    total = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                total.update(f"{file.relative_to(path)}\0{file.stat().st_mode & 0o111}".encode())
                total.update(file.read_bytes())
    return total.hexdigest()[:12]


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say how long something took."""
    begun = time.monotonic()
    yield
    say(f"{what}: {time.monotonic() - begun:.0f} s")


def as_json(text: str) -> list[dict[str, object]]:
    """The JSON objects among lines."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
