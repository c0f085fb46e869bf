"""Notebooks in somebody's Lab: written to the disk, opened, run by keys."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.desk import Desk


def write_notebook(folder: Path, name: str, *cells: str) -> None:
    """Put a notebook with these code cells into a folder."""
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{number}",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(cells)
        ],
    }
    (folder / name).write_text(json.dumps(notebook))


def open_notebook(desk: Desk, url: str) -> Locator:
    """Open a notebook in Lab by its address and wait for its kernel; the notebook."""
    desk.open_lab(url)
    notebook = desk.page.locator(".jp-NotebookPanel")
    expect(desk.page.locator("#jp-main-statusbar")).to_contain_text("Idle")
    return notebook


def run_cell(desk: Desk, notebook: Locator, number: int) -> Locator:
    """Run a cell and wait until the kernel has done it; its output."""
    cell = notebook.locator(".jp-Notebook-cell").nth(number)
    cell.locator(".jp-InputArea-editor").click()
    desk.page.keyboard.press("Control+Enter")
    expect(cell.locator(".jp-InputPrompt")).to_contain_text("[")
    expect(cell.locator(".jp-InputPrompt")).not_to_contain_text("*")
    return cell.locator(".jp-OutputArea")
