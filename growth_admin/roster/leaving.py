"""How somebody's access ends: the steps in the order that was found to work, and what may hurt.

GitHub first, or they log in again. Then every server, because the hub cannot delete a user whose
named server runs. Then the hub user, whose tokens end with it: tokens alone are not enough, a
cookie outlives them. The home last. Pure: nothing here asks or changes anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from growth_admin.core.plan import Plan, PlanItem, make_plan
from growth_admin.core.schema import Model
from growth_admin.roster.models import OffboardingRequest, PersonRow

Kind = Literal[
    "remove", "cancel", "leave", "note", "stop", "end-tokens", "delete-user", "archive", "delete"
]
WORDS: Final[dict[Kind, str]] = {
    "remove": "remove",
    "cancel": "cancel",
    "leave": "leave",
    "note": "note",
    "stop": "stop",
    "end-tokens": "end",
    "delete-user": "delete",
    "archive": "archive",
    "delete": "delete",
}
CONFIRM: Final = 1
"""What has to be typed for an owner, and where a home is deleted: the number of people."""


class LeavingStep(Model):
    """One step; the fields that its kind needs are filled."""

    kind: Kind
    target: str
    detail: str = ""
    login: str = ""
    slug: str = ""
    invitation_id: int | None = None
    hub_name: str = ""
    container: str = ""


@dataclass(frozen=True)
class Leaver:
    """Who leaves, and where they were seen just now."""

    row: PersonRow
    teams: tuple[str, ...] = ()
    """Slugs of the school's teams they are in."""
    child_teams: tuple[str, ...] = ()
    """Those of them where they are through a child team (too)."""
    invitations: tuple[tuple[str, int], ...] = ()
    """Slug and number of each pending invitation."""
    is_in_organization: bool = False
    has_hub: bool = True
    is_queued: bool = False

    @property
    def label(self) -> str:
        """What the person is called here."""
        row = self.row
        return row.login or row.email or row.name or row.names.hub or row.key


def steps_of(leaver: Leaver, request: OffboardingRequest) -> tuple[LeavingStep, ...]:
    """Return the steps in their order."""
    return (
        *_at_github(leaver, request),
        LeavingStep(
            kind="note",
            target="the roster",
            detail="the person stays in it as removed, so that the login is recognised",
        ),
        *_at_hub(leaver),
        *_at_home(leaver, request),
    )


def _at_github(leaver: Leaver, request: OffboardingRequest) -> Iterator[LeavingStep]:
    login = leaver.row.login
    for slug, number in leaver.invitations:
        yield LeavingStep(
            kind="cancel",
            target=f"invitation to {slug}",
            detail="taken back; GitHub tells the person",
            invitation_id=number,
        )
    if request.leaves_organization and leaver.is_in_organization:
        yield LeavingStep(
            kind="leave",
            target="the organization",
            detail="out of all its teams; their private forks of its repositories are deleted",
            login=login,
        )
        return
    for slug in leaver.teams:
        yield LeavingStep(
            kind="remove", target=f"team {slug}", detail="out of the team", login=login, slug=slug
        )


def _at_hub(leaver: Leaver) -> Iterator[LeavingStep]:
    if leaver.row.hub is None:
        return
    name = leaver.row.names.hub
    yield LeavingStep(
        kind="stop",
        target=f"servers of {name}",
        detail="every server, named ones too; what is not saved is lost",
        hub_name=name,
    )
    yield LeavingStep(
        kind="delete-user",
        target=f"hub user {name}",
        detail="the login page is all that a browser left open still reaches",
        hub_name=name,
    )
    yield LeavingStep(
        kind="end-tokens",
        target=f"tokens of {name}",
        detail="end with the hub user; before that a live cookie would outlive them",
        hub_name=name,
    )


def _at_home(leaver: Leaver, request: OffboardingRequest) -> Iterator[LeavingStep]:
    container = leaver.row.names.container
    if request.home == "keep" or not container:
        return
    if request.home == "archive":
        yield LeavingStep(
            kind="archive",
            target=f"home {container}",
            detail="packed with its SHA-256, and read back",
            container=container,
        )
    said = "once the archive was read back" if request.home == "archive" else "without an archive"
    yield LeavingStep(
        kind="delete", target=f"home {container}", detail=f"deleted, {said}", container=container
    )


def plan_of(leaver: Leaver, request: OffboardingRequest) -> Plan:
    """Return the plan; its id covers person, teams, invitations and choices, not what runs."""
    row = leaver.row
    steps = steps_of(leaver, request)
    is_guarded = row.is_owner or row.is_self or request.home == "delete"
    return make_plan(
        action="offboard",
        title=f"End the access of {leaver.label}",
        items=tuple(
            PlanItem(target=step.target, action=WORDS[step.kind], detail=step.detail)
            for step in steps
        ),
        world=[row.key, row.github_id, row.login, request.as_json(), leaver.invitations],
        warnings=tuple(_warnings(leaver, request)),
        confirm_number=CONFIRM if is_guarded else None,
    )


def _warnings(leaver: Leaver, request: OffboardingRequest) -> Iterator[str]:
    row = leaver.row
    if row.is_owner:
        yield f"{leaver.label} is an owner of the organization. Type {CONFIRM} if you mean it."
    if row.is_self:
        yield "GitHub is asked with this person's token: it will see nothing of the school then."
    if row.hub and row.hub.servers:
        yield f"A server runs: {_names(row.hub.servers)}. What is not saved there is lost."
    if row.hub and row.hub.is_by_name:
        yield (
            f"That the hub user {row.names.hub} is this person is known by the name only: no start "
            "has recorded a number yet."
        )
    for slug in () if request.leaves_organization else leaver.child_teams:
        yield (
            f"They are in a child team of {slug} too: take them out there at GitHub, or let them "
            "leave the organization."
        )
    if leaver.is_queued:
        yield "An invitation waits in the queue for them; it is not sent."
    if not leaver.has_hub:
        yield "There is no hub here: servers, tokens and hub user are left as they are."
    if request.home == "delete":
        yield f"The home {row.names.container} is deleted for ever. Type {CONFIRM} if you mean it."
    elif request.home == "keep" and row.names.container:
        yield f"The home {row.names.container} is kept."


def _names(servers: Sequence[str]) -> str:
    return ", ".join(name or "the default one" for name in servers)
