"""What a job is to do, on the disk: too long for the job's own file, written every second."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError

from growth_admin.core.errors import StorageUnavailable
from growth_admin.core.fsops import create_exclusive, list_names, read_bytes
from growth_admin.core.paths import safe_name
from growth_admin.core.schema import Model, Moment
from growth_admin.roster.models import Entry, Step, StepAction

LIMIT_BYTES: Final = 64 * 1024**2
KEPT: Final = 300


class Order(Model):
    """The steps of a plan, and the people of its list as they were told apart."""

    plan_id: str
    title: str
    team: str = Field(description="slug of the plan's team")
    team_name: str = Field(description="as people know it")
    team_ids: dict[str, int] = Field(description="numbers of the teams of all steps, by slug")
    ranks: dict[str, int] = Field(description="whose invitations go first, by slug")
    steps: tuple[Step, ...]
    people: tuple[tuple[Entry, StepAction], ...] = Field(
        default=(), description="the list, with accounts and slugs, and what the plan says of each"
    )
    source: str = ""
    asked_by: str
    looked: Moment = Field(description="when GitHub was asked, by its clock")


class Orders:
    """Orders in a folder; each is written once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, order: Order) -> str:
        """Write an order and return its name. Raises ``StorageFull``, ``StorageUnavailable``."""
        name = f"{order.looked:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}.json"
        create_exclusive(self._folder / name, order.model_dump_json().encode())
        for old in sorted(list_names(self._folder))[:-KEPT]:
            with suppress(OSError):
                (self._folder / old).unlink()
        return name

    def load(self, name: str) -> Order:
        """Return an order. Raises ``NotFound``, ``StorageUnavailable``."""
        path = self._folder / safe_name(name, "order")
        try:
            return Order.model_validate_json(read_bytes(path, limit_bytes=LIMIT_BYTES))
        except ValidationError as e:
            raise StorageUnavailable(
                f"{path} is damaged.", hint="Make the plan again and apply it."
            ) from e
