"""The datasets panel in a real Lab, with a stand-in for Drive: links, files, versions, looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from growth_admin.deploy.standins.drive import sample
from growth_admin.deploy.standins.drive.standin import DriveStandin
from tests.browser.axe import find_violations
from tests.browser.datasets import (
    apply,
    choose_name,
    close,
    details_of,
    dialog_of,
    drop_files,
    intake,
    link_box,
    paste,
    plan,
    publish,
    row_of,
)
from tests.browser.desk import Desk, NewDesk
from tests.browser.lab import Lab, lab_server
from tests.browser.test_looks import change_theme, overflow_px

ALL_OURS = ("#growth-admin-sidebar", ".growth-LabPanel")
PLAIN_FOLDERS = 1000
UPLOAD_BYTES_PER_S = 400_000
MARKUP = "<img src=x onerror=hacked=1>"
NIGHT_1 = "time,magnitude\n1,8.0\n"
NIGHT_2 = "time,magnitude\n2,8.5\n"


@dataclass(frozen=True)
class Place:
    """A Lab and the Drive that it sees."""

    lab: Lab
    drive: DriveStandin

    @property
    def data(self) -> Path:
        """Where students read."""
        return self.lab.shared_root / "data"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A Lab whose opener is the admin, and the sample data of the stand-in."""
    with DriveStandin(scan_limit_bytes=sample.SCAN_LIMIT_BYTES) as drive:
        sample.furnish(drive.world, drive.faults)
        urls = [f"--DriveSource.{name}_url={drive.site}" for name in URLS]
        with lab_server(tmp_path_factory.mktemp("datasets"), options=urls) as lab:
            yield Place(lab, drive)


URLS = ("web", "docs", "download", "api")


def open_panel(desk: Desk, place: Place) -> Locator:
    """Open the Lab and in it the panel."""
    desk.open_lab(place.lab.url)
    panel = desk.open_area("Datasets", "datasets")
    expect(link_box(panel)).to_be_visible()
    return panel


# ---- from a link or a file to every student


@pytest.mark.timeout(300)
def test_link_when_pasted_then_it_is_shown_planned_published_and_watched(
    place: Place, new_desk: NewDesk
) -> None:
    desk = new_desk("datasets")
    panel = open_panel(desk, place)
    card = paste(desk, panel, sample.link(place.drive.site, sample.STARS))
    expect(card).to_contain_text("6 files")
    expect(card).to_contain_text("no checksum: unverified against source")
    expect(card).to_contain_text("nothing: variable-stars is new")
    card.get_by_role("button", name="Show the 6 files").click()
    expect(card).to_contain_text("light curves/Algol.csv")
    desk.shoot("01-probe")
    assert not (place.data / "variable-stars").exists(), "a look fetches nothing"

    choose_name(card, "no spaces please")
    expect(card.get_by_role("button", name="Publish no spaces please")).to_be_disabled()
    choose_name(card, "stars")
    dialog = plan(desk, card)
    expect(dialog).to_contain_text("Unverified against source")
    desk.shoot("02-plan")
    apply(dialog)
    expect(dialog).to_contain_text("Published stars v1")
    close(dialog)
    expect(link_box(panel)).to_have_value("")
    expect(row_of(panel, "stars")).to_contain_text("v1")
    expect(row_of(panel, "stars")).to_contain_text("unverified against source")
    assert (place.data / "stars" / "light curves" / "Algol.csv").is_file()

    details = details_of(panel, "stars")
    expect(details).to_contain_text("Drive folder")
    details.get_by_role("button", name="Verify v1").click()
    expect(details).to_contain_text("all 6 files as published")
    desk.shoot("03-published-and-verified")


@pytest.mark.timeout(300)
def test_archive_when_pasted_then_it_is_unpacked_unless_told_otherwise(
    place: Place, new_desk: NewDesk
) -> None:
    desk = new_desk("datasets")
    panel = open_panel(desk, place)
    card = paste(desk, panel, sample.link(place.drive.site, sample.ARCHIVES, "spectra.zip"))
    expect(card.get_by_label("Unpack the zip archive")).to_be_checked()
    choose_name(card, "spectra")
    publish(desk, card, "Published spectra v1")
    assert (place.data / "spectra" / "spectra" / "Mira.csv").is_file()

    card = paste(desk, panel, sample.link(place.drive.site, sample.ARCHIVES, "spectra.zip"))
    choose_name(card, "spectra")
    expect(card).to_contain_text("spectra v1")
    card.get_by_label("Unpack the zip archive").uncheck()
    publish(desk, card, "Published spectra v2")
    assert (place.data / "spectra" / "spectra.zip").is_file()


def test_link_when_there_is_no_data_behind_it_then_the_card_says_what_to_do(
    place: Place, new_desk: NewDesk
) -> None:
    desk = new_desk("datasets")
    panel = open_panel(desk, place)
    link_box(panel).fill(sample.link(place.drive.site, "What can go wrong", "not-shared.csv"))
    problem = panel.get_by_role("region", name="What it is").get_by_role("alert")
    expect(problem).to_contain_text(re.compile("shared", re.IGNORECASE))
    expect(problem.get_by_role("button", name="Try again")).to_be_visible()
    desk.shoot("04-no-data")
    link_box(panel).press("Escape")
    expect(problem).to_have_count(0)


@pytest.mark.timeout(300)
def test_files_when_dropped_twice_then_versions_are_restored_deleted_and_taken_back(
    place: Place, new_desk: NewDesk
) -> None:
    desk = new_desk("datasets")
    panel = open_panel(desk, place)
    for number, text in ((1, NIGHT_1), (2, NIGHT_2)):
        drop_files(panel, [("night.csv", text)])
        card = panel.get_by_role("article", name="Upload of night.csv")
        expect(card).to_contain_text("Free space")
        publish(desk, card, f"Published night v{number}")
        expect(row_of(panel, "night")).to_contain_text(f"v{number}")
    published = place.data / "night" / "night.csv"
    assert published.read_text() == NIGHT_2

    details = details_of(panel, "night")
    details.get_by_role("button", name="Restore v1").click()
    apply(dialog_of(desk.page), re.compile("^Restore v1"))
    expect(dialog_of(desk.page)).to_contain_text("Made v1 of night current")
    close(dialog_of(desk.page))
    expect(row_of(panel, "night")).to_contain_text("v1")
    assert published.read_text() == NIGHT_1

    details.get_by_role("button", name="Delete v2").click()
    apply(dialog_of(desk.page), re.compile("^Delete v2"))
    expect(dialog_of(desk.page)).to_contain_text("Deleted v2 of night")
    close(dialog_of(desk.page))
    expect(details).to_contain_text("In the trash")
    desk.shoot("05-trash")
    details.get_by_role("button", name="Undelete v2").click()
    expect(panel).to_contain_text("Took v2 of night out of the trash")
    expect(details.get_by_role("button", name="Restore v2")).to_be_visible()

    details.get_by_role("button", name="Delete night", exact=True).click()
    dialog_of(desk.page).get_by_role("textbox").fill("2")  # both versions
    apply(dialog_of(desk.page), re.compile("^Delete night"))
    expect(dialog_of(desk.page)).to_contain_text("Deleted all versions of night")
    close(dialog_of(desk.page))
    expect(row_of(panel, "night")).to_contain_text("deleted")
    assert not published.exists()
    details.get_by_role("button", name="Undelete night", exact=True).click()
    expect(row_of(panel, "night")).to_contain_text("v1")
    assert published.read_text() == NIGHT_1


@pytest.mark.timeout(300)
def test_upload_when_the_page_was_left_midway_then_the_same_file_goes_on(
    place: Place, new_desk: NewDesk, tmp_path: Path
) -> None:
    big = tmp_path / "plates.bin"
    big.write_bytes(bytes(range(256)) * 16 * 1024)
    desk = new_desk("datasets")
    panel = open_panel(desk, place)
    with slow_network(desk):
        panel.get_by_label("Files to publish").set_input_files(big)
        card = panel.get_by_role("article", name="Upload of plates.bin")
        expect(card).to_contain_text("MB of 4.2 MB")
        expect(card).to_contain_text(re.compile("so far"))
        expect(card.get_by_role("progressbar")).not_to_have_attribute("value", "0")
        desk.shoot("07-uploading")
        card.get_by_role("button", name="Pause").click()
        expect(card.get_by_role("button", name="Resume")).to_be_visible()
    desk.page.reload()
    desk.wait_for_lab()
    panel = desk.open_area("Datasets", "datasets")
    left = panel.get_by_role("article", name="Earlier upload of plates.bin")
    expect(left).to_contain_text("Choose the file again to go on")
    desk.shoot("08-left")
    panel.get_by_label("Files to publish").set_input_files(big)
    card = panel.get_by_role("article", name="Upload of plates.bin", exact=True)
    expect(card).to_contain_text("Free space")
    expect(left).to_have_count(0)
    publish(desk, card, "Published plates v1")
    expect(left).to_have_count(0)
    assert (place.data / "plates" / "plates.bin").read_bytes() == big.read_bytes()


@contextmanager
def slow_network(desk: Desk) -> Iterator[None]:
    """A line on which 4 MB take ten seconds, inside the `with`."""
    session = desk.page.context.new_cdp_session(desk.page)
    fast = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    slow = {**fast, "uploadThroughput": UPLOAD_BYTES_PER_S}
    session.send("Network.emulateNetworkConditions", slow)
    try:
        yield
    finally:
        session.send("Network.emulateNetworkConditions", fast)


@pytest.mark.timeout(300)
def test_job_when_the_source_refuses_midway_then_it_pauses_says_why_and_goes_on(
    place: Place, new_desk: NewDesk
) -> None:
    desk = new_desk("datasets")
    panel = open_panel(desk, place)
    folder = place.drive.add_folder("Too popular")
    file = place.drive.add_file("popular.csv", NIGHT_1.encode(), folder)
    card = paste(desk, panel, place.drive.link(folder))
    dialog = plan(desk, card)
    place.drive.faults.add("quota", item=file.id, where="download")
    apply(dialog)
    close(dialog)
    job = panel.get_by_role("article", name=re.compile("Too popular"))
    expect(job).to_contain_text("paused")
    expect(job).to_contain_text("quota")
    desk.shoot("06-paused")
    place.drive.faults.clear()
    job.get_by_role("button", name="Resume").click()
    expect(job).to_contain_text("Published too-popular v1")
    expect(row_of(panel, "too-popular")).to_contain_text("v1")


# ---- looks


@pytest.mark.timeout(300)
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_panel_when_seen_in_a_theme_then_axe_finds_nothing_grave(
    place: Place, new_desk: NewDesk, theme: str
) -> None:
    (place.data / MARKUP).mkdir(parents=True, exist_ok=True)
    desk = new_desk("datasets", color_scheme=theme)
    panel = open_panel(desk, place)
    change_theme(desk, theme)
    found: list[str] = []

    def look(name: str) -> None:
        desk.shoot(f"{theme}-{name}")
        found.extend(f"{name}: {line}" for line in find_violations(desk.page, *ALL_OURS))

    card = paste(desk, panel, sample.link(place.drive.site, sample.ARCHIVES, "spectra.zip"))
    card.get_by_role("button", name="More options").click()
    look("probe")
    choose_name(card, f"looks-{theme}")
    publish(desk, card, "Published looks")
    panel.get_by_role("button", name="By dataset").click()
    look("space")
    details = details_of(panel, f"looks-{theme}")
    look("details")
    details.get_by_role("tab", name="Who has which").click()
    expect(details).to_contain_text("No student")
    look("receipts")
    expect(row_of(panel, MARKUP)).to_contain_text("plain folder")
    assert desk.page.evaluate("window.hacked") is None
    assert found == []


LITTLE_ROOM: dict[str, dict[str, Any]] = {
    "narrow": {"viewport": {"width": 470, "height": 800}},
    "zoomed": {"viewport": {"width": 720, "height": 450}, "device_scale_factor": 2},
}


@pytest.mark.parametrize("room", LITTLE_ROOM)
def test_panel_when_there_is_little_room_then_nothing_is_cut_off(
    place: Place, new_desk: NewDesk, room: str
) -> None:
    desk = new_desk("datasets", **LITTLE_ROOM[room])
    panel = open_panel(desk, place)
    desk.close_left_area()
    card = paste(desk, panel, sample.link(place.drive.site, sample.STARS))
    card.get_by_role("button", name="More options").click()
    desk.shoot(f"{room}-probe")
    area = panel.locator(".growth-Datasets")
    assert overflow_px(area) <= 0
    button = card.get_by_role("button", name=re.compile("^Publish "))
    button.scroll_into_view_if_needed()
    expect(button).to_be_in_viewport()


def test_panel_when_used_by_keys_only_then_a_link_is_published(
    place: Place, new_desk: NewDesk
) -> None:
    desk = new_desk("datasets")
    panel = open_panel(desk, place)
    keys = desk.page.keyboard
    desk.run_command_by_keys("Publish data from a link")
    expect(link_box(panel)).to_be_focused()
    keys.insert_text(sample.link(place.drive.site, sample.ARCHIVES, "spectra.tar.gz"))
    keys.press("Enter")
    card = panel.get_by_role("region", name="What it is")
    name = card.get_by_role("textbox", name="Name", exact=True)
    expect(name).to_be_visible()
    press_until(desk, name, "Tab")
    keys.press("Control+A")
    keys.insert_text("by-keys")
    keys.press("Enter")
    apply_button = dialog_of(desk.page).get_by_role("button", name="Publish by-keys")
    expect(apply_button).to_be_visible()
    press_until(desk, apply_button, "Tab")
    keys.press("Enter")
    expect(dialog_of(desk.page)).to_contain_text("Published by-keys v1")
    keys.press("Escape")
    expect(row_of(panel, "by-keys")).to_contain_text("v1")
    with desk.page.expect_file_chooser():
        press_until(desk, intake(panel).get_by_role("button", name="Choose files"), "Tab")
        keys.press("Enter")


def press_until(desk: Desk, target: Locator, key: str, most: int = 60) -> None:
    """Press a key until this has the focus."""
    for _ in range(most):
        if target.evaluate("e => e === document.activeElement"):
            return
        desk.page.keyboard.press(key)
    raise AssertionError(f"{most} times {key} did not lead to {target}")


@pytest.mark.timeout(300)
def test_panel_when_there_are_1000_datasets_then_they_are_found_at_once(
    new_desk: NewDesk, tmp_path: Path
) -> None:
    with lab_server(tmp_path) as lab:
        for number in range(PLAIN_FOLDERS):
            (lab.shared_root / "data" / f"survey-{number:04d}").mkdir(parents=True)
        desk = new_desk("datasets")
        desk.open_lab(lab.url)
        panel = desk.open_area("Datasets", "datasets")
        expect(panel).to_contain_text("1,000 datasets")
        assert panel.locator(".growth-Row").count() < 100, "only what is in sight is drawn"
        desk.shoot("thousand")
        panel.get_by_label("Filter datasets").fill("0777")
        expect(panel.locator(".growth-Row")).to_have_count(1)
        expect(panel).to_contain_text("1 of 1,000 datasets")
