"""The stand-in's file: everything in one JSON document, replaced in one step.

Written often and by a single process, so it is neither indented nor synced to the disk: what was
answered survives a killed process, not a power cut. Only the parts that changed (people, each
organization) are made into text again. Files of earlier versions are read.
"""

import json
import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from growth_admin.deploy.standins.github import repositories
from growth_admin.deploy.standins.github.credentials import App, Application, Installation, Token
from growth_admin.deploy.standins.github.invitations import Invitation, Mail
from growth_admin.deploy.standins.github.limits import Rules
from growth_admin.deploy.standins.github.organizations import (
    Membership,
    Organization,
    Policy,
    Team,
)
from growth_admin.deploy.standins.github.people import Person

if TYPE_CHECKING:
    from growth_admin.deploy.standins.github.world import World

Made = TypeVar("Made")


def write(world: "World", path: Path) -> None:
    """Write the state; a reader sees the old one or the new one."""
    texts = world.texts
    if "people" not in texts:
        texts["people"] = _text(list(world.people.values()))
    for organization in world.organizations.values():
        if str(organization.id) not in texts:
            texts[str(organization.id)] = _text(organization)
    organizations = ", ".join(texts[str(one.id)] for one in world.organizations.values())
    rest = {
        "next_id": world.next_id,
        "clock_offset_s": world.clock.offset_s,
        "seeded": sorted(world.seeded),
        "applications": list(world.applications.values()),
        "apps": list(world.apps.values()),
        "installations": list(world.installations.values()),
        "tokens": list(world.tokens.values()),
        "limits": world.limits.rules,
        "repositories": list(world.repositories.values()),
    }
    parts = f'"people": {texts["people"]}, "organizations": [{organizations}]'
    text = f"{{{parts}, {_text(rest)[1:]}"
    staged = path.with_name(f".{path.name}.part")
    handle = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(staged, path)


def _text(value: Any) -> str:
    """As JSON. (`asdict` would copy, which takes ten times as long.)"""
    return json.dumps(value, default=vars, check_circular=False)


def load(world: "World", path: Path) -> None:
    """Read the state into an empty world."""
    state = json.loads(path.read_text(encoding="utf-8"))
    world.next_id, world.seeded = state["next_id"], set(state["seeded"])
    world.clock.offset_s = state.get("clock_offset_s", 0.0)
    for raw in state["people"]:
        world.people.add(_made(Person, raw))
    world.applications = {a["client_id"]: _made(Application, a) for a in state["applications"]}
    world.tokens = {t["value"]: _made(Token, t) for t in state["tokens"]}
    world.apps = {a["id"]: _made(App, a) for a in state.get("apps", ())}
    world.installations = {i["id"]: _made(Installation, i) for i in state.get("installations", ())}
    world.repositories = {r["id"]: repositories.loaded(r) for r in state.get("repositories", ())}
    world.limits.rules = _made(Rules, state.get("limits", {}))
    for raw in state["organizations"]:
        organization = _organization(raw)
        world.organizations[organization.login.lower()] = organization
        _invite_the_pending(world, organization, raw)


def _made(kind: Callable[..., Made], raw: dict[str, Any]) -> Made:
    """The record, without what later versions no longer keep."""
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]  # all of them are dataclasses
    return kind(**{k: v for k, v in raw.items() if k in known})


def _organization(raw: dict[str, Any]) -> Organization:
    teams = {
        slug: _made(Team, {**team, "members": _active(team["members"])})
        for slug, team in raw["teams"].items()
    }
    invitations = {
        int(number): _made(Invitation, {**one, "teams": _by_number(one["teams"])})
        for number, one in raw.get("invitations", {}).items()
    }
    more = {
        "teams": teams,
        "members": _active(raw["members"]),
        "invitations": invitations,
        "mails": [_made(Mail, mail) for mail in raw.get("mails", ())],
        "policy": _made(Policy, raw.get("policy", {})),
    }
    return _made(Organization, {**raw, **more})


def _by_number(raw: dict[str, Any]) -> dict[int, Any]:
    return {int(number): value for number, value in raw.items()}


def _active(raw: dict[str, Any]) -> dict[int, Membership]:
    """Memberships, without those that were pending when these were kept among them."""
    return {
        number: _made(Membership, one)
        for number, one in _by_number(raw).items()
        if one.get("state", "active") == "active"
    }


def _invite_the_pending(world: "World", organization: Organization, raw: dict[str, Any]) -> None:
    """Before there were invitations, who was invited stood among the members as pending."""
    for number, one in _by_number(raw["members"]).items():
        if one.get("state") == "pending":
            teams = {
                team["id"]: team["members"][str(number)]["role"]
                for team in raw["teams"].values()
                if str(number) in team["members"]
            }
            inviter = next(iter(organization.owners()), 0)
            invitation = Invitation(world.new_id(), inviter, world.clock.now_s(), number)
            invitation.role = "admin" if one["role"] == "admin" else "direct_member"
            invitation.teams = teams
            organization.invitations[invitation.id] = invitation
