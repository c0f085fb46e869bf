"""The packages of the school's image: look, check, change, take back. Nothing is built here."""

from __future__ import annotations

import logging
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from growth_admin.core.errors import (
    ConfirmationNeeded,
    InvalidInput,
    NotFound,
    StorageFull,
)
from growth_admin.core.plan import require_same
from growth_admin.core.schema import now
from growth_admin.images.packages import models
from growth_admin.images.packages.channel import CondaChannel
from growth_admin.images.packages.checking import Checker
from growth_admin.images.packages.folder import require_text
from growth_admin.images.packages.lint import MISSING, find_hadolint, lint_dockerfile
from growth_admin.images.packages.lists import edit
from growth_admin.images.packages.models import (
    LISTS,
    FileKey,
    PackageChange,
    PackagePlan,
    Resolution,
    SourceRevision,
    require_change,
)
from growth_admin.images.packages.planning import (
    changed_packages,
    difference,
    is_buildable,
    names_other_index,
    packages_of,
    plan_of,
)
from growth_admin.images.packages.resolve import resolve
from growth_admin.images.packages.settings import ImageSource
from growth_admin.images.packages.source import Revisions, Source

log = logging.getLogger(__name__)
PLANS_KEPT: Final = 50


@dataclass(frozen=True)
class BuiltImage:
    """What the image that was built last has."""

    python_version: str = ""
    installed: Mapping[str, str] = field(default_factory=dict)


class PackageManager:
    """The lists of one school, as one admin's server sees and changes them.

    The source is the truth about what the next build takes, its revisions about the past. Every
    look compares the two, so that a change made elsewhere gets its revision.
    """

    def __init__(
        self,
        source: Source,
        revisions: Revisions,
        checker: Checker,
        conda: CondaChannel,
        settings: ImageSource,
        built: Callable[[], BuiltImage] = BuiltImage,
    ) -> None:
        self._source = source
        self._revisions = revisions
        self._checker = checker
        self._conda = conda
        self._settings = settings
        self._built = built
        self._plans: OrderedDict[str, PackagePlan] = OrderedDict()
        self._lock = threading.Lock()

    def require_configured(self) -> None:
        """Raise ``NotConfigured``, with what to do, where there is no image's source."""
        self._source.require()

    # -- look

    def get_lists(self) -> models.PackageLists:
        """Return the source as it stands, after recording a change made by hand. Asks no index.

        Raises ``NotConfigured`` or ``StorageUnavailable``.
        """
        with suppress(StorageFull):  # it is noticed when there is room again
            self._revisions.notice()
        files = self._source.read()
        packages, findings = packages_of({key: file.text for key, file in files.items()})
        head = self._revisions.head()
        return models.PackageLists(
            folder=self._source.place,
            source=self._source.kind,
            link=self._source.link,
            commit=head.commit if head else "",
            revision=head.number if head else 0,
            files=tuple(files.values()),
            packages=tuple(packages),
            findings=tuple(findings),
            python_version=self._python_version(),
            notes=(*self._checker.notes(packages), *_lint_notes()),
        )

    def list_versions(self, which: str, name: str) -> models.Versions:
        """Return what an index has of a package.

        Raises ``InvalidInput``, ``NotFound`` or ``IndexUnavailable``.
        """
        known = next((one for one in LISTS if one == which), None)
        if known is None:
            raise NotFound(f"There is no list {which[:40]!r}.", hint=f"There are {LISTS}.")
        return self._checker.list_versions(known, name, self._python_version())

    def check(self, asked: models.PackageCheckRequest) -> models.PackageReport:
        """Return every package held against its index, a dry run, and the lint.

        ``texts`` stand in the place of files; nothing is written. An index that does not answer
        leaves its packages unchecked.
        """
        texts = {**self._source.texts(), **_required(asked.texts)}
        packages, findings = packages_of(texts)
        python_version = self._python_version()
        checks = self._checker.check(
            packages, python_version, has_other_index=names_other_index(findings)
        )
        resolutions = self._resolve(texts, python_version)
        said = [*findings, *lint_dockerfile(texts["dockerfile"])]
        return models.PackageReport(
            packages=checks,
            resolutions=tuple(resolutions),
            findings=tuple(said),
            is_buildable=is_buildable(checks, resolutions, said),
            notes=(*self._checker.notes(packages), *_lint_notes()),
            as_of=now(),
        )

    # -- change

    def plan(self, asked: models.PackagePlanRequest) -> PackagePlan:
        """Return what would be changed and what is known against it; nothing is written.

        Raises ``NotFound`` or ``InvalidInput`` for a change that makes no sense, and
        ``IndexUnavailable`` where a newest version is asked for and cannot be looked up.
        """
        with suppress(StorageFull):
            self._revisions.notice()
        before = self._source.texts()
        after = {**before, **_required(asked.texts)}
        for change in asked.changes:
            settled = self._settled(change)
            after[change.list] = require_text(change.list, edit(after[change.list], settled))
        plan = self._plan(before, after)
        with self._lock:
            self._plans[plan.id] = plan
            while len(self._plans) > PLANS_KEPT:
                self._plans.popitem(last=False)
        return plan

    def save(self, asked: models.PackageSaveRequest, *, author: str) -> models.PackagesSaved:
        """Write the texts of a plan, as a revision of its own.

        Raises ``StalePlan`` when the files are no longer those of the plan, ``Conflict`` when
        somebody else saves at this moment, and ``ConfirmationNeeded`` when a build would fail and
        no reason was given to save it all the same.
        """
        is_under_way = self._revisions.notice()
        before = self._source.texts()
        after = {**before, **_required(asked.texts)}
        plan = self._known_plan(asked.plan_id, before, after) or self._plan(before, after)
        require_same(asked.plan_id, plan)
        require_change(plan)
        if plan.needs_override and not asked.override_reason.strip():
            raise ConfirmationNeeded(
                f"A build would fail: {plan.warnings[0]}",
                hint="Mend it, or say why it is saved all the same; the reason stays in the "
                "history.",
                context={"warnings": list(plan.warnings)},
            )
        return self._revisions.write(
            before,
            after,
            SourceRevision(
                number=0,
                sha256={},
                author=author,
                reason=asked.reason,
                time=now(),
                origin="saved",
                summary=plan.title,
                override_reason=asked.override_reason.strip() if plan.needs_override else "",
                state="pending",
            ),
            plan_id=plan.id,
            is_under_way=is_under_way,
        )

    # -- pieces

    def _plan(self, before: Mapping[FileKey, str], after: Mapping[FileKey, str]) -> PackagePlan:
        files = difference(before, after)
        items, touched = changed_packages(before, after)
        python_version = self._python_version()
        head = self._revisions.head()
        findings = packages_of(after)[1]
        if any(file.file == "dockerfile" for file in files):
            findings += lint_dockerfile(after["dockerfile"])
        lists = {file.file for file in files}
        return plan_of(
            base_revision=head.number if head else 0,
            files=files,
            items=items,
            texts=after,
            checks=self._checker.check(
                touched, python_version, has_other_index=names_other_index(findings)
            ),
            resolutions=self._resolve(after, python_version, only=lists),
            findings=findings,
            notes=self._checker.notes(touched),
        )

    def _known_plan(
        self, plan_id: str, before: Mapping[FileKey, str], after: Mapping[FileKey, str]
    ) -> PackagePlan | None:
        """Return a plan that was made here for just these texts; no index is asked again."""
        with self._lock:
            known = self._plans.get(plan_id)
        if known is None:
            return None
        files = tuple(difference(before, after))
        is_same = known.files == files and all(
            known.texts.get(file.file) == after[file.file] for file in files
        )
        return known if is_same else None

    def _settled(self, change: PackageChange) -> PackageChange:
        """Return a change with its version: the newest that fits where none was given."""
        if change.verb == "remove" or change.version:
            return change
        found = self._checker.list_versions(change.list, change.name, self._python_version())
        if change.list == "apt":
            return change  # the archive keeps one version of each package; the base decides
        if not found.newest and change.list == "pip":
            raise InvalidInput(
                f"No version of {change.name} fits Python {self._python_version()}: "
                f"{found.detail or 'none is left'}.",
                hint="Give a version, or look for another package.",
            )
        return change.model_copy(update={"version": found.newest})

    def _resolve(
        self,
        texts: Mapping[FileKey, str],
        python_version: str,
        only: set[FileKey] | None = None,
    ) -> list[Resolution]:
        found = []
        if only is None or "pip" in only:
            found.append(
                resolve(
                    texts["pip"],
                    settings=self._settings,
                    python_version=python_version,
                    installed=self._built().installed,
                )
            )
        if (only is None or "conda" in only) and not self._conda.why_not:
            packages = [one for one in packages_of(texts)[0] if one.list == "conda"]
            limit_s = self._settings.resolve_timeout_s
            specs = [f"{one.name}{one.spec}" for one in packages]
            found.append(self._conda.resolve(specs, python_version, limit_s))
        return found

    def _python_version(self) -> str:
        """Return the Python that packages have to fit, as ``3.13``."""
        known = self._settings.python_version or self._built().python_version
        return ".".join(known.split(".")[:2]) or f"{sys.version_info[0]}.{sys.version_info[1]}"


def _required(texts: Mapping[FileKey, str]) -> dict[FileKey, str]:
    return {key: require_text(key, text) for key, text in texts.items()}


def _lint_notes() -> list[str]:
    return [] if find_hadolint() else [MISSING]
