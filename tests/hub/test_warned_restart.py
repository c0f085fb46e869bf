"""A class that is told before its servers are restarted, on a real hub, in real minutes."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from growth_admin.jobs.models import Job
from tests.hub.school import School, eventually
from tests.hub.test_servers_hub_restart import kill_hub, kill_server, start_hub
from tests.hub.warned_class import LEASE_S, Pupil, SchoolClass, Watch, details

ADA, MAREK = "Ada-Okafor", "marek-lind"
EARLY, ASKS, BUSY, SILENT, ABSENT = (
    *("Jane-Doe", "chen-wei", "liam-o-connor"),
    *("Sofia-Rossi-2009", "Emma-Nilsen"),
)
NEAR_S = 15.0
"""A minute of the plan is over within so many seconds, with all that this machine does."""
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SchoolClass]:
    """A class in a school of its own, whose hub and whose servers are killed."""
    with School.open(tmp_path_factory.mktemp("warned")) as school:
        yield SchoolClass(school)


def shown_to(*pupils: Pupil) -> float:
    """Return when all were told that it happens, once they are told."""
    eventually(lambda: all(pupil.at_s for pupil in pupils), 30)
    (at_s,) = {pupil.at_s for pupil in pupils}
    return at_s


def all_notices(course: SchoolClass) -> list[tuple[str, str]]:
    """Return the id and the state of every notice of restarts that there ever was."""
    rows = course.client(MAREK).notices.list_notices().notices
    return [(row.notice.id, row.state) for row in rows if row.notice.restart]


def assert_one_notice_is_over(course: SchoolClass, job: Job, *pupils: Pupil) -> None:
    """It was posted once, is withdrawn, and nobody sees it any more."""
    of_job = [row for row in all_notices(course) if job.id in row[0]]
    assert of_job == [(f"n{job.id}-1", "withdrawn")]
    for pupil in pupils:
        pupil.open()
        assert pupil.notices() == [], pupil.name


def test_class_when_told_then_each_at_its_own_time_once_and_the_receipt_says_why(
    course: SchoolClass,
) -> None:
    course.prepare(ADA, MAREK, EARLY, ASKS, BUSY, SILENT)
    school = course.school
    school.login(ABSENT)
    early, asks, busy, silent = (Pupil(school, login) for login in (EARLY, ASKS, BUSY, SILENT))
    own, absent = ADA.lower(), ABSENT.lower()
    names = [pupil.name for pupil in (early, asks, busy, silent)]
    early.open()
    asks.open()
    busy.work()
    before = course.starts()
    with Watch(school) as seen:
        job = course.begin(course.client(ADA), own, *names, absent)
        at_s = shown_to(early, asks)
        assert 40 < at_s - time.time() <= 60.5
        early.say("seen")
        asks.say("seen")
        asks.say("postpone", minutes=10)
        early.say("saved", documents=2, unsaved=0)
        early.say("ready")
        eventually(lambda: asks.at_s == pytest.approx(at_s + 60, abs=0.1), 30)
        eventually(lambda: seen.is_back_s.get(early.name), 45)
        early.open()
        assert early.notices() == []
        eventually(lambda: busy.at_s >= at_s + 59, 75)
        asks.say("saved", documents=1, unsaved=0)
        marek = course.client(MAREK)
        job = course.ended(marek, job)
    assert job.state == "succeeded", job
    # each at its time
    gone_s = seen.gone_s
    assert gone_s[early.name] < at_s - 20
    assert at_s <= gone_s[silent.name] < at_s + NEAR_S
    for late in (asks, busy):
        assert at_s + 60 <= gone_s[late.name] < at_s + 60 + NEAR_S, late.name
    assert gone_s[own] >= max(seen.is_back_s[name] for name in names)
    # each once, and nobody else
    assert +seen.times == dict.fromkeys((own, *names), 1)
    assert course.starts() - before == dict.fromkeys((own, *names), 1)
    assert school.server(absent) is None
    assert all(school.server(name) for name in (own, *names))
    # what is said of it
    said = details(job)
    assert said[early.name] == (
        "done",
        "saw the notice, saved 2 documents, went early, when ready",
    )
    assert said[silent.name] == ("done", "did not see the notice")
    assert said[asks.name][1].startswith("saw the notice, saved 1 document, was given 1 more min")
    assert said[busy.name] == (
        "done",
        "did not see the notice, kernels were busy, waited 1 min",
    )
    assert said[own] == ("done", "")
    assert said[absent][0] == "skipped"
    assert_one_notice_is_over(course, job, early, asks, busy, silent)


def test_class_when_the_admins_server_dies_in_the_warning_then_the_next_keeps_what_was_told(
    course: SchoolClass,
) -> None:
    course.prepare(ADA, MAREK, EARLY, ASKS, SILENT)
    school = course.school
    early, asks, silent = (Pupil(school, login) for login in (EARLY, ASKS, SILENT))
    names = [pupil.name for pupil in (early, asks, silent)]
    early.open()
    asks.open()
    silent.open()
    before = course.starts()
    with Watch(school) as seen:
        job = course.begin(course.client(ADA), *names)
        at_s = shown_to(early, asks, silent)
        asks.say("postpone", minutes=1)
        eventually(lambda: asks.at_s > at_s, 30)
        given_s = asks.at_s
        kill_server(school, ADA.lower())
        early.say("ready")  # nobody reads it yet
        assert (early.at_s, silent.at_s, asks.at_s) == (at_s, at_s, given_s)
        marek = course.client(MAREK)
        eventually(lambda: marek.jobs.get_job(job.id).times_taken_over == 1, 10 * LEASE_S)
        assert time.time() < at_s, "the warning was not over"
        eventually(lambda: seen.gone_s.get(early.name), 30)
        assert (silent.at_s, asks.at_s) == (at_s, given_s)
        job = course.ended(marek, job)
    assert (job.state, job.times_taken_over) == ("succeeded", 1), job
    assert seen.gone_s[early.name] < at_s <= seen.gone_s[silent.name]
    assert given_s == pytest.approx(at_s + 60, abs=0.1)
    assert given_s <= seen.gone_s[asks.name]
    assert course.starts() - before == dict.fromkeys(names, 1)
    assert {name: seen.times[name] for name in names} == dict.fromkeys(names, 1)
    assert {name: said[0] for name, said in details(job).items()} == dict.fromkeys(names, "done")
    assert_one_notice_is_over(course, job, early, asks, silent)
    school.stop(ADA.lower())


def test_class_when_the_hub_is_restarted_in_the_warning_then_countdowns_run_on_and_each_once(
    course: SchoolClass,
) -> None:
    course.prepare(MAREK, EARLY, SILENT)
    school = course.school
    early, silent = Pupil(school, EARLY), Pupil(school, SILENT)
    names = [early.name, silent.name]
    early.open()
    silent.open()
    before = course.starts()
    with Watch(school) as seen:
        job = course.begin(course.client(MAREK), *names)
        at_s = shown_to(early, silent)
        kill_hub(school)
        assert (early.at_s, silent.at_s) == (at_s, at_s), "pages need no hub for it"
        early.say("seen")
        early.say("saved", documents=1, unsaved=0)
        early.say("ready")
        time.sleep(3)
        start_hub(school)
        assert silent.at_s == at_s
        job = course.ended(course.client(MAREK), job)
    assert (job.state, job.times_taken_over) == ("succeeded", 0), job
    assert at_s <= seen.gone_s[silent.name]
    assert course.starts() - before == dict.fromkeys(names, 1)
    assert {name: said[0] for name, said in details(job).items()} == dict.fromkeys(names, "done")
    assert "went early" in details(job)[early.name][1]
    assert_one_notice_is_over(course, job, early, silent)
