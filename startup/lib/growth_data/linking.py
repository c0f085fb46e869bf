"""A dataset as a link: it costs a home nothing and shows a new version at once."""

from __future__ import annotations

import os
import stat

from .receipt import Entry
from .shelf import is_gone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .settings import Settings
    from .shelf import Published


def what_stands(target: str, published: Published) -> str:
    """What the student has under this name: `nothing`, our `link`, a `folder`, or `other`.

    Raises OSError.
    """
    try:
        found = os.lstat(target)
    except FileNotFoundError:
        return "nothing"
    if stat.S_ISLNK(found.st_mode):
        return "link" if os.path.normpath(os.readlink(target)) == published.path else "other"
    return "folder" if stat.S_ISDIR(found.st_mode) else "other"


def link(target: str, published: Published) -> Entry:
    """Make the link where nothing stands; what is the student's own stays. Raises OSError."""
    stands = what_stands(target, published)
    if stands == "nothing":
        os.symlink(published.path, target)
    elif stands != "link":
        return students_own(published, "link")
    return Entry(published.name, "link", published.version)


def students_own(published: Published, delivery: str) -> Entry:
    """The student has something else under this name, which is left alone."""
    detail = "the student's own file or folder bears this name"
    return Entry(published.name, delivery, "", "edited", 0, detail)


def remove_withdrawn(settings: Settings) -> list[str]:
    """Remove links to datasets that are not published any more; the names. Raises OSError."""
    removed = []
    with os.scandir(settings.folder) as entries:
        links = sorted(entry.name for entry in entries if entry.is_symlink())
    for name in links:
        path = os.path.join(settings.folder, name)
        target = os.path.normpath(os.readlink(path))
        if os.path.dirname(target) == settings.data and is_gone(target):
            os.unlink(path)
            removed.append(name)
    return removed
