"""The school-day check, executed against a real school."""

from __future__ import annotations

import os

from tests.hub.school import School
from tests.notebooks.running import FROM_SERVER, run

ADMIN = "ada-okafor"


def test_school_day_check_when_run_then_every_line_is_told(
    school: School,
) -> None:
    school.login("Ada-Okafor")
    if not school.server(ADMIN):
        school.start(ADMIN)
    of_server = school.server_environment(ADMIN)
    environment = {**os.environ, **{name: of_server[name] for name in FROM_SERVER}}
    printed = run("T00-the-school-day-check.ipynb", environment)
    assert "You are ada-okafor" in printed
    assert "Homes" in printed and "Start scripts" in printed
    assert "All 7 steps in" in printed or "6 of 7 steps in" in printed
    assert "red line" in printed and "The school today" in printed
