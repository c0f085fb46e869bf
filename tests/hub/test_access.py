"""Nobody gets in: every route and verb, with each kind of visitor, on a real hub.

Routes come from ``all_routes()``, so a new one enters by itself. A *leak* is any answer but a
refusal to somebody who must be refused. The table is printed at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
import requests

from growth_admin.api.operation import METHODS, READS, Route
from growth_admin.routes import all_routes
from tests.hub.school import School
from tests.hub.visitors import ADMIN, EXAMPLES, Visitor, Visitors

REFUSED = (401, 403)
STUDENT, OTHER_STUDENT, TA = "Jane-Doe", "chen-wei", "Priya-N"
TA_MAY = ("any", "datasets")
"""Areas of permissions: what everybody with an area may, and their own."""
GRANTED_MAY = (*TA_MAY, "servers")


@pytest.fixture(scope="module")
def visitors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    """Visitors of a school of their own: they share servers and switch consoles on."""
    with School.open(tmp_path_factory.mktemp("access")) as school:
        yield Visitors(school)


@pytest.fixture(scope="module")
def granted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    """Visitors of a school whose TAs may restart students' servers."""
    with School.open(tmp_path_factory.mktemp("granted"), GROWTH_TA_RESTARTS="1") as school:
        yield Visitors(school)


def _nobody(v: Visitors) -> Visitor:
    v.at_home(ADMIN)
    return Visitor("nobody, at an admin's server", "", v.sender(v.school.browser(), ADMIN.lower()))


def _student_own(v: Visitors) -> Visitor:
    browser = v.at_home(STUDENT, is_forced=True)
    return Visitor("student, own server, console forced on", "", v.sender(browser, STUDENT.lower()))


def _student_plain(v: Visitors) -> Visitor:
    browser = v.at_home("kofi-mensah")
    return Visitor("student, own server as it is", "", v.sender(browser, "kofi-mensah"))


def _student_shared(v: Visitors) -> Visitor:
    v.at_home(ADMIN)
    v.at_home(OTHER_STUDENT, is_forced=True)
    v.share(ADMIN.lower(), OTHER_STUDENT.lower())
    browser = v.visiting(OTHER_STUDENT, ADMIN.lower())
    return Visitor("student, on a shared admin's server", "", v.sender(browser, ADMIN.lower()))


def _ta_own(v: Visitors) -> Visitor:
    """A TA has datasets, their jobs and their part of the audit; nothing of an admin's."""
    browser = v.at_home(TA, is_forced=True)
    send = v.sender(browser, TA.lower())
    return Visitor("TA, own server, console forced on", "", send, areas=TA_MAY)


def _ta_shared(v: Visitors) -> Visitor:
    v.at_home(ADMIN)
    v.at_home(TA, is_forced=True)
    v.share(ADMIN.lower(), TA.lower())
    return Visitor(
        "TA, on a shared admin's server", "", v.sender(v.visiting(TA, ADMIN.lower()), ADMIN.lower())
    )


def _admin_own(v: Visitors) -> Visitor:
    browser = v.at_home(ADMIN)
    send = v.sender(browser, ADMIN.lower())
    return Visitor("admin, own server", "", send, may_read=True, may_change=True)


def _admin_at_student(v: Visitors) -> Visitor:
    v.at_home(STUDENT, is_forced=True)
    browser = v.visiting(ADMIN, STUDENT.lower())
    return Visitor("admin, on a student's server", "", v.sender(browser, STUDENT.lower()))


def _removed_admin(v: Visitors) -> Visitor:
    login, browser = v.removed_admin()
    return Visitor("removed admin, live session", "", v.sender(browser, login.lower()))


def _stolen_token(v: Visitors) -> Visitor:
    v.at_home(STUDENT, is_forced=True)
    token = v.stolen_token(STUDENT)
    return Visitor(
        "admin's token stolen by a student's server", "", v.token_sender(token, ADMIN.lower())
    )


def _student_token(v: Visitors) -> Visitor:
    v.at_home(STUDENT, is_forced=True)
    v.at_home(ADMIN)
    token = v.school.server_token(STUDENT.lower())
    return Visitor(
        "student's server token, at an admin's", "", v.token_sender(token, ADMIN.lower())
    )


def _ta_token(v: Visitors) -> Visitor:
    v.at_home(TA, is_forced=True)
    v.at_home(ADMIN)
    token = v.school.server_token(TA.lower())
    return Visitor("TA's server token, at an admin's", "", v.token_sender(token, ADMIN.lower()))


def _canary_token(v: Visitors) -> Visitor:
    """What a candidate script or image finds in its environment."""
    v.at_home(ADMIN)
    v.school.start(ADMIN.lower(), "canary")
    token = v.school.server_token(ADMIN.lower(), "canary")
    return Visitor("token of the admin's own canary", "", v.token_sender(token, ADMIN.lower()))


def _no_xsrf(v: Visitors) -> Visitor:
    browser = v.at_home(ADMIN)
    send = v.sender(browser, ADMIN.lower(), xsrf=False)
    return Visitor("admin's cookie without XSRF", "", send, may_read=True)


MAKERS: tuple[Callable[[Visitors], Visitor], ...] = (
    _nobody,
    _student_plain,
    _student_own,
    _student_shared,
    _ta_own,
    _ta_shared,
    _admin_own,
    _admin_at_student,
    _removed_admin,
    _stolen_token,
    _student_token,
    _ta_token,
    _canary_token,
    _no_xsrf,
)


def _granted_ta_own(v: Visitors) -> Visitor:
    """A TA whom the school lets restart students' servers."""
    send = v.sender(v.at_home(TA, is_forced=True), TA.lower())
    return Visitor("granted TA, own server, console forced on", "", send, areas=GRANTED_MAY)


def _granted_ta_shared(v: Visitors) -> Visitor:
    v.at_home(ADMIN)
    v.share(ADMIN.lower(), TA.lower())
    send = v.sender(v.visiting(TA, ADMIN.lower()), ADMIN.lower())
    return Visitor("granted TA, on a shared admin's server", "", send)


def _granted_ta_token(v: Visitors) -> Visitor:
    v.at_home(ADMIN)
    v.at_home(TA, is_forced=True)
    token = v.school.server_token(TA.lower())
    return Visitor(
        "granted TA's server token, at an admin's", "", v.token_sender(token, ADMIN.lower())
    )


def _granted_student(v: Visitors) -> Visitor:
    send = v.sender(v.at_home(STUDENT, is_forced=True), STUDENT.lower())
    return Visitor("student where TAs are granted, console forced on", "", send)


GRANTED_MAKERS: tuple[Callable[[Visitors], Visitor], ...] = (
    _granted_ta_own,
    _granted_ta_shared,
    _granted_ta_token,
    _granted_student,
)


def _is_expected_to_enter(visitor: Visitor, route: Route, method: str) -> bool:
    declared = route.operations().get(method)
    if visitor.areas and declared:
        permission = declared.permission
        return permission.area in visitor.areas and not permission.is_for_admins
    return visitor.may_read if method in READS else visitor.may_change


def _path(route: Route) -> str:
    return "/growth/api/" + re.sub(r"\{(\w+)\}", lambda m: EXAMPLES[m.group(1)], route.path)


def _is_refusal(reply: requests.Response, visitor: Visitor) -> bool:
    if reply.status_code in REFUSED:
        return True
    is_to_login = (
        reply.status_code == 302 and "/hub/api/oauth2/authorize" in reply.headers["Location"]
    )
    is_not_there = reply.status_code == 404 and "as it is" in visitor.name
    return is_to_login or is_not_there


def _is_let_in_though(reply: requests.Response) -> bool:
    """Whether the visitor was let in, and what lies behind is not there in a test."""
    return reply.status_code == 501 or "problem:index-unavailable" in reply.text


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__.strip("_"))
def test_every_route_when_visited_then_only_the_right_visitor_enters(
    visitors: Visitors,
    make: Callable[[Visitors], Visitor],
    record_property: Callable[[str, object], None],
) -> None:
    _visit_all(make(visitors), record_property)


@pytest.mark.parametrize("make", GRANTED_MAKERS, ids=lambda make: make.__name__.strip("_"))
def test_every_route_when_tas_are_granted_restarts_then_only_servers_are_open_besides(
    granted: Visitors,
    make: Callable[[Visitors], Visitor],
    record_property: Callable[[str, object], None],
) -> None:
    _visit_all(make(granted), record_property)


def _visit_all(visitor: Visitor, record_property: Callable[[str, object], None]) -> None:
    pairs = [(route, method) for route in all_routes() for method in METHODS]
    leaks: list[str] = []
    wrongly_refused: list[str] = []
    refused = 0
    for route, method in pairs:
        reply = visitor.send(
            method, _path(route), {} if method in ("POST", "PUT", "PATCH") else None
        )
        is_undeclared = method not in route.operations()
        is_out = _is_refusal(reply, visitor) or (is_undeclared and reply.status_code == 405)
        refused += is_out
        if is_undeclared:
            if not is_out:
                leaks.append(f"{method} {route.path}: undeclared, {reply.status_code}")
        elif _is_expected_to_enter(visitor, route, method):
            is_broken = reply.status_code >= 500 and not _is_let_in_though(reply)
            if is_out or is_broken:
                wrongly_refused.append(
                    f"{method} {route.path}: {reply.status_code} {reply.text[:200]}"
                )
        elif not is_out:
            leaks.append(f"{method} {route.path}: {reply.status_code} {reply.text[:200]}")
    row = visitor.name, len(pairs), refused, len(pairs) - refused, len(leaks)
    record_property("visitor", row)
    assert not leaks, f"{visitor.name} got in:\n" + "\n".join(leaks)
    assert not wrongly_refused, f"{visitor.name} was kept out:\n" + "\n".join(wrongly_refused)
