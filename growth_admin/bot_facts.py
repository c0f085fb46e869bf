"""The bot student in the words of the overview; neither side knows the other."""

from __future__ import annotations

from growth_admin.core.errors import NotConfigured
from growth_admin.overview.facts import BotFacts, BotRunFacts
from growth_admin.servers.bot.manager import BotStudent
from growth_admin.servers.bot.models import BotRun


def read_bot(bot: BotStudent | None) -> BotFacts:
    """Return how the bot student stands. Raises ``NotConfigured`` where it is not looked after."""
    if bot is None:
        raise NotConfigured(
            "the bot student is looked after on organisers' servers.",
            hint="An admin's server has it; restart yours after you became one.",
        )
    listed = bot.list_runs()
    last = listed.runs[0] if listed.runs else None
    return BotFacts(
        is_there=bool(listed.bot),
        times=listed.times,
        problem=listed.problem,
        hint=listed.hint,
        running_job=listed.running_job,
        doing=listed.doing,
        last=_run_facts(last, bot) if last else None,
    )


def _run_facts(run: BotRun, bot: BotStudent) -> BotRunFacts:
    return BotRunFacts(
        state=run.state,
        ended=run.ended,
        clock=run.slot or bot.schedule.local(run.started).strftime("%H:%M"),
        sentence=run.sentence,
        hint=run.hint,
        steps=tuple(
            f"{step.title}: {f'{step.took_s:.1f} s' if step.took_s is not None else 'not reached'}"
            f"{f', {step.state}' if step.state in ('failed', 'skipped') else ''}"
            f"{f', {step.detail}' if step.detail else ''}"
            for step in run.steps
        ),
        left_behind=run.left_behind,
    )
