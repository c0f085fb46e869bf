"""Texts that a start has printed, without what looks like a token or a password.

A student's script may print its environment. Whoever helps needs the lines, not the secrets, and
pastes them into a mail.

Source: GitHub, "About authentication to GitHub" (prefixes of tokens); RFC 3986, section 3.2.1
(user information in an address).
"""

from __future__ import annotations

import re
from typing import Final

LEFT_OUT: Final = "[left out]"
_WORD: Final = r"[^\s'\"&,;]+"
_WHOLE: Final = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|AIza[A-Za-z0-9_-]{30,}"
    r"|(?<![A-Za-z0-9])[0-9a-f]{32}(?:[0-9a-f]{8})?(?![A-Za-z0-9])"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_AFTER: Final = re.compile(
    rf"(?P<name>\b[\w-]*(?:token|secret|passw(?:or)?d|api_?key|credential)s?\b['\"]?\s*[=:]\s*['\"]?)"
    rf"{_WORD}|(?P<header>\bauthorization['\"]?\s*[:=]\s*['\"]?(?:token|bearer|basic)\s+){_WORD}"
    rf"|(?P<flag>--?(?:token|password|secret)\s+){_WORD}",
    re.IGNORECASE,
)
_USERINFO: Final = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^\s/@:]*(?::[^\s/@]*)?@", re.IGNORECASE)


def discreet(text: str) -> str:
    """Return the text with everything that looks like a secret replaced.

    A JupyterHub token is 32 hexadecimal digits; so is a checksum of 32 or 40, which goes too.
    """
    text = _WHOLE.sub(LEFT_OUT, text)
    text = _AFTER.sub(lambda found: f"{found[found.lastgroup or 0]}{LEFT_OUT}", text)
    return _USERINFO.sub(rf"\1{LEFT_OUT}@", text)
