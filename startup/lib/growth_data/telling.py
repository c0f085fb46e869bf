"""status: what I have; verify: is it what was published?"""

from __future__ import annotations

import os

from . import receipt
from .base import NOT_OURS, Base, hash_file
from .linking import what_stands
from .shelf import Published, Unusable, list_published

_SHOWN = 20

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .settings import Settings
    from .watched import Watch


def tell_status(settings: Settings, watch: Watch) -> None:
    """A line per dataset that is published. Changes nothing."""
    found = _find(settings, watch)
    if not found:
        watch.say(f"no datasets in {settings.data}")
        return
    known = receipt.read(settings.state).entries
    width = max(len(one.name) for one in found)
    for one in found:
        entry = known.get(one.name)
        if entry is None:
            words = "published, not here yet: run growth-data"
        elif entry.delivery == "copy" and entry.version != one.version:
            words = f"copy {entry.version}, {one.version} is published: run growth-data"
        else:
            words = " ".join(word for word in (entry.delivery, one.version, entry.state) if word)
            words += f": {entry.detail}" if entry.detail else ""
        watch.say(f"{one.name:{width}}  {words}")


def verify(settings: Settings, watch: Watch, name: str) -> None:
    """Hash the files of a dataset again and name those that are not what was published."""
    one = next((one for one in _find(settings, watch) or () if one.name == name), None)
    if one is None:
        watch.fail(f"there is no dataset {name}; growth-data status lists them")
        return
    watch.doing(name)
    target = os.path.join(settings.folder, name)
    base = Base(settings.state, name)
    try:
        if what_stands(target, one) == "folder" and base.load():
            expected = {path: facts[0] for path, facts in base.files.items() if facts != NOT_OURS}
            _compare(target, expected, f"{name} {base.version}", watch)
        elif one.version:
            expected = {path: sha256 for path, (sha256, _) in one.read_manifest().items()}
            _compare(one.version_path, expected, f"{name} {one.version}", watch)
        else:
            watch.fail(f"{name} is a plain folder: nobody noted what should be in it")
    except (OSError, Unusable) as failed:
        watch.fail(f"{name}: {failed}")


def _find(settings: Settings, watch: Watch) -> list[Published] | None:
    known = receipt.read(settings.state)
    settings.folder_name = settings.folder_name or known.folder or "data"
    watch.doing(settings.data)
    try:
        return list_published(settings.data)
    except OSError as failed:
        watch.fail(f"{settings.data}: {failed.strerror}")
        return None


def _compare(folder: str, expected: dict[str, str], title: str, watch: Watch) -> None:
    wrong = []
    for path, sha256 in expected.items():
        watch.progress(path)
        try:
            if hash_file(os.path.join(folder, path), watch) != sha256:
                wrong.append(f"{path}: another content than was published")
        except OSError as failed:
            wrong.append(f"{path}: {failed.strerror}")
    if not wrong:
        watch.say(f"{title}: {len(expected)} files, all as published")
        return
    for line in wrong[:_SHOWN]:
        watch.say(line)
    watch.fail(f"{title}: {len(wrong)} of {len(expected)} files are not as published")
