"""What a test does in our panels, by the words that a person reads there."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.browser.desk import Desk

VISIBLE = "visible=true"


def editor_of(panel: Locator) -> Locator:
    """The text of the script that is shown."""
    return panel.locator(".growth-ScriptEditor:visible .cm-content")


def checks_of(panel: Locator) -> Locator:
    """The list of findings of the script that is shown."""
    return panel.locator(".growth-Checks:visible")


def reason_box(panel: Locator) -> Locator:
    """Where one says why a script is changed."""
    return panel.get_by_placeholder("why it is changed").locator(VISIBLE)


def save_button(panel: Locator) -> Locator:
    """The button that saves the script that is shown."""
    return panel.get_by_role("button", name=re.compile(r"^Save r\d+")).locator(VISIBLE)


def step_of(panel: Locator, label: str) -> Locator:
    """A step of the track."""
    return panel.locator(".growth-Track:visible .growth-Track-step", has_text=label)


def show_script(panel: Locator, name: str) -> None:
    """Show a script and wait until its text is there and checked."""
    panel.get_by_role("tab", name=name).click()
    expect(editor_of(panel)).not_to_be_empty()
    expect(checks_of(panel).get_by_role("status")).not_to_have_text("checking")


def go_to_end(desk: Desk, panel: Locator) -> None:
    """Put the cursor behind the last character; an editor draws only the lines in sight."""
    editor_of(panel).click()
    desk.page.keyboard.press("Control+End")


def append_line(desk: Desk, panel: Locator, line: str) -> None:
    """Write a line at the end of the script."""
    go_to_end(desk, panel)
    desk.page.keyboard.insert_text(line + "\n")


def show_starts(panel: Locator) -> Locator:
    """Show what every start did; that table's part of the panel."""
    panel.get_by_role("tab", name="Starts").click()
    starts = panel.locator(".growth-Starts")
    expect(starts).to_be_visible()
    return starts
