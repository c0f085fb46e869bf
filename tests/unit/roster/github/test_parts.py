"""The small parts: cache, clock, pace, permissions, suggestions."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.github.cache import ReplyCache
from growth_admin.core.github.clock import GitHubClock
from growth_admin.core.github.pacing import Allowance, Pace
from growth_admin.core.github.permissions import (
    granted_scopes,
    missing_scope,
    needed_permissions,
)
from growth_admin.roster.github.school import GitHubSchool
from growth_admin.roster.github.suggestions import count_slips, near_logins, sorted_by_likeness
from tests import github
from tests.unit.roster.github.odd_server import Asked, OddServer, Told

# -- cache


def test_cache_when_two_servers_write_then_both_are_kept(tmp_path: Path) -> None:
    one, two = ReplyCache(tmp_path / "c"), ReplyCache(tmp_path / "c")
    one.get("x")
    two.get("x")
    one.put("a", '"1"', [1], "")
    two.put("b", '"2"', [2], "")
    one.save()
    two.save()
    fresh = ReplyCache(tmp_path / "c")
    assert [fresh.get(k).body for k in ("a", "b")] == [[1], [2]]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"version": 99}', '{"version":1,"replies":{"a":[1]}}', "\x00", "1"]
)
def test_cache_when_file_is_damaged_then_begun_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / "replies.json").write_text(content)
    cache = ReplyCache(tmp_path)
    assert cache.get("a") is None
    cache.put("a", '"1"', {}, "")
    cache.save()
    assert ReplyCache(tmp_path).get("a") is not None


def test_cache_when_full_then_oldest_go(tmp_path: Path) -> None:
    cache = ReplyCache(tmp_path, largest_count=10, largest_bytes=400)
    for n in range(30):
        cache.put(f"key{n}", '"e"', "x" * 30, "")
    assert [n for n in range(30) if cache.get(f"key{n}")] == list(range(20, 30))
    cache.save()
    written = json.loads((tmp_path / "replies.json").read_text())["replies"]
    assert 0 < len(written) < 10 and "key29" in written
    assert (tmp_path / "replies.json").stat().st_size < 500
    again = ReplyCache(tmp_path, largest_count=len(written))
    again.put("new", '"e"', "x", "")
    kept = [n for n in range(30) if again.get(f"key{n}")]
    assert kept == list(range(31 - len(written), 30))  # the oldest of them went


def test_cache_when_folder_is_a_file_then_memory_only(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("no folder")
    cache = ReplyCache(tmp_path / "c")
    cache.put("a", '"1"', [1], "")
    cache.save()
    assert cache.get("a") is not None
    assert (tmp_path / "c").read_text() == "no folder"


# -- clock


def test_clock_when_no_reply_yet_then_the_machines() -> None:
    assert abs((GitHubClock().now() - datetime.now(UTC)).total_seconds()) < 1


def test_clock_when_dates_come_then_githubs_and_steady() -> None:
    passed = [100.0]
    clock = GitHubClock(monotonic=lambda: passed[0])
    start = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
    clock.note(format_datetime(start, usegmt=True))
    passed[0] += 5.7
    assert clock.now() == start + timedelta(seconds=5.7)
    clock.note(format_datetime(start + timedelta(seconds=5), usegmt=True))  # cut to seconds
    assert clock.now() == start + timedelta(seconds=5.7)
    clock.note(format_datetime(start + timedelta(days=8), usegmt=True))
    assert clock.now() == start + timedelta(days=8)
    for odd in ("", "soon", "Sun, 99 Nov 2026 10:00:00 GMT"):
        clock.note(odd)
    assert clock.now() == start + timedelta(days=8)


# -- pace


class Time:
    """A clock that waiting moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.mark.parametrize("is_real", [True, False])
def test_pace_when_many_changes_then_no_window_is_too_full(is_real: bool) -> None:
    time = Time()

    def wait(seconds: float) -> None:
        if is_real:
            time.wait(seconds)
        else:  # a test's wait moves GitHub's clock, not this one
            time.waits.append(seconds)

    limits = [Allowance(1, 0.5), Allowance(80, 60.0), Allowance(450, 3600.0)]
    pace = Pace(limits, wait, clock=lambda: time.now)
    moments: list[float] = []
    for _ in range(1000):
        with pace.turn():
            moments.append(time.now if is_real else sum(time.waits))
    for count, period in ((1, 0.5), (80, 60), (450, 3600)):
        gaps = [b - a for a, b in zip(moments, moments[count:], strict=False)]
        assert min(gaps) >= period - 1e-6
    assert moments[-1] - moments[0] < 2 * 3600 + 100


def test_pace_when_reads_are_many_then_spread() -> None:
    time = Time()
    pace = Pace([Allowance(10, 60.0)], time.wait, clock=lambda: time.now)
    for _ in range(25):
        pace.take()
    assert time.now == 1000.0 + 120.0


# -- permissions


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("members=write", "Members: read and write"),
        ("members=read; organization_administration=write",
         "Members: read-only or Administration: read and write"),
        ("a_b=admin,members=read", "a b: admin with Members: read-only"),
        ("", ""), (";;,=", ""),
    ],
)  # fmt: skip
def test_permissions_when_named_by_github_then_in_its_pages_words(header: str, words: str) -> None:
    assert needed_permissions({"x-accepted-github-permissions": header}) == words


def test_scopes_when_one_contains_another_then_it_is_enough() -> None:
    headers = {"x-oauth-scopes": "admin:org, user", "x-accepted-oauth-scopes": "read:org"}
    assert missing_scope(headers) == ""
    assert granted_scopes({}) is None
    few = {"x-oauth-scopes": "", "x-accepted-oauth-scopes": "repo, admin:org"}
    assert missing_scope(few) == "admin:org"


# -- suggestions


KNOWN = ("Jane-Doe", "kofi-mensah", "anna-m", "tomasz-w7", "Yuki_Tanaka", "bookkeeper")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("janedoe", "Jane-Doe"),
        ("jane_doe", "Jane-Doe"),
        ("jnae-doe", "Jane-Doe"),
        ("kofi-mensa", "kofi-mensah"),
        ("koffi-mensah", "kofi-mensah"),
        ("kofi.mensha", "kofi-mensah"),
        ("ana-m", "anna-m"),
        ("Yuki-Tanaka", "Yuki_Tanaka"),
        ("bokkeper", "bookkeeper"),
    ],
)
def test_suggestion_when_login_is_misspelt_then_the_known_one(written: str, meant: str) -> None:
    assert near_logins(written, KNOWN, 5) == [meant]


@pytest.mark.parametrize("written", ["", "---", "somebody-else", "x"])
def test_suggestion_when_nothing_is_near_then_none(written: str) -> None:
    assert near_logins(written, KNOWN, 5) == []


def test_slips_when_counted_then_as_damerau_says() -> None:
    pairs = {("ab", "ab"): 0, ("ab", "ba"): 1, ("abc", "ac"): 1, ("abcd", "xycd"): 2}
    for (one, other), slips in pairs.items():
        assert count_slips(one, other, 3) == slips
    assert count_slips("abcdef", "uvwxyz", 2) == 3


def test_likeness_when_sorted_then_alike_first_and_others_left_out() -> None:
    found = sorted_by_likeness("jane-do", ["zz", "jane-doll", "jane-doe"], 5)
    assert found == ["jane-doe", "jane-doll"]


def test_suggestions_when_asked_then_known_ones_before_found_ones(
    odd: OddServer, odd_school: GitHubSchool
) -> None:
    def script(asked: Asked) -> Told:
        if asked.path == "/search/users":
            assert asked.query["q"] == "jane-do in:login type:user"
            found: list[Any] = [{"login": "jane-doll"}, {"login": "jane-do"}, {"login": "zz"}, 7]
            return Told(200, {"total_count": 4, "items": found})
        return Told(200, [{"id": 1, "login": "Jane-Doe", "type": "User"}])

    odd.script = script
    odd_school.list_organization_members()
    assert odd_school.suggest_logins("jane-do") == ("Jane-Doe", "jane-doll")


@pytest.mark.parametrize(
    "told", [Told(403, {"message": "x"}), Told(404), Told(422), Told(200, raw=b"?"), Told(500)]
)
def test_suggestions_when_search_is_refused_then_none(
    odd: OddServer, odd_school: GitHubSchool, told: Told
) -> None:
    odd.says(told)
    assert odd_school.suggest_logins("somebody") == ()


def test_suggestions_when_search_is_limited_then_not_asked_again_until_it_may(
    odd: OddServer, odd_school: GitHubSchool
) -> None:
    odd.says(Told(403, {"message": "API rate limit exceeded"}, {"Retry-After": "60"}))
    for _ in range(5):
        assert odd_school.suggest_logins("somebody") == ()
    assert len(odd.asked) == 1


def test_suggestions_at_the_standin_when_a_members_login_is_misspelt_then_found(
    hub: github.StandIn, school: GitHubSchool
) -> None:
    hub.team("students")
    hub.person("Zoe-Laurent-7")
    hub.join("Zoe-Laurent-7", "students")
    school.list_members("students")
    assert "Zoe-Laurent-7" in school.suggest_logins("zoelaurnet7")
