"""What is found in each case, and the next step: a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from growth_admin.servers.help.case import Case
from growth_admin.servers.help.diagnosis import diagnose
from growth_admin.servers.help.facts import Standing
from growth_admin.servers.help.models import Cause, HelpServer, HomeUse, PastScript, PastStart

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LINE_20 = "line 20: gitpuller: could not resolve host"


def ago(**span: float) -> datetime:
    """Return a moment before the look."""
    return AT - timedelta(**span)


def server(state: str = "ready", **fields: Any) -> HelpServer:
    """Return a default server in this state, started an hour ago if it runs."""
    runs = {"started": ago(hours=1)} if state == "ready" else {}
    return HelpServer(server_name="", state=state, **{**runs, **fields})


def start(state: str = "ok", *, minutes: float = 60, **fields: Any) -> PastStart:
    """Return a start that ran r31 of as-user.sh."""
    return PastStart(
        state=state,
        started=ago(minutes=minutes),
        scripts=(script(**fields.pop("ran", {})),),
        **fields,
    )


def script(revision: int | None = 31, **fields: Any) -> PastScript:
    """Return what as-user.sh did."""
    return PastScript(**{"name": "as-user.sh", "state": "ok", "revision": revision, **fields})


def bad(minutes: float = 60, state: str = "failed", **fields: Any) -> PastStart:
    """Return a start in which as-user.sh failed at line 20."""
    fields = {"script": "as-user.sh", "error": LINE_20, **fields}
    return start(state, minutes=minutes, **fields)


def home(percent: int, **fields: Any) -> HomeUse:
    """Return a home of 10 GB."""
    known = {"disk_used_bytes": percent * 10**8, "disk_size_bytes": 10**10, "as_of": AT}
    return HomeUse(**{**known, "source": "disk", **fields})


GOOD = Case("jane-doe", server(), AT, starts=(start(),))
STOPPED = replace(GOOD, server=server("stopped"))
R30 = start(minutes=300, ran={"revision": 30})

TABLE: dict[str, tuple[Case, str, str, str, str]] = {
    "all is well": (GOOD, "runs", "ok", "been ready for 60 minutes. Its last start went well", ""),
    "stopped": (STOPPED, "stopped", "info", "is stopped. Its last start went well.", "Start it."),
    "never started": (
        Case("jane-doe", server("stopped"), AT),
        "stopped",
        "info",
        "No server of theirs was ever started.",
        "Start it.",
    ),
    "records unread": (
        replace(GOOD, starts=None),
        "runs",
        "ok",
        "The server has been ready for 60 minutes.",
        "",
    ),
    "invited": (
        replace(STOPPED, is_known=False, groups=(), standing=Standing("invited", "5 days left")),
        "standing",
        "error",
        "invitation to the school is still pending, so they have never logged in (5 days left).",
        "accept it",
    ),
    "expired": (
        replace(STOPPED, is_known=False, groups=(), standing=Standing("expired")),
        "standing",
        "error",
        "has expired.",
        "Invite them again",
    ),
    "unknown": (
        replace(STOPPED, is_known=False, groups=(), starts=()),
        "unknown-user",
        "error",
        "The hub knows no user jane-doe",
        "Compare the name",
    ),
    "active at GitHub, unknown to the hub": (
        replace(STOPPED, is_known=False, groups=(), standing=Standing("active")),
        "unknown-user",
        "error",
        "nobody of this name has ever logged in",
        "Compare the name",
    ),
    "in no team": (replace(STOPPED, groups=()), "no-team", "error", "is in no team", "Add them"),
    "just starting": (
        replace(GOOD, server=server("spawning", started=ago(seconds=40), said="Pulling")),
        "starting",
        "info",
        "starting for 40 s. The hub says: Pulling.",
        "Wait",
    ),
    "slow start": (
        replace(GOOD, server=server("spawning", started=ago(minutes=3))),
        "pending",
        "warning",
        "pending for 3 minutes",
        "Stop it, then start it.",
    ),
    "stuck start": (
        replace(GOOD, server=server("spawning", started=ago(minutes=6), said="0/3 nodes")),
        "pending",
        "error",
        "pending for 6 minutes. The hub says: 0/3 nodes.",
        "Stop it, then start it.",
    ),
    "failed spawn": (
        replace(STOPPED, server=server("stopped", said="Spawn failed: Timeout", is_failed=True)),
        "failed-spawn",
        "error",
        "The hub could not start the server: Spawn failed: Timeout.",
        "Start it again",
    ),
    "image missing": (
        replace(STOPPED, server=server("stopped", said="ErrImagePull", is_failed=True)),
        "failed-spawn",
        "error",
        "ErrImagePull.",
        "the image that servers start with",
    ),
    "hub restarted": (
        replace(GOOD, server=server("checking")),
        "checking",
        "info",
        "not yet looked",
        "Look again",
    ),
    "stopping": (replace(GOOD, server=server("stopping")), "stopping", "info", "being stopped", ""),
    "ended early": (
        replace(STOPPED, starts=(start(minutes=4),)),
        "short-life",
        "info",
        "started 4 minutes ago and does not run any more",
        "Start it.",
    ),
    "flapping": (
        replace(STOPPED, starts=tuple(start(minutes=3 * n) for n in range(1, 6))),
        "often",
        "warning",
        "started 5 times within 15 minutes",
        "more memory",
    ),
    "a script fails since its last revision": (
        replace(GOOD, starts=(bad(), bad(120), bad(180), R30)),
        "bad-start",
        "error",
        "as-user.sh failed at line 20 in the last 3 starts: gitpuller: could not resolve host.",
        "Restore r30 of as-user.sh, which still worked",
    ),
    "the same text has worked": (
        replace(GOOD, starts=(bad(), start(minutes=300))),
        "bad-start",
        "error",
        "in the last start: gitpuller",
        "r31 has worked for them before",
    ),
    "never worked": (
        replace(GOOD, starts=(bad(),)),
        "bad-start",
        "error",
        "failed at line 20",
        "Read the log",
    ),
    "mended since": (
        replace(GOOD, starts=(bad(ran={"is_old_revision": True}),)),
        "bad-start",
        "error",
        "failed at line 20",
        "Another revision is live since",
    ),
    "many fail": (
        replace(GOOD, starts=(bad(),), failures=(45, 312)),
        "bad-start",
        "error",
        "Not only theirs: 45 of 312 last starts failed.",
        "",
    ),
    "too slow": (
        replace(GOOD, starts=(bad(state="timed-out", error="was stopped after 60 s"),)),
        "bad-start",
        "error",
        "as-user.sh ran into its time limit in the last start: was stopped after 60 s.",
        "",
    ),
    "sick mount": (
        replace(GOOD, starts=(bad(state="sick-mount", error="the folder did not answer"),)),
        "bad-start",
        "error",
        "could not be fetched",
        "check the file server",
    ),
    "a log only": (
        replace(GOOD, starts=(start("empty-log", error=""),)),
        "bad-start",
        "error",
        "A start script did not run or said nothing in the last start",
        "Read the log",
    ),
    "no record": (
        replace(GOOD, starts=(start(minutes=3000),)),
        "no-record",
        "warning",
        "The start 60 minutes ago left neither record nor log",
        "start chain",
    ),
    "old revision": (
        replace(GOOD, starts=(start("old-revision", ran={"is_old_revision": True}),)),
        "old-revision",
        "info",
        "started with r31 of as-user.sh, and another text is live now",
        "Restart it.",
    ),
    "home full": (
        replace(GOOD, home=home(98, files_bytes=9_000_000_000)),
        "home-full",
        "error",
        "The home is 98 % full: 200 MB left of 10.0 GB. Their files take 9.0 GB.",
        "delete what is not needed",
    ),
    "home nearly full at the start": (
        replace(GOOD, home=home(93, source="start")),
        "home-full",
        "warning",
        "The home was 93 % full at the last start",
        "more room",
    ),
    "disk was full": (
        replace(GOOD, starts=(bad(error="cp: write error: No space left on device"),)),
        "home-full",
        "error",
        "The last start met a full disk.",
        "delete",
    ),
    "data behind": (
        replace(GOOD, starts=(start(data=("catalogue (behind)",)),)),
        "data",
        "info",
        "catalogue (behind)",
        "A restart brings what is behind",
    ),
}


def the(findings: tuple[Cause, ...], rule: str) -> Cause:
    """Return the finding of a rule."""
    found = [finding for finding in findings if finding.id == rule]
    assert len(found) == 1, findings
    return found[0]


@pytest.mark.parametrize(
    ("case", "rule", "severity", "sentence", "step"), TABLE.values(), ids=TABLE.keys()
)
def test_diagnosis_when_made_then_says_what_is_wrong_and_what_to_do(
    case: Case, rule: str, severity: str, sentence: str, step: str
) -> None:
    finding = the(diagnose(case), rule)
    assert finding.severity == severity
    assert sentence in finding.sentence
    assert step in finding.next_step
    assert finding.sentence.endswith(".")


@pytest.mark.parametrize("case", [row[0] for row in TABLE.values()], ids=TABLE.keys())
def test_diagnosis_when_made_then_the_worst_comes_first_and_no_rule_twice(case: Case) -> None:
    order = ("error", "warning", "info", "ok")
    found = diagnose(case)
    assert found
    assert [order.index(one.severity) for one in found] == sorted(
        order.index(one.severity) for one in found
    )
    assert len({one.id for one in found}) == len(found)


def test_diagnosis_when_something_is_wrong_then_does_not_say_that_all_is_well() -> None:
    found = diagnose(replace(GOOD, home=home(99)))
    assert [one.id for one in found] == ["home-full"]


def test_diagnosis_when_a_revision_is_to_be_restored_then_names_script_and_number() -> None:
    finding = the(diagnose(replace(GOOD, starts=(bad(), R30))), "bad-start")
    assert (finding.mend, finding.script, finding.revision) == ("scripts", "as-user.sh", 30)


def test_diagnosis_when_the_script_was_mended_and_the_server_is_stopped_then_start_it() -> None:
    case = replace(STOPPED, starts=(bad(ran={"is_old_revision": True}),))
    assert the(diagnose(case), "bad-start").mend == "start"
