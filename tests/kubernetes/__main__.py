"""`make test-kubernetes`: build what is missing, then run the tests in namespaces of their own.

    python -m tests.kubernetes [words for pytest]

In there are a network, mounts and process numbers that end with the tests, however they end: no
bridge, no chain of iptables, no mount and no process of theirs is ever seen outside. What kubelet
sets in the kernel for the whole machine, it sets in files that lie over the kernel's.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.container import images
from tests.container.engine import REPOSITORY, Engine, require_tools, timed
from tests.kubernetes.binaries import programs
from tests.kubernetes.conftest import INSIDE
from tests.kubernetes.node import BRIDGE
from tests.kubernetes.pictures import build_all

KERNEL = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}
"""What kubelet wants (pkg/kubelet/cm, ``KernelTunables``)."""
CGROUPS = Path("/sys/fs/cgroup")
FOLDERS = "growth-kube-"
DISK = "size=10g,mode=0755"
"""Where the node keeps images: in memory, written once and thrown away."""


def _script(folder: Path, words: list[str]) -> str:
    lines = ["set -euo pipefail"]
    for place in ("/run", "/var/lib", "/var/log"):
        lines.append(f"mount -t tmpfs -o {DISK} growth-kube {place}")
    for name, value in KERNEL.items():
        fake = folder / name.replace("/", "-")
        fake.write_text(f"{value}\n")
        fake.chmod(0o644)
        lines.append(f"mount --bind {fake} /proc/sys/{name}")
    lines += [
        "ip link set lo up",
        f"exec tini -s -- {shlex.join([sys.executable, '-m', 'pytest', *words])}",
    ]
    return "\n".join(lines)


def _remove_groups(before: set[Path]) -> None:
    """Remove the groups of containers that are gone; the kernel keeps those that are used."""
    for group in sorted(set(_groups()) - before, reverse=True):
        if _is_of_kubernetes(group):
            with suppress(OSError):
                group.rmdir()


def _sweep() -> None:
    """Remove what a run that was killed could not: its folder, and groups that nothing is in."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDERS}*-*"):
        if not Path("/proc", folder.name.removeprefix(FOLDERS).split("-")[0]).exists():
            shutil.rmtree(folder, ignore_errors=True)
    _remove_groups(set())


def _kernel() -> dict[str, str]:
    return {name: Path("/proc/sys", name).read_text().strip() for name in KERNEL}


def _left_behind(kernel: dict[str, str], groups: set[Path]) -> Iterator[str]:
    """Look for what a cluster leaves on a machine that it does not have to itself."""
    for name, value in _kernel().items():
        if value != kernel[name]:
            yield f"sysctl {name}: {kernel[name]} became {value}"
    for command, marks in (
        (["ip", "-brief", "link"], (BRIDGE,)),
        (["iptables-save"], ("KUBE-", BRIDGE)),
        (["mount"], ("growth-kube", "kubelet", "growth-containerd")),
        (["ps", "-eo", "args"], ("kube-apiserver", "growth-containerd", "/var/lib/growth-kube")),
    ):
        said = subprocess.run(command, capture_output=True, text=True).stdout
        for line in said.splitlines():
            if any(mark in line for mark in marks) and not line.startswith(("go ", "/usr/lib/go")):
                yield f"{command[0]}: {line.strip()}"
    for group in set(_groups()) - groups:
        if _is_of_kubernetes(group):
            yield f"cgroup {group}"


def _is_of_kubernetes(group: Path) -> bool:
    return "k8s.io" in group.parts or "kubepods" in group.parts


def _groups() -> Iterator[Path]:
    for folder, names, _ in os.walk(CGROUPS):
        yield from (Path(folder, name) for name in names)


def main(words: list[str]) -> int:
    """Return pytest's exit code."""
    require_tools()
    _sweep()
    with tempfile.TemporaryDirectory(prefix=f"{FOLDERS}{os.getpid()}-") as name:
        folder = Path(name)
        with timed("Kubernetes' programs"):
            place = programs()
        (folder / "engine").mkdir()
        engine = Engine(folder / "engine")
        with timed("images"):
            build_all(engine, images.image(engine))
        environ = {**os.environ, INSIDE: str(place)}
        command = ["setpriv", "--pdeathsig", "KILL"]  # they end with us, however we end
        command += ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"]
        command += ["--mount-proc", "bash", "-c"]
        options = [f"--basetemp={folder / 'pytest'}", "-p", "no:cacheprovider"]
        command.append(_script(folder, options + (words or ["tests/kubernetes"])))
        kernel, groups = _kernel(), set(_groups())
        code = subprocess.run(command, cwd=REPOSITORY, env=environ).returncode
        _remove_groups(groups)
        left = list(_left_behind(kernel, groups))
        print("\n".join(["Left behind:", *left]) if left else "Nothing was left on the machine.")
        return code or bool(left)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
