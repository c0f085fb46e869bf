"""Notices as organisers write them, and whom they reach."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from growth_admin.core.errors import Conflict, InvalidInput, NotFound, StorageUnavailable
from growth_admin.core.schema import now
from growth_admin.servers.notices.board import NoticeBoard
from growth_admin.servers.notices.manager import NoticeManager
from growth_admin.servers.notices.models import NoticeChange, NoticeDraft, Restart
from growth_admin.servers.notices.replies import DropBox
from growth_admin.servers.notices.student.current import Owner
from tests.unit.servers.notices.conftest import JANE, School

MakeRestart = Callable[..., Restart]
MARKUP = "<img src=x onerror=alert(1)> & **bold**"

# ---- what may be written


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": ""}, "at least 1"),
        ({"text": " \n "}, "pattern"),
        ({"text": "x" * 1001}, "at most 1000"),
        ({"text": "x", "level": "loud"}, "info"),
        ({"text": "x", "link": "http://a.org"}, "https"),
        ({"text": "x", "link": "javascript:alert(1)"}, "https"),
        ({"text": "x", "link": "https://"}, "https"),
        ({"text": "x" * 141, "kind": "toast"}, "140"),
        ({"text": "x", "until": "2020-01-01T00:00:00Z"}, "passed"),
        ({"text": "x", "until": "2030-01-01T00:00:00"}, "timezone"),
        ({"text": "x", "colour": "red"}, "not permitted"),
        ({"text": "x", "kind": "toast", "restart": {"at": "2100-01-01T00:00:00Z"}}, "bar"),
        (
            {"text": "x", "restart": {"at": "2100-01-01T00:00:00Z", "may_postpone_min": 999}},
            "240",
        ),
    ],
)
def test_draft_when_it_makes_no_sense_then_it_is_refused_with_the_reason(
    fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        NoticeDraft.model_validate(fields)


def test_text_when_it_holds_markup_then_it_travels_as_it_is(school: School) -> None:
    school.post(MARKUP)
    assert school.shown_to(JANE)[0]["text"] == MARKUP


# ---- whom it reaches


@pytest.mark.parametrize(
    ("audience", "owner", "is_shown"),
    [
        ({}, JANE, True),
        ({"groups": ["students"]}, JANE, True),
        ({"groups": ["tas", "admins"]}, JANE, False),
        ({"users": ["jane"]}, JANE, True),
        ({"users": ["jane-doe"]}, JANE, False),
        ({"users": ["tom"], "groups": ["students"]}, JANE, True),
        ({"users": ["jane"]}, Owner("jane", "canary"), True),
        ({"servers": ["jane"]}, JANE, True),
        ({"servers": ["jane"]}, Owner("jane", "canary"), False),
        ({"servers": ["jane/canary"]}, Owner("jane", "canary"), True),
        ({"servers": ["jane/canary"]}, JANE, False),
        ({"groups": ["students"]}, Owner("ada"), False),
    ],
)
def test_notice_when_it_has_an_audience_then_only_that_sees_it(
    school: School, audience: dict[str, Any], owner: Owner, is_shown: bool
) -> None:
    school.post(audience=audience)
    assert bool(school.shown_to(owner)) == is_shown


def test_answer_when_a_notice_is_for_many_then_names_nobody_else(school: School) -> None:
    school.post(audience={"users": ["jane", "tom"], "servers": ["sue"]})
    shown = json.dumps(school.shown_to(JANE))
    assert "tom" not in shown and "sue" not in shown and "ada" not in shown


def test_notice_when_it_has_times_then_it_is_shown_between_them_only(school: School) -> None:
    school.post(since=now() + timedelta(minutes=5), until=now() + timedelta(minutes=9))
    assert [bool(school.shown_to(JANE, s)) for s in (0, 290, 310, 530, 550)] == [
        *(False, False, True, True, False)
    ]


def test_notice_when_without_an_end_then_it_is_gone_after_twelve_hours(school: School) -> None:
    school.post()
    assert school.shown_to(JANE, 11.9 * 3600)
    assert not school.shown_to(JANE, 12.1 * 3600)


def test_restart_when_the_server_was_started_after_it_was_announced_then_it_is_not_shown(
    school: School, restart: MakeRestart
) -> None:
    school.post(restart=restart())
    before, after = now().timestamp() - 60, now().timestamp() + 60
    assert school.shown_to(Owner("jane", started_s=before))
    assert not school.shown_to(Owner("jane", started_s=after))


def test_notices_when_there_are_very_many_then_the_newest_twenty_are_shown(school: School) -> None:
    for number in range(25):
        school.post(f"notice {number}")
    assert [n["text"] for n in school.shown_to(JANE)] == [f"notice {n}" for n in range(5, 25)]


# ---- change and withdraw


def test_notice_when_withdrawn_then_nobody_sees_it_and_it_says_who_did(school: School) -> None:
    notice = school.post().notice
    school.manager.withdraw(notice.id, user="marek")
    assert not school.shown_to(JANE)
    (row,) = school.manager.list_notices().notices
    assert (row.state, row.notice.withdrawn_by, row.notice.written_by) == (
        *("withdrawn", "marek", "ada"),
    )
    school.manager.withdraw(notice.id, user="ada")
    assert school.manager.list_notices().notices[0].notice.withdrawn_by == "marek"


def test_notice_when_changed_then_students_get_it_as_another_one(school: School) -> None:
    notice = school.post().notice
    (before,) = school.shown_to(JANE)
    later = now() + timedelta(hours=20)
    change = NoticeChange(text="Lunch is later", level="warning", until=later)
    school.manager.change(notice.id, change, user="marek")
    (after,) = school.shown_to(JANE)
    assert (after["id"], after["text"], after["level"]) == (notice.id, "Lunch is later", "warning")
    assert after["stamp"] != before["stamp"]
    assert school.shown_to(JANE, 15 * 3600)


def test_change_when_the_notice_is_over_or_unknown_then_refused(school: School) -> None:
    notice = school.post().notice
    school.manager.withdraw(notice.id, user="ada")
    with pytest.raises(Conflict):
        school.manager.change(notice.id, NoticeChange(text="x"), user="ada")
    with pytest.raises(NotFound):
        school.manager.withdraw("n-none", user="ada")
    with pytest.raises(NotFound):
        school.manager.get_notice("n-none")


def test_change_when_it_would_end_in_the_past_or_move_no_restart_then_refused(
    school: School,
) -> None:
    notice = school.post().notice
    for change in (
        NoticeChange(until=now() - timedelta(minutes=1)),
        NoticeChange(restart_at=now() + timedelta(minutes=1)),
    ):
        with pytest.raises(InvalidInput):
            school.manager.change(notice.id, change, user="ada")


def test_restart_when_moved_for_one_then_only_that_one_has_more_time(
    school: School, restart: MakeRestart
) -> None:
    notice = school.post(restart=restart(), audience={"servers": ["jane", "tom"]}).notice
    assert notice.restart is not None
    later = notice.restart.at + timedelta(minutes=10)
    school.manager.settle(notice.id, {"jane": later}, user="ada")
    times = [school.shown_to(Owner(name))[0]["restart"]["at_s"] for name in ("jane", "tom")]
    assert times == [later.timestamp(), notice.restart.at.timestamp()]


def test_restart_when_it_takes_hours_then_the_last_wave_sees_it_until_its_turn(
    school: School, restart: MakeRestart
) -> None:
    planned = restart(10, may_postpone_min=10, moved={"jane": now() + timedelta(hours=3)})
    notice = school.post("Restart", restart=planned).notice
    assert school.shown_to(JANE, in_s=2.9 * 3600)
    assert school.shown_to(JANE, in_s=3.6 * 3600)  # somebody may have asked for more time
    assert school.shown_to(JANE, in_s=3.8 * 3600) == []
    later = now() + timedelta(hours=5)
    school.manager.settle(notice.id, {"jane": later}, user="ada")
    assert school.shown_to(JANE, in_s=5.4 * 3600)
    assert school.shown_to(JANE, in_s=5.6 * 3600) == []


# ---- several organisers at once, and disks


def test_board_when_many_write_at_once_then_no_notice_is_lost_and_the_public_file_is_the_newest(
    school: School,
) -> None:
    def write(number: int) -> None:
        manager = NoticeManager(NoticeBoard(school.paths), DropBox(school.paths.replies))
        for turn in range(4):
            manager.post(NoticeDraft(text=f"{number}-{turn}"), user=str(number))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    texts = {f"{number}-{turn}" for number in range(5) for turn in range(4)}
    assert {row.notice.text for row in school.manager.list_notices().notices} == texts
    public = json.loads((school.paths.notices / "current.json").read_text())
    assert {notice["text"] for notice in public["notices"]} == texts


def test_list_when_a_server_was_killed_before_the_public_file_then_it_is_made_good(
    school: School,
) -> None:
    school.post("first")
    public = school.paths.notices / "current.json"
    old = public.read_bytes()
    school.post("second")
    public.write_bytes(old)
    assert [n["text"] for n in school.shown_to(JANE)] == ["first"]
    school.manager.list_notices()
    assert [n["text"] for n in school.shown_to(JANE)] == ["first", "second"]


def test_post_when_the_shared_folder_is_not_mounted_then_it_says_so(school: School) -> None:
    school.paths.shared_root.rmdir()
    with pytest.raises(StorageUnavailable, match="not there"):
        school.post()
    assert school.manager.list_notices().notices == ()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"notices": 3}', '{"notices": [{"id": 1}, 7]}'])
def test_public_file_when_damaged_then_a_student_sees_nothing_of_it(
    school: School, text: str
) -> None:
    school.post()
    (school.paths.notices / "current.json").write_text(text)
    with suppress(ValueError):  # then the desk goes on with what was known last
        assert school.shown_to(JANE) == []


def test_folder_when_others_may_write_around_it_then_the_list_says_what_to_do(
    school: School,
) -> None:
    school.post()
    assert school.manager.list_notices().problems == ()
    school.paths.shared_state.chmod(0o2775)
    (problem,) = school.manager.list_notices().problems
    assert "chmod +t" in problem
    school.post()
    assert school.manager.list_notices().problems == ()
    school.paths.replies.chmod(0o700)
    (problem,) = school.manager.list_notices().problems
    assert "receipts" in problem
