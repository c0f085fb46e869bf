"""What each column holds: the guess of its heading, weighed against its cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from growth_admin.roster.lists.addresses import is_address
from growth_admin.roster.lists.evidence import (
    Cells,
    are_like_logins,
    are_small_words,
    is_capitalised,
    is_full_name,
    is_surely_login,
    may_be_logins,
    may_be_name,
)
from growth_admin.roster.lists.headings import (
    EXACT,
    OWN,
    Guess,
    guess,
    is_bare_name,
    is_of_course_system,
    is_of_somebody_else,
    names_github,
    role_of,
)
from growth_admin.roster.models import FieldName


def assign(
    titles: Sequence[str], columns: Sequence[Cells], teams: Sequence[str]
) -> tuple[FieldName, ...]:
    """Return each column's field: the surest guess first, each field once."""
    is_course_system = is_of_course_system(tuple(titles))
    guesses: list[tuple[int, int, FieldName]] = []
    for index, title in enumerate(titles):
        for one in guess(title):
            if one.field == "login" and is_course_system and not names_github(title):
                continue
            if _holds(one, columns[index], teams):
                guesses.append((-one.score, index, one.field))
    fields: dict[int, FieldName] = {}
    for _, index, field in sorted(guesses):
        if index not in fields and field not in fields.values():
            fields[index] = field
    _share_out_names(fields, titles, columns)
    _by_cells(fields, titles, columns, teams)
    return tuple(fields.get(index, "") for index in range(len(titles)))


def _holds(one: Guess, cells: Cells, teams: Sequence[str]) -> bool:
    """Return whether the cells do not speak against a guess."""
    if one.field == "team":
        return not one.is_weak or cells.name_teams(teams)
    if one.field == "github_id":
        return cells.agree("github_id") or not cells.agree("login")
    if one.field == "login" and one.score == OWN:
        return True
    if one.field == "login" and one.score == EXACT - 1:
        return cells.agree("login") and not cells.agree("github_id")
    if one.field == "name" and one.is_weak:
        return cells.share(is_full_name) > 0.5
    if one.field == "name" and one.score < EXACT - 5:
        return cells.share(may_be_name) > 0.5 and not cells.are_choices()
    if one.score < EXACT and one.field in ("login", "email"):
        return cells.agree(one.field) or (not one.is_weak and not cells.texts)
    return True


def _share_out_names(
    fields: dict[int, FieldName], titles: Sequence[str], columns: Sequence[Cells]
) -> None:
    """Take "Name" beside "First name" for the family name, unless it holds the first name too."""
    at = {field: index for index, field in fields.items()}
    whole, given, family = at.get("name"), at.get("given_name"), at.get("family_name")
    if whole is None or not is_bare_name(titles[whole]) or (given is None) == (family is None):
        return
    part = given if given is not None else family
    assert part is not None
    pairs = list(zip(columns[whole].texts, columns[part].texts, strict=False))
    is_whole = sum(inner in outer for outer, inner in pairs) > len(pairs) / 2
    if not is_whole:
        fields[whole] = "family_name" if given is not None else "given_name"


def _by_cells(
    fields: dict[int, FieldName],
    titles: Sequence[str],
    columns: Sequence[Cells],
    teams: Sequence[str],
) -> None:
    """Give fields to columns that no heading explains, where the cells leave no doubt."""
    free = [
        index
        for index, title in enumerate(titles)
        if index not in fields and not role_of(title) and not is_of_somebody_else(title)
    ]

    def take(field: FieldName, candidates: Iterable[int]) -> None:
        if field not in fields.values() and (found := list(candidates)):
            fields[found[0]] = field
            free.remove(found[0])

    take("email", (i for i in free if columns[i].share(is_address) > 0.6))
    take("login", (i for i in free if columns[i].share(is_surely_login) > 0.6))
    if any(titles):
        return
    take("team", (i for i in free if columns[i].name_teams(teams)))
    _take_logins(fields, free, columns)
    take("name", (i for i in free if columns[i].share(is_full_name) > 0.5))
    take(
        "name",
        (
            i
            for i in free
            if columns[i].share(is_capitalised) > 0.8 and not columns[i].are_choices()
        ),
    )


def _take_logins(fields: dict[int, FieldName], free: list[int], columns: Sequence[Cells]) -> None:
    """Give "login" to the only column of a list without a heading that can hold logins.

    Whoever is taken for a login is invited, so that a doubt leaves the choice to the admin. Beside
    addresses nobody is lost by that; small letters alone are no proof there.
    """
    if "login" in fields.values():
        return
    alone = len(columns) == 1
    may_be = [i for i in free if may_be_logins(columns[i])]
    words = [i for i in may_be if alone or not columns[i].are_choices()]
    like = [i for i in words if alone or are_like_logins(columns[i])]
    small = [i for i in words if are_small_words(columns[i]) and "email" not in fields.values()]
    found = like or small
    if len(found) == 1:
        fields[found[0]] = "login"
        free.remove(found[0])
