"""The throw-away root: bubblewrap, else a user namespace, else a re-rooted home.

Each kind is tried for real before it is used, because a container may have the program and still
forbid what it does. bubblewrap options after its manual page (bwrap(1)); as root no user namespace
is made, all capabilities but the few that a start script's work needs are dropped, and as-user.sh
runs under an unused id; without root the namespace maps one id, so as-root.sh sees itself as root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from growth_admin.startup.rehearsal.report import Isolation
from growth_admin.startup.rehearsal.sample import STUDENT, STUDENT_ID
from growth_admin.startup.rehearsal.stage import Stage, shown_etc

_PROBE_TIMEOUT_S = 10.0
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/opt")
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_KEPT_CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID", "KILL", "FSETID")
TEMPORARY_BYTES = 64 * 1024 * 1024
_PROCESSES_LIMIT = 1024
_COUNT_LEFT = (
    f"ulimit -u {_PROCESSES_LIMIT} 2>/dev/null || ulimit -p {_PROCESSES_LIMIT} 2>/dev/null; "
    '"$0" 3>&-; code=$?; set -- /proc/[0-9]*; echo $(($# - {own})) >&3; exit $code'
)
"""Runs the script without our descriptor, then says how many processes it left behind."""


@dataclass(frozen=True)
class Sandbox:
    """One kind of isolation that works on this machine."""

    kind: Isolation
    note: str
    is_direct: bool = False
    """Whether ids inside are real ids (only root can do that)."""

    def command(self, stage: Stage, script: str, *, as_root: bool, network: bool) -> list[str]:
        """Return the command that runs the script inside."""
        inner = f"{INSIDE}/{script}"
        if self.kind == "bubblewrap":
            return self._bubblewrap(stage, inner, as_root=as_root, network=network)
        if self.kind == "user-namespace":
            return self._namespace(stage, inner, network=network)
        return ["/bin/sh", "-c", 'exec "$0"', str(stage.scripts / script)]

    def _bubblewrap(self, stage: Stage, inner: str, *, as_root: bool, network: bool) -> list[str]:
        command = ["bwrap", "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-ipc"]
        command += ["--unshare-uts", "--hostname", "rehearsal"]
        if not network:
            command.append("--unshare-net")
        if self.is_direct:
            command += ["--cap-drop", "ALL"]
            for name in _KEPT_CAPABILITIES:
                command += ["--cap-add", f"CAP_{name}"]
        else:
            user = "0" if as_root else str(STUDENT_ID)
            command += ["--unshare-user", "--uid", user, "--gid", user]
        command += ["--size", str(TEMPORARY_BYTES), "--tmpfs", "/"]
        command += [*_system_mounts(), "--proc", "/proc", "--dev", "/dev"]
        for entry in _writable_proc():
            command += ["--ro-bind", entry, entry]
        for folder in ("/tmp", "/var", "/run", "/root"):
            command += ["--size", str(TEMPORARY_BYTES), "--perms", "1777", "--tmpfs", folder]
        targets = (f"/home/{STUDENT}", str(stage.shared_root), str(stage.admin_root))
        for folder in _parents(*targets, *_program_folders()):
            command += ["--perms", "0755", "--dir", folder]
        for folder in ("/var/tmp", "/var/log", "/var/cache"):
            command += ["--perms", "1777", "--dir", folder]
        command += ["--bind", str(stage.etc), "/etc", "--ro-bind", str(stage.scripts), INSIDE]
        for folder in shown_etc():
            command += ["--ro-bind", folder, folder]
        if network:
            command += ["--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf"]
        command += ["--bind", str(stage.home), f"/home/{STUDENT}"]
        for target in dict.fromkeys(("/nfs", str(stage.shared_root))):
            command += ["--ro-bind", str(stage.shared), target]
        for target in dict.fromkeys(("/home/admin", str(stage.admin_root))):
            command += ["--ro-bind", str(stage.admin), target]
        command += _program_mounts()
        command += ["--chdir", f"/home/{STUDENT}", "--"]
        if self.is_direct and not as_root:
            command += [
                "setpriv",
                f"--reuid={STUDENT_ID}",
                f"--regid={STUDENT_ID}",
                "--clear-groups",
                "--bounding-set=-all",
                "--inh-caps=-all",
            ]
        command += ["/bin/sh", "-c", _COUNT_LEFT.replace("{own}", "2"), inner]
        return [*_sealed_devices(), *command] if self.is_direct else command

    def _namespace(self, stage: Stage, inner: str, *, network: bool) -> list[str]:
        command = [
            "unshare",
            "--user",
            "--map-root-user",
            "--mount",
            "--pid",
            "--fork",
            "--ipc",
            "--uts",
            "--kill-child",
        ]
        if not network:
            command.append("--net")
        return [*command, "--", "/bin/sh", "-c", _mount_script(stage), inner]


INSIDE = "/rehearsal"
"""Where the scripts stand inside."""


def _system_mounts() -> list[str]:
    """Return the options that show the system read-only, links kept as links."""
    options: list[str] = []
    for name in _SYSTEM:
        path = Path(name)
        if path.is_symlink():
            options += ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            options += ["--ro-bind", name, name]
    return options


def chain_library() -> str:
    """Return where the start chain's programs are, empty if that is not moved from its place."""
    return os.environ.get("GROWTH_CHAIN_LIB", "")


def _program_folders() -> list[str]:
    """Return the folders of the running Python, and of the chain, that no system mount shows."""
    folders = dict.fromkeys(f for f in (sys.prefix, sys.base_prefix, chain_library()) if f)
    hidden = [f for f in folders if not f.startswith(tuple(f"{s}/" for s in _SYSTEM))]
    return [f for f in hidden if f not in _SYSTEM and f != "/"]


def _writable_proc() -> list[str]:
    """Return what of /proc is the whole machine's, and what root could so change for everybody."""
    found: list[str] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() or entry.is_symlink():
            continue
        if entry.is_dir() or entry.stat().st_mode & 0o222:
            found.append(str(entry))
    return found


def _sealed_devices() -> list[str]:
    """Return a prefix after which the devices' modes are read-only: root's chmod would reach them.

    (bwrap --remount-ro would also forbid to use them.)
    """
    names = " ".join(f"/dev/{name}" for name in _DEVICES)
    seal = f"for d in {names}; do mount --bind $d $d && mount -o remount,bind,ro $d; done"
    return ["unshare", "--mount", "--", "/bin/sh", "-c", seal + ' && exec "$@"', "sh"]


def _parents(*paths: str) -> list[str]:
    """Return every folder above the paths, the outermost first (bwrap would make them 0700)."""
    parents = {str(parent) for path in paths for parent in Path(path).parents}
    shown = ("/", "/tmp", "/var", "/run", "/root", *_SYSTEM)
    return sorted(p for p in parents if p not in shown and not p.startswith(_SYSTEM))


def _program_mounts() -> list[str]:
    return [word for folder in _program_folders() for word in ("--ro-bind", folder, folder)]


def _mount_script(stage: Stage) -> str:
    """Return a shell program that builds the root by hand and enters it."""
    root = stage.work / "root"
    lines = [
        "set -e",
        f"mount -t tmpfs -o size={TEMPORARY_BYTES} none {_quoted(root)}",
        f"cd {_quoted(root)}",
        f"mkdir -p proc dev tmp var/tmp run root home/{STUDENT} etc rehearsal",
        "chmod 1777 tmp var/tmp",
    ]

    def bind(
        source: Path | str, target: str, *, is_writable: bool = False, is_file: bool = False
    ) -> None:
        inner = _quoted("." + target)
        make = "touch" if is_file else "mkdir -p"
        lines.append(f"{make} {inner}; mount --bind {_quoted(source)} {inner}")
        if not is_writable:
            lines.append(
                f"mount -o remount,bind,ro,nosuid {inner} || mount -o remount,bind,ro {inner}"
            )

    for name in _SYSTEM:
        path = Path(name)
        if path.is_symlink():
            lines.append(f"ln -s {_quoted(path.readlink())} .{name}")
        elif path.is_dir():
            bind(name, name)
    for device in _DEVICES:
        bind(f"/dev/{device}", f"/dev/{device}", is_file=True)
    bind(stage.etc, "/etc", is_writable=True)
    for folder in shown_etc():
        bind(folder, folder)
    bind(stage.scripts, INSIDE)
    bind(stage.home, f"/home/{STUDENT}", is_writable=True)
    for target in dict.fromkeys(("/nfs", str(stage.shared_root))):
        bind(stage.shared, target)
    for target in dict.fromkeys(("/home/admin", str(stage.admin_root))):
        bind(stage.admin, target)
    for folder in _program_folders():
        bind(folder, folder)
    lines.append("mount -t proc proc proc")
    for entry in _writable_proc():
        inner = entry.removeprefix("/")
        lines.append(f"mount --bind {inner} {inner}; mount -o remount,bind,ro {inner}")
    lines += [
        "mkdir -p .old; pivot_root . .old",
        "cd /; umount -l /.old; rmdir /.old",
        f"cd /home/{STUDENT}",
        f"exec setpriv --bounding-set=-all --inh-caps=-all /bin/sh -c"
        f' {_quoted(_COUNT_LEFT.replace("{own}", "1"))} "$0"',
    ]
    return "\n".join(lines)


def _quoted(text: Path | str) -> str:
    return "'" + str(text).replace("'", "'\\''") + "'"


def _works(command: Sequence[str]) -> bool:
    try:
        answer = subprocess.run(
            list(command), capture_output=True, timeout=_PROBE_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


@cache
def find_sandbox() -> Sandbox:
    """Return the strongest isolation that works here; each is tried by running something in it."""
    if sys.platform.startswith("linux") and shutil.which("bwrap"):
        common = [
            "bwrap",
            "--die-with-parent",
            "--unshare-pid",
            "--unshare-ipc",
            "--unshare-uts",
            "--unshare-net",
            "--tmpfs",
            "/",
            *_system_mounts(),
            "--proc",
            "/proc",
            "--dev",
            "/dev",
            "--tmpfs",
            "/tmp",
        ]
        if os.geteuid() == 0 and shutil.which("setpriv"):
            user = ["setpriv", f"--reuid={STUDENT_ID}", f"--regid={STUDENT_ID}", "--clear-groups"]
            caps = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
            command = [*_sealed_devices(), *common, *caps, "--", *user]
            if _works([*command, "/bin/sh", "-c", "echo >/dev/null"]):
                return Sandbox(
                    "bubblewrap",
                    "as-root.sh ran as root with few rights,"
                    f" as-user.sh under the unused id {STUDENT_ID}.",
                    is_direct=True,
                )
        mapped = ["--unshare-user", "--uid", str(STUDENT_ID), "--gid", str(STUDENT_ID)]
        if _works([*common, *mapped, "--", "/bin/sh", "-c", "exit 0"]):
            return Sandbox(
                "bubblewrap",
                "as-root.sh saw itself as root, but only one id exists"
                " inside: chown and usermod behave otherwise than in a real start.",
            )
    return _without_bubblewrap()


def _without_bubblewrap() -> Sandbox:
    """Return the next best: namespaces made by hand, else only a re-rooted home."""
    probe = [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "--pid",
        "--fork",
        "--ipc",
        "--uts",
        "--net",
        "--kill-child",
        "--",
        "/bin/sh",
        "-c",
        "mount -t tmpfs none /tmp && mount -t proc proc /proc && command -v pivot_root",
    ]
    if sys.platform.startswith("linux") and shutil.which("setpriv") and _works(probe):
        return Sandbox(
            "user-namespace",
            "bubblewrap does not work here; both scripts saw"
            " themselves as root of a namespace with a single id.",
        )
    return Sandbox(
        "re-rooted",
        "Neither bubblewrap nor user namespaces work here: HOME, /nfs and"
        " /home were replaced in the text, writing elsewhere was forbidden where this"
        " system can, and processes were not kept apart.",
    )
