"""The Packages tab of Images in a real Lab, over a real package index: add, conflict, take back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.desk import NewDesk
from tests.browser.lab import Lab, lab_server
from tests.browser.looks import open_images
from tests.images.package_index import Index, running_index
from tests.images.registry import running_registry

PIP = "# What the notebooks import.\nstars==1.0\nmaths==1.5  # the old one, for notebook 3\n"


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with running_index() as started:
        started.add("stars", "1.0")
        started.add("stars", "1.1", needs=["maths>=2"])
        started.add("maths", "1.5")
        started.add("charts", "3.0", needs=["maths<2"])
        yield started


@pytest.fixture
def lab(tmp_path: Path, index: Index) -> Iterator[Lab]:
    """A Lab whose opener is the admin, with an image's source in the admin folder."""
    source = tmp_path / "home" / "admin" / "image"
    (source / "packages").mkdir(parents=True)
    (source / "packages" / "pip.txt").write_text(PIP)
    (source / "Dockerfile").write_text("FROM debian:12\n")
    with running_registry(tmp_path / "registry") as registry:
        registry.push("deploy")
        options = [
            f"--ImageRegistry.image={registry.image}",
            f"--ImageSource.index_url={index.simple}",
            "--ImageSource.python_version=3.13",
        ]
        with lab_server(tmp_path, options=options) as running:
            yield running


@pytest.mark.parametrize(("theme", "width"), [("light", "wide"), ("dark", "narrow")])
def test_package_when_added_in_a_lab_then_the_list_has_it_and_a_conflict_is_told_before(
    lab: Lab, new_desk: NewDesk, theme: str, width: str
) -> None:
    desk = new_desk("packages", color_scheme=theme)
    panel, look = open_images(desk, lab.url, theme, width)
    panel.get_by_role("tab", name="Packages").click()
    expect(panel.get_by_role("grid", name="Packages")).to_contain_text("stars")
    panel.get_by_role("button", name="Check all packages").click()
    expect(panel.get_by_text("newer exists").first).to_be_visible(timeout=60_000)
    look("checked")

    panel.get_by_label("Package", exact=True).fill("stars")
    panel.get_by_role("button", name="Plan to add it").click()
    expect(panel.get_by_role("alert")).to_contain_text("in the list already", timeout=60_000)
    look("refused")

    panel.get_by_label("Package", exact=True).fill("charts")
    panel.get_by_label("Package", exact=True).press("Enter")
    dialog = panel.get_by_role("dialog")
    expect(dialog).to_contain_text("+charts==3.0", timeout=60_000)
    dialog.get_by_label("Why it is changed").fill("for Tuesday")
    look("plan")
    dialog.get_by_role("button", name="Save the revision").click()
    expect(dialog).to_contain_text("is saved", timeout=60_000)
    dialog.locator("footer").get_by_role("button", name="Close").click()
    expect(panel.get_by_role("grid", name="Packages")).to_contain_text("charts")
    text = (lab.admin_root / "image" / "packages" / "pip.txt").read_text()
    assert text == PIP + "charts==3.0\n"

    panel.get_by_role("grid", name="Packages").get_by_text("stars").click(button="right")
    desk.page.get_by_role("menuitem", name="Plan the newest version").click()
    expect(dialog).to_contain_text("cannot be installed together", timeout=60_000)
    expect(dialog).to_contain_text("maths")
    look("conflict")
    dialog.get_by_role("button", name="Do nothing").click()
    assert "stars==1.0" in (lab.admin_root / "image" / "packages" / "pip.txt").read_text()
    assert not look.found, "\n".join(look.found)
