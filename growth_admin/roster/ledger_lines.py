"""What stands in the ledger: that a change is about to be asked of GitHub, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from pydantic import Field

from growth_admin.core.schema import Model, Moment
from growth_admin.roster.models import Budget, Step

Result = Literal["done", "skipped", "failed", "queued", "blocked"]
LIMITS: Final = (50, 500)
"""GitHub, "Add organization membership": 50 invitations per 24 hours, 500 once the organization is
older than a month or on a paid plan."""
WINDOW: Final = timedelta(hours=24, minutes=1)
"""The rolling day, and a minute for the seconds that clocks round away."""
LEARNT_FOR: Final = timedelta(days=7)
"""So long a refusal tells the limit. The organization may have grown into the higher one, or others
have sent many by hand that day: it is tried again, which costs one refusal."""
INVITING: Final = ("invite", "expired")


class Line(Model):
    """One line. ``intent`` is on the disk before GitHub is asked, ``outcome`` after the answer.

    An outcome without a result: the change was not made, and is tried again. ``limit``: GitHub
    refused to send more invitations. ``rest``: GitHub asked to wait.
    """

    kind: Literal["intent", "outcome", "limit", "rest"]
    id: str = Field(description="of the attempt; intent and outcome share it")
    at: Moment = Field(description="by GitHub's clock")
    job: str = ""
    index: int = Field(default=-1, description="of the step in the job's order")
    action: str = ""
    team: str = ""
    team_ids: tuple[int, ...] = Field(default=(), description="teams that the invitation names")
    github_id: int | None = None
    login: str = ""
    email: str = ""
    result: Result | Literal[""] = ""
    detail: str = ""
    is_invitation: bool = Field(
        default=False, description="intent: may send one; outcome: has sent one"
    )
    invitation_id: int | None = None
    is_active: bool = Field(default=False, description="outcome: is a member of the team now")
    used: int = Field(default=0, description="limit: invitations we had sent in the day before")
    until: Moment | None = Field(default=None, description="rest: until when")


def names_of(person: Step | Line) -> tuple[str, ...]:
    """Return what identifies a person in the ledger: account number, login, address."""
    named = (
        f"id:{person.github_id}" if person.github_id is not None else "",
        f"login:{person.login.casefold()}" if person.login else "",
        f"email:{person.email.casefold()}" if person.email else "",
    )
    return tuple(name for name in named if name)


@dataclass
class View:
    """The ledger of all servers, as it stands."""

    intents: dict[str, Line] = field(default_factory=dict)
    outcomes: dict[str, Line] = field(default_factory=dict)
    limits: list[Line] = field(default_factory=list)
    rests: list[Line] = field(default_factory=list)
    by_name: dict[str, list[Line]] = field(default_factory=dict)

    def take(self, lines: Iterable[Line]) -> None:
        """Take in lines, in whatever order the files give them."""
        for line in lines:
            if line.kind == "limit":
                self.limits.append(line)
            elif line.kind == "rest":
                self.rests.append(line)
            else:
                (self.intents if line.kind == "intent" else self.outcomes)[line.id] = line
                for name in names_of(line):
                    self.by_name.setdefault(name, []).append(line)

    # -- single changes

    def outcomes_of(self, job: str) -> dict[int, Line]:
        """Return what came of a job's steps, by their index."""
        return {
            line.index: line for line in self.outcomes.values() if line.job == job and line.result
        }

    def open_intents(self, person: Step, *, team: str = "") -> list[Line]:
        """Return changes of this person of which nobody knows whether they happened."""
        return [
            line
            for line in self.lines_of(person, team=team)
            if line.kind == "intent" and line.id not in self.outcomes
        ]

    def last_of(self, person: Step, *, team: str = "") -> Line | None:
        """Return the newest outcome for this person, in one team if it is named."""
        lines = [
            line
            for line in self.lines_of(person, team=team)
            if line.kind == "outcome" and line.result
        ]
        return max(lines, key=lambda line: line.at, default=None)

    def lines_of(self, person: Step, *, team: str = "") -> list[Line]:
        """Return intents and outcomes for this person, in one team if it is named."""
        found = {id(line): line for name in names_of(person) for line in self.by_name.get(name, ())}
        return [line for line in found.values() if not team or line.team == team]

    # -- the budget

    def budget(self, now: datetime, *, limit: int = 0) -> Budget:
        """Return how many invitations may be sent; ``limit`` 0 begins with 500. Refusals lower it.

        What others have sent by hand at GitHub shows only in a refusal: it is taken to have left
        as many as GitHub still had, and to count for a day from then on.
        """
        allowed = min(limit or LIMITS[-1], self._learnt(now))
        ends = [line.at + WINDOW for line in self.sent() if line.at + WINDOW > now]
        for refusal in self._last_refusals(now):
            hidden = max(allowed - refusal.used, 0)
            ends.extend([refusal.at + WINDOW] * hidden)
        used = len(ends)
        rest = self.resting_until(now)
        full_until = sorted(ends)[used - allowed] if used >= allowed else None
        free_at = max((end for end in (full_until, rest) if end), default=None)
        return Budget(limit=allowed, used=min(used, allowed), free_at=free_at)

    def sent(self) -> list[Line]:
        """Return what counts as an invitation: those sent, and those that may have been."""
        sent = [line for line in self.outcomes.values() if line.is_invitation]
        open_ones = [
            line
            for line in self.intents.values()
            if line.is_invitation and line.id not in self.outcomes
        ]
        return sent + open_ones

    def used(self, now: datetime) -> int:
        """Return how many invitations we sent within the last day."""
        return sum(line.at + WINDOW > now for line in self.sent())

    def resting_until(self, now: datetime) -> datetime | None:
        """Return until when GitHub asked to be left alone, if that is not over."""
        ends = [line.until for line in self.rests if line.until and line.until > now]
        return max(ends, default=None)

    def _learnt(self, now: datetime) -> int:
        """Return the limit as the newest refusal tells it, 500 before the first."""
        recent = [line for line in self.limits if line.at + LEARNT_FOR > now]
        if not recent:
            return LIMITS[-1]
        used = max(recent, key=lambda line: line.at).used
        return next((limit for limit in LIMITS if used <= limit), LIMITS[-1])

    def _last_refusals(self, now: datetime) -> list[Line]:
        recent = [line for line in self.limits if line.at + WINDOW > now]
        return [max(recent, key=lambda line: line.at)] if recent else []
