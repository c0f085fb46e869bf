"""One person's Lab in Chromium: what a test does there, and what it sees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    expect,
)

from tests.hub.school import Browser as Session
from tests.hub.school import School

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
WAIT_MS = 45_000.0
STILL = "*, *::before, *::after { transition: none !important; caret-color: transparent; }"

expect.set_options(timeout=WAIT_MS)


class Desk:
    """A page with a JupyterLab in it."""

    def __init__(self, page: Page, folder: str) -> None:
        self.page = page
        self.folder = ARTIFACTS / folder
        self.faults: list[str] = []
        self.requests: list[str] = []
        self.is_outage_expected = False
        """The server goes away in this test: JupyterLab's own code then fails, loudly."""
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", self._note_page_error)
        page.on("console", self._note_console)
        page.on("request", self._note_request)

    def _note_page_error(self, error: Error) -> None:
        is_labs_own = bool(error.stack) and "growth-admin" not in str(error.stack)
        if not (self.is_outage_expected and is_labs_own):
            self.faults.append(f"page error: {error}\n{error.stack}")

    def _note_console(self, message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        is_answer = message.text.startswith("Failed to load resource")  # an answer of the server
        if message.type == "error" and not is_answer and "growth" in where + message.text:
            self.faults.append(f"console: {message.text} ({where})")

    def _note_request(self, request: Request) -> None:
        self.requests.append(request.url)

    # ---- the Lab around our panels

    def open_lab(self, url: str) -> None:
        """Go to a Lab and wait until it stands."""
        self.page.goto(url, timeout=WAIT_MS)
        self.wait_for_lab()

    def wait_for_lab(self) -> None:
        """Wait until Lab is drawn and restored."""
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")
        self.page.locator(".jp-Launcher, .jp-NotebookPanel, .growth-LabPanel").first.wait_for()

    def expect_labs_dialog(self) -> None:
        """Put JupyterLab's own words about an unreachable server away whenever they come."""
        dialog = self.page.locator(".jp-Dialog", has_text="unreachable")
        self.page.add_locator_handler(
            dialog, lambda found: found.get_by_role("button", name="Dismiss").click()
        )

    @property
    def school_icon(self) -> Locator:
        """The icon of our sidebar."""
        return self.page.locator('.jp-SideBar [data-id="growth-admin-sidebar"]')

    @property
    def sidebar(self) -> Locator:
        """Our sidebar, open or not."""
        return self.page.locator("#growth-admin-sidebar")

    def card(self, label: str) -> Locator:
        """Our card in the launcher."""
        section = self.page.locator(".jp-Launcher-section", has_text="School")
        return section.locator(".jp-LauncherCard", has_text=label)

    def panel(self, area: str) -> Locator:
        """An area's panel in the main area."""
        return self.page.locator(f"#growth-admin-{area}")

    def open_area(self, label: str, area: str) -> Locator:
        """Open an area by its line in the sidebar; its panel."""
        if not self.sidebar.is_visible():
            self.school_icon.click()
        self.sidebar.locator(".growth-AreaLine", has_text=label).click()
        panel = self.panel(area)
        expect(panel).to_be_visible()
        return panel

    @contextmanager
    def palette(self, text: str = "") -> Iterator[Locator]:
        """The command palette, open inside the `with`, with this text typed."""
        self.page.keyboard.press("Control+Shift+C")
        palette = self.page.locator(".jp-ModalCommandPalette")
        expect(palette).to_be_visible()
        self.page.keyboard.insert_text(text)
        yield palette
        if palette.is_visible():
            self.page.keyboard.press("Escape")
        expect(palette).to_be_hidden()

    def run_command(self, label: str) -> None:
        """Run a command by its words in the command palette."""
        with self.palette(label) as palette:
            exact = re.compile(rf"^\s*{re.escape(label)}\s*$")
            item = palette.locator(".lm-CommandPalette-item").filter(
                has=self.page.locator(".lm-CommandPalette-itemLabel", has_text=exact)
            )
            expect(item).to_be_visible()
            item.click()

    def run_command_by_keys(self, label: str) -> None:
        """Type a command's words into the palette and press Enter on the first one found."""
        with self.palette(label) as palette:
            active = palette.locator(".lm-CommandPalette-item.lm-mod-active")
            expect(active).to_contain_text(label)
            self.page.keyboard.press("Enter")

    def close_left_area(self) -> None:
        """Fold the left area, whatever is open there."""
        current = self.page.locator(".jp-SideBar.jp-mod-left .lm-mod-current")
        if current.count():
            current.click()

    # ---- seeing

    def shoot(self, name: str) -> Path:
        """A screenshot of the whole window into the artifacts."""
        path = self.folder / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, style=STILL)
        return path

    def api_requests(self) -> list[str]:
        """The requests to our API since the page was opened."""
        return [url for url in self.requests if "/growth/api" in url]

    def assert_no_faults(self) -> None:
        """Fail when our code threw or wrote an error to the console."""
        assert not self.faults, "\n".join(self.faults)


def log_in_by_hand(page: Page, school: School, login: str) -> None:
    """As a person does: the hub's page, GitHub's page, back."""
    page.goto(school.url, timeout=WAIT_MS)
    page.get_by_role("button", name=re.compile("Sign in with GitHub")).or_(
        page.get_by_role("link", name=re.compile("Sign in with GitHub"))
    ).click()
    page.locator(f'button[name=login][value="{login}"]').click()


def take_cookies(context: BrowserContext, session: Session) -> None:
    """Let a browser be where a session of `requests` has logged in already."""
    context.add_cookies(
        [
            {
                "name": cookie.name,
                "value": cookie.value or "",
                "domain": "127.0.0.1",
                "path": cookie.path,
            }
            for cookie in session.cookies
        ]
    )


NewDesk = Callable[..., Desk]


def open_desk(browser: Browser, folder: str, **options: Any) -> Desk:
    """A new context with one page, light, 1440 x 900."""
    chosen = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light", **options}
    context = browser.new_context(**chosen)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    return Desk(context.new_page(), folder)
