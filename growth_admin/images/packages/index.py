"""What the Python index has of a package: which versions there are, and which of them fit.

Source: "Simple repository API" of the Python Packaging User Guide (PEP 503, 691, 592, 658, 700),
read with pypi-simple; wheels fit by their tags (PEP 425).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import requests
from packaging.metadata import Metadata
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version

from growth_admin.core.errors import IndexUnavailable, NotFound
from growth_admin.images.packages.lists import as_version
from growth_admin.images.packages.settings import ImageSource

if TYPE_CHECKING:
    # loaded when somebody asks: it takes 0.2 s that the start of a server need not pay
    from pypi_simple import DistributionPackage, ProjectPage

REMEMBERED: Final = 200
FRESH_S: Final = 300.0
"""How long an answer is used again: a plan and its save ask about the same packages."""


@dataclass(frozen=True)
class Release:
    """One version of a package, as far as it can be installed."""

    version: Version
    is_yanked: bool
    yanked_reason: str
    fits: bool
    why_not: str
    has_wheel: bool
    files: tuple[DistributionPackage, ...]


@dataclass(frozen=True)
class Project:
    """What the index has of a package, newest version first."""

    name: str
    releases: tuple[Release, ...]

    def find(self, version: str) -> Release | None:
        """Return one version."""
        wanted = as_version(version)
        return next((one for one in self.releases if one.version == wanted), None)

    @property
    def fitting(self) -> list[Release]:
        """What one would choose from: it fits and is not withdrawn; finished versions first."""
        good = [one for one in self.releases if one.fits and not one.is_yanked]
        return sorted(good, key=lambda one: one.version.is_prerelease)

    @property
    def newest(self) -> str:
        """The newest of these, empty if there is none."""
        return str(self.fitting[0].version) if self.fitting else ""


class PythonIndex:
    """Asks one index. Safe to use from several threads."""

    def __init__(self, settings: ImageSource) -> None:
        self._settings = settings
        self._known: OrderedDict[tuple[str, str], tuple[float, Project]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str, python_version: str) -> Project:
        """Return what the index has of a package for a Python such as ``3.13``.

        Raises ``NotFound`` where it knows no such package, and ``IndexUnavailable``.
        """
        key = (name, python_version)
        with self._lock:
            known = self._known.get(key)
        if known and time.monotonic() - known[0] < FRESH_S:
            return known[1]
        found = Project(name, _releases(self._page(name), python_version))
        with self._lock:
            self._known[key] = (time.monotonic(), found)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return found

    def summary(self, project: Project) -> str:
        """Return what the newest version says it is; empty where the index does not tell."""
        from pypi_simple import NoMetadataError, PyPISimple

        files = project.fitting[0].files if project.fitting else ()
        told = [one for one in files if one.has_metadata]
        if not told:
            return ""
        try:
            with PyPISimple(self._settings.index_url) as index:
                raw = index.get_package_metadata_bytes(told[0], timeout=self._settings.timeout_s)
            return (Metadata.from_email(raw, validate=False).summary or "")[:300]
        except (requests.RequestException, NoMetadataError, ValueError, ExceptionGroup):
            return ""

    def _page(self, name: str) -> ProjectPage:
        from pypi_simple import NoSuchProjectError, PyPISimple, UnsupportedContentTypeError

        host = self._settings.index_host
        try:
            with PyPISimple(self._settings.index_url) as index:
                return index.get_project_page(name, timeout=self._settings.timeout_s)
        except NoSuchProjectError:
            raise NotFound(
                f"{host} has no package {name}.", hint="Look for its name at the index."
            ) from None
        except requests.Timeout:
            raise IndexUnavailable(
                f"{host} did not answer in {self._settings.timeout_s:g} s.",
                context={"is_silent": True},
            ) from None
        except requests.HTTPError as e:
            code = e.response.status_code if e.response is not None else 0
            raise IndexUnavailable(f"{host} answered with status {code}.") from None
        except requests.exceptions.SSLError:
            raise IndexUnavailable(
                f"{host} shows a certificate that this server does not trust.",
                hint="Behind a proxy, or an index of the school's own: set REQUESTS_CA_BUNDLE and "
                "SSL_CERT_FILE, where organisers' servers run, to the file with the certificates "
                "of who vouches for it.",
            ) from None
        except (requests.RequestException, UnsupportedContentTypeError, ValueError) as e:
            # the error's own text has the address, which may hold a login
            raise IndexUnavailable(f"{host} gave no usable answer: {type(e).__name__}.") from None


def _releases(page: ProjectPage, python_version: str) -> tuple[Release, ...]:
    by_version: dict[Version, list[DistributionPackage]] = {}
    for file in page.packages:
        version = as_version(file.version or "")
        if version is not None and file.package_type in ("wheel", "sdist"):
            by_version.setdefault(version, []).append(file)
    tags = _tags(python_version)
    return tuple(
        _release(version, by_version[version], python_version, tags)
        for version in sorted(by_version, reverse=True)
    )


def _tags(python_version: str) -> frozenset[Tag]:
    numbers = tuple(int(part) for part in python_version.split(".")[:2])
    interpreter = "cp" + "".join(map(str, numbers))
    return frozenset((*cpython_tags(numbers), *compatible_tags(numbers, interpreter)))


def _release(
    version: Version, files: list[DistributionPackage], python_version: str, tags: frozenset[Tag]
) -> Release:
    meant = [file for file in files if _takes(file.requires_python, python_version)]
    wheels = [file for file in meant if file.package_type == "wheel" and _is_for(file, tags)]
    has_source = any(file.package_type == "sdist" for file in meant)
    why_not = ""
    if not meant:
        asked = ", ".join(sorted({file.requires_python or "" for file in files} - {""}))
        why_not = f"it needs Python {asked}"
    elif not wheels and not has_source:
        why_not = f"it has no file for Python {python_version} on this kind of machine"
    return Release(
        version=version,
        is_yanked=all(file.is_yanked for file in files),
        yanked_reason=next((file.yanked_reason for file in files if file.yanked_reason), ""),
        fits=not why_not,
        why_not=why_not,
        has_wheel=bool(wheels),
        files=tuple(files),
    )


def _takes(requires_python: str | None, python_version: str) -> bool:
    try:
        # of a minor version any bug fix release may be meant: the newest imaginable fits all
        return SpecifierSet(requires_python or "").contains(f"{python_version}.99")
    except InvalidSpecifier:
        return True  # pip ignores it as well


def _is_for(file: DistributionPackage, tags: frozenset[Tag]) -> bool:
    try:
        return bool(parse_wheel_filename(file.filename)[3] & tags)
    except InvalidWheelFilename:
        return False
