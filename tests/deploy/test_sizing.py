"""The sizing page: generated, and right where it can be counted by hand."""

from __future__ import annotations

from pathlib import Path

from growth_admin.deploy import kubernetes
from growth_admin.deploy.kubernetes.sizing import (
    Measured,
    Node,
    School,
    nfs_mb_per_s,
    nodes_for,
    places_on,
    pull_minutes,
    render,
    starting_minutes,
)


def test_page_when_compared_with_the_formulae_then_it_is_theirs() -> None:
    page = Path(kubernetes.__file__).with_name("SIZING.md").read_text()
    assert page == render(), (
        "run: python -m growth_admin.deploy.kubernetes.sizing "
        "> growth_admin/deploy/kubernetes/SIZING.md"
    )


def test_sizes_when_counted_by_hand_then_the_same() -> None:
    node = Node(cpus=4, memory_gb=19, reserved_cpus=1, reserved_gb=3, network_gbit=1)
    school = School(100, memory_guarantee_gb=2, cpu_guarantee=0.5, image_gb=3, in_flight=10)
    assert places_on(node, school) == 6  # 16 GB / 2 GB = 8, 3 CPUs / 0.5 = 6
    assert nodes_for(node, school) == 17
    assert round(starting_minutes(node, school, Measured(spawn_s=12)), 3) == 2.0
    assert round(starting_minutes(node, school, Measured(start_cpu_s=81.6, spawn_s=1)), 3) == 2.0
    assert round(pull_minutes(node, school), 3) == 0.8
    assert round(nfs_mb_per_s(school), 1) == 55.6


def test_places_when_servers_are_tiny_then_the_kubelets_limit_counts() -> None:
    assert places_on(Node(memory_gb=1024, cpus=256), School(1, 0.1, 0.01)) == 100
