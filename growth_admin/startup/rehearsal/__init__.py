"""Rehearsal of start scripts: two starts of a made-up student in a throw-away root."""

from growth_admin.startup.rehearsal.isolation import Sandbox, find_sandbox
from growth_admin.startup.rehearsal.rehearse import rehearse
from growth_admin.startup.rehearsal.report import (
    Conclusion,
    FileChange,
    RehearsalReport,
    ScriptRun,
)

__all__ = [
    "Conclusion",
    "FileChange",
    "RehearsalReport",
    "Sandbox",
    "ScriptRun",
    "find_sandbox",
    "rehearse",
]
