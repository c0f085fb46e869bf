"""Everything that may be wrong when a server starts, and what the record must then say."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from chain_world import LIMIT_S, MOUNT_LIMIT_S, STARTUP, World

Arrange = Callable[[World, str], None]
ANYTHING = object()


@dataclass(frozen=True)
class Expected:
    """One script's part of the record; ANYTHING is not looked at."""

    state: str
    exit_code: object = None
    signal: object = None
    problems: frozenset[str] = frozenset()
    error: str = ""


FINE = Expected("ok", exit_code=0)


@dataclass(frozen=True)
class Fault:
    """A fault, how to make it, and what must come of it.

    `says` maps a mode to what the record tells of the script that has the fault; `start` is the
    state of the whole start. Without `has_record` no record can be written: then the container's
    log must contain `log_says`, and so it must whenever `log_says` is given.
    """

    name: str
    arrange: Arrange
    says: dict[str, Expected]
    start: str = ""
    allowed_s: float = 0.0
    both_scripts: bool = True
    has_record: bool = True
    log_says: str = ""
    notes_say: str = ""
    modes: tuple[str, ...] = ("root", "rerooted")
    scripts: tuple[str, ...] = ("as-root.sh", "as-user.sh")


@dataclass(frozen=True)
class Case:
    """A fault in one script, one era and one mode."""

    fault: Fault
    script: str
    era: str
    mode: str

    @property
    def id(self) -> str:
        """For pytest, and to find the case again."""
        script = self.script.removesuffix(".sh") if self.fault.both_scripts else "chain"
        return f"{self.fault.name}-{script}-{self.era}-{self.mode}"


def _both(expected: Expected) -> dict[str, Expected]:
    return {"root": expected, "rerooted": expected}


def _text(
    name: str, text: str | bytes, says: Expected, start: str = "", allowed_s: float = 0.0
) -> Fault:
    """A fault that lies in a script's text."""

    def arrange(world: World, script: str) -> None:
        world.write(script, text)

    return Fault(name, arrange, _both(says), start, allowed_s)


def _instead_of_script(make: Callable[[World, str], object]) -> Arrange:
    def arrange(world: World, script: str) -> None:
        path = world.admin / "start" / script
        path.unlink()
        make(world, str(path))

    return arrange


def _nothing(_world: World, _path: str) -> None:
    """The script stays away."""


def _kills_its_keeper(world: World, script: str) -> None:
    world.write(script, "#!/bin/bash\nset -e\nkill -9 $PPID\nsleep 0.3\n")


def _much_output(world: World, script: str) -> None:
    world.environ["GROWTH_START_LIMIT_S"] = "20"
    world.write(script, "#!/bin/bash\nhead -c 100000000 /dev/zero | tr '\\0' x\n")


def _fifo(_world: World, path: str) -> None:
    os.mkfifo(path, 0o755)


def _folder(_world: World, path: str) -> None:
    os.mkdir(path)


def _not_executable(world: World, script: str) -> None:
    (world.admin / "start" / script).chmod(0o644)


def _start_is_a_file(world: World, _script: str) -> None:
    for script in (world.admin / "start").iterdir():
        script.unlink()
    (world.admin / "start").rmdir()
    (world.admin / "start").write_text("oops")


def _start_is_closed(world: World, _script: str) -> None:
    (world.admin / "start").chmod(0)


def _start_is_missing(world: World, _script: str) -> None:
    for script in (world.admin / "start").iterdir():
        script.unlink()
    (world.admin / "start").rmdir()


def _log_name(world: World, script: str) -> str:
    return str(world.logs / f"{world.user}-{script.removesuffix('.sh')}.log")


def _log_is_a_fifo(world: World, script: str) -> None:
    os.mkfifo(_log_name(world, script))


def _log_is_a_link(world: World, script: str) -> None:
    (world.root / "precious").write_text("precious")
    (world.root / "precious").chmod(0o666)
    os.symlink(
        "/mnt/world/precious" if world.mode != "root" else "/etc/passwd", _log_name(world, script)
    )


def _log_is_a_folder(world: World, script: str) -> None:
    os.makedirs(_log_name(world, script) + "/x")


def _logs_are_missing(world: World, _script: str) -> None:
    world.logs.rmdir()


def _logs_are_a_file(world: World, _script: str) -> None:
    world.logs.rmdir()
    world.logs.write_text("oops")


def _mounted(kind: str, path: str) -> Arrange:
    def arrange(world: World, _script: str) -> None:
        world.mount(kind, path)

    return arrange


def _all_full(world: World, _script: str) -> None:
    for place in ("/tmp", "/run", "/var/tmp", "/dev/shm"):
        world.mount("full", place)


def _sick_shared(kind: str, text: str) -> Arrange:
    """The data mount is sick, and a script touches it."""

    def arrange(world: World, script: str) -> None:
        place = "/mnt/nfs" if world.mode == "root" else f"{world.inner}/nfs"
        world.mount(kind, place)
        world.write(script, text)

    return arrange


def _records_are_garbage(world: World, _script: str) -> None:
    (world.logs / "records").mkdir()
    (world.logs / "records" / f"{world.user}.jsonl").write_bytes(b"\x00\xff{garbage\n" * 500)


def _records_are_a_link(world: World, _script: str) -> None:
    (world.logs / "records").mkdir()
    os.symlink("/etc/hostname", world.logs / "records" / f"{world.user}.jsonl")


def _lock_is_a_fifo(world: World, _script: str) -> None:
    (world.logs / "records").mkdir()
    os.mkfifo(world.logs / "records" / ".lock")


def _runner(make: Callable[[World], None]) -> Arrange:
    def arrange(world: World, _script: str) -> None:
        world.library = world.root / "library"
        world.library.mkdir()
        make(world)

    return arrange


def _runner_says(text: str) -> Callable[[World], None]:
    def make(world: World) -> None:
        (world.library / "runner.py").write_text(text)

    return make


def _login(name: str) -> Arrange:
    def arrange(world: World, _script: str) -> None:
        world.user = name

    return arrange


def _bad_candidate(world: World, _script: str) -> None:
    world.environ["GROWTH_SCRIPTS_REVISION"] = "../../start"


def _missing_candidate(world: World, _script: str) -> None:
    world.environ["GROWTH_SCRIPTS_REVISION"] = "0123abcd"


def _bad_limits(world: World, _script: str) -> None:
    world.environ |= {"GROWTH_START_LIMIT_S": "08x; exit", "GROWTH_MOUNT_LIMIT_S": "-1"}


def _odd_environment(world: World, _script: str) -> None:
    world.environ |= {
        "IFS": "0123456789",
        "POSIXLY_CORRECT": "1",
        "PYTHONHOME": "/nonexistent",
        "PYTHONSTARTUP": "/nonexistent",
        "BASH_ENV": "/nonexistent",
    }


def _home_is_closed(world: World, _script: str) -> None:
    world.commands.append("mkdir -p /home/jane-doe && chmod 000 /home/jane-doe")


STOPPED = LIMIT_S + 2.0  # the limit, a second to tidy up after TERM, half a one after KILL
TIMED_OUT = Expected("timed-out", ANYTHING, ANYTHING, error="ran longer than")
STUCK = Expected(
    "timed-out", ANYTHING, ANYTHING, problems=frozenset({"survived-kill"}), error="ran longer than"
)
SICK = Expected("sick-mount", error="did not answer within")

IN_THE_TEXT = [
    _text("sound", "#!/bin/bash\necho fine\n", FINE, "ok"),
    _text("empty", "", Expected("empty", error="is empty"), "empty-log"),
    _text("only-blanks", " \n\n", Expected("empty"), "empty-log"),
    _text(
        "crlf",
        "#!/bin/bash\r\necho hi\r\n",
        Expected("failed", 127, problems=frozenset({"crlf"}), error="no such interpreter"),
        "failed",
    ),
    _text(
        "bom",
        b"\xef\xbb\xbf#!/bin/bash\necho hi\n",
        Expected("ok", 0, problems=frozenset({"bom"}), error="No such file or directory"),
        "ok",
    ),
    _text(
        "no-shebang",
        "[[ a == a ]] && echo hi\n",
        Expected("ok", 0, problems=frozenset({"no-shebang"})),
        "ok",
    ),
    _text("syntax-error", "#!/bin/bash\nif true; then\n", Expected("failed", 2), "failed"),
    _text("exit-1", "#!/bin/bash\nexit 1\n", Expected("failed", 1), "failed"),
    _text("unset-variable", "#!/bin/bash\nset -u\necho $NOPE\n", Expected("failed", 1), "failed"),
    _text("missing-command", "#!/bin/bash\nno-such-command\n", Expected("failed", 127), "failed"),
    _text("no-interpreter", "#!/no/such\n", Expected("failed", 127), "failed"),
    _text(
        "kill-9-itself",
        "#!/bin/bash\nkill -9 $$\n",
        Expected("killed", signal=9, error="signal 9"),
        "failed",
    ),
    _text("kill-0", "#!/bin/bash\nkill 0\nsleep 5\n", Expected("killed", signal=15), "failed"),
    _text("kill-9-0", "#!/bin/bash\nkill -9 0\n", Expected("killed", signal=9), "failed"),
    _text("infinite-loop", "#!/bin/bash\nwhile :; do :; done\n", TIMED_OUT, "timed-out", STOPPED),
    _text(
        "ignores-term",
        "#!/bin/bash\ntrap '' TERM\nwhile :; do sleep 0.1; done\n",
        TIMED_OUT,
        "timed-out",
        STOPPED,
    ),
    _text("stops-itself", "#!/bin/bash\nkill -STOP $$\n", TIMED_OUT, "timed-out", STOPPED),
    _text("waits-for-input", "#!/bin/bash\nread -r x\ncat\n", FINE, "ok"),
    _text(
        "background-child-holds-log",
        "#!/bin/bash\nsleep 30 &\necho done\n",
        Expected("ok", 0, problems=frozenset({"background-output"})),
        "ok",
    ),
    _text("silent-daemon", "#!/bin/bash\nsleep 30 >/dev/null 2>&1 &\n", FINE, "ok"),
    Fault(
        "100-mb-of-output",
        _much_output,
        _both(FINE),
        "ok",
        allowed_s=10.0,  # half a second on an idle machine
    ),
    _text("endless-output", "#!/bin/bash\nyes\n", TIMED_OUT, "timed-out", STOPPED),
    _text(
        "binary-output",
        "#!/bin/bash\nhead -c 5000 /dev/urandom >&2\nexit 3\n",
        Expected("failed", 3),
        "failed",
    ),
    _text(
        "closes-everything",
        "#!/bin/bash\nexec <&- >&- 2>&-\nsleep 0.3\nexit 5\n",
        Expected("failed", 5),
        "failed",
    ),
    _text("cd-umask-export", "#!/bin/bash\ncd /; umask 077; export LEAK=1; set -e\n", FINE, "ok"),
]

KILLS_KEEPER = Fault(
    "kill-9-parent",
    _kills_its_keeper,
    _both(Expected("killed", problems=frozenset({"keeper-killed"}))),
    "failed",
    allowed_s=1.0,
    scripts=("as-root.sh",),
)
KEEPER_IS_ROOTS = Fault(
    "kill-9-parent-of-root",
    _kills_its_keeper,
    {"root": Expected("failed", 1, error="Operation not permitted")},
    "failed",
    modes=("root",),
    scripts=("as-user.sh",),
)

INSTEAD_OF_A_SCRIPT = [
    Fault("missing", _instead_of_script(_nothing), _both(Expected("missing")), "missing"),
    Fault(
        "not-executable",
        _not_executable,
        _both(
            Expected(
                "not-executable",
                problems=frozenset({"not-executable"}),
                error="is not executable (mode 0644), so it was not run",
            )
        ),
        "empty-log",
    ),
    Fault("fifo", _instead_of_script(_fifo), _both(Expected("unreadable")), "unreadable"),
    Fault("a-folder", _instead_of_script(_folder), _both(Expected("unreadable")), "unreadable"),
]


def _chain(
    name: str,
    arrange: Arrange,
    says: Expected | dict[str, Expected] = FINE,
    start: str = "",
    **more: object,
) -> Fault:
    """A fault outside the scripts: tried once per era and mode, with the second script named."""
    told = says if isinstance(says, dict) else _both(says)
    return Fault(name, arrange, told, start, both_scripts=False, **more)  # type: ignore[arg-type]  # each is a field of Fault


FOLDERS = [
    _chain("start-folder-missing", _start_is_missing, Expected("missing"), "missing"),
    _chain("start-folder-is-a-file", _start_is_a_file, Expected("unreadable"), "unreadable"),
    # root reads it all the same: mode bits do not stop root on a local disk
    _chain(
        "start-folder-unreadable",
        _start_is_closed,
        {"root": FINE, "rerooted": Expected("unreadable", error="Permission denied")},
    ),
    _chain("log-is-a-fifo", _log_is_a_fifo),
    _chain("log-is-a-planted-link", _log_is_a_link),
    _chain("log-is-a-folder", _log_is_a_folder, notes_say="not written"),
    _chain("log-folder-missing", _logs_are_missing),
    _chain("log-folder-is-a-file", _logs_are_a_file, has_record=False, log_says="no record in"),
    _chain("records-are-garbage", _records_are_garbage),
    _chain("records-are-a-planted-link", _records_are_a_link),
    _chain("records-lock-is-a-fifo", _lock_is_a_fifo),
    _chain(
        "log-folder-read-only",
        _mounted("read-only", "logs"),
        has_record=False,
        log_says="no record in",
    ),
    _chain("log-folder-full", _mounted("full", "logs"), has_record=False, log_says="no record in"),
    _chain("disk-full", _all_full),
]

SICK_SECONDS = MOUNT_LIMIT_S + 0.5
SICK_MOUNTS = [
    fault
    for kind in ("killable", "unkillable")
    for fault in (
        _chain(
            f"sick-start-folder-{kind}",
            _mounted(kind, "start"),
            SICK,
            "sick-mount",
            allowed_s=SICK_SECONDS,
        ),
        _chain(
            f"sick-log-folder-{kind}",
            _mounted(kind, "logs"),
            has_record=False,
            log_says="no record yet",
            allowed_s=SICK_SECONDS,
        ),
        _chain(
            f"sick-admin-folder-{kind}",
            _mounted(kind, ""),
            SICK,
            has_record=False,
            log_says="as-user.sh sick-mount",
            allowed_s=SICK_SECONDS,
        ),
        Fault(
            f"script-reads-sick-mount-{kind}",
            _sick_shared(kind, '#!/bin/bash\nls "$GROWTH_SHARED_ROOT"\nsleep 9\n'),
            _both(TIMED_OUT if kind == "killable" else STUCK),
            "timed-out",
            allowed_s=STOPPED,
        ),
    )
]

RUNNERS = [
    _chain(
        f"runner-{name}",
        _runner(make),
        has_record=False,
        log_says=says,
        allowed_s=allowed_s,
    )
    for name, make, says, allowed_s in (
        ("missing", lambda world: None, "gave no answer", 0.0),
        ("empty", _runner_says(""), "gave no answer", 0.0),
        ("garbage", _runner_says("\0\1garbage("), "gave no answer", 0.0),
        ("killed", _runner_says("import os; os.kill(os.getpid(), 9)"), "gave no answer", 0.0),
        ("fails", _runner_says("raise SystemExit(3)"), "gave no answer", 0.0),
        (
            "hangs",
            _runner_says("import time; time.sleep(60)"),
            "gave no answer",
            2 * (LIMIT_S + 2) + 4 * MOUNT_LIMIT_S + 5.5,
        ),
        (
            "without-its-modules",
            _runner_says((STARTUP / "lib" / "runner.py").read_text()),
            "gave no answer",
            0.0,
        ),
    )
]

ENVIRONMENTS = [
    _chain("login-with-hyphens", _login("a-b-c")),
    _chain("login-with-capitals", _login("Jane-Doe")),
    _chain("login-with-digits-first", _login("1st-year")),
    _chain("login-of-digits", _login("12345")),
    _chain("login-is-admin", _login("admin")),
    _chain("login-of-32-characters", _login("a" * 32)),
    _chain(
        "login-of-39-characters",
        _login("a" * 39),
        {"rerooted": FINE},
        modes=("rerooted",),
    ),
    _chain("bad-candidate-id", _bad_candidate, Expected("missing"), "missing"),
    _chain("missing-candidate", _missing_candidate, Expected("missing"), "missing"),
    _chain("bad-limits", _bad_limits, notes_say="is not a number of seconds"),
    _chain("odd-environment", _odd_environment),
    _chain("closed-home", _home_is_closed, notes_say="Permission denied", modes=("root",)),
]

FAULTS = [
    *IN_THE_TEXT,
    KILLS_KEEPER,
    KEEPER_IS_ROOTS,
    *INSTEAD_OF_A_SCRIPT,
    *FOLDERS,
    *SICK_MOUNTS,
    *RUNNERS,
    *ENVIRONMENTS,
]


def list_cases(modes: list[str]) -> list[Case]:
    """Each fault, in each script that can have it, in both eras, in every mode that can be run.

    Re-rooted, both scripts run as the same user in the same way: one of them is enough there.
    """
    return [
        Case(fault, script, era, mode)
        for fault in FAULTS
        for mode in modes
        if mode in fault.modes
        for script in _scripts(fault, mode)
        for era in ("old", "new")
    ]


def _scripts(fault: Fault, mode: str) -> tuple[str, ...]:
    if fault.both_scripts and mode == "root":
        return fault.scripts
    return fault.scripts[-1:]
