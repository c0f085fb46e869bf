"""The first process of a throw-away machine: mounts what the orders say, runs the chain, reports.

Runs as root in a mount and pid namespace of its own, so whatever a fault breaks ends with it.
Orders come as JSON in argv[1]; see `chain_world.World`.
"""

import ctypes
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from sick_mount import mount_sick  # the path is set just above

_ACCOUNTS = {
    "passwd": "jovyan:x:1000:100::/home/jovyan:/bin/bash\nadmin:x:999:995::/home/admin:/bin/bash\n",
    "group": "admin:x:995:\n",
    "shadow": "jovyan:!:19000::::::\nadmin:!:19000::::::\n",
    "gshadow": "admin:!::\n",
}
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC = 1, 32, 4096, 16384
_libc = ctypes.CDLL(None, use_errno=True)
_held: list[int] = []


def _mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """mount(2) itself: the command would cost each start a dozen processes."""
    words = (source.encode(), target.encode(), kind.encode(), flags, options.encode())
    if _libc.mount(*words) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"mount {source} on {target}: {os.strerror(number)}")


def _bind(source: str, target: str) -> None:
    Path(target).mkdir(parents=True, exist_ok=True)
    _mount(source, target, flags=_MS_BIND | _MS_REC)


def _private(target: str, options: str) -> None:
    _mount("growth-test", target, "tmpfs", options=options)


def _private_etc() -> None:
    """A copy of /etc with the image's accounts, so that useradd and friends really work."""
    copy = "/mnt/etc"
    for name in ("etc", "upper", "work"):
        Path("/mnt", name).mkdir()
    try:
        layers = "lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work"
        _mount("growth-test", copy, "overlay", options=layers)
    except OSError:  # no overlay here: a copy takes longer and does as well
        shutil.copytree("/etc", copy, symlinks=True, dirs_exist_ok=True)
    for name, lines in _ACCOUNTS.items():
        path = Path(copy, name)
        taken = {line.split(":")[0] for line in lines.splitlines()}
        kept = [one for one in path.read_text().splitlines() if one.split(":")[0] not in taken]
        path.write_text("\n".join(kept) + "\n" + lines)
    for name in ("shadow", "gshadow"):
        os.chmod(Path(copy, name), 0o600)
    os.chmod(Path(copy, "sudoers"), 0o440)
    _mount(copy, "/etc", flags=_MS_BIND)


def _arrange(order: dict[str, Any]) -> None:
    """One special mount; paths are those inside."""
    kind, path = order["kind"], order["path"]
    if kind in ("killable", "unkillable"):
        Path(path).mkdir(parents=True, exist_ok=True)
        _held.append(mount_sick(path, kind))
    elif kind == "read-only":
        _mount(path, path, flags=_MS_BIND)
        _mount("", path, flags=_MS_BIND | _MS_REMOUNT | _MS_RDONLY)
    elif kind == "full":
        _private(path, "size=64k,mode=1777")
        _fill(os.path.join(path, "filler"))
    else:
        raise ValueError(f"unknown order {kind}")


def _fill(path: str) -> None:
    """Write until nothing more fits, not even a byte."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    for size_bytes in (4096, 1):
        try:
            while True:
                os.write(descriptor, b"x" * size_bytes)
        except OSError:
            continue


def _set_up(orders: dict[str, Any]) -> None:
    world = orders["world"]
    _private("/mnt", "mode=755")
    for source, target in orders["binds"].items():
        _bind(source, target)
    if orders["is_root"]:
        _private_etc()
        _private("/home", "mode=755")
        home = Path("/home/jovyan")
        home.mkdir()
        os.chown(home, 1000, 100)
        _bind(f"{world}/admin", "/home/admin")
        for name in ("nfs", "result", "home"):
            _bind(f"{world}/{name}", f"/mnt/{name}")
    else:
        _bind(world, "/mnt/world")
    for place in ("/run", "/var/tmp", "/tmp"):
        _private(place, "mode=1777")
    for command in orders["commands"]:
        subprocess.run(command, check=True, shell=True)
    for order in orders["mounts"]:
        _arrange(order)


def _run(orders: dict[str, Any]) -> int:
    """Start the chain(s), reap every orphan as tini does, and wait for the chains to end."""
    with open(orders["log"], "wb") as log:
        chains = {
            subprocess.Popen(
                [*orders["drop"], *orders["command"]],
                env=orders["environ"],
                cwd=orders["cwd"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            ).pid
            for _ in range(orders["times"])
        }
    status = 0
    deadline = time.monotonic() + orders["patience_s"]
    while chains and time.monotonic() < deadline:
        pid, ended = os.waitpid(-1, os.WNOHANG)
        if pid in chains:
            chains.remove(pid)
            status = ended
        elif pid == 0:
            time.sleep(0.01)
    return 124 if chains else os.waitstatus_to_exitcode(status)


def main() -> None:
    orders = json.loads(sys.argv[1])
    report = Path(orders["world"], "report.json")
    # Opened now: /tmp, where it probably is, will be covered.
    log = os.open(orders["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    orders["log"] = f"/proc/self/fd/{log}"
    report_file = report.open("w")
    _set_up(orders)
    begun = time.time()
    code = _run(orders)
    leftovers = sorted(
        str(path) for place in ("/tmp", "/run", "/var/tmp") for path in Path(place).glob("growth-*")
    )
    json.dump({"begun": begun, "code": code, "leftovers": leftovers}, report_file)
    report_file.flush()
    os._exit(0)  # the kernel ends everything else in this namespace


if __name__ == "__main__":
    main()
