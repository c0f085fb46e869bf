"""Scopes open areas, and nothing else does."""

from __future__ import annotations

import pytest

from growth_admin.core.errors import InvalidInput, error_classes
from growth_admin.core.paths import safe_name
from growth_admin.core.permissions import ADMIN_SCOPE, AREAS, PERMISSIONS, areas_of, scope_of


def test_areas_of_when_the_admin_scope_is_held_then_all_are_open() -> None:
    assert areas_of({ADMIN_SCOPE}) == AREAS


def test_areas_of_when_single_scopes_are_held_then_just_these_in_the_tables_order() -> None:
    assert areas_of(["custom:growth:servers", "custom:growth:startup"]) == ("startup", "servers")


@pytest.mark.parametrize(
    "scope",
    [
        "custom:growth:startup!group=tutors",
        "custom:growth:admin!user=ada",
        "custom:growth:startup!server=ada/",
        "custom:growth:",
        "custom:growth:startup ",
        "CUSTOM:GROWTH:STARTUP",
        "custom:growth:startup:read",
        "admin:users",
        "startup",
        "",
    ],
)
def test_areas_of_when_a_scope_is_filtered_or_alike_then_it_opens_nothing(scope: str) -> None:
    assert areas_of({scope}) == ()
    assert not any(row.is_held_by({scope}) for row in PERMISSIONS.values())


def test_permissions_when_an_area_is_held_then_only_its_rows_and_those_for_any_area_open() -> None:
    for area in AREAS:
        for row in PERMISSIONS.values():
            is_open = row.area in (area, "any") and not row.is_for_admins
            assert row.is_held_by({scope_of(area)}) == is_open, row.name


def test_permissions_when_the_whole_class_is_concerned_then_an_area_is_not_enough() -> None:
    rows = {name: row for name, row in PERMISSIONS.items() if row.is_for_admins}
    assert {"servers.notices:read", "servers.notices:write", "servers.bot:run"} <= set(rows)
    for row in rows.values():
        assert not row.is_held_by({scope_of(area) for area in AREAS}), row.name
        assert row.is_held_by({ADMIN_SCOPE}), row.name
        assert row.needs == ADMIN_SCOPE


def test_permissions_when_listed_then_names_follow_the_area_and_say_what_they_allow() -> None:
    for name, row in PERMISSIONS.items():
        assert name == row.name
        assert row.area == "any" or name.startswith(f"{row.area}."), name
        assert row.description
        assert row.needs


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "/etc", "a\0b", ".hidden", "-rf", "a b", "é", "a" * 129]
)
def test_safe_name_when_it_could_leave_the_folder_then_it_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        safe_name(name, "job")


@pytest.mark.parametrize("name", ["a", "as-root.sh", "jane-doe--canary", "20261123T1-ab", "7up"])
def test_safe_name_when_it_is_one_component_then_it_comes_back(name: str) -> None:
    assert safe_name(name, "job") == name


def test_error_classes_when_listed_then_every_kind_is_its_own() -> None:
    classes = error_classes()
    assert len(classes) == len(set(classes.values()))
    assert all(kind == cls.kind for kind, cls in classes.items())
