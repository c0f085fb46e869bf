"""What is wrong with one user's server, in sentences, and what to do next: pure functions.

Each rule looks at the same case and says what it finds, or nothing. The rules stand in the order
of a start: the person, the hub, the start scripts, the home, what the scripts brought.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final, get_args

from growth_admin.core.words import in_words
from growth_admin.servers.help.case import BAD_STARTS, Case, found, sentence_of, span
from growth_admin.servers.help.models import Cause, Severity
from growth_admin.servers.help.start_rules import bad_starts, no_record, old_revision

SLOW_START: Final = timedelta(minutes=2)
STUCK_START: Final = timedelta(minutes=5)
SHORT_LIFE: Final = timedelta(minutes=10)
OFTEN: Final = 4
OFTEN_WITHIN: Final = timedelta(minutes=15)
NEARLY_FULL_PERCENT: Final = 90.0
FULL_PERCENT: Final = 98.0
STANDINGS: Final = {
    "invited": "The invitation to the school is still pending, so they have never logged in",
    "expired": "The invitation to the school has expired",
    "failed": "The invitation to the school has failed",
    "queued": "The invitation to the school is not sent yet: it waits for tomorrow's budget",
    "absent": "They stand on the roster, but are neither in the team nor invited",
    "left": "They have left the team",
    "removed": "They were removed from the team",
    "unknown": "GitHub knows no user of the login that stands on the roster",
    "blocked": "The organization blocks them at GitHub",
}
ROSTER_STEPS: Final = {
    "invited": "Ask them to accept it: with the link in GitHub's mail, or at the organization.",
    "expired": "Invite them again in the panel Roster.",
    "failed": "Invite them again in the panel Roster.",
    "queued": "It is sent by itself; ask again tomorrow.",
}
_FULL: Final = re.compile(r"no space left|quota exceeded", re.IGNORECASE)
_IMAGE: Final = re.compile(r"image|manifest unknown|pull", re.IGNORECASE)


def diagnose(case: Case) -> tuple[Cause, ...]:
    """Return what is found, worst first; at least one sentence that sums up."""
    findings = [finding for rule in RULES for finding in rule(case)]
    if not any(finding.severity in ("error", "warning") for finding in findings):
        findings.extend(_sum_up(case))
    order: tuple[Severity, ...] = get_args(Severity)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.severity)))


# -- the person


def _person(case: Case) -> Iterator[Cause]:
    standing = case.standing
    if case.is_known and case.groups:
        return
    known = STANDINGS.get(standing.state) if standing else None
    if standing and known:
        detail = f" ({standing.detail})" if standing.detail else ""
        step = ROSTER_STEPS.get(standing.state, "Look at their entry in the panel Roster.")
        yield found("standing", "error", f"{known}{detail}.", step, mend="roster")
    elif not case.is_known:
        yield found(
            "unknown-user",
            "error",
            f"The hub knows no user {case.user}: nobody of this name has ever logged in, or the "
            "user was deleted, or is not shown to you.",
            "Compare the name with their login at GitHub; the panel Roster knows both.",
            mend="roster",
        )
    elif not case.groups:
        yield found(
            "no-team",
            "error",
            f"{case.user} is in no team of the school, and the hub starts nothing for them.",
            "Add them to their team in the panel Roster; then they log in again.",
            mend="roster",
        )


# -- the hub


def _pending(case: Case) -> Iterator[Cause]:
    server = case.server
    if server.state == "checking":
        yield found(
            "checking",
            "info",
            "The hub was restarted and has not yet looked whether this server lives.",
            "Look again in a minute.",
        )
    if server.state == "stopping":
        step = "Look again in a minute; if it lasts, look at the hub's log."
        yield found("stopping", "info", "The server is being stopped.", step)
    if server.state != "spawning":
        return
    waited = case.at - server.started if server.started else timedelta()
    said = f" The hub says: {sentence_of(server.said)}" if server.said else ""
    if waited < SLOW_START:
        sentence = f"The server has been starting for {span(waited)}.{said}"
        yield found("starting", "info", sentence, "Wait, then look again.")
        return
    yield found(
        "pending",
        "error" if waited >= STUCK_START else "warning",
        f"The spawn has been pending for {span(waited)}.{said}",
        "Stop it, then start it.",
        mend="stop",
    )


def _failed_spawn(case: Case) -> Iterator[Cause]:
    server = case.server
    if server.state != "stopped" or not server.is_failed:
        return
    step = "Start it again. If the hub says the same, look at the hub's log."
    if _IMAGE.search(server.said):
        step = "Look whether the image that servers start with can be had, then start it again."
    sentence = f"The hub could not start the server: {sentence_of(server.said)}"
    yield found("failed-spawn", "error", sentence, step, mend="start")


def _short_life(case: Case) -> Iterator[Cause]:
    recent = [
        start.started
        for start in case.starts or ()
        if start.started and case.at - start.started <= OFTEN_WITHIN
    ]
    if len(recent) >= OFTEN:
        yield found(
            "often",
            "warning",
            f"The server was started {len(recent)} times within "
            f"{span(OFTEN_WITHIN)}: it ends by itself, or somebody keeps restarting it.",
            "Ask what they see. A server that ends by itself often needs more memory than it may "
            "have: the hub's log says why it ended.",
        )
    elif case.server.state == "stopped" and not case.server.is_failed and recent:
        age = case.at - max(recent)
        if age <= SHORT_LIFE:
            yield found(
                "short-life",
                "info",
                f"The server was started {span(age)} ago and does not run any more.",
                "Start it. If it ends again by itself, the hub's log says why.",
                mend="start",
            )


# -- the home, and what the scripts brought


def _home(case: Case) -> Iterator[Cause]:
    use = case.home
    said = " ".join(start.error for start in (case.starts or ())[:1])
    step = "Open the server and delete what is not needed, or give the home more room."
    if use is None or use.percent < NEARLY_FULL_PERCENT:
        if _FULL.search(said):
            sentence = "The last start met a full disk."
            yield found("home-full", "error", sentence, step, mend="open")
        return
    is_full = use.percent >= FULL_PERCENT
    when = " was" if use.source == "start" else " is"
    at_start = " at the last start" if use.source == "start" else ""
    left = max(use.disk_size_bytes - use.disk_used_bytes, 0)
    own = f" Their files take {in_words(use.files_bytes)}." if use.files_bytes is not None else ""
    yield found(
        "home-full",
        "error" if is_full else "warning",
        f"The home{when} {use.percent:.0f} % full{at_start}: {in_words(left)} left of "
        f"{in_words(use.disk_size_bytes)}.{own}",
        step,
        mend="open",
    )


def _data(case: Case) -> Iterator[Cause]:
    newest = case.newest
    if newest and newest.data:
        yield found(
            "data",
            "info",
            f"Datasets that the last start did not leave current: {', '.join(newest.data)}.",
            "A restart brings what is behind; what the student has edited stays as it is.",
            mend="datasets",
        )


# -- in the end


def _sum_up(case: Case) -> Iterator[Cause]:
    server, newest = case.server, case.newest
    well = " Its last start went well." if newest and newest.state not in BAD_STARTS else ""
    if server.state == "ready":
        since = f" for {span(case.at - server.started)}" if server.started else ""
        yield found(
            "runs",
            "ok",
            f"The server has been ready{since}.{well}" if since else f"The server is ready.{well}",
            "If they see no page, they reload it or log out and in again; then restart it.",
            mend="restart",
        )
    elif server.state == "stopped":
        is_new = case.starts == () and server.last_activity is None
        sentence = "No server of theirs was ever started." if is_new else "The server is stopped."
        yield found("stopped", "info", f"{sentence}{well}", "Start it.", mend="start")


RULES: Final = (
    _person,
    _pending,
    _failed_spawn,
    _short_life,
    bad_starts,
    no_record,
    old_revision,
    _home,
    _data,
)
