"""Child processes with an end: a deadline, a bound on what is kept, nothing left running."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from growth_admin.core.errors import NotConfigured


@dataclass(frozen=True)
class Finished:
    """How a child ended. ``exit_code`` is negative for a signal, as in ``subprocess``."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    is_timed_out: bool


def run_bounded(
    command: Sequence[str],
    *,
    timeout_s: float,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    limit_bytes: int = 4 * 1024 * 1024,
) -> Finished:
    """Run a child in its own session and return how it ended.

    When the time is up the whole session is killed. Output beyond ``limit_bytes`` is dropped
    after it was read. Raises ``NotConfigured`` when the program does not exist.
    """
    try:
        child = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=None if env is None else dict(env),
            cwd=cwd,
            start_new_session=True,
        )
    except FileNotFoundError as e:
        raise NotConfigured(
            f"The program {command[0]} is not installed.", hint="Install it in the notebook image."
        ) from e
    is_timed_out = False
    try:
        stdout, stderr = child.communicate(stdin, timeout=timeout_s)
    except subprocess.TimeoutExpired:
        is_timed_out = True
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        stdout, stderr = child.communicate()
    return Finished(child.returncode, stdout[:limit_bytes], stderr[:limit_bytes], is_timed_out)
