"""Teams as lists call them: "TA", "Teaching Assistants", "Student ticket"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from growth_admin.roster.lists.cells import (
    EMPTY,
    LONGEST,
    READ_AS_EMPTY,
    TOO_LONG,
    Meaning,
    folded,
    plain,
    says_nothing,
)

_KINDS: Final = (
    (
        *("ta", "teachingassistant", "assistant", "tutor", "hiwi", "helper", "demonstrator"),
        *("tutorin", "assistent", "assistentin", "ayudante", "moniteur", "charge de td"),
    ),
    (
        *("student", "participant", "attendee", "learner", "pupil", "trainee", "teilnehmer"),
        *(
            "teilnehmerin",
            "teilnehmende",
            "teilnehmerinnen",
            "studierende",
            "studentin",
            "studentinnen",
        ),
        *("etudiant", "etudiante", "participante", "estudiante", "alumno", "alumna", "studente"),
        *("undergraduate", "graduate", "phdstudent", "masterstudent", "schuler", "participation"),
    ),
    (
        *("admin", "administrator", "organiser", "organizer", "organisation", "organization"),
        *("orga", "organisatorin", "organisator", "organisateur", "organizador", "organisers"),
    ),
    ("teacher", "lecturer", "instructor", "speaker", "mentor", "dozent", "dozentin", "professor"),
)
_KIND_OF: Final = {word: number for number, words in enumerate(_KINDS) for word in words}


def match_team(cell: str, teams: Sequence[str]) -> str:
    """Return the slug that a cell means, empty when none or several fit."""
    return _match(cell, tuple(teams))


@lru_cache(maxsize=4096)
def _match(cell: str, teams: tuple[str, ...]) -> str:
    wanted = _letters(cell)
    for slug in teams:
        if wanted in (_letters(slug), _letters(slug.rpartition("/")[2])):
            return slug
    same = [slug for slug in teams if _stem(slug) == _stem(cell)]
    if len(same) == 1:
        return same[0]
    kinds = _kinds(cell)
    fitting = [slug for slug in teams if kinds & _kinds(slug)]
    if len(fitting) == 1 and len(kinds) == 1:
        return fitting[0]
    words = set(re.findall(r"\w+", folded(cell)))
    named = [slug for slug in teams if folded(slug) in words]
    return named[0] if len(named) == 1 else ""


def read_team(raw: str, teams: Sequence[str]) -> Meaning:
    """Return the slug (as ``name``) that a cell of the team column means.

    Without ``teams`` the cell is taken as it stands.
    """
    text = plain(raw)
    if not text:
        return EMPTY
    if len(raw.strip()) > LONGEST:
        return TOO_LONG
    if says_nothing(text):
        return READ_AS_EMPTY
    if not teams:
        return Meaning(name=text[:100])
    slug = match_team(text, teams)
    if not slug:
        return Meaning(problem=f"This is none of the school's teams: {', '.join(teams)}.")
    return Meaning(name=slug, reading="" if folded(text) == folded(slug) else "Read as this team.")


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", folded(text))


def _stem(text: str) -> str:
    """Return the letters without the s of a plural."""
    return _letters(text).removesuffix("s")


def _kinds(text: str) -> set[int]:
    """Return which kinds of people a text names."""
    words = [word for word in re.split(r"[\W_]+", folded(text)) if word]
    pairs = [a + b for a, b in pairwise(words)]
    found: set[int] = set()
    for word in (*words, *pairs, _letters(text)):
        kind = _KIND_OF.get(word, _KIND_OF.get(word.removesuffix("s")))
        if kind is not None:
            found.add(kind)
    return found
