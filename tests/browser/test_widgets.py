"""The same panels inside a notebook: shown by cells, clicked, and what they tell Python."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.bench.synthetic_school import write_school
from tests.browser.desk import Desk, NewDesk
from tests.browser.lab import Lab, lab_server
from tests.browser.notebooks import open_notebook, run_cell, write_notebook
from tests.browser.panels import checks_of, editor_of

STUDENTS = 30
SUMMARY = "Start scripts; last starts"
MANAGER = "@jupyter-widgets/jupyterlab-manager"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A Lab whose opener is the admin of a small school."""
    root = tmp_path_factory.mktemp("widgets")
    with lab_server(root) as running:
        write_school(running.admin_root, students=STUDENTS, starts=2)
        yield running


@pytest.mark.timeout(600)
def test_widgets_when_shown_by_cells_then_they_are_the_panels_and_tell_python(
    lab: Lab, new_desk: NewDesk
) -> None:
    write_notebook(
        lab.files_root,
        "panels.ipynb",
        "from growth_admin import widgets\nscripts = widgets.startup()\nscripts",
        "everything = widgets.panel()\neverything",
        "import json\nprint(json.dumps([list(scripts.selection), scripts.filter]))",
    )
    desk = new_desk("widgets")
    notebook = open_notebook(desk, lab.url_of("panels.ipynb"))

    first = run_cell(desk, notebook, 0).locator(".growth-Widget")
    expect(first.get_by_role("tab", name="as-root.sh")).to_be_visible()
    choose_rows(desk, first)
    type_keys_inside(desk, notebook, first)
    desk.shoot("startup-in-a-cell")
    said = run_cell(desk, notebook, 2)
    expect(said).to_contain_text("[[")
    chosen, filtered = json.loads(said.inner_text())
    assert len(chosen) == 2 and filtered == "", said.inner_text()

    second = run_cell(desk, notebook, 1).locator(".growth-Widget")
    walk_through_tabs(second)
    second.evaluate("e => e.scrollIntoView({ block: 'end' })")
    desk.shoot("panel-in-a-cell")


def choose_rows(desk: Desk, widget: Locator) -> None:
    """Two rows of Starts are selected by mouse."""
    widget.get_by_role("tab", name="Starts").click()
    rows = widget.locator(".growth-Row")
    expect(rows).not_to_have_count(0)
    for number in range(2):
        rows.nth(number).get_by_role("checkbox").click()
    expect(widget).to_contain_text("2 starts selected")


def type_keys_inside(desk: Desk, notebook: Locator, widget: Locator) -> None:
    """Keys that are commands of a notebook (a, b, x, dd, m) are only letters and moves here."""
    cells = notebook.locator(".jp-Notebook-cell")
    before = cells.count()
    grid = widget.get_by_role("grid")
    grid.focus()
    desk.page.keyboard.press("ArrowDown")
    desk.page.keyboard.type("abxddmy")
    expect(widget).to_contain_text("2 starts selected")
    assert cells.count() == before
    box = widget.get_by_role("searchbox").locator("visible=true")
    box.click()
    desk.page.keyboard.type("add")
    expect(box).to_have_value("add")
    desk.page.keyboard.press("Escape")
    expect(box).to_have_value("")
    assert cells.count() == before
    widget.get_by_role("tab", name="as-user.sh").click()
    expect(editor_of(widget)).to_contain_text("gitpuller")
    expect(checks_of(widget)).to_be_visible()
    editor_of(widget).click()
    desk.page.keyboard.press("Control+End")
    desk.page.keyboard.type("# add")
    expect(editor_of(widget)).to_contain_text("# add")
    assert cells.count() == before


def walk_through_tabs(widget: Locator) -> None:
    """`widgets.panel()` has a tab for each area, and each shows its panel."""
    strip = widget.get_by_role("tablist", name="Areas of the school")
    for label, inside in (
        ("Datasets", "or drop files anywhere"),
        ("Roster", "steps done"),
        ("Servers", "JupyterHub"),
        ("Jobs", "job"),
        ("Changes", "change"),
        ("Start scripts", "as-user.sh"),
    ):
        strip.get_by_role("tab", name=label).click()
        expect(widget).to_contain_text(inside)


@pytest.mark.parametrize(
    "open_server",
    [
        pytest.param(partial(lab_server, disabled_extensions=(MANAGER,)), id="disabled"),
        pytest.param(partial(lab_server, only_ours=True), id="absent"),
    ],
)
def test_panels_when_lab_has_no_widget_manager_then_they_work_and_cells_show_a_summary(
    tmp_path: Path,
    new_desk: NewDesk,
    open_server: Callable[[Path], AbstractContextManager[Lab]],
    request: pytest.FixtureRequest,
) -> None:
    desk = new_desk("widgets")
    with open_server(tmp_path) as lab:
        write_school(lab.admin_root, students=STUDENTS, starts=1)
        write_notebook(
            lab.files_root,
            "plain.ipynb",
            "from growth_admin import widgets\nwidgets.startup()",
            "1 + 1",
        )
        notebook = open_notebook(desk, lab.url_of("plain.ipynb"))
        output = run_cell(desk, notebook, 0)
        expect(output).to_contain_text(SUMMARY)
        expect(output.locator("table")).to_contain_text("as-user.sh")
        expect(output.locator(".growth-Widget")).to_have_count(0)

        panel = desk.open_area("Start scripts", "startup")
        panel.get_by_role("tab", name="Starts").click()
        expect(panel.locator(".growth-Row")).not_to_have_count(0)
        desk.shoot(f"without-manager-{request.node.callspec.id}")
