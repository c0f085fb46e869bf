"""Each package held against its index, side by side."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from packaging.version import Version

from growth_admin.core.errors import GrowthError, NotFound
from growth_admin.images.packages import debian
from growth_admin.images.packages.channel import CondaChannel
from growth_admin.images.packages.index import Project, PythonIndex, Release
from growth_admin.images.packages.lists import plain_name, require_name
from growth_admin.images.packages.models import WRONG, ListName, Package, PackageCheck, Versions

FUZZY: Final = re.compile(r"=\s*[^=\s]+")
"""conda, "Package match specifications": ``=1.26`` is met by 1.26.4 too, ``==1.26`` is not."""
AT_ONCE: Final = 8
VERSIONS_SHOWN: Final = 100


class Checker:
    """Asks the indexes about packages."""

    def __init__(self, python: PythonIndex, conda: CondaChannel) -> None:
        self._python = python
        self._conda = conda

    def check(
        self, packages: Sequence[Package], python_version: str, *, has_other_index: bool = False
    ) -> tuple[PackageCheck, ...]:
        """Return what the indexes say; a package that cannot be looked up is ``unchecked``.

        An index that kept us waiting in vain is not asked for the rest of a long list.
        ``has_other_index``: pip's list names another one, which may have what ours lacks.
        """
        has_lists = any(one.list == "apt" for one in packages) and debian.has_lists()
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="growth-index") as pool:
            silent = {one.list: threading.Event() for one in packages}
            found = pool.map(
                lambda one: self._one(one, python_version, has_lists, silent), packages
            )
            return tuple(_elsewhere(one) if has_other_index else one for one in found)

    def list_versions(self, which: ListName, name: str, python_version: str) -> Versions:
        """Return what there is of a package.

        Raises ``InvalidInput``, ``NotFound`` or ``IndexUnavailable``.
        """
        plain = plain_name(which, require_name(which, name))
        if which == "pip":
            project = self._python.get(plain, python_version)
            fitting = [str(one.version) for one in project.fitting]
            detail = "" if fitting or not project.releases else project.releases[0].why_not
            return Versions(
                list=which,
                name=plain,
                newest=project.newest,
                versions=tuple(fitting[:VERSIONS_SHOWN]),
                left_out=len(project.releases) - len(fitting[:VERSIONS_SHOWN]),
                summary=self._python.summary(project),
                detail=detail,
            )
        if which == "conda" and not self._conda.why_not:
            found, left_out = self._conda.versions(plain, python_version)
        elif which == "apt" and debian.has_lists():
            found, left_out = debian.versions_in_archive(plain), 0
        else:
            said = self._conda.why_not if which == "conda" else debian.UNKNOWN
            return Versions(list=which, name=plain, newest="", versions=(), detail=said)
        return Versions(
            list=which,
            name=plain,
            newest=found[0] if found else "",
            versions=tuple(found[:VERSIONS_SHOWN]),
            left_out=left_out + max(len(found) - VERSIONS_SHOWN, 0),
        )

    def notes(self, packages: Sequence[Package]) -> list[str]:
        """Return what cannot be looked up here, as far as these packages need it."""
        kinds = {one.list for one in packages}
        said = [self._conda.why_not] if "conda" in kinds and self._conda.why_not else []
        return [*said, debian.UNKNOWN] if "apt" in kinds and not debian.has_lists() else said

    def _one(
        self,
        package: Package,
        python_version: str,
        has_lists: bool,
        silent: Mapping[ListName, threading.Event],
    ) -> PackageCheck:
        plain = plain_name(package.list, package.name)
        if package.spec.startswith("@"):
            return _checked(package, "unchecked", "It comes from an address, not from the index.")
        try:
            if silent[package.list].is_set():
                said = "channel" if package.list == "conda" else "index"
                return _checked(package, "unchecked", f"The {said} does not answer.")
            if package.list == "pip":
                return _of_project(package, self._python.get(plain, python_version), python_version)
            if package.list == "conda" and not self._conda.why_not:
                found, _ = self._conda.versions(plain, python_version)
                return _of_versions(package, found)
            if package.list == "apt" and has_lists:
                return _of_versions(package, debian.versions_in_archive(plain))
        except NotFound as e:
            return _checked(package, "no-such-package", e.detail)
        except GrowthError as e:
            if e.context.get("is_silent"):
                silent[package.list].set()
            return _checked(package, "unchecked", e.detail)
        return _checked(package, "unchecked", "Its form is right; it was not looked up.")


def _of_project(package: Package, project: Project, python_version: str) -> PackageCheck:
    newest = project.newest
    if not package.version:
        if not newest and project.releases:
            said = f"No version of {package.name} fits: {project.releases[0].why_not}."
            return _checked(package, "incompatible", said)
        return _checked(package, "unpinned", f"The newest version is {newest}.", newest)
    release = project.find(package.version)
    if release is None:
        said = f"There is no {package.name} {package.version}; the newest is {newest or 'unknown'}."
        return _checked(package, "no-such-version", said, newest)
    return _of_release(package, release, newest, python_version)


def _of_release(
    package: Package, release: Release, newest: str, python_version: str
) -> PackageCheck:
    named = f"{package.name} {package.version}"
    if not release.fits:
        said = f"{named} does not fit Python {python_version}: {release.why_not}."
        return _checked(package, "incompatible", said, newest)
    if release.is_yanked:
        reason = f": {release.yanked_reason}" if release.yanked_reason else ""
        return _checked(package, "yanked", f"{named} was withdrawn by its makers{reason}", newest)
    built = "" if release.has_wheel else " It has no wheel: it is built from source."
    if newest and Version(newest) > release.version:
        return _checked(package, "outdated", f"{newest} is newer.{built}", newest)
    return _checked(package, "fine", built.strip(), newest)


def _of_versions(package: Package, found: Sequence[str]) -> PackageCheck:
    newest = found[0] if found else ""
    if not found:
        said = f"No version of {package.name} fits the image's Python."
        return _checked(package, "incompatible", said)
    if not package.version:
        is_usual = package.list == "apt"  # the archive keeps one version of each package
        said = f"The newest version is {newest}."
        return _checked(package, "fine" if is_usual else "unpinned", said, newest)
    wanted = next((one for one in found if _meets(package, one)), None)
    if wanted is None:
        said = f"There is no {package.name} {package.version} that fits; the newest is {newest}."
        return _checked(package, "no-such-version", said, newest)
    if wanted != newest:
        return _checked(package, "outdated", f"{newest} is newer.", newest)
    return _checked(package, "fine", "", newest)


def _meets(package: Package, version: str) -> bool:
    if package.list != "conda" or not FUZZY.fullmatch(package.spec):
        return version == package.version
    return version == package.version or version.startswith(f"{package.version}.")


def _elsewhere(check: PackageCheck) -> PackageCheck:
    """Return the same, but unchecked where another index may have what ours lacks."""
    if check.list != "pip" or check.state not in WRONG:
        return check
    said = f"{check.detail} The other index of the list was not asked."
    return check.model_copy(update={"state": "unchecked", "detail": said})


def _checked(package: Package, state: str, detail: str, newest: str = "") -> PackageCheck:
    return PackageCheck.model_validate(
        {
            "list": package.list,
            "name": package.name,
            "version": package.version,
            "newest": newest,
            "state": state,
            "detail": detail,
        }
    )
