"""When the bot is to run: times of the day in the school's zone. Pure: reads no clock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True)
class Schedule:
    """Times of every day. Without a zone those of this server's clock.

    A time that the clocks skip in spring is the moment at which they skip it, and one that they
    show twice in autumn is its first.
    """

    times: tuple[time, ...] = ()
    zone: tzinfo | None = None

    def last_slot(self, at: datetime) -> datetime | None:
        """Return the newest time that is not after ``at``; nothing without times."""
        return max((slot for slot in self._around(at) if slot <= at), default=None)

    def next_slot(self, at: datetime) -> datetime | None:
        """Return the first time after ``at``; nothing without times."""
        return min((slot for slot in self._around(at) if slot > at), default=None)

    def due_slot(self, at: datetime, late: timedelta) -> datetime | None:
        """Return the newest time if it was no longer ago than ``late``: later it is not made up."""
        slot = self.last_slot(at)
        return slot if slot is not None and at - slot <= late else None

    def local(self, moment: datetime) -> datetime:
        """Return the moment as the school's clock shows it."""
        return moment.astimezone(self.zone)

    def _around(self, at: datetime) -> Iterator[datetime]:
        today = self.local(at).date()
        for days in (-1, 0, 1):
            for moment in self.times:
                yield self._moment(today + timedelta(days=days), moment)

    def _moment(self, day: date, moment: time) -> datetime:
        wall = datetime.combine(day, moment)
        return wall.replace(tzinfo=self.zone) if self.zone else wall.astimezone()


def key_of(slot: datetime) -> str:
    """Return what names a slot on every server, whatever its clock's zone."""
    return slot.astimezone(UTC).isoformat(timespec="minutes")


def parse_times(given: Sequence[str]) -> tuple[time, ...]:
    """Return the times of the day. Raises ``ValueError`` for what is not HH:MM."""
    found = []
    for text in given:
        match = TIME.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r} is not a time of the day such as 08:20")
        found.append(time(int(match[1]), int(match[2])))
    return tuple(sorted(set(found)))


def parse_zone(name: str) -> tzinfo | None:
    """Return the zone of this name, nothing for an empty one.

    Raises ``ValueError`` for a name that is not known.
    """
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError) as e:
        raise ValueError(f"{name!r} is not a time zone such as Europe/Lisbon") from e
