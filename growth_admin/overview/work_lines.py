"""Lines about what was done and is being done: jobs, the last canary, changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from growth_admin.core.words import count
from growth_admin.overview.facts import BotFacts, ChangeFacts, Changes, JobFacts
from growth_admin.overview.models import Line, LineState, Mend, mend
from growth_admin.overview.wording import ago, first

CANARY: Final = "startup.canary"
LATELY: Final = timedelta(hours=24)
DAILY: Final = timedelta(hours=25)
"""A bot student that has a time of the day and has not run for so long missed it."""


def jobs_line(jobs: Sequence[JobFacts]) -> Line:
    """Return what runs, waits and failed; a failed job counts until somebody puts it away."""
    paused = [job for job in jobs if job.is_paused and job.state in ("pending", "running")]
    running = [job for job in jobs if job.state == "running" and not job.is_paused]
    queued = [job for job in jobs if job.state == "pending" and not job.is_paused]
    failed = [job for job in jobs if job.state == "failed"]
    stuck = [job for job in paused if job.problem]
    groups = ((running, "running"), (queued, "queued"), (paused, "paused"), (failed, "failed"))
    said = [f"{len(found):,} {word}" for found, word in groups if found]
    shown = [f"{job.title}: {job.problem or job.state} ({job.by})" for job in (*failed, *stuck)]
    shown += [f"{job.title} ({job.by})" for job in (*running, *queued)]
    return Line(
        id="jobs",
        title="Jobs",
        state="error" if failed else "warning" if stuck else "ok",
        sentence=f"Jobs: {', '.join(said)}." if said else "No job runs, waits or has failed.",
        details=first(shown),
        mend=mend("jobs", "Open the jobs"),
    )


def canary_line(jobs: Sequence[JobFacts], at: datetime) -> Line:
    """Return how the last canary went; ``jobs`` are the newest first."""
    tried = [job for job in jobs if job.kind == CANARY and job.state in ("succeeded", "failed")]
    if not tried:
        return Line(
            id="canary",
            title="Canary",
            state="ok",
            sentence="No canary is on record.",
            mend=mend("startup", "Open the start scripts to try one"),
        )
    last = tried[0]
    is_good = last.state == "succeeded" and last.is_passed is not False
    when = ago(last.ended or last.created, at)
    return Line(
        id="canary",
        title="Canary",
        state="ok" if is_good else "warning",
        sentence=f"Last canary {'passed' if is_good else 'failed'} {when} ({last.by}): "
        f"{last.title}.",
        details=(last.problem,) if last.problem else (),
        mend=mend("startup", "Open the start scripts"),
    )


def bot_line(bot: BotFacts, at: datetime) -> Line:
    """Return how the bot student's last run went, with the seconds of its steps."""
    last = bot.last
    is_late = bool(bot.times) and (last is None or at - last.ended > DAILY)
    state: LineState = "unknown"
    if last is not None:
        state = "ok" if last.state == "passed" else "error" if last.state == "failed" else "warning"
    if state == "ok" and (is_late or bot.problem or (last and last.left_behind)):
        state = "warning"
    steps = (*last.steps, *([last.left_behind] if last.left_behind else [])) if last else ()
    return Line(
        id="bot",
        title="Bot student",
        state=state,
        sentence=_bot_sentence(bot, at, is_late=is_late),
        details=steps,
        lacks="GROWTH_BOT" if not bot.is_there else "",
        hint=bot.hint or (last.hint if last else ""),
        mend=_bot_mend(bot),
        is_pinned=bot.is_there,
        is_under_way=bool(bot.running_job),
    )


def _bot_sentence(bot: BotFacts, at: datetime, *, is_late: bool) -> str:
    last = bot.last
    said = [f"{last.clock}, {ago(last.ended, at)}: {last.sentence}"] if last else []
    if not bot.is_there or not last:
        said = [bot.problem or "It has not run yet: whether a student can work is not known."]
    elif bot.problem:
        said.insert(0, f"It cannot run: {bot.problem}")
    elif is_late:
        said.append(f"It should run every day at {' and '.join(bot.times)}.")
    if bot.running_job:
        now_at = f"It runs now, {bot.doing}." if bot.doing else "It runs now."
        said = [now_at, f"Last run: {said[0]}"] if last and not bot.problem else [now_at]
    return " ".join(said)


def _bot_mend(bot: BotFacts) -> Mend:
    if bot.running_job:
        return mend("servers", "Cancel the run", f"jobs/{bot.running_job}/cancellations")
    if bot.is_there and not bot.problem:
        return mend("servers", "Run the bot student", "servers/bot-runs")
    return mend("servers", "Open the servers")


def changes_line(changes: Changes, at: datetime) -> Line:
    """Return who changed what last."""
    lately = [entry for entry in changes.entries if entry.time >= at - LATELY]
    said = f"{count(len(lately), 'change')} within 24 hours"
    if changes.entries:
        said += f"; last: {_say(changes.entries[0], at)}"
    if changes.unreadable:
        said += f"; {count(changes.unreadable, 'line')} of the trail cannot be read"
    return Line(
        id="changes",
        title="Changes",
        state="warning" if changes.unreadable else "ok",
        sentence=f"{said}.",
        details=first([_say(entry, at) for entry in changes.entries]),
        mend=mend("audit", "Open the changes"),
    )


def _say(entry: ChangeFacts, at: datetime) -> str:
    result = "" if entry.result in ("done", "accepted") else f", {entry.result}"
    what = f"{entry.action} {entry.target}".strip()
    return f"{entry.user}, {ago(entry.time, at)}: {what}{result}"
