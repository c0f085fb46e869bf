"""Helping a student on a real hub: who sees what, and whom the hub really lets in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from growth_admin.servers.help.access import opens
from tests.hub.school import Browser, School

ADMIN, TA, STUDENT, OTHER = "Ada-Okafor", "Priya-N", "Jane-Doe", "chen-wei"
PUPIL = STUDENT.lower()


@pytest.fixture
def visited(either_school: School) -> Iterator[School]:
    """A school that others share too: nobody's server runs on when the test is over."""
    yield either_school
    for user in either_school.hub_api("GET", "users", params={"state": "active"}).json():
        either_school.stop(user["name"])


def at_home(school: School, login: str) -> Browser:
    """Return the browser of somebody who has the own Lab open."""
    browser = school.login(login)
    if not school.server(login.lower()):
        school.start(login.lower())
    assert school.open_lab(browser, login.lower()).status_code == 200
    return browser


def started(school: School, login: str) -> None:
    """Have somebody's server run."""
    school.login(login)
    if not school.server(login.lower()):
        school.start(login.lower())


def console(school: School, browser: Browser, login: str, method: str, path: str, **kw: Any) -> Any:
    """Return what the console on one's own server answers."""
    owner = login.lower()
    headers = browser.xsrf(f"/user/{owner}/")
    url = f"{school.server_url(owner)}/growth/api/{path}"
    return browser.request(method, url, headers=headers, **kw)


def test_help_when_an_organiser_opens_the_students_server_then_it_is_told_recorded_and_works(
    visited: School,
) -> None:
    school = visited
    started(school, STUDENT)
    browser = at_home(school, ADMIN)
    told = console(school, browser, ADMIN, "GET", f"servers/help/{PUPIL}").json()
    assert told["access"]["is_open"], told["access"]
    assert told["access"]["url"] == f"/user/{PUPIL}/"
    assert [one["state"] for one in told["servers"]] == ["ready"]
    assert told["starts"][0]["state"] in ("ok", "old-revision")
    assert {one["script"] for one in told["logs"]} == {"as-root.sh", "as-user.sh"}
    assert told["home"]["source"] == "disk" and told["home"]["files_bytes"] > 0
    opening = console(school, browser, ADMIN, "POST", f"servers/help/{PUPIL}/openings", json={})
    assert opening.status_code == 201, opening.text
    entries = console(school, browser, ADMIN, "GET", "audit/entries").json()["entries"]
    recorded = next(e for e in entries if e["permission"] == "servers.servers:open")
    assert (recorded["user"], recorded["target"]) == (ADMIN.lower(), PUPIL)
    assert school.open_lab(browser, PUPIL).status_code == 200
    status = browser.get(f"{school.url}{opening.json()['url']}api/status")
    assert (status.status_code, "kernels" in status.json()) == (200, True)


@pytest.mark.parametrize("login", [TA, OTHER])
def test_open_when_not_an_organiser_then_the_hub_lets_nobody_in(
    visited: School, login: str
) -> None:
    school = visited
    started(school, STUDENT)
    browser = at_home(school, login)
    assert school.open_lab(browser, PUPIL).status_code == 403
    status = browser.get(f"{school.server_url(PUPIL)}/api/status", allow_redirects=False)
    assert status.status_code in (302, 403)
    token = school.server_token(login.lower())
    headers = {"Authorization": f"token {token}"}
    refused = school.browser().get(f"{school.server_url(PUPIL)}/api/status", headers=headers)
    assert refused.status_code == 403
    assert "GROWTH_BROWSER_SCOPES" not in school.server_environment(login.lower())


def test_told_scopes_when_compared_with_what_the_hub_holds_then_the_same(
    visited: School,
) -> None:
    school = visited
    started(school, ADMIN)
    told = school.server_environment(ADMIN.lower())["GROWTH_BROWSER_SCOPES"].split(",")
    held = school.hub_api("GET", "user", school.token(ADMIN.lower())).json()["scopes"]
    assert opens(told, PUPIL, "", ("students",))
    assert "access:servers" in held
    own = school.hub_api("GET", "user", school.server_token(ADMIN.lower())).json()["scopes"]
    assert not opens(own, PUPIL, "", ("students",)), "the token that code on the server can read"


@pytest.fixture(scope="module")
def granted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school whose TAs may restart students' servers."""
    root: Path = tmp_path_factory.mktemp("granted")
    with School.open(root, hub_python=sys.executable, GROWTH_TA_RESTARTS="1") as school:
        yield school


def test_help_when_a_ta_may_restart_then_sees_the_state_but_no_log_and_may_not_open(
    granted: School,
) -> None:
    started(granted, STUDENT)
    browser = at_home(granted, TA)
    told = console(granted, browser, TA, "GET", f"servers/help/{PUPIL}").json()
    assert [one["state"] for one in told["servers"]] == ["ready"]
    assert (told["starts"], told["logs"], told["home"]) == ([], [], None)
    assert "organisers" in told["notes"][0]
    assert not told["access"]["is_open"] and "access:servers" in told["access"]["detail"]
    refused = console(granted, browser, TA, "POST", f"servers/help/{PUPIL}/openings", json={})
    assert refused.status_code == 403
    log = console(granted, browser, TA, "GET", f"startup/starts/{PUPIL}/logs/as-user.sh")
    assert log.status_code in (403, 404)
    nobody = console(granted, browser, TA, "GET", f"servers/help/{ADMIN.lower()}")
    assert nobody.status_code == 404, "a TA sees students only"
