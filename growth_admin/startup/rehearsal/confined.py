"""Runs a command that may write only below given folders: ``python -I -S confined.py ...``.

For machines without namespaces. On Linux it uses Landlock
(https://docs.kernel.org/userspace-api/landlock.html), which needs no rights and works in most
containers; as root it first becomes an unused id. Standard library only, nothing of ours: the
file is run by its path.

    confined.py probe                  print what can be confined here: "writes", "signals"
    confined.py run UID FOLDER... -- COMMAND...
"""

from __future__ import annotations

import ctypes
import os
import sys

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_PATH_BENEATH = 1
_GET_VERSION = 1
_NO_NEW_PRIVS = 38
_WRITE_FILE, _TRUNCATE, _REFER = 1 << 1, 1 << 14, 1 << 13
_MAKE_AND_REMOVE = sum(1 << bit for bit in range(4, 13))
_SCOPE_SIGNAL = 1 << 1


class _Ruleset(ctypes.Structure):
    _fields_ = [
        ("fs", ctypes.c_uint64),
        ("net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    ]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def landlock_version() -> int:
    """Return Landlock's interface version; 0 where there is none."""
    if not sys.platform.startswith("linux"):
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, int(libc.syscall(_CREATE, None, ctypes.c_size_t(0), _GET_VERSION)))


def confine(folders: list[str]) -> None:
    """Forbid this process, for good, to write outside the folders. Raises ``OSError``."""
    version = landlock_version()
    if version == 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    rights = _WRITE_FILE | _MAKE_AND_REMOVE
    rights |= (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    wanted = _Ruleset(rights, 0, _SCOPE_SIGNAL if version >= 6 else 0)
    ruleset = int(libc.syscall(_CREATE, ctypes.byref(wanted), ctypes.c_size_t(size), 0))
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
    for folder in folders:
        parent = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        is_folder = os.path.isdir(folder)  # noqa: PTH112 - kept free of pathlib, for its 10 ms
        rule = _PathBeneath(rights if is_folder else rights & (_WRITE_FILE | _TRUNCATE), parent)
        if libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0):
            raise OSError(ctypes.get_errno(), "landlock_add_rule")
        os.close(parent)
    libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.syscall(_RESTRICT, ruleset, 0):
        raise OSError(ctypes.get_errno(), "landlock_restrict_self")
    os.close(ruleset)


def main(words: list[str]) -> None:
    """Do what the module says at its top."""
    if words[:1] == ["probe"]:
        version = landlock_version()
        print(" ".join(["writes"] * (version > 0) + ["signals"] * (version >= 6)))  # noqa: T201
        return
    middle = words.index("--")
    user, folders, command = int(words[1]), words[2:middle], words[middle + 1 :]
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    confine(folders)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
