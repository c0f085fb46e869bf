"""What the start records tell about one server: which script fails, since when, what mends it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import takewhile
from typing import Final

from growth_admin.core.words import count
from growth_admin.servers.help.case import BAD_STARTS, Case, found, sentence_of, span
from growth_admin.servers.help.models import Cause, Mend, PastScript, PastStart

RECORD_WAIT: Final = timedelta(minutes=1)
FAULTS: Final = {
    "timed-out": "ran into its time limit",
    "sick-mount": "could not be fetched",
    "unreadable": "could not be read",
    "missing": "was not there",
    "empty-log": "did not run or said nothing",
}
_LINE: Final = re.compile(r"^line (\d+): (.*)$", re.DOTALL)


def bad_starts(case: Case) -> Iterator[Cause]:
    newest = case.newest
    if newest is None or newest.state not in BAD_STARTS:
        return
    alike = list(
        takewhile(
            lambda start: start.state in BAD_STARTS and start.script == newest.script,
            case.starts or (),
        )
    )
    step, mend, revision = _mend_script(case, newest, len(alike))
    yield Cause(
        id="bad-start",
        severity="error",
        sentence=f"{_fault(newest, len(alike))}{_others(case)}",
        next_step=step,
        mend=mend,
        script=newest.script,
        revision=revision,
    )


def _fault(newest: PastStart, times: int) -> str:
    """Return what went wrong, where, and how often in a row."""
    place = _LINE.match(newest.error)
    where, said = (f" at line {place[1]}", place[2]) if place else ("", newest.error)
    did = FAULTS.get(newest.state, "failed")
    often = "the last start" if times == 1 else f"the last {times} starts"
    # the fault's own words may repeat the verb: "was stopped after 60 s" says it all
    return (
        f"{newest.script or 'A start script'} {did}{where} in {often}: {sentence_of(said or did)}"
    )


def _others(case: Case) -> str:
    if case.failures is None or case.failures[0] < 2:
        return ""
    failed, known = case.failures
    return f" Not only theirs: {failed:,} of {count(known, 'last start')} failed."


def _mend_script(case: Case, newest: PastStart, times: int) -> tuple[str, Mend, int | None]:
    """Return the next step after a bad start, its action, and the revision to restore."""
    if newest.state == "sick-mount":
        step = "The folder of the start scripts did not answer: check the file server, restart."
        return step, "restart", None
    ran = _ran(newest, newest.script)
    if ran is not None and ran.is_old_revision:
        step = "Another revision is live since: restart the server, so that it runs."
        return step, "restart" if case.server.state == "ready" else "start", None
    good = next(
        (start for start in (case.starts or ())[times:] if start.state not in BAD_STARTS), None
    )
    before = _ran(good, newest.script) if good else None
    if ran and before and ran.revision and before.revision:
        if before.revision != ran.revision:
            step = (
                f"Restore r{before.revision} of {newest.script}, which still worked; then restart."
            )
            return step, "scripts", before.revision
        return (
            f"r{ran.revision} has worked for them before, so the text is not what changed: "
            "read the log, look at the home and at what it fetches.",
            "starts",
            None,
        )
    return "Read the log, put the script right, then restart.", "scripts", None


def _ran(start: PastStart, name: str) -> PastScript | None:
    return next((script for script in start.scripts if script.name == name), None)


def no_record(case: Case) -> Iterator[Cause]:
    server, newest = case.server, case.newest
    if case.starts is None or server.state != "ready" or server.started is None:
        return
    if case.at - server.started < RECORD_WAIT:
        return
    if newest and newest.started and newest.started >= server.started - RECORD_WAIT:
        return
    yield found(
        "no-record",
        "warning",
        f"The start {span(case.at - server.started)} ago left neither record nor log: no start "
        "script has run.",
        "Look whether the image has the start chain, and whether the logs folder can be written: "
        "`growth-admin doctor` checks both.",
        mend="starts",
    )


def old_revision(case: Case) -> Iterator[Cause]:
    newest = case.newest
    if newest is None or case.server.state != "ready" or newest.state in BAD_STARTS:
        return
    old = [script for script in newest.scripts if script.is_old_revision]
    if old:
        names = ", ".join(_spell(script) for script in old)
        sentence = f"The server was started with {names}, and another text is live now."
        yield found("old-revision", "info", sentence, "Restart it.", mend="restart")


def _spell(script: PastScript) -> str:
    return f"r{script.revision} of {script.name}" if script.revision else f"a {script.name}"
