"""The roster: people in and out of the school's teams."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path

from growth_admin.client.transport import Transport
from growth_admin.core.plan import Plan
from growth_admin.jobs.models import Job
from growth_admin.roster.models import (
    Application,
    Correction,
    Entry,
    FieldName,
    ImportPreview,
    ImportRequest,
    Offboarding,
    OffboardingRequest,
    PeopleList,
    PersonChange,
    PersonRow,
    PlanRequest,
    RosterPlan,
    Setup,
)


class RosterClient:
    """People, their teams and invitations."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list_people(self, *, is_fresh: bool = False, is_summary: bool = False) -> PeopleList:
        """Return everybody the school knows of; ``is_fresh`` asks GitHub and the hub now.

        ``is_summary`` leaves the people out: the counts of a thousand are a few hundred bytes.
        """
        return self._transport.get(
            PeopleList,
            "roster",
            "people",
            is_fresh=is_fresh or None,
            is_summary=is_summary or None,
        )

    def update_person(self, key: str, change: PersonChange) -> PersonRow:
        """Put an entry of the roster right and return it as it stands."""
        return self._transport.patch(PersonRow, "roster", "people", key, body=change)

    def read_list(
        self,
        source: str | Path,
        *,
        mapping: Mapping[int, FieldName] | None = None,
        corrections: Iterable[Correction] = (),
        skip: Iterable[int] = (),
    ) -> ImportPreview:
        """Return a list as it is understood: a ``Path`` of a file, or pasted text.

        Nothing is changed. Raises ``InvalidInput`` for what is no list.
        """
        file = source if isinstance(source, Path) else None
        body = ImportRequest(
            filename=file.name if file else "",
            text="" if file else str(source),
            content=base64.b64encode(file.read_bytes()).decode() if file else "",
            mapping=None if mapping is None else dict(mapping),
            corrections=tuple(corrections),
            skip=tuple(skip),
        )
        return self._transport.post(ImportPreview, "roster", "imports", body=body)

    def plan(
        self,
        team: str,
        entries: Iterable[Entry] = (),
        *,
        removals: Iterable[str] = (),
        is_whole_team: bool = False,
        source: str = "",
    ) -> RosterPlan:
        """Return what bringing these people into the team, and those out, would do."""
        body = _asked(team, entries, removals, is_whole_team, source)
        return self._transport.post(RosterPlan, "roster", "plans", body=body)

    def apply(
        self,
        plan: RosterPlan,
        entries: Iterable[Entry] = (),
        *,
        removals: Iterable[str] = (),
        is_whole_team: bool = False,
        source: str = "",
        confirm_number: int | None = None,
    ) -> Job:
        """Begin to do what the plan said, given what it was made for, and return the job.

        Raises ``StalePlan`` when GitHub has changed since, ``ConfirmationNeeded`` without the
        number that the plan asks for.
        """
        asked = _asked(plan.team, entries, removals, is_whole_team, source)
        body = Application(**dict(asked), plan_id=plan.id, confirm_number=confirm_number)
        return self._transport.post(Job, "roster", "applications", body=body)

    def plan_offboarding(self, request: OffboardingRequest) -> Plan:
        """Return the steps that would end somebody's access."""
        return self._transport.post(Plan, "roster", "offboardings", "plans", body=request)

    def offboard(
        self, plan: Plan, request: OffboardingRequest, *, confirm_number: int | None = None
    ) -> Job:
        """Begin to end somebody's access as planned and return the job."""
        body = Offboarding(**dict(request), plan_id=plan.id, confirm_number=confirm_number)
        return self._transport.post(Job, "roster", "offboardings", body=body)

    def check_setup(self) -> Setup:
        """Return the first-time setup, each step tried just now."""
        return self._transport.get(Setup, "roster", "setup")


def _asked(
    team: str,
    entries: Iterable[Entry],
    removals: Iterable[str],
    is_whole_team: bool,
    source: str,
) -> PlanRequest:
    return PlanRequest(
        team=team,
        entries=tuple(entries),
        removals=tuple(removals),
        is_whole_team=is_whole_team,
        source=source,
    )
