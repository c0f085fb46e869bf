"""In a real Lab: a package is tried in one's own server; an image's check says what it needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.desk import NewDesk
from tests.browser.lab import Lab, lab_server
from tests.browser.looks import open_images
from tests.images.conda_packages import publish
from tests.images.package_index import Index, running_index
from tests.images.registry import running_registry

INSTALL_MS = 180_000
KERNEL = "Try: stars==1.1 (not lasting)"


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with running_index() as started:
        started.add("stars", "1.0")
        started.add("stars", "1.1")
        publish(started)
        yield started


@pytest.fixture
def lab(tmp_path: Path, index: Index) -> Iterator[Lab]:
    """A Lab whose opener is the admin; there is no hub that could start a canary."""
    source = tmp_path / "home" / "admin" / "image"
    (source / "packages").mkdir(parents=True)
    (source / "packages" / "pip.txt").write_text("stars==1.0\n")
    (source / "Dockerfile").write_text("FROM debian:12\n")
    (tmp_path / "disk").mkdir()
    with running_registry(tmp_path / "registry") as registry:
        registry.push("deploy")
        options = [
            f"--ImageRegistry.image={registry.image}",
            f"--ImageSource.index_url={index.simple}",
            f"--ImageSource.conda_channel={index.channel}",
            f"--TryOuts.folder={tmp_path / 'disk'}",
        ]
        with lab_server(tmp_path, options=options) as running:
            yield running


@pytest.mark.parametrize(("theme", "width"), [("light", "wide"), ("dark", "narrow")])
def test_package_when_tried_in_a_lab_then_its_kernel_says_that_it_does_not_last_and_goes_again(
    lab: Lab, new_desk: NewDesk, theme: str, width: str
) -> None:
    desk = new_desk("tryouts", color_scheme=theme)
    panel, look = open_images(desk, lab.url, theme, width)
    panel.get_by_role("tab", name="Packages").click()
    panel.get_by_label("Package", exact=True).fill("stars")
    panel.get_by_label("Version", exact=True).fill("1.1")
    panel.get_by_role("button", name="Try it now").click()
    tried = panel.get_by_role("region", name="Tried in your server")
    expect(tried).to_contain_text(KERNEL, timeout=60_000)
    look("installing")
    expect(tried).to_contain_text("ready", timeout=INSTALL_MS)
    look("ready")
    tried.get_by_role("button", name="Remove").click()
    expect(tried).to_have_count(0, timeout=60_000)
    assert not list((lab.admin_root.parents[1] / "disk").rglob("kernel.json"))

    panel.get_by_role("tab", name="Tags").click()
    panel.get_by_role("grid", name="Images").get_by_text("deploy").first.click()
    panel.get_by_role("button", name="Check this image").click()
    expect(panel).to_contain_text("no hub here that could start a canary", timeout=60_000)
    panel.get_by_role("button", name="Pre-pull this image").click()
    expect(panel).to_contain_text("no hub here that could let nodes fetch", timeout=60_000)
    look("no-hub")
    assert not look.found, "\n".join(look.found)


@pytest.mark.parametrize(("theme", "width"), [("dark", "wide"), ("light", "narrow")])
def test_packages_of_conda_when_tried_in_a_lab_then_what_cannot_be_imported_is_said(
    lab: Lab, new_desk: NewDesk, theme: str, width: str
) -> None:
    desk = new_desk("conda-tryouts", color_scheme=theme)
    panel, look = open_images(desk, lab.url, theme, width)
    panel.get_by_role("tab", name="Packages").click()
    button = panel.get_by_role("button", name="Try it now")
    panel.get_by_label("Package", exact=True).fill("source-extractor")
    came_from = panel.get_by_role("group", name="Add a package").get_by_role("combobox")
    came_from.select_option("apt")
    expect(button).to_have_attribute("aria-disabled", "true")
    came_from.select_option("conda")
    panel.get_by_label("Version", exact=True).fill("2.28")
    button.click()
    tried = panel.get_by_role("region", name="Tried in your server")
    expect(tried).to_contain_text("Try: source-extractor=2.28 (not lasting)", timeout=60_000)
    expect(tried).to_contain_text("ready", timeout=INSTALL_MS)
    panel.get_by_label("Version", exact=True).fill("")
    panel.get_by_label("Package", exact=True).fill("broken")
    button.click()
    expect(tried).to_contain_text("broken cannot be imported", timeout=INSTALL_MS)
    panel.get_by_label("Package", exact=True).fill("of-next")
    button.click()
    expect(tried).to_contain_text("fits this server's Python", timeout=INSTALL_MS)
    look("conda")
    assert not look.found, "\n".join(look.found)
