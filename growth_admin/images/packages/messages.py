"""What is written into commits and pull requests: what, why, who, and what the console adds.

Source: git-interpret-trailers(1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

AUTHOR: Final = "Growth-Author"
PLAN: Final = "Growth-Plan"
OVERRIDE: Final = "Growth-In-Spite-Of-Errors"
TRAILER: Final = re.compile(rf"^({AUTHOR}|{PLAN}|{OVERRIDE}): (.*)$")
MERGE: Final = re.compile(r"^Merge pull request #\d+ from \S+$")
SQUASHED: Final = re.compile(r" \(#\d+\)$")
TITLE_CHARS: Final = 200


@dataclass(frozen=True)
class Message:
    """A change in words. ``author`` is the hub user; empty where nobody here made it."""

    title: str
    reason: str = ""
    author: str = ""
    plan_id: str = ""
    override_reason: str = ""

    @property
    def body(self) -> str:
        """The text below the title."""
        trailers = [(AUTHOR, self.author), (PLAN, self.plan_id), (OVERRIDE, self.override_reason)]
        lines = [f"{name}: {' '.join(text.split())}" for name, text in trailers if text]
        return "\n\n".join(part for part in (self.reason.strip(), "\n".join(lines)) if part)

    @property
    def text(self) -> str:
        """The whole, as a commit has it."""
        return f"{self.title[:TITLE_CHARS]}\n\n{self.body}\n"


def read_message(title: str, body: str) -> Message:
    """Return what a title and the text below it say."""
    found: dict[str, str] = {}
    kept: list[str] = []
    for line in body.splitlines():
        match = TRAILER.match(line.strip())
        if match:
            found[match[1]] = match[2].strip()
        else:
            kept.append(line)
    return Message(
        title=title.strip(),
        reason="\n".join(kept).strip(),
        author=found.get(AUTHOR, ""),
        plan_id=found.get(PLAN, ""),
        override_reason=found.get(OVERRIDE, ""),
    )


def read_commit(text: str) -> Message:
    """Return what a commit's message says; of a merge what was merged."""
    title, _, body = text.strip().partition("\n")
    if MERGE.match(title):
        title, _, body = body.strip().partition("\n")
    return read_message(SQUASHED.sub("", title), body)
