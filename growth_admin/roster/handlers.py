"""The roster over HTTP."""

from __future__ import annotations

from pydantic import Field

from growth_admin.api.handler import GrowthHandler
from growth_admin.api.operation import Route, operation
from growth_admin.core.errors import (
    ConfirmationNeeded,
    Conflict,
    GitHubRefused,
    GitHubUnavailable,
    HubRefused,
    InvalidInput,
    NotConfigured,
    NotFound,
    StalePlan,
)
from growth_admin.core.plan import Plan
from growth_admin.core.schema import Model
from growth_admin.jobs.models import Job
from growth_admin.roster.manager import RosterManager
from growth_admin.roster.models import (
    Application,
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

GITHUB_ERRORS = (GitHubRefused, GitHubUnavailable, NotConfigured)
GITHUB_S = 120.0
"""Seconds that a request waits for GitHub: a thousand people are a dozen pages."""


class PeopleQuery(Model):
    """How the people are asked for."""

    is_fresh: bool = Field(default=False, description="ask GitHub and the hub now")
    is_summary: bool = Field(default=False, description="only the counts, without the people")


class _RosterHandler(GrowthHandler):
    manager: RosterManager


class PeopleHandler(_RosterHandler):
    """Everybody the school knows of."""

    @operation(
        "roster.people:read",
        summary="List people: roster, GitHub and hub side by side",
        client="roster.list_people",
        returns=PeopleList,
        query=PeopleQuery,
        errors=GITHUB_ERRORS,
    )
    async def get(self) -> None:
        """Reply with the people."""
        asked = self.query(PeopleQuery)
        listed = await self.call(
            self.manager.list_people, is_fresh=asked.is_fresh, limit_s=GITHUB_S
        )
        self.reply(listed.model_copy(update={"people": ()}) if asked.is_summary else listed)


class PersonHandler(_RosterHandler):
    """One entry of the roster."""

    @operation(
        "roster.people:update",
        summary="Put an entry of the roster right",
        client="roster.update_person",
        returns=PersonRow,
        body=PersonChange,
        errors=(*GITHUB_ERRORS, Conflict, InvalidInput, NotFound),
    )
    async def patch(self, key: str) -> None:
        """Reply with the entry as it is now."""
        change = self.decode(PersonChange)
        row = await self.call(
            self.manager.update_person, key, change, user=self.visitor.name, limit_s=GITHUB_S
        )
        await self.audit(action="update a roster entry", target=row.login or row.email or row.name)
        self.reply(row)


class ImportsHandler(_RosterHandler):
    """Lists that come in."""

    @operation(
        "roster.lists:read",
        summary="Read a list of people; nothing is changed",
        client="roster.read_list",
        returns=ImportPreview,
        body=ImportRequest,
        errors=(InvalidInput,),
    )
    async def post(self) -> None:
        """Reply with the list as it was understood."""
        self.reply(await self.call(self.manager.read_list, self.decode(ImportRequest)))


class PlansHandler(_RosterHandler):
    """What would happen to people."""

    @operation(
        "roster.people:read",
        summary="Plan who is added, invited, moved and removed",
        client="roster.plan",
        returns=RosterPlan,
        body=PlanRequest,
        errors=(*GITHUB_ERRORS, InvalidInput, NotFound),
    )
    async def post(self) -> None:
        """Reply with the plan."""
        asked = self.decode(PlanRequest)
        self.reply(await self.call(self.manager.plan, asked, limit_s=GITHUB_S))


class ApplicationsHandler(_RosterHandler):
    """Plans that are carried out."""

    @operation(
        "roster.teams:change",
        summary="Add, invite, move and remove people as planned",
        client="roster.apply",
        returns=Job,
        status=202,
        body=Application,
        errors=(*GITHUB_ERRORS, ConfirmationNeeded, InvalidInput, NotFound, StalePlan),
    )
    async def post(self) -> None:
        """Reply with the job."""
        asked = self.decode(Application)
        job = await self.call(self.manager.apply, asked, user=self.visitor.name, limit_s=GITHUB_S)
        await self.reply_begun(job, action=job.title, target=asked.team, plan_id=asked.plan_id)


class OffboardingPlansHandler(_RosterHandler):
    """What would happen to somebody who leaves."""

    @operation(
        "roster.people:read",
        summary="Plan to end somebody's access",
        client="roster.plan_offboarding",
        returns=Plan,
        body=OffboardingRequest,
        errors=(*GITHUB_ERRORS, HubRefused, InvalidInput, NotFound),
    )
    async def post(self) -> None:
        """Reply with the plan."""
        asked = self.decode(OffboardingRequest)
        self.reply(await self.call(self.manager.plan_offboarding, asked, limit_s=GITHUB_S))


class OffboardingsHandler(_RosterHandler):
    """People who leave."""

    @operation(
        "roster.people:offboard",
        summary="End somebody's access as planned",
        client="roster.offboard",
        returns=Job,
        status=202,
        body=Offboarding,
        errors=(
            *GITHUB_ERRORS,
            ConfirmationNeeded,
            HubRefused,
            InvalidInput,
            NotFound,
            StalePlan,
        ),
    )
    async def post(self) -> None:
        """Reply with the job."""
        asked = self.decode(Offboarding)
        job = await self.call(
            self.manager.offboard, asked, user=self.visitor.name, limit_s=GITHUB_S
        )
        await self.reply_begun(job, action=job.title, target=asked.key, plan_id=asked.plan_id)


class SetupHandler(_RosterHandler):
    """The first-time setup."""

    @operation(
        "roster.setup:read",
        summary="Try each step of the first-time setup",
        client="roster.check_setup",
        returns=Setup,
    )
    async def get(self) -> None:
        """Reply with the checks."""
        self.reply(await self.call(self.manager.check_setup, limit_s=GITHUB_S))


ROUTES = (
    Route("roster/people", PeopleHandler),
    Route("roster/people/{key}", PersonHandler),
    Route("roster/imports", ImportsHandler),
    Route("roster/plans", PlansHandler),
    Route("roster/applications", ApplicationsHandler),
    Route("roster/offboardings/plans", OffboardingPlansHandler),
    Route("roster/offboardings", OffboardingsHandler),
    Route("roster/setup", SetupHandler),
)
