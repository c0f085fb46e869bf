"""How big a folder is, asked in a child that is abandoned when the mount does not answer."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

_WALK = """
import os, sys
total, left = 0, int(sys.argv[2])
top = sys.argv[1]
if os.path.isfile(top):
    total = os.path.getsize(top)
elif not os.path.isdir(top):
    total = -1
else:
    for folder, _, names in os.walk(top):
        for name in names:
            left -= 1
            try:
                total += os.lstat(os.path.join(folder, name)).st_size
            except OSError:
                pass
        if left <= 0:
            break
print(total, 1 if left > 0 else 0)
"""


def measure_bytes(path: str, *, limit_s: float, limit_files: int) -> tuple[int, bool] | None:
    """Return size and whether the whole tree was counted; None if there is no answer in time.

    A child that hangs on a sick mount is killed and never waited for (a wait could hang as well).
    """
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _WALK, path, str(limit_files)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        output, _ = child.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            child.kill()
        if child.stdout is not None:
            child.stdout.close()
        return None
    fields = output.split()
    if len(fields) != 2 or fields[0] == b"-1":
        return None
    return int(fields[0]), fields[1] == b"1"


def spoken_size(size_bytes: float) -> str:
    """Return a size as people say it: ``3.2 GB``."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if size_bytes < 1000 or unit == "GB":
            return f"{size_bytes:.0f} {unit}" if unit == "bytes" else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1000
    return ""
