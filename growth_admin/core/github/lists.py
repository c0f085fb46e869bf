"""Whole lists from pages: the first tells how many there are, the others are read at once.

GitHub's Link header may change while the page, and so its ETag, does not (seen by
app-sre/github-mirror, pull 113): the Link of a 304 is taken, and where it has none a full last page
is followed by one more look.
Source: GitHub, "Using pagination in the REST API".
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from growth_admin.core.errors import GitHubUnavailable
from growth_admin.core.github.answers import PAGE_SIZE, Answer, Query

if TYPE_CHECKING:
    from growth_admin.core.github.calls import Calls

LONGEST_PAGES: Final = 500
TRIES: Final = 3


def read_list(
    calls: Calls, path: str, *, what: str, fields: tuple[str, ...], **query: str
) -> list[dict[str, Any]]:
    """Return all items, each once by its ``id``.

    A list that changed between its pages (an item on two of them) is read again, at the cost of
    the pages that changed. Raises as ``Calls.read``.
    """
    found: dict[int, dict[str, Any]] = {}
    for _ in range(TRIES):
        items = list(_items(calls, path, what, fields, query))
        found = {item["id"]: item for item in items}
        if len(found) == len(items):
            break
    calls.cache.save()
    return list(found.values())


def _items(
    calls: Calls, path: str, what: str, fields: tuple[str, ...], query: dict[str, str]
) -> Iterator[dict[str, Any]]:
    def page(more: Query) -> Answer:
        asked = {"per_page": PAGE_SIZE, **query, **more}
        return calls.read(path, what=what, fields=fields, kind=list, query=asked)

    answers = [page({})]
    if 1 < answers[0].last_page <= LONGEST_PAGES:
        numbers = range(2, answers[0].last_page + 1)
        answers += calls.read_in_parallel(functools.partial(page, {"page": n}) for n in numbers)
    while following := _next_page(answers):
        if len(answers) >= LONGEST_PAGES:
            raise GitHubUnavailable(f"GitHub's list has no end: {what}.")
        answers.append(page(following))
    for answer in answers:
        for item in answer.data:
            if not isinstance(item, dict) or not isinstance(item.get("id"), int):
                raise GitHubUnavailable(f"GitHub's list holds something without an id: {what}.")
            yield item


def _next_page(answers: list[Answer]) -> Query:
    """Return the query of the page after the last one; nothing if there is none."""
    end = answers[-1]
    following = end.pages.get("next")
    if following:
        return following
    is_unsure = end.may_have_successor and len(end.data) >= PAGE_SIZE
    return {"page": len(answers) + 1} if is_unsure else {}
