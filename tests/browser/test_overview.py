"""The school-day page in a real Lab: themes, narrow, keyboard, and the way to what mends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.bench.synthetic_school import write_school
from tests.browser.axe import find_violations
from tests.browser.desk import NewDesk
from tests.browser.lab import Lab, lab_server

LABEL, AREA = "School day", "overview"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A Lab over a class of 300, some of whose starts failed."""
    with lab_server(tmp_path_factory.mktemp("overview")) as running:
        write_school(running.admin_root, students=300, starts=1)
        yield running


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_page_when_starts_failed_then_its_line_opens_what_mends_it(
    lab: Lab, new_desk: NewDesk, theme: str
) -> None:
    desk = new_desk("overview", color_scheme=theme)
    desk.open_lab(lab.url)
    name = f"JupyterLab {theme.title()}"
    desk.page.evaluate(
        "theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", name
    )
    expect(desk.page.locator("body")).to_have_attribute("data-jp-theme-name", name)
    panel = desk.open_area(LABEL, AREA)
    line = panel.locator(".growth-DayLine", has_text="Starts")
    expect(line.first).to_contain_text("of 300 starts within 12 hours failed")
    shot: Path = desk.shoot(f"{theme}-overview")
    assert shot.exists()
    assert not find_violations(desk.page, "#growth-admin-overview")
    line.first.locator("summary").focus()
    desk.page.keyboard.press("Enter")
    expect(line.first.locator("details")).to_have_attribute("open", "")
    line.first.get_by_role("button", name="Open the starts").focus()
    desk.page.keyboard.press("Enter")
    expect(desk.panel("startup")).to_be_visible()


def test_page_when_there_is_little_room_then_nothing_is_cut_off(
    lab: Lab, new_desk: NewDesk
) -> None:
    desk = new_desk("overview-narrow", viewport={"width": 470, "height": 800})
    desk.open_lab(lab.url)
    panel = desk.open_area(LABEL, AREA)
    desk.close_left_area()
    expect(panel.locator(".growth-DayLine").first).to_be_visible()
    page = panel.locator(".growth-Day")
    assert page.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
    desk.shoot("narrow-overview")
