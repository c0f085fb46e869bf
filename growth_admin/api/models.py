"""What the routes of no room take and give."""

from __future__ import annotations

from pydantic import Field

from growth_admin.core.schema import Model, Moment


class Missing(Model):
    """A part that is not there, and what it disables."""

    area: str
    what: str
    hint: str


class Me(Model):
    """Who asks, and what is open."""

    login: str
    areas: tuple[str, ...]
    scopes: tuple[str, ...]
    groups: tuple[str, ...]
    version: str
    standalone: bool
    server_name: str
    missing: tuple[Missing, ...]


class AuditQuery(Model):
    """Which entries."""

    user: str = Field(default="", description="a part of the user's name")
    permission: str = Field(default="", description="a part of the permission's name")
    area: str = Field(default="", description="only this area")
    since: Moment | None = Field(default=None, description="from this moment on")
    until: Moment | None = Field(default=None, description="before this moment")
    limit: int = Field(default=200, ge=1, le=5000, description="newest entries at the most")
