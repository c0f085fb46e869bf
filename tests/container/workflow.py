"""What the school's workflow does at GitHub, on this machine: build, push, report, smoke checks.

The stand-in starts it for a run (`runner`), in a folder with the files of the commit.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.container.engine import Engine


def step(name: str) -> None:
    """Begin a step of the run."""
    print(f"##[step]{name}", flush=True)


def main() -> int:
    """Build the folder and push it under the tag of its revision; 1 if a smoke check fails."""
    environ, report = os.environ, Path(os.environ["REPORT"])
    tag = f"git-{environ['REVISION'][:12]}"
    local = f"localhost/growth-test-scratch-{tag}"
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(Path(folder))
        step("Build and push")
        command = [
            *("buildah", *engine.options, "bud", "--isolation=chroot", "--network=host"),
            *("--format=docker", "--layers", "--force-rm", "--pull-never", "--tag", local),
            f"--label=org.opencontainers.image.revision={environ['REVISION']}",
            *(f"--build-arg={name}={environ[name]}" for name in ("BASE", "INDEX")),
            ".",
        ]
        subprocess.run(command, env=engine.environ, stderr=subprocess.STDOUT, check=True)
        engine.push(local, f"{environ['IMAGE']}:{tag}")
        step("SBOM and licences")
        words = ("python", "-m", "growth_admin.images.builds.inside")
        contents = engine.run(local, *words, options=["--entrypoint="])
        (report / "contents.json").write_text(contents.out)
        step("Smoke checks")
        smoke = engine.run(local, "growth-smoke", options=["--entrypoint="], timeout_s=600)
        print(smoke.text, flush=True)
        (report / "smoke.jsonl").write_text(smoke.out)
        engine.forget(local)
    return 1 if smoke.code else 0


if __name__ == "__main__":
    sys.exit(main())
