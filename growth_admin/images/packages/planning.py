"""What a change of the texts is, in words, as a difference, and as a plan with an id."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from growth_admin.core.plan import PlanItem, digest_of
from growth_admin.images.packages.folder import sha256_of
from growth_admin.images.packages.lists import plain_name, read
from growth_admin.images.packages.models import (
    FILES,
    LISTS,
    WRONG,
    FileKey,
    Package,
    PackageCheck,
    PackagePlan,
    Resolution,
    SourceChange,
    SourceFinding,
)


def packages_of(texts: Mapping[FileKey, str]) -> tuple[list[Package], list[SourceFinding]]:
    """Return the packages of all lists, and what is wrong with their lines."""
    packages: list[Package] = []
    findings: list[SourceFinding] = []
    for which in LISTS:
        found, said = read(which, texts.get(which, ""))
        packages += found
        findings += said
    return packages, findings


def names_other_index(findings: Sequence[SourceFinding]) -> bool:
    """Return whether pip's list lets packages come from another index too."""
    return any(one.code == "other-index" for one in findings)


def difference(before: Mapping[FileKey, str], after: Mapping[FileKey, str]) -> list[SourceChange]:
    """Return what changed, file by file."""
    return [
        SourceChange(
            file=key,
            path=path,
            before_sha256=sha256_of(before.get(key, "")),
            unified=_unified(path, before.get(key, ""), after[key]),
        )
        for key, path in FILES.items()
        if key in after and before.get(key, "") != after[key]
    ]


def _unified(path: str, before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), path, path
    )
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def changed_packages(
    before: Mapping[FileKey, str], after: Mapping[FileKey, str]
) -> tuple[list[PlanItem], list[Package]]:
    """Return what happens to each package, and the packages that are new or asked otherwise."""
    old, new = _by_name(before), _by_name(after)
    items, touched = [], []
    for key in [*new, *(key for key in old if key not in new)]:
        one, two = old.get(key), new.get(key)
        if one and two and (one.spec, one.name) == (two.spec, two.name):
            continue
        items.append(_item(one, two))
        if two:
            touched.append(two)
    return items, touched


def _by_name(texts: Mapping[FileKey, str]) -> dict[tuple[str, str], Package]:
    return {(one.list, plain_name(one.list, one.name)): one for one in packages_of(texts)[0]}


def _item(one: Package | None, two: Package | None) -> PlanItem:
    if one is None and two is not None:
        return PlanItem(target=f"{two.list} {two.name}", action="add", detail=two.spec)
    if two is None and one is not None:
        return PlanItem(target=f"{one.list} {one.name}", action="remove", detail=one.spec)
    assert one and two  # the two cases above are all others
    detail = f"{one.spec or 'any version'} → {two.spec or 'any version'}"
    return PlanItem(target=f"{two.list} {two.name}", action="pin", detail=detail)


def plan_of(
    *,
    base_revision: int,
    files: Sequence[SourceChange],
    items: Sequence[PlanItem],
    texts: Mapping[FileKey, str],
    checks: Sequence[PackageCheck],
    resolutions: Sequence[Resolution],
    findings: Sequence[SourceFinding],
    notes: Sequence[str],
) -> PackagePlan:
    """Return the plan. Its id covers the texts before and after, and whether it hurts."""
    warnings = list_warnings(checks, resolutions, findings)
    needs_override = not is_buildable(checks, resolutions, findings)
    named = {file.file for file in files}
    rows = [*items]
    rows += [
        PlanItem(target=file.path, action="edit", detail="its text")
        for file in files
        if file.file == "dockerfile" or not any(i.target.startswith(f"{file.file} ") for i in items)
    ]
    world = [
        [file.before_sha256 for file in files],
        {key: sha256_of(text) for key, text in sorted(texts.items()) if key in named},
        needs_override,
    ]
    return PackagePlan(
        id=digest_of("save", [row.as_json() for row in rows], world)[:16],
        action="save",
        title=_title(rows),
        warnings=tuple(warnings),
        items=tuple(rows),
        base_revision=base_revision,
        files=tuple(files),
        texts={key: texts[key] for key in texts if key in named},
        packages=tuple(checks),
        resolutions=tuple(resolutions),
        findings=tuple(findings),
        needs_override=needs_override,
        notes=tuple(notes),
    )


def _title(rows: Sequence[PlanItem]) -> str:
    if not rows:
        return "Nothing changes"
    if len(rows) > 3:
        return f"Change {len(rows)} lines of the image's lists"
    said = [f"{row.action} {row.target} {row.detail}".strip() for row in rows]
    text = ", ".join(said)
    return text[:1].upper() + text[1:]


def is_buildable(
    checks: Sequence[PackageCheck],
    resolutions: Sequence[Resolution],
    findings: Sequence[SourceFinding],
) -> bool:
    """Return whether nothing was found with which a build would fail."""
    return not (
        any(check.state in WRONG for check in checks)
        or any(one.state == "conflict" for one in resolutions)
        or any(finding.severity == "error" for finding in findings)
    )


def list_warnings(
    checks: Sequence[PackageCheck],
    resolutions: Sequence[Resolution],
    findings: Sequence[SourceFinding],
) -> list[str]:
    """Return what may hurt, worst first."""
    said = [check.detail for check in checks if check.state in WRONG]
    said += [one.sentence for one in resolutions if one.state == "conflict"]
    said += [_line(finding) for finding in findings if finding.severity == "error"]
    said += [check.detail for check in checks if check.state == "yanked"]
    said += [one.sentence for one in resolutions if one.state == "unknown"]
    return said


def _line(finding: SourceFinding) -> str:
    where = f"{FILES[finding.file]}, line {finding.line}: " if finding.line else ""
    return f"{where}{finding.message}"
