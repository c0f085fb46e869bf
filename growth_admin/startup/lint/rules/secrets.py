"""Passwords and keys in the text. A message never repeats what it found."""

from __future__ import annotations

import re
from collections.abc import Iterator

from growth_admin.startup.lint.findings import Finding
from growth_admin.startup.lint.model import Script
from growth_admin.startup.lint.rules.found import finding

_HINT = (
    "Everybody who can open a server can read this file, and its history is kept: revoke the"
    " secret where it was made, and read the new one from a file that only its user can open, or"
    " from the server's environment."
)
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("a GitHub token", re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,})")),
    ("a GitLab token", re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}")),
    ("an AWS access key", re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a private key", re.compile(r"-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY")),
    ("a Google API key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}")),
    ("a Google access token", re.compile(r"\bya29\.[0-9A-Za-z_-]{20,}")),
    ("a Slack token", re.compile(r"\bxox[abeoprs]-[0-9A-Za-z-]{10,}")),
    ("a Slack hook", re.compile(r"hooks\.slack\.com/services/T\w+/B\w+/\w{16,}")),
    ("a Hugging Face token", re.compile(r"\bhf_[A-Za-z0-9]{30,}")),
    ("an API key", re.compile(r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}")),
    ("a PyPI token", re.compile(r"\bpypi-AgEI[A-Za-z0-9_-]{20,}")),
    ("a signed web token", re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}")),
    (
        "an authorization header",
        re.compile(r"Authorization:\s*(?:Bearer|Basic|token)\s+(?![$<{%])[\w.+/=-]{8,}", re.I),
    ),
    (
        "a user and password in a URL",
        re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@'\"$<{]*:(?![$<{%])[^\s/@'\"$]{3,}@[\w.-]"),
    ),
    (
        "a URL with a token",
        re.compile(
            r"\b[a-z]+://(?![$<{])[A-Za-z0-9_-]{20,}@[\w.-]+|[?&](access_token|api_key|token|sig)="
            r"(?![$<{%])[A-Za-z0-9._~%-]{12,}"
        ),
    ),
)
_NAME = re.compile(
    r"(?:^|_)(password|passwd|passphrase|pass|pwd|secret|token|api_?key|access_?key|secret_?key"
    r"|auth_?key|private_?key|credentials?|pat|key_secret|client_secret)(?:_\d+)?$",
    re.IGNORECASE,
)
_OPTION = re.compile(
    r"(?:--(?:password|passwd|token|secret|api-?key|http-password|ftp-password|passphrase)"
    r"(?:=|\s+)|\bsshpass\s+-p\s*|\bmysql\b[^|;\n]*\s-p(?=['\"\w]))"
    r"['\"]?(?![-$<{*%\s'\"])([^\s'\"]{4,})"
)
_ACCOUNT = re.compile(
    r"\bcurl\b[^|;\n]*\s(?:-u|--user)[=\s]*['\"]?(?![$<])[\w.@-]+:(?![$<{])[^\s'\"$]{3,}"
    r"|\b(?:echo|printf)\s+['\"]?[\w$.{}-]+:(?![$<{%])[^\s'\"|$]{4,}['\"]?\s*\|\s*(?:sudo\s+)?chpasswd"
    r"|\becho\s+['\"]?(?![$<-])[^\s'\"|]{4,}['\"]?\s*\|\s*sudo\s+-\w*S"
    r"|\bmachine\s+\S+\s+login\s+\S+\s+password\s+(?![$<{%])\S{4,}"
)
_SETTING = re.compile(
    r"^\s*(?:export\s+)?[\"']?([\w.-]*)[\"']?\s*[:=]\s*(?:[rbu]?[\"']([^\"']*)[\"']|([^\s\"'#,]+))"
)
_PLACEHOLDER = re.compile(
    r"^(x{3,}|\*+|\.{3}|<.*>|your[-_ ].*|.*example.*|changeme.*here|todo|none|null|true|false|yes"
    r"|no|never|auto|default|prompt|required|optional|empty|[a-z]{1,5}|\d{1,3})$",
    re.IGNORECASE,
)


def check(script: Script) -> Iterator[Finding]:
    """Yield one finding per line that holds a secret."""
    told: set[int] = set()
    for line, what in _secrets(script):
        if line not in told:
            told.add(line)
            yield finding(line, "error", "secret", f"Holds {what} in plain text.", _HINT)


def _secrets(script: Script) -> Iterator[tuple[int, str]]:
    comments = {line for line, text in script.comments}
    for number, text in enumerate(script.lines, 1):
        for what, pattern in _PATTERNS:
            if pattern.search(text):
                yield number, what
        is_comment = number in comments and text.lstrip().startswith("#")
        if not is_comment and (_OPTION.search(text) or _ACCOUNT.search(text)):
            yield number, "a password or token"
    for assignment in script.assignments:
        is_named = assignment.is_literal and _NAME.search(assignment.name)
        if is_named and all(_is_secret(value) for value in assignment.values):
            yield assignment.line, "a password or token"
    for call in script.calls:
        for pair in call.assignments:
            name, _, value = pair.partition("=")
            if _NAME.search(name) and _is_secret(value):
                yield call.line, "a password or token"
    blocks = [(h.line, h.text or "") for h in script.heredocs]
    blocks += [(c.line, c.text) for c in script.codes]
    if not script.calls:
        blocks.append((1, script.text))
    for first, body in blocks:
        for offset, text in enumerate(body.splitlines()):
            yield from _setting(text, first + offset)
    for line, text in script.strings:
        if text.startswith(('"', "'")) and len(text) < 300:
            yield from _setting(text.strip("\"'"), line)


def _setting(text: str, line: int) -> Iterator[tuple[int, str]]:
    match = _SETTING.match(text)
    if match is None:
        return
    name = match.group(1).rsplit(".", 1)[-1].replace("-", "_")
    value = match.group(2) if match.group(2) is not None else match.group(3) or ""
    is_code = match.group(2) is None and re.search(r"[(\[]", value)
    if _NAME.search(name) and _is_secret(value) and not is_code:
        yield line, "a password or token"


def _is_secret(value: str) -> bool:
    """Return whether a value can be a secret: no variable, no path, no placeholder, no sentence."""
    if len(value) < 4 or _PLACEHOLDER.match(value):
        return False
    if "\ue001" in value or re.search(r"[$`<{\ue000\ue003]|^[~/.]|^%|\s", value):
        return False
    return "://" not in value
