"""Plans and begins the end of somebody's access, as a job that can be killed and goes on."""

from __future__ import annotations

from typing import Any, Final

from growth_admin.core.errors import ConfirmationNeeded, InvalidInput
from growth_admin.core.plan import Plan, require_same
from growth_admin.jobs.engine import JobContext, JobEngine, Runner
from growth_admin.jobs.models import Job
from growth_admin.roster.leaving import Leaver, plan_of, steps_of
from growth_admin.roster.models import Offboarding, OffboardingRequest
from growth_admin.roster.taking_leave import Doors, Leaving

KIND: Final = "roster.offboard"
PERMISSION: Final = "roster.people:offboard"


class Leavings:
    """Plans and begins the end of somebody's access."""

    def __init__(self, doors: Doors, engine: JobEngine, *, user: str) -> None:
        self._doors = doors
        self._engine = engine
        self._user = user
        engine.register(Runner(KIND, PERMISSION, self._run, is_resumable=True))

    def plan(self, request: OffboardingRequest) -> Plan:
        """Return the steps, as GitHub and the hub are at this moment.

        Raises ``NotFound`` for nobody, ``InvalidInput`` for oneself or a home that cannot be
        reached, and what GitHub and the hub raise when they are away.
        """
        return plan_of(self._look(request), request)

    def start(self, offboarding: Offboarding, *, user: str) -> Job:
        """Begin to take the steps and return the job.

        Raises as ``plan``, ``StalePlan``, and ``ConfirmationNeeded`` without the number.
        """
        request = OffboardingRequest(
            key=offboarding.key,
            leaves_organization=offboarding.leaves_organization,
            home=offboarding.home,
        )
        leaver = self._look(request)
        plan = plan_of(leaver, request)
        require_same(offboarding.plan_id, plan)
        if plan.confirm_number is not None and offboarding.confirm_number != plan.confirm_number:
            raise ConfirmationNeeded(
                f"{plan.title}: this must be confirmed. {plan.warnings[0]}",
                hint=f"Type the number {plan.confirm_number}.",
            )
        params = {
            "plan_id": plan.id,
            "title": plan.title,
            "label": leaver.label,
            "person": leaver.row.as_json(),
            "steps": [step.as_json() for step in steps_of(leaver, request)],
        }
        return self._engine.start_job(
            KIND, title=plan.title, params=params, user=user, subject="roster/people"
        )

    # -- looking

    def _look(self, request: OffboardingRequest) -> Leaver:
        found = self._doors.people.look_closely(request.key)
        row = found.row
        if row.names.hub and row.names.hub == self._user:
            raise InvalidInput(
                "This is you: the hub deletes nobody who asks for it, and your server would end "
                "with the job.",
                hint="Ask another admin.",
            )
        if request.home != "keep" and row.names.container:
            self._doors.homes().require_reach(row.names.container, row.github_id)
        is_leaving = request.leaves_organization and bool(row.login)
        state = self._doors.school.get_organization_state(row.login) if is_leaving else ""
        return Leaver(
            row=row,
            teams=found.teams,
            child_teams=tuple(
                slug
                for slug in found.teams
                if row.github_id in self._doors.school.list_child_members(slug)
            ),
            invitations=found.invitations,
            is_in_organization=bool(state),
            has_hub=self._doors.hub is not None,
            is_queued=any(one.key == row.key for one in self._doors.queue.load().waiting),
        )

    def _run(self, context: JobContext) -> dict[str, Any]:
        try:
            return Leaving(self._doors, context).run()
        finally:
            self._doors.people.forget()
