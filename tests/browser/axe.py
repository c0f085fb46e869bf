"""Accessibility of our own views, by axe-core."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

GRAVE = ("serious", "critical")


def find_violations(page: Page, *selectors: str) -> list[str]:
    """The serious and critical violations inside these elements: rule, place, what is wrong."""
    present = [selector for selector in selectors if page.locator(selector).count()]
    assert present, f"none of {selectors} is on the page"
    found = Axe().run(page, context={"include": [[one] for one in present]})
    return [
        f"{violation['id']} ({violation['impact']}) at {' '.join(map(str, node['target']))}: "
        f"{node['failureSummary'][:300]}"
        for violation in found.response["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
