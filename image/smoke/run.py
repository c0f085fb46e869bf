#!/usr/bin/env python
"""Say whether this image works: `growth-smoke`, inside it; nothing needs to be mounted.

Three kinds of checks, all beside this file and all for a school to extend: modules that must import
(imports.txt), programs that must answer (programs.txt), and executables that must end with 0
(checks/). Each runs in a process of its own, for at most two minutes, as whoever runs this.

One line of JSON on stdout for each check, in the order in which they end:
    {"check": "import numpy", "state": "passed", "seconds": 0.21, "detail": ""}
state is passed, failed or left-out; detail is the exit code and the end of what a failed check
printed. The last line sums up: {"passed": 12, "failed": 0, "left_out": 1, "seconds": 9.1}. Ends
with 1 if one failed or if there was none to run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIMIT_S = 120
DETAIL_CHARS = 2000


@dataclass
class Check:
    """One thing to look at: what it is called, the command that looks, and whether it is asked."""

    name: str
    command: list[str]
    is_asked: bool = True


def lines(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield what a list names, and whether it is only there when conda.txt was built."""
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        text = line.partition("#")[0].strip()
        if text:
            name = text.removeprefix("conda:").strip()
            yield name, name != text


def checks(folder: Path, *, has_conda: bool) -> list[Check]:
    """Return all checks in a folder like this one."""
    found = [
        Check(f"import {name}", [sys.executable, "-c", f"import {name}"], has_conda or not is_conda)
        for name, is_conda in lines(folder / "imports.txt")
    ]
    found += [
        Check(f"run {name}", [name, "--version"], has_conda or not is_conda)
        for name, is_conda in lines(folder / "programs.txt")
    ]
    for path in sorted((folder / "checks").glob("*")):
        if path.is_file() and path.suffix in {".py", ".sh"}:
            program = sys.executable if path.suffix == ".py" else "bash"
            found.append(Check(f"check {path.stem}", [program, str(path)]))
    return found


def perform(check: Check, limit_s: float) -> dict[str, object]:
    """Run a check; return its line."""
    begun = time.monotonic()
    state, detail = "left-out", "conda.txt was not built into this image"
    if check.is_asked:
        try:
            done = subprocess.run(
                check.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, timeout=limit_s,
            )  # fmt: skip
            state = "failed" if done.returncode else "passed"
            printed = done.stdout.decode(errors="replace").strip()[-DETAIL_CHARS:]
            detail = f"exit code {done.returncode}: {printed}" if done.returncode else ""
        except subprocess.TimeoutExpired:
            state, detail = "failed", f"no end after {limit_s:.0f} s"
        except OSError as error:
            state, detail = "failed", str(error)
    seconds = round(time.monotonic() - begun, 2)
    return {"check": check.name, "state": state, "seconds": seconds, "detail": detail}


def main() -> int:
    """Run all checks, a few at once, and print a line for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=HERE, help="another folder of checks")
    parser.add_argument("--only", default="", metavar="PART", help="checks with this in their name")
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="seconds for each check")
    asked = parser.parse_args()
    has_conda = os.environ.get("GROWTH_IMAGE_CONDA", "1") == "1"
    chosen = [one for one in checks(asked.folder, has_conda=has_conda) if asked.only in one.name]
    begun = time.monotonic()
    counts: Counter[str] = Counter()
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for future in as_completed([pool.submit(perform, check, asked.limit) for check in chosen]):
            line = future.result()
            counts[str(line["state"])] += 1
            print(json.dumps(line), flush=True)
    summary = {"passed": counts["passed"], "failed": counts["failed"]}
    seconds = round(time.monotonic() - begun, 2)
    print(json.dumps({**summary, "left_out": counts["left-out"], "seconds": seconds}), flush=True)
    return 0 if counts["passed"] and not counts["failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
