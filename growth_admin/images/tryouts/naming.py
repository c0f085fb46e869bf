"""What may be tried: packages by name, which the school's index or channel has.

Sources: PEP 508; conda documentation, "Package match specifications".
"""

from __future__ import annotations

import re
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement

from growth_admin.core.errors import InvalidInput
from growth_admin.images.tryouts.models import TryList

CONDA: Final = re.compile(
    r"(?!.*\.(conda|tar\.bz2)\s*$)[A-Za-z0-9][A-Za-z0-9_.-]*(\s*[=<>!~ ][\w.*+!,|<>=~ ]*)?"
)
"""A name with or without versions and build; the name of a file would be taken for a file."""


def require_name(which: TryList, text: str) -> str:
    """Return a package by name. Raises ``InvalidInput`` for addresses, files and options."""
    return _of_conda(text.strip()) if which == "conda" else _of_index(text.strip())


def _of_conda(text: str) -> str:
    if not CONDA.fullmatch(text):
        raise InvalidInput(
            f"{text[:80]!r} is not the name of a package of conda.",
            hint="Write a name, with a version if it matters: source-extractor=2.28. It comes "
            "from the school's channel.",
        )
    return text


def _of_index(text: str) -> str:
    try:
        found = Requirement(text)
    except InvalidRequirement as e:
        raise InvalidInput(
            f"{text[:80]!r} is not the name of a package.",
            hint="Write a name, with a version if it matters: lightkurve==2.5.",
        ) from e
    if found.url:
        raise InvalidInput(
            f"{found.name} is to come from an address; only packages of the index are tried.",
            hint="Write its name, with a version if it matters.",
        )
    return str(found)
