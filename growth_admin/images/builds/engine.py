"""Build a folder, look into what was built, push it by digest: with buildah, Podman or Docker.

Sources: buildah-build(1), buildah-run(1), podman-build(1), podman-run(1), docker-build(1),
docker-run(1).
"""

from __future__ import annotations

import json
import re
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from growth_admin.core.errors import GrowthError, StorageFull
from growth_admin.core.process import run_bounded
from growth_admin.images.builds.following import Followed, follow
from growth_admin.images.builds.marks import CHECK_PREFIX, PUSH_PREFIX
from growth_admin.images.builds.network import without_network
from growth_admin.images.builds.pushing import PUSH_S, last_line, push_failure, push_order
from growth_admin.images.builds.settings import ImageBuilder
from growth_admin.images.builds.tool import ContainerTool, environment
from growth_admin.images.registry.credential import Login

FULL: Final = re.compile(r"no space left on device|disk quota exceeded", re.I)
STEP: Final = re.compile(
    r"(?:\[\d+/\d+\] )?(?:STEP|Step) (?P<at>\d+)/(?P<of>\d+)"
    r"|#\d+ \[(?:\S+ )?(?P<kit_at>\d+)/(?P<kit_of>\d+)\]"
)
"""As buildah and Podman count (of several stages the one that is built stands in front), as Docker
does, and as its BuildKit does."""
OPEN: Final = (
    "This server may not take its network away: what runs in the image now can use it. "
    "SETTINGS.md says at ImageBuilder.run_options what helps."
)
INSPECT_S: Final = 180.0
LOST_LAYER: Final = "layer not known"
"""What buildah's library says when an image goes away while it looks for layers to use again."""
AGAIN: Final = "An image went away while the build looked for known layers. It is built again."
BUILD_TRIES: Final = 3


@dataclass(frozen=True)
class Watcher:
    """What follows a command: where its lines go, and whether it should still run."""

    on_lines: Callable[[list[str]], None]
    is_cancelled: Callable[[], bool]


class Stopped(Exception):
    """The command was ended because its job was."""


class ContainerEngine:
    """One container tool of this machine. ``mark``: what its containers and folders are known by.

    ``tool`` says what is there, and takes it away.
    """

    def __init__(self, settings: ImageBuilder, mark: str = "") -> None:
        self.tool = ContainerTool(settings)
        self._settings = settings
        self._mark = mark or secrets.token_hex(6)

    def marked(self, mark: str) -> Self:
        """Return the same tool for one build, so that what it leaves is known as its own."""
        return type(self)(self._settings, mark)

    @property
    def program(self) -> str:
        """Return the program's path. Raises ``NotConfigured`` where there is none."""
        return self.tool.program

    def version(self) -> str:
        """Return the tool with its version. Raises ``NotConfigured``."""
        return self.tool.version()

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

        Somebody may remove another image meanwhile; where the tool gives up for that, it is asked
        again. Raises ``GrowthError`` with the end of what was said, ``StorageFull``, ``Stopped``.
        """
        is_docker = self.tool.family == "docker"
        words = ["build", "--force-rm"] if is_docker else ["build", "--layers", "--format=docker"]
        words += ["--tag", reference]
        words += [f"--label={name}={text}" for name, text in labels.items()]
        known = {**arguments, **self._settings.build_arguments}
        words += [f"--build-arg={name}={text}" for name, text in known.items()]
        command = self.tool.command(*words, *self._settings.build_options, str(folder))
        done = self._follow(command, watcher, self._settings.build_timeout_s)
        for _ in range(1, BUILD_TRIES):
            if done.exit_code == 0 or done.is_timed_out or LOST_LAYER not in last_line(done.tail):
                break
            watcher.on_lines([AGAIN])
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
                env=environment(),
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
        with tempfile.TemporaryDirectory(prefix=f"{PUSH_PREFIX}{self._mark}-") as name:
            order = push_order(self.tool, reference, Path(name), login=login, is_plain=is_plain)
            done = self._follow(order.words, hiding(login, watcher), PUSH_S)
            if done.exit_code == 0:
                return order.digest(done.tail)
        raise push_failure(login.hide(done.tail) if login else done.tail)

    # -- pieces

    def _follow(self, command: Sequence[str], watcher: Watcher, timeout_s: float) -> Followed:
        done = follow(
            command,
            on_lines=watcher.on_lines,
            is_cancelled=watcher.is_cancelled,
            timeout_s=timeout_s,
            env=environment(),
        )
        if done.is_cancelled:
            raise Stopped
        return done

    @contextmanager
    def _running(
        self, reference: str, say: Callable[[list[str]], None] = lambda lines: None
    ) -> Iterator[list[str]]:
        """Yield the words before a command that is run in an image; nothing of it stays."""
        tool, is_buildah = self.tool, self.tool.family == "buildah"
        further = self._settings.run_options
        network = without_network(tool.command(), further, environment(), is_buildah=is_buildah)
        if network.is_open:
            say([OPEN])
        further = [*network.options, *further]
        name = f"{CHECK_PREFIX}{self._mark}-{secrets.token_hex(3)}"
        if is_buildah:
            self._open(name, reference)
            words = [*network.before, *tool.command("run", *further, name, "--")]
        else:
            options = ("--rm", "--interactive", "--entrypoint=", f"--name={name}")
            words = tool.command("run", *options, *further, reference)
        try:
            yield words
        finally:
            # also what a client that was ended leaves running in its daemon
            tool.remove_containers([name])

    def _open(self, name: str, reference: str) -> None:
        made = self.tool.ask("from", "--pull-never", "--name", name, reference, timeout_s=INSPECT_S)
        if made.exit_code != 0:
            said = made.stderr.decode(errors="replace")
            if FULL.search(said):
                raise _full()
            raise GrowthError(f"The image could not be opened: {said.strip()[-300:]}")


def hiding(login: Login | None, watcher: Watcher) -> Watcher:
    """Return a watcher whose lines are without the login, should the tool or a registry say it."""
    if login is None:
        return watcher
    return Watcher(
        lambda lines: watcher.on_lines([login.hide(line) for line in lines]), watcher.is_cancelled
    )


def steps_of(lines: Sequence[str]) -> tuple[int, int] | None:
    """Return how far a build is, as it says: the step that it is at, and how many there are."""
    found = [match for line in lines if (match := STEP.match(line))]
    if not found:
        return None
    at = found[-1]
    return int(at["at"] or at["kit_at"]), int(at["of"] or at["kit_of"])


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
    if LOST_LAYER in last_line(done.tail):
        return GrowthError(
            f"{what} did not find a layer that its store names: {last_line(done.tail)}",
            hint="Somebody removes images there all the time, or the store is damaged. Build "
            "again; if that does not help, empty the builder's store (buildah prune --all, podman "
            "system prune --all): what was pushed stays at the registry.",
        )
    return GrowthError(
        f"{what} failed with exit code {done.exit_code}: {last_line(done.tail)}",
        hint="The job's log has all that was said. Mend the source, or take the last change back.",
    )


def _full() -> StorageFull:
    return StorageFull(
        "The builder's disk is full.",
        hint="Remove what old builds left there (growth-admin images sweep), and images that "
        "nobody needs; what was pushed stays at the registry. Then build again. Nothing was "
        "pushed.",
    )
