"""buildah and Podman: build a folder, look into what was built, push it by digest.

Sources: buildah-build(1), buildah-push(1), buildah-run(1), podman-build(1), podman-run(1).
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from growth_admin.core.errors import (
    GrowthError,
    NotConfigured,
    RegistryRefused,
    RegistryUnavailable,
    StorageFull,
)
from growth_admin.core.process import run_bounded
from growth_admin.images.builds.following import Followed, follow
from growth_admin.images.builds.network import without_network
from growth_admin.images.builds.settings import ImageBuilder
from growth_admin.images.registry.credential import Login

PROGRAMS: Final = ("buildah", "podman")
FULL: Final = re.compile(r"no space left on device|disk quota exceeded", re.I)
REFUSED: Final = re.compile(r"unauthorized|denied|forbidden|authentication required", re.I)
STEP: Final = re.compile(r"(?:\[\d+/\d+\] )?STEP (\d+)/(\d+)")
"""As buildah and Podman count; of several stages the one that is built stands in front."""
HIDDEN: Final = re.compile(
    r"(JUPYTERHUB|JPY|PIP)_.*|.*(TOKEN|SECRET|PASSWORD|CREDENTIAL).*|.*_KEY", re.I
)
"""Variables that no builder is given: a step of a build may be able to read the builder's."""
OPEN: Final = (
    "This server may not take its network away: what runs in the image now can use it. "
    "SETTINGS.md says at ImageBuilder.run_options what helps."
)
SHORT_S: Final = 60.0
INSPECT_S: Final = 180.0
PUSH_S: Final = 3600.0


@dataclass(frozen=True)
class Watcher:
    """What follows a command: where its lines go, and whether it should still run."""

    on_lines: Callable[[list[str]], None]
    is_cancelled: Callable[[], bool]


class Stopped(Exception):
    """The command was ended because its job was."""


class ContainerEngine:
    """One container tool of this machine."""

    def __init__(self, settings: ImageBuilder) -> None:
        self._settings = settings
        self._versions: dict[tuple[str, int], str] = {}

    @property
    def program(self) -> str:
        """Return the program's path. Raises ``NotConfigured`` where there is none."""
        wanted = self._settings.program.strip()
        names = (wanted,) if wanted else PROGRAMS
        found = next((path for name in names if (path := shutil.which(name))), None)
        if found is None or wanted == "none" or self._family(found) not in PROGRAMS:
            raise NotConfigured(
                f"{wanted} does not build images on this server."
                if wanted
                else "There is no buildah and no Podman on this server: no image is built here.",
                hint="Install buildah or podman where organisers' servers run, or build elsewhere "
                "(image/README.md says how) and promote what was pushed.",
            )
        return found

    def version(self) -> str:
        """Return the tool with its version. Raises ``NotConfigured``."""
        program = self.program
        key = (program, Path(program).stat().st_mtime_ns)  # one process for each that is installed
        if key not in self._versions:
            done = run_bounded([program, "--version"], timeout_s=SHORT_S, env=_environment())
            said = done.stdout.decode(errors="replace").strip()[:100]
            self._versions[key] = said or self._family(program)
        return self._versions[key]

    def build(
        self,
        folder: Path,
        reference: str,
        *,
        labels: Mapping[str, str],
        arguments: Mapping[str, str],
        watcher: Watcher,
    ) -> None:
        """Build a folder as ``reference``. Layers that are known are used again.

        Raises ``GrowthError`` with the end of what was said, ``StorageFull``, ``Stopped``.
        """
        words = ["build", "--layers", "--format", "docker", "--tag", reference]
        words += [f"--label={name}={text}" for name, text in labels.items()]
        known = {**arguments, **self._settings.build_arguments}
        words += [f"--build-arg={name}={text}" for name, text in known.items()]
        command = self._command(*words, *self._settings.build_options, str(folder))
        done = self._follow(command, watcher, self._settings.build_timeout_s)
        if done.exit_code != 0:
            raise _failure("The build", done, self._settings.build_timeout_s)

    def inspect(self, reference: str, script: str) -> dict[str, object]:
        """Run a Python script in an image and return the JSON object that it prints.

        Raises ``GrowthError`` when the image has no Python that could run it.
        """
        with self._running(reference) as words:
            done = run_bounded(
                [*words, "python3", "-"],
                timeout_s=INSPECT_S,
                stdin=script.encode(),
                env=_environment(),
                limit_bytes=16 * 1024 * 1024,
            )
        try:
            found = json.loads(done.stdout)
        except ValueError:
            found = None
        if done.exit_code != 0 or not isinstance(found, dict):
            said = done.stderr.decode(errors="replace").strip()[-300:]
            raise GrowthError(f"What is in the image could not be listed: {said or 'no answer'}.")
        return found

    def run(self, reference: str, command: Sequence[str], watcher: Watcher) -> Followed:
        """Run a command in an image, and say so where that is not without a network.

        Raises ``Stopped``.
        """
        with self._running(reference, watcher.on_lines) as words:
            return self._follow([*words, *command], watcher, self._settings.smoke_timeout_s)

    def push(self, reference: str, *, login: Login | None, is_plain: bool, watcher: Watcher) -> str:
        """Push an image to its registry and return the digest that it has there.

        The login stands in a file of its own for as long as it takes. Raises
        ``RegistryRefused``, ``RegistryUnavailable``, ``Stopped``.
        """
        with tempfile.TemporaryDirectory(prefix="growth-push-") as name:
            digest_file, auth_file = Path(name, "digest"), Path(name, "auth.json")
            words = ["push", "--digestfile", str(digest_file)]
            words += ["--tls-verify=false"] if is_plain else []
            if login:
                host = reference.partition("/")[0]
                entry = {"auth": login.header().removeprefix("Basic ")}
                auth_file.touch(mode=0o600)
                auth_file.write_text(json.dumps({"auths": {host: entry}}))
                words += ["--authfile", str(auth_file)]
            command = self._command(*words, reference, f"docker://{reference}")
            done = self._follow(command, _hiding(login, watcher) if login else watcher, PUSH_S)
            if done.exit_code == 0:
                return digest_file.read_text().strip()
        said = _last_line(login.hide(done.tail) if login else done.tail)
        if REFUSED.search(done.tail):
            raise RegistryRefused(
                f"The registry did not take the image: {said}",
                hint="Look at ImageRegistry.credential_file: the login must be allowed to push.",
            )
        raise RegistryUnavailable(
            f"The image could not be pushed: {said}",
            hint="The image is built: build again when the registry answers, that takes seconds.",
        )

    # -- pieces

    def _family(self, path: str) -> str:
        return Path(path).name

    def _command(self, *words: str) -> list[str]:
        return [self.program, *self._settings.options, *words]

    def _follow(self, command: Sequence[str], watcher: Watcher, timeout_s: float) -> Followed:
        done = follow(
            command,
            on_lines=watcher.on_lines,
            is_cancelled=watcher.is_cancelled,
            timeout_s=timeout_s,
            env=_environment(),
        )
        if done.is_cancelled:
            raise Stopped
        return done

    @contextmanager
    def _running(
        self, reference: str, say: Callable[[list[str]], None] = lambda lines: None
    ) -> Iterator[list[str]]:
        """Yield the words before a command that is run in an image; nothing of it stays."""
        is_buildah = self._family(self.program) == "buildah"
        further = self._settings.run_options
        network = without_network(self._command(), further, _environment(), is_buildah=is_buildah)
        if network.is_open:
            say([OPEN])
        further = [*network.options, *further]
        if not is_buildah:
            words = ("run", "--rm", "--interactive", "--entrypoint=")
            yield self._command(*words, *further, reference)
            return
        name = f"growth-check-{secrets.token_hex(6)}"
        made = run_bounded(
            self._command("from", "--pull-never", "--name", name, reference),
            timeout_s=INSPECT_S,
            env=_environment(),
        )
        if made.exit_code != 0:
            said = made.stderr.decode(errors="replace")
            if FULL.search(said):
                raise _full()
            raise GrowthError(f"The image could not be opened: {said.strip()[-300:]}")
        try:
            yield [*network.before, *self._command("run", *further, name, "--")]
        finally:
            run_bounded(self._command("rm", name), timeout_s=INSPECT_S, env=_environment())


def _hiding(login: Login, watcher: Watcher) -> Watcher:
    """Return a watcher whose lines are without the login, should the tool or a registry say it."""
    return Watcher(
        lambda lines: watcher.on_lines([login.hide(line) for line in lines]), watcher.is_cancelled
    )


def _environment() -> dict[str, str]:
    return {name: text for name, text in os.environ.items() if not HIDDEN.fullmatch(name)}


def steps_of(lines: Sequence[str]) -> tuple[int, int] | None:
    """Return how far a build is, as it says: the step that it is at, and how many there are."""
    found = [match for line in lines if (match := STEP.match(line))]
    return (int(found[-1][1]), int(found[-1][2])) if found else None


def _failure(what: str, done: Followed, timeout_s: float) -> GrowthError:
    if FULL.search(done.tail):
        return _full()
    if done.is_timed_out:
        return GrowthError(
            f"{what} took longer than {timeout_s:.0f} s.",
            hint="Look at the end of its log; ImageBuilder.build_timeout_s is the limit.",
        )
    if done.exit_code in (137, 143):
        return GrowthError(
            f"{what} was killed (signal {done.exit_code - 128}).",
            hint="The server's memory limit may be too small for it. Build again: layers that "
            "were finished are used again.",
        )
    return GrowthError(
        f"{what} failed with exit code {done.exit_code}: {_last_line(done.tail)}",
        hint="The job's log has all that was said. Mend the source, or take the last change back.",
    )


def _full() -> StorageFull:
    return StorageFull(
        "The builder's disk is full.",
        hint="Remove images of old builds there (buildah rmi or podman rmi with their names; what "
        "was pushed stays at the registry), then build again. Nothing was pushed.",
    )


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"error|fail|cannot|not found", line, re.I)]
    return (telling or lines or ["it said nothing"])[-1][:500]
