"""Whose files a path names: a student's, the school's, or nobody's that anyone would miss.

Paths are texts in which ``HOME`` stands for a student's home (however the script spells it) and
``UNKNOWN`` for what cannot be told from the text.
"""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatch

HOME = "/\ue000"
UNKNOWN = "\ue001"
USER = "\ue003"

_PERSONAL = re.compile(
    r"^\.(bashrc|bash_profile|bash_login|bash_aliases|bash_history|profile|zshrc|zprofile|vimrc|"
    r"emacs|inputrc|gitconfig|netrc|git-credentials|ssh|gnupg|tmux\.conf|nanorc|local|config|"
    r"jupyter|ipython|aws|kaggle)(/\*?)?$"
    r"|^\.(ssh|gnupg|vim|emacs\.d|config/git)(/.*)?$"
    r"|^\.local/(lib|bin|share/jupyter)(/[^/]*)?/?$"
)
_BY_HAND = re.compile(
    r"^\.(bashrc|bash_profile|bash_login|bash_aliases|profile|zshrc|zprofile|vimrc|emacs|inputrc"
    r"|gitconfig|netrc|git-credentials|tmux\.conf|nanorc|ssh/(config|authorized_keys|id_\w+))$"
)
_REGENERATED = re.compile(
    r"(^|/)(\.cache|__pycache__|\.ipynb_checkpoints|\.mypy_cache|\.pytest_cache|\.ruff_cache|"
    r"\.Trash[^/]*|\.npm|\.parallel|share/jupyter/runtime|\.jupyter/lab/workspaces|\.thumbnails)(/|$)"
    r"|^\.(conda/pkgs|local/share/Trash|astropy/cache|matplotlib|nv|theano|keras/cache)(/|$)"
    r"|(\.(py[co]|log|tmp|temp|lock|pid|part|swp|swo|bak|new|old|crdownload|nbi|sock)|~)(\.\d+)?$"
    r"|(^|/)(nohup\.out|core(\.\d+)?|core\.\*|\.nfs[^/]*|\.DS_Store|\.~lock[^/]*|"
    r"\.Xauthority|\.X\d*-lock|jpserver-[^/]*|kernel-[^/]*)$"
)
_ANNOUNCEMENT = re.compile(
    r"(readme|welcome|news|notice|motd|announce|start[-_]?here|version|stamp|marker|last[-_]|"
    r"status|\.done$|\.ok$|\.log$|\.desktop$|\.lnk$|\.url$)",
    re.IGNORECASE,
)


def normal(path: str, cwd: str) -> str:
    """Return the path made absolute, with every spelling of a student's home as ``HOME``."""
    if not path:
        return path
    if "://" in path or path.startswith(UNKNOWN):
        return path
    joined = path if path.startswith("/") else f"{cwd}/{path}"
    if joined.startswith(UNKNOWN):
        return joined
    joined = posixpath.normpath(re.sub(r"^/+", "/", joined))
    match = re.match(r"^/home(?:/([^/]+))?(/.*)?$", joined)
    if match and match.group(1) not in {"admin", "linuxbrew", "shared"}:
        return HOME + (match.group(2) or "")
    if joined == "/":
        return HOME
    return joined


def is_home(path: str) -> bool:
    """Return whether the (normal) path is a student's home or lies in it."""
    return path == HOME or path.startswith(HOME + "/")


def is_under(path: str, root: str) -> bool:
    """Return whether the (normal) path is ``root`` or lies under it."""
    return path == root or path.startswith(root.rstrip("/") + "/")


def is_temporary(path: str) -> bool:
    """Return whether the (normal) path vanishes with the container anyway."""
    return re.match(r"^/(tmp|var/tmp|dev|run|proc|var/run|var/cache)(/|$)", path) is not None


def inside(path: str) -> str:
    """Return the part of a (normal) path below the home: ``notebooks/a.ipynb``."""
    return path[len(HOME) :].lstrip("/")


def is_hidden(path: str) -> bool:
    """Return whether the path in a home starts with a dot: settings and caches, not work."""
    return inside(path).startswith(".") and inside(path) not in {".", "./*", ".*"}


def is_personal(path: str) -> bool:
    """Return whether a hidden path holds settings or keys that are the student's own."""
    return is_hidden(path) and _PERSONAL.search(inside(path)) is not None


def is_personal_file(path: str) -> bool:
    """Return whether a hidden path is one file of the student's own hand (.bashrc)."""
    return is_hidden(path) and _BY_HAND.search(inside(path)) is not None


def is_regenerated(path: str) -> bool:
    """Return whether the path in a home is a cache or leaving that comes back by itself."""
    return _REGENERATED.search(inside(path)) is not None


def is_work(path: str) -> bool:
    """Return whether a student would miss the file at this (normal) path in a home."""
    if not is_home(path):
        return False
    return not is_regenerated(path) and (not is_hidden(path) or is_personal(path))


def is_announcement(path: str) -> bool:
    """Return whether the file's name says that the course writes it anew at each start."""
    return _ANNOUNCEMENT.search(posixpath.basename(path)) is not None


def names_regenerated(pattern: str) -> bool:
    """Return whether a ``find -name`` pattern picks only caches and leavings."""
    if _REGENERATED.search(pattern.lstrip("*/")) or _REGENERATED.search(pattern):
        return True
    return any(fnmatch(pattern, known) for known in ("__pycache__*", ".ipynb_checkpoints*"))


def spoken(path: str) -> str:
    """Return the path as a person would write it."""
    return path.replace(HOME, "~").replace(UNKNOWN, "...").replace(USER, "USER")
