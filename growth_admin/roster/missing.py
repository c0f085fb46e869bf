"""Stands for parts that are being built; goes when they are there."""

from __future__ import annotations

from typing import Any, NoReturn

from growth_admin.core.errors import InvalidInput, NotConfigured
from growth_admin.core.schema import now
from growth_admin.roster.models import Budget, Setup

WHAT = "This part of the roster is not there yet."


def missing() -> NoReturn:
    raise NotConfigured(WHAT, hint="Update growth-admin.")


class MissingSchool:
    def __init__(self, organization: str) -> None:
        self.organization = organization

    def now(self) -> Any:
        return now()

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: missing()


class MissingWork:
    def plan(self, *_: Any, **__: Any) -> Any:
        missing()

    apply = start = plan

    def queued(self) -> Any:
        return ()

    def budget(self) -> Budget:
        return Budget(limit=50, used=0)


def missing_lists(_: Any) -> Any:
    raise InvalidInput(WHAT)


def missing_setup() -> Setup:
    return Setup(checks=(), credential="none", organization="")
