"""A try of conda's packages: they lie in a folder of the try, its kernel is the server's Python.

What they bring for Python is found before what the server has, their programs are the first on the
``PATH``; a compiled part finds its libraries beside it, as conda builds it. A Python that comes
along runs those of their programs that are written in it.

Sources: conda-build documentation, "Making packages relocatable"; conda documentation, "Managing
environments" (``conda-meta``, activation).
"""

from __future__ import annotations

import json
import os
import re
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

from packaging.utils import canonicalize_name

from growth_admin.core.errors import GrowthError, IndexUnavailable
from growth_admin.images.builds.engine import FULL
from growth_admin.images.builds.following import Followed
from growth_admin.images.packages.settings import ImageSource
from growth_admin.images.tryouts.conda_order import Ending, Order
from growth_admin.images.tryouts.environment import (
    SAID_CHARS,
    TryEnvironment,
    compared,
    failure,
    hidden,
    packages_below,
    server_versions,
)
from growth_admin.images.tryouts.models import TriedPackage

PROGRAM: Final = "growth_admin.images.tryouts.conda_install"
HINTS: Final = {
    Ending.NO_SUCH: "Look at the name and the version; Packages shows which ones there are.",
    Ending.NOT_FITTING: "Look at the versions; Packages shows which ones fit.",
    Ending.CONFLICT: "The job's log names the bounds that collide.",
    Ending.FAILED: "The job's log has all that was said.",
}
NAME: Final = re.compile(r"[^\s=<>!~]+")
IMPORTS_TRIED: Final = 10
ANOTHER_KIND: Final = (
    "Compiled packages of conda are made for conda's own Python, which this server's is not; in "
    "the image they may work."
)


class CondaEnvironment(TryEnvironment):
    """One try's environment with packages of conda."""

    @property
    def prefix(self) -> Path:
        """The folder that packages of conda are put into."""
        return self.folder / "conda"

    @property
    def further_packages(self) -> tuple[str, ...]:
        """What they bring for Python."""
        return (str(packages_below(self.prefix)),)

    @property
    def variables(self) -> dict[str, str]:
        """What is set for its kernel: programs of the try come first, those of conda next."""
        own = json.loads(self._variables_file.read_bytes())
        programs = (str(self.python.parent), own.pop("PATH"), "${PATH}")
        # a dollar sign would be read as the name of a variable, as that of PATH here is
        escaped = {name: text.replace("$", "$$") for name, text in own.items()}
        return {**escaped, "PATH": os.pathsep.join(programs)}

    @property
    def _wanted(self) -> set[str]:
        """The names of what was asked for."""
        return {found[0].lower() for one in self._record.packages if (found := NAME.match(one))}

    @property
    def _variables_file(self) -> Path:
        return self.folder / "conda-variables.json"

    def install(self, source: ImageSource) -> Followed:
        """Install what is wanted, from the school's channel. Raises ``GrowthError``."""
        major, minor = sys.version_info[:2]
        threading = "t" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
        order = Order(
            channel=source.conda_channel,
            host=source.channel_host,
            specs=self._record.packages,
            python=f"{major}.{minor}",
            python_abi=f"*_cp{major}{minor}{threading}",
            prefix=str(self.prefix),
            cache=str(self.folder / "conda-cache"),  # its own: what is fetched does not last either
            variables=str(self._variables_file),
            answer_s=source.resolve_timeout_s,
        )
        searched = os.pathsep.join(filter(None, sys.path))  # ours, and py-rattler as we found it
        done = self.follow(
            [sys.executable, "-P", "-m", PROGRAM], {**order.as_variable(), "PYTHONPATH": searched}
        )
        if done.exit_code != 0 and not done.is_cancelled:
            raise _failure(done)
        for path in (self.prefix / "conda-meta").glob("*.json"):
            path.write_text(hidden(path.read_text("utf-8")), "utf-8")  # each has its address
        return done

    def installed(self) -> tuple[TriedPackage, ...]:
        """Return what lies in the try's folder, with the server's version where it differs.

        Of what is not for Python only for the wanted packages: libraries that came along are many,
        and nothing outside of the try uses them. The kernel's Python is the server's all the same.
        """
        base = dict(_records(Path(sys.base_prefix)))
        outside = {name: base[name] for name in self._wanted & base.keys()} | server_versions()
        outside.pop("python", None)
        found = dict(_records(self.prefix))
        # what Python calls otherwise than conda does is worth a line where it hides another
        for one in distributions(path=list(self.further_packages)):
            if outside.get(canonicalize_name(one.name), one.version) != one.version:
                found.setdefault(one.name, one.version)
        return compared(found, outside)

    def list_warnings(self) -> tuple[str, ...]:
        """Return which modules of the wanted packages the server's Python cannot import."""
        is_of_conda = Path(sys.base_prefix, "conda-meta").is_dir()
        found = []
        for module in list(dict.fromkeys(self._wanted_modules()))[:IMPORTS_TRIED]:
            done = self.run("-P", "-c", f"import {module}")
            if done.exit_code != 0 and not done.is_cancelled:
                said = hidden(done.tail).strip().splitlines() or ["it said nothing"]
                why = "it takes too long" if done.is_timed_out else said[-1][:SAID_CHARS]
                further = "" if is_of_conda else f" {ANOTHER_KIND}"
                found.append(f"{module} cannot be imported: {why.rstrip('.')}.{further}")
        return tuple(found)

    def _wanted_modules(self) -> Iterator[str]:
        below, wanted = packages_below(self.prefix), self._wanted
        for path in (self.prefix / "conda-meta").glob("*.json"):
            if path.stem.rsplit("-", 2)[0] not in wanted:
                continue
            for file in json.loads(path.read_bytes()).get("files", ()):
                inside = self.prefix / file
                if inside.is_relative_to(below):
                    yield from _module(inside.relative_to(below))
        for name in wanted:  # one may only name others that have the module
            module = name.replace("-", "_")
            if Path(below, module, "__init__.py").exists() or Path(below, f"{module}.py").exists():
                yield module


def _module(path: Path) -> Iterator[str]:
    """Yield the module that a file of a folder of packages is, or begins."""
    is_package = len(path.parts) == 2 and path.name == "__init__.py"
    is_module = len(path.parts) == 1 and path.suffix in (".py", ".so")
    name = path.parts[0].partition(".")[0]
    if (is_package or is_module) and name.isidentifier() and not name.startswith("_"):
        yield name


def _records(prefix: Path) -> Iterator[tuple[str, str]]:
    """Yield name and version of each package that conda put into a prefix."""
    for path in (prefix / "conda-meta").glob("*-*-*.json"):
        name, version, _ = path.stem.rsplit("-", 2)
        yield name, version


def _failure(done: Followed) -> GrowthError:
    said = hidden(done.tail).strip()
    last = said.rpartition("\n")[2][:SAID_CHARS]
    if FULL.search(said):
        return failure("The installation", said)
    if done.exit_code == Ending.UNAVAILABLE:
        return IndexUnavailable(last)
    if done.exit_code in HINTS:
        return GrowthError(last, hint=HINTS[Ending(done.exit_code)])
    if done.exit_code > 128:
        return GrowthError(
            f"The installation was killed (signal {done.exit_code - 128}).",
            hint="This server's memory limit may be too small for it.",
        )
    return failure("The installation", said)
