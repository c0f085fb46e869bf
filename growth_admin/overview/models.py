"""A line of the school-day page, and the page."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from growth_admin.core.schema import Model, Moment

LineState = Literal["ok", "warning", "error", "unknown"]
Panel = Literal["startup", "datasets", "roster", "servers", "jobs", "audit"]


class Mend(Model):
    """What to do about a line."""

    label: str = Field(description="a verb with its object, for the button")
    panel: Panel = Field(description="area whose panel mends it")
    command: str = Field(description="Lab's command that opens it, without the prefix")
    request: str = Field(
        default="",
        description="path below the API's root: a POST of an empty object there does it, and "
        "no panel is opened",
    )


class Line(Model):
    """One fact about the school."""

    id: str
    title: str = Field(description="what the line is about, in a word or two")
    state: LineState = Field(description="unknown: it cannot be told, the sentence says why")
    sentence: str = Field(description="the fact, with its numbers")
    details: tuple[str, ...] = Field(default=(), description="the first of what is counted")
    lacks: str = Field(
        default="", description="the permission or part without which it cannot be told"
    )
    hint: str = Field(default="", description="what to do next, where no panel does it")
    mend: Mend | None = None
    is_pinned: bool = Field(default=False, description="it stays in sight when it is good too")
    is_under_way: bool = Field(
        default=False, description="it changes within seconds: look again soon"
    )


class Overview(Model):
    """The school at one moment, worst lines first."""

    lines: tuple[Line, ...]
    counts: dict[LineState, int] = Field(description="lines by state; every state is there")
    as_of: Moment


def mend(panel: Panel, label: str, request: str = "") -> Mend:
    """Return the action that opens the panel of an area, or puts the request if there is one."""
    return Mend(label=label, panel=panel, command=f"open-{panel}", request=request)
