"""How what is run in a built image is kept from the network of this server.

``--network=none`` does it, but buildah's chroot isolation refuses that and gives the network of
whoever runs buildah; there ``offline.py`` takes it away before. That needs root with the right to
make namespaces, or the user namespace of ``buildah unshare``.

Sources: buildah-run(1), buildah-unshare(1), podman-run(1).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from growth_admin.core.process import run_bounded
from growth_admin.images.builds import offline

OFFLINE: Final = (sys.executable, "-I", offline.__file__)
TRIAL_S: Final = 30.0


@dataclass(frozen=True)
class Network:
    """Words before the tool, and options of its ``run``. ``is_open``: neither takes it away."""

    before: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    is_open: bool = False


def without_network(
    tool: Sequence[str], run_options: Sequence[str], env: Mapping[str, str], *, is_buildah: bool
) -> Network:
    """Return what keeps commands of ``tool`` from the network, unless options give them one."""
    options = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    options.add_argument("--isolation", nargs="?", default=env.get("BUILDAH_ISOLATION"))
    options.add_argument("--network", "--net", nargs="?", default="")
    given, _ = options.parse_known_args(list(run_options))
    if given.network:
        return Network()
    if not is_buildah or given.isolation != "chroot":
        return Network(options=("--network=none",))
    for inside in ((), (*tool, "unshare", "--")):
        before = (*inside, *OFFLINE)
        if run_bounded([*before, "true"], timeout_s=TRIAL_S, env=env).exit_code == 0:
            return Network(before)
    return Network(is_open=True)
