"""The Images panel in a theme and a width, looked at part by part."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Locator

from tests.browser.axe import find_violations
from tests.browser.desk import Desk
from tests.browser.test_looks import change_theme, overflow_px

WIDTHS = {"wide": (1440, 900), "narrow": (420, 800)}


@dataclass
class Look:
    """A look at the panel as it is now: a picture, what axe finds, and that nothing is cut off."""

    desk: Desk
    panel: Locator
    how: str
    found: list[str] = field(default_factory=list)
    """What axe found grave so far."""

    def __call__(self, name: str) -> None:
        """Look, and call what is seen so."""
        self.desk.shoot(f"{self.how}-{name}")
        found = find_violations(self.desk.page, ".growth-LabPanel")
        self.found += [f"{name}: {line}" for line in found]
        assert overflow_px(self.panel) <= 1, name


def open_images(desk: Desk, url: str, theme: str, width: str) -> tuple[Locator, Look]:
    """Open the panel in a Lab; return it, and what looks at it."""
    desk.open_lab(url)
    change_theme(desk, theme)
    panel = desk.open_area("Images", "images")
    desk.close_left_area()
    columns, rows = WIDTHS[width]
    desk.page.set_viewport_size({"width": columns, "height": rows})
    return panel, Look(desk, panel, f"{theme}-{width}")
