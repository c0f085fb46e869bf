"""Which calls speak to another machine, and which of them bring a time limit of their own."""

from __future__ import annotations

import re

from growth_admin.startup.lint.model import Call, Script
from growth_admin.startup.lint.places import HOME
from growth_admin.startup.lint.rules.deleting import git_command

_GIT_REMOTE = frozenset(("clone", "pull", "fetch", "push", "ls-remote"))
_ALWAYS = frozenset(
    [
        "gitpuller",
        "gdown",
        "gsutil",
        "azcopy",
        "lftp",
        "ftp",
        "zenodo_get",
        "datalad",
        "svn",
        "youtube-dl",
        "yt-dlp",
    ]
)
_DOWNLOADS = {
    "aws": ("s3",),
    "gcloud": ("storage",),
    "kaggle": ("datasets", "competitions"),
    "huggingface-cli": ("download",),
    "hf": ("download",),
    "gh": ("release", "repo"),
    "dvc": ("pull", "fetch"),
    "rclone": ("copy", "sync"),
    "hg": ("clone", "pull"),
}
_REMOTE = re.compile(r"^([\w.-]+@)?[\w.-]+:(?!//)|^(rsync|ssh|https?|ftp)://")


def network_program(call: Call, script: Script) -> str | None:
    """Return the program's name if the call fetches without a time limit of its own."""
    name, values = call.name, call.values
    if name == "curl":
        return None if _curl_ends(call) else name
    if name == "wget":
        ends = call.has("T", "--timeout", "--read-timeout") or not call.operands
        return None if ends else name
    if name == "git":
        return name if _git_waits(call, script) else None
    if name in _ALWAYS:
        return name
    if values and values[0] in _DOWNLOADS.get(name, ()):
        return name
    if name in {"rsync", "scp", "sftp", "ssh"}:
        return name if _ssh_waits(call) else None
    return "pip" if _pip_waits(call, script) else _module(call)


def is_local(call: Call) -> bool:
    """Return whether all that the call names is on this machine."""
    operands = [word.value for word in call.operands]
    if call.name == "git" and git_command(call)[0] == "clone":
        rest = [value for value in git_command(call)[1] if not value.startswith("-")]
        return bool(rest) and _is_path(rest[0])
    if call.name in {"git", "gitpuller"}:
        return any(value.startswith("file://") for value in operands)
    return bool(operands) and all(value.startswith("file://") for value in operands)


def _is_path(value: str) -> bool:
    return value.startswith(("/", "./", "../", "file://", HOME)) and not _REMOTE.match(value)


def _curl_ends(call: Call) -> bool:
    if not call.operands or call.has("--version", "--help"):
        return True
    return call.has("m", "--max-time", "y", "Y", "--speed-time")


def _git_waits(call: Call, script: Script) -> bool:
    subcommand, rest, _ = git_command(call)
    is_remote = (
        subcommand in _GIT_REMOTE
        or (subcommand == "submodule" and "update" in rest)
        or (subcommand == "remote" and "update" in rest)
        or (subcommand == "lfs" and rest[:1] in {("pull",), ("fetch",)})
    )
    if not is_remote:
        return False
    limits = [*call.assignments, *(a.name for a in script.assignments), *call.values]
    limits += [value for c in script.calls if c.name == "git" for value in c.values]
    return not any(re.search(r"LOW_SPEED_TIME|lowSpeedTime", limit, re.I) for limit in limits)


def _ssh_waits(call: Call) -> bool:
    if any("ConnectTimeout" in value for value in call.values) or call.has("V"):
        return False
    if call.name == "rsync":
        is_remote = any(_REMOTE.match(word.value) for word in call.operands)
        return is_remote and not call.has("--timeout")
    if call.name == "scp":
        return any(_REMOTE.match(word.value) for word in call.operands)
    return bool(call.operands)


def _pip_waits(call: Call, script: Script) -> bool:
    words = list(call.values)
    if re.fullmatch(r"python[0-9.]*", call.name) and words[:2] == ["-m", "pip"]:
        words = words[2:]
    elif call.name == "uv" and words[:1] == ["pip"]:
        words = words[1:]
    elif not re.fullmatch(r"pip[0-9.]*", call.name):
        return False
    operands = [word for word in words if not word.startswith("-")]
    if operands[:1] not in (["install"], ["download"]):
        return False
    given = {word.split("=", 1)[0] for word in words}
    if given & {"--no-index", "--timeout", "--default-timeout", "--no-deps"}:
        return False
    names = [*call.assignments, *(a.name for a in script.assignments)]
    if any(re.match(r"PIP_(DEFAULT_)?TIMEOUT|UV_HTTP_TIMEOUT|PIP_NO_INDEX", n) for n in names):
        return False
    wanted = operands[1:]
    return not (wanted and all(_is_path(word) and word.endswith(".whl") for word in wanted))


def _module(call: Call) -> str | None:
    """Return ``gitpuller`` for ``python -m nbgitpuller``."""
    if call.name.startswith("python") and call.values[:2] == ("-m", "nbgitpuller"):
        return "gitpuller"
    return None
