"""Makes the environment of a try: what the server has, and packages of the index before it.

A virtual environment of the server's own Python. That it sees what the server has is written into
a ``.pth`` file: ``--system-site-packages`` alone shows a server that itself runs in an environment
the wrong folder. pip then takes what is there as installed, never removes it (it lies outside) and
puts only what is new into the try. uv would not see it, and install all of it once more.

Sources: Python, ``venv`` and ``site``; pip, ``--python``; "Making kernels for Jupyter".
"""

from __future__ import annotations

import json
import os
import re
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path
from string import Template
from typing import Final

from packaging.utils import canonicalize_name

from growth_admin.core.errors import GrowthError, StorageFull
from growth_admin.core.process import run_bounded
from growth_admin.images.builds.engine import FULL
from growth_admin.images.builds.following import Followed, follow
from growth_admin.images.builds.tool import HIDDEN
from growth_admin.images.packages.lists import LOGIN
from growth_admin.images.packages.settings import ImageSource
from growth_admin.images.tryouts.models import TriedPackage, TryOutRecord
from growth_admin.images.tryouts.place import TryPlace

MAKE_S: Final = 120.0
SAID_CHARS: Final = 300
NONE_FITS: Final = re.compile(r"No matching distribution found for (\S+)")
CONFLICT: Final = re.compile(r"ResolutionImpossible|conflicting dependencies")
TOKEN: Final = re.compile(r"(?<=/t/)[^/\s]+(?=/)")
"""The token in the address of a conda channel, which is shown to nobody either."""


class TryEnvironment:
    """One try's environment. ``on_lines`` hears what the tools say, without logins."""

    def __init__(
        self,
        place: TryPlace,
        record: TryOutRecord,
        *,
        on_lines: Callable[[list[str]], None],
        is_cancelled: Callable[[], bool],
        timeout_s: float,
    ) -> None:
        self.folder = place.env(record.id)
        self._kernel = place.kernel(record.id)
        self._record = record
        self._on_lines = on_lines
        self._is_cancelled = is_cancelled
        self._timeout_s = timeout_s

    @property
    def python(self) -> Path:
        """The Python of the try."""
        return self.folder / "bin" / "python"

    @property
    def packages(self) -> Path:
        """The folder that Python packages are put into."""
        return packages_below(self.folder)

    @property
    def further_packages(self) -> tuple[str, ...]:
        """Other folders of Python packages, before those of the server."""
        return ()

    @property
    def variables(self) -> dict[str, str]:
        """What is set for its kernel, as kernel.json has it: the try's programs come first."""
        return {"PATH": f"{self.python.parent}{os.pathsep}${{PATH}}"}

    def make(self) -> None:
        """Make an empty environment that sees what this server has. Raises ``GrowthError``."""
        done = run_bounded(
            [sys.executable, "-m", "venv", "--without-pip", str(self.folder)],
            timeout_s=MAKE_S,
            env=_environment(),
        )
        if done.exit_code != 0:
            raise failure("Making the environment", done.stderr.decode(errors="replace"))
        (self.packages / "growth-server.pth").write_text(
            "".join(f"{folder}\n" for folder in (*self.further_packages, *_server_packages())),
            encoding="utf-8",
        )

    def install(self, source: ImageSource) -> Followed:
        """Install what is wanted, from the school's index. Raises ``GrowthError``."""
        command = [
            *(sys.executable, "-m", "pip", "--python", str(self.python), "install"),
            *("--no-input", "--disable-pip-version-check", "--progress-bar", "off"),
            *("--prefer-binary", "--no-warn-script-location", "--no-cache-dir"),
            *self._record.packages,
        ]
        # not among the words of a process, which everybody may read
        done = self.follow(command, {"PIP_INDEX_URL": source.index_url})
        if done.exit_code != 0 and not done.is_cancelled:
            raise failure("The installation", done.tail)
        return done

    def follow(self, command: Sequence[str], variables: Mapping[str, str]) -> Followed:
        """Run what installs, with its lines as the log. Raises ``GrowthError`` at the limit."""
        done = follow(
            command,
            on_lines=lambda lines: self._on_lines([hidden(line) for line in lines]),
            is_cancelled=self._is_cancelled,
            timeout_s=self._timeout_s,
            env={**_environment(), **variables},
        )
        if done.is_timed_out:
            raise GrowthError(
                f"The installation took longer than {self._timeout_s:.0f} s.",
                hint="TryOuts.timeout_s is the limit; what takes long belongs into a build.",
            )
        return done

    def installed(self) -> tuple[TriedPackage, ...]:
        """Return what lies in the try's own folder, with the server's version where it differs."""
        found = {one.name: one.version for one in distributions(path=[str(self.packages)])}
        return compared(found, server_versions())

    def size_bytes(self) -> int:
        """Return what the try takes on the disk."""
        return sum(
            (Path(folder) / name).lstat().st_size
            for folder, _, names in os.walk(self.folder)
            for name in names
        )

    def list_warnings(self) -> tuple[str, ...]:
        """Return what is not as it should be, although its kernel starts."""
        return ()

    def run(self, *words: str) -> Followed:
        """Run its Python, as its kernel does but without what the server keeps secret."""
        known = _environment()
        own = {name: Template(text).safe_substitute(known) for name, text in self.variables.items()}
        return follow(
            [str(self.python), *words],
            on_lines=lambda lines: None,
            is_cancelled=self._is_cancelled,
            timeout_s=MAKE_S,
            env={**known, **own},
        )

    def offer(self) -> None:
        """Let Lab show its kernel. Raises ``GrowthError`` where the environment has none."""
        done = self.run("-P", "-c", "import ipykernel.kernelapp")
        if done.exit_code != 0 and not done.is_cancelled:
            raise failure("Its kernel cannot start:", done.tail)
        specification = {
            "argv": [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": kernel_title(self._record.packages),
            "language": "python",
            "env": self.variables,
            "metadata": {"debugger": True, "growth_tryout": self._record.id},
        }
        self._kernel.mkdir(mode=0o700)
        staged = self._kernel / "kernel.json.new"
        staged.write_text(json.dumps(specification, indent=1), encoding="utf-8")
        staged.rename(self._kernel / "kernel.json")


def kernel_title(packages: tuple[str, ...]) -> str:
    """Return how Lab calls the kernel of a try."""
    shown = ", ".join(packages[:3]) + (f" and {len(packages) - 3} more" if packages[3:] else "")
    return f"Try: {shown} (not lasting)"


def packages_below(folder: Path) -> Path:
    """Return where this server's Python has its packages, below another folder."""
    inside = {"base": str(folder), "platbase": str(folder)}
    return Path(sysconfig.get_path("purelib", "venv", vars=inside))


def compared(found: Mapping[str, str], outside: Mapping[str, str]) -> tuple[TriedPackage, ...]:
    """Return packages with their versions, and those outside of the try where they differ."""
    packages = []
    for name, version in sorted(found.items(), key=lambda one: one[0].lower()):
        known = outside.get(canonicalize_name(name), version)
        instead_of = known if known != version else ""
        packages.append(TriedPackage(name=name, version=version, instead_of=instead_of))
    return tuple(packages)


def server_versions() -> dict[str, str]:
    """Return the versions of the Python packages that this server has, by canonical name."""
    return {
        canonicalize_name(one.name): one.version
        for one in reversed(list(distributions(path=_server_packages())))
    }


def _server_packages() -> list[str]:
    """Return the folders of this server's packages, as its own Python searches them."""
    names = ("site-packages", "dist-packages")
    found = [folder for folder in sys.path if Path(folder).name in names]
    own = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    return list(dict.fromkeys([*found, *own]))


def _environment() -> dict[str, str]:
    """Return the variables that tools are given: no token, and nobody else's settings of Python."""
    return {
        name: text
        for name, text in os.environ.items()
        if not HIDDEN.fullmatch(name) and not name.startswith("PYTHON")
    }


def hidden(text: str) -> str:
    """Return a text without the logins in its addresses."""
    return LOGIN.sub("***@", TOKEN.sub("***", text))


def failure(what: str, said: str) -> GrowthError:
    """Return the error that a tool's last words tell of."""
    if FULL.search(said):
        return StorageFull(
            "The server's own disk is full.", hint="Remove other tries, or restart this server."
        )
    said = hidden(said)
    if missing := NONE_FITS.search(said):
        return GrowthError(
            f"The index has no {missing[1][:80]} that fits this server's Python "
            f"{sys.version_info.major}.{sys.version_info.minor}.",
            hint="Look at the name and the version; Packages shows which ones there are.",
        )
    if CONFLICT.search(said):
        return GrowthError(
            "These packages cannot be installed together.",
            hint="The job's log names the bounds that collide.",
        )
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"error|fail|cannot|No module", line, re.I)]
    last = (telling or lines or ["it said nothing"])[-1][:SAID_CHARS]
    return GrowthError(f"{what} failed: {last}", hint="The job's log has all that was said.")
