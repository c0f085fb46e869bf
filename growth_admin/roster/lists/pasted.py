"""Pasted lines: logins, ``Name <mail>``, lists of addresses, addresses of profiles.

A text that is a table (copied cells, CSV) is left to ``separated.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from growth_admin.roster.lists.addresses import find_addresses, is_address
from growth_admin.roster.lists.cells import LONGEST, plain, unquoted
from growth_admin.roster.lists.links import read_links
from growth_admin.roster.lists.logins import is_login
from growth_admin.roster.lists.separated import find_separator
from growth_admin.roster.models import PEOPLE_LIMIT

_BULLET: Final = re.compile(r"\A\s*(?:[-*•–]|\(?\d{1,4}[.)])\s+")
_PIECES: Final = re.compile(r"""(?:"[^"\n]{0,200}"|<[^>\n]{0,200}>|[^;,\n"<]|["<])+""")
_SEMICOLONS: Final = re.compile(r"""(?:"[^"\n]{0,200}"|<[^>\n]{0,200}>|[^;\n"<]|["<])+""")
_NAMED: Final = re.compile(r"(.*?)[\s,:–-]*<\s*([^<>]+?)\s*>[\s,;.]*")


_HEADING_LENGTH: Final = 5_000
_BRACKETS_LIMIT: Final = 3 * PEOPLE_LIMIT
"""Brackets that never close cost time; more people than this are refused anyway."""


@dataclass(frozen=True)
class Pasted:
    """One person of a pasted text. ``number``: the line, or the place in a list on fewer lines."""

    number: int
    name: str = ""
    email: str = ""
    login: str = ""


Lines = list[tuple[int, str]]


def take_apart(text: str, *, is_heading: Callable[[str], bool]) -> tuple[Pasted, ...]:
    """Return the people of a text that is no table, nothing for a table."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if "\t" in text.strip() and sum("\t" in line.strip() for _, line in lines) > len(lines) / 2:
        return ()
    if len(lines) > 2 * PEOPLE_LIMIT:
        return ()
    pieces = _pieces(text) if text.count("<") < _BRACKETS_LIMIT else []
    is_headed = any(is_heading(piece) for piece in _pieces(lines[0][1][:_HEADING_LENGTH]))
    if _are_all(pieces, _holds_address) or _is_row_of_logins(pieces, lines):
        if len(pieces) > len(lines) and not is_headed:
            return tuple(_person(number, piece) for number, piece in enumerate(pieces, 1))
    elif find_separator(text):
        return ()
    return () if is_headed else tuple(_person(number, line) for number, line in lines)


def _pieces(text: str) -> list[str]:
    """Return the parts between semicolons if these hold one address each, else between commas too.

    Outlook writes ``Lovelace, Ada <ada@example.org>; ...``: the comma belongs to the name.
    """
    wide = [piece for piece in _SEMICOLONS.findall(text) if piece.strip()]
    if all(_holds_address(piece) and "<" in piece for piece in wide):
        return wide
    return [piece for piece in _PIECES.findall(text) if piece.strip()]


def _are_all(pieces: list[str], wanted: Callable[[str], bool]) -> bool:
    return 0 < len(pieces) <= 2 * PEOPLE_LIMIT and all(map(wanted, pieces))


def _holds_address(piece: str) -> bool:
    return len(piece) < LONGEST and len(find_addresses(piece)) == 1


def _is_word(piece: str) -> bool:
    """Return whether a piece is one login, profile address or e-mail address."""
    text = plain(_BULLET.sub("", piece, count=1))
    if " " in text:
        return False
    return is_login(text.lstrip("@")) or is_address(text) or read_links(text) is not None


def _is_row_of_logins(pieces: list[str], lines: Lines) -> bool:
    """Return whether there are logins only, and one line that may be wrapped after separators.

    Several lines with separators inside are a table, whose other cells are not to be invited.
    """
    is_one_row = all(line.rstrip().endswith((",", ";")) for _, line in lines[:-1])
    return (is_one_row or len(pieces) == len(lines)) and _are_all(pieces, _is_word)


def _person(number: int, raw: str) -> Pasted:
    """Return who a line or piece means; what cannot be told apart stays whole for ``login``."""
    line = _BULLET.sub("", raw, count=1).strip().strip(",;").strip()
    if not line or len(line) > LONGEST:
        return Pasted(number, login=line or raw.strip())
    if (found := _NAMED.fullmatch(line)) and "(" not in found[2]:
        name, target = _name(found[1]), found[2]
        if "@" in target.lstrip("@"):
            return Pasted(number, name, email=target)
        return Pasted(number, name, login=target)
    words = line.split()
    emails = [word for word in words if "@" in word.lstrip("@(<[")]
    logins = [word for word in words if word not in emails and _is_explicit(word)]
    if len(words) == 1:
        return Pasted(number, email=line) if emails else Pasted(number, login=line)
    if len(emails) > 1 or len(logins) > 1 or not (emails or logins):
        return _unclear(number, line, words)
    rest = " ".join(word for word in words if word not in (*emails, *logins))
    email, login = "".join(emails).strip("()[],;"), "".join(logins).strip("()[],;")
    return Pasted(number, _name(rest), email=email, login=login)


def _unclear(number: int, line: str, words: list[str]) -> Pasted:
    """Return a line without anything that is surely an address or a login.

    Plain words are a name: to take one of them for a login would invite a stranger.
    """
    if words[0][:1] and len(words) > 1 and words[1][:1] == "(" and is_login(words[0]):
        return Pasted(number, login=line)
    if all(re.fullmatch(r"[^\W\d_][^\d_@/:]*", word) for word in words) and "(" not in line:
        return Pasted(number, name=line)
    return Pasted(number, login=line)


def _is_explicit(word: str) -> bool:
    text = plain(word.strip("()[],;"))
    if text.startswith("@"):
        return is_login(text[1:].rstrip(".,;:"))
    return read_links(text) is not None


def _name(text: str) -> str:
    text = re.sub(r"(?:^|\s)[-–:|/,;=>→]+(?=\s|$)", " ", text).strip(" ,;:–-|\t")
    text = re.sub(r"\(\s*\)|\[\s*\]", "", text)
    return " ".join(unquoted(text.strip()).split())
