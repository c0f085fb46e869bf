"""Chromium, and a school of its own for these tests: they change what is live."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.desk import ARTIFACTS, Desk, NewDesk, open_desk
from tests.browser.lab import CHROMIUM, CHROMIUM_ARGS
from tests.hub.conftest import school

__all__ = ["chromium", "new_desk", "school"]

FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures know that their test has failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One Chromium for each file; its loop is closed before other tests need one.

    Not for each folder: a file elsewhere that takes this fixture would keep it to the end.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture
def new_desk(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[NewDesk]:
    """Makes desks; when the test ends, each is closed and none may have had a fault.

    A test that failed leaves what was on each desk in tests/artifacts/failed.
    """
    desks: list[Desk] = []

    def make(folder: str, **options: Any) -> Desk:
        desks.append(open_desk(chromium, folder, **options))
        return desks[-1]

    yield make
    for number, desk in enumerate(desks):
        if request.node.stash.get(FAILED, False):
            desk.page.screenshot(path=ARTIFACTS / "failed" / f"{request.node.name}-{number}.png")
        desk.page.context.close()
    for desk in desks:
        desk.assert_no_faults()
