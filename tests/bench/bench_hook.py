"""How much longer a start takes with the hook than with the two scripts called bare."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NAMES = ("hook_overhead_ms",)
_STARTUP = Path(__file__).resolve().parents[2] / "startup"
_RUNS = 60
_SCRIPT = "#!/bin/bash\nid\n"


def _environ(folder: Path) -> dict[str, str]:
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(folder),
        "NB_USER": "nobody",  # as root, as-user.sh really becomes this user
        "JUPYTERHUB_USER": "nobody",
        "GROWTH_ADMIN_ROOT": str(folder),
        "GROWTH_SHARED_ROOT": str(folder),
        "GROWTH_CHAIN_LIB": str(_STARTUP / "lib"),
    }


def _time_ms(text: str, environ: dict[str, str]) -> float:
    """Milliseconds that bash takes for `text`, the interpreter's own start included."""
    begun = time.perf_counter()
    subprocess.run(
        ["/bin/bash", "-c", text], env=environ, check=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return (time.perf_counter() - begun) * 1000


def measure() -> list[dict[str, object]]:
    """One line: the median of what the hook adds, over interleaved pairs of runs.

    Raises AssertionError if the hook did not run both scripts each time.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "start").mkdir()
        for script in ("as-root.sh", "as-user.sh"):
            (folder / "start" / script).write_text(_SCRIPT)
            (folder / "start" / script).chmod(0o755)
        environ = _environ(folder)
        hook = f"set -e; . '{_STARTUP}/before-notebook.d/50-growth.sh'"
        bare = f"'{folder}/start/as-root.sh'; '{folder}/start/as-user.sh'"
        pairs = [(_time_ms(hook, environ), _time_ms(bare, environ)) for _ in range(_RUNS)]
        records = (folder / "logs" / "records" / "nobody.jsonl").read_text().splitlines()
        assert len(records) == min(_RUNS, 20), "a run left no record"
        assert all('"state": "ok", "image"' in record for record in records), records[-1]
    overhead_ms = statistics.median(with_hook - without for with_hook, without in pairs)
    bare_ms = statistics.median(without for _, without in pairs)
    return [
        {
            "name": "hook_overhead_ms",
            "value": round(overhead_ms, 1),
            "unit": "ms",
            "peer": "the two scripts called bare",
            "peer_value": round(bare_ms, 1),
            "ratio": round(overhead_ms / bare_ms, 2),
            "command": "make bench ONLY=hook",
        }
    ]
