"""Lines of the three lists: read them, and change one without touching another.

Sources: pip, "Requirements File Format"; PEP 508; conda, "Package match specifications"; Debian
policy 5.6.1 (names) and 5.6.12 (versions), apt-get(8).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from growth_admin.core.errors import InvalidInput, NotFound
from growth_admin.images.packages.models import ListName, Package, PackageChange, SourceFinding

REMARK: Final = re.compile(r"(^|\s+)#.*$")
"""What pip takes for a remark, and the image's own reading of the other lists."""
LOGIN: Final = re.compile(r"(?<=://)[^/\s@]+@")
"""The login in an address, which is shown to nobody."""
OTHER_INDEX: Final = re.compile(
    r"(-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host)(?=[\s=])"
)
NOT_BY_NAME: Final = re.compile(r"^-|^(\w+\+)?\w+://|^\.{0,2}/|\s--[a-z]|\\$")
"""Options (``--hash`` too), addresses, paths, and lines that go on in the next."""
NAME_PIP: Final = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"


@dataclass(frozen=True)
class Syntax:
    """How lines of one list are written."""

    entry: re.Pattern[str]
    pin: str
    version: re.Pattern[str]
    canonical: Callable[[str], str]


SYNTAX: Final[dict[ListName, Syntax]] = {
    "pip": Syntax(
        re.compile(
            rf"(?P<lead>\s*)(?P<name>{NAME_PIP})(?P<extras>\s*\[[^\]]*\])?"
            r"(?P<spec>\s*\(?\s*(?:[=<>!~]=?=?[^;@]*)?)(?P<rest>\s*(?:[;@].*)?)"
        ),
        "==",
        re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*"),
        canonicalize_name,
    ),
    "conda": Syntax(
        re.compile(
            r"(?P<lead>\s*)(?P<name>(?:[\w./:-]+::)?[A-Za-z0-9_][A-Za-z0-9_.-]*)(?P<extras>)"
            r"(?P<spec>\s*(?:[=<>!~].*|\s[0-9*<>=!~].*)?)(?P<rest>)"
        ),
        "=",
        re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_]*"),
        lambda name: name.rpartition("::")[2].lower(),
    ),
    "apt": Syntax(
        re.compile(
            r"(?P<lead>\s*)(?P<name>[a-z0-9][a-z0-9+.-]+(?::[a-z0-9-]+)?)(?P<extras>)"
            r"(?P<spec>(?:=[A-Za-z0-9.+:~-]+)?)(?P<rest>(?:/[a-z0-9.-]+)?\s*)"
        ),
        "=",
        re.compile(r"[A-Za-z0-9][A-Za-z0-9.+:~-]*"),
        str,
    ),
}


@dataclass(frozen=True)
class Line:
    """One line that names a package, in its parts; joined they are the line again."""

    number: int
    lead: str
    name: str
    extras: str
    spec: str
    rest: str
    remark: str

    @property
    def address(self) -> str:
        """Where it comes from, if not from an index (PEP 508, ``name @ address``)."""
        text = self.rest.strip()
        return LOGIN.sub("***@", text) if text.startswith("@") else ""

    @property
    def is_conditional(self) -> bool:
        """Whether it counts for some machines or Pythons only (PEP 508, a marker)."""
        return self.rest.strip().startswith(";")

    def with_pin(self, pin: str) -> str:
        """Return the line with another version, and all else as it is."""
        space = self.spec[len(self.spec.rstrip()) :]
        return f"{self.lead}{self.name}{self.extras}{pin}{space}{self.rest}{self.remark}"


def read(which: ListName, text: str) -> tuple[list[Package], list[SourceFinding]]:
    """Return the packages of a list, and what is wrong or not understood, by line."""
    packages: list[Package] = []
    findings: list[SourceFinding] = []
    seen: dict[str, Line] = {}
    for number, body, remark in _bodies(text):
        line = _parse(which, number, body, remark)
        if line is None:
            findings.append(_not_understood(which, number, body))
            continue
        packages.append(_package(which, line))
        key = SYNTAX[which].canonical(line.name)
        if key in seen:
            first = seen[key]
            is_either = line.is_conditional and first.is_conditional and line.rest != first.rest
            said = f"{line.name} stands on line {first.number} already."
            severity = "info" if is_either else "error"
            findings.append(_finding(which, number, severity, "twice", said))
        elif not packages[-1].version and which != "apt" and not line.address:
            said = f"{line.name} has no version: two builds may differ. Pin it."
            findings.append(_finding(which, number, "warning", "unpinned", said))
        seen.setdefault(key, line)
    if "\r" in text:
        said = "Lines end as on Windows (CRLF): the names would not be understood."
        findings.append(_finding(which, 0, "error", "crlf", said))
    return packages, findings


def edit(text: str, change: PackageChange) -> str:
    """Return a list's text after a change by name; ``change.version`` is settled already.

    Raises ``InvalidInput`` for what is there already or cannot be a name or a version, and
    ``NotFound`` for what is not there. No other line changes, nor the end of any.
    """
    syntax = SYNTAX[change.list]
    name = require_name(change.list, change.name)
    if change.version and not syntax.version.fullmatch(change.version):
        raise InvalidInput(
            f"{change.version!r} is not a version.", fields=[("version", "a number such as 1.2.3")]
        )
    pin = f"{syntax.pin}{change.version}" if change.version else ""
    found = _lines(change.list, text)
    here = [line for line in found if _key(change.list, line.name) == _key(change.list, name)]
    lines = text.splitlines(keepends=True)
    if change.verb == "add":
        if here:
            raise InvalidInput(
                f"{name} is in the list already, on line {here[0].number}.",
                hint="Pin it to another version instead.",
                fields=[("name", "in the list already")],
            )
        _insert(lines, _place(change.list, found, name, len(lines)), name + pin)
    elif not here:
        raise NotFound(f"{name} is not in the list of {change.list}.", hint="Add it instead.")
    elif change.verb == "pin":
        _require_versions(here)
        for line in here:
            lines[line.number - 1] = line.with_pin(pin) + _end_of(lines[line.number - 1])
    else:
        gone = {line.number - 1 for line in here}
        lines = [line for number, line in enumerate(lines) if number not in gone]
    return "".join(lines)


def _insert(lines: list[str], place: int, line: str) -> None:
    """Put a line in that ends as the first one does."""
    end = (_end_of(lines[0]) if lines else "") or "\n"
    if place and not _end_of(lines[place - 1]):
        lines[place - 1] += end
    lines.insert(place, line + end)


def _end_of(line: str) -> str:
    return line[len("".join(line.splitlines())) :]


def _require_versions(lines: list[Line]) -> None:
    for line in lines:
        if line.address:
            raise InvalidInput(
                f"{line.name} comes from an address, which decides its version.",
                hint="Change its line as text, or remove it and add it anew.",
                fields=[("name", "comes from an address")],
            )


def require_name(which: ListName, name: str) -> str:
    """Return the name of a package, with extras or channel. Raises ``InvalidInput``."""
    match = SYNTAX[which].entry.fullmatch(name.strip())
    is_odd = match is None or match["spec"].strip() or match["rest"].strip()
    if is_odd or not _parse(which, 1, name.strip(), "") or len(name.strip().splitlines()) > 1:
        raise InvalidInput(
            f"{name[:80]!r} is not the name of a package.",
            hint="Give the name alone; the version is a field of its own.",
            fields=[("name", "the name alone")],
        )
    return name.strip()


def plain_name(which: ListName, name: str) -> str:
    """Return what an index knows a package by: no extras, no channel, one spelling."""
    match = SYNTAX[which].entry.fullmatch(name.strip())
    return _key(which, match["name"] if match else name)


def _key(which: ListName, name: str) -> str:
    bare = name.partition("[")[0].strip() if which == "pip" else name
    return SYNTAX[which].canonical(bare)


def _lines(which: ListName, text: str) -> list[Line]:
    parsed = (_parse(which, number, body, remark) for number, body, remark in _bodies(text))
    return [line for line in parsed if line is not None]


def _bodies(text: str) -> Iterator[tuple[int, str, str]]:
    for number, raw in enumerate(text.splitlines(), 1):
        match = REMARK.search(raw)
        body = raw[: match.start()] if match else raw
        if body.strip():
            yield number, body, raw[len(body) :]


def _parse(which: ListName, number: int, body: str, remark: str) -> Line | None:
    match = SYNTAX[which].entry.fullmatch(body)
    if match is None:
        return None
    if which == "pip":
        try:
            Requirement(body.strip())
        except InvalidRequirement:
            return None
    parts = {name: part or "" for name, part in match.groupdict().items()}
    return Line(number=number, remark=remark, **parts)


def _package(which: ListName, line: Line) -> Package:
    return Package(
        list=which,
        name=line.name + line.extras,
        version=_exact(which, line.spec),
        spec=line.spec.strip() or line.address,
        line=line.number,
        remark=line.remark.strip().lstrip("#").strip(),
    )


def _exact(which: ListName, spec: str) -> str:
    bare = spec.strip().strip("()").strip()
    if which == "pip":
        match = re.fullmatch(r"={2,3}\s*([^\s,*]+)", bare)
        return match[1] if match else ""
    match = re.fullmatch(r"={1,2}\s*([^\s,*|=<>]+)(?:=.*)?", bare)
    return match[1] if match else ""


def _place(which: ListName, found: list[Line], name: str, end: int) -> int:
    """Return where a new line goes: in its place if the list is in order, else at the end."""
    keys = [_key(which, line.name) for line in found]
    if len(keys) < 2 or any(one > two for one, two in pairwise(keys)):
        return end
    before = [line.number for line, key in zip(found, keys, strict=True) if key < _key(which, name)]
    return max(before, default=found[0].number - 1)


def _not_understood(which: ListName, number: int, body: str) -> SourceFinding:
    text = body.strip()
    if which == "pip" and OTHER_INDEX.match(text):
        said = "Packages may come from another index than the one that is asked here."
        return _finding(which, number, "warning", "other-index", said)
    if which == "pip" and NOT_BY_NAME.search(text):
        said = "An option, an address or a path: it is kept, and not checked."
        return _finding(which, number, "info", "not-checked", said)
    said = f"{text[:80]!r} is not a package of {which}."
    return _finding(which, number, "error", "not-a-package", said)


def _finding(which: ListName, number: int, severity: str, code: str, message: str) -> SourceFinding:
    return SourceFinding.model_validate(
        {"file": which, "line": number, "severity": severity, "code": code, "message": message}
    )


def as_version(text: str) -> Version | None:
    """Return a version of a Python package, nothing for what is none (PEP 440)."""
    try:
        return Version(text)
    except InvalidVersion:
        return None
