"""The room as one thing that handlers hold."""

from __future__ import annotations

from dataclasses import dataclass

from growth_admin.startup.manager import ScriptManager
from growth_admin.startup.starts.manager import StartTable
from growth_admin.startup.trials import TrialManager


@dataclass(frozen=True)
class StartupRoom:
    """Scripts, trials of scripts, and what every start did."""

    scripts: ScriptManager
    trials: TrialManager
    starts: StartTable
