"""A builder that is quick: it says what buildah says, and pushes small images to a real registry.

What is built with real containers is tests/container; here it is what a person sees meanwhile. The
list of pip packages decides how a build goes: ``ghost`` cannot be installed, ``slow`` takes until
it is ended, anything else is in the image afterwards.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SCRIPT = """\
#!{python}
import sys
sys.path.insert(0, {repository!r})
from tests.images.builder import main
sys.exit(main({folder!r}, {port}, sys.argv[1:]))
"""
STEPS = ("FROM debian:12", "RUN pip install --requirement /tmp/pip.txt", "COPY smoke/ /smoke/")
SPOKEN = 1_000
"""Lines that the installation says."""


def make_builder(folder: Path, port: int) -> Path:
    """Write the program into a folder, for the registry at this port; return the folder."""
    folder.mkdir(parents=True)
    program = folder / "buildah"
    text = SCRIPT.format(
        python=sys.executable, repository=str(REPOSITORY), folder=str(folder), port=port
    )
    program.write_text(text)
    program.chmod(0o755)
    return folder


def main(folder: str, port: int, words: list[str]) -> int:
    """Do what the program is asked; return its exit code."""
    if "--version" in words:
        say("buildah version 0 (of the tests)")
    elif words[0] == "build":
        return build(Path(folder), words)
    elif words[0] == "from":
        (Path(folder) / words[words.index("--name") + 1]).write_text(tag_of(words[-1]))
    elif words[0] == "run":
        return run(Path(folder), words)
    elif words[0] == "push":
        return push(Path(folder), port, words)
    return 0


def say(line: str) -> None:
    """Print a line at once, in green where it is about a package."""
    is_package = line.startswith("Collecting")
    os.write(1, f"\x1b[32m{line}\x1b[0m\n".encode() if is_package else f"{line}\n".encode())


def tag_of(reference: str) -> str:
    return reference.rpartition(":")[2]


def build(folder: Path, words: list[str]) -> int:
    """Say the steps; keep the list of packages under the tag."""
    packages = (Path(words[-1]) / "packages" / "pip.txt").read_text().split()
    for number, step in enumerate(STEPS, 1):
        say(f"STEP {number}/{len(STEPS)}: {step}")
        if not step.startswith("RUN"):
            continue
        for line in range(SPOKEN):
            say(f"Collecting part-{line} (from -r /tmp/pip.txt)")
        if any(one.startswith("slow") for one in packages):
            time.sleep(600)
        if any(one.startswith("ghost") for one in packages):
            say("ERROR: No matching distribution found for ghost==1.0")
            return 1
        time.sleep(1)  # a person can see that it goes on
    (folder / tag_of(words[words.index("--tag") + 1])).write_text("\n".join(packages))
    return 0


def run(folder: Path, words: list[str]) -> int:
    """Answer what is in the image, or run its checks."""
    at = words.index("--")
    tag = (folder / words[at - 1]).read_text()
    packages = [line.partition("==") for line in (folder / tag).read_text().split()]
    if words[at + 1] == "python3":
        rows = [
            {"kind": "pip", "name": name, "version": version, "license": "MIT"}
            for name, _, version in packages
        ]
        say(json.dumps({"python_version": "3.13.1", "packages": rows}))
        return 0
    for name, _, _ in packages:
        row = {"check": f"import {name}", "state": "passed", "seconds": 0.2, "detail": ""}
        say(json.dumps(row))
    return 0


def push(folder: Path, port: int, words: list[str]) -> int:
    """Push a small image with these packages in it."""
    from tests.images.registry import RealRegistry

    registry = RealRegistry(folder, port)
    registry.session.trust_env = False
    tag = tag_of(words[-1])
    digest = registry.push(tag, f"{tag}: {(folder / tag).read_text()}")
    Path(words[words.index("--digestfile") + 1]).write_text(digest)
    return 0
