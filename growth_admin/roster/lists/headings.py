"""What a heading says its column holds.

A heading gives guesses, stronger and weaker; ``columns.py`` weighs them against the cells below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from growth_admin.roster.lists import vocabulary as words
from growth_admin.roster.lists.vocabulary import has_phrase, normalised
from growth_admin.roster.models import FieldName

EXACT: Final = 100
PHRASE: Final = 60
OWN: Final = 59
"""A heading that means the login here although it does not name GitHub."""
WEAK: Final = 30
LONGEST: Final = 300
"""Characters of a heading that are looked at; form questions can be whole paragraphs."""

Role = Literal["moment", "status"]


@dataclass(frozen=True)
class Guess:
    """What a column may hold. ``is_weak``: only if its cells agree."""

    field: FieldName
    score: int

    @property
    def is_weak(self) -> bool:
        """Whether the cells have to agree."""
        return self.score < PHRASE


def guess(title: str) -> tuple[Guess, ...]:
    """Return what a heading may mean, the likeliest first; nothing for one that is not known."""
    heading = normalised(title[:LONGEST])
    if not heading or heading in words.MOMENT or has_phrase(heading, words.OTHER_PEOPLE):
        return ()
    found = _of_github(heading) if has_phrase(heading, ("github",)) else _of_others(heading)
    return tuple(sorted(found, key=lambda one: -one.score))


def role_of(title: str) -> Role | None:
    """Return whether a column tells when a form was answered, or whether somebody has cancelled."""
    heading = normalised(title[:LONGEST])
    if heading in words.MOMENT:
        return "moment"
    return "status" if heading in words.STATUS else None


def is_of_somebody_else(title: str) -> bool:
    """Return whether a column is about a supervisor, a parent and the like."""
    return has_phrase(normalised(title[:LONGEST]), words.OTHER_PEOPLE)


def names_github(title: str) -> bool:
    """Return whether a heading says that it is about GitHub."""
    return has_phrase(normalised(title[:LONGEST]), ("github",))


def is_kind_of_people(title: str) -> bool:
    """Return whether a heading may as well be a cell that says what somebody is."""
    return normalised(title[:LONGEST]) in words.KINDS_OF_PEOPLE


def is_of_course_system(titles: tuple[str, ...]) -> bool:
    """Return whether these headings are those of an export of Moodle, Canvas and the like."""
    return any(normalised(title[:LONGEST]) in words.LMS_MARKS for title in titles)


def is_bare_name(title: str) -> bool:
    """Return whether the heading is a word that may mean the whole name or a part of it."""
    return normalised(title[:LONGEST]) in words.BARE_NAMES


def _of_github(heading: str) -> list[Guess]:
    rest = heading.replace("github", " ").strip()
    is_account = has_phrase(heading, words.ACCOUNT) or has_phrase(heading, ("name", "url", "link"))
    if has_phrase(heading, words.TEAM) and not has_phrase(heading, ("username", "login", "handle")):
        return [Guess("team", EXACT)]
    if has_phrase(heading, words.EMAIL):
        return [Guess("email", PHRASE + 10), Guess("login", PHRASE)]
    if rest in words.NUMBER or rest in ("user number", "user account id"):
        # people also say "GitHub ID" for the login: digits decide
        return [Guess("github_id", EXACT), Guess("login", EXACT - 1)]
    if has_phrase(heading, words.NOT_A_LOGIN):
        return [Guess("login", WEAK)] if is_account else []
    if not rest or is_account:
        return [Guess("login", EXACT)]
    return [Guess("login", PHRASE)]


def _of_others(heading: str) -> list[Guess]:
    if has_phrase(heading, words.OTHER_SERVICES) and not has_phrase(heading, words.EMAIL):
        return []
    found = [*_names(heading), *_emails(heading)]
    if heading in words.OWN_LOGIN or heading in words.ACCOUNT:
        found.append(Guess("login", OWN if heading in words.OWN_LOGIN else WEAK))
    if heading == "identifier":
        found += [Guess("email", WEAK), Guess("name", WEAK)]
    if heading in words.TEAM:
        found.append(Guess("team", EXACT))
    elif heading in words.WEAK_TEAM or has_phrase(heading, words.WEAK_TEAM):
        found.append(Guess("team", WEAK))
    if heading in words.NOTE:
        found.append(Guess("note", EXACT))
    elif has_phrase(heading, words.NOTE) and not found:
        found.append(Guess("note", PHRASE))
    return found


def _names(heading: str) -> list[Guess]:
    is_given, is_family = has_phrase(heading, words.GIVEN), has_phrase(heading, words.FAMILY)
    is_exact_part = heading in words.GIVEN or heading in words.FAMILY
    if heading in words.NAME:
        return [Guess("name", EXACT)]
    others = (*words.OTHER_THINGS, *words.EMAIL)
    if has_phrase(heading, others):
        return []
    if is_given and is_family and not is_exact_part:
        return [Guess("name", EXACT - 5)]
    if is_given:
        return [Guess("given_name", EXACT if heading in words.GIVEN else PHRASE)]
    if is_family:
        return [Guess("family_name", EXACT if heading in words.FAMILY else PHRASE)]
    return [Guess("name", PHRASE)] if has_phrase(heading, words.NAME_PHRASES) else []


def _emails(heading: str) -> list[Guess]:
    if heading in words.EMAIL:
        return [Guess("email", EXACT)]
    if not has_phrase(heading, words.EMAIL):
        return []
    if has_phrase(heading, words.OTHER_THINGS):
        return [Guess("email", WEAK)]
    is_theirs = has_phrase(heading, ("attendee", "participant", "student", "your", "teilnehmer"))
    return [Guess("email", EXACT + 5 if is_theirs else PHRASE)]
