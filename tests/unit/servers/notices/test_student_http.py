"""A student's routes on a real server: who gets in, what they are told, and what it costs them."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from growth_admin.core.paths import Paths
from growth_admin.core.schema import now
from growth_admin.servers.notices.board import NoticeBoard
from growth_admin.servers.notices.manager import NoticeManager
from growth_admin.servers.notices.models import NoticeDraft
from growth_admin.servers.notices.replies import DropBox
from tests.console import Console, running_console

REFUSED = 403
PAGE = """
def _jupyter_server_extension_points():
    return [{"module": "page"}]

def _load_jupyter_server_extension(app):
    import pathlib
    app.io_loop.add_callback(lambda: pathlib.Path("page.json").write_text(
        __import__("json").dumps(app.web_app.settings["page_config_data"])))
"""


class Student:
    """A student's server, and the organisers' manager over the same disk."""

    def __init__(self, console: Console) -> None:
        self.console = console
        paths = Paths(console.root / "admin", console.root / "nfs")
        self.paths = paths
        self.manager = NoticeManager(NoticeBoard(paths), DropBox(paths.replies))
        self.key = json.loads((console.root / "page.json").read_text())["growthNotices"]

    def ask(self, method: str, path: str, key: str | None = "", **options: Any) -> Any:
        """Send a request with the page's key, another one, or (None) without."""
        headers = {} if key is None else {"X-Growth-Notices": key or self.key}
        headers |= options.pop("headers", {})
        url = self.console.api + path
        return requests.request(method, url, headers=headers, timeout=30, **options)

    def reply(self, **body: Any) -> Any:
        """What the page posts."""
        return self.ask("POST", "notices/replies", json=body)


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Student]:
    root: Path = tmp_path_factory.mktemp("student")
    (root / "page.py").write_text(PAGE)
    settings = ("--GrowthAdmin.standalone=False",)
    env = {"JUPYTERHUB_USER": "jane", "GROWTH_GROUPS": "students"}
    with running_console(
        root, *settings, env=env, extensions=("page",), python_path=(root,)
    ) as console:
        yield Student(console)


@pytest.fixture(autouse=True)
def empty(student: Student) -> None:
    """Withdraw what the test before has left."""
    for row in student.manager.list_notices().notices:
        student.manager.withdraw(row.notice.id, user="ada")


def last_activity(student: Student) -> str:
    return str(student.console.ask("GET", "../../api/status").json()["last_activity"])


def test_page_when_it_has_the_key_then_it_reads_without_any_login(student: Student) -> None:
    student.manager.post(NoticeDraft(text="Lunch"), user="ada")
    answer = student.ask("GET", "notices/mine")
    assert [n["text"] for n in answer.json()["notices"]] == ["Lunch"]
    assert answer.headers["Cache-Control"] == "no-cache"
    assert len(student.key) >= 40


@pytest.mark.parametrize("key", ["x", "x" * 43, "ä", None])
@pytest.mark.parametrize(("method", "path"), [("GET", "mine"), ("POST", "replies")])
def test_visitor_when_the_key_is_wrong_or_missing_then_refused(
    student: Student, method: str, path: str, key: str | None
) -> None:
    headers = {} if key is None else {"X-Growth-Notices": key.encode()}
    answer = student.ask(method, f"notices/{path}", None, json={}, headers=headers)
    assert answer.status_code == REFUSED


def test_visitor_when_the_key_is_wrong_but_the_login_is_right_then_refused(
    student: Student,
) -> None:
    headers = {"Authorization": f"token {student.console.token}"}
    answer = student.ask("GET", "notices/mine", "wrong", headers=headers)
    assert answer.status_code == REFUSED
    assert student.ask("GET", "notices/mine", None, headers=headers).status_code == 200


def test_visitor_when_the_key_comes_from_a_foreign_page_then_refused(student: Student) -> None:
    headers = {"Origin": "https://evil.example"}
    assert student.ask("GET", "notices/mine", headers=headers).status_code == REFUSED
    answer = student.ask("POST", "notices/replies", json={}, headers=headers)
    assert answer.status_code == REFUSED


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_route_when_asked_with_another_verb_then_refused(student: Student, method: str) -> None:
    for path in ("mine", "replies"):
        assert student.ask(method, f"notices/{path}", json={}).status_code == 405


def test_server_when_it_is_a_students_then_no_other_route_of_ours_is_there(
    student: Student,
) -> None:
    for path in ("me", "servers/notices", "openapi.json", "notices"):
        assert student.ask("GET", path).status_code in (403, 404)


def test_poll_when_nothing_changed_then_it_is_304_and_a_new_notice_is_not(
    student: Student,
) -> None:
    student.manager.post(NoticeDraft(text="Lunch"), user="ada")
    first = student.ask("GET", "notices/mine")
    mark = {"If-None-Match": first.headers["Etag"]}
    again = student.ask("GET", "notices/mine", headers=mark)
    assert (again.status_code, again.content) == (304, b"")
    assert "Date" in again.headers
    student.manager.post(NoticeDraft(text="Tea"), user="ada")
    assert student.ask("GET", "notices/mine", headers=mark).status_code == 200


def test_poll_when_repeated_then_it_is_no_activity_of_the_student(student: Student) -> None:
    before = last_activity(student)
    time.sleep(1.1)
    for _ in range(3):
        assert student.ask("GET", "notices/mine").status_code == 200
        student.reply(notice="n", kind="seen")
    assert last_activity(student) == before
    student.console.ask("GET", "../../api/contents")
    assert last_activity(student) != before


def test_reply_when_left_then_the_organiser_reads_it(student: Student) -> None:
    at = now() + timedelta(minutes=10)
    draft = NoticeDraft.model_validate(
        {"text": "Restart", "restart": {"at": at, "may_postpone_min": 10, "may_go_now": True}}
    )
    notice = student.manager.post(draft, user="ada").notice
    for said in (
        {"kind": "seen"},
        {"kind": "saved", "documents": 3, "unsaved": 1},
        {"kind": "postpone", "minutes": 10},
        {"kind": "ready"},
    ):
        assert student.reply(notice=notice.id, **said).json() == {"is_kept": True}
    (receipt,) = student.manager.get_notice(notice.id).receipts
    assert (receipt.user, receipt.documents, receipt.unsaved, receipt.wants_min) == (
        *("jane", 3, 1, 10),
    )
    assert receipt.seen and receipt.saved and receipt.ready and receipt.wants_time


def test_reply_when_it_makes_no_sense_then_400_and_nothing_is_kept(student: Student) -> None:
    assert student.reply(notice="x", kind="shout").status_code == 400
    assert student.reply(notice="unknown", kind="seen").json() == {"is_kept": False}


def test_poll_when_the_file_is_a_pipe_then_the_server_answers_at_once(student: Student) -> None:
    student.manager.post(NoticeDraft(text="Lunch"), user="ada")
    assert student.ask("GET", "notices/mine").json()["notices"]
    public = student.paths.notices / "current.json"
    public.unlink()
    os.mkfifo(public)
    try:
        begun_s = time.monotonic()
        assert [n["text"] for n in student.ask("GET", "notices/mine").json()["notices"]] == [
            "Lunch"
        ]
        assert time.monotonic() - begun_s < 2
    finally:
        public.unlink()


def test_key_when_the_server_logs_then_it_is_in_no_line(student: Student) -> None:
    student.ask("GET", "notices/mine", "wrong")
    student.ask("POST", "notices/replies", data=b"{")
    assert not re.search(re.escape(student.key), student.console.log())
