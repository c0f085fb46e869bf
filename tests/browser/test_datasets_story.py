"""The story: a TA brings a folder of Drive to everybody from a cell; a student's start has it."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

from tests.browser.datasets import apply, choose_name, details_of, dialog_of, paste, plan, row_of
from tests.browser.desk import Desk, NewDesk, take_cookies
from tests.browser.notebooks import open_notebook, run_cell, write_notebook
from tests.hub.school import School, eventually

NOTEBOOK = "upload.ipynb"
CELL = "from growth_admin import widgets\nup = widgets.upload()\nup"
TOLD = "print('job', up.job_id)"
NAME = "comets"
FIRST, SECOND = "name,period_a\nHalley,75.3\n", "name,period_a\nHalley,75.3\nEncke,3.3\n"
SLOW_BYTES_PER_S = 6
UPDATE_S = 60.0


class Drive:
    """The school's stand-in for Drive, changed from outside."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["X-Growth-Control"] = "test"

    def control(self, method: str, path: str, **body: Any) -> Any:
        """A call under /_control; its JSON."""
        reply = self._session.request(method, f"{self.url}/_control/{path}", json=body, timeout=20)
        reply.raise_for_status()
        return reply.json()


@pytest.mark.timeout(900)
def test_story_when_a_ta_pastes_a_folder_then_the_next_start_shows_it_and_the_receipt_turns(
    school: School, new_desk: NewDesk
) -> None:
    drive = Drive(school.running.drive_url)
    folder = drive.control("POST", "folders", name="Comets")
    file = drive.control("POST", "files", name="comets.csv", text=FIRST, parent=folder["id"])
    link = f"{school.running.drive_url}/drive/folders/{folder['id']}?usp=sharing"
    ta, student = school.new_person("tas"), school.new_person("students").lower()
    session = school.login(ta)
    school.start(ta.lower())
    write_notebook(school.folder.homes / ta.lower(), NOTEBOOK, CELL, TOLD)
    desk = new_desk("datasets-story")
    take_cookies(desk.page.context, session)

    publish_from_a_cell_and_leave(desk, school, ta.lower(), link, drive, file["id"])
    drive.control("DELETE", "faults")
    published = school.folder.shared / "data" / NAME / "comets.csv"
    eventually(published.exists, UPDATE_S)
    come_back_and_see_it_done(desk, school, ta.lower())

    school.login(student.title())
    school.start(student)
    seen = school.folder.homes / student / "data" / NAME / "comets.csv"
    assert seen.read_text() == FIRST
    panel = open_datasets(desk)
    see_receipt(panel, student, "current", "v1")

    drive.control("POST", f"changes/{file['id']}", text=SECOND)
    publish_in_the_panel(desk, panel, link)
    see_receipt(panel, student, "behind", "v1")
    desk.shoot("04-behind")
    school.stop(student)
    school.start(student)
    assert seen.read_text() == SECOND
    see_receipt(panel, student, "current", "v2")
    desk.shoot("05-current")


def publish_from_a_cell_and_leave(
    desk: Desk, school: School, ta: str, link: str, drive: Drive, file_id: str
) -> None:
    """The tab is closed while the file drips."""
    notebook = open_notebook(desk, f"{school.server_url(ta)}/lab/tree/{NOTEBOOK}?reset")
    widget = run_cell(desk, notebook, 0).locator(".growth-Widget")
    expect(widget).to_contain_text("Nothing of yours is on its way")
    expect(widget.get_by_role("grid")).to_have_count(0)
    card = paste(desk, widget, link)
    expect(card).to_contain_text("in 1 file")
    choose_name(card, NAME)
    card.get_by_label("Students get").select_option("copy")
    desk.shoot("01-in-a-cell")
    dialog = plan(desk, card)
    drive.control("POST", "faults", kind="drip", item=file_id, bytes_per_s=SLOW_BYTES_PER_S)
    apply(dialog)
    expect(dialog).to_contain_text("You may close this")
    desk.shoot("02-running")
    assert not (school.folder.shared / "data" / NAME).exists()
    leave(desk)


def leave(desk: Desk) -> None:
    """Close the tab and open an empty one."""
    context = desk.page.context
    desk.page.close(run_before_unload=False)
    follow(desk, context.new_page())


def follow(desk: Desk, page: Page) -> None:
    """Let the desk be this page from now on."""
    again = Desk(page, desk.folder.name)
    desk.page, again.faults, again.requests = page, desk.faults, desk.requests


def come_back_and_see_it_done(desk: Desk, school: School, ta: str) -> None:
    """The same cell, run again in a new tab, shows the job with its end."""
    notebook = open_notebook(desk, f"{school.server_url(ta)}/lab/tree/{NOTEBOOK}?reset")
    widget = run_cell(desk, notebook, 0).locator(".growth-Widget")
    expect(widget).to_contain_text(f"Published {NAME} v1")
    expect(widget.get_by_role("article")).to_contain_text("succeeded")
    desk.shoot("03-done-when-back")


def open_datasets(desk: Desk) -> Locator:
    """The TA's panel, from the sidebar."""
    return desk.open_area("Datasets", "datasets")


def publish_in_the_panel(desk: Desk, panel: Locator, link: str) -> None:
    """The same link once more, under the same name: its next version."""
    card = paste(desk, panel, link)
    choose_name(card, NAME)
    expect(card).to_contain_text(f"{NAME} v1")
    dialog = plan(desk, card)
    apply(dialog)
    expect(dialog).to_contain_text(f"Published {NAME} v2")
    dialog.locator("footer").get_by_role("button", name="Close").click()
    expect(dialog_of(desk.page)).to_have_count(0)
    expect(row_of(panel, NAME)).to_contain_text("v2")


def see_receipt(panel: Locator, student: str, state: str, version: str) -> None:
    """Who has which: this student's line, as the panel shows it in a while by itself."""
    details = details_of(panel, NAME)
    details.get_by_role("tab", name="Who has which").click()
    row = details.get_by_role("row").filter(has_text=student[-8:])
    expect(row).to_contain_text(state)
    expect(row).to_contain_text(version)
    # of others who share the school, those may be behind who started before it was published
    counts = row_of(panel, NAME).get_by_role("gridcell")  # a row's text has no gap between cells
    expect(counts.filter(has_text=re.compile(rf"\b[1-9]\d* {state}"))).to_have_count(1)
