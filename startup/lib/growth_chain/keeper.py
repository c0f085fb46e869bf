"""The two processes between the supervisor and a script's own code: the keeper, and the exec."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the C module: `signal` itself costs 9 ms
import errno
import os

_SIGNALS = range(1, 65)
_HIGHEST_DESCRIPTOR = 1024

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Command:
    """What to run and as whom: `become` changes user and folder, inside the new process."""

    def __init__(self, path: str, environ: dict[str, str], become: Callable[[], None]) -> None:
        self.path = path
        self.environ = environ
        self.become = become


def keep(command: Command, out: int, err: int, report: int) -> None:
    """Start the script, which says `P<pid>`; wait for it, say `S<status>`. Never returns."""
    try:
        os.setsid()
        pid = os.fork()
        if pid == 0:
            _become_script(command, out, err, report)
        _let_go_of_all_but(report)
        _, status = os.waitpid(pid, 0)
        os.write(report, b"S%d\n" % status)
    finally:
        os._exit(0)


def _let_go_of_all_but(kept: int) -> None:
    for descriptor in range(3):
        os.dup2(_nothing(), descriptor)
    os.closerange(3, kept)
    os.closerange(kept + 1, _HIGHEST_DESCRIPTOR)


def _nothing() -> int:
    return os.open(os.devnull, os.O_RDWR)


def _become_script(command: Command, out: int, err: int, report: int) -> None:
    """Turn this process into the script; a failure is told on stderr, with a shell's exit code."""
    code = 126
    try:
        os.setsid()
        # By the script's own process: so it is said before any line of the script runs.
        os.write(report, b"P%d\n" % os.getpid())
        for target, source in enumerate((_nothing(), out, err)):
            os.dup2(source, target)
        _close_the_rest(command.path)
        _reset_signals()
        command.become()
        _execute(command)
    except FileNotFoundError:
        code = 127
        _complain(f"{_interpreter(command.path)}: no such interpreter")
    except OSError as failed:
        _complain(f"cannot be run: {failed.strerror}")
    finally:
        os._exit(code)


def _close_the_rest(path: str) -> None:
    """Close what we had open, but not a copy that lives in memory."""
    kept = int(path.rsplit("/", 1)[1]) if path.startswith("/proc/self/fd/") else 3
    os.closerange(3, kept)
    os.closerange(kept + (path.startswith("/proc/")), _HIGHEST_DESCRIPTOR)


def _reset_signals() -> None:
    """Signals as a login shell has them: Python and background shells ignore some."""
    for number in _SIGNALS:
        try:
            _signal.signal(number, _signal.SIG_DFL)
        except (OSError, ValueError):
            continue
    _signal.pthread_sigmask(_signal.SIG_SETMASK, ())


def _execute(command: Command) -> None:
    """exec the copy; without a shebang as bash does at its prompt: by bash itself."""
    try:
        os.execve(command.path, [command.path], command.environ)
    except OSError as failed:
        if failed.errno == errno.ENOEXEC:
            shell = "/bin/bash" if os.path.exists("/bin/bash") else "/bin/sh"
            os.execve(shell, [shell, command.path], command.environ)
        if failed.errno != errno.EACCES:
            raise
        # The copy has its execute bit, so the local disk is mounted noexec.
        words = _shebang(command.path) or ["/bin/bash"]
        os.execve(words[0], [*words, command.path], command.environ)


def _shebang(path: str) -> list[str]:
    """The interpreter and its one argument, as the kernel reads them; [] without a shebang."""
    with open(path, "rb") as file:
        line = file.readline(256)
    if not line.startswith(b"#!"):
        return []
    return [os.fsdecode(word) for word in line[2:].strip(b" \t\n").split(None, 1)]


def _interpreter(path: str) -> str:
    try:
        return repr((_shebang(path) or [path])[0])
    except OSError:
        return repr(path)


def _complain(text: str) -> None:
    os.write(2, f"[growth-admin] {text}\n".encode("utf-8", "replace"))
