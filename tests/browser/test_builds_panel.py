"""Builds in the Images panel, on a real hub with a real registry: begin, follow, fail, promote."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.desk import Desk, NewDesk, log_in_by_hand
from tests.browser.lab import Lab, lab_server
from tests.browser.looks import open_images
from tests.browser.test_looks import tab_to
from tests.hub.school import School
from tests.images.builder import STEPS, make_builder
from tests.images.registry import RealRegistry, running_registry

GOOD, BAD, SLOW = "stars==1.0\ncharts==3.0\n", "stars==1.0\nghost==1.0\n", "slow==1.0\n"
LONG_MS = 120_000.0


def write_source(admin: Path, pip: str) -> None:
    """Let the image's lists be these, as somebody with an editor does."""
    folder = admin / "image" / "packages"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pip.txt").write_text(pip)
    (admin / "image" / "Dockerfile").write_text("FROM debian:12\n")


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[RealRegistry]:
    with running_registry(tmp_path / "registry") as started:
        started.push("git-40", created="2026-11-01T08:00:00Z")
        started.tag("deploy", started.digest("git-40"))
        yield started


@pytest.fixture
def own_school(tmp_path: Path, registry: RealRegistry) -> Iterator[School]:
    """A school where organisers' servers have a builder, and students start with the registry's."""
    builder = make_builder(tmp_path / "builder", registry.port)
    image = {"GROWTH_IMAGE_NAME": registry.image, "GROWTH_IMAGE_TAG": "deploy"}
    path = os.pathsep.join([str(builder), os.environ["PATH"]])
    with School.open(tmp_path / "own", PATH=path, **image) as running:
        yield running


def begin(panel: Locator, tag: str, why: str) -> None:
    """Plan a build, look at it, begin it."""
    panel.get_by_role("button", name="Build the image").click()
    dialog = panel.get_by_role("dialog")
    expect(dialog).to_contain_text(f"as {tag}", timeout=LONG_MS)
    dialog.get_by_label("Why it is built").fill(why)
    dialog.get_by_role("button", name=f"Build {tag}").click()
    expect(dialog).to_have_count(0)


def state_of(panel: Locator, tag: str) -> Locator:
    """The row of a build."""
    return panel.get_by_role("grid", name="Builds").locator(".growth-Row", has_text=tag)


@pytest.mark.timeout(900)
def test_build_when_begun_in_the_tab_then_followed_failed_cancelled_promoted_and_students_get_it(
    own_school: School, registry: RealRegistry, new_desk: NewDesk
) -> None:
    school = own_school
    write_source(school.folder.admin, GOOD)
    school.login("Ada-Okafor")
    school.start("ada-okafor")
    desk = new_desk("builds")
    log_in_by_hand(desk.page, school, "Ada-Okafor")
    desk.wait_for_lab()
    panel = desk.open_area("Images", "images")
    desk.close_left_area()
    panel.get_by_role("tab", name="Builds").click()
    expect(panel.get_by_text("buildah version 0 (of the tests)")).to_be_visible()

    begin(panel, "r1-b1", "charts for Tuesday")
    build = panel.get_by_role("complementary", name="Details of r1-b1")
    log = build.get_by_role("log", name="Log of r1-b1")
    expect(log).to_contain_text("Collecting part-999", timeout=LONG_MS)
    assert "\x1b" not in str(log.text_content())
    desk.shoot("01-running")
    see_what_came_out(desk, build)
    save_the_parts(desk, build)

    write_source(school.folder.admin, BAD)
    begin(panel, "r2-b2", "a ghost")
    see_it_fail(desk, panel)
    write_source(school.folder.admin, SLOW)
    begin(panel, "r3-b3", "it takes long")
    slow = panel.get_by_role("complementary", name="Details of r3-b3")
    slow.get_by_role("button", name="Cancel r3-b3").click()
    expect(state_of(panel, "r3-b3")).to_contain_text("cancelled", timeout=LONG_MS)

    state_of(panel, "r1-b1").click()
    build.get_by_role("button", name="Promote r1-b1").click()
    promote_past_the_canary(panel)
    assert registry.digest("deploy") == registry.digest("r1-b1")
    desk.shoot("05-promoted")
    build.get_by_role("button", name="Show it among the tags").click()
    expect(panel.get_by_role("grid", name="Images")).to_contain_text("students get it")


def see_what_came_out(desk: Desk, build: Locator) -> None:
    """Size, packages, licences and checks, once it is pushed."""
    expect(build.get_by_role("button", name="Promote r1-b1")).to_be_visible(timeout=LONG_MS)
    expect(build).to_contain_text("2 packages, Python 3.13.1")
    build.get_by_role("tab", name=re.compile("^Smoke checks")).click()
    expect(build.get_by_role("grid", name="Smoke checks")).to_contain_text("import stars")
    build.get_by_role("tab", name=re.compile("^Licences")).click()
    expect(build.get_by_role("grid", name="Licences")).to_contain_text("MIT")
    desk.shoot("02-built")


def save_the_parts(desk: Desk, build: Locator) -> None:
    """The list of parts comes as a file."""
    with desk.page.expect_download() as download:
        build.get_by_role("button", name="Download its list of parts").click()
    assert download.value.suggested_filename == "r1-b1.cdx.json"
    document = json.loads(Path(download.value.path()).read_text())
    assert {"stars", "charts"} == {one["name"] for one in document["components"]}


def see_it_fail(desk: Desk, panel: Locator) -> None:
    """The line, why, and what to do; a click shows it in the log."""
    failed = panel.get_by_role("complementary", name="Details of r2-b2")
    alert = failed.get_by_role("alert")
    expect(alert).to_contain_text("No matching distribution found for ghost", timeout=LONG_MS)
    expect(alert).to_contain_text("Mend the source")
    expect(failed.locator("code", has_text=STEPS[1])).to_be_visible()
    failed.get_by_role("button", name="Show it in the log").click()
    found = failed.get_by_role("log").locator("mark[data-current]")
    expect(found).to_have_text(f"STEP 2/{len(STEPS)}: {STEPS[1]}")
    expect(found).to_be_in_viewport()
    desk.shoot("03-failed")


def promote_past_the_canary(panel: Locator) -> None:
    """Its smoke checks passed; nobody has run a canary."""
    dialog = panel.get_by_role("dialog")
    expect(dialog).to_contain_text("Let deploy name")
    dialog.get_by_label("Why students get it").fill("charts for Tuesday")
    dialog.get_by_role("button", name="Force with a reason").click()
    dialog.get_by_label("Why it may pass its checks").fill("a test")
    dialog.get_by_role("button", name="Promote r1-b1 past its checks").click()
    expect(dialog).to_contain_text("since")
    dialog.locator("footer").get_by_role("button", name="Close").click()


# ---- looks and keys, on a Lab without a hub


@pytest.fixture
def lab(tmp_path: Path, registry: RealRegistry) -> Iterator[Lab]:
    """A Lab whose opener is the admin, with a source and a builder."""
    builder = make_builder(tmp_path / "builder", registry.port)
    write_source(tmp_path / "home" / "admin", GOOD)
    options = [
        f"--ImageRegistry.image={registry.image}",
        f"--ImageBuilder.program={builder / 'buildah'}",
        "--ImageSource.python_version=3.13",
    ]
    with lab_server(tmp_path, options=options) as running:
        yield running


@pytest.mark.parametrize(("theme", "width"), [("light", "wide"), ("dark", "narrow")])
def test_builds_when_seen_in_a_theme_and_width_then_nothing_is_cut_off_and_axe_is_content(
    lab: Lab, new_desk: NewDesk, theme: str, width: str
) -> None:
    desk = new_desk("builds", color_scheme=theme)
    panel, look = open_images(desk, lab.url, theme, width)
    panel.get_by_role("tab", name="Builds").click()
    expect(panel).to_contain_text("No image was built here yet")
    look("none")
    panel.get_by_role("button", name="Build the image").click()
    expect(panel.get_by_role("dialog")).to_contain_text("as r1-b1", timeout=LONG_MS)
    look("plan")
    panel.get_by_role("dialog").get_by_role("button", name="Do nothing").click()
    begin(panel, "r1-b1", "a look")
    build = panel.get_by_role("complementary", name="Details of r1-b1")
    expect(build.get_by_role("log")).to_contain_text("part-999", timeout=LONG_MS)
    look("log")
    expect(build.get_by_role("button", name="Promote r1-b1")).to_be_visible(timeout=LONG_MS)
    look("built")
    panel.get_by_role("tab", name="Packages", exact=True).click()
    panel.get_by_role("tab", name=re.compile("^Revisions")).click()
    panel.get_by_role("grid", name="Revisions").locator(".growth-Row").first.click()
    expect(panel.get_by_role("region", name="Change of packages/pip.txt")).to_be_visible()
    look("revision")
    assert not look.found, "\n".join(look.found)


def test_build_when_only_keys_are_used_then_it_is_begun_followed_and_searched(
    lab: Lab, new_desk: NewDesk
) -> None:
    desk = new_desk("builds")
    keys = desk.page.keyboard
    desk.open_lab(lab.url)
    desk.run_command_by_keys("Open Images")
    panel = desk.panel("images")
    expect(panel.get_by_role("grid", name="Images")).to_be_visible()
    desk.run_command_by_keys("Build the image from its source")
    dialog = panel.get_by_role("dialog")
    expect(dialog.get_by_label("Why it is built")).to_be_focused(timeout=LONG_MS)
    keys.type("by keys alone")
    tab_to(desk, dialog.get_by_role("button", name="Build r1-b1"))
    keys.press("Enter")
    build = panel.get_by_role("complementary", name="Details of r1-b1")
    expect(build.get_by_role("button", name="Promote r1-b1")).to_be_visible(timeout=LONG_MS)
    tab_to(desk, build.get_by_role("searchbox"))
    keys.type("part-500 ")
    keys.press("Enter")
    expect(build).to_contain_text("1 of 1")
    expect(build.get_by_role("log").locator("mark[data-current]")).to_be_in_viewport()
