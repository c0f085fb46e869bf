"""What students' servers leave in the drop box, and what organisers believe of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from growth_admin.core.errors import Conflict
from growth_admin.core.schema import now
from growth_admin.servers.notices.models import Restart
from growth_admin.servers.notices.replies import (
    LIMIT_BYTES,
    Dropped,
    ReplyFile,
    attribute,
)
from growth_admin.servers.notices.student.current import Owner
from growth_admin.servers.notices.student.handlers import parse_reply
from growth_admin.servers.notices.warning import Reply, RestartWarning
from tests.unit.servers.notices.conftest import JANE, School

OWN = 1000


def dropped(uid: int, user: str, server: str = "", written_s: float = 1.0) -> Dropped:
    """Return a file in the box."""
    file = ReplyFile(user=user, server=server, written_s=written_s, replies={})
    return Dropped(uid, file)


def believed(files: list[Dropped], **known: int) -> list[tuple[int, str, bool]]:
    """Return what is believed of these files."""
    found, refused = attribute(files, known, own_uid=OWN)
    assert len(found) + refused == len(files)
    return sorted((one.uid, one.file.user, one.is_proven) for one in found)


# ---- whose word it is


def test_file_when_its_owner_is_known_to_be_the_user_then_it_is_proven() -> None:
    assert believed([dropped(7, "jane")], jane=7) == [(7, "jane", True)]


def test_file_when_it_belongs_to_another_than_the_user_then_it_is_not_believed() -> None:
    assert believed([dropped(8, "jane")], jane=7) == []


def test_file_when_a_known_account_speaks_for_somebody_unknown_then_it_is_not_believed() -> None:
    assert believed([dropped(7, "jane"), dropped(7, "tom")], jane=7) == [(7, "jane", True)]


def test_file_when_nobody_knows_the_account_then_one_uid_speaks_for_one_user() -> None:
    assert believed([dropped(7, "jane"), dropped(8, "tom")]) == [
        (7, "jane", False),
        (8, "tom", False),
    ]
    assert believed([dropped(7, "jane"), dropped(7, "tom")]) == []
    assert believed([dropped(7, "jane"), dropped(8, "jane")]) == []


def test_file_when_it_is_of_our_own_account_then_it_is_believed_but_not_proven() -> None:
    assert believed([dropped(OWN, "jane"), dropped(OWN, "tom")], jane=7) == [
        (OWN, "jane", False),
        (OWN, "tom", False),
    ]


def test_box_when_somebody_fills_it_then_only_the_newest_few_of_them_count() -> None:
    many = [dropped(7, "jane", written_s=float(n)) for n in range(50)]
    found, refused = attribute([*many, dropped(8, "tom")], {}, own_uid=OWN)
    assert [one.file.written_s for one in found if one.uid == 7] == [49.0, 48.0, 47.0, 46.0]
    assert refused == 46
    assert any(one.uid == 8 for one in found)


# ---- what is read


def spoil(school: School, kind: str) -> None:
    """Put something into the box that is no reply."""
    path = school.paths.replies / f"evil~{'0' * 24}.json"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to("/etc/passwd")
    elif kind == "folder":
        path.mkdir()
    elif kind == "hard link":
        os.link(next(school.paths.replies.glob("jane~*")), path)
    elif kind == "too long":
        path.write_text(" " * (LIMIT_BYTES + 1))
    else:
        path.write_text(kind)


@pytest.mark.parametrize(
    "kind",
    [
        *("pipe", "link", "folder", "hard link", "too long", "", "{", "[]", "null"),
        json.dumps({"user": "x", "written_s": 1, "replies": {"n": {"seen_s": "soon"}}}),
        json.dumps({"user": "x", "written_s": 1, "replies": {"n": {"seen_s": 1e300}}}),
        json.dumps({"user": "", "written_s": 1, "replies": {}}),
        json.dumps({"user": "x", "written_s": 1}),
    ],
)
def test_box_when_something_odd_lies_in_it_then_the_rest_is_read_and_it_is_counted(
    school: School, kind: str
) -> None:
    notice = school.post().notice
    school.drop().tell(notice.id, {"seen_s": 5.0}, [notice.id])
    spoil(school, kind)
    listed = school.manager.list_notices()
    assert listed.notices[0].counts.seen == (0 if kind == "hard link" else 1)
    assert any("could not be read" in problem for problem in listed.problems)


def test_box_when_it_was_never_made_then_there_are_no_receipts_and_no_problem(
    school: School,
) -> None:
    assert school.manager.list_notices().problems == ()


# ---- what a server writes


def names(school: School) -> list[str]:
    """Return the names in the box."""
    return sorted(path.name for path in school.paths.replies.iterdir())


def test_server_when_it_replies_again_and_again_then_it_has_one_file_across_restarts(
    school: School,
) -> None:
    notice = school.post().notice
    drop = school.drop()
    for seconds in range(5):
        drop.tell(notice.id, {"seen_s": float(seconds)}, [notice.id])
    school.drop().tell(notice.id, {"ready_s": 9.0}, [notice.id])
    assert len(names(school)) == 1
    (receipt,) = school.manager.get_notice(notice.id).receipts
    assert receipt.seen is not None and receipt.ready is not None


def test_server_when_a_notice_is_over_then_its_reply_is_forgotten(school: School) -> None:
    first, second = school.post("1").notice.id, school.post("2").notice.id
    drop = school.drop()
    drop.tell(first, {"seen_s": 1.0}, [first, second])
    drop.tell(second, {"seen_s": 2.0}, [second])
    assert school.manager.get_notice(first).receipts == ()
    assert len(school.manager.get_notice(second).receipts) == 1


def test_server_when_its_user_has_an_odd_name_then_the_file_has_a_plain_one(
    school: School,
) -> None:
    notice = school.post().notice
    school.drop(Owner("../../é /x" + "y" * 90)).tell(notice.id, {"seen_s": 1.0}, [notice.id])
    (name,) = names(school)
    assert len(name) < 120 and "/" not in name and name.isascii()


def test_server_when_its_home_cannot_be_written_then_it_replies_all_the_same(
    school: School,
) -> None:
    notice = school.post().notice
    school.home.mkdir()
    (school.home / "jane").write_text("a file in the place of a home")
    school.drop().tell(notice.id, {"seen_s": 1.0}, [notice.id])
    assert school.manager.get_notice(notice.id).counts.seen == 1


def test_server_when_a_killed_one_left_half_a_file_then_it_is_replaced(school: School) -> None:
    notice = school.post().notice
    drop = school.drop()
    drop.tell(notice.id, {"seen_s": 1.0}, [notice.id])
    (name,) = names(school)
    (school.paths.replies / f"{name}.part").write_text("{")
    drop.tell(notice.id, {"ready_s": 2.0}, [notice.id])
    assert names(school) == [name]


# ---- what a page may say


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"{}", b'{"notice": "n"}', b'{"notice": "n", "kind": "shout"}'),
        b'{"notice": "n", "kind": "saved"}',
        b'{"notice": "n", "kind": "saved", "documents": -1, "unsaved": 0}',
        b'{"notice": "n", "kind": "saved", "documents": true, "unsaved": 0}',
        b'{"notice": "n", "kind": "postpone", "minutes": 100000}',
        b'{"notice": "n", "kind": "seen", "more": "' + b"x" * 2000 + b'"}',
    ],
)
def test_reply_when_it_is_not_one_then_refused(body: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        parse_reply(body)


def test_reply_when_it_carries_more_than_it_should_then_only_what_is_known_is_kept() -> None:
    said = {"notice": "n" * 200, "kind": "postpone", "minutes": 10, "user": "tom", "ready_s": 1}
    notice, words = parse_reply(json.dumps(said).encode())
    assert len(notice) == 80
    assert set(words) == {"wants_time_s", "wants_min"}


# ---- the door for restarts


def test_warning_when_servers_reply_then_the_wave_learns_who_is_ready_busy_and_wants_time(
    school: School,
) -> None:
    warning = RestartWarning(school.manager, user="ada")
    at = now() + timedelta(minutes=10)
    servers = [("jane", ""), ("tom", "canary"), ("sue", "")]
    notice = "n-of-a-job"
    planned = Restart(at=at, may_postpone_min=10, asks_busy=True, job_id="job-1")
    for _ in range(2):  # once more is the same notice
        warning.announce(notice, servers, planned, text="Your server is restarted.")

    def tell(owner: Owner, **words: Any) -> None:
        (shown,) = school.shown_to(owner)
        assert shown["restart"]["asks_busy"]
        school.drop(owner, owner.user).tell(shown["id"], words, [notice])

    tell(JANE, seen_s=1.0, saved_s=2.0, documents=3, unsaved=0, ready_s=3.0)
    tell(Owner("tom", "canary"), seen_s=1.0, busy_kernels=2, told_s=4.0)
    standing = warning.look(notice)
    replies = standing.replies
    assert (standing.at, standing.withdrawn_by) == (at, "")
    assert replies["jane", ""] == Reply(
        has_seen=True,
        saved=datetime.fromtimestamp(2, UTC),
        documents=3,
        ready=datetime.fromtimestamp(3, UTC),
    )
    assert replies["tom", "canary"].busy_kernels == 2
    assert ("sue", "") not in replies
    later = at + timedelta(minutes=5)
    warning.settle(notice, moved={("sue", ""): later}, done=[("jane", "")])
    assert school.shown_to(Owner("sue"))[0]["restart"]["at_s"] == at.timestamp() + 300
    assert not school.shown_to(JANE)
    warning.withdraw(notice)
    assert not school.shown_to(Owner("sue"))
    assert warning.look(notice).withdrawn_by == "ada"
    with pytest.raises(Conflict):
        warning.settle(notice, moved={("sue", ""): later}, done=[])


def test_restart_when_announced_in_the_past_then_refused(
    school: School, restart: Callable[..., Restart]
) -> None:
    with pytest.raises(Exception, match="already"):
        school.post(restart=restart(-5))
