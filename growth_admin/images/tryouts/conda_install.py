"""Installs packages of conda into a folder: the process of its own that a try starts.

Here, so that py-rattler never lies in the memory of a server, and whatever it does ends with this
process. Each line that is written is one of the job's log; the last one says why it failed, the
exit code of which kind that is.

Sources: py-rattler, ``solve``, ``install`` and ``activate``; conda documentation, "Package match
specifications" and "Managing virtual packages".
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from rattler import Gateway, MatchSpec, RepoDataRecord, VirtualPackage, install, solve
from rattler.exceptions import InstallerError, InvalidMatchSpecError, SolverError
from rattler.install import InstallerReporter
from rattler.platform import Subdir
from rattler.shell import ActivationVariables, Shell, activate

from growth_admin.core.words import count, in_words
from growth_admin.images.tryouts.conda_order import Ending, Order

ACTIVATION_S: Final = 60.0
OF_THE_SHELL: Final = frozenset(("PATH", "PWD", "OLDPWD", "SHLVL", "CONDA_SHLVL", "_"))
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Ended(Exception):
    """It is not installed, for a reason that is told in a sentence."""

    def __init__(self, ending: Ending, sentence: str) -> None:
        super().__init__(sentence)
        self.ending = ending


class Installation:
    """One order, carried out."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._gateway = Gateway(cache_dir=Path(order.cache, "repodata"))
        self._platforms = [Subdir.current(), Subdir("noarch")]
        # where python comes along at all, it is the server's: the kernel is the server's Python
        self._fitting = (
            f"python {order.python}.*",
            f"python_abi {order.python}.* {order.python_abi}",
        )

    async def run(self) -> None:
        """Install it. Raises ``Ended``."""
        records = await self._choose()
        size_bytes = sum(one.size or 0 for one in records)
        say(f"{count(len(records), 'package')}, {in_words(size_bytes)} to fetch.")
        for one in records:
            say(f"  {one.name.normalized} {one.version} {one.build}")
        try:
            await install(
                records,
                self._order.prefix,
                cache_dir=Path(self._order.cache, "packages"),
                execute_link_scripts=True,  # as conda does when the image is built
                show_progress=False,
                reporter=_Reporter(len(records)),  # type: ignore[abstract]  # empty, not abstract
            )
        except InstallerError as e:
            raise _not_installed(str(e), self._order.host) from e

    async def _choose(self) -> list[RepoDataRecord]:
        """Return what has to be installed. Raises ``Ended``."""
        say(f"Asking the channel of {self._order.host} about {', '.join(self._order.specs)}.")
        limit_s = self._order.answer_s
        try:
            return await asyncio.wait_for(self._solve(self._order.specs, self._fitting), limit_s)
        except SolverError as e:
            say(str(e))
            raise await self._why_not() from e
        except InvalidMatchSpecError as e:
            raise Ended(Ending.NO_SUCH, f"That is not how conda names a package: {e}.") from e
        except TimeoutError as e:
            said = f"The channel of {self._order.host} did not answer in {limit_s:g} s."
            raise Ended(Ending.UNAVAILABLE, said) from e
        except Exception as e:  # the library raises one class per inner failure
            say(str(e))
            first = str(e).partition("\n")[0]
            said = f"The channel of {self._order.host} gave no usable answer: {first}"
            raise Ended(Ending.UNAVAILABLE, said) from e

    async def _solve(self, specs: Sequence[str], fitting: Sequence[str]) -> list[RepoDataRecord]:
        return await solve(
            [self._order.channel],
            specs,
            gateway=self._gateway,
            platforms=self._platforms,
            virtual_packages=VirtualPackage.detect(),
            constraints=fitting,
        )

    async def _why_not(self) -> Ended:
        """Return why these cannot be chosen: what the solver says is long and for the log."""
        specs, host = self._order.specs, self._order.host
        for spec in map(MatchSpec, specs):
            name = spec.name.normalized if spec.name else str(spec)
            asked = await self._gateway.query(
                [self._order.channel], self._platforms, [name], recursive=False
            )
            records = [record for part in asked for record in part]
            if not records:
                return Ended(Ending.NO_SUCH, f"The channel of {host} has no package {name}.")
            if not any(spec.matches(one) for one in records):
                newest = max(records, key=lambda one: one.version).version
                said = f"The channel of {host} has no {spec}; the newest {name} is {newest}."
                return Ended(Ending.NO_SUCH, said)
        for text in specs:
            if len(specs) > 1 and await self._is_solved([text], self._fitting):
                continue
            if await self._is_solved([text], ()):
                python = self._order.python
                said = (
                    f"The channel of {host} has no {text} that fits this server's Python {python}."
                )
                return Ended(Ending.NOT_FITTING, said)
            said = f"The channel of {host} lacks something that {text} needs on this machine."
            return Ended(Ending.CONFLICT, said)
        return Ended(Ending.CONFLICT, "These packages cannot be installed together.")

    async def _is_solved(self, specs: Sequence[str], fitting: Sequence[str]) -> bool:
        try:
            await self._solve(specs, fitting)
        except SolverError:
            return False
        return True


class _Reporter(InstallerReporter):
    """Hears of each step, from threads of the library."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._names: list[str] = []
        self._linked = 0

    def on_populate_cache_start(self, operation: int, package_name: str) -> int:
        say(f"Fetching {package_name}")
        return operation

    def on_link_start(self, operation: int, package_name: str) -> int:
        self._names.append(package_name)
        return len(self._names) - 1

    def on_link_complete(self, index: int) -> None:
        self._linked += 1
        say(f"{self._linked}/{self._total} {self._names[index]} is installed")

    def on_post_link_start(self, package_name: str, script_path: str) -> int:
        self._names.append(package_name)
        return len(self._names) - 1

    def on_post_link_complete(self, index: int, success: bool) -> None:
        if not success:
            say(f"A script of {self._names[index]} failed, which is run after installing.")


def variables_of(prefix: str) -> dict[str, str]:
    """Return what a prefix wants to be set when it is used, ``PATH`` to be put before the other.

    Scripts of its packages say it (``etc/conda/activate.d``), for a shell. Without one they are
    left out.
    """
    before = dict(os.environ)
    after: Mapping[str, str] = {"PATH": f"{prefix}/bin", "CONDA_PREFIX": prefix}
    if shell := shutil.which("bash"):
        script = activate(Path(prefix), ActivationVariables(), Shell.bash).script
        done = subprocess.run(
            [shell, "-c", f"{script}\nenv -0"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ACTIVATION_S,
        )
        if done.returncode == 0:
            said = done.stdout.decode(errors="replace").split("\0")
            after = dict(line.split("=", 1) for line in said if "=" in line)
        else:
            say(f"Its activation failed: {done.stderr.decode(errors='replace').strip()[-300:]}")
    known = before.get("PATH", "").split(os.pathsep)
    new = dict.fromkeys(one for one in after["PATH"].split(os.pathsep) if one not in known)
    found = {"PATH": os.pathsep.join(new)}
    for name, text in after.items():
        if before.get(name) != text and name not in OF_THE_SHELL and NAME.fullmatch(name):
            found[name] = text
    return found


def say(text: str) -> None:
    """Write whole lines: several threads do."""
    os.write(1, f"{text.rstrip()}\n".encode())


def _not_installed(told: str, host: str) -> Ended:
    say(told)
    causes = [line.removeprefix("Caused by: ").strip() for line in told.splitlines()]
    said = f"{causes[0]}: {causes[-1]}" if len(causes) > 1 else causes[0]
    if re.search(r"HTTP status|error sending request|error decoding response", told):
        return Ended(Ending.UNAVAILABLE, f"The channel of {host}: {said}")
    return Ended(Ending.FAILED, said)


def main() -> Ending:
    """Carry out the order of this process and return how it ended."""
    order = Order.of_this_process()
    os.environ.pop("PYTHONPATH", None)  # for this process: scripts of packages have their own
    os.environ["RATTLER_CACHE_DIR"] = order.cache
    try:
        asyncio.run(Installation(order).run())
        found = variables_of(order.prefix)
        Path(order.variables).write_text(json.dumps(found), encoding="utf-8")
    except Ended as e:
        say(str(e))
        return e.ending
    except Exception as e:  # noqa: BLE001  # the last line has to say why
        say(f"{type(e).__name__}: {e}")
        return Ending.FAILED
    finally:
        shutil.rmtree(order.cache, ignore_errors=True)
    return Ending.DONE


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # threads of the library that wait for a channel are not waited for
