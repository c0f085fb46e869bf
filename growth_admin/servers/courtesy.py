"""What is known of the users whose servers are restarted, and what follows from it.

Nothing here asks or changes anything: the times that users are given, how long is waited for whom,
and how that reads in the receipt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from growth_admin.core.errors import GrowthError, StorageUnavailable
from growth_admin.core.schema import Model, Moment
from growth_admin.core.words import count
from growth_admin.jobs.models import JobProblem
from growth_admin.servers.models import Action, Courtesy
from growth_admin.servers.notices.warning import Reply

TOLD_LATELY: Final = timedelta(minutes=5)
"""A server says how many kernels are busy at least every two minutes, as long as some are."""
SAVED_LATELY: Final = timedelta(seconds=90)
"""A page that nobody looks at saves 75 s before the time, as browsers wake it once a minute."""
RESTART_TEXT: Final = "Your server will be restarted. Save your work; it takes about a minute."
STOP_TEXT: Final = "Your server will be stopped. Save your work; you can start it again then."


@dataclass(frozen=True)
class Rhythm:
    """How fine the times are, in seconds. ``minute_s`` is what a minute of the plan takes."""

    minute_s: float = 60.0
    read_s: float = 5.0
    """Replies are read so often at most: each time costs a look at every student's file."""
    lead_s: float = 30.0
    """So long before its time a busy server is given more: before its page begins to save."""
    step_s: float = 120.0
    """More time for busy servers, and for those whose turn is late: short enough that their pages
    go on asking often, and never restarted before their countdown says so."""
    save_s: float = 30.0
    """How long a page that is open is waited for to say that it has saved."""
    late_s: float = 45.0
    """"Any moment now" is true for so long; then a new time is said."""
    bygone_s: float = 300.0
    """A job that nobody ran for so long past the times that it told tells them anew."""
    took_s: float = 60.0
    """How long one wave takes, where no earlier one was measured."""


class Heard(Model):
    """What one user was given, and what the receipt says of them."""

    was_told: bool = False
    restart_at: Moment | None = None
    """The server's own time, where it has another one than its wave."""
    asked: Moment | None = None
    """When the last wish for more time was left that has been answered."""
    asked_min: int = 0
    """How many minutes were asked for until then, in all."""
    postponed_min: int = 0
    waited_busy_s: float = 0.0
    went_early: bool = False
    has_seen: bool = False
    has_saved: bool = False
    documents: int = 0
    unsaved: int = 0


def text_of(courtesy: Courtesy, *, is_stop: bool) -> str:
    """Return what the notice says."""
    return courtesy.text.strip() or (STOP_TEXT if is_stop else RESTART_TEXT)


def is_ready(reply: Reply) -> bool:
    """Return whether the user wants the restart now, and has not asked for more time since."""
    if reply.ready is None:
        return False
    return reply.wants_time is None or reply.wants_time < reply.ready


def is_busy(reply: Reply, at: datetime) -> bool:
    """Return whether kernels were busy when the server last said so, if that was lately."""
    is_known = reply.told is not None and at - reply.told < TOLD_LATELY
    return is_known and bool(reply.busy_kernels)


def is_settled(reply: Reply, due: datetime) -> bool:
    """Return whether nothing is left to be saved: no page is open, or it has said so."""
    return not reply.has_seen or (reply.saved is not None and reply.saved > due - SAVED_LATELY)


def heed(
    heard: Heard, reply: Reply, due: datetime, at: datetime, courtesy: Courtesy, rhythm: Rhythm
) -> Heard:
    """Return what the user is given: more time where they asked for it or kernels are busy.

    ``due`` is when the server was to be restarted; as often as the same is heard, it counts once.
    A wish says how many minutes were asked for in all: of two that come between two readings only
    the second is heard.
    """
    if reply.wants_time and reply.wants_time != heard.asked and not is_ready(reply):
        in_all_min = reply.wants_min
        if in_all_min <= heard.asked_min:  # an older page says each wish alone
            in_all_min += heard.asked_min
        minutes = max(min(in_all_min, courtesy.may_postpone_min) - heard.postponed_min, 0)
        heard = heard.model_copy(update={"asked": reply.wants_time, "asked_min": in_all_min})
        if minutes:
            due = max(due, at) + timedelta(seconds=minutes * rhythm.minute_s)
            given = {"restart_at": due, "postponed_min": heard.postponed_min + minutes}
            heard = heard.model_copy(update=given)
    if at < due - timedelta(seconds=rhythm.lead_s) or is_ready(reply) or not is_busy(reply, at):
        return heard
    left_s = courtesy.wait_for_busy_min * rhythm.minute_s - heard.waited_busy_s
    step_s = min(rhythm.step_s, left_s)
    if step_s <= 0:
        return heard
    later = max(due, at) + timedelta(seconds=step_s)
    given_s = {"restart_at": later, "waited_busy_s": heard.waited_busy_s + step_s}
    return heard.model_copy(update=given_s)


def concluded(heard: Heard, reply: Reply, due: datetime, *, is_early: bool) -> Heard:
    """Return what is kept of a user whose turn has come."""
    has_saved = reply.saved is not None and (is_early or is_settled(reply, due))
    return heard.model_copy(
        update={
            "was_told": True,
            "has_seen": reply.has_seen,
            "has_saved": has_saved and not reply.unsaved,
            "documents": reply.documents if has_saved else 0,
            "unsaved": reply.unsaved,
            "went_early": is_early,
        }
    )


def story(heard: Heard) -> str:
    """Return what the receipt says of one user; nothing of one who was not told."""
    if not heard.was_told:
        return ""
    if heard.unsaved:
        saved = f"{count(heard.unsaved, 'document')} could not be saved"
    elif heard.has_saved:
        saved = f"saved {count(heard.documents, 'document')}" if heard.documents else "saved"
    else:
        saved = "the page did not say that it saved" if heard.has_seen else ""
    waited_min = round(heard.waited_busy_s / 60)
    words = (
        "saw the notice" if heard.has_seen else "did not see the notice",
        saved,
        f"was given {heard.postponed_min} more minutes" if heard.postponed_min else "",
        f"kernels were busy, waited {waited_min or '<1'} min" if heard.waited_busy_s else "",
        "went early, when ready" if heard.went_early else "",
    )
    return ", ".join(filter(None, words))


def in_words(counts: Mapping[str, int]) -> list[str]:
    """Return what users said, for a line of progress; times are of this machine's zone."""
    warned = counts.get("warned", 0)
    if not warned:
        return []
    at_s = counts.get("restart_at_s")
    next_at = [f"next at {datetime.fromtimestamp(at_s).astimezone():%H:%M}"] if at_s else []
    said = (("saw", "saw it"), ("saved", "saved"), ("wanted_time", "asked for more time"))
    words = [f"{number} {what}" for name, what in said if (number := counts.get(name))]
    busy = [f"{counts['busy']} busy"] if counts.get("busy") else []
    return [*next_at, f"{warned} told", *words, *busy]


def said_so_far(replies: Iterable[Reply], at: datetime) -> dict[str, int]:
    """Return how many said what, for the job's progress."""
    said = Counter[str]()
    for reply in replies:
        said["saw"] += reply.has_seen
        said["saved"] += reply.saved is not None and not reply.unsaved
        said["unsaved"] += reply.unsaved > 0
        said["ready"] += is_ready(reply)
        said["wanted_time"] += reply.wants_time is not None
        said["busy"] += is_busy(reply, at)
    return dict(said)


def taken_back(by: str) -> JobProblem:
    """Return why a job is better paused whose notice somebody withdrew."""
    return JobProblem(
        title="The notice was withdrawn",
        detail=f"{by} took the notice of this job back, so users do not know any more what "
        "happens to their servers.",
        hint="Resume the job, and those who are left are told anew; or cancel it.",
    )


def untold(error: GrowthError, action: Action) -> StorageUnavailable:
    """Return why a job ends before it began with anybody."""
    done = "stopped" if action == "stop" else "restarted"
    return StorageUnavailable(
        f"Users could not be told, so nothing was {done}: {error.detail}",
        hint=f"{error.hint} Then make a new plan; or make one without a warning.".strip(),
    )


def announcement_of(action: Action, told: int, courtesy: Courtesy) -> str:
    """Return what users are told, when, and what they may ask for, as a plan says it."""
    done = "stopped" if action == "stop" else "restarted"
    text = text_of(courtesy, is_stop=action == "stop")
    may = [
        f"ask for {courtesy.may_postpone_min} more minutes" * (courtesy.may_postpone_min > 0),
        "go at once when they are ready" * courtesy.may_go_now,
    ]
    users = "1 user reads" if told == 1 else f"{told:,} users read"
    said = (
        f'{users} now: "{text}" The first is {done} {courtesy.warn_min} min later.',
        f"They may {' or '.join(filter(None, may))}." if any(may) else "",
        f"Busy kernels are waited for, {courtesy.wait_for_busy_min} min at most."
        if courtesy.wait_for_busy_min
        else "",
        f"What is open is saved before. If the notice cannot be written, nothing is {done}.",
    )
    return " ".join(filter(None, said))
