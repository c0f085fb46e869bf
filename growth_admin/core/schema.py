"""The base of every model that crosses a wire or reaches a disk."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticSerializationError


class Model(BaseModel):
    """A frozen record. Unknown fields are refused, so that a misspelt field never passes unseen.

    What is read back from a disk goes through ``from_record`` or ``from_record_json``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    def as_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values."""
        return self.model_dump(mode="json")

    def as_json_bytes(self) -> bytes:
        """Return the record as JSON in UTF-8, for a disk or a reply.

        Text from outside, such as the name of a file, may hold what UTF-8 cannot say (a lone
        surrogate, for a byte that was no text): it becomes a question mark.
        """
        try:
            return self.model_dump_json().encode()
        except PydanticSerializationError:
            text = json.dumps(self.model_dump(mode="json"), ensure_ascii=False)
            return text.encode("utf-8", "replace")

    @classmethod
    def from_record_json(cls, text: bytes | str) -> Self:
        """Return what was stored as JSON, as ``from_record`` does."""
        return cls.model_validate_json(text, extra="ignore")

    @classmethod
    def from_record(cls, values: Any) -> Self:
        """Return what was stored; fields that are not known here are left out, at any depth.

        After an image was rolled back they are no fault: a newer growth-admin wrote them. What was
        asked for (a request, a job's parameters, a plan) is not read so, because an older one must
        not do a part of it. Raises ``ValidationError``.
        """
        return cls.model_validate(values, extra="ignore")


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
