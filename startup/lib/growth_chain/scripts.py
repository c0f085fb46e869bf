"""The two scripts: read once, in one go, and what is wrong with their text.

They are run from a local copy, byte for byte what was read: a script that is edited, or whose
mount falls sick while it runs, cannot harm this start, and the record's hash is that of the text
that ran. Nothing is mended on the way, because then the organiser would be told about a text that
nobody can look at: a CRLF script fails here just as it fails by hand, but the record says why.

A script without its execute bit is *not* run. That is what the origin did, what typing
`./as-user.sh` does, and how everybody switches a hook off in a hurry: at 08:50 `chmod -x` must
stop a script that hurts the class, as root, at once. The other way to get there, a bit lost in an
upload, costs one start and is named in the record, the log and the table; saving in the panel
sets the bit.
"""

from __future__ import annotations

import errno
import os
import stat

from . import children
from .settings import SCRIPTS

SIZE_LIMIT_BYTES = 1024 * 1024
SQUASHED = "is root nobody there (root_squash)? Then let an account own it, or a group write"
_BOM = b"\xef\xbb\xbf"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Script:
    """A script as found: `state` is "ok" if it can be run, else why not, and `reason` in words."""

    def __init__(self, name: str, state: str, reason: str = "", text: bytes = b"") -> None:
        self.name = name
        self.state = state
        self.reason = reason
        self.text = text
        self.problems: list[str] = []


def fetch(folder: str, limit_s: float) -> list[Script]:
    """Both scripts, always in the order of SCRIPTS; a folder that hangs is asked once for both."""

    def job(say: Callable[..., None]) -> None:
        for name in SCRIPTS:
            found = _read(folder, name)
            say(found.state.encode(), found.reason.encode(), found.text, *_encoded(found.problems))

    answer = children.ask(job, limit_s)
    found = [
        _from_message(name, message)
        for name, message in zip(SCRIPTS, answer.messages, strict=False)
    ]
    for name in SCRIPTS[len(found) :]:
        reason = f"{folder} did not answer within {limit_s:g} s: is the mount sick?"
        found.append(Script(name, "sick-mount", reason))
    return found


def _from_message(name: str, message: list[bytes]) -> Script:
    script = Script(name, message[0].decode(), message[1].decode(), message[2])
    script.problems = [problem.decode() for problem in message[3:]]
    return script


def _encoded(words: list[str]) -> list[bytes]:
    return [word.encode() for word in words]


def _read(folder: str, name: str) -> Script:
    """Read one script. Where root is refused (root squash), try as the folder's owner."""
    path = os.path.join(folder, name)
    try:
        return _read_as_we_are(path, name)
    except PermissionError as refused:
        if os.geteuid() != 0:
            return Script(name, "unreadable", f"{path}: {refused.strerror}")
    except FileNotFoundError:
        return Script(name, "missing", f"{path} does not exist")
    except OSError as failed:
        return Script(name, "unreadable", f"{path}: {failed.strerror}")
    try:
        become_owner(folder)
        return _read_as_we_are(path, name)
    except FileNotFoundError:
        return Script(name, "missing", f"{path} does not exist")
    except PermissionError as failed:
        return Script(name, "unreadable", f"{path}: {failed.strerror} ({SQUASHED})")
    except OSError as failed:
        return Script(name, "unreadable", f"{path}: {failed.strerror}")
    finally:
        os.seteuid(0)
        os.setegid(0)


def become_owner(path: str) -> None:
    """Act as the owner of the nearest folder at or above `path` that can be looked at."""
    while True:
        try:
            found = os.stat(path)
            break
        except PermissionError:
            path = os.path.dirname(path)
    os.setegid(found.st_gid)
    os.seteuid(found.st_uid)


def _read_as_we_are(path: str, name: str) -> Script:
    # O_NONBLOCK: a FIFO of this name would hold a plain open for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return Script(name, "unreadable", f"{path} is not a regular file")
        if found.st_size > SIZE_LIMIT_BYTES:
            return Script(name, "unreadable", f"{path} is larger than {SIZE_LIMIT_BYTES} bytes")
        text = _read_all(descriptor)
    finally:
        os.close(descriptor)
    script = Script(name, "ok", text=text)
    script.problems = find_problems(text, found.st_mode)
    if not text.strip():
        script.state, script.reason = "empty", f"{path} is empty"
    elif "not-executable" in script.problems:
        mode = f"{stat.S_IMODE(found.st_mode):04o}"
        script.state = "not-executable"
        script.reason = f"{path} is not executable (mode {mode}), so it was not run"
    return script


def _read_all(descriptor: int) -> bytes:
    text = bytearray()
    while len(text) <= SIZE_LIMIT_BYTES:
        chunk = os.read(descriptor, 65536)
        if not chunk:
            return bytes(text)
        text += chunk
    raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))


def find_problems(text: bytes, mode: int) -> list[str]:
    """What is suspicious about a script, as the words used in the record."""
    head = text[len(_BOM) :] if text.startswith(_BOM) else text
    checks = (
        ("bom", text.startswith(_BOM)),
        ("crlf", b"\r\n" in text),
        ("no-shebang", bool(text.strip()) and not head.startswith(b"#!")),
        ("not-executable", not mode & 0o111),
        ("writable-by-everybody", bool(mode & 0o002)),
    )
    return [word for word, is_so in checks if is_so]
