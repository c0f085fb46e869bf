"""Heads of HTTP replies and their fields, read at little cost.

Source: RFC 9112, sections 5 (field lines) and 5.2 (folded ones).
"""

from __future__ import annotations

import http.client
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Self

LINE_BYTES: Final = 65536
MOST_LINES: Final = 101
"""Of a head: 100 fields, and what stands before them."""


class Headers(Mapping[str, str]):
    """Header fields by name in any case; those that come several times are joined by commas."""

    def __init__(self) -> None:
        self._values: dict[str, list[str]] = {}

    @classmethod
    def of(cls, lines: Iterable[str]) -> Self:
        """Return the fields of these lines; a line that is none is passed over."""
        headers, name = cls(), ""
        values = headers._values
        for line in lines:
            if line.startswith((" ", "\t")):  # goes on with the field that came last
                if name:
                    values[name][-1] += f" {line.strip()}"
                continue
            name, found, value = line.partition(":")
            name = name.rstrip().lower() if found else ""
            if name in values:
                values[name].append(value.strip())
            elif name:
                values[name] = [value.strip()]
        return headers

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._values[name.lower()])

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def get(self, name: str, default: Any = None) -> Any:
        """Return a field, or the default; ``Mapping``'s own would raise and catch."""
        values = self._values.get(name.lower())
        return default if values is None else values[0] if len(values) == 1 else ", ".join(values)

    def get_all(self, name: str, default: Any = None) -> Any:
        """Return a field's values one by one, as the standard library's cookie jar asks."""
        return self._values.get(name.lower(), default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def read_head(reader: io.BufferedReader) -> list[str]:
    """Return the lines up to the empty one: the status line, then the fields.

    Raises ``HTTPException`` and ``OSError``; ``RemoteDisconnected`` if nothing comes at all.
    """
    seen = reader.peek(1)
    size = seen.find(b"\r\n\r\n")
    # as a rule all of it is there, in lines that end as they should
    if size >= 0 and seen.count(b"\n", 0, size) == seen.count(b"\r\n", 0, size):
        lines = reader.read(size + 4)[:size].decode("iso-8859-1").split("\r\n")
    else:
        lines = list(_lines(reader))
    if len(lines) > MOST_LINES:
        raise _too_long()
    return lines


def _lines(reader: io.BufferedReader) -> Iterator[str]:
    count = 0
    while (line := reader.readline(LINE_BYTES + 1)) not in (b"\r\n", b"\n"):
        count += 1
        if not line and count == 1:
            raise http.client.RemoteDisconnected("no reply")
        if not line.endswith(b"\n") and len(line) <= LINE_BYTES:
            raise http.client.IncompleteRead(b"")
        if len(line) > LINE_BYTES or count > MOST_LINES:
            raise _too_long()
        yield line.decode("iso-8859-1").rstrip("\r\n")


def _too_long() -> http.client.HTTPException:
    return http.client.HTTPException("the header is too long")
