"""What a test does in the datasets panel and its widget, by the words that a person reads there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from playwright.sync_api import Locator, Page, expect

from tests.browser.desk import Desk

PUBLISH = re.compile("^Publish ")
DROP = """
(zone, files) => {
  const transfer = new DataTransfer();
  for (const [name, text] of files) {
    transfer.items.add(new File([text], name));
  }
  for (const type of ['dragover', 'drop']) {
    const options = { bubbles: true, cancelable: true, dataTransfer: transfer };
    zone.dispatchEvent(new DragEvent(type, options));
  }
}
"""


def link_box(place: Locator) -> Locator:
    """Where a link is pasted."""
    return place.get_by_label("Link to the data")


def intake(place: Locator) -> Locator:
    """Where data comes in."""
    return place.get_by_role("region", name="Bring data in")


def paste(desk: Desk, place: Locator, link: str) -> Locator:
    """Paste a link as a person does, and wait for what it stands for; that card."""
    link_box(place).click()
    desk.page.keyboard.insert_text(link)
    card = place.get_by_role("region", name="What it is")
    expect(card).to_contain_text("Free space")
    return card


def drop_files(place: Locator, files: Sequence[tuple[str, str]]) -> None:
    """Drop files with these names and texts on the panel."""
    intake(place).evaluate(DROP, [list(file) for file in files])


def choose_name(card: Locator, name: str) -> None:
    """Write another name for the dataset."""
    card.get_by_role("textbox", name="Name", exact=True).fill(name)


def dialog_of(page: Page) -> Locator:
    """The dialog in front."""
    return page.locator("dialog[open]")


def plan(desk: Desk, card: Locator) -> Locator:
    """Ask for the plan; its dialog."""
    card.get_by_role("button", name=PUBLISH).click()
    dialog = dialog_of(desk.page)
    expect(dialog.get_by_role("button", name=PUBLISH)).to_be_visible()
    return dialog


def apply(dialog: Locator, verb: re.Pattern[str] = PUBLISH) -> None:
    """Do what the plan says."""
    dialog.get_by_role("button", name=verb).click()
    expect(dialog.get_by_role("button", name="Do nothing")).to_have_count(0)


def close(dialog: Locator) -> None:
    """Close the dialog by the button under it; what runs goes on."""
    dialog.locator("footer").get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)


def publish(desk: Desk, card: Locator, done: str) -> None:
    """From the card to the end of the job, which says this."""
    dialog = plan(desk, card)
    apply(dialog)
    expect(dialog).to_contain_text(done)
    close(dialog)


def row_of(place: Locator, name: str) -> Locator:
    """A dataset's row in the table."""
    grid = place.get_by_role("grid", name="Datasets")
    return grid.get_by_role("row").filter(has=grid.page.get_by_text(name, exact=True))


def details_of(place: Locator, name: str) -> Locator:
    """Open a dataset's details."""
    details = place.get_by_role("complementary", name=f"Details of {name}")
    if not details.is_visible():
        row_of(place, name).get_by_role("gridcell").nth(1).click()
    expect(details).to_be_visible()
    return details
