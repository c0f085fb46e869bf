"""E-mail addresses as people write them.

Only the form is checked (RFC 5321: 64 characters before the @, 254 in all), plus misspellings of
well-known providers that nobody means. No network is asked.
"""

from __future__ import annotations

import re
from typing import Final

from growth_admin.roster.lists.cells import (
    EMPTY,
    LONGEST,
    READ_AS_EMPTY,
    TOO_LONG,
    Meaning,
    changed,
    folded,
    plain,
    says_nothing,
    unquoted,
)

_LOCAL: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL: Final = r"[^\W_](?:(?:[^\W_]|-)*[^\W_])?"
ADDRESS: Final = re.compile(rf"({_LOCAL})@((?:{_LABEL}\.)+(?:[^\W\d_]{{2,}}|xn--[a-z0-9-]+))")
# no start inside what may be a local part: it would be tried from each of its characters
_ANYWHERE: Final = re.compile(rf"(?<![\w.@!#$%&*+/=?^`{{|}}~-]){ADDRESS.pattern}(?![\w@])")
_FIRST: Final = re.compile(rf"({ADDRESS.pattern})(?=[\s,;(\[])")
"""An address before other words. After words it may be the end of a broken one, ``jo doe@x.org``.
"""
_NAMED: Final = re.compile(r"(.*?)[<\[(]\s*(?:mailto:)?([^<>\[\]()\s]+@[^<>\[\]()\s]+)\s*[>\])]")
_BRACKETED_AT: Final = re.compile(r"\s*[\[({<]\s*(?:at|@|ät)\s*[\])}>]\s*", re.IGNORECASE)
_BRACKETED_DOT: Final = re.compile(
    r"\s*[\[({<]\s*(?:dot|punkt|point|\.)\s*[\])}>]\s*", re.IGNORECASE
)
_SPOKEN: Final = re.compile(r"([\w.+-]+) at ([\w-]+(?:(?:\.| dot )[\w-]+)+)", re.IGNORECASE)
_NOREPLY: Final = re.compile(
    r"(?:(\d+)\+)?([A-Za-z0-9][A-Za-z0-9_-]*)@users\.noreply\.github\.com", re.IGNORECASE
)
_ENDINGS: Final = {
    **dict.fromkeys(("con", "cmo", "ocm", "vom", "xom", "comm", "coom", "cpm", "cim"), "com"),
    **dict.fromkeys(("ogr", "rog", "orgg", "prg"), "org"),
    **dict.fromkeys(("nte", "ent", "nett"), "net"),
    **dict.fromkeys(("eud", "eduu", "deu", "edi"), "edu"),
    **{"dee": "de", "ukk": "uk", "frr": "fr"},
}
"""Endings that do not exist, and what was meant."""
_PROVIDERS: Final = {
    **dict.fromkeys(
        ("gmial", "gamil", "gmai", "gmal", "gnail", "gmaill", "gmali", "gimail", "ggmail"), "gmail"
    ),
    **dict.fromkeys(("hotmial", "hotmal", "hotmai", "hotmil", "homtail", "hotamil"), "hotmail"),
    **dict.fromkeys(("outlok", "outloo", "outllok", "otulook", "outlool"), "outlook"),
    **dict.fromkeys(("yaho", "yahooo", "yhaoo", "yahho"), "yahoo"),
    **{"iclod": "icloud", "icoud": "icloud", "protonmial": "protonmail"},
}
_DOMAINS: Final = {
    **dict.fromkeys(
        ("gmail.co", "gmail.cm", "gmail.om", "gmail.c", "gmail", "gmailcom"), "gmail.com"
    ),
    **dict.fromkeys(("hotmail", "hotmail.cm", "hotmailcom"), "hotmail.com"),
    **dict.fromkeys(("outlook", "outlook.cm", "outlookcom"), "outlook.com"),
}


def read_email(raw: str, *, is_confirmed: bool = False) -> Meaning:
    """Return what a cell of an e-mail column means; a login or number comes back as one.

    ``is_confirmed``: an admin has typed it; unlikely providers are then believed.
    """
    text = plain(raw)
    if not text:
        return EMPTY
    if len(raw.strip()) > LONGEST:
        return TOO_LONG
    if says_nothing(text):
        return READ_AS_EMPTY
    name, address = ("", text) if is_address(text) else _unwrapped(text)
    if found := _NOREPLY.fullmatch(address):
        return Meaning(
            login=found[2],
            github_id=int(found[1]) if found[1] else None,
            reading="GitHub's no-reply address, where no mail arrives: read as the login in it.",
        )
    if not is_address(text) and len(several := find_addresses(text)) > 1:
        return Meaning(problem="The cell holds several addresses.", suggestion=several[0])
    if found := _FIRST.match(address):
        address = found[1]
    if problem := _problem(address, is_confirmed=is_confirmed):
        return problem
    return Meaning(email=address, name=name, reading=changed(raw, address, _how(raw, address)))


def find_addresses(text: str) -> list[str]:
    """Return the different addresses in a text, in their order."""
    found = {match[0].casefold(): match[0] for match in _ANYWHERE.finditer(text)}
    return list(found.values())


def is_address(text: str) -> bool:
    """Return whether a text is one address and nothing else."""
    return bool(ADDRESS.fullmatch(text))


def looks_like_address(text: str) -> bool:
    """Return whether a text is an address, a broken one perhaps, and not a login."""
    return "@" in text.strip().lstrip("@") or bool(_BRACKETED_AT.search(text))


def _how(raw: str, address: str) -> str:
    """Return how an address was found, nothing if only blanks or invisible characters are gone."""
    if raw.strip().lower().startswith("mailto:"):
        return "The address was taken from a link."
    if address in raw and raw.strip() != address:
        return "Read as the address in it."
    return "" if "@" in raw else "Read as the address that is spelt out."


def _unwrapped(text: str) -> tuple[str, str]:
    """Return the name before an address in brackets, and the address without all decoration."""
    name = ""
    if found := _NAMED.fullmatch(text):
        name, text = unquoted(found[1].strip().rstrip(":")), found[2]
    text = text[7:].partition("?")[0] if text.lower().startswith("mailto:") else text
    text = _BRACKETED_DOT.sub(".", _BRACKETED_AT.sub("@", text))
    if found := _SPOKEN.fullmatch(text):
        text = f"{found[1]}@{re.sub(' dot ', '.', found[2], flags=re.IGNORECASE)}"
    text = re.sub(r"\s*@\s*", "@", text.strip(" <>"))
    return name, text.rstrip(" .,;:")


def _problem(address: str, *, is_confirmed: bool) -> Meaning | None:
    """Return what is wrong with an address, with what was probably meant."""
    suggestion = _suggestion(address)
    found = ADDRESS.fullmatch(address)
    if found is None:
        return Meaning(problem=_reason(address), suggestion=suggestion)
    if len(address) > 254 or len(found[1]) > 64:
        return Meaning(problem="The address is longer than addresses can be.")
    if suggestion and not is_confirmed:
        return Meaning(problem="The address is probably misspelt.", suggestion=suggestion)
    return None


def _reason(address: str) -> str:
    if "@" not in address:
        return "This is no e-mail address: the @ is missing."
    if " " in address:
        return "This is no e-mail address: there is a blank in it."
    if not address.partition("@")[0].isascii():
        return "This is no e-mail address that GitHub takes: it has an accent before the @."
    if "." not in address.rpartition("@")[2]:
        return "This is no e-mail address: there is no dot after the @."
    return "This is no e-mail address."


def _suggestion(address: str) -> str:
    """Return the address that was probably meant, empty if it is fine or nobody can know."""
    if address.count(",") + address.count(" ") > 1:
        return ""
    text = re.sub(r"\.{2,}", ".", address.replace(",", ".").replace(" ", ""))
    local, at, domain = re.sub(r"@+", "@", text).partition("@")
    if not at:
        found = re.fullmatch(r"(.+)\.((?:gmail|outlook|hotmail|yahoo|gmx)\.\w{2,3})", text)
        local, domain = (found[1], found[2]) if found else (text, "")
    domain = domain.strip(".-").lower() if _mended(domain) != domain.lower() else domain
    meant = f"{folded(local) if not local.isascii() else local}@{_mended(domain)}"
    if meant.lower() == address.lower() or not ADDRESS.fullmatch(meant):
        return ""
    return meant


def _mended(domain: str) -> str:
    domain = _DOMAINS.get(domain.lower().strip("."), domain.lower().strip("."))
    head, dot, ending = domain.rpartition(".")
    if not dot:
        return domain
    first, inner_dot, rest = head.partition(".")
    head = _PROVIDERS.get(first, first) + inner_dot + rest
    return f"{head}.{_ENDINGS.get(ending, ending)}"
