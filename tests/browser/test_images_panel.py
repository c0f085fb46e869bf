"""Images on a real hub with a real registry: promote, conflict, roll back, past the checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.desk import Desk, NewDesk, log_in_by_hand
from tests.browser.lab import Lab, lab_server
from tests.browser.looks import WIDTHS, open_images
from tests.browser.test_looks import tab_to
from tests.hub.school import School
from tests.images.registry import RealRegistry, running_proxy, running_registry

STUDENT = "jane-doe"
WHY, FORCE = "packages for week 4", "class begins in ten minutes"
LONG_TAG = "git-" + "feature-for-the-second-week-" * 4 + "z"


@dataclass(frozen=True)
class Shelf:
    """A registry with the school's image in three versions, the oldest of which students get."""

    registry: RealRegistry
    old: str
    new: str
    newer: str

    @property
    def live(self) -> str:
        """What the tag names, as another client sees it."""
        return self.registry.digest("deploy")


def fill(registry: RealRegistry) -> Shelf:
    """Push three versions; the tag names the first."""
    digests = [
        registry.push(f"git-{number}", created=f"2026-11-{day:02d}T08:00:00Z", layers=layers)
        for number, day, layers in ((40, 1, 2), (41, 12, 3), (42, 24, 5))
    ]
    registry.tag("deploy", digests[0])
    return Shelf(registry, *digests)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with running_registry(tmp_path_factory.mktemp("registry")) as registry:
        yield fill(registry)


@pytest.fixture(scope="module")
def own_school(tmp_path_factory: pytest.TempPathFactory, shelf: Shelf) -> Iterator[School]:
    """A school whose servers start with the registry's image."""
    image = {"GROWTH_IMAGE_NAME": shelf.registry.image, "GROWTH_IMAGE_TAG": "deploy"}
    with School.open(tmp_path_factory.mktemp("own"), **image) as running:
        yield running


@pytest.mark.timeout(900)
def test_images_when_promoted_on_a_hub_then_refused_forced_restarted_contested_and_taken_back(
    own_school: School, shelf: Shelf, new_desk: NewDesk
) -> None:
    school = own_school
    school.login("Ada-Okafor")
    school.start("ada-okafor")
    desk = new_desk("images")
    log_in_by_hand(desk.page, school, "Ada-Okafor")
    desk.wait_for_lab()
    panel = desk.open_area("Images", "images")
    live = panel.get_by_role("region", name="What students get")
    expect(live).to_contain_text(shelf.old[:19])
    desk.close_left_area()
    school.login("Jane-Doe")
    school.start(STUDENT)

    force_past_the_gate(desk, panel, shelf)
    expect(live).to_contain_text(f"Promoted past its checks: {FORCE}")
    # The list of servers may be from before Jane's start was written down: the next one has it.
    expect(live).to_contain_text("1 runs another image", timeout=60_000)
    desk.shoot("03-forced")
    restart_the_stale(desk, panel, school)
    expect(live).not_to_contain_text("another image", timeout=60_000)
    expect(live).to_contain_text("1 server runs it")

    record_checks(desk, panel)
    meet_a_conflict(desk, panel, shelf)
    take_back(desk, panel, shelf)
    see_the_timeline(desk, panel)
    expect(desk.sidebar.locator(".growth-AreaLine", has_text="Images")).to_have_count(1)
    school.stop(STUDENT)


def row_of(panel: Locator, tag: str) -> Locator:
    """The row of an image."""
    return panel.get_by_role("grid", name="Images").locator(".growth-Row", has_text=tag)


def plan_for(panel: Locator, tag: str) -> Locator:
    """Select an image and ask for the plan; the dialog."""
    row_of(panel, tag).get_by_role("checkbox").check()
    panel.get_by_role("toolbar", name="Images").get_by_role(
        "button", name=re.compile(rf"^(Promote|Roll back to) {tag}")
    ).first.click()
    dialog = panel.get_by_role("dialog")
    expect(dialog).to_contain_text("Let deploy name")
    return dialog


def close(panel: Locator, tag: str) -> None:
    """Close what was done, and let go of the image."""
    panel.get_by_role("dialog").locator("footer").get_by_role("button", name="Close").click()
    expect(panel.get_by_role("dialog")).to_have_count(0)
    row_of(panel, tag).get_by_role("checkbox").uncheck()


def force_past_the_gate(desk: Desk, panel: Locator, shelf: Shelf) -> None:
    """Refused without a passing record; then forced with a reason."""
    dialog = plan_for(panel, "git-41")
    expect(dialog.get_by_label("Why students get it")).to_be_focused()
    dialog.get_by_label("Why students get it").fill(WHY)
    expect(dialog).to_contain_text("Refused without passed checks")
    expect(dialog).to_contain_text("Smoke and canary were not run")
    button = dialog.get_by_role("button", name="Promote git-41")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    assert shelf.live == shelf.old
    desk.shoot("01-refused")
    dialog.get_by_role("button", name="Force with a reason").click()
    dialog.get_by_label("Why it may pass its checks").fill(FORCE)
    dialog.get_by_role("button", name="Promote git-41 past its checks").click()
    expect(dialog).to_contain_text(f"names {shelf.new[:19]} since")
    assert shelf.live == shelf.new
    desk.shoot("02-receipt")
    close(panel, "git-41")


def restart_the_stale(desk: Desk, panel: Locator, school: School) -> None:
    """Who is on the old image is chosen in Servers, and restarted from there."""
    started = str((school.server(STUDENT) or {})["started"])
    panel.get_by_role("button", name="Restart the 1 on another image").click()
    servers = desk.panel("servers")
    expect(servers.get_by_role("region", name="Servers that are like this")).to_contain_text(
        "1 server is like this"
    )
    expect(servers.locator(".growth-Row")).to_contain_text([STUDENT])
    desk.shoot("04-handed-to-servers")
    servers.get_by_role("button", name="Restart all 1 like this").click()
    dialog = servers.get_by_role("dialog")
    dialog.get_by_role("button", name=f"Restart {STUDENT}").click()
    expect(dialog).to_contain_text("Restarted", timeout=120_000)
    dialog.locator("footer").get_by_role("button", name="Close").click()
    assert str((school.server(STUDENT) or {})["started"]) > started
    desk.run_command("Open Images")
    panel.get_by_role("button", name="Refresh").click()


def record_checks(desk: Desk, panel: Locator) -> None:
    """Two checks by hand; the row says that they passed. Then a pre-pull, by a job."""
    row_of(panel, "git-42").click()
    details = panel.get_by_role("complementary")
    for check in ("Smoke", "Canary"):
        details.get_by_role("button", name="Record a check").click()
        dialog = panel.get_by_role("dialog")
        dialog.get_by_label(f"{check}:").check()
        dialog.get_by_label("It passed").check()
        dialog.get_by_label("What was checked").fill(f"{check} by hand")
        dialog.get_by_role("button", name="Record the check").click()
        expect(details.get_by_role("region", name="Checks")).to_contain_text(f"{check} by hand")
    expect(row_of(panel, "git-42")).to_contain_text("passed")
    desk.shoot("05-checks")
    pre_pull = details.get_by_role("region", name="Pre-pull of this image")
    pre_pull.get_by_role("button", name="Pre-pull this image").click()
    expect(pre_pull).to_contain_text("there is nothing to fetch", timeout=60_000)
    details.get_by_role("button", name="Close details").click()


def meet_a_conflict(desk: Desk, panel: Locator, shelf: Shelf) -> None:
    """Somebody with another tool moves the tag while the plan is read."""
    dialog = plan_for(panel, "git-42")
    dialog.get_by_label("Why students get it").fill("lightkurve")
    shelf.registry.tag("deploy", shelf.old)
    dialog.get_by_role("button", name="Promote git-42").click()
    alert = dialog.get_by_role("alert")
    expect(alert).to_contain_text("out of date")
    assert shelf.live == shelf.old, "what somebody else did is left alone"
    desk.shoot("06-conflict")
    dialog.get_by_role("button", name="Plan again").click()
    expect(dialog).to_contain_text(f"instead of {shelf.old[:19]}")
    dialog.get_by_label("Why students get it").fill("lightkurve, seen what was there")
    dialog.get_by_role("button", name="Promote git-42").click()
    expect(dialog).to_contain_text(f"names {shelf.newer[:19]} since")
    assert shelf.live == shelf.newer
    close(panel, "git-42")


def take_back(desk: Desk, panel: Locator, shelf: Shelf) -> None:
    """One button goes back to what was there before."""
    panel.get_by_role("button", name="Roll back to git-40").click()
    dialog = panel.get_by_role("dialog")
    dialog.get_by_label("Why it is taken back").fill("notebook 3 fails")
    dialog.get_by_role("button", name="Roll back to git-40").click()
    expect(dialog).to_contain_text(f"names {shelf.old[:19]} since")
    assert shelf.live == shelf.old
    dialog.locator("footer").get_by_role("button", name="Close").click()


def see_the_timeline(desk: Desk, panel: Locator) -> None:
    """Who, when, why; what was forced stays, and what somebody else did is there."""
    panel.get_by_role("tab", name="Timeline").click()
    moves = panel.get_by_role("grid").locator(".growth-Row")
    expect(moves).to_contain_text(
        ["rolled back", "promoted", "moved elsewhere", "promoted", "first seen"]
    )
    expect(moves.nth(0)).to_contain_text("notebook 3 fails")
    expect(moves.nth(3)).to_contain_text(FORCE)
    desk.shoot("07-timeline")


# ---- looks, on a Lab without a hub


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A Lab whose opener is the admin, over a registry of its own; one tag is very long."""
    root = tmp_path_factory.mktemp("looks")
    with running_registry(root / "registry") as registry:
        fill(registry)
        registry.push(LONG_TAG, created="2026-11-26T08:00:00Z")
        with lab_server(root, options=[f"--ImageRegistry.image={registry.image}"]) as running:
            yield running


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_images_when_seen_in_a_theme_and_width_then_nothing_is_cut_off_and_axe_is_content(
    lab: Lab, new_desk: NewDesk, theme: str, width: str
) -> None:
    desk = new_desk("images", color_scheme=theme)
    panel, look = open_images(desk, lab.url, theme, width)
    expect(row_of(panel, "git-42")).to_be_visible()
    expect(panel.get_by_role("img", name=re.compile("^Sizes of 4 versions"))).to_be_visible()
    look("tags")
    row_of(panel, "git-42").click()
    expect(panel.get_by_role("region", name="Checks")).to_be_visible()
    look("details")
    panel.get_by_role("button", name="Close details").click()
    dialog = plan_for(panel, "git-42")
    dialog.get_by_role("button", name="Force with a reason").click()
    look("plan")
    dialog.get_by_role("button", name="Do nothing").click()
    panel.get_by_role("tab", name="Timeline").click()
    expect(panel.get_by_role("grid")).to_contain_text("first seen")
    look("timeline")
    assert not look.found, "\n".join(look.found)


def test_images_when_only_keys_are_used_then_an_image_is_promoted(
    tmp_path: Path, new_desk: NewDesk
) -> None:
    desk = new_desk("images")
    keys = desk.page.keyboard
    with running_registry(tmp_path / "registry") as registry:
        shelf = fill(registry)
        with lab_server(tmp_path, options=[f"--ImageRegistry.image={registry.image}"]) as lab:
            desk.open_lab(lab.url)
            desk.run_command_by_keys("Open Images")
            panel = desk.panel("images")
            grid = panel.get_by_role("grid", name="Images")
            expect(row_of(panel, "git-42")).to_be_visible()
            tab_to(desk, grid)
            keys.press("Space")  # the newest image is the first row
            expect(panel).to_contain_text("1 image selected")
            desk.run_command_by_keys("Promote the selected image")
            dialog = panel.get_by_role("dialog")
            expect(dialog.get_by_label("Why students get it")).to_be_focused()
            keys.type(WHY)
            tab_to(desk, dialog.get_by_role("button", name="Force with a reason"))
            keys.press("Enter")
            expect(dialog.get_by_label("Why it may pass its checks")).to_be_focused()
            keys.type(FORCE)
            tab_to(desk, dialog.get_by_role("button", name="Promote git-42 past its checks"))
            keys.press("Enter")
            expect(dialog).to_contain_text(f"names {shelf.newer[:19]} since")
            keys.press("Escape")
            expect(panel).to_contain_text(f"Promoted past its checks: {FORCE}")
            assert shelf.live == shelf.newer


def test_images_when_the_registry_is_away_or_parts_are_gone_or_none_is_set_then_each_is_said(
    tmp_path: Path, new_desk: NewDesk
) -> None:
    desk = new_desk("images")
    with running_registry(tmp_path / "registry") as registry, running_proxy(registry) as proxy:
        fill(registry)
        registry.lose_blob(registry.manifest("git-41")["layers"][-1]["digest"])
        options = [f"--ImageRegistry.image={proxy.image}", "--ImageRegistry.timeout_s=2"]
        with lab_server(tmp_path, options=options) as lab:
            desk.open_lab(lab.url)
            panel = desk.open_area("Images", "images")
            row_of(panel, "git-41").click()
            expect(panel.get_by_role("alert")).to_contain_text("no more at the registry")
            panel.get_by_role("button", name="Close details").click()
            dialog = plan_for(panel, "git-41")
            expect(dialog).to_contain_text("no more at the registry")
            expect(dialog.get_by_role("button", name="Promote git-41")).to_have_attribute(
                "aria-disabled", "true"
            )
            desk.shoot("gone")
            dialog.get_by_role("button", name="Do nothing").click()
            proxy.fail("", "/v2/", is_cut=True)
            panel.get_by_role("button", name="Refresh").click()
            expect(panel).to_contain_text("The image registry does not answer")
            expect(row_of(panel, "git-42")).to_be_visible()
            desk.shoot("down")
    with lab_server(tmp_path / "bare") as lab:
        desk.open_lab(lab.url)
        line = desk.sidebar.locator(".growth-AreaLine", has_text="Images")
        panel = desk.open_area("Images", "images")
        expect(line).to_contain_text("not set")
        expect(panel).to_contain_text("No registry is configured")
        expect(panel).to_contain_text("ImageRegistry.image")
        desk.shoot("not-configured")
