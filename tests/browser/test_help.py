"""Helping a student from the panel Servers: what is wrong, and into their server, on a real hub."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.axe import find_violations
from tests.browser.desk import NewDesk, log_in_by_hand
from tests.hub.school import School

STUDENT = "jane-doe"


@pytest.mark.timeout(600)
def test_help_when_a_students_row_is_opened_then_the_cause_stands_there_and_one_can_go_in(
    school: School, new_desk: NewDesk
) -> None:
    script = school.folder.admin / "start" / "as-user.sh"
    before = script.read_text()
    script.write_text('echo "+ export GITHUB_TOKEN=planted-secret"\necho "no moon" >&2\nexit 7\n')
    school.login("Jane-Doe")
    school.start(STUDENT)
    script.write_text(before)
    desk = new_desk("help")
    log_in_by_hand(desk.page, school, "marek-lind")  # the story has Ada's Lab as new
    desk.wait_for_lab()
    panel = desk.open_area("Servers", "servers")
    desk.close_left_area()
    panel.get_by_role("searchbox").fill(STUDENT)
    panel.locator(".growth-Row", has_text=STUDENT).click()
    help_ = panel.get_by_role("region", name=f"Help for {STUDENT}")
    expect(help_).to_contain_text("as-user.sh failed")
    expect(help_).to_contain_text("no moon")
    expect(help_.get_by_role("meter")).to_be_visible()
    expect(help_).to_contain_text(f"You act there as {STUDENT}")
    desk.shoot("help-light")
    assert not find_violations(desk.page, ".growth-Help")
    help_.get_by_text("Log of as-user.sh").click()
    log = help_.get_by_role("region", name=re.compile("End of"))
    expect(log).to_contain_text("[left out]")
    expect(log).not_to_contain_text("planted-secret")
    desk.shoot("help-log")
    with desk.page.context.expect_page() as coming:
        help_.get_by_role("button", name=f"Open as {STUDENT} in a new tab").click()
    expect(coming.value).to_have_url(re.compile(rf"/user/{STUDENT}/|/hub/api/oauth2/authorize"))
    expect(help_.get_by_role("status")).to_contain_text("recorded")
    help_.get_by_role("button", name="Look again").click()
    desk.page.set_viewport_size({"width": 420, "height": 800})
    expect(help_).to_be_visible()
    desk.shoot("help-narrow")
    school.stop(STUDENT)
