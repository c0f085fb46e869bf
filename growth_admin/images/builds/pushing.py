"""Pushing what was built, and pulling: how tools are told the login, and how they tell the digest.

Sources: buildah-push(1), buildah-pull(1), podman-push(1), podman-pull(1), docker-push(1),
docker-pull(1), docker(1) ("--config").
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from growth_admin.core.errors import GrowthError, RegistryRefused, RegistryUnavailable
from growth_admin.images.builds.tool import ContainerTool
from growth_admin.images.registry.credential import Login, docker_key
from growth_admin.images.registry.settings import HUB

REFUSED: Final = re.compile(r"unauthorized|denied|forbidden|authentication required", re.I)
TOLD: Final = re.compile(r"digest: (sha256:[0-9a-f]{64})")
PUSH_S: Final = 3600.0


@dataclass(frozen=True)
class PushOrder:
    """The command, and what finds the digest once it has ended well (given its last lines)."""

    words: list[str]
    digest: Callable[[str], str]


def push_order(
    tool: ContainerTool, reference: str, folder: Path, *, login: Login | None, is_plain: bool
) -> PushOrder:
    """Return how to push; the login is written into ``folder``, which must be of the caller alone.

    Docker's service decides itself which registries it asks in plain HTTP: those of its own
    machine, and what its configuration names (``insecure-registries``).
    """
    digest_file = folder / "digest"
    words = () if tool.family == "docker" else ("--digestfile", str(digest_file))
    command = registry_command(
        tool, "push", reference, folder, login=login, is_plain=is_plain, words=words
    )
    if tool.family == "docker":
        return PushOrder(command, lambda said: _told(said, tool, reference))
    return PushOrder(command, lambda said: digest_file.read_text().strip())


def registry_command(
    tool: ContainerTool,
    verb: Literal["push", "pull"],
    reference: str,
    folder: Path,
    *,
    login: Login | None,
    is_plain: bool,
    words: Sequence[str] = (),
) -> list[str]:
    """Return how to push or pull; see ``push_order`` for ``folder``. ``words`` are options."""
    auths = {}
    if login:
        host = reference.partition("/")[0]
        auths[docker_key(host) if tool.family == "docker" else host] = {
            "auth": login.header().removeprefix("Basic ")
        }
    if tool.family == "docker":
        command = tool.command(verb, *words, reference)
        if auths:
            _write_docker_config(folder, auths)
            command[1:1] = ["--config", str(folder)]
        return command
    options = [*words, "--tls-verify=false"] if is_plain else [*words]
    if auths:
        _write_private(folder / "auth.json", {"auths": auths})
        options += ["--authfile", str(folder / "auth.json")]
    here = (reference,) if verb == "push" else ()
    return tool.command(verb, *options, *here, f"docker://{reference}")


def push_failure(tail: str) -> GrowthError:
    """Return what is to be said of a push that failed; ``tail`` is the end of what it said."""
    said = last_line(tail)
    if REFUSED.search(tail):
        return RegistryRefused(
            f"The registry did not take the image: {said}",
            hint="Look at ImageRegistry.credential_file: the login must be allowed to push.",
        )
    return RegistryUnavailable(
        f"The image could not be pushed: {said}",
        hint="The image is built: build again when the registry answers, that takes seconds.",
    )


def last_line(text: str) -> str:
    """Return the last line that tells something, of those that speak of an error if any does."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"error|fail|cannot|not found", line, re.I)]
    return (telling or lines or ["it said nothing"])[-1][:500]


def _told(said: str, tool: ContainerTool, reference: str) -> str:
    """Return the digest that Docker told, or else has noted at the image."""
    if found := TOLD.findall(said):
        return str(found[-1])
    asked = ("image", "inspect", "--format", '{{join .RepoDigests " "}}', reference)
    noted = tool.ask(*asked).stdout.decode(errors="replace").split()
    name = reference.rpartition(":")[0].removeprefix(f"{HUB}/")
    for one in noted:
        if one.startswith(f"{name}@sha256:"):
            return one.partition("@")[2]
    raise RegistryUnavailable(
        "The image was pushed, but Docker does not say as which digest.",
        hint="Build again: layers that are there already are not pushed twice.",
    )


def _write_docker_config(folder: Path, auths: dict[str, Any]) -> None:
    """Make a folder for ``docker --config``: the user's own, with this login and no other."""
    own = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    facts: dict[str, Any] = {}
    if (own / "config.json").is_file():
        facts = json.loads((own / "config.json").read_bytes())
    kept = {k: v for k, v in facts.items() if k not in ("auths", "credsStore", "credHelpers")}
    _write_private(folder / "config.json", {**kept, "auths": auths})
    for path in own.iterdir() if own.is_dir() else ():
        if path.name != "config.json":  # where the service is (contexts), and its certificates
            (folder / path.name).symlink_to(path)


def _write_private(path: Path, facts: dict[str, Any]) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps(facts))
