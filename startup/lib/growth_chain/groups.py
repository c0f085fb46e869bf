"""Give the user the groups that the hub asks for, before start.sh becomes the user.

Only groups in /etc/group count: start.sh's `sudo -u` computes them anew. `groupadd -f -g` is not
used: with the number taken it silently makes a group with another number.
"""

from __future__ import annotations

import os

from . import children

_LIMIT_S = 5.0

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def add(user: str, wanted: dict[str, str]) -> list[str]:
    """Add `user` to each group of `wanted` (variable name -> number); notes on what failed."""
    if not wanted:
        return []
    answer = children.ask(lambda say: _add_all(user, wanted, say), _LIMIT_S)
    notes = [message[0].decode("utf-8", "replace") for message in answer.messages]
    if not answer.is_complete:
        notes.append(f"groups: no answer within {_LIMIT_S:g} s")
    return notes


def _add_all(user: str, wanted: dict[str, str], say: Callable[..., None]) -> None:
    for variable, number in wanted.items():
        complaint = _add_one(user, variable, number.strip())
        if complaint:
            say(f"{variable}={number[:20]}: {complaint}".encode("utf-8", "replace"))


def _add_one(user: str, variable: str, number: str) -> str:
    """Empty if the user is in that group now, else why not."""
    import grp
    import pwd

    if not (number.isascii() and number.isdigit() and 0 < int(number) < 2**31):
        return "not a group number that a user may be given"
    gid = int(number)
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        return f"there is no user {user}"
    if gid in os.getgrouplist(user, account.pw_gid):
        return ""
    try:
        group = grp.getgrgid(gid).gr_name
    except KeyError:
        group = _new_name(variable, gid)
        complaint = _command("groupadd", "-g", number, group)
        if complaint:
            return complaint
    return _command("usermod", "-aG", group, user)


def _new_name(variable: str, gid: int) -> str:
    """`growth-data` for GROWTH_DATA_GID, or with its number if that name is another group's."""
    import grp

    name = variable.lower().removesuffix("_gid").replace("_", "-")
    try:
        grp.getgrnam(name)
    except KeyError:
        return name
    return f"{name}-{gid}"


def _command(*words: str) -> str:
    """Run an account tool; empty if it succeeded, else its last line and its exit code."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            for target in (1, 2):
                os.dup2(write_end, target)
            path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin:/sbin:/bin"
            os.execvpe(words[0], words, {"PATH": path, "LC_ALL": "C"})
        finally:
            os._exit(127)
    os.close(write_end)
    said = b""
    while chunk := os.read(read_end, 4096):
        said += chunk
    os.close(read_end)
    _, status = os.waitpid(pid, 0)
    if status == 0:
        return ""
    last = (said.strip().splitlines() or [b""])[-1].decode("utf-8", "replace")
    return f"{words[0]} failed ({os.WEXITSTATUS(status)}): {last[:200]}"
