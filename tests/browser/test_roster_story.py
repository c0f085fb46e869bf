"""The story: a messy list becomes students; who let the invitation expire is asked again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from growth_admin.deploy.demo.people import ORGANIZATION
from growth_admin.roster.models import Correction
from tests.browser.axe import find_violations
from tests.browser.desk import Desk, NewDesk, log_in_by_hand, take_cookies
from tests.hub.school import School
from tests.roster_lists import HEADING, QUESTION, MessyList, messy_list

ADMIN = "Ada-Okafor"
TEAM = "students"
ROWS = 350
APPLIED_MS = 240_000.0
COLUMN = {"email": HEADING[1], "login": QUESTION}
QUICK = {
    "write_interval_s": 0.0,
    "writes_per_minute": 100_000,
    "writes_per_hour": 100_000,
    "reads_per_minute": 100_000,
}
"""The stand-in has no secondary limits unless they are switched on; six minutes are saved."""


@pytest.fixture
def own_school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school of its own: the clock of its GitHub is moved."""
    with School.open(tmp_path_factory.mktemp("roster")) as school:
        path = school.folder.image / "jupyter_server_config.json"
        config = json.loads(path.read_text())
        config["GitHub"] |= QUICK
        path.write_text(json.dumps(config))
        yield school


@pytest.mark.timeout(1200)
def test_story_when_a_messy_list_is_imported_then_who_let_the_invitation_expire_still_comes(
    own_school: School, new_desk: NewDesk
) -> None:
    school, answers = own_school, messy_list(ROWS)
    know_at_github(school, answers)
    session = school.login(ADMIN)
    school.start(ADMIN.lower())
    desk = new_desk("roster-story")
    take_cookies(desk.page.context, session)
    desk.open_lab(school.server_url(ADMIN.lower()) + "/lab")

    panel = desk.open_area("Roster", "roster")
    look_around(desk, panel)
    read_list(desk, panel, answers)
    for number, correction in enumerate(answers.by_hand):
        put_right(panel, correction, is_last=number == len(answers.by_hand) - 1)
    desk.shoot("03-put-right")
    newcomer = answers.people[0].login
    before = mails(school)
    plan_and_apply(desk, panel)
    assert len(mails(school)) - len(before) >= len(answers.people) * 0.9
    expect_state(panel, newcomer, "invited")
    desk.shoot("06-invited")

    school.github.control("POST", "clock", days=8)
    refresh(panel)
    expect_state(panel, newcomer, "expired")
    desk.shoot("07-expired")
    reinvite(desk, panel)
    expect_state(panel, newcomer, "invited")

    student = new_desk("roster-story")
    accept(student, school, newcomer)
    log_in_by_hand(student.page, school, newcomer)
    arrived = student.page.locator(
        "#start, #stop, #jupyterlab-splash, #main.jp-LabShell, .progress"
    )
    arrived.first.wait_for()
    refresh(panel)
    expect_state(panel, newcomer, "active")
    expect(row_of(panel, newcomer)).to_contain_text("running")
    see_the_person(desk, panel, newcomer)
    look_back(desk, panel)


def look(desk: Desk, name: str) -> None:
    """A screenshot, and nothing that a screen reader stumbles over."""
    desk.shoot(name)
    found = find_violations(desk.page, "#growth-admin-roster", "dialog[open]")
    assert not found, "\n".join(found)


def know_at_github(school: School, answers: MessyList) -> None:
    """Let the stand-in know whoever answered with a login, and the organization be old enough."""
    people = [{"login": one.login, "name": one.name} for one in answers.people if one.login]
    school.github.control("PUT", "seed", people=people)
    school.github.control("PATCH", f"organizations/{ORGANIZATION}", invitation_limit=500)


def mails(school: School) -> list[object]:
    """The invitation mails that GitHub sent so far."""
    found: list[object] = school.github.control("GET", f"mails/{ORGANIZATION}")
    return found


def look_around(desk: Desk, panel: Locator) -> None:
    """The demo's own people are there, with words for their states."""
    grid = panel.get_by_role("grid", name="People")
    expect(grid).to_be_visible()
    expect(panel.get_by_role("group", name="Show only")).to_contain_text("expired")
    expect(desk.sidebar.locator(".growth-AreaLine", has_text="Roster")).to_contain_text("active")
    look(desk, "01-people")


def read_list(desk: Desk, panel: Locator, answers: MessyList) -> None:
    """Choose the file; it is understood, and two rows need an answer."""
    panel.get_by_role("button", name="Import people").click()
    file = {"name": "answers.csv", "mimeType": "text/csv", "buffer": answers.data}
    panel.get_by_label("List of people").set_input_files(file)  # type: ignore[arg-type]
    columns = panel.get_by_role("group", name="Columns of the list")
    expect(columns.get_by_label(f"Column {QUESTION} holds")).to_have_value("login")
    expect(panel.get_by_role("button", name=re.compile("read as meant"))).to_be_visible()
    team = panel.get_by_label("Team", exact=True)
    expect(team).to_have_value(TEAM)  # the least powerful one, unless told otherwise
    look(desk, "02-columns")


def put_right(panel: Locator, correction: Correction, *, is_last: bool) -> None:
    """Type what a cell should say."""
    box = panel.get_by_label(f"{COLUMN[correction.field]} of row {correction.row}")
    box.fill(correction.value)
    box.press("Enter")
    expect(box).to_have_count(0)
    if is_last:
        expect(panel.get_by_role("region", name="Cells to put right")).to_have_count(0)


def plan_and_apply(desk: Desk, panel: Locator) -> None:
    """Read the plan, apply it, wait for the receipt."""
    panel.get_by_role("button", name=re.compile(r"^(Go ahead with|Plan \d)")).click()
    apply = panel.get_by_role("button", name=re.compile(r"^Invite \d"))
    expect(apply).to_be_visible()
    expect(panel.locator(".growth-Budget")).to_contain_text("of 500 invitations used")
    look(desk, "04-plan")
    apply.click()
    close = panel.get_by_role("button", name="Close", exact=True)
    expect(close).to_be_visible()
    expect(panel.get_by_role("button", name="Cancel the job")).to_have_count(0, timeout=APPLIED_MS)
    desk.shoot("05-receipt")
    close.click()
    expect(panel.get_by_role("grid", name="People")).to_be_visible()


def reinvite(desk: Desk, panel: Locator) -> None:
    """One click and the plan; nobody needs to be chosen."""
    panel.get_by_role("button", name=re.compile(r"^Re-invite \d+ expired")).click()
    dialog = desk.page.locator("dialog[open]")
    apply = dialog.get_by_role("button", name=re.compile(r"^(Invite|Re-invite) "))
    expect(apply).to_be_visible()
    look(desk, "08-reinvite")
    apply.click()
    # it goes on when the dialog is closed
    expect(dialog.get_by_role("button", name="Cancel the job")).to_be_visible()
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    expect(panel.get_by_role("region", name="Jobs of the roster")).to_contain_text("Invite again")


def refresh(panel: Locator) -> None:
    """Ask GitHub and the hub now."""
    panel.get_by_role("button", name="Refresh").click()


def row_of(panel: Locator, login: str) -> Locator:
    """The row of somebody; the table is filtered for it."""
    panel.get_by_label("Filter people").fill(login)
    return panel.locator(".growth-Row", has_text=login)


def expect_state(panel: Locator, login: str, state: str) -> None:
    """The table says so of this person, sooner or later."""
    expect(row_of(panel, login)).to_contain_text(state)
    panel.get_by_label("Filter people").fill("")


def accept(student: Desk, school: School, login: str) -> None:
    """As a student does: the link of the mail, GitHub's own pages."""
    page = student.page
    page.goto(f"{school.github.url}/orgs/{ORGANIZATION}/invitation")
    page.locator("#login").fill(login)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("button", name=re.compile("^Join")).click()
    expect(page.locator("body")).to_contain_text("You are a member")
    student.shoot("09-accepted")


def see_the_person(desk: Desk, panel: Locator, login: str) -> None:
    """Every spelling of the name, and what the hub knows."""
    row_of(panel, login).click()
    details = panel.locator(".growth-Details")
    expect(details).to_contain_text(login.lower())
    expect(details).to_contain_text("Live tokens")
    look(desk, "10-active")
    panel.get_by_role("button", name="Close details").click()


def look_back(desk: Desk, panel: Locator) -> None:
    """What was done stands in the history."""
    panel.get_by_role("tab", name="History").click()
    expect(
        panel.get_by_role("grid", name="Changes").get_by_text(ADMIN.lower()).first
    ).to_be_visible()
    look(desk, "11-history")
