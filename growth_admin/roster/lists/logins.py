"""GitHub logins as people write them: the login, its address, or something that is neither.

Rules of logins: GitHub's join page (letters, digits, single hyphens, none at the ends, at most 39
characters); accounts from before the rule may end with a hyphen; those of enterprise managed users
end with ``_shortcode``. A login is never made up: what cannot be read is a problem.
"""

from __future__ import annotations

import re
from typing import Final

from growth_admin.roster.lists.addresses import looks_like_address, read_email
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
from growth_admin.roster.lists.links import has_web_address, read_links

LOGIN_LENGTH: Final = 39
_LOGIN: Final = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9])*-?")
_MANAGED: Final = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9])*_[A-Za-z0-9]{3,8}")
_LABEL: Final = re.compile(
    r"\A(?:(?:my|mein|mon|mi)\s+)?(?:git\s?hub(?:[\s-]*(?:user\s?name|login|handle|account|name|id|user))?"
    r"|user\s?name|user|login|handle|account|gh)\s*(?:[:=]|\bis\b|->|→)\s*(?=\S)",
    re.IGNORECASE,
)
_BULLET: Final = re.compile(r"\A[-*•–]\s+(?=\S)")
_BRACKET: Final = re.compile(r"(\S+)\s*[(\[](.*)[)\]]")
_ASIDE: Final = frozenset(
    {
        *("github", "git", "me", "mine", "personal", "private", "work", "school", "university"),
        *("new", "old", "main", "preferred", "privat", "perso", "same", "username", "login"),
    }
)
"""Single words in brackets that comment on a login; any other may be a second login, or a name."""
_NUMBER: Final = re.compile(
    r"(?:(?:github|user|account)?\s*id\s*[:=#]?|#)\s*(\d{1,12})", re.IGNORECASE
)
_ANSWERS: Final = frozenset({"yes", "ja", "oui", "si", "sí", "sim", "true", "y", "i do", "i have"})
_FORMULA_ERRORS: Final = frozenset({"#name?", "#value!", "#ref!", "#error!", "#null!", "err:508"})
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}")


def read_login(raw: str, *, is_confirmed: bool = False) -> Meaning:
    """Return what a cell of a login column means; an address or number comes back as one.

    ``is_confirmed``: an admin has typed it; a login of digits only is then believed.
    """
    text = plain(raw)
    if not text:
        return EMPTY
    if len(raw.strip()) > LONGEST:
        return TOO_LONG
    if says_nothing(text):
        return READ_AS_EMPTY
    if is_login(text) and text.lower() not in _ANSWERS and not text.isdigit():
        return _checked(raw, text)
    if found := _NUMBER.fullmatch(text):
        return Meaning(github_id=int(found[1]), reading="Read as an account number.")
    if (linked := read_links(text)) is not None:
        return _checked(raw, linked.login) if linked.login else linked
    if looks_like_address(text):
        return _address(text, is_confirmed=is_confirmed)
    return _written(raw, text, is_confirmed=is_confirmed)


def is_login(text: str) -> bool:
    """Return whether a text keeps the rules of logins."""
    return len(text) <= LOGIN_LENGTH and bool(_LOGIN.fullmatch(text) or _MANAGED.fullmatch(text))


def _address(text: str, *, is_confirmed: bool) -> Meaning:
    local, _, domain = text.partition("@")
    if domain.lower() in ("github.com", "github", "www.github.com") and is_login(local):
        return Meaning(problem="This is neither a login nor an e-mail address.", suggestion=local)
    return read_email(text, is_confirmed=is_confirmed)


def _written(raw: str, text: str, *, is_confirmed: bool) -> Meaning:
    """Return the meaning of a login that stands there as such, perhaps among a few words."""
    if text.lower() in _FORMULA_ERRORS:
        return Meaning(problem="The spreadsheet took the login for a formula and lost it.")
    if text.lower() in _ANSWERS:
        return Meaning(problem="This is an answer, not a login.")
    if _DATE.fullmatch(text):
        return Meaning(problem="The spreadsheet has turned the login into a date.")
    if has_web_address(text):
        return Meaning(problem="This is an address, and not one of a person at github.com.")
    text = _undecorated(text)
    if text.isdigit() and text.isascii() and not is_confirmed:
        return Meaning(
            problem="Digits only: a student number, an account number or a login? Correct it "
            f"to the login, or to id:{text[:12]} for an account number.",
        )
    return _checked(raw, text)


def _undecorated(text: str) -> str:
    text = _LABEL.sub("", _BULLET.sub("", text, count=1), count=1)
    text = unquoted(text.strip())
    if (found := _BRACKET.fullmatch(text)) and not _is_other_login(found[2]):
        text = found[1]
    return text.strip("()[]{} ").lstrip("@").strip().rstrip(" .,;:!/")


def _is_other_login(aside: str) -> bool:
    return " " not in aside.strip() and aside.strip().lower() not in _ASIDE


def _checked(raw: str, login: str) -> Meaning:
    if is_login(login):
        how = "Read as the login in it." if raw.strip() != login else ""
        return Meaning(login=login, reading=changed(raw, login, how))
    return Meaning(problem=_reason(login), suggestion=_suggestion(login))


def _reason(login: str) -> str:
    if not login:
        return "There is no login in this cell."
    if re.search(r"[\s,;/|&]", login):
        return "This is not one login: logins are one word."
    if not re.fullmatch(r"[A-Za-z0-9_-]+", login):
        return "This is no login: logins have the letters A to Z, digits and hyphens only."
    if len(login) > LOGIN_LENGTH:
        return (
            f"This is no login: it has {len(login)} characters, logins have at most {LOGIN_LENGTH}."
        )
    if "--" in login or login.startswith("-"):
        return "This is no login: hyphens stand alone, and not at the beginning."
    return "This is no login: logins have no underscore, save those of managed users."


def _suggestion(login: str) -> str:
    """Return the login that was probably meant; names and lists suggest nothing."""
    words = login.split()
    if len(words) > 1 and (any(word[:1].isupper() for word in words) or len(words) > 2):
        return ""
    if re.search(r"[,;/|&]", login):
        return ""
    text = folded(login) if not login.isascii() else login
    text = re.sub(r"-{2,}", "-", re.sub(r"[._]+", "-", text.replace(" ", ""))).strip("-")
    return text if text != login and is_login(text) else ""
