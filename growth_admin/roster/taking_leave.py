"""One run of an offboarding: step after step, each written down before the next.

Each step may be taken again: who is not in a team is not removed from it, a user who is gone is not
deleted. The first step that fails ends the job; the receipt says what was done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from growth_admin.core.errors import (
    GitHubRefused,
    GitHubUnavailable,
    GrowthError,
    HubRefused,
    HubUnavailable,
    NotConfigured,
    RateLimited,
)
from growth_admin.core.plan import Receipt, ReceiptItem
from growth_admin.core.schema import now
from growth_admin.jobs.engine import JobCancelled, JobContext, JobInterrupted, JobPaused
from growth_admin.jobs.models import JobProblem
from growth_admin.roster.book import Listed, People, RosterBook, new_key
from growth_admin.roster.facts import HubAccounts, School
from growth_admin.roster.homes import Homes
from growth_admin.roster.leaving import WORDS, LeavingStep
from growth_admin.roster.models import PersonRow
from growth_admin.roster.people import PeopleTable
from growth_admin.roster.queue import InvitationQueue

TRIES: Final = 3
PAUSE_S: Final = 1.0
WAIT_LIMIT_S: Final = 90.0
"""Longer waits that GitHub asks for end the job; it can be begun again then."""


@dataclass(frozen=True)
class Doors:
    """Where the steps are taken."""

    book: RosterBook
    school: School
    hub: HubAccounts | None
    homes: Callable[[], Homes]
    queue: InvitationQueue
    people: PeopleTable


class Leaving:
    """One run of the job; another server's run goes on from the checkpoint."""

    def __init__(self, doors: Doors, context: JobContext) -> None:
        self._doors = doors
        self._context = context
        self._steps = [LeavingStep.model_validate(raw) for raw in context.params["steps"]]
        self._row = PersonRow.model_validate(context.params["person"])
        done = context.checkpoint.get("done", [])
        self._done = [ReceiptItem.model_validate(raw) for raw in done]

    def run(self) -> dict[str, Any]:
        """Return the receipt. Raises what a step raised; the receipt is kept."""
        try:
            self._take_steps()
        except JobCancelled:
            skipped = self._skipped(self._steps[len(self._done) :], "the job was cancelled")
            receipt = self._receipt(self._context.params["title"], *skipped)
            with suppress(GrowthError):  # the engine writes the end again
                self._context.finish(state="cancelled", receipt=receipt.as_json())
            raise
        label = self._context.params["label"]
        return self._receipt(f"Ended the access of {label}").as_json()

    def _take_steps(self) -> None:
        takes: Mapping[str, Callable[[LeavingStep], tuple[str, str]]] = {
            "remove": self._remove,
            "cancel": self._cancel,
            "leave": self._leave,
            "note": self._note,
            "stop": self._stop,
            "delete-user": self._delete_user,
            "end-tokens": self._end_tokens,
            "archive": self._archive,
            "delete": self._delete_home,
        }
        for step in self._steps[len(self._done) :]:
            self._context.check()
            self._context.progress(
                len(self._done), len(self._steps), unit="steps", message=_said(step)
            )
            try:
                result, detail = self._patiently(takes[step.kind], step)
            except (JobCancelled, JobPaused, JobInterrupted):
                raise
            except Exception as e:
                self._give_up(step, _told(e))
                raise
            self._end(step, result, detail)

    def _patiently(
        self, take: Callable[[LeavingStep], tuple[str, str]], step: LeavingStep
    ) -> tuple[str, str]:
        """Take a step; again when nobody knows whether it was taken, or GitHub asks to wait."""
        for is_last in (*(False,) * (TRIES - 1), True):
            try:
                return take(step)
            except RateLimited as e:
                wait_s = (e.until - self._doors.school.now()).total_seconds()
                if is_last or wait_s > WAIT_LIMIT_S:
                    raise
                self._pause(max(wait_s, PAUSE_S), e.detail)
            except (GitHubUnavailable, HubUnavailable) as e:
                if is_last:
                    raise
                self._pause(PAUSE_S, e.detail)
        raise AssertionError("the last try returns or raises")

    def _pause(self, seconds: float, why: str) -> None:
        self._context.log(f"waiting {seconds:.0f} s: {why}")
        self._context.rest(seconds)

    def _end(self, step: LeavingStep, result: str, detail: str) -> None:
        item = ReceiptItem(
            target=step.target, action=WORDS[step.kind], result=result, detail=detail
        )
        self._done.append(item)
        self._context.save_checkpoint({"done": [one.as_json() for one in self._done]})
        self._context.log(f"{_said(step)}: {result}{f', {detail}' if detail else ''}")

    def _give_up(self, step: LeavingStep, error: GrowthError) -> None:
        """Write the receipt of what was done before the step that failed."""
        failed = ReceiptItem(
            target=step.target, action=WORDS[step.kind], result="failed", detail=error.detail
        )
        rest = self._steps[len(self._done) + 1 :]
        skipped = self._skipped(rest, "a step before it failed")
        receipt = self._receipt(self._context.params["title"], failed, *skipped)
        problem = JobProblem(title=error.title, detail=error.detail, hint=error.hint)
        self._context.log(f"{_said(step)}: failed, {error.detail}")
        self._context.finish(state="failed", receipt=receipt.as_json(), problem=problem)

    def _skipped(self, steps: Sequence[LeavingStep], why: str) -> list[ReceiptItem]:
        return [
            ReceiptItem(target=one.target, action=WORDS[one.kind], result="skipped", detail=why)
            for one in steps
        ]

    def _receipt(self, title: str, *more: ReceiptItem) -> Receipt:
        return Receipt(
            plan_id=self._context.params["plan_id"],
            title=title,
            finished=now(),
            items=(*self._done, *more),
        )

    # -- steps: each returns how it ended, and what there is to say of it

    def _remove(self, step: LeavingStep) -> tuple[str, str]:
        self._doors.school.remove_membership(step.slug, step.login)
        state = self._doors.school.get_team_state(step.slug, step.login)
        if state:
            raise GitHubRefused(
                f"{step.login} is in {step.slug} still ({state}): through a child team.",
                hint="Take them out of the child team at GitHub, or let them leave the "
                "organization.",
            )
        return "done", ""

    def _cancel(self, step: LeavingStep) -> tuple[str, str]:
        assert step.invitation_id is not None  # the plan has it
        self._doors.school.cancel_invitation(step.invitation_id)
        return "done", ""

    def _leave(self, step: LeavingStep) -> tuple[str, str]:
        school = self._doors.school
        school.remove_from_organization(step.login)
        if school.get_organization_state(step.login):
            raise GitHubRefused(
                f"{step.login} is in {school.organization} still.",
                hint="Look at the organization's page of people at GitHub.",
            )
        return "done", ""

    def _note(self, step: LeavingStep) -> tuple[str, str]:
        row, user, title = self._row, self._context.job.created_by, self._context.params["title"]
        waits = [one.step for one in self._doors.queue.load().waiting if one.key == row.key]
        if waits:
            self._doors.queue.drop(waits, user=user, reason=title)
        at = self._doors.school.now()  # as the lines of the ledger are dated

        def change(people: People) -> People:
            known = people.get(row.key) or next(
                (one for one in people.values() if one.github_id == row.github_id is not None), None
            )
            entry = known or Listed(key=new_key(), added=at, added_by=user, source="offboarded")
            gone = entry.model_copy(
                update={
                    "login": entry.login or row.login,
                    "email": entry.email or row.email,
                    "github_id": entry.github_id or row.github_id,
                    "hub_name": entry.hub_name or (row.names.hub if row.hub else ""),
                    "team": "",
                    "removed": at,  # also who was before: a list under way may bring them back
                }
            )
            return {**people, gone.key: gone}

        self._doors.book.update(change, user=user, reason=title)
        return "done", ""

    def _stop(self, step: LeavingStep) -> tuple[str, str]:
        stopped = self._hub.stop_servers(step.hub_name)
        names = ", ".join(name or "the default one" for name in stopped)
        return ("done", f"stopped: {names}") if stopped else ("skipped", "none ran")

    def _delete_user(self, step: LeavingStep) -> tuple[str, str]:
        # who has a session may have started a server again since the step before
        self._hub.stop_servers(step.hub_name)
        was_there = self._hub.delete_account(step.hub_name)
        return ("done", "") if was_there else ("skipped", "the hub does not know this user")

    def _end_tokens(self, step: LeavingStep) -> tuple[str, str]:
        self._require_gone(self._hub, step.hub_name)
        return "done", "ended with the hub user"

    def _require_gone(self, hub: HubAccounts, name: str) -> None:
        if hub.find_account(name) is not None:
            raise HubRefused(
                f"The hub knows {name} again: somebody logged in meanwhile.",
                hint="Look at the hub who that is, then plan again.",
            )

    def _archive(self, step: LeavingStep) -> tuple[str, str]:
        archive = self._doors.homes().pack(
            step.container,
            self._context.job.id,
            self._context.check,
            lambda done, name: self._context.progress(done, unit="files", message=name),
        )
        return ("done", archive.in_words) if archive else ("skipped", "there is no home")

    def _delete_home(self, step: LeavingStep) -> tuple[str, str]:
        # a job whose server died may go on days later: who is back has work that no archive holds
        if self._doors.hub is not None and self._row.names.hub:
            self._require_gone(self._doors.hub, self._row.names.hub)
        was_there = self._doors.homes().remove(step.container)
        return ("done", "") if was_there else ("skipped", "there is no home")

    @property
    def _hub(self) -> HubAccounts:
        if self._doors.hub is None:
            raise NotConfigured(
                "This server was not started by a JupyterHub.",
                hint="Resume on an admin's own server.",
            )
        return self._doors.hub


def _said(step: LeavingStep) -> str:
    return f"{WORDS[step.kind]} {step.target}"


def _told(error: Exception) -> GrowthError:
    """Return an error that a receipt can tell of; what nobody foresaw is not spilled."""
    if isinstance(error, GrowthError):
        return error
    return GrowthError(f"An unexpected error: {type(error).__name__}.")
