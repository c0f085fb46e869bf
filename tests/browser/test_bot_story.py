"""An organiser lets the bot student run from the school-day page, in a real school."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.axe import find_violations
from tests.browser.desk import Desk, NewDesk, take_cookies
from tests.hub.school import School

LABEL, AREA, ADMIN = "School day", "overview", "ada-okafor"
RUN_MS = 120_000


@pytest.mark.timeout(600)
def test_bot_when_run_from_the_page_then_its_steps_come_and_the_last_run_stays_in_sight(
    school: School, new_desk: NewDesk
) -> None:
    session = school.login("Ada-Okafor")
    if not school.server(ADMIN):
        school.start(ADMIN)
    desk = new_desk("bot")
    take_cookies(desk.page.context, session)
    desk.open_lab(f"{school.url}/user/{ADMIN}/lab/workspaces/bot")  # others use the default one
    line = bot_of(desk.open_area(LABEL, AREA))
    run = line.get_by_role("button", name="Run the bot student")
    run.focus()
    for _ in range(2):  # an impatient one, whose second press must not cancel
        desk.page.keyboard.press("Enter")
    expect(line).to_contain_text("It runs now")
    expect(line).to_contain_text(re.compile(r"step \d of 7, "))
    desk.shoot("1-it-runs")
    expect(line.get_by_role("button", name="Cancel the run")).to_be_visible()
    expect(line).to_contain_text(re.compile(r"All 7 steps in \d+\.\d s"), timeout=RUN_MS)
    expect(run).to_be_visible()
    line.locator("summary").focus()
    desk.page.keyboard.press("Enter")
    expect(line.locator("details li")).to_have_count(7)
    expect(line.locator("details")).to_contain_text(re.compile(r"Start the server: \d+\.\d s"))
    for theme in ("Dark", "Light"):
        name = f"JupyterLab {theme}"
        desk.run_command(f"Use Theme: {name}")
        expect(desk.page.locator("body")).to_have_attribute("data-jp-theme-name", name)
        desk.shoot(f"2-{theme.lower()}")
        assert not find_violations(desk.page, "#growth-admin-overview")
    make_narrow(desk)
    assert line.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
    desk.shoot("3-narrow")
    run.click()
    line.get_by_role("button", name="Cancel the run").click()
    expect(line).to_contain_text("Broken off after", timeout=RUN_MS)
    desk.shoot("4-cancelled")


def bot_of(panel: Locator) -> Locator:
    """The bot's line, wherever it stands."""
    return panel.locator(".growth-DayLine", has_text="Bot student").first


def make_narrow(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": 470, "height": 800})
    desk.close_left_area()
