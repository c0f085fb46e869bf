"""The story: a class is restarted with a warning, and nobody loses a letter.

An organiser's Lab and the Labs of two students, each with work that is not saved. The minutes are
real ones: a warning of one minute for who waits, more time for who asks and then goes early. By
itself JupyterLab saves nothing here, so that whatever is on the disk was saved for the restart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from growth_admin.client import GrowthClient
from growth_admin.core.schema import now
from growth_admin.servers.notices.models import Restart
from tests.browser.axe import find_violations
from tests.browser.desk import Desk, NewDesk, take_cookies
from tests.hub.school import School, eventually

ADMIN, WAITS, HURRIES, SILENT = "Ada-Okafor", "Jane-Doe", "chen-wei", "Emma-Nilsen"
TEXT = "Your server gets the new software."
LINK = "https://example.org/new-software"
TYPED_CELL = "answer = 6 * 7  # not saved by hand"
TYPED_NOTES = "Remember the milk: Ωμέγα & <b>no markup</b>"
CELL = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell .cm-content"
NOTES = ".jp-FileEditor .cm-content >> visible=true"
SETTINGS = """c = get_config()
c.GrowthAdmin.notices_poll_s = 1.0
c.LabApp.expose_app_in_browser = True
"""
MINUTE_S = 60.0
NOTEBOOK: dict[str, Any] = {
    "cells": [
        {
            "cell_type": "code",
            "id": "first",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": [],
        }
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
LAYOUT = """
() => {
  const spell = area => area.type === 'tab-area'
    ? { tabs: area.widgets.map(w => w.title.label), shown: area.currentIndex }
    : {
        [area.orientation]: area.children.map(spell),
        sizes: area.sizes.map(size => Math.round(size * 10))
      };
  return spell(jupyterapp.shell.saveLayout().mainArea.dock.main);
}
"""


class Student:
    """A student with several documents open beside each other, two of them with unsaved text."""

    def __init__(self, school: School, desk: Desk, login: str) -> None:
        self.name = login.lower()
        self.desk = desk
        self.desk.is_outage_expected = True
        self.page = desk.page
        self.home = school.folder.homes / self.name
        self.layout: Any = None

    def open(self, url: str) -> None:
        """Open three documents in a layout of one's own, and type in two of them."""
        (self.home / "work.ipynb").write_text(json.dumps(NOTEBOOK))
        (self.home / "notes.md").write_text("")
        (self.home / "data.csv").write_text("star,mag\nVega,0.03\n")
        self.desk.open_lab(f"{url}/lab/tree/work.ipynb")
        idle = self.page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")
        expect(idle).to_be_visible()
        for path, mode in (("notes.md", "split-right"), ("data.csv", "tab-after")):
            self.page.evaluate(
                "([path, mode]) => jupyterapp.commands.execute("
                "'docmanager:open', { path, factory: 'Editor', options: { mode } })",
                [path, mode],
            )
        expect(self.tab("data.csv")).to_be_visible()
        self.tab("notes.md").click()
        self.page.locator(NOTES).first.click()
        self.page.keyboard.insert_text(TYPED_NOTES)
        self.page.locator(CELL).first.click()
        self.page.keyboard.insert_text(TYPED_CELL)
        self.layout = self.page.evaluate(LAYOUT)
        assert json.dumps(self.layout).count("tabs") == 2, self.layout
        assert self.on_disk() == ("", "")
        self.page.evaluate("window.growthTestMark = 1")

    def tab(self, name: str) -> Locator:
        """A document's tab in the main area."""
        return self.page.locator("#jp-main-dock-panel .lm-TabBar-tab", has_text=name)

    def on_disk(self) -> tuple[str, str]:
        """What the first cell and the notes hold on the disk."""
        text, notes = ((self.home / name).read_text() for name in ("work.ipynb", "notes.md"))
        cells = json.loads(text)["cells"] if text else NOTEBOOK["cells"]  # empty: being written
        return "".join(cells[0]["source"]), notes

    @property
    def row(self) -> Locator:
        """The notice on top of the Lab."""
        return self.page.locator(".growth-NoticeBar .growth-NoticeRow")

    @property
    def countdown(self) -> Locator:
        """How long it still is."""
        return self.row.get_by_role("timer")

    def type_on(self, editor: str, text: str) -> None:
        """Type at the end of the first editor of these."""
        self.page.locator(editor).first.click()
        self.page.keyboard.press("End")
        self.page.keyboard.insert_text(text)

    def expect_back(self, cell: str = TYPED_CELL, notes: str = TYPED_NOTES) -> None:
        """The page was loaded again, with the same tabs in the same places and nothing lost."""
        self.page.wait_for_function("window.growthTestMark === undefined", timeout=120_000)
        self.desk.wait_for_lab()
        assert self.on_disk() == (cell, notes)
        expect(self.tab("data.csv")).to_be_visible()
        expect(self.page.locator(CELL).first).to_have_text(cell)
        expect(self.page.locator(NOTES).first).to_have_text(notes)
        eventually(lambda: self.page.evaluate(LAYOUT) == self.layout)
        expect(self.page.locator(".jp-mod-dirty")).to_have_count(0)
        expect(self.row).to_have_count(0)


class Course:
    """The school, with the organiser at the panel Servers."""

    def __init__(self, school: School, desk: Desk) -> None:
        self.school = school
        self.desk = desk
        self.panel = desk.open_area("Servers", "servers")

    @property
    def dialog(self) -> Locator:
        """The plan."""
        return self.panel.get_by_role("dialog")

    def rollout(self, title: str) -> Locator:
        """A rollout on top of the panel."""
        return self.panel.get_by_role("article").filter(has_text=title)

    def apply(self, label: str) -> Locator:
        """Warn the users, and close the dialog: it goes on; its row."""
        self.dialog.get_by_role("button", name=label).click()
        expect(self.dialog.locator(".growth-Progress")).to_be_visible()
        self.dialog.locator("footer").get_by_role("button", name="Close").click()
        return self.rollout(label.partition(", then ")[2][1:])

    def starts(self, login: str) -> int:
        """How often a student's server was started."""
        path = self.school.folder.admin / "logs" / "records" / f"{login.lower()}.jsonl"
        return len(path.read_text().splitlines())


def furnish(school: School, login: str) -> None:
    """A server that looks for notices each second, and a Lab that saves nothing by itself."""
    jupyter = school.folder.homes / login.lower() / ".jupyter"
    documents = jupyter / "lab/user-settings/@jupyterlab/docmanager-extension"
    documents.mkdir(parents=True, exist_ok=True)
    (jupyter / "jupyter_server_config.py").write_text(SETTINGS)
    (documents / "plugin.jupyterlab-settings").write_text('{"autosave": false}')


def open_student(school: School, new_desk: NewDesk, login: str, **options: Any) -> Student:
    """A student at work."""
    session = school.login(login)
    furnish(school, login)
    school.start(login.lower())
    desk = new_desk("class-restart", **options)
    take_cookies(desk.page.context, session)
    student = Student(school, desk, login)
    student.open(school.server_url(login.lower()))
    return student


@pytest.fixture(scope="module")
def own_school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school of its own: whole teams of it are restarted."""
    with School.open(tmp_path_factory.mktemp("class-restart")) as school:
        yield school


@pytest.fixture
def course(own_school: School, new_desk: NewDesk) -> Course:
    """The organiser's Lab with the panel Servers."""
    session = own_school.login(ADMIN)
    furnish(own_school, ADMIN)
    if not own_school.server(ADMIN.lower()):
        own_school.start(ADMIN.lower())
    desk = new_desk("class-restart")
    take_cookies(desk.page.context, session)
    desk.open_lab(own_school.server_url(ADMIN.lower()) + "/lab?reset")
    return Course(own_school, desk)


@pytest.mark.timeout(600)
def test_class_when_restarted_with_a_warning_then_work_is_saved_and_students_are_back(
    course: Course, new_desk: NewDesk
) -> None:
    school = course.school
    jane = open_student(school, new_desk, WAITS)
    school.login(SILENT)
    school.start(SILENT.lower())
    before = {login: course.starts(login) for login in (WAITS, SILENT)}

    plan_for_the_team(course)
    started = now()
    row = course.apply("Warn, then restart 2 servers")
    expect(row.get_by_role("timer")).to_contain_text(re.compile(r"Next in \d+ s"))
    see_the_countdown(jane)
    expect(row).to_contain_text("2 told")
    expect(row).to_contain_text("1 saw it")
    expect(row).to_contain_text("stops at 10 % failures")
    course.desk.shoot("3-rollout-counts-down")
    assert jane.on_disk() == ("", ""), "nobody asked for it to be saved yet"

    eventually(lambda: jane.on_disk() == (TYPED_CELL, TYPED_NOTES), MINUTE_S + 10)
    assert course.starts(WAITS) == before[WAITS], "saved after the restart had begun"
    assert (now() - started).total_seconds() > MINUTE_S / 2, "saved long before the time"
    expect(row).to_contain_text("Restarted 2 servers after 1 min of warning", timeout=120_000)
    assert (now() - started).total_seconds() >= MINUTE_S
    jane.expect_back()
    jane.desk.shoot("5-student-is-back")
    assert {login: course.starts(login) for login in before} == {
        login: count + 1 for login, count in before.items()
    }
    read_the_receipt(course, row)
    for login in (WAITS, SILENT):
        school.stop(login.lower())


def plan_for_the_team(course: Course) -> None:
    """All of a team: some are at work, so that the plan begins with a warning."""
    panel, dialog = course.panel, course.dialog
    panel.get_by_role("button", name="More filters").click()
    panel.get_by_label("Team").select_option("students")
    like = panel.get_by_role("button", name="Restart all 2 like this")
    expect(like).to_be_enabled()
    like.click()
    expect(dialog.get_by_label("A warning in their Lab")).to_be_checked()
    expect(dialog.get_by_role("heading")).to_contain_text("after 5 min of warning")
    dialog.get_by_label("Canaries first").fill("0")
    warn_field(dialog).fill("0")
    expect(dialog.get_by_role("alert")).to_contain_text("from 1 to 1440")
    warn_field(dialog).fill("1")
    dialog.get_by_label("What they read").fill(TEXT)
    dialog.get_by_label("Link to read more").fill(LINK)
    expect(dialog.get_by_role("heading")).to_contain_text("after 1 min of warning")
    expect(dialog.locator(".growth-NoticeRow")).to_contain_text(TEXT)
    course.desk.shoot("1-plan-with-a-warning")
    assert find_violations(course.desk.page, "#growth-admin-servers") == []


def warn_field(dialog: Locator) -> Locator:
    """Where one says how many minutes before."""
    return dialog.get_by_role("textbox", name=re.compile("^Warn"))


def see_the_countdown(student: Student) -> None:
    """The notice stands on top while the student types on, and takes no focus."""
    expect(student.row).to_contain_text(TEXT)
    expect(student.countdown).to_contain_text(re.compile(r"in \d+ s|in 1 min"))
    expect(student.row.get_by_role("link")).to_have_attribute("href", LINK)
    expect(student.row.get_by_role("button")).to_have_text(
        ["Save all and restart now", "10 more minutes"]
    )
    expect(student.page.locator(CELL).first).to_be_focused()
    student.desk.shoot("2-student-is-warned")


def read_the_receipt(course: Course, row: Locator) -> None:
    """Who saw it, who saved, and who did neither: by name."""
    for words, name, detail in (
        ("1 saw it and saved", WAITS, "saw the notice, saved 2 documents"),
        ("1 did not see it", SILENT, "did not see the notice"),
    ):
        row.get_by_role("button", name=words).click()
        items = row.get_by_role("list").get_by_role("listitem")
        expect(items).to_have_count(1)
        expect(items).to_contain_text(name.lower())
        expect(items).to_contain_text(detail)
    course.desk.shoot("4-receipt-names-who")


@pytest.mark.timeout(600)
def test_student_when_asking_for_time_and_then_ready_then_goes_early_and_the_receipt_says_so(
    course: Course, new_desk: NewDesk
) -> None:
    chen = open_student(course.school, new_desk, HURRIES, color_scheme="dark")
    before = course.starts(HURRIES)
    panel, dialog = course.panel, course.dialog
    panel.get_by_role("searchbox").fill(HURRIES)
    panel.locator(".growth-Row", has_text=HURRIES).get_by_role("checkbox").click()
    panel.get_by_role("button", name=f"Restart {HURRIES}").first.click()
    expect(dialog.get_by_label("Nothing: at once")).to_be_checked()
    dialog.get_by_label("A warning in their Lab").check()
    warn_field(dialog).fill("4")
    expect(dialog.get_by_role("heading")).to_contain_text("after 4 min of warning")
    row = course.apply(f"Warn, then restart {HURRIES}")

    expect(chen.countdown).to_contain_text(re.compile(r"in [34] min"))
    chen.row.get_by_role("button", name="10 more minutes").click()
    expect(chen.row).to_contain_text("You asked for 10 more minutes")
    expect(chen.row).to_contain_text("You have more time")
    expect(chen.countdown).to_contain_text(re.compile(r"in 1[34] min"))
    chen.desk.shoot("6-student-got-more-time")
    expect(row).to_contain_text("1 asked for more time")
    expect(row.get_by_role("timer")).to_contain_text(re.compile(r"Next in 1[34] min"))
    assert chen.on_disk() == ("", "")

    chen.row.get_by_role("button", name="Save all and restart now").click()
    expect(chen.row).to_contain_text("Everything is saved")
    assert chen.on_disk() == (TYPED_CELL, TYPED_NOTES)
    expect(row).to_contain_text(f"Restarted {HURRIES}'s server early, at their own wish")
    chen.expect_back()
    assert course.starts(HURRIES) == before + 1
    for words in ("1 saw it and saved", "given more time", "1 went early"):
        expect(row.get_by_role("button", name=words)).to_be_visible()
    course.desk.shoot("7-receipt-says-early")
    course.school.stop(HURRIES.lower())


@pytest.mark.timeout(400)
def test_student_when_typing_until_the_server_goes_and_while_it_is_gone_then_nothing_is_lost(
    own_school: School, new_desk: NewDesk
) -> None:
    """When the hub stops a server it forgets the login of its pages, which is renewed to save."""
    school, admin = own_school, ADMIN.lower()
    school.login(ADMIN)
    if not school.server(admin):
        school.start(admin)
    student = open_student(school, new_desk, school.new_person("students"))
    student.desk.expect_labs_dialog()
    client = GrowthClient(school.server_url(admin), school.server_token(admin))
    restart = Restart(at=now() + timedelta(seconds=30), may_go_now=True)
    client.notices.post(TEXT, users=[student.name], level="warning", restart=restart)
    eventually(lambda: student.on_disk() == (TYPED_CELL, TYPED_NOTES), 40)

    cell, notes = f"{TYPED_CELL} + 1", f"{TYPED_NOTES} + 2"
    student.type_on(CELL, " + 1")
    eventually(lambda: student.on_disk() == (cell, TYPED_NOTES), 20)
    school.stop(student.name)
    expect(student.row).to_contain_text("Everything is saved; this page comes back by itself")
    student.type_on(NOTES, " + 2")
    expect(student.row).to_contain_text("1 document changed since the last save: keep this page")
    student.desk.shoot("8-student-types-on")
    assert student.on_disk() == (cell, TYPED_NOTES)
    school.start(student.name)
    student.expect_back(cell, notes)
    school.stop(student.name)
