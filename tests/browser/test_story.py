"""The story: an organiser mends a start script in the browser, and a student's start shows it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.desk import Desk, NewDesk, log_in_by_hand
from tests.browser.panels import (
    VISIBLE,
    append_line,
    checks_of,
    editor_of,
    reason_box,
    save_button,
    show_script,
    show_starts,
    step_of,
)
from tests.hub.school import School

STUDENT = "jane-doe"
MISTAKE = 'rm -f "$HOME"/*.ipynb'
GREETING = "the organisers wish you clear skies"
MENDED = f'echo "{GREETING}"'
REASON = "greet everybody in the log"


@pytest.mark.timeout(900)
def test_story_when_an_organiser_changes_a_script_then_a_students_start_shows_it(
    school: School, new_desk: NewDesk
) -> None:
    school.login("Jane-Doe")
    school.start(STUDENT)
    before = records_of(school, STUDENT)
    desk = new_desk("story")

    log_in(desk, school)
    look_around(desk)
    panel = open_script(desk)
    make_a_mistake(desk, panel)
    mend_it(desk, panel)
    save(desk, panel)
    rehearse(desk, panel)
    try_on_canary(desk, panel)
    assert GREETING not in live_script(school), "the class must not have it yet"
    make_live(desk, panel)
    assert MENDED in live_script(school)
    restart_student(desk)
    see_what_the_start_did(desk, panel)
    look_back(desk)

    after = records_of(school, STUDENT)
    assert len(after) == len(before) + 1
    log = (school.folder.admin / "logs" / f"{STUDENT}-as-user.log").read_text()
    assert GREETING in log


def records_of(school: School, user: str) -> list[str]:
    """The start records of a user, one line each."""
    path = school.folder.admin / "logs" / "records" / f"{user}.jsonl"
    return path.read_text().splitlines()


def live_script(school: School) -> str:
    """What a server that starts now runs as its user."""
    return (school.folder.admin / "start" / "as-user.sh").read_text()


def log_in(desk: Desk, school: School) -> None:
    """From the school's address to one's own Lab, by way of GitHub's page."""
    desk.page.goto(school.url)
    desk.page.get_by_text("Sign in with GitHub").wait_for()
    desk.shoot("01-login")
    log_in_by_hand(desk.page, school, "Ada-Okafor")
    start = desk.page.locator("#start")
    start.or_(
        desk.page.locator("#jupyterlab-splash, #main.jp-LabShell, .progress")
    ).first.wait_for()
    if start.is_visible():
        start.click()
    desk.wait_for_lab()


def look_around(desk: Desk) -> None:
    """The School icon and the launcher's cards are there."""
    expect(desk.school_icon).to_be_visible()
    for label in ("Start scripts", "Servers", "Jobs", "Changes"):
        expect(desk.card(label)).to_be_visible()
    desk.shoot("02-lab-with-cards")
    desk.school_icon.click()
    expect(desk.sidebar).to_contain_text("ada-okafor")
    expect(desk.sidebar).to_contain_text("admin")
    expect(desk.sidebar.locator(".growth-AreaLine", has_text="Servers")).to_contain_text("ready")
    desk.shoot("03-sidebar")


def open_script(desk: Desk) -> Locator:
    """The panel of the start scripts with as-user.sh in JupyterLab's own editor."""
    desk.card("Start scripts").click()
    panel = desk.panel("startup")
    show_script(panel, "as-user.sh")
    expect(editor_of(panel)).to_contain_text("#!/bin/bash")
    desk.shoot("04-start-scripts")
    return panel


def make_a_mistake(desk: Desk, panel: Locator) -> None:
    """A line that deletes students' work: found while typing, and not saved without a reason."""
    append_line(desk, panel, MISTAKE)
    finding = checks_of(panel).locator(".growth-Findings button").first
    expect(finding).to_contain_text(re.compile(r"line \d+"))
    expect(finding).to_contain_text("→")
    expect(panel.locator(".growth-ScriptEditor:visible .growth-Finding-mark")).not_to_have_count(0)
    desk.shoot("05-finding")

    save_button(panel).click()
    expect(panel.get_by_role("alert").filter(has_text="why it is changed")).to_be_visible()
    desk.shoot("06-save-asks-for-a-reason")

    reason_box(panel).fill("clean up notebooks")
    save_button(panel).click()
    dialog = panel.get_by_role("dialog")
    expect(dialog).to_contain_text("Not saved")
    desk.shoot("07-errors-block-the-save")
    dialog.get_by_role("button", name="Mend it first").click()
    expect(dialog).to_be_hidden()


def mend_it(desk: Desk, panel: Locator) -> None:
    """The line goes and a better one comes."""
    editor_of(panel).click()
    desk.page.keyboard.press("Control+End")
    for _ in range(2):
        desk.page.keyboard.press("Shift+ArrowUp")
    desk.page.keyboard.press("Shift+ArrowDown")
    desk.page.keyboard.press("Delete")
    expect(editor_of(panel)).not_to_contain_text(MISTAKE)
    append_line(desk, panel, MENDED)
    expect(checks_of(panel)).to_contain_text(re.compile("nothing found|warning|remark"))
    expect(checks_of(panel)).not_to_contain_text("error")
    desk.shoot("08-mended")


def save(desk: Desk, panel: Locator) -> None:
    """Saved with the reason: a revision that no student meets yet."""
    reason_box(panel).fill(REASON)
    save_button(panel).click()
    expect(panel.get_by_role("tab", name="as-user.sh")).to_contain_text("not live yet")
    expect(panel.get_by_role("button", name=re.compile(r"^Rehearse r\d+"))).to_be_enabled()
    desk.shoot("09-saved")


def rehearse(desk: Desk, panel: Locator) -> None:
    """Two runs in a throw-away root, and what they did."""
    panel.get_by_role("button", name=re.compile(r"^Rehearse r\d+")).locator(VISIBLE).first.click()
    expect(step_of(panel, "Rehearse")).to_have_class(re.compile("growth-mod-current"))
    desk.shoot("10-rehearsing")
    expect(step_of(panel, "Rehearse")).to_contain_text("passed")
    report = panel.locator(".growth-Trial:visible")
    expect(report).to_contain_text("first start")
    expect(report).to_contain_text("exit code 0")
    desk.shoot("11-rehearsed")


def try_on_canary(desk: Desk, panel: Locator) -> None:
    """A server of one's own starts with it in the real hub; its log comes while it starts."""
    panel.get_by_role("button", name=re.compile(r"^Try r\d+ on the canary")).locator(
        VISIBLE
    ).first.click()
    log = panel.locator(".growth-Trial:visible").get_by_role("log")
    expect(log).to_contain_text("Server requested")  # the hub's first word, before it is up
    expect(step_of(panel, "Canary")).to_have_class(re.compile("growth-mod-current"))
    desk.shoot("12-canary-starting")
    expect(step_of(panel, "Canary")).to_contain_text("passed")
    expect(panel.locator(".growth-Trial:visible")).to_contain_text("passed")
    desk.shoot("13-canary-passed")


def make_live(desk: Desk, panel: Locator) -> None:
    """The last look, and then it is what every server runs that starts."""
    button = panel.get_by_role("button", name=re.compile(r"^Make r\d+ live"))
    expect(button).to_have_class(re.compile("growth-mod-primary"))
    button.click()
    dialog = panel.get_by_role("dialog")
    expect(dialog).to_contain_text(GREETING)
    desk.shoot("14-make-live")
    dialog.get_by_role("button", name=re.compile(r"^Make r\d+ live")).click()
    expect(dialog).to_be_hidden()
    expect(panel.locator(".growth-Receipt")).to_contain_text("is live")
    expect(step_of(panel, "Make live")).to_contain_text("is live")
    expect(desk.sidebar.locator(".growth-Changes")).to_contain_text("live as-user.sh")
    desk.shoot("15-live")


def restart_student(desk: Desk) -> None:
    """Jane's server is restarted by a plan that says what it does."""
    servers = desk.open_area("Servers", "servers")
    servers.get_by_role("searchbox").fill(STUDENT)
    row = servers.locator(".growth-Row", has_text=STUDENT)
    expect(row).to_contain_text("ready")
    row.get_by_role("checkbox").click()
    desk.shoot("16-servers")
    servers.get_by_role("button", name=f"Restart {STUDENT}").first.click()
    dialog = servers.get_by_role("dialog")
    expect(dialog).to_contain_text(STUDENT)
    desk.shoot("17-restart-plan")
    dialog.get_by_role("button", name=f"Restart {STUDENT}").click()
    progress = dialog.locator(".growth-Progress")
    expect(progress).to_be_visible()
    desk.shoot("18-restarting")
    expect(progress).to_be_hidden()
    expect(dialog.get_by_role("heading")).to_contain_text(re.compile(f"[Rr]estarted.*{STUDENT}"))
    expect(dialog.get_by_role("alert")).to_be_hidden()
    desk.shoot("19-restarted")
    dialog.locator("footer").get_by_role("button", name="Close").click()
    expect(row).to_contain_text("ready")


def see_what_the_start_did(desk: Desk, panel: Locator) -> None:
    """The table of starts: ok, with the new revision, and the log has the new line."""
    desk.open_area("Start scripts", "startup")
    starts = show_starts(panel)
    starts.get_by_role("searchbox").fill(STUDENT)
    row = starts.locator(".growth-Row", has_text=STUDENT)
    starts.get_by_role("button", name="Refresh").click()
    expect(row).to_contain_text("ok")
    expect(row).to_contain_text(re.compile(r"user r[2-9]"))
    row.click()
    details = starts.locator(".growth-Details")
    expect(details).to_contain_text("as-user.sh")
    expect(details.locator(".growth-Log")).to_contain_text(GREETING)
    desk.shoot("20-what-the-start-did")


def look_back(desk: Desk) -> None:
    """Every change stands in Changes, with who and what."""
    changes = desk.open_area("Changes", "audit")
    expect(changes.locator(".growth-Row")).not_to_have_count(0)
    expect(changes).to_contain_text("ada-okafor")
    desk.shoot("21-changes")
