"""The bot student of one school, made from the settings and wired."""

from __future__ import annotations

from pathlib import Path

from traitlets.config import Config

from growth_admin.core.errors import NotFound
from growth_admin.core.paths import Paths
from growth_admin.jobs.engine import JobEngine
from growth_admin.jobs.models import ENDED
from growth_admin.servers.bot.book import BotBook
from growth_admin.servers.bot.manager import BotParts, BotStudent

CONFIGURABLES = (BotStudent,)
"""Classes of this room whose traits are settings."""


def build_bot(
    paths: Paths,
    engine: JobEngine,
    *,
    bot: str,
    user: str,
    hub_url: str,
    hub_token: str,
    data: Path,
    config: Config,
) -> BotStudent:
    """Return the manager for one organiser's server. Nothing is asked or written yet.

    ``data`` is the folder in which students find the datasets.
    """

    def is_over(job_id: str) -> bool:
        try:
            return engine.store.load(job_id).job.state in ENDED
        except NotFound:
            return True  # it was put away, which only an ended one can be

    book = BotBook(paths.admin_state / "servers" / "bot", is_over=is_over)
    manager = BotStudent(config=config)
    manager.connect(BotParts(bot, user, hub_url, hub_token, data, engine, book))
    return manager
