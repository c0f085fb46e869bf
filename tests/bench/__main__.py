"""``python -m tests.bench [PART]``: one JSON line per figure whose name contains PART."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path


def main(part: str = "") -> int:
    """Measure and print; return 1 when no figure has such a name."""
    count = 0
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        module = importlib.import_module(f"tests.bench.{path.stem}")
        if not any(part in name for name in module.NAMES):
            continue
        for line in module.measure():
            if part in line["name"]:
                print(json.dumps(line), flush=True)
                count += 1
    if not count:
        print(f"no figure is called {part!r}", file=sys.stderr)
    return 0 if count else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
