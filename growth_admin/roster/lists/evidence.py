"""What the cells of a column look like, whatever its heading says."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from growth_admin.roster.lists.addresses import is_address, looks_like_address
from growth_admin.roster.lists.cells import plain, says_nothing
from growth_admin.roster.lists.lines import Line
from growth_admin.roster.lists.links import read_links
from growth_admin.roster.lists.logins import is_login
from growth_admin.roster.lists.teams import match_team
from growth_admin.roster.models import FieldName

SAMPLE: Final = 400
"""Rows that are looked at to tell what a column holds."""


class Cells:
    """The first cells of one column that say anything."""

    def __init__(self, lines: Sequence[Line], index: int) -> None:
        texts = (plain(line.cell(index)) for line in lines)
        self.texts = [text for text in texts if text and not says_nothing(text)]

    def share(self, wanted: Callable[[str], object]) -> float:
        """Return which part of the cells is as wanted."""
        return sum(map(bool, map(wanted, self.texts))) / len(self.texts) if self.texts else 0.0

    def agree(self, field: FieldName) -> bool:
        """Return whether the cells may well be of this field."""
        if not self.texts:
            return False
        if field == "email":
            return self.share(looks_like_address) >= 0.3
        if field == "github_id":
            return self.share(lambda text: re.fullmatch(r"\d{1,12}(?:\.0)?", text)) >= 0.4
        if field == "login":
            return self.share(may_be_login) >= 0.5 and not self.are_choices()
        return True

    def are_choices(self) -> bool:
        """Return whether the cells are picked from a few, as answers to yes or no are."""
        small = [text.lower() for text in self.texts]
        answers = sum(
            text in ("yes", "no", "ja", "nein", "oui", "non", "true", "false") for text in small
        )
        return answers > len(small) / 2 or (len(small) > 7 and len(set(small)) <= len(small) / 3)

    def name_teams(self, teams: Sequence[str]) -> bool:
        """Return whether most cells name teams of the school."""
        return bool(teams) and self.share(lambda text: match_team(text, teams)) > 0.5


def may_be_login(text: str) -> bool:
    bare = text.lstrip("@")
    return is_login(bare) or is_surely_login(text)


def is_surely_login(text: str) -> bool:
    """Return whether a cell says itself that it is a login: by an address or an @."""
    if text.startswith("@"):
        return is_login(text[1:])
    return bool((found := read_links(text)) and found.login)


def may_be_logins(cells: Cells) -> bool:
    """Return whether a column without a heading may hold logins: single words, not all digits."""
    return (
        cells.share(may_be_login) >= 0.8
        and cells.share(lambda text: re.search(r"[a-zA-Z]", text)) >= 0.5
    )


def are_like_logins(cells: Cells) -> bool:
    """Return whether words have digits or hyphens, as names and places seldom have."""
    return cells.share(lambda text: re.search(r"\d|-", text)) >= 0.3


def are_small_words(cells: Cells) -> bool:
    """Return whether words begin with small letters, as names and places do not."""
    return cells.share(lambda text: text[:1].islower()) > 0.8


def is_full_name(text: str) -> bool:
    """Return whether a text has two to six words as names have."""
    words = re.split(r"[ ,]+", text)
    return 2 <= len(words) <= 6 and all(re.fullmatch(r"[^\W\d_][^\d_@/]*", word) for word in words)


def may_be_name(text: str) -> bool:
    """Return whether a text has letters as names have, and few words."""
    return bool(re.fullmatch(r"[^\W\d_][^\d_@/]*", text)) and len(text.split()) <= 6


def is_capitalised(text: str) -> bool:
    """Return whether a text may be a name and begins as one."""
    return may_be_name(text) and text[:1].isupper()


def is_data(cell: str) -> bool:
    """Return whether a cell can only belong to a person, not to a heading."""
    text = plain(cell)
    found = read_links(text)
    return is_address(text) or bool(found and found.login and " " not in text)
