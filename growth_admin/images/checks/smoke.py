"""The checks that an image brings with it, run in it by the container tool of this server."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from growth_admin.core.errors import GrowthError, NotConfigured, RegistryUnavailable
from growth_admin.core.words import count
from growth_admin.images.builds.engine import ContainerEngine, Stopped, Watcher, hiding
from growth_admin.images.builds.leftovers import fetched_images, sweep_folders
from growth_admin.images.builds.marks import FETCH_PREFIX, FETCHED, mark_in, mark_of_check
from growth_admin.images.builds.pushing import last_line, registry_command
from growth_admin.images.builds.reading import PRINTED
from growth_admin.images.builds.settings import ImageBuilder
from growth_admin.images.gates import GateBook
from growth_admin.images.models import CheckResult
from growth_admin.images.moving import short
from growth_admin.images.registry.credential import Login, read_login
from growth_admin.images.registry.settings import ImageRegistry
from growth_admin.jobs.context import JobContext

FETCH_S: Final = 3600.0
SAID_CHARS: Final = 300


@dataclass(frozen=True)
class SmokeOutcome:
    """How it went; ``is_passed`` is nothing where it was not run. ``is_new``: to be kept."""

    is_passed: bool | None
    detail: str
    is_new: bool = True

    @property
    def word(self) -> str:
        """Return it as a receipt says it."""
        return {True: "ok", False: "failed", None: "skipped"}[self.is_passed]


class FetchingEngine(ContainerEngine):
    """A container tool that also fetches an image that was built elsewhere."""

    @contextmanager
    def fetched(
        self, reference: str, *, login: Login | None, is_plain: bool, watcher: Watcher
    ) -> Iterator[None]:
        """Have an image here inside the ``with``; what was fetched for it is removed afterwards.

        Raises ``RegistryUnavailable`` when it cannot be fetched, ``Stopped``.
        """
        if self._has(reference):
            yield
            return
        with TemporaryDirectory(prefix=f"{FETCH_PREFIX}{self._mark}-") as name:
            Path(name, FETCHED).write_text(reference)  # for who finds it when this server is killed
            self._fetch(reference, Path(name), login=login, is_plain=is_plain, watcher=watcher)
            try:
                yield
            finally:
                self.tool.remove_image(reference)

    def forget(self, name: str) -> None:
        """Remove what a run with the same mark left on this machine.

        ``name`` is the image's, without a tag. Nothing is done where no tool is.
        """
        with suppress(NotConfigured):
            boxes = self.tool.list_containers()
            if left := [one.id for one in boxes if mark_in(one.name) == self._mark]:
                self.tool.remove_containers(left)
            for reference in fetched_images(name, {self._mark}):
                self.tool.remove_image(reference)
            sweep_folders(self._settings, {self._mark})

    def _has(self, reference: str) -> bool:
        is_buildah = self.tool.family == "buildah"
        words = ("inspect", "--type", "image") if is_buildah else ("image", "inspect")
        return self.tool.ask(*words, reference).exit_code == 0

    def _fetch(
        self,
        reference: str,
        folder: Path,
        *,
        login: Login | None,
        is_plain: bool,
        watcher: Watcher,
    ) -> None:
        with TemporaryDirectory(dir=folder) as name:
            command = registry_command(
                self.tool, "pull", reference, Path(name), login=login, is_plain=is_plain
            )
            done = self._follow(command, hiding(login, watcher), FETCH_S)
        if done.exit_code != 0:
            said = last_line(login.hide(done.tail) if login else done.tail)
            raise RegistryUnavailable(
                f"The image could not be fetched to run its checks: {said}",
                hint="Look at the registry and at the disk of this server, then check again.",
            )


class SmokeTrial:
    """Runs the smoke checks in an image, unless it has passed them already."""

    def __init__(self, gates: GateBook, place: ImageRegistry, builder: ImageBuilder) -> None:
        self._gates = gates
        self._place = place
        self._builder = builder
        self._containers = FetchingEngine(builder)

    def run(self, digest: str, context: JobContext, *, repeats: bool) -> SmokeOutcome:
        """Return how it went. Raises what ``context.check`` raises, and ``RegistryUnavailable``."""
        known = self._newest(digest)
        if known and known.is_passed and not repeats:
            said = f"passed on {known.time:%Y-%m-%d %H:%M} UTC by {known.author} already"
            context.log(f"Smoke: {said}.")
            return SmokeOutcome(True, said, is_new=False)
        try:
            context.log(f"Smoke: with {self._containers.version()}")
        except NotConfigured as e:
            context.log(f"Smoke: not run. {e.detail} {e.hint}")
            return SmokeOutcome(None, f"not run: {e.detail}", is_new=False)
        try:
            return self._run(digest, context)
        except Stopped:
            context.check()
            raise GrowthError("The smoke checks were stopped.", hint="Check again.") from None

    def clean_up(self, context: JobContext) -> None:
        """Remove what an earlier run of this job left on this machine."""
        containers = self._containers.marked(mark_of_check(context.job.id))
        containers.forget(self._place.repository.full_name)

    def _run(self, digest: str, context: JobContext) -> SmokeOutcome:
        place, printed = self._place.repository, deque[str](maxlen=PRINTED)
        reference = f"{place.full_name}@{digest}"
        containers = self._containers.marked(mark_of_check(context.job.id))

        def keep(lines: list[str]) -> None:
            printed.extend(lines)
            context.log("\n".join(lines))

        context.progress(0, message="fetching the image")
        with containers.fetched(
            reference,
            login=read_login(self._place.credential_file, place.host),
            is_plain=place.url.startswith("http:"),
            watcher=Watcher(lambda lines: context.log("\n".join(lines)), context.is_cancelled),
        ):
            context.check()
            context.progress(0, message="running the image's own checks")
            command = self._builder.smoke_command
            done = containers.run(reference, command, Watcher(keep, context.is_cancelled))
        if done.is_timed_out:
            return SmokeOutcome(False, f"not done in {self._builder.smoke_timeout_s:.0f} s")
        names, bad = said_by(printed)
        if done.exit_code == 0:
            return SmokeOutcome(True, f"{count(names, 'check')} passed in {short(digest)}")
        return SmokeOutcome(False, bad or f"{command[0]} ended with {done.exit_code}")

    def _newest(self, digest: str) -> CheckResult | None:
        results = self._gates.list_results(digest)
        return next((one for one in results if one.check == "smoke"), None)


def said_by(printed: Iterable[str]) -> tuple[int, str]:
    """Return how many checks were run and what failed (image/smoke/run.py, one object a line)."""
    rows = []
    for line in printed:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and {"check", "state"} <= row.keys():
            rows.append(row)
    bad = [row for row in rows if row["state"] == "failed"]
    return len(rows), "; ".join(f"{r['check']}: {str(r.get('detail'))[-SAID_CHARS:]}" for r in bad)
