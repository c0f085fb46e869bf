"""The image's source as a repository at the stand-in for GitHub (`demo --source github`).

Its workflow is the one that is shipped. What does the work of a run is this module as a command: it
pushes a small image under the commit's tag to the demo's registry and reports what would be in it.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any, Final

from growth_admin.deploy.demo.people import ORGANIZATION
from growth_admin.deploy.demo.registry import Pusher, Version

NAME: Final = "image"
TAG_DIGITS: Final = 12
SIZE_KB: Final = 570
PIN: Final = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([\w.!+-]+)")


def repository_seed(source: Path, registry_port: int) -> list[dict[str, Any]]:
    """Return the repositories that the stand-in begins with, from a folder with the source."""
    texts: dict[str, str] = {}
    for path in sorted(source.rglob("*")):
        if path.is_file():
            try:
                texts[path.relative_to(source).as_posix()] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # a wheel, for example: the index has it
    hook = [sys.executable, "-m", "growth_admin.deploy.demo.repository", str(registry_port)]
    repository = {"organization": ORGANIZATION, "name": NAME, "texts": texts}
    return [{**repository, "rules": {"hook": hook}}]


def repository_settings() -> dict[str, dict[str, Any]]:
    """Return what organisers' servers are told of it."""
    return {
        "ImageSource": {"repository": f"{ORGANIZATION}/{NAME}"},
        "ImageActions": {"poll_s": 1.0},
    }


def main(argv: list[str]) -> int:
    """Do the work of a run in a folder with the commit's files; return the exit code."""
    registry, revision = Pusher(int(argv[0])), os.environ["REVISION"]
    tag, report = f"git-{revision[:TAG_DIGITS]}", Path(os.environ["REPORT"])
    _say("##[step]Build and push")
    text = Path("packages/pip.txt").read_text(encoding="utf-8")
    pins = [match for line in text.splitlines() if (match := PIN.match(line.strip()))]
    for pin in pins:
        _say(f"would install {pin[1]} {pin[2]}")
    if not registry.has(tag):
        registry.push(Version(tag, 0, SIZE_KB))
    _say(f"pushed {tag}; the demo's images hold no system")
    _say("##[step]SBOM and licences")
    packages = [{"kind": "pip", "name": pin[1], "version": pin[2]} for pin in pins]
    contents = {"python_version": "3.13.5", "packages": packages}
    (report / "contents.json").write_text(json.dumps(contents), encoding="utf-8")
    _say("##[step]Smoke checks")
    check = {"check": "lists", "state": "passed", "seconds": 0, "detail": f"{len(pins)} pins"}
    (report / "smoke.jsonl").write_text(f"{json.dumps(check)}\n", encoding="utf-8")
    _say(json.dumps(check))
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
