"""The roster as it crosses the wire: lists that come in, plans, people as they stand."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from growth_admin.core.plan import Plan, PlanItem
from growth_admin.core.schema import Model, Moment

PEOPLE_LIMIT: Final = 5_000
FILE_LIMIT_BYTES: Final = 2 * 1024**2

FieldName = Literal[
    "name", "given_name", "family_name", "email", "login", "github_id", "team", "note", ""
]
"""What a column of a list holds; empty: it is not used."""

StepAction = Literal[
    "add", "invite", "none", "pending", "expired", "move", "remove", "unknown", "left", "blocked"
]
"""What a plan says of one person.

``add``: a member of the organization joins the team at once. ``invite``: GitHub sends an
invitation. ``none``: in the team already. ``pending``: invited, not accepted yet. ``expired``: the
invitation ran out or failed; a new one is sent. ``move``: out of another team of the school into
this one. ``remove``: out of the team, or the invitation is taken back. ``unknown``: GitHub knows no
such user (or it is an organization). ``left``: was in the team and left without us. ``blocked``:
the organization blocks this user. The last three are left alone.
"""
CHANGES: Final = ("add", "invite", "expired", "move", "remove")

State = Literal[
    "active",
    "invited",
    "expired",
    "failed",
    "queued",
    "absent",
    "left",
    "removed",
    "unknown",
    "blocked",
    "unlisted",
]
"""How somebody stands: ``queued``: the invitation waits for tomorrow's budget. ``absent``: on the
roster, neither in the team nor invited. ``unlisted``: in the team, not on the roster."""

Flag = Literal[
    "never_logged_in",
    "no_team",
    "no_admins_team",
    "still_running",
    "still_has_tokens",
    "still_at_hub",
    "renamed",
    "name_taken_over",
    "two_logins",
    "wrong_team",
]
"""What needs an eye although the state alone looks right."""

Key = Annotated[str, Field(min_length=1, max_length=64, pattern=r"[A-Za-z0-9][A-Za-z0-9:@._+-]*")]


# -- lists that come in


class Column(Model):
    """One column of a list."""

    index: int = Field(ge=0)
    title: str = Field(description="as in the file; empty if it has none")
    field: FieldName = Field(default="", description="what it was recognised as")
    samples: tuple[str, ...] = Field(default=(), description="the first few cells that hold text")


class CellProblem(Model):
    """What is wrong with one cell."""

    row: int = Field(description="as a spreadsheet numbers it, from 1, heading included")
    column: str = Field(description="title of the column, or its letter")
    value: str
    message: str
    suggestion: str = Field(default="", description="what was probably meant")


class Correction(Model):
    """A cell that the admin has put right."""

    row: int = Field(ge=1)
    field: FieldName
    value: str = Field(max_length=500)


class ImportRequest(Model):
    """A list of people: pasted text, or a file in base64."""

    filename: str = Field(default="", max_length=255)
    text: str = Field(default="", max_length=FILE_LIMIT_BYTES, description="pasted text")
    content: str = Field(
        default="", max_length=FILE_LIMIT_BYTES * 4 // 3 + 4, description="the file, in base64"
    )
    mapping: dict[int, FieldName] | None = Field(
        default=None, description="column index to field; without it columns are recognised"
    )
    corrections: tuple[Correction, ...] = Field(default=(), max_length=PEOPLE_LIMIT)
    skip: tuple[int, ...] = Field(default=(), max_length=PEOPLE_LIMIT, description="rows left out")


class Entry(Model):
    """One person, as a list says: what a plan is asked to bring about."""

    row: int = Field(default=0, description="row of the list; 0 without a list")
    name: str = Field(default="", max_length=200)
    email: str = Field(default="", max_length=254)
    login: str = Field(default="", max_length=100, description="at GitHub, as written")
    github_id: int | None = Field(default=None, description="account number, if known")
    team: str = Field(default="", max_length=100, description="empty: the team of the plan")
    note: str = Field(default="", max_length=1000)


class ImportPreview(Model):
    """A list as it was understood. Nothing is changed yet."""

    filename: str = ""
    format: str = Field(description="csv, tsv, xlsx or text")
    columns: tuple[Column, ...]
    entries: tuple[Entry, ...] = Field(description="rows without a problem")
    problems: tuple[CellProblem, ...] = Field(description="rows that are left out, by cell")
    readings: tuple[CellProblem, ...] = Field(
        default=(), description="cells that were read as something else than they say"
    )
    rows: int = Field(description="rows that hold anything, heading not counted")


# -- plans


class PlanRequest(Model):
    """Who is to be in a team, and who is not."""

    team: str = Field(min_length=1, max_length=100, description="name or slug")
    entries: tuple[Entry, ...] = Field(default=(), max_length=PEOPLE_LIMIT)
    removals: tuple[Key, ...] = Field(
        default=(), max_length=PEOPLE_LIMIT, description="logins or e-mail addresses to remove"
    )
    is_whole_team: bool = Field(
        default=False, description="whether whoever is not in the list is removed from the team"
    )
    source: str = Field(default="", max_length=255, description="where the list came from")


class Application(PlanRequest):
    """A plan that was shown and is to be done."""

    plan_id: str = Field(min_length=1, max_length=64)
    confirm_number: int | None = Field(default=None, description="as typed, where the plan asks")


class Step(Model):
    """What happens to one person, and why."""

    action: StepAction
    login: str = ""
    email: str = ""
    team: str = Field(description="slug of the team")
    reason: str = ""
    name: str = ""
    github_id: int | None = None
    row: int = 0
    from_team: str = Field(default="", description="slug of the team somebody is moved out of")
    invitation_id: int | None = None
    days_left: float | None = Field(default=None, description="until a pending invitation expires")
    suggestions: tuple[str, ...] = Field(default=(), description="logins that were perhaps meant")

    @property
    def target(self) -> str:
        """The login, or without one the e-mail address."""
        return self.login or self.email


class Budget(Model):
    """Invitations that the organization may send within 24 hours."""

    limit: int = Field(description="50 or 500; learnt from GitHub's refusals too")
    used: int = Field(description="sent within the last 24 hours, as far as we know")
    free_at: Moment | None = Field(default=None, description="when more may be sent")


class RosterPlan(Plan):
    """A plan, person by person."""

    team: str = Field(description="slug")
    steps: tuple[Step, ...]
    counts: dict[StepAction, int] = Field(description="steps by action; those that occur")
    budget: Budget
    queued: int = Field(default=0, description="invitations that have to wait for another day")


def item_of(step: Step) -> PlanItem:
    """Return the step as every plan shows it."""
    return PlanItem(target=step.target, action=step.action, detail=step.reason)


# -- people as they stand


class Names(Model):
    """The spellings of one person's name."""

    login: str = Field(default="", description="at GitHub, with its capitals")
    hub: str = Field(default="", description="at the hub")
    container: str = Field(default="", description="account and home in the container, NB_USER")
    homes: tuple[str, ...] = Field(
        default=(), description="slugs that KubeSpawner's old and new scheme make of the hub name"
    )
    log: str = Field(default="", description="first part of the names of the start logs")


class HubSide(Model):
    """What the hub knows of somebody."""

    groups: tuple[str, ...] = ()
    servers: tuple[str, ...] = Field(default=(), description="names of servers that run")
    last_activity: Moment | None = None
    tokens: int | None = Field(default=None, description="live ones; unknown without permission")
    is_admin: bool = Field(default=False, description="whether the hub calls them an admin")
    is_by_name: bool = Field(
        default=True,
        description="whether only the name says that this is the person: no start told a number",
    )


class PersonRow(Model):
    """One person: roster, GitHub and hub side by side."""

    key: str = Field(description="stays the same through renames")
    name: str = ""
    email: str = ""
    login: str = ""
    github_id: int | None = None
    team: str = Field(default="", description="slug")
    note: str = ""
    state: State
    detail: str = Field(default="", description="the state in words")
    since: Moment | None = Field(default=None, description="invited, expired or queued since")
    days_left: float | None = None
    flags: tuple[Flag, ...] = ()
    names: Names = Names()
    hub: HubSide | None = Field(default=None, description="absent: the hub does not know them")
    is_owner: bool = False
    is_self: bool = False


class PeopleList(Model):
    """Everybody the school knows of."""

    people: tuple[PersonRow, ...]
    counts: dict[State, int]
    teams: tuple[str, ...] = Field(
        description="slugs of the school's teams, the most powerful first: admins, TAs, students"
    )
    accept_url: str = Field(description="where invitations are accepted")
    organization: str
    budget: Budget
    as_of: Moment = Field(description="when GitHub was asked")
    problems: tuple[str, ...] = Field(default=(), description="what could not be asked")


class PersonChange(Model):
    """Fields of the roster that an admin puts right; those left out stay."""

    name: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=254)
    login: str | None = Field(default=None, max_length=100)
    note: str | None = Field(default=None, max_length=1000)


# -- offboarding


class OffboardingRequest(Model):
    """Somebody who is to leave the school altogether."""

    key: Key
    leaves_organization: bool = False
    home: Literal["keep", "archive", "delete"] = "keep"


class Offboarding(OffboardingRequest):
    """An offboarding that was planned and is to be done."""

    plan_id: str = Field(min_length=1, max_length=64)
    confirm_number: int | None = None


# -- first-time setup


class Check(Model):
    """One step of the first-time setup, tried just now."""

    id: str
    title: str
    state: Literal["ok", "missing", "warning", "unknown"]
    detail: str = ""
    hint: str = Field(default="", description="what to do, with names of buttons and permissions")
    link: str = Field(default="", description="page at GitHub where it is done")


class Setup(Model):
    """The first-time setup, step by step."""

    checks: tuple[Check, ...]
    credential: str = Field(description="kind of credential: app, token or none")
    organization: str
