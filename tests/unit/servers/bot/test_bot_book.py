"""Whose turn the bot is and when it is due: several organisers' servers over one disk."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from growth_admin.core.errors import Conflict, GrowthError
from growth_admin.servers.bot.book import RUNS_KEPT, TURN_LIMIT, BotBook
from growth_admin.servers.bot.models import BotRun
from growth_admin.servers.bot.reading import MARK, told
from growth_admin.servers.bot.schedule import Schedule, key_of, parse_times, parse_zone

AT = datetime(2026, 11, 30, 8, 20, 5, tzinfo=UTC)
SLOT = "2026-11-30T08:20+00:00"


def book_of(folder: Path, *ended: str) -> BotBook:
    """Return the book as one more server opens it."""
    return BotBook(folder, is_over=lambda job_id: job_id in ended)


def run_of(number: int, *, left_behind: str = "") -> BotRun:
    return BotRun(
        job_id=f"job-{number}",
        state="passed",
        started=AT + timedelta(minutes=number),
        ended=AT + timedelta(minutes=number, seconds=9),
        by="ada",
        took_s=9,
        steps=(),
        sentence="All 7 steps in 9.0 s.",
        left_behind=left_behind,
    )


def test_turn_when_eight_servers_want_one_slot_at_once_then_one_has_it(tmp_path: Path) -> None:
    ready, won, lost = threading.Barrier(8), [], []

    def want(number: int) -> None:
        ready.wait()
        try:
            won.append(book_of(tmp_path).take_turn(by=f"admin-{number}", slot=SLOT, at=AT))
        except Conflict:
            lost.append(number)

    threads = [threading.Thread(target=want, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)


def test_turn_when_the_run_of_a_slot_has_ended_then_the_slot_is_not_served_again(
    tmp_path: Path,
) -> None:
    book = book_of(tmp_path)
    mark = book.take_turn(by="ada", slot=SLOT, at=AT)
    assert book.enter(mark, "job-1")
    book.end(mark, run_of(1))
    with pytest.raises(Conflict, match="begun already"):
        book.take_turn(by="bo", slot=SLOT, at=AT)
    assert book.take_turn(by="bo", slot="", at=AT)  # whoever asks by hand is served


def test_turn_when_its_server_died_before_there_was_a_job_then_it_lapses_and_the_slot_is_free(
    tmp_path: Path,
) -> None:
    dead = book_of(tmp_path).take_turn(by="ada", slot=SLOT, at=AT)
    with pytest.raises(Conflict, match="for ada"):
        book_of(tmp_path).take_turn(by="bo", slot=SLOT, at=AT + TURN_LIMIT)
    late = AT + TURN_LIMIT + timedelta(seconds=1)
    mark = book_of(tmp_path).take_turn(by="bo", slot=SLOT, at=late)
    assert not book_of(tmp_path).enter(dead, "job-of-the-dead"), "it woke up after all"
    assert book_of(tmp_path).enter(mark, "job-2") and book_of(tmp_path).enter(mark, "job-2")
    assert not book_of(tmp_path).enter(mark, "job-3")


def test_turn_when_its_job_has_ended_without_a_word_then_the_next_may_run(tmp_path: Path) -> None:
    mark = book_of(tmp_path).take_turn(by="ada", slot="", at=AT)
    book_of(tmp_path).enter(mark, "job-1")
    with pytest.raises(Conflict) as refused:
        book_of(tmp_path).take_turn(by="bo", slot="", at=AT + timedelta(days=1))
    assert refused.value.context == {"job_id": "job-1"}
    assert book_of(tmp_path, "job-1").take_turn(by="bo", slot="", at=AT)


def test_runs_when_there_are_many_then_the_newest_are_kept_and_one_that_is_told_twice_once(
    tmp_path: Path,
) -> None:
    book = book_of(tmp_path)
    for number in range(RUNS_KEPT + 5):
        book.end("x", run_of(number))
    book.end("x", run_of(RUNS_KEPT + 4, left_behind="a server"))
    runs = book.load().runs
    assert len(runs) == RUNS_KEPT and runs[0].job_id == f"job-{RUNS_KEPT + 4}"
    assert [run.job_id for run in runs[1:3]] == [f"job-{RUNS_KEPT + 3}", f"job-{RUNS_KEPT + 2}"]
    book.note_clean(runs[0].job_id)
    assert book.load().runs[0].left_behind == ""


def test_slot_when_late_then_made_up_for_a_while_and_not_longer() -> None:
    schedule = Schedule((time(8, 20), time(13, 0)), ZoneInfo("Europe/Lisbon"))
    late = timedelta(minutes=20)
    assert schedule.due_slot(AT - timedelta(seconds=6), late) is None
    slot = schedule.due_slot(AT + timedelta(minutes=19), late)
    assert slot and key_of(slot) == SLOT and schedule.local(slot).hour == 8
    assert schedule.due_slot(AT + timedelta(minutes=20), late) is None
    following = schedule.next_slot(AT)
    assert following and following.astimezone(UTC).hour == 13
    assert Schedule().due_slot(AT, late) is None and Schedule().next_slot(AT) is None


def test_slot_when_it_was_before_midnight_then_still_due_after_it() -> None:
    schedule = Schedule((time(23, 55),), UTC)
    slot = schedule.due_slot(datetime(2026, 12, 1, 0, 5, tzinfo=UTC), timedelta(minutes=20))
    assert slot and key_of(slot) == "2026-11-30T23:55+00:00"


@pytest.mark.parametrize("given", ["8:20", "24:00", "08:60", "noon", ""])
def test_times_when_they_are_none_then_said_which(given: str) -> None:
    with pytest.raises(ValueError, match="not a time of the day"):
        parse_times(["08:20", given])


def test_zone_when_there_is_none_of_the_name_then_said() -> None:
    assert parse_zone("") is None
    for name in ("Europe/Atlantis", "../etc/passwd"):
        with pytest.raises(ValueError, match="not a time zone"):
            parse_zone(name)


def test_dataset_when_the_cell_says_nothing_that_makes_sense_then_that_is_the_failure() -> None:
    for printed in ("", "hello", f"{MARK}[1]", f"{MARK}{{", f'{MARK}{{"state": "odd"}}'):
        with pytest.raises(GrowthError, match="makes sense"):
            told(printed, place=Path("/nfs/data"), bot="b")
    with pytest.raises(GrowthError, match="has no file"):
        told(f'{MARK}{{"state": "read", "name": "x", "files": 0}}', place=Path("/d"), bot="b")
    assert told(f'noise\n{MARK}{{"state": "nothing"}}', place=Path("/d"), bot="b") is None
