"""What others see: a student nothing, a TA what a TA may, and whoever loses a right or the net."""

from __future__ import annotations

import re
import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.desk import Desk, NewDesk, take_cookies
from tests.browser.panels import (
    append_line,
    editor_of,
    go_to_end,
    reason_box,
    save_button,
    show_script,
)
from tests.hub.school import School, eventually

OURS = "/lab/extensions/growth-admin/"
MOST_BYTES = 40_000
FIRST_LOOK_S = 15.0
"""A Lab looks for notices some seconds after it opened, not all at the same moment."""
TYPED = 'echo "typed before the network dropped"'


def open_own_lab(desk: Desk, school: School, login: str) -> None:
    """Start somebody's server and open its Lab, logged in already."""
    session = school.login(login)
    school.start(login.lower())
    take_cookies(desk.page.context, session)
    desk.open_lab(school.server_url(login.lower()) + "/lab")


def school_commands(page: Page) -> list[str]:
    """The labels of our commands in the open palette."""
    ours = page.locator('.lm-CommandPalette-item[data-command^="growth-admin:"]')
    return [text.strip() for text in ours.all_inner_texts()]


class Fetched:
    """What a page fetched of ours, and how much."""

    def __init__(self, page: Page) -> None:
        self.sizes: dict[str, int] = {}
        page.on("response", self._note)

    def _note(self, response: Response) -> None:
        path = urlsplit(response.url).path
        if OURS in path and response.status == 200:
            self.sizes[path.partition(OURS)[2]] = len(response.body())


def test_student_lab_when_opened_then_it_shows_nothing_of_ours_and_asks_for_notices_once(
    school: School, new_desk: NewDesk
) -> None:
    desk = new_desk("visitors")
    fetched = Fetched(desk.page)
    login = school.new_person("students")
    open_own_lab(desk, school, login)
    expect(desk.page.locator(".jp-LauncherCard")).not_to_have_count(0)
    desk.page.wait_for_load_state("networkidle")

    expect(desk.school_icon).to_have_count(0)
    expect(desk.page.locator(".jp-Launcher")).not_to_contain_text("School")
    with desk.palette():
        expect(desk.page.locator(".lm-CommandPalette-item")).not_to_have_count(0)
        assert school_commands(desk.page) == []
    desk.shoot("student")
    deadline_s = time.monotonic() + FIRST_LOOK_S
    while not desk.api_requests() and time.monotonic() < deadline_s:
        desk.page.wait_for_timeout(200)
    asked = [urlsplit(url).path.partition("/growth/api/")[2] for url in desk.api_requests()]
    assert asked == ["notices/mine"]
    total = sum(fetched.sizes.values())
    print(f"a student's Lab fetched {total} bytes of ours: {fetched.sizes}")
    assert 0 < total < MOST_BYTES, fetched.sizes


def test_ta_lab_when_opened_then_it_shows_only_what_a_ta_may(
    school: School, new_desk: NewDesk
) -> None:
    desk = new_desk("visitors")
    open_own_lab(desk, school, school.new_person("tas"))

    expect(desk.school_icon).to_be_visible()
    for label in ("Datasets", "Jobs", "Changes"):
        expect(desk.card(label)).to_be_visible()
    for label in ("Start scripts", "Roster", "Servers"):
        expect(desk.card(label)).to_have_count(0)
    desk.school_icon.click()
    expect(desk.sidebar).to_contain_text("datasets")
    expect(desk.sidebar.locator(".growth-AreaLine")).to_have_count(3)
    for label, area, told in (  # other tests of this school may have published by now
        ("Datasets", "datasets", "dataset"),
        ("Jobs", "jobs", "job|publish"),
        ("Changes", "audit", "change|publish"),
    ):
        panel = desk.open_area(label, area)
        expect(panel).to_contain_text(re.compile(told, re.IGNORECASE))
        expect(panel.locator(".growth-Problem")).to_have_count(0)
    expect(desk.sidebar.locator(".growth-Problem")).to_have_count(0)
    with desk.palette():
        listed = school_commands(desk.page)
        assert {"Open Datasets", "Open Jobs", "Open Changes"} <= set(listed)
        assert not [
            label for label in listed if re.search("servers?|start|people|roster", label)
        ], listed
        assert not [label for label in listed if "Upload" in label], "a view for notebooks only"
    desk.shoot("ta")


@pytest.mark.timeout(600)
def test_admin_lab_when_the_network_drops_and_then_a_right_is_lost_then_it_says_so(
    school: School, new_desk: NewDesk
) -> None:
    desk = new_desk("visitors")
    login = school.new_person("admins", "students")
    open_own_lab(desk, school, login)
    desk.expect_labs_dialog()
    drop_network_while_saving(desk)
    drop_network_while_planning(desk, login.lower())
    lose_the_right(desk, school, login)


def drop_network_while_saving(desk: Desk) -> None:
    """Nothing typed is lost, the banner says what to do, and the same click works afterwards."""
    desk.card("Start scripts").click()
    panel = desk.panel("startup")
    show_script(panel, "as-user.sh")
    append_line(desk, panel, TYPED)
    reason_box(panel).fill("while the net drops")
    desk.page.context.set_offline(True)
    save_button(panel).click()
    banner = panel.locator(".growth-Problem").filter(has_text="Saving as-user.sh")
    expect(banner).to_be_visible()
    expect(banner).to_contain_text(re.compile("answer|reach|connection", re.IGNORECASE))
    expect(editor_of(panel)).to_contain_text(TYPED)
    expect(reason_box(panel)).to_have_value("while the net drops")
    desk.shoot("network-dropped-while-saving")
    desk.page.context.set_offline(False)
    desk.page.reload()
    desk.wait_for_lab()
    show_script(panel, "as-user.sh")
    go_to_end(desk, panel)
    expect(editor_of(panel)).to_contain_text(TYPED)
    desk.shoot("network-dropped-and-page-reloaded")
    expect(reason_box(panel)).to_have_value("while the net drops")
    save_button(panel).click()
    expect(panel.get_by_role("tab", name="as-user.sh")).to_contain_text("not live yet")
    expect(banner).to_have_count(0)


def drop_network_while_planning(desk: Desk, user: str) -> None:
    """The dialog stays with its plan; one more click applies it. One's own server is not there."""
    servers = desk.open_area("Servers", "servers")
    row = servers.locator(".growth-Row", has_text=user)
    expect(row).to_be_visible()
    row.get_by_role("checkbox").click()
    servers.get_by_role("button", name=f"Stop {user}").first.click()
    dialog = servers.get_by_role("dialog")
    expect(dialog).to_contain_text(user)
    desk.page.context.set_offline(True)
    dialog.get_by_role("button", name=f"Stop {user}").click()
    expect(dialog.get_by_role("alert")).to_contain_text(f"Stop {user}")
    desk.shoot("network-dropped-while-applying")
    desk.page.context.set_offline(False)
    expect(dialog.get_by_role("button", name=f"Stop {user}")).to_be_enabled()
    dialog.get_by_role("button", name="Do nothing").click()


def lose_the_right(desk: Desk, school: School, login: str) -> None:
    """An organiser who is taken out of the team reads why nothing works any more."""
    school.github.leave(login, "admins")
    eventually(lambda: "admins" not in school.groups(login.lower()), 60)
    desk.open_area("Start scripts", "startup")
    panel = desk.panel("startup")
    show_script(panel, "as-user.sh")
    append_line(desk, panel, "# after the right was lost")
    reason_box(panel).fill("I am no admin any more")
    save_button(panel).click()
    banner = panel.locator(".growth-Problem").filter(has_text="Saving as-user.sh")
    expect(banner).to_contain_text("You lack this permission")
    expect(banner).to_contain_text("custom:growth:startup")
    expect(editor_of(panel)).to_contain_text("# after the right was lost")
    desk.shoot("right-lost")
    for label, area in (("Servers", "servers"), ("Changes", "audit")):
        other = desk.open_area(label, area)
        other.get_by_role("button", name="Refresh").click()
        expect(other.locator(".growth-Problem").first).to_contain_text("You lack this permission")
    desk.shoot("right-lost-servers")
