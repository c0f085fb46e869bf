"""What a run at the stand-in does: push a small image as the shipped workflow names it, and report.

Called by the stand-in (`runner`) in a folder with the commit's files: action_hook.py REGISTRY-PORT.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from tests.images.registry import RealRegistry

CONTENTS = {
    "python_version": "3.13.1",
    "packages": [{"kind": "pip", "name": "stars", "version": "1.0", "license": "MIT"}],
}


def main() -> int:
    registry, revision = RealRegistry(Path(), int(sys.argv[1])), os.environ["REVISION"]
    how, report = os.environ.get("HOW", ""), Path(os.environ["REPORT"])
    print("##[step]Build and push", flush=True)
    print("STEP 1/2: FROM debian:12", Path("packages/pip.txt").read_text().split()[-1], flush=True)
    while how == "slow" and not Path(os.environ["GO"]).exists():
        time.sleep(0.05)
    if how == "broken":
        print("ERROR: no such package", flush=True)
        return 1
    tag = f"git-{revision[:12]}"
    if how != "elsewhere":
        digest = registry.push(tag, labels={"org.opencontainers.image.revision": revision})
        print(f"pushed {tag} {digest}", flush=True)
    print("##[step]SBOM and licences", flush=True)
    (report / "contents.json").write_text(json.dumps(CONTENTS))
    print("##[step]Smoke checks", flush=True)
    state = "failed" if how == "smokes" else "passed"
    line = json.dumps({"check": "import stars", "state": state, "seconds": 0.1, "detail": "x"})
    (report / "smoke.jsonl").write_text(f"{line}\n")
    print(line, flush=True)
    return 1 if how == "smokes" else 0


if __name__ == "__main__":
    raise SystemExit(main())
