"""Lists of people for tests: requests from bytes, and a form's answers with all the usual mess."""

from __future__ import annotations

import base64
import csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from growth_admin.roster.models import Correction, ImportRequest

GIVEN = ("Ada", "Björn", "Chloé", "Dmitri", "Elif", "Fatima", "Grace", "Hiro", "Inès", "João")
FAMILY = ("Abel", "Brontë", "Curie", "Dvořák", "Euler", "Franklin", "García", "Hopper", "Ito")
QUESTION = "What is your GitHub username?"
HEADING = ("Timestamp", "Email Address", "Full name", QUESTION, "Anything else?")


@dataclass(frozen=True)
class Somebody:
    """A made-up person; ``login`` is the account they have, ``""`` if they have none yet."""

    number: int
    name: str
    email: str
    login: str


@dataclass(frozen=True)
class MessyList:
    """A form's answers as CSV. ``people``: whom it means, once ``by_hand`` has been corrected."""

    text: str
    people: tuple[Somebody, ...]
    by_hand: tuple[Correction, Correction]
    rows: int

    @property
    def data(self) -> bytes:
        """The file as Google Forms and Excel write it."""
        return b"\xef\xbb\xbf" + self.text.encode()


def login_of(number: int) -> str:
    """Return the login of the person with this number; tests seed accounts by the same rule."""
    return f"Student-{number:03d}"


def somebody(number: int) -> Somebody:
    """Return the person with this number."""
    given, family = GIVEN[number % len(GIVEN)], FAMILY[number % len(FAMILY)]
    # letters, because digits are no part of names
    initials = chr(65 + number // 26 % 26) + "aeiou"[number % 5] + chr(97 + number % 26)
    return Somebody(
        number,
        f"{given} {initials} {family}",
        f"person{number:03d}@school.example",
        login_of(number),
    )


Row = list[str]
MESS: tuple[Callable[[Row, Somebody], None], ...] = (
    lambda row, who: row.__setitem__(3, f"https://github.com/{who.login}"),
    lambda row, who: row.__setitem__(3, f"github.com/{who.login}/hello-world"),
    lambda row, who: row.__setitem__(3, f"@{who.login}"),
    lambda row, who: row.__setitem__(3, f"  {who.login}   "),
    lambda row, who: row.__setitem__(3, f"{who.login}\u00a0\u200b"),
    lambda row, who: row.__setitem__(3, f'"{who.login}"'),
    lambda row, who: row.__setitem__(3, f"{who.login.upper()} (my GitHub)"),
    lambda row, who: row.__setitem__(3, f"{who.login}\n"),
    lambda row, who: row.__setitem__(
        3, "".join(chr(ord(c) + 0xFEE0) if c != "-" else c for c in who.login)
    ),
    lambda row, who: row.__setitem__(1, f"mailto:{who.email}"),
    lambda row, who: row.__setitem__(1, f"{who.name} <{who.email}> "),
    lambda row, who: row.__setitem__(slice(1, 4), [who.login, row[2], who.email]),
)
"""Kinds of mess that are read as meant: the columns are 1 e-mail, 2 name, 3 login."""
WITHOUT = ("n/a", "-", "I don't have one yet", "")
"""What people answer who have no account."""


def messy_list(rows: int = 350, seed: int = 4) -> MessyList:
    """Return ``rows`` answers: every seventh untouched, the others messy, two to be put right.

    One in fifty has no account, one in forty has answered twice (the first time with a wrong
    login), one in sixty stands in it twice.
    """
    dice = random.Random(seed)
    people: list[Somebody] = []
    answers: list[Row] = []
    while len(answers) < rows - 2:
        who = somebody(len(people))
        row = [_stamp(len(answers)), who.email, who.name, who.login, ""]
        if who.number % 50 == 17:
            row[3] = dice.choice(WITHOUT)
            who = Somebody(who.number, who.name, who.email, "")
        elif who.number % 7:
            MESS[who.number % len(MESS)](row, who)
        people.append(who)
        room = rows - 2 - len(answers)
        if who.number % 40 == 21 and room > 1:
            answers.append([_stamp(len(answers)), who.email, who.name, "forgot-which", "oops"])
            row[0] = _stamp(len(answers))
        answers.append(row)
        if who.number % 60 == 33 and room > 1:
            answers.append(list(row))
    broken, by_hand = _to_be_put_right(people, len(answers))
    answers += broken
    return MessyList(_written(answers), tuple(people), by_hand, rows)


def asked(data: str | bytes, **fields: Any) -> ImportRequest:
    """Return the request for a file (bytes) or for pasted text."""
    if isinstance(data, str):
        return ImportRequest(text=data, **fields)
    return ImportRequest(content=base64.b64encode(data).decode(), **fields)


def _to_be_put_right(
    people: list[Somebody], before: int
) -> tuple[list[Row], tuple[Correction, Correction]]:
    """Return two rows that nobody can read, and what they should say."""
    first, second = somebody(len(people)), somebody(len(people) + 1)
    people += (first, second)
    rows = [
        [_stamp(before), first.email.replace(".example", ".con"), first.name, first.login, ""],
        [
            _stamp(before + 1),
            second.email,
            second.name,
            "https://github.com/settings/profile",
            "no idea",
        ],
    ]
    # the heading is row 1
    return rows, (
        Correction(row=before + 2, field="email", value=first.email),
        Correction(row=before + 3, field="login", value=second.login),
    )


def _stamp(number: int) -> str:
    return f"2026/01/{number // 60 % 28 + 1:02d} 9:{number % 60:02d}:00 AM GMT+1"


def _written(answers: list[Row]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADING)
    writer.writerows(answers)
    return text.getvalue()
