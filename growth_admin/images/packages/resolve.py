"""Whether the Python packages can be installed together, by a dry run: nothing is built.

uv (``uv pip compile``) was chosen over ``pip install --dry-run``, after trying both on four
packages of astronomy: 0.6 s instead of 3 s to a conflict and 1 s instead of 6 s to an answer with
72 packages; its explanation names the bounds that collide, where pip's report names two lines; and
markers are read for the image's Python, where pip reads its own (pip issue 11664). No package's
own code is run (``--only-binary``): this happens on a server that holds credentials. For the same
reason the resolver gets no variables of this server, which lists may name (``${NAME}``), and no
line that names a file: its messages would quote what is in it.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from growth_admin.core.errors import NotConfigured
from growth_admin.core.process import run_bounded
from growth_admin.images.packages.lists import LOGIN, REMARK
from growth_admin.images.packages.models import Resolution
from growth_admin.images.packages.settings import ImageSource

KEPT_OF_BASE: Final = ("ipykernel", "jupyter-server", "jupyterhub", "jupyterlab", "notebook")
"""What the image keeps at the base's version, as its Dockerfile does."""
CANNOT_TELL: Final = re.compile(
    r"no usable wheels|building .*disabled|no wheels with a matching|Failed to fetch|error sending",
    re.I,
)
NO_WHEEL: Final = re.compile(r"Wheels are required for `([^`]+)`")
INDEX_LINE: Final = re.compile(
    r"(--index-url|-i|--extra-index-url|--find-links|-f)(\s*=\s*|\s+)https?://\S+"
)
ADDRESSES: Final = frozenset(("http", "https", "git+http", "git+https", "git+ssh"))
VARIABLES: Final = frozenset((
    "PATH", "HOME", "LANG", "TMPDIR", "XDG_CACHE_HOME", "UV_CACHE_DIR", "SSL_CERT_FILE",
    "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
))  # fmt: skip
"""What the resolver is told of this server; proxies in small letters too."""
DETAIL_CHARS: Final = 4000


def resolve(
    text: str, *, settings: ImageSource, python_version: str, installed: Mapping[str, str]
) -> Resolution:
    """Return whether the list ``text`` can be installed, with every package that would be.

    ``installed`` are packages of the image as it is now: those that serve notebooks stay at their
    versions. Never raises for what the resolver finds; what cannot be told is ``unknown``.
    """
    kept, left_out = _resolvable(text)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pip.txt").write_text(kept)
        (folder / "constraints.txt").write_text(_constraints(installed))
        command = [
            *(_program(), "pip", "compile", "--quiet", "--no-config", "--no-header"),
            *("--no-annotate", "--color", "never", "--only-binary", ":all:"),
            *("--python-version", python_version, "--python", sys.executable),
            *("--constraint", "constraints.txt", "pip.txt"),
        ]
        done = run_bounded(
            command,
            timeout_s=settings.resolve_timeout_s,
            env={**_variables(), "UV_DEFAULT_INDEX": settings.index_url, "UV_NO_PROGRESS": "1"},
            cwd=folder,
        )
    said = LOGIN.sub("***@", done.stderr.decode(errors="replace")).strip()[:DETAIL_CHARS]
    if done.is_timed_out:
        said = f"It took longer than {settings.resolve_timeout_s:.0f} s. {said}".strip()
    if done.exit_code == 0:
        return _solved(done.stdout.decode(errors="replace"), python_version, left_out)
    is_sure = not (left_out or done.is_timed_out or CANNOT_TELL.search(said))
    is_conflict = done.exit_code == 1 and is_sure
    return Resolution(
        list="pip",
        state="conflict" if is_conflict else "unknown",
        sentence="The Python packages cannot be installed together."
        if is_conflict
        else _unknown(said),
        detail=f"{left_out} {said}".strip(),
        python_version=python_version,
    )


def _unknown(said: str) -> str:
    names = list(dict.fromkeys(NO_WHEEL.findall(said)))
    sentence = "Whether the Python packages fit together could not be found out"
    if not names:
        return f"{sentence}."
    has = "has no wheel" if len(names) == 1 else "have no wheels"
    return (
        f"{sentence}: {', '.join(names)} {has}, only source, which is not built to find out. "
        "The build tells."
    )


def _resolvable(text: str) -> tuple[str, str]:
    """Return the lines that lead to indexes and addresses only, and a sentence on the others."""
    kept: list[str] = []
    others: list[str] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = REMARK.sub("", raw).strip()
        if INDEX_LINE.fullmatch(line) or _is_requirement(line):
            kept.append(line)
        elif line:
            others.append(str(number))
    said = f"Left out, as they may read files of this server: lines {', '.join(others[:10])}."
    return "".join(f"{line}\n" for line in kept), said if others else ""


def _is_requirement(line: str) -> bool:
    try:
        url = Requirement(line).url
        return not url or urlsplit(url).scheme.lower() in ADDRESSES
    except ValueError:  # InvalidRequirement is one; so is an address that makes no sense
        return False


def _variables() -> dict[str, str]:
    return {name: text for name, text in os.environ.items() if name.upper() in VARIABLES}


def _solved(printed: str, python_version: str, left_out: str) -> Resolution:
    found: dict[str, str] = {}
    for line in printed.splitlines():
        try:
            requirement = Requirement(line.strip())
        except InvalidRequirement:
            continue
        found[requirement.name] = str(requirement.specifier).removeprefix("==") or "from its place"
    return Resolution(
        list="pip",
        state="solved",
        sentence="pip would install one package, and it fits."
        if len(found) == 1
        else f"pip would install {len(found)} packages; they fit together.",
        detail=left_out,
        python_version=python_version,
        packages=found,
    )


def _constraints(installed: Mapping[str, str]) -> str:
    known: dict[str, str] = {
        canonicalize_name(name): version for name, version in installed.items()
    }
    return "".join(f"{name}=={known[name]}\n" for name in KEPT_OF_BASE if name in known)


def _program() -> str:
    # imported here: it looks for its own binary, and only a check needs it
    from uv import find_uv_bin

    try:
        return str(find_uv_bin())
    except FileNotFoundError as e:
        raise NotConfigured("uv is not installed whole.", hint="pip install --force uv") from e
