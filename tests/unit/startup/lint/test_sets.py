"""The lint against scripts that hurt a class and scripts that do not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from growth_admin.startup.lint import LintReport


class Sample(Protocol):
    path: object
    expected: frozenset[tuple[int, str]]
    report: LintReport


def test_lint_when_script_has_a_marked_fault_then_it_is_found_in_that_line(
    bad_set: Sequence[Sample],
) -> None:
    missed: list[str] = []
    wanted = 0
    for sample in bad_set:
        assert sample.expected, f"{sample.path} marks no fault"
        found = {(f.line, f.rule) for f in sample.report.findings if f.severity != "info"}
        wanted += len(sample.expected)
        missed += [f"{sample.path}: {fault}" for fault in sorted(sample.expected - found)]
    print(f"| lint | faults found | {wanted - len(missed)}/{wanted} | in {len(bad_set)} scripts |")
    assert len(bad_set) >= 40
    assert missed == []


def test_lint_when_script_is_bad_then_only_the_marked_faults_alarm(
    bad_set: Sequence[Sample],
) -> None:
    extra = [
        f"{sample.path}:{f.line} {f.rule}"
        for sample in bad_set
        for f in sample.report.findings
        if f.severity != "info" and (f.line, f.rule) not in sample.expected
    ]
    assert extra == []


def test_lint_when_script_is_sound_then_no_alarm(good_set: Sequence[Sample]) -> None:
    alarmed = [
        f"{sample.path}:{f.line} {f.rule} {f.message}"
        for sample in good_set
        for f in sample.report.findings
        if f.severity != "info"
    ]
    print(f"| lint | false alarms | {len(alarmed)}/{len(good_set)} | sound scripts |")
    assert len(good_set) >= 30
    assert alarmed == []
