"""Notices in two real Labs: an organiser tells, a student sees, saves, and is back afterwards."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from growth_admin.client import GrowthClient
from growth_admin.core.schema import now
from growth_admin.servers.notices.models import NoticeReceipt, Restart
from tests.browser.axe import find_violations
from tests.browser.desk import Desk, NewDesk, take_cookies
from tests.hub.school import School, eventually
from tests.hub.test_servers_hub_restart import kill_hub

ADMIN, STUDENT = "Ada-Okafor", "Jane-Doe"
POLL_S = 1.0
MARKUP = "Lunch is at <b>12:30</b> in the yard"
NOTEBOOK = {
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
CELL = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell .cm-content"


class Class:
    """An organiser and a student, each in the own Lab."""

    def __init__(self, school: School, admin: Desk, student: Desk) -> None:
        self.school = school
        self.admin = admin
        self.student = student
        self.client = GrowthClient(
            school.server_url(ADMIN.lower()), school.server_token(ADMIN.lower())
        )

    @property
    def notebook(self) -> Path:
        """The student's notebook on the disk."""
        return self.school.folder.homes / STUDENT.lower() / "work.ipynb"

    def source(self) -> str:
        """What the student's first cell holds on the disk."""
        text = self.notebook.read_text()
        cells = json.loads(text)["cells"] if text else []  # empty: being written
        return "".join("".join(cell["source"]) for cell in cells)

    def row(self, text: str = "") -> Locator:
        """A row of the bar in the student's Lab."""
        return self.student.page.locator(".growth-NoticeBar .growth-NoticeRow", has_text=text)

    def receipt(self, notice: str) -> NoticeReceipt | None:
        """What the student's server said."""
        found = self.client.notices.get_notice(notice).receipts
        return next((receipt for receipt in found if receipt.user == STUDENT.lower()), None)

    def told(self, notice: str, field: str) -> NoticeReceipt:
        """What the student's server said, once it says something about this."""

        def receipt() -> NoticeReceipt | None:
            found = self.receipt(notice)
            return found if found and getattr(found, field) else None

        found = eventually(receipt)
        assert found is not None
        return found

    def announce(self, in_s: float, text: str) -> str:
        """Announce a restart to the student; the notice's id."""
        restart = Restart(at=now() + timedelta(seconds=in_s), may_postpone_min=10, may_go_now=True)
        users = [STUDENT.lower()]
        row = self.client.notices.post(text, users=users, level="warning", restart=restart)
        return row.notice.id


@contextmanager
def opened(school: School, new_desk: NewDesk) -> Iterator[Class]:
    """Both are logged in and have their Labs open; these ask for notices each second."""
    desks = []
    for login in (ADMIN, STUDENT):
        folder = school.folder.homes / login.lower() / ".jupyter"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "jupyter_server_config.py").write_text(
            f"c = get_config()\nc.GrowthAdmin.notices_poll_s = {POLL_S}\n"
        )
        session = school.login(login)
        school.start(login.lower())
        desk = new_desk("notices")
        take_cookies(desk.page.context, session)
        page = "/lab"
        if login == STUDENT:
            (school.folder.homes / STUDENT.lower() / "work.ipynb").write_text(json.dumps(NOTEBOOK))
            page = "/lab/tree/work.ipynb"
        desk.open_lab(school.server_url(login.lower()) + page)
        desks.append(desk)
    yield Class(school, *desks)


@pytest.fixture(scope="module")
def own_school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school of its own: its hub is killed in the end."""
    with School.open(tmp_path_factory.mktemp("notices")) as school:
        yield school


@pytest.mark.timeout(900)
def test_story_when_an_organiser_tells_a_class_then_students_see_it_and_lose_nothing(
    own_school: School, new_desk: NewDesk
) -> None:
    with opened(own_school, new_desk) as both:
        write_in_a_notebook(both, "answer = 42")
        tell_by_panel(both)
        put_away_and_reload(both)
        save_by_itself(both)
        ask_for_time_save_and_restart(both)
        withdraw_by_panel(both)
        hear_without_the_hub(both)
        both.student.assert_no_faults()


def write_in_a_notebook(both: Class, text: str) -> None:
    """The student works in a notebook; what is typed then is not saved."""
    page = both.student.page
    cell = page.locator(CELL).first
    expect(cell).to_be_visible()
    expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_visible()
    cell.click()
    page.keyboard.type(text)


def tell_by_panel(both: Class) -> None:
    """The organiser writes; the student sees it while typing, as text, and is not disturbed."""
    panel = both.admin.open_area("Notices", "notices")
    panel.get_by_role("button", name="Write a notice").first.click()
    form = panel.get_by_role("region", name="Write a notice")
    form.get_by_label("What students read").fill(MARKUP)
    form.get_by_label("Link").fill("https://example.org/lunch")
    form.get_by_label("students", exact=True).check()
    expect(form.locator(".growth-NoticeRow")).to_contain_text(MARKUP)
    both.admin.shoot("1-organiser-writes")
    both.admin.page.evaluate("window.scrollTo(0, 0)")
    assert find_violations(both.admin.page, "#growth-admin-notices") == []
    form.get_by_role("button", name="Show it to students").click()
    expect(both.row(MARKUP)).to_be_visible(timeout=(POLL_S + 4) * 1000)
    page = both.student.page
    page.keyboard.type(" + 1")
    expect(page.locator(CELL).first).to_have_text("answer = 42 + 1")
    expect(both.row().locator("b")).to_have_count(0)
    expect(both.row().get_by_role("status")).to_have_text(MARKUP)
    link = both.row().get_by_role("link", name="Read more")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    both.student.shoot("2-student-sees")
    assert find_violations(page, ".growth-NoticeBar") == []
    expect(panel.locator(".growth-NoticeCard")).to_contain_text("1 has seen it", timeout=15_000)
    panel.get_by_role("button", name="Show receipts").click()
    expect(panel.locator(".growth-NoticeCard")).to_contain_text(STUDENT.lower())
    both.admin.shoot("3-organiser-has-the-receipt")


def put_away_and_reload(both: Class) -> None:
    """What is put away with the mouse leaves the focus where it was, and stays away."""
    page = both.student.page
    both.row().get_by_role("button", name="Dismiss").click()
    expect(both.row()).to_have_count(0)
    page.keyboard.type(" + 2")
    expect(page.locator(CELL).first).to_have_text("answer = 42 + 1 + 2")
    page.keyboard.press("Control+s")
    eventually(lambda: both.source() == "answer = 42 + 1 + 2")
    page.reload()
    both.student.wait_for_lab()
    page.wait_for_timeout(3 * POLL_S * 1000)
    expect(both.row()).to_have_count(0)


def save_by_itself(both: Class) -> None:
    """Nobody clicks anything: shortly before the restart all is saved; the organiser reads it."""
    page = both.student.page
    page.locator(CELL).first.click()
    page.keyboard.press("End")
    page.keyboard.type(" + 3")
    notice = both.announce(30, "Restart for the new software.")
    expect(both.row("new software")).to_be_visible()
    expect(both.row().locator("[role=alert]")).to_contain_text("new software")
    expect(both.row().locator("[role=timer]")).to_contain_text(re.compile(r"in \d+ s"))
    assert "+ 3" not in both.source()
    eventually(lambda: both.source() == "answer = 42 + 1 + 2 + 3", 35)
    assert both.told(notice, "saved").seen
    both.client.notices.withdraw(notice)
    expect(both.row()).to_have_count(0)


def ask_for_time_save_and_restart(both: Class) -> None:
    """More time is asked for and given; then all is saved, and the same notebook comes back."""
    page = both.student.page
    notice = both.announce(300, "Your server gets the new software.")
    page.locator(CELL).first.click()
    page.keyboard.press("End")
    page.keyboard.type(" + 4")
    both.student.shoot("4-student-is-warned")
    both.row().get_by_role("button", name="10 more minutes").click()
    expect(both.row()).to_contain_text("You asked for 10 more minutes")
    assert both.told(notice, "wants_time").wants_min == 10
    both.client.notices.change(notice, restart_at=now() + timedelta(minutes=15))
    expect(both.row()).to_contain_text("You have more time")
    expect(both.row().locator("[role=timer]")).to_contain_text(re.compile(r"in 1[45] min"))
    both.row().get_by_role("button", name="Save all and restart now").click()
    expect(both.row()).to_contain_text("Everything is saved")
    assert both.source().endswith("+ 4")
    receipt = both.told(notice, "ready")
    assert (receipt.documents, receipt.unsaved) == (1, 0)
    mark = "window.growthTestMark"
    page.evaluate(f"{mark} = 1")
    both.school.stop(STUDENT.lower())
    expect(both.row()).to_contain_text("being restarted")
    both.student.shoot("5-student-waits")
    both.school.start(STUDENT.lower())
    page.wait_for_function(f"{mark} === undefined", timeout=60_000)
    both.student.wait_for_lab()
    expect(page.locator(CELL).first).to_have_text("answer = 42 + 1 + 2 + 3 + 4")
    page.wait_for_timeout(3 * POLL_S * 1000)
    expect(both.row("software")).to_have_count(0)
    both.student.shoot("6-student-is-back")


def withdraw_by_panel(both: Class) -> None:
    """The organiser takes a warning back; it goes away in the student's Lab."""
    notice = both.announce(600, "A mistake.")
    expect(both.row("A mistake")).to_be_visible()
    card = both.admin.panel("notices").locator(".growth-NoticeCard", has_text="A mistake")
    card.get_by_role("button", name="Withdraw the notice").click()
    expect(both.row("A mistake")).to_have_count(0)
    expect(card).to_contain_text("withdrawn")
    assert both.client.notices.get_notice(notice).state == "withdrawn"


def hear_without_the_hub(both: Class) -> None:
    """The hub is dead: from a terminal an organiser still reaches the class."""
    kill_hub(both.school)
    folder = both.school.folder
    env = {
        **os.environ,
        "GROWTH_ADMIN_ROOT": str(folder.admin),
        "GROWTH_SHARED_ROOT": str(folder.shared),
        "GROWTH_AREAS": "servers",
        "JUPYTERHUB_USER": ADMIN.lower(),
    }
    text = "The hub is away; go on working."
    command = [sys.executable, "-m", "growth_admin.cli", "notices", "post", text, "--group"]
    subprocess.run([*command, "students"], check=True, env=env, timeout=60)
    expect(both.row("go on working")).to_be_visible(timeout=(POLL_S + 4) * 1000)
    both.student.shoot("7-student-hears-without-the-hub")
    listed = [*command[:-3], "list", "--json"]
    done = subprocess.run(listed, check=True, env=env, timeout=60, capture_output=True, text=True)
    newest = json.loads(done.stdout)["notices"][0]
    assert (newest["notice"]["text"], newest["counts"]["seen"]) == (text, 1)
