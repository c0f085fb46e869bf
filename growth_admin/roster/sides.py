"""The three sides of a school, as they were read: the roster, GitHub, the hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from growth_admin.roster.book import Listed
from growth_admin.roster.facts import Account, FailedInvitation, HubAccount, Invitation
from growth_admin.roster.queue import Waiting


@dataclass(frozen=True)
class TeamFacts:
    """A team of the school as GitHub shows it."""

    members: tuple[Account, ...] = ()
    invitations: tuple[Invitation, ...] = ()


@dataclass(frozen=True)
class GitHubFacts:
    """What GitHub said; ``accounts`` are logins (lower case) that were looked up one by one.

    ``teams`` are by slug."""

    as_of: datetime
    teams: Mapping[str, TeamFacts]
    failed: tuple[FailedInvitation, ...] = ()
    owners: frozenset[int] = frozenset()
    own_id: int | None = None
    blocked: frozenset[int] = frozenset()
    accounts: Mapping[str, Account | None] = field(default_factory=dict)
    slugs: Mapping[str, str] = field(default_factory=dict)
    """Names of teams as configured -> their slugs."""


@dataclass(frozen=True)
class HubFacts:
    """What the hub said; ``tokens`` of those who were asked about."""

    accounts: Mapping[str, HubAccount]
    tokens: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Sides:
    """All that the people's table is made of. ``hub`` is absent without a hub."""

    people: tuple[Listed, ...]
    now: datetime
    github: GitHubFacts | None = None
    hub: HubFacts | None = None
    waiting: tuple[Waiting, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    """Slug of a team of the school -> the hub group that stands for it."""
    reserved: frozenset[str] = frozenset()
