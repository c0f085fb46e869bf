"""The container tool of this machine: buildah, Podman or Docker, and in which words it is asked.

Sources: buildah-containers(1), buildah-rm(1), buildah-info(1), podman-ps(1), podman-rm(1),
docker-ps(1), docker-rm(1), docker-version(1).
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast

from growth_admin.core.errors import NotConfigured
from growth_admin.core.process import Finished, run_bounded
from growth_admin.images.builds.settings import ImageBuilder

Family = Literal["buildah", "podman", "docker"]
FAMILIES: Final[tuple[Family, ...]] = ("buildah", "podman", "docker")
"""In the order in which they are looked for."""
HIDDEN: Final = re.compile(
    r"(JUPYTERHUB|JPY|PIP)_.*|.*(TOKEN|SECRET|PASSWORD|CREDENTIAL).*|.*_KEY", re.I
)
"""Variables that no builder is given: a step of a build may be able to read the builder's."""
ALL: Final = ("--all", "--no-trunc", "--format", "{{.ID}} {{.Names}}")
ALL_OF_BUILDAH: Final = ("--all", "--notruncate", "--format", "{{.ContainerID}} {{.ContainerName}}")
CONTAINERS: Final[dict[Family, tuple[str, ...]]] = {
    "buildah": ("containers", *ALL_OF_BUILDAH),
    "podman": ("ps", "--external", *ALL),
    "docker": ("ps", *ALL),
}
REMOVE: Final[dict[Family, tuple[str, ...]]] = {
    "buildah": ("rm",),
    "podman": ("rm", "--force", "--time=1"),
    "docker": ("rm", "--force"),
}
IMAGES: Final[dict[Family, str]] = {
    "buildah": "{{.Name}}:{{.Tag}}",
    "podman": "{{.Repository}}:{{.Tag}}",
    "docker": "{{.Repository}}:{{.Tag}}",
}
LIST_TRIES: Final = 5
SHORT_S: Final = 60.0
REMOVAL_S: Final = 600.0


@dataclass(frozen=True)
class Container:
    """One container that is there, running or not."""

    id: str
    name: str


class ContainerTool:
    """One program with its settings."""

    def __init__(self, settings: ImageBuilder) -> None:
        self._settings = settings
        self._versions: dict[tuple[str, int], str] = {}
        self._places: dict[tuple[str, ...], str] = {}

    @property
    def program(self) -> str:
        """Return the program's path. Raises ``NotConfigured`` where there is none."""
        wanted = self._settings.program.strip()
        names = (wanted,) if wanted else FAMILIES
        found = next((path for name in names if (path := shutil.which(name))), None)
        if found is None or wanted == "none" or Path(found).name not in FAMILIES:
            raise NotConfigured(
                f"{wanted} does not build images on this server."
                if wanted
                else "There is no buildah, no Podman and no Docker on this server: no image is "
                "built here.",
                hint="Install buildah or podman where organisers' servers run, or build elsewhere "
                "(image/README.md says how) and promote what was pushed.",
            )
        return found

    @property
    def family(self) -> Family:
        """Return which of the three it is. Raises ``NotConfigured``."""
        return cast(Family, Path(self.program).name)  # checked there

    def version(self) -> str:
        """Return the tool with its version.

        Raises ``NotConfigured``, also where there is a Docker client and nothing that it reaches.
        """
        program = self.program
        if self.family == "docker":
            return self._docker_version()
        key = (program, Path(program).stat().st_mtime_ns)  # one process for each that is installed
        if key not in self._versions:
            done = run_bounded([program, "--version"], timeout_s=SHORT_S, env=environment())
            said = done.stdout.decode(errors="replace").strip()[:100]
            self._versions[key] = said or self.family
        return self._versions[key]

    def _docker_version(self) -> str:
        done = self.ask("version", "--format", "{{.Client.Version}} {{.Server.Version}}")
        client, _, server = done.stdout.decode(errors="replace").strip().partition(" ")
        if done.exit_code != 0 or not server:
            said = done.stderr.decode(errors="replace").strip()[-300:]
            raise NotConfigured(
                f"Docker's client reaches no Docker here: {said or 'no answer'}",
                hint="Set DOCKER_HOST where organisers' servers run, or install buildah or podman "
                "there, which need no service.",
            )
        return f"docker {client} with a server {server}"[:100]

    def command(self, *words: str) -> list[str]:
        """Return a command of this tool on its storage."""
        return [self.program, *self._settings.options, *words]

    def ask(self, *words: str, timeout_s: float = SHORT_S) -> Finished:
        """Run a short command to its end."""
        return run_bounded(self.command(*words), timeout_s=timeout_s, env=environment())

    # -- what is there

    def list_containers(self) -> list[Container]:
        """Return all containers, those of others too; none where they cannot be listed."""
        rows = [line.split() for line in self._rows(*CONTAINERS[self.family])]
        return [Container(row[0], row[1]) for row in rows if len(row) == 2]

    def remove_containers(self, ids: Sequence[str]) -> bool:
        """Remove containers, running or not; return whether all are gone."""
        words = REMOVE[self.family]
        return self.ask(*words, *ids, timeout_s=REMOVAL_S).exit_code == 0

    def list_images(self) -> list[str]:
        """Return the local images that have a tag, as ``name:tag``; none where they are unknown."""
        return self._rows("images", "--format", IMAGES[self.family])

    def _rows(self, *words: str) -> list[str]:
        """Return a list's lines. Podman and buildah give up when what they list goes meanwhile."""
        for _ in range(LIST_TRIES):
            done = self.ask(*words)
            if done.exit_code == 0 or done.is_timed_out:
                break
        return done.stdout.decode(errors="replace").splitlines()

    def remove_image(self, reference: str) -> bool:
        """Take a tag away, and what nothing else is made of; return whether that was done."""
        return self.ask("rmi", reference, timeout_s=REMOVAL_S).exit_code == 0

    def build_arguments_of(self, box: Container) -> dict[str, str]:
        """Return the build arguments of a build's working container; none for any other.

        buildah's library, which Podman uses too, keeps its state beside each container.
        """
        if self.family == "docker":
            return {}  # its daemon removes them, and keeps no such file
        with suppress(OSError, ValueError):
            path = Path(self._containers_folder(), box.id, "userdata", "buildah.json")
            arguments = json.loads(path.read_bytes()).get("Args")
            if isinstance(arguments, dict):
                return {str(name): str(text) for name, text in arguments.items()}
        return {}

    def _containers_folder(self) -> str:
        """Return where the storage keeps what belongs to each container, empty if not known."""
        store = "store" if self.family == "buildah" else "Store"
        asked = f"{{{{.{store}.GraphRoot}}}}/{{{{.{store}.GraphDriverName}}}}-containers"
        key = tuple(self.command("info", "--format", asked))
        if key not in self._places:
            done = run_bounded(key, timeout_s=SHORT_S, env=environment())
            self._places[key] = done.stdout.decode(errors="replace").strip()
        return self._places[key]


def environment() -> dict[str, str]:
    """Return the environment for the tool: without this server's secrets."""
    kept = {name: text for name, text in os.environ.items() if not HIDDEN.fullmatch(name)}
    return kept | {"BUILDKIT_PROGRESS": "plain"}  # Docker's lines are a log, not a moving picture
