"""O07, executed against a real school."""

from __future__ import annotations

import os

from growth_admin.client import GrowthClient
from tests.hub.school import School
from tests.notebooks.running import FROM_SERVER, run

ADMIN = "ada-okafor"


def test_tell_everybody_something_when_run_then_it_is_shown_and_can_be_taken_back(
    school: School,
) -> None:
    school.login("Ada-Okafor")
    if not school.server(ADMIN):
        school.start(ADMIN)
    of_server = school.server_environment(ADMIN)
    environment = {**os.environ, **{name: of_server[name] for name in FROM_SERVER}}
    client = GrowthClient(school.server_url(ADMIN), environment["JUPYTERHUB_API_TOKEN"])

    printed = run(
        "O07-tell-everybody-something.ipynb", environment, text="Lunch", groups=["students"]
    )
    (row,) = client.notices.list_notices().notices
    assert (row.state, row.notice.text, row.audience) == ("shown", "Lunch", "students")
    assert "To students, as a bar (info)" in printed and "0 have seen it" in printed
    client.notices.withdraw(row.notice.id)

    printed = run("O07-tell-everybody-something.ipynb", environment, text="Tea", undo=True)
    newest = client.notices.list_notices().notices[0]
    assert (newest.notice.text, newest.state) == ("Tea", "withdrawn")
    assert "is withdrawn" in printed
