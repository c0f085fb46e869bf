"""What a try of conda's packages is told to install, and how it says that it could not."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Final

VARIABLE: Final = "GROWTH_TRY_CONDA"


class Ending(IntEnum):
    """How it ended, as exit code; above 1, the last line that was written says why."""

    DONE = 0
    FAILED = 10
    NO_SUCH = 11
    NOT_FITTING = 12
    CONFLICT = 13
    UNAVAILABLE = 14


@dataclass(frozen=True)
class Order:
    """What is to be installed, and where to.

    ``python`` is the server's as ``3.13``, ``python_abi`` the end of the build that goes with it.
    ``cache`` is removed in the end; what has to be set for a kernel is written to ``variables``.
    """

    channel: str
    host: str
    specs: tuple[str, ...]
    python: str
    python_abi: str
    prefix: str
    cache: str
    variables: str
    answer_s: float

    def as_variable(self) -> dict[str, str]:
        """Return the order as the variable of a process: its words are everybody's to read."""
        return {VARIABLE: json.dumps(asdict(self))}

    @classmethod
    def of_this_process(cls) -> Order:
        """Return the order of this process, and keep it from what this process starts."""
        told = json.loads(os.environ.pop(VARIABLE))
        return cls(**{**told, "specs": tuple(told["specs"])})
