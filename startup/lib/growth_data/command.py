"""The command line of growth-data."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

from . import watched
from .bring import bring
from .settings import Settings
from .telling import tell_status, verify

_USAGE = """\
growth-data                  bring my datasets up to date; what I edited or deleted stays so
growth-data status           say what I have
growth-data verify NAME      check the files of a dataset against what was published
growth-data restore NAME     bring back the files of a copy that I deleted

  --folder NAME     where the datasets stand, below the home (default: data)
  --limit SECONDS   stop after so long; the next run goes on

To throw your edits away, rename or delete the file and run `growth-data restore NAME`; for all of
it delete the folder and run `growth-data`.
"""
_LONGEST_LIMIT_S = 10**6

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .watched import Watch


def main(arguments: list[str]) -> int:
    """Run the command; the exit code: 0 done, 1 something could not be done, 2 not understood."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a name that the terminal has no letters for
            stream.reconfigure(errors="backslashreplace")
    options = {"--folder": "", "--limit": ""}
    words = []
    rest = iter(arguments)
    for word in rest:
        name, is_joined, value = word.partition("=")
        if name in options:
            options[name] = value if is_joined else next(rest, "")
        elif word in ("-h", "--help"):
            print(_USAGE, end="")
            return 0
        else:
            words.append(word)
    limit = options["--limit"]
    if limit and not (limit.isascii() and limit.isdigit() and int(limit) < _LONGEST_LIMIT_S):
        return _refuse(f"--limit {limit}: not a number of seconds")
    settings = Settings(dict(os.environ), options["--folder"], float(limit) if limit else None)
    work = _work_of(words, settings)
    if work is None:
        return _refuse(" ".join(words))
    return watched.run(settings, work)


def _work_of(words: list[str], settings: Settings) -> Callable[[Watch], None] | None:
    is_talkative = sys.stdout.isatty()
    if not words:
        return lambda watch: bring(settings, watch, is_talkative=is_talkative)
    if words == ["status"]:
        return lambda watch: tell_status(settings, watch)
    if len(words) == 2 and words[0] == "verify":
        return lambda watch: verify(settings, watch, words[1])
    if len(words) == 2 and words[0] == "restore":
        return lambda watch: bring(settings, watch, restoring=words[1], is_talkative=is_talkative)
    return None


def _refuse(what: str) -> int:
    print(f"growth-data: not understood: {what}\n{_USAGE}", end="", file=sys.stderr)
    return 2
