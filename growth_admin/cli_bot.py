"""``growth-admin servers bot``: let the bot student try what a student does, or see how it went."""

from __future__ import annotations

import argparse
from typing import Any, Final

from growth_admin.cli_areas import add_verb, rooms_of, show
from growth_admin.cli_following import follow_or_cancel, working
from growth_admin.core.errors import GrowthError, NotConfigured
from growth_admin.servers.bot.manager import BotStudent
from growth_admin.servers.bot.models import BotRun, BotRunRequest

AREA: Final = {"servers"}


def add_bot(verbs: Any) -> None:
    """Add the verb of the bot student."""
    verb = add_verb(
        verbs, "bot", "let the bot student log in, start and run a cell; exit 1 if it fails", _bot
    )
    verb.add_argument("--dataset", default="", metavar="NAME", help="which dataset it reads")
    verb.add_argument("--keep", action="store_true", help="leave its server running")
    verb.add_argument("--list", action="store_true", help="only list the last runs")


def _bot(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    bot = rooms.bot
    if bot is None:
        raise NotConfigured(
            "The bot student is looked after on organisers' servers.",
            hint="Open a terminal in an organiser's own JupyterLab.",
        )
    if asked.list:
        return _list(bot, asked)
    request = BotRunRequest(dataset=asked.dataset, keeps_server=asked.keep)
    with working(rooms):
        job = bot.start_run(request, user=rooms.settings.user)
        code = follow_or_cancel(rooms, job, asked, AREA)
        receipt = rooms.jobs.get_job(job.id, AREA).receipt or {}
    if receipt.get("is_passed") is not True:
        raise GrowthError(str(receipt.get("title", "")), hint=str(receipt.get("hint", "")))
    return code


def _list(bot: BotStudent, asked: argparse.Namespace) -> int:
    listed = bot.list_runs()
    if listed.problem and not asked.json:
        raise GrowthError(listed.problem, hint=listed.hint)
    return show(listed, asked, [_line(run) for run in listed.runs] or ["It has not run yet."])


def _line(run: BotRun) -> str:
    began = run.started.astimezone().strftime("%Y-%m-%d %H:%M")
    return f"{began} {run.state:<9} {run.by:<20} {run.sentence}"
