"""The demo's registry: what lies in it on the first day, and what the demo says without one."""

from __future__ import annotations

from pathlib import Path

import pytest
from traitlets.config import Config

from growth_admin.core.paths import Paths
from growth_admin.deploy.demo.folder import DemoFolder, free_port
from growth_admin.deploy.demo.main import welcome_to
from growth_admin.deploy.demo.registry import (
    TAG,
    VERSIONS,
    fill_registry,
    find_program,
    image_name,
    write_configuration,
)
from growth_admin.deploy.demo.running import RunningSchool
from growth_admin.images.room import build_room
from tests.images.registry import RealRegistry


def test_demo_when_its_registry_is_filled_twice_then_there_are_images_checks_and_a_past_once(
    registry: RealRegistry, tmp_path: Path
) -> None:
    folder = DemoFolder(tmp_path / "demo")
    folder.admin.mkdir(parents=True)
    for _ in range(2):
        fill_registry(folder, registry.port)
    config = Config()
    config.ImageRegistry.image = image_name(registry.port)
    paths = Paths(folder.admin, folder.shared)
    tags = build_room(paths, user="ada-okafor", running=None, config=config).tags
    listed = tags.list_images()
    assert {version.tag for version in VERSIONS} < {row.name for row in listed.tags}
    assert {row.gate.state for row in listed.tags} == {"passed", "failed", "missing"}
    assert not any(row.problem for row in listed.tags)
    sizes = {row.image.size_bytes for row in listed.tags if row.image}
    assert len(sizes) == len(VERSIONS) and max(sizes) < 1_000_000
    timeline = tags.get_timeline()
    assert [(m.action, m.state) for m in timeline.moves] == [
        *[("promote", "done")] * 2,
        ("found", "done"),
    ]
    assert tags.get_image("2026.11-r41").is_live
    assert tags.plan("2026.11-r42").is_possible


def test_demo_when_docker_registry_is_not_installed_then_it_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_program() == ""
    with (folder := DemoFolder(tmp_path / "demo")).locked():
        settings, _ = folder.create(free_port())
    without = RunningSchool(folder, settings)
    assert "install Debian's package docker-registry" in welcome_to(without)
    assert without.image_variables() == {}
    there = RunningSchool(folder, settings, registry_program="/usr/bin/docker-registry")
    assert "open Images" in welcome_to(there)
    assert there.image_variables() == {
        "GROWTH_IMAGE_NAME": image_name(settings.registry_port),
        "GROWTH_IMAGE_TAG": TAG,
    }
    written = write_configuration(folder, settings.registry_port).read_text()
    assert f"127.0.0.1:{settings.registry_port}" in written
