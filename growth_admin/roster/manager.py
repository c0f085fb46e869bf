"""The roster of a school: read lists, plan, apply, keep in view, offboard."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from traitlets import Integer, Unicode, default
from traitlets.config import Config, LoggingConfigurable

from growth_admin.core.plan import Plan
from growth_admin.jobs.models import Job
from growth_admin.roster.editing import Editor
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
from growth_admin.roster.names import find_people
from growth_admin.roster.people import PeopleTable

ADMINS, TAS, STUDENTS = "admins", "tas", "students"


class Work(Protocol):
    """Plans and what becomes of them."""

    def plan(self, request: PlanRequest) -> RosterPlan:
        """Return the plan."""
        ...

    def apply(self, application: Application, *, user: str) -> Job:
        """Begin to do what the plan says."""
        ...

    def continue_queue(self, user: str) -> Job | None:
        """Begin to send what waits and may be sent now; nothing otherwise."""
        ...

    def open(self) -> None:
        """Begin to look after the queue."""
        ...

    def close(self) -> None:
        """Stop looking after the queue."""
        ...


class Leaving(Protocol):
    """How somebody's access ends."""

    def plan(self, request: OffboardingRequest) -> Plan:
        """Return the steps."""
        ...

    def start(self, offboarding: Offboarding, *, user: str) -> Job:
        """Begin to take the steps."""
        ...


@dataclass(frozen=True)
class Parts:
    """What the manager is made of."""

    people: PeopleTable
    editor: Editor
    check_setup: Callable[[], Setup]
    require_credential: Callable[[], object]
    work: Work
    leaving: Leaving


class RosterManager(LoggingConfigurable):
    """The people of one school."""

    students_team = Unicode(
        help="Team at GitHub whose members are students here: its name or slug. "
        "The hub must be told the same (GROWTH_STUDENTS_TEAM)."
    ).tag(config=True)
    tas_team = Unicode(
        help="Team at GitHub whose members are teaching assistants (GROWTH_TAS_TEAM at the hub)."
    ).tag(config=True)
    admins_team = Unicode(
        help="Team at GitHub whose members are organisers (GROWTH_ADMINS_TEAM at the hub)."
    ).tag(config=True)
    invitation_limit = Integer(
        0,
        min=0,
        help="Invitations that the organization may send within 24 hours. GitHub allows 50, and "
        "500 once the organization is older than a month or on a paid plan. 0: learnt from "
        "GitHub's refusals.",
    ).tag(config=True)
    homes_root = Unicode(
        "",
        help="Folder that holds everybody's home, where admins' servers can reach it. Empty: "
        "homes cannot be reached from here, and who leaves keeps the home.",
    ).tag(config=True)
    reserved_names = Unicode(
        help="Names that no account in the container may have beside those of the images, "
        "separated by commas (GROWTH_RESERVED_NAMES at the hub)."
    ).tag(config=True)

    @default("students_team")
    def _default_students_team(self) -> str:
        return os.environ.get("GROWTH_STUDENTS_TEAM", STUDENTS)

    @default("tas_team")
    def _default_tas_team(self) -> str:
        return os.environ.get("GROWTH_TAS_TEAM", TAS)

    @default("admins_team")
    def _default_admins_team(self) -> str:
        return os.environ.get("GROWTH_ADMINS_TEAM", ADMINS)

    @default("reserved_names")
    def _default_reserved_names(self) -> str:
        return os.environ.get("GROWTH_RESERVED_NAMES", "")

    def __init__(self, *, config: Config) -> None:
        super().__init__(config=config)

    def connect(self, parts: Parts) -> None:
        """Take the parts."""
        self._parts = parts

    def open(self) -> None:
        """Begin to look after the invitations that wait."""
        self._parts.work.open()

    def close(self) -> None:
        """Stop looking after them."""
        self._parts.work.close()

    @property
    def groups(self) -> dict[str, str]:
        """Names of the school's teams, the most powerful first, with the hub's groups for them."""
        return {self.admins_team: ADMINS, self.tas_team: TAS, self.students_team: STUDENTS}

    @property
    def reserved(self) -> frozenset[str]:
        """Names that the school keeps from accounts."""
        return frozenset(self.reserved_names.replace(",", " ").split())

    def require_credential(self) -> None:
        """Return if there is what GitHub is asked with. Raises ``NotConfigured``; asks nobody."""
        self._parts.require_credential()

    # -- look

    def list_people(self, *, is_fresh: bool = False) -> PeopleList:
        """Return everybody the school knows of: roster, GitHub and hub side by side.

        What cannot be asked is named in ``problems``; the rest is shown.
        """
        return self._parts.people.list_people(is_fresh=is_fresh)

    def find_people(self, text: str) -> tuple[PersonRow, ...]:
        """Return whoever ``text`` names, by any spelling of login, hub name, home or log."""
        return find_people(text, self.list_people().people)

    def read_list(self, request: ImportRequest, *, team: str = "") -> ImportPreview:
        """Return a list as it is understood; nothing is changed.

        Its column of teams may name the school's; ``team`` is one that is called otherwise than
        the settings say, and stands for that of the same kind. Raises ``InvalidInput``.
        """
        # here and not above: it reads spreadsheets, and a TA's server never does
        from growth_admin.roster.lists import read_list
        from growth_admin.roster.lists.teams import match_team

        teams = tuple(self.groups)
        if team:
            meant = match_team(team, teams)
            teams = (team, *(name for name in teams if name != meant))
        return read_list(request, teams=teams)

    def check_setup(self) -> Setup:
        """Return the first-time setup, each step tried just now."""
        return self._parts.check_setup()

    # -- change

    def update_person(self, key: str, change: PersonChange, *, user: str) -> PersonRow:
        """Put an entry of the roster right and return it.

        A member or invitation that is not on the roster is taken into it. Raises ``NotFound``,
        ``InvalidInput`` for a login that GitHub does not know, ``Conflict`` for somebody else's.
        """
        person = self._parts.editor.update(key, change, user=user)
        return self._parts.people.get_row(person.key)

    def plan(self, request: PlanRequest) -> RosterPlan:
        """Return what bringing these people in, and those out, would do."""
        return self._parts.work.plan(request)

    def apply(self, application: Application, *, user: str) -> Job:
        """Begin to do what the plan says and return the job."""
        job = self._parts.work.apply(application, user=user)
        self._parts.people.forget()
        return job

    def continue_queue(self, *, user: str) -> Job | None:
        """Begin to send invitations that wait, if some may be sent now, and return the job."""
        return self._parts.work.continue_queue(user)

    def plan_offboarding(self, request: OffboardingRequest) -> Plan:
        """Return the steps that would end somebody's access."""
        return self._parts.leaving.plan(request)

    def offboard(self, offboarding: Offboarding, *, user: str) -> Job:
        """Begin to end somebody's access and return the job."""
        job = self._parts.leaving.start(offboarding, user=user)
        self._parts.people.forget()
        return job
