"""Header fields of HTTP replies, read at little cost.

Source: RFC 9112, sections 5 (field lines) and 5.2 (folded ones).
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from typing import Any, Final

LINE_BYTES: Final = 65536
MOST_HEADERS: Final = 100


class Headers(Mapping[str, str]):
    """Header fields by name in any case; those that come several times are joined by commas."""

    def __init__(self) -> None:
        self._values: dict[str, list[str]] = {}

    def add(self, name: str, value: str) -> None:
        """Take a field."""
        values = self._values.get(name := name.lower())
        if values is None:
            self._values[name] = [value]
        else:
            values.append(value)

    def fold(self, name: str, text: str) -> None:
        """Go on with the field that came last (RFC 9112, 5.2)."""
        self._values[name.lower()][-1] += f" {text}"

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._values[name.lower()])

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


def read_headers(reader: Any) -> Headers:
    """Return the header fields up to the empty line. Raises ``HTTPException``."""
    headers, name, count = Headers(), "", 0
    while (line := reader.readline(LINE_BYTES + 1)) not in (b"\r\n", b"\n"):
        count += 1
        if not line:
            raise http.client.IncompleteRead(b"")
        if len(line) > LINE_BYTES or count > MOST_HEADERS:
            raise http.client.HTTPException("the header is too long")
        text = line.decode("iso-8859-1")
        if text[0] in " \t":
            if name:
                headers.fold(name, text.strip())
            continue
        name, found, value = text.partition(":")
        name = name.rstrip() if found else ""
        if name:
            headers.add(name, value.strip())
    return headers
