"""The base of every model that crosses a wire or reaches a disk."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, PlainSerializer, WithJsonSchema


class Model(BaseModel):
    """A frozen record. Unknown fields are refused, so that a misspelt field never passes unseen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def as_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values."""
        return self.model_dump(mode="json")


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def to_rfc3339(moment: datetime) -> str:
    """Return the moment as RFC 3339 text in UTC with a ``Z``, microseconds kept."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Moment = Annotated[
    AwareDatetime,
    PlainSerializer(to_rfc3339, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment in time, never without its time zone; travels as RFC 3339 text in UTC."""
