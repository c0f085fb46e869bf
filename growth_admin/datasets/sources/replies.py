"""What a status other than success means for somebody who wants a file."""

from __future__ import annotations

from typing import Final

from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.sources.addresses import place_of
from growth_admin.datasets.sources.answer import Answer
from growth_admin.datasets.sources.failures import retry_after_s

BUSY: Final = (408, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524)
"""Worth another try; 520 and up are a large content network's."""


def require_file(answer: Answer) -> None:
    """Return if the reply is a file or a part of one. Closes it and raises otherwise."""
    if answer.status in (200, 206):
        return
    answer.close()
    raise problem_of(answer)


def problem_of(answer: Answer) -> SourceProblem:
    """Return what a reply's status says, in words."""
    host, status = place_of(answer.url)[0], answer.status
    if status in (401, 403, 407):
        return SourceProblem(
            "refused",
            f"{host} refuses to give the file ({status}).",
            hint="It is behind a login, or the link has expired. Open it in a private window of "
            "your browser: only what opens there can be fetched. Otherwise upload the file.",
        )
    if status in (404, 410):
        return SourceProblem(
            "not_found",
            f"{host} has no file at this address ({status}).",
            hint="Check the link in a browser; the file may have been moved or deleted.",
        )
    if status == 429:
        return SourceProblem(
            "quota_client",
            f"{host} asks this address to send fewer requests (429).",
            hint="Wait a while, then try again.",
            is_retryable=True,
            is_waiting=True,
            retry_after_s=retry_after_s(answer.headers),
        )
    if status in BUSY:
        return SourceProblem(
            "unreachable",
            f"{host} is in trouble ({status}).",
            hint="Try again in a few minutes.",
            is_retryable=True,
            retry_after_s=retry_after_s(answer.headers),
        )
    return SourceProblem(
        "refused",
        f"{host} answered {status} in place of the file.",
        hint="Open the link in a browser to see what the server says.",
    )
