"""One cell: what its text is without the dirt that forms, mails and spreadsheets leave on it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_SPACES: Final = re.compile(r"\s+")
_INVISIBLE: Final = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\u00ad")
"""Characters that show nothing; joiners that some scripts need inside names are not among them."""
_GUARD: Final = re.compile(r"'(?='*[=+\-@\t\r\n])")
"""The quote that keeps a spreadsheet from taking a cell for a formula."""
_ACCENTS: Final = re.compile("[\u0300-\u036f]")
"""Accents of Latin, Greek and Cyrillic letters; marks of other scripts are part of the letter."""
_PAIRS: Final = {'"': '"', "'": "'", "`": "`", "“": "”", "„": "“", "‘": "’", "«": "»", "<": ">"}
_NOTHING: Final = frozenset(
    {
        *("-", "--", "---", "–", "—", "_", "/", "\\", ".", "..", "...", "…", "?", "??", "*"),
        *("n/a", "#n/a", "n.a.", "n.a", "na", "n/a.", "nil", "null", "none", "(none)", "nan"),
        *("no", "nope", "not yet", "none yet", "not available", "not applicable", "unknown"),
        *("tbd", "tba", "t.b.d.", "to do", "todo", "later", "pending", "missing", "empty", "blank"),
        *(
            "keine",
            "keiner",
            "keines",
            "kein",
            "nein",
            "noch keinen",
            "noch keiner",
            "k.a.",
            "k. a.",
        ),
        *("aucun", "aucune", "non", "pas encore", "néant", "sans"),
        *("ninguno", "ninguna", "no tengo", "todavía no", "nessuno", "nessuna", "non ancora"),
        *("nenhum", "não", "nao", "geen", "ingen", "nej", "brak", "нет"),
        *("なし", "無し", "ない", "无", "没有", "없음"),
    }
)
_NOT_YET: Final = re.compile(
    r"\b(?:don'?t|do not|doesn'?t|haven'?t|have no|have not|not have|no account|no github|not yet"
    r"|none yet|will create|will make|will sign|to be created|habe (?:noch )?(?:keine?n?)"
    r"|noch nicht|pas de compte|n'ai pas|no tengo|non ho)\b",
    re.IGNORECASE,
)
_BROKEN_UTF8: Final = re.compile(
    "[\u00c2-\u00c5\u00ce-\u00d1\u00e2][\u0080-\u00bf\u2010-\u203a\u20ac\u2122\u0152-\u017e\u02c6\u02dc]"
)


@dataclass(frozen=True)
class Meaning:
    """What a cell means.

    At most one of ``login``, ``email`` and ``github_id`` says where it belongs, whatever column it
    stands in; an address may bring a ``name``. ``reading`` says why the meaning is not what the
    cell literally says; ``problem`` why it has none, with what was probably meant.
    """

    login: str = ""
    email: str = ""
    github_id: int | None = None
    name: str = ""
    reading: str = ""
    problem: str = ""
    suggestion: str = ""


LONGEST: Final = 400
"""Characters of a cell for machines that are looked at: patterns on longer texts take too long."""
EMPTY: Final = Meaning()
READ_AS_EMPTY: Final = Meaning(reading="Read as empty.")
TOO_LONG: Final = Meaning(problem=f"The cell has more than {LONGEST} characters.")


def plain(text: str) -> str:
    """Return the text of a cell that a machine is to read: login, address, number, team.

    Full-width characters become ordinary ones, blanks of every kind one blank, invisible
    characters nothing; quotes around the whole are taken off.
    """
    text = text.strip()[: LONGEST + 1]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = "".join(
            c for c in text if unicodedata.category(c) not in ("Cf", "Cc", "Co") or c.isspace()
        )
    if "  " in text or not text.isprintable():
        text = _SPACES.sub(" ", text).strip()
    return unquoted(unguarded(text))


def prose(text: str) -> str:
    """Return the text of a cell for people: composed characters, single blanks, lines kept."""
    text = text.strip()
    if not text.isascii():
        text = unicodedata.normalize("NFC", _repaired(text))
        text = "".join(c for c in text if c not in _INVISIBLE)
    if text.isprintable() and "  " not in text:
        return unguarded(text)
    lines = (_SPACES.sub(" ", line).strip() for line in unguarded(text).splitlines())
    return "\n".join(lines).strip()


def unguarded(text: str) -> str:
    """Return the cell without the quote that kept a spreadsheet from taking it for a formula."""
    return text[1:] if _GUARD.match(text) else text


def unquoted(text: str) -> str:
    """Return the text without quotes or angle brackets around all of it."""
    while len(text) > 1 and _PAIRS.get(text[0]) == text[-1] and text[0] not in text[1:-1]:
        text = text[1:-1].strip()
    return text


def says_nothing(text: str) -> bool:
    """Return whether a cell that is not blank says that there is nothing to say."""
    small = text.lower().replace("’", "'").strip(" !")
    return small in _NOTHING or (" " in small and bool(_NOT_YET.search(small)))


def changed(raw: str, value: str, how: str = "") -> str:
    """Return the sentence that tells of a reading, nothing if the cell says just that."""
    if raw == value:
        return ""
    return how or (
        "Blanks around it were left out."
        if raw.strip(" ") == value
        else "Characters that cannot be seen, or do not belong to it, were left out."
    )


def folded(text: str) -> str:
    """Return the text in small letters without accents, for comparing."""
    text = text.casefold()
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", _ACCENTS.sub("", parts))


def _repaired(text: str) -> str:
    """Return UTF-8 that some program took for Windows-1252 as what it was."""
    if not _BROKEN_UTF8.search(text):
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text
