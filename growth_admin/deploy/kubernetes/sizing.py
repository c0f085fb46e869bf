"""How large a cluster a school needs: formulae over measured figures, and the page made of them.

``python -m growth_admin.deploy.kubernetes.sizing`` prints SIZING.md; a test compares it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

SIZES: Final = (50, 300, 1_000)


@dataclass(frozen=True)
class Measured:
    """What one server takes, measured on two shared cores (the page says how)."""

    start_cpu_s: float = 2.8
    """CPU seconds from the process's start until it answers (``sizing_start_cpu_s``)."""
    server_mb: float = 93.0
    """Resident memory of an idle Lab (``sizing_server_mb``)."""
    kernel_mb: float = 54.0
    """Resident memory of a Python kernel that imported nothing (``sizing_kernel_mb``)."""
    spawn_s: float = 6.8
    """From the hub's order until the server answers, KubeSpawner 7.1, image on the node."""


@dataclass(frozen=True)
class Node:
    """A machine that students' servers run on. Choose your own; the formulae stay."""

    cpus: float = 8
    memory_gb: float = 32
    reserved_cpus: float = 0.5
    reserved_gb: float = 3
    """For the kubelet, the system's pods and the image puller."""
    pods: int = 110
    """The kubelet's default limit, of which ten are the system's."""
    network_gbit: float = 2


@dataclass(frozen=True)
class School:
    """What the answers say, and what a morning asks for."""

    students: int
    memory_guarantee_gb: float = 1.0
    cpu_guarantee: float = 0.1
    home_gb: float = 10
    image_gb: float = 2.0
    """Compressed, as ``growth-admin deploy check`` shows it."""
    copied_gb: float = 0.5
    """Datasets that go into each home as copies; links take nothing."""
    start_minutes: float = 15
    in_flight: int = 20
    """Servers that are started at the same time."""
    hours: float = 45
    """A week of nine hours a day."""


def places_on(node: Node, school: School) -> int:
    """Return how many servers fit on a node by what each surely has."""
    by_memory = (node.memory_gb - node.reserved_gb) / school.memory_guarantee_gb
    by_cpu = (node.cpus - node.reserved_cpus) / school.cpu_guarantee
    return math.floor(min(by_memory, by_cpu, node.pods - 10))


def nodes_for(node: Node, school: School) -> int:
    """Return how many nodes hold everybody at once."""
    return math.ceil(school.students / places_on(node, school))


def starting_minutes(node: Node, school: School, measured: Measured) -> float:
    """Return how long it takes to start everybody: waves, or the CPUs where they are fewer."""
    by_waves = school.students / school.in_flight * measured.spawn_s
    by_cpus = school.students * measured.start_cpu_s / (nodes_for(node, school) * node.cpus)
    return max(by_waves, by_cpus) / 60


def pull_minutes(node: Node, school: School) -> float:
    """Return how long one node takes to fetch the image; unpacking counted as long again."""
    return 2 * school.image_gb * 8 / node.network_gbit / 60


def nfs_mb_per_s(school: School) -> float:
    """Return what the file server must read while everybody starts and copies."""
    return school.students * school.copied_gb * 1000 / (school.start_minutes * 60)


def render(node: Node | None = None, measured: Measured | None = None) -> str:
    """Return the page as Markdown."""
    node, measured = node or Node(), measured or Measured()
    rows = [
        ("students at once", [f"{n:,}" for n in SIZES]),
        ("servers on a node", _each(lambda s: f"{places_on(node, s)}")),
        ("nodes", _each(lambda s: f"{nodes_for(node, s)}")),
        ("memory guaranteed, GB", _each(lambda s: f"{s.students * s.memory_guarantee_gb:,.0f}")),
        (
            f"minutes to start everybody, {School(1).in_flight} at once",
            _each(lambda s: f"{starting_minutes(node, s, measured):.1f}"),
        ),
        ("minutes to fetch the image, each node", _each(lambda s: f"{pull_minutes(node, s):.1f}")),
        ("GB that the registry sends", _each(lambda s: f"{nodes_for(node, s) * s.image_gb:,.0f}")),
        ("MB/s from NFS while datasets are copied", _each(lambda s: f"{nfs_mb_per_s(s):,.0f}")),
        ("homes, GB", _each(lambda s: f"{s.students * s.home_gb:,.0f}")),
        ("node-hours of a week", _each(lambda s: f"{nodes_for(node, s) * s.hours:,.0f}")),
    ]
    table = [f"| {name} | {' | '.join(values)} |" for name, values in rows]
    table.insert(1, "|---|" + "---:|" * len(SIZES))
    return PAGE.format(
        table="\n".join(table),
        node=node,
        measured=measured,
        school=School(1),
        places=places_on(node, School(1)),
        by_memory=f"(memory - {node.reserved_gb:g} GB) / memory guarantee",
        by_cpu=f"(CPUs - {node.reserved_cpus:g}) / CPU guarantee",
        by_pods=f"{node.pods} pods - 10",
        by_waves=f"students / in flight x {measured.spawn_s:g} s",
        by_cores=f"students x {measured.start_cpu_s:g} s of CPU / all CPUs",
    )


def _each(say: Callable[[School], str]) -> list[str]:
    return [say(School(n)) for n in SIZES]


PAGE: Final = """# How large a cluster

Generated by `python -m growth_admin.deploy.kubernetes.sizing`; do not edit.

{table}

For nodes with {node.cpus:g} CPUs, {node.memory_gb:g} GB and {node.network_gbit:g} Gbit/s; servers
with {school.memory_guarantee_gb:g} GB and {school.cpu_guarantee:g} CPU for sure; an image of
{school.image_gb:g} GB (compressed); {school.copied_gb:g} GB of datasets copied into each home
within {school.start_minutes:g} minutes. Put in your own numbers; this is how they go together:

| | formula |
|---|---|
| servers on a node | the smallest of {by_memory}, {by_cpu} and {by_pods} |
| nodes | students / servers on a node, rounded up |
| time to start everybody | the larger of {by_waves} and {by_cores} |
| time to fetch the image | 2 x image / network: unpacking takes about as long again |
| NFS throughput | students x copied datasets / start minutes; linked ones take nothing |
| cost | node-hours x their price, GB of homes x their price, and the hub's own node |

Measured on two shared cores with `python -m tests.bench sizing_` (medians of three):
{measured.start_cpu_s:g} s of CPU from a Lab's start until it answers,
{measured.server_mb:g} MB for it, {measured.kernel_mb:g} MB for a Python kernel that imported
nothing. {measured.spawn_s:g} s from the hub's order to an answer was seen once, with KubeSpawner
7.1 on one node of Kubernetes 1.20 that had the image. Bandwidth, unpacking and the memory of your
notebooks were not measured: run the heaviest notebook of the school in a rehearsal, set
`memory_guarantee` to what its kernel takes plus {measured.server_mb:g} MB, and `memory_limit` to
twice that.

Homes can be the limit before memory is: clouds attach only so many disks to one machine. Where that
is fewer than {places} servers on a node, take smaller nodes.

# The first morning

1. **Two days before**: push the image, `growth-admin deploy check school.yaml`, run the third
   command of COMMANDS.md. Where the answers name another image than before, the chart's pre-puller
   fetches it onto every node before anything changes; where only the tag was moved it does not, and
   `growth-admin images prepull` does. Try the canary, and a rolling restart of the organisers' own
   servers.
2. **The evening before**: let nodes come up and stay, by places that do nothing and give way to
   students: the third command with `--set scheduling.userPlaceholder.replicas=STUDENTS` behind it.
   `kubectl get nodes` shows as many nodes as the table; the continuous puller fetches the image
   onto each. If the tag was moved since the hub was installed: `growth-admin images prepull`, which
   says how many nodes have what it names now.
3. **30 minutes before the class**: `growth-admin servers start --group students --max-in-flight
   {school.in_flight} --yes` starts everybody in waves, one first, and stops when too many fail. Who
   has never logged in has no server to start: logging in starts one.
4. **10 minutes before**: the page School day, or `growth-admin doctor`.
5. **When everybody is in**: the third command without the placeholders, so that nodes can go in the
   evening; idle servers stop after `idle_hours`, and a running job of an organiser keeps theirs.

Steps 3 and 4, and `growth-admin images prepull`, are typed in a terminal of an organiser's server,
the others where helm and kubectl are.
"""


if __name__ == "__main__":
    print(render(), end="")
