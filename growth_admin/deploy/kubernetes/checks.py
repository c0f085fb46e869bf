"""What would keep a school from standing up, looked for before anything is sent to a cluster."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml
from traitlets.config import Config

from growth_admin.core.errors import GrowthError
from growth_admin.core.fsops import read_bytes
from growth_admin.deploy.doctor import Check
from growth_admin.deploy.kubernetes import commands, outside, rendering, wording
from growth_admin.deploy.kubernetes.answers import Answers
from growth_admin.deploy.kubernetes.canaries import check_canary
from growth_admin.deploy.kubernetes.chart import Chart
from growth_admin.deploy.kubernetes.folders import Shares, check_folders
from growth_admin.deploy.kubernetes.values import build_values
from growth_admin.deploy.kubernetes.versions import compare, jupyterhub_here

MOVING_TAGS: Final = {"latest", "main", "master", "dev"}
SHUT: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
"""What the chart's network policy takes for private, and servers do not reach."""
SMALLEST_START_BYTES: Final = 400_000_000
"""Lab, one kernel and the console need about this much (the sizing page's figures)."""


@dataclass(frozen=True)
class Scene:
    """What there is to look at beside the answers."""

    chart: Chart
    config: Config
    folder: Path | None = None
    """Where the school was rendered."""
    client_secret_file: Path | None = None
    image_jupyterhub: str = ""
    """Version of JupyterHub in the image, where somebody says it."""
    shares: Shares | None = None
    """The mounted exports, where this runs in a server of the school."""
    is_offline: bool = False


def examine(answers: Answers, scene: Scene) -> list[Check]:
    """Return every finding. Asks GitHub and the registry unless the scene is offline."""
    found = [*_answers(answers), *_values(answers, scene), *_folder(answers, scene)]
    image = outside.Image("", "")
    if not scene.is_offline:
        found += outside.check_github(answers, scene.config, scene.client_secret_file)
        checks, image = outside.check_image(answers, scene.config)
        found += checks
    in_image = scene.image_jupyterhub or image.jupyterhub or jupyterhub_here(answers.image)
    found.append(compare(scene.chart.jupyterhub, in_image))
    return [*found, *_storage(scene)]


# ---- the answers among themselves


def _answers(answers: Answers) -> Iterator[Check]:
    yield _domain(answers)
    yield _nfs_server(answers)
    yield _tag(answers)
    limit = wording.size_bytes(answers.memory_limit)
    is_enough = limit >= SMALLEST_START_BYTES
    yield Check(
        name="memory",
        is_good=is_enough,
        finding=f"{answers.memory_guarantee} for sure, {answers.memory_limit} at most",
        hint="" if is_enough else "Lab and one kernel do not fit; give memory_limit 1G or more.",
    )


def _tag(answers: Answers) -> Check:
    """Look whether promotions, and nobody else, decide what students get."""
    is_moving = answers.image_tag in MOVING_TAGS
    is_odd = is_moving or not answers.image_tag
    found = f"{answers.image_tag} is moved by many" if is_moving else "there is none, but a digest"
    hint = "Use a tag that only a promotion moves, such as `deploy`."
    if not answers.image_tag:
        hint = f"Promoting an image will change nothing for students. {hint}"
    return Check(
        name="image's tag",
        is_good=True,
        state="warning" if is_odd else "ok",
        finding=found if is_odd else answers.image,
        hint=hint if is_odd else "",
    )


def _domain(answers: Answers) -> Check:
    """Look whether people, and Let's Encrypt, would find the hub by its name."""
    name, domain = "domain", answers.domain
    addresses = _addresses(domain, 443)
    if not addresses:
        return Check(
            name=name,
            is_good=True,
            state="unknown",
            finding=f"{domain} has no address yet",
            hint="After the third command: let it point to the address of the service "
            f"proxy-public (kubectl -n {answers.name} get service proxy-public).",
        )
    inside = [a for a in addresses if ipaddress.ip_address(a).is_private]
    is_unseen = bool(inside) and answers.https == "letsencrypt"
    return Check(
        name=name,
        is_good=True,
        state="warning" if is_unseen else "ok",
        finding=f"{domain} is at {', '.join(addresses)}",
        hint="Let's Encrypt does not reach a private address: choose another `https`."
        if is_unseen
        else "",
    )


def _addresses(host: str, port: int) -> list[str]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return sorted({str(row[4][0]).partition("%")[0] for row in rows})


def _nfs_server(answers: Answers) -> Check:
    """Look whether students could speak NFS to the server themselves, with any number they like.

    The network policy shuts three networks. The rest of IPv4 it leaves open with the internet,
    also what is private for Python or a cloud (198.18.0.0/15, 100.64.0.0/10).
    """
    name, server = "NFS server", answers.nfs_server
    addresses = _addresses(server, 2049)
    if not addresses:
        return Check(
            name=name,
            is_good=True,
            state="unknown",
            finding=f"{server} has no address here",
            hint=f"The nodes have to find it. Its address must be in one of {', '.join(SHUT)}.",
        )
    is_shut = all(map(_is_shut, addresses))
    return Check(
        name=name,
        is_good=is_shut,
        finding=f"{server} is at {', '.join(addresses)}",
        hint=""
        if is_shut
        else "Servers may reach that: from a pod everybody could be any user there. Use an address "
        f"in one of {', '.join(SHUT)}: servers reach none of those.",
    )


def _is_shut(address: str) -> bool:
    """Whether servers do not reach an address. The policy opens no IPv6 to them."""
    known = ipaddress.ip_address(address)
    if known.version == 6:
        return known.is_private
    return any(known in ipaddress.ip_network(network) for network in SHUT)


# ---- the chart


def _values(answers: Answers, scene: Scene) -> Iterator[Check]:
    problems = scene.chart.problems(build_values(answers))
    yield Check(
        name=f"values for {scene.chart.title}",
        is_good=not problems,
        finding="; ".join(problems) or "merged over the defaults they fit the schema",
        hint="This version of growth-admin does not fit that chart: take the chart "
        f"{commands.CHART_VERSION}, or another growth-admin."
        if problems
        else "",
    )


def _folder(answers: Answers, scene: Scene) -> Iterator[Check]:
    if scene.folder is None:
        return
    odd: list[str] = []
    for name, text in rendering.render(answers).items():
        try:
            there = read_bytes(scene.folder / name).decode("utf-8", "replace")
        except GrowthError:
            odd.append(f"{name} is missing")
            continue
        if there == text:
            continue
        odd.append(f"{name} differs")
        if name == "values.yaml":
            yield from _edited_values(there, scene)
    yield Check(
        name=f"files in {scene.folder}",
        is_good=not odd,
        finding=", ".join(odd) or "as the answers and this growth-admin render them",
        hint=_to_mend(odd, scene.folder),
    )


def _to_mend(odd: list[str], folder: Path) -> str:
    if not odd:
        return ""
    command = f"`growth-admin deploy render ANSWERS --output {folder}`"
    if all(one.endswith("missing") for one in odd):
        return f"{command} writes them; or give the folder where it wrote them."
    return f"{command} writes what follows from the answers; what was edited it shows and leaves."


def _edited_values(text: str, scene: Scene) -> Iterator[Check]:
    """Judge what somebody wrote by hand, which is what helm will take."""
    try:
        problems = scene.chart.problems(yaml.safe_load(text))
    except (yaml.YAMLError, AttributeError, TypeError) as e:
        problems = [" ".join(str(e).split())[:200]]
    yield Check(
        name="values.yaml as edited",
        is_good=not problems,
        finding="; ".join(problems) or "fits the schema",
        hint="Mend the named keys, or render with --force." if problems else "",
    )


# ---- storage


def _storage(scene: Scene) -> list[Check]:
    if scene.shares is not None:
        return [*check_folders(scene.shares), check_canary(scene.shares)]
    return [
        Check(
            name="storage",
            is_good=True,
            state="unknown",
            finding="can be tried in the cluster only",
            hint="The job growth-folders of cluster.yaml does it; read its log (COMMANDS.md, 1). "
            "In an organiser's server: the same command with --storage.",
        )
    ]
