"""Each fact as a line: state, sentence with numbers, and the one action."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from growth_admin.overview import lines, work_lines
from growth_admin.overview.facts import (
    BotFacts,
    BotRunFacts,
    ChangeFacts,
    Changes,
    DatasetFacts,
    DiskFacts,
    HubFacts,
    JobFacts,
    Lack,
    LastStart,
    LiveScript,
    Parts,
    PeopleFacts,
    ShareFacts,
)
from growth_admin.overview.wording import ago, first, join, some

NOW = datetime(2026, 11, 29, 8, 50, tzinfo=UTC)
EARLY = NOW - timedelta(minutes=20)
ALL = ("startup", "datasets", "roster", "servers", "overview")


def starts(states: Sequence[str], **fields: Any) -> list[LastStart]:
    return [
        LastStart(user=f"s{n:03}", state=state, started=EARLY, **fields)
        for n, state in enumerate(states)
    ]


@pytest.mark.parametrize(
    ("states", "state", "sentence"),
    [
        ((), "ok", "No server started within 12 hours."),
        (("ok",) * 312, "ok", "312 starts within 12 hours, none failed."),
        (("ok",), "ok", "1 start within 12 hours, none failed."),
        (("failed",) * 6 + ("ok",) * 306, "warning", "6 of 312 starts within 12 hours failed."),
        (("failed",) * 40 + ("ok",) * 60, "error", "40 of 100 starts within 12 hours failed."),
        (("failed",) * 5 + ("ok",) * 95, "error", "5 of 100 starts within 12 hours failed."),
        (("failed",) * 4 + ("ok",) * 96, "warning", "4 of 100 starts within 12 hours failed."),
        (("failed",), "error", "1 of 1 start within 12 hours failed."),
        (("timed-out", "sick-mount", "missing"), "error", "3 of 3 starts within 12 hours failed."),
        (
            ("empty-log", "ok"),
            "warning",
            "1 of 2 starts within 12 hours left an empty log.",
        ),
        (
            ("failed", "empty-log") + ("ok",) * 98,
            "warning",
            "1 of 100 starts within 12 hours failed, 1 left an empty log.",
        ),
        (("old-revision", "unknown"), "ok", "2 starts within 12 hours, none failed."),
    ],
)
def test_starts_when_counted_then_the_sentence_has_the_numbers(
    states: tuple[str, ...], state: str, sentence: str
) -> None:
    line = lines.starts_line(starts(states), NOW)
    assert (line.state, line.sentence) == (state, sentence)
    assert line.mend and (line.mend.panel, line.mend.command) == ("startup", "open-startup")


def test_starts_when_old_or_of_a_canary_or_never_then_they_do_not_count() -> None:
    old = LastStart("a", "failed", NOW - timedelta(hours=12, seconds=1))
    canary = LastStart("b/canary", "failed", EARLY, is_candidate=True)
    never = LastStart("c", "failed", None)
    assert lines.starts_line([old, canary, never], NOW).state == "ok"


def test_starts_when_many_failed_then_the_first_are_named_with_their_fault() -> None:
    line = lines.starts_line(starts(("failed",) * 9, error="as-user.sh line 20: <b>no</b>"), NOW)
    assert line.details[0] == "s000: as-user.sh line 20: <b>no</b>"
    assert (len(line.details), line.details[-1]) == (6, "and 4 more")


@pytest.mark.parametrize(
    ("scripts", "used", "state", "sentence", "panel"),
    [
        ([], [], "ok", "No start script is live.", "startup"),
        (
            [LiveScript("as-root.sh", 14), LiveScript("as-user.sh", 31)],
            starts(("ok",) * 3),
            "ok",
            "as-root.sh r14 and as-user.sh r31 live; none of 3 last starts began with an older "
            "revision.",
            "startup",
        ),
        (
            [LiveScript("as-user.sh", 31)],
            starts(("old-revision",) * 2, is_old_revision=True, is_running=True)
            + starts(("ok",) * 3, is_running=True)
            + starts(("old-revision",) * 9, is_old_revision=True, is_running=False),
            "warning",
            "as-user.sh r31 live; 2 of 5 running servers began with an older revision.",
            "servers",
        ),
        (
            [LiveScript("as-user.sh", None, "is not executable"), LiveScript("as-root.sh", 2)],
            [],
            "error",
            "1 of 2 scripts cannot run; as-root.sh r2 live.",
            "startup",
        ),
        ([LiveScript("as-user.sh", None)], [], "ok", "as-user.sh r? live.", "startup"),
    ],
)
def test_scripts_when_compared_with_what_runs_then_old_ones_are_counted(
    scripts: list[LiveScript], used: list[LastStart], state: str, sentence: str, panel: str
) -> None:
    line = lines.scripts_line(scripts, used)
    assert (line.state, line.sentence) == (state, sentence)
    assert line.mend and line.mend.panel == panel


DIGEST = f"sha256:{'a41f' * 16}"


@pytest.mark.parametrize(
    ("used", "state", "sentence"),
    [
        ([], "ok", "No server runs, so no image is in use."),
        (starts(("ok",) * 2), "unknown", "None of 2 last starts names its image."),
        (
            starts(("ok",) * 2, image="school:11", image_digest=DIGEST),
            "ok",
            "2 last starts on one image (school:11).",
        ),
        (
            starts(("ok",) * 3, image="school:11", image_digest=DIGEST)
            + starts(("ok",), image="school:11", image_digest="sha256:other"),
            "warning",
            "4 last starts on 2 different images.",
        ),
        (
            starts(("ok",), image="school:11") + starts(("ok",)),
            "ok",
            "1 last start on one image (school:11); 1 name none.",
        ),
        (
            starts(("ok",), image="school:11", is_running=True)
            + starts(("ok",) * 5, image="school:10", is_running=False),
            "ok",
            "1 running server on one image (school:11).",
        ),
    ],
)
def test_images_when_counted_by_digest_then_more_than_one_is_amber(
    used: list[LastStart], state: str, sentence: str
) -> None:
    line = lines.images_line(used)
    assert (line.state, line.sentence) == (state, sentence)
    assert (state == "unknown") == bool(line.lacks)


def test_images_when_named_by_digest_then_the_details_count_each() -> None:
    used = starts(("ok",) * 2, image="school:11", image_digest=DIGEST)
    assert lines.images_line(used).details == ("school:11 @ sha256:a41fa41fa41f…: 2",)


@pytest.mark.parametrize(
    ("found", "problems", "state", "sentence"),
    [
        ([], (), "ok", "No dataset is published."),
        ([DatasetFacts("stars", current=9)], (), "ok", "1 dataset, nobody behind."),
        (
            [DatasetFacts("stars", current=9, missing=3)],
            (),
            "warning",
            "1 of 1 dataset not current everywhere: stars with 3 students.",
        ),
        (
            [DatasetFacts("stars", current=9, behind=1), DatasetFacts("sky")],
            (),
            "warning",
            "1 of 2 datasets not current everywhere: stars with 1 student.",
        ),
        (
            [DatasetFacts("stars", behind=1), DatasetFacts("sky", partial=2)],
            (),
            "warning",
            "2 of 2 datasets not current everywhere: sky with 2 students, and others.",
        ),
        (
            [DatasetFacts("sky")],
            ("sky: MANIFEST.json cannot be read",),
            "warning",
            "1 dataset, nobody behind; 1 problem on the shelf.",
        ),
    ],
)
def test_datasets_when_students_are_behind_then_the_worst_is_named(
    found: list[DatasetFacts], problems: tuple[str, ...], state: str, sentence: str
) -> None:
    line = lines.datasets_line(found, problems)
    assert (line.state, line.sentence) == (state, sentence)


@pytest.mark.parametrize(
    ("free", "state"), [(20, "ok"), (10, "ok"), (9, "warning"), (3, "warning"), (2, "error")]
)
def test_disk_when_it_fills_then_the_line_changes_colour(free: int, state: str) -> None:
    line = lines.disk_line([DiskFacts("/nfs", 100 * 10**9, free * 10**9)])
    assert line.state == state
    assert f"({100 - free} % used)" in line.sentence


def test_disk_when_there_are_two_then_the_fuller_one_decides() -> None:
    disks = [DiskFacts("/nfs", 10**12, 10**11 * 5), DiskFacts("/home/admin", 10**9, 0)]
    assert lines.disk_line(disks).state == "error"


def test_disk_when_it_tells_no_size_then_it_is_not_full() -> None:
    assert lines.disk_line([DiskFacts("/nfs", 0, 0)]).state == "ok"


def test_homes_when_some_are_over_90_percent_then_they_are_named_fullest_first() -> None:
    homes = [DiskFacts("homes", 100, 50), DiskFacts("ada", 100, 8), DiskFacts("kofi", 100, 1)]
    line = lines.homes_line(homes)
    assert (line.state, line.sentence) == ("error", "2 of 3 disks of homes over 90 %.")
    assert line.details[0].startswith("kofi")
    assert lines.homes_line(homes[:1]).sentence == "1 disk of homes, none over 90 %."


@pytest.mark.parametrize(
    ("counts", "problems", "state", "sentence"),
    [
        ({}, (), "ok", "No invitation hangs; 0 people active."),
        ({"active": 1}, (), "ok", "No invitation hangs; 1 person active."),
        ({"active": 300, "invited": 12}, (), "ok", "Invitations: 12 pending; 300 people active."),
        (
            {"invited": 1, "expired": 3, "queued": 40, "failed": 0},
            (),
            "warning",
            "Invitations: 1 pending, 3 expired, 40 queued for another day; 0 people active.",
        ),
        ({"failed": 1}, (), "warning", "Invitations: 1 failed; 0 people active."),
        (
            {"active": 2},
            ("GitHub does not answer.",),
            "warning",
            "No invitation hangs; 2 people active; 1 thing could not be asked.",
        ),
    ],
)
def test_people_when_invitations_hang_then_each_kind_is_counted(
    counts: dict[str, int], problems: tuple[str, ...], state: str, sentence: str
) -> None:
    line = lines.people_line(PeopleFacts(counts, problems))
    assert (line.state, line.sentence) == (state, sentence)


def test_shares_when_a_server_of_an_organiser_is_shared_then_it_is_red() -> None:
    found = ShareFacts(3, (("ada", "jane"), ("ada", "group students")))
    line = lines.shares_line(found)
    assert line.state == "error" and "1 of 3 organisers are shared (2 shares)" in line.sentence
    assert line.details == ("ada is shared with jane", "ada is shared with group students")
    assert lines.shares_line(ShareFacts(1)).sentence == "No server of 1 organiser is shared."


def test_parts_when_a_scope_and_a_credential_are_missing_then_both_are_named() -> None:
    missing = (Lack("roster", "No GitHub credential.", "Make a token."),)
    line = lines.parts_line(Parts(ALL, missing), {"roster", "overview", "startup", "datasets"})
    assert (line.state, line.lacks) == ("warning", "custom:growth:servers")
    assert line.sentence == "2 of 5 parts lack something: roster and servers."
    assert line.details == (
        "servers: the permission custom:growth:servers",
        "roster: No GitHub credential. Make a token.",
    )
    assert line.mend and line.mend.panel == "roster"


def test_parts_when_all_is_there_then_it_is_green() -> None:
    line = lines.parts_line(Parts(ALL), ALL)
    assert (line.state, line.mend) == ("ok", None)
    assert line.sentence == "All 5 parts have what they need."


def test_parts_when_the_roster_is_closed_to_the_visitor_then_its_panel_is_not_offered() -> None:
    line = lines.parts_line(Parts(ALL, (Lack("roster", "No credential."),)), ("overview",))
    assert line.mend is None and "custom:growth:roster" in line.lacks


def test_hub_when_it_answers_then_servers_are_counted() -> None:
    assert lines.hub_line(HubFacts(1000, 312, 3)).sentence == (
        "The hub answers: 1,000 users, 312 servers ready, 3 on their way."
    )


def job(state: str = "running", **fields: Any) -> JobFacts:
    known: dict[str, Any] = {"kind": "datasets.publish", "title": "Publish stars", "by": "ada"}
    return JobFacts(**(known | {"state": state, "created": EARLY} | fields))


@pytest.mark.parametrize(
    ("jobs", "state", "sentence"),
    [
        ([], "ok", "No job runs, waits or has failed."),
        ([job("succeeded"), job("cancelled")], "ok", "No job runs, waits or has failed."),
        ([job(), job("pending")], "ok", "Jobs: 1 running, 1 queued."),
        ([job(is_paused=True)], "ok", "Jobs: 1 paused."),
        ([job(is_paused=True, problem="quota")], "warning", "Jobs: 1 paused."),
        ([job("failed", problem="cut"), job()], "error", "Jobs: 1 running, 1 failed."),
        ([job("failed", is_paused=True)], "error", "Jobs: 1 failed."),
    ],
)
def test_jobs_when_counted_then_each_is_of_one_kind(
    jobs: list[JobFacts], state: str, sentence: str
) -> None:
    line = work_lines.jobs_line(jobs)
    assert (line.state, line.sentence) == (state, sentence)


@pytest.mark.parametrize(
    ("jobs", "state", "said"),
    [
        ([], "ok", "No canary is on record."),
        ([job("running", kind="startup.canary")], "ok", "No canary is on record."),
        (
            [job("succeeded", kind="startup.canary", title="Try r3", is_passed=True, ended=EARLY)],
            "ok",
            "Last canary passed 20 min ago (ada): Try r3.",
        ),
        (
            [job("succeeded", kind="startup.canary", title="Try r3", is_passed=False)],
            "warning",
            "Last canary failed 20 min ago (ada): Try r3.",
        ),
        (
            [
                job("failed", kind="startup.canary", title="Try r4"),
                job("succeeded", kind="startup.canary", title="Try r3", is_passed=True),
            ],
            "warning",
            "Last canary failed 20 min ago (ada): Try r4.",
        ),
    ],
)
def test_canary_when_the_last_one_ended_then_its_result_is_told(
    jobs: list[JobFacts], state: str, said: str
) -> None:
    line = work_lines.canary_line(jobs, NOW)
    assert (line.state, line.sentence) == (state, said)


def test_changes_when_there_are_some_then_the_last_says_who() -> None:
    entries = (
        ChangeFacts(EARLY, "ada", "Publish", "as-user.sh"),
        ChangeFacts(NOW - timedelta(days=3), "kofi", "Delete", "stars", "refused"),
    )
    line = work_lines.changes_line(Changes(entries), NOW)
    assert line.sentence == "1 change within 24 hours; last: ada, 20 min ago: Publish as-user.sh."
    assert line.details[1] == "kofi, 3 days ago: Delete stars, refused"
    assert work_lines.changes_line(Changes(), NOW).sentence == "0 changes within 24 hours."
    assert work_lines.changes_line(Changes(unreadable=2), NOW).state == "warning"


def test_words_when_few_or_many_then_they_read_well() -> None:
    assert [join([]), join(["a"]), join(["a", "b"])] == ["", "a", "a and b"]
    assert some(list("abcdefg"), 2) == "a, b and 5 more"
    assert first(["a", "b"], 5) == ("a", "b")
    said = [ago(NOW - timedelta(**gap), NOW) for gap in ({}, {"minutes": 90}, {"hours": 30})]
    assert said == ["just now", "90 min ago", "30 h ago"]
    assert ago(NOW - timedelta(hours=50), NOW) == "2 days ago"
    assert ago(NOW + timedelta(seconds=30), NOW) == "just now"


PASSED = BotRunFacts("passed", EARLY, "08:20", "All 7 steps in 14.2 s.", steps=("Log in: 0.1 s",))
FAILED = BotRunFacts("failed", EARLY, "08:20", "Failed at step 2 of 7.", hint="Look at the image.")
OLD = BotRunFacts("passed", NOW - timedelta(hours=26), "06:50", "All 7 steps in 14.2 s.")
RUN, CANCEL = "servers/bot-runs", "jobs/j1/cancellations"


@pytest.mark.parametrize(
    ("bot", "state", "said", "request_"),
    [
        (BotFacts(is_there=False, problem="None.", hint="Do."), "unknown", "None.", ""),
        (BotFacts(is_there=True), "unknown", "It has not run yet", RUN),
        (BotFacts(is_there=True, last=PASSED), "ok", "08:20, 20 min ago: All 7 steps in", RUN),
        (BotFacts(is_there=True, last=FAILED), "error", "Failed at step 2 of 7.", RUN),
        (BotFacts(is_there=True, last=OLD), "ok", "All 7 steps", RUN),
        (
            BotFacts(is_there=True, last=OLD, times=("06:00", "08:20")),
            "warning",
            "It should run every day at 06:00 and 08:20.",
            RUN,
        ),
        (
            BotFacts(is_there=True, last=PASSED, problem="No right."),
            "warning",
            "It cannot run: No right. 08:20,",
            "",
        ),
        (BotFacts(is_there=True, running_job="j1"), "unknown", "It runs now.", CANCEL),
        (
            BotFacts(is_there=True, last=PASSED, running_job="j1", doing="step 3 of 7, open Lab"),
            "ok",
            "It runs now, step 3 of 7, open Lab. Last run: 08:20, 20 min ago: All 7 steps",
            CANCEL,
        ),
    ],
)
def test_bot_when_it_ran_or_not_then_its_state_and_what_can_be_done(
    bot: BotFacts, state: str, said: str, request_: str
) -> None:
    line = work_lines.bot_line(bot, NOW)
    assert (line.state, line.mend and line.mend.request) == (state, request_)
    assert said in line.sentence
    assert line.is_pinned == bot.is_there and line.is_under_way == bool(bot.running_job)


def test_bot_when_a_run_left_something_behind_then_the_line_is_not_green() -> None:
    left = BotRunFacts("passed", EARLY, "08:20", "All.", left_behind="Its server may still run.")
    line = work_lines.bot_line(BotFacts(is_there=True, last=left), NOW)
    assert line.state == "warning" and "Its server may still run." in line.details
