"""How the panels look and behave: themes, keyboard, narrow, zoomed, many rows, hostile text."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.bench.synthetic_school import start_record, write_school
from tests.browser.axe import find_violations
from tests.browser.desk import Desk, NewDesk
from tests.browser.lab import Lab, lab_server
from tests.browser.panels import (
    VISIBLE,
    append_line,
    checks_of,
    editor_of,
    reason_box,
    show_script,
    show_starts,
    step_of,
)

STUDENTS = 1000
MIDDLE_FRAME_MS, LONG_FRAME_MS = 50.0, 150.0
"""What scrolls smoothly, and what one frame in twenty may take while other tests run beside it."""
MARKUP_NAME = "<img src=x onerror=hacked=1>"
MARKUP_LINE = "<script>hacked=2</script><img src=x onerror=hacked=3>&lt;b&gt;"
ALL_OURS = ("#growth-admin-sidebar", ".growth-LabPanel")
LITTLE_ROOM: dict[str, dict[str, Any]] = {
    "narrow": {"viewport": {"width": 470, "height": 800}},
    "zoomed": {"viewport": {"width": 720, "height": 450}, "device_scale_factor": 2},
}

FRAMES = """
async scroller => {
  const frames = [];
  let last = await new Promise(requestAnimationFrame);
  for (let step = 0; step < 150; step += 1) {
    scroller.scrollTop += 90;
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - last);
    last = now;
  }
  return { frames, top: scroller.scrollTop };
}
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A Lab over a class of 1,000, of whom one has a name and a log full of markup."""
    with lab_server(tmp_path_factory.mktemp("looks")) as running:
        write_school(running.admin_root, students=STUDENTS - 1, starts=2)
        write_hostile(running.admin_root)
        yield running


def write_hostile(admin_root: Path) -> None:
    """A failed start whose user, error and log hold markup."""
    record, texts = start_record(
        MARKUP_NAME, "hostile", "failed", datetime.now(UTC) - timedelta(hours=1), random.Random(1)
    )
    record["scripts"][1]["error"] = MARKUP_LINE
    logs = admin_root / "logs"
    (logs / "records" / "hostile.jsonl").write_text(json.dumps(record) + "\n")
    for script, text in texts.items():
        (logs / f"hostile-{script[:-3]}.log").write_bytes(text + MARKUP_LINE.encode() + b"\n")


def open_starts(desk: Desk) -> Locator:
    """The table of all starts, filled."""
    starts = show_starts(desk.open_area("Start scripts", "startup"))
    expect(starts).to_contain_text("1,000 starts")
    return starts


def overflow_px(part: Locator) -> int:
    """By how much a part is wider than its room."""
    found: int = part.evaluate("e => e.scrollWidth - e.clientWidth")
    return found


# ---- themes and screen readers


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_panels_when_seen_in_a_theme_then_axe_finds_nothing_grave(
    lab: Lab, new_desk: NewDesk, theme: str
) -> None:
    desk = new_desk("looks", color_scheme=theme)
    desk.open_lab(lab.url)
    change_theme(desk, theme)
    found: list[str] = []

    def look(name: str) -> None:
        desk.shoot(f"{theme}-{name}")
        found.extend(f"{name}: {line}" for line in find_violations(desk.page, *ALL_OURS))

    panel = desk.open_area("Start scripts", "startup")
    show_script(panel, "as-user.sh")
    append_line(desk, panel, 'rm -rf "$HOME"/work')
    expect(checks_of(panel)).to_contain_text("1 error")
    look("start-scripts")
    panel.get_by_role("tab", name="History").click()
    expect(panel.get_by_role("grid")).to_contain_text("r1")
    look("history")
    starts = open_starts(desk)
    starts.locator(".growth-Row").first.click()
    expect(starts.locator(".growth-Details")).to_contain_text("Log of")
    look("starts")
    for label, area in (
        ("Roster", "roster"),
        ("Servers", "servers"),
        ("Jobs", "jobs"),
        ("Changes", "audit"),
    ):
        desk.open_area(label, area)
        look(area)
    assert not found, "\n".join(found)


def change_theme(desk: Desk, theme: str) -> None:
    """Switch JupyterLab to its light or dark theme."""
    name = f"JupyterLab {theme.title()}"
    desk.page.evaluate(
        "theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", name
    )
    expect(desk.page.locator("body")).to_have_attribute("data-jp-theme-name", name)


# ---- keyboard


def tab_to(desk: Desk, target: Locator, *, most: int = 80) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(most):
        desk.page.keyboard.press("Tab")
        if target.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"{most} times Tab do not lead to {target}")


def test_start_scripts_when_only_keys_are_used_then_a_change_goes_all_the_way(
    tmp_path: Path, new_desk: NewDesk
) -> None:
    desk = new_desk("looks")
    keys = desk.page.keyboard
    with lab_server(tmp_path) as lab:
        write_school(lab.admin_root, students=3, starts=1)
        desk.open_lab(lab.url)
        desk.run_command_by_keys("Open Start scripts")
        panel = desk.panel("startup")
        first = panel.get_by_role("tab", name="as-root.sh")
        expect(first).to_be_visible()
        tab_to(desk, first)
        keys.press("ArrowRight")
        expect(panel.get_by_role("tab", name="as-user.sh")).to_be_focused()
        expect(editor_of(panel)).to_contain_text("gitpuller")
        tab_to(desk, editor_of(panel))
        keys.press("Control+End")
        keys.insert_text("echo typed by keys\n")
        expect(editor_of(panel)).to_contain_text("typed by keys")
        keys.press("Control+s")
        expect(reason_box(panel)).to_be_focused()
        keys.type("by keys only")
        keys.press("Enter")
        expect(panel.get_by_role("tab", name="as-user.sh")).to_contain_text("r2 not live yet")
        tab_to(desk, panel.get_by_role("button", name="Rehearse r2").locator(VISIBLE).first)
        keys.press("Enter")
        expect(step_of(panel, "Rehearse")).to_contain_text(re.compile("passed|failed"))
        desk.shoot("keyboard-rehearsed")
        tab_to(desk, panel.get_by_role("button", name="Make r2 live").locator(VISIBLE).first)
        keys.press("Enter")
        dialog = panel.get_by_role("dialog")
        expect(dialog.get_by_label(re.compile("may be skipped"))).to_be_focused()
        keys.type("no hub in this test")
        desk.shoot("keyboard-make-live")
        keys.press("Enter")
        expect(dialog).to_be_hidden()
        expect(step_of(panel, "Make live")).to_contain_text("r2 is live")
        assert "typed by keys" in (lab.admin_root / "start" / "as-user.sh").read_text()
        walk_rows_by_keys(desk, panel)


def walk_rows_by_keys(desk: Desk, panel: Locator) -> None:
    """Arrows move, space selects, Enter opens, the menu key offers, Escape closes."""
    keys = desk.page.keyboard
    desk.run_command_by_keys("Show what every start did")
    starts = panel.locator(".growth-Starts")
    grid = starts.get_by_role("grid")
    expect(starts.locator(".growth-Row")).to_have_count(3)
    tab_to(desk, grid)
    keys.press("ArrowDown")
    keys.press("Space")
    expect(starts).to_contain_text("1 start selected")
    keys.press("Enter")
    expect(starts.locator(".growth-Details")).to_be_visible()
    keys.press("Shift+F10")
    expect(starts.get_by_role("menu")).to_be_visible()
    keys.press("Escape")
    expect(starts.get_by_role("menu")).to_be_hidden()
    expect(grid).to_be_focused()
    keys.press("Escape")
    expect(starts.locator(".growth-Details")).to_be_hidden()


def test_palette_when_asked_then_it_has_each_command_and_runs_those_that_can_run(
    lab: Lab, new_desk: NewDesk
) -> None:
    desk = new_desk("looks")
    desk.open_lab(lab.url)
    for label, area in (("Servers", "servers"), ("Jobs", "jobs"), ("Changes", "audit")):
        desk.run_command(f"Open {label}")
        expect(desk.panel(area)).to_be_visible()
    desk.run_command("Show the school sidebar")
    expect(desk.sidebar).to_be_visible()
    desk.run_command("Open Start scripts")
    panel = desk.panel("startup")
    desk.run_command("Show as-user.sh")
    append_line(desk, panel, 'rm -rf "$HOME"/work')
    expect(checks_of(panel)).to_contain_text("error")
    desk.run_command("Go to the next finding in the start script")
    expect(editor_of(panel)).to_be_focused()
    desk.run_command("Save the start script")
    expect(panel.get_by_role("alert")).to_contain_text("why it is changed")
    desk.run_command("Discard the unsaved changes of the start script")
    expect(panel.get_by_role("tab", name="as-user.sh")).not_to_contain_text("being edited")
    for what, tab in (
        ("the history of the start script", "History"),
        ("the rehearsal report", "Rehearsal report"),
        ("the canary log", "Canary log"),
        ("the difference to the live script", "Diff to live"),
    ):
        desk.run_command(f"Show {what}")
        expect(panel.get_by_role("tab", name=tab).locator(VISIBLE)).to_have_attribute(
            "aria-selected", "true"
        )
    desk.run_command("Show what every start did")
    expect(panel.locator(".growth-Starts")).to_contain_text("1,000 starts")
    desk.run_command("Copy the starts shown as CSV")
    copied = desk.page.evaluate("navigator.clipboard.readText()")
    assert copied.count("\n") >= STUDENTS, copied[:200]
    desk.run_command("Refresh the table of starts")
    desk.run_command("Show as-root.sh")
    expect(panel.get_by_role("tab", name="as-root.sh")).to_have_attribute("aria-selected", "true")
    assert_palette_is_whole(desk)


def assert_palette_is_whole(desk: Desk) -> None:
    """Each command of ours stands in the palette, and those that cannot run now say why."""
    registered = desk.page.evaluate(
        """() => {
          const { commands } = jupyterapp;
          return commands.listCommands()
            .filter(id => id.startsWith('growth-admin:') && commands.isVisible(id))
            .map(id => ({ id, isEnabled: commands.isEnabled(id), why: commands.caption(id) }));
        }"""
    )
    with desk.palette():
        ours = desk.page.locator('.lm-CommandPalette-item[data-command^="growth-admin:"]')
        listed = ours.evaluate_all("items => items.map(item => item.dataset.command)")
    assert {command["id"] for command in registered} == set(listed)
    in_front = ("growth-admin:startup-",)
    silent = [
        command["id"]
        for command in registered
        if not command["isEnabled"] and not command["why"] and command["id"].startswith(in_front)
    ]
    assert not silent, f"disabled without a word: {silent}"


# ---- room


@pytest.mark.parametrize("room", LITTLE_ROOM)
def test_panels_when_there_is_little_room_then_nothing_is_cut_off(
    lab: Lab, new_desk: NewDesk, room: str
) -> None:
    desk = new_desk("looks", **LITTLE_ROOM[room])
    desk.open_lab(lab.url)
    desk.school_icon.click()
    expect(desk.sidebar).to_contain_text("Last changes")
    assert overflow_px(desk.sidebar) <= 1
    desk.shoot(f"{room}-sidebar")
    panel = desk.open_area("Start scripts", "startup")
    desk.close_left_area()
    show_script(panel, "as-user.sh")
    assert overflow_px(panel) <= 1
    save = panel.get_by_role("button", name=re.compile("^Save r")).locator(VISIBLE)
    save.scroll_into_view_if_needed()
    expect(save).to_be_in_viewport(ratio=1)
    assert editor_of(panel).evaluate("e => e.closest('.cm-editor').clientHeight") >= 60
    desk.shoot(f"{room}-start-scripts")
    starts = show_starts(panel)
    expect(starts).to_contain_text("1,000 starts")
    row = starts.locator(".growth-Row").first
    row.scroll_into_view_if_needed()
    expect(row).to_be_in_viewport()
    assert overflow_px(panel) <= 1
    assert overflow_px(starts.locator(".growth-Scroller")) <= 1
    desk.shoot(f"{room}-starts")
    row.click()
    expect(starts.locator(".growth-Details")).to_be_in_viewport()
    desk.shoot(f"{room}-starts-details")


def test_starts_when_a_class_of_1000_is_scrolled_then_frames_stay_short(
    lab: Lab, new_desk: NewDesk
) -> None:
    desk = new_desk("looks")
    desk.open_lab(lab.url)
    starts = open_starts(desk)
    scroller = starts.locator(".growth-Scroller")
    best_ms = middle_ms = float("inf")
    for _ in range(8):  # others work on this machine too: the quietest moment counts
        scroller.evaluate("e => { e.scrollTop = 0; }")
        seen = scroller.evaluate(FRAMES)
        assert seen["top"] > 10_000, "the table did not scroll"
        frames = sorted(seen["frames"])
        best_ms = min(best_ms, frames[int(len(frames) * 0.95)])
        middle_ms = min(middle_ms, frames[len(frames) // 2])
        if middle_ms < MIDDLE_FRAME_MS and best_ms < LONG_FRAME_MS:
            break
    drawn = starts.locator(".growth-Row").count()
    print(f"1,000 rows: p95 frame {best_ms:.1f} ms, median {middle_ms:.1f} ms, {drawn} rows drawn")
    assert drawn < 120, "the table draws rows that nobody sees"
    assert middle_ms < MIDDLE_FRAME_MS and best_ms < LONG_FRAME_MS
    desk.shoot("1000-rows")


# ---- hostile text


def test_starts_when_a_name_and_a_log_hold_markup_then_it_is_only_text(
    lab: Lab, new_desk: NewDesk
) -> None:
    desk = new_desk("looks")
    desk.open_lab(lab.url)
    starts = open_starts(desk)
    starts.get_by_role("searchbox").fill("hacked")
    row = starts.locator(".growth-Row")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("<img src=x")
    expect(row).to_contain_text("<script>")
    row.click()
    expect(starts.locator(".growth-Details .growth-Log")).to_contain_text(MARKUP_LINE)
    starts.get_by_role("button", name=re.compile("more fault")).click()
    expect(starts.locator(".growth-Groups")).to_contain_text("<script>")
    desk.shoot("markup")
    assert starts.locator("img, script").count() == 0
    assert desk.page.evaluate("typeof window.hacked") == "undefined"
