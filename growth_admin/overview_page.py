"""The lines of the overview, each with who is asked for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from growth_admin import overview_facts as facts
from growth_admin.bot_facts import read_bot
from growth_admin.core.schema import now
from growth_admin.overview import lines, work_lines
from growth_admin.overview.facts import LastStart
from growth_admin.overview.manager import OverviewManager, Probe
from growth_admin.overview.models import Line

HUB = "the hub"
Held = Collection[str]


def build_overview(of: facts.Sources) -> OverviewManager:
    """Return the overview of these sources; nothing is asked yet."""
    kinds = (_part_probes, _start_probes, _data_probes, _people_probes, _work_probes)
    return OverviewManager([probe for probes_of in kinds for probe in probes_of(of)])


def _part_probes(of: facts.Sources) -> Iterator[Probe]:
    def parts(held: Held) -> Line:
        return lines.parts_line(facts.read_parts(of), held)

    def hub(held: Held) -> Line:
        return lines.hub_line(facts.read_hub(of))

    yield Probe("parts", "Parts", parts)
    yield Probe("hub", "Hub", hub, "servers", "servers", waits_for=HUB)


def _start_probes(of: facts.Sources) -> Iterator[Probe]:
    """Yield what the last starts tell; the starts are read once for all three."""
    last_starts = facts.Shared(lambda: facts.read_last_starts(of))

    def in_use() -> Sequence[LastStart]:
        return facts.with_running(last_starts(), of)

    def starts(held: Held) -> Line:
        return lines.starts_line(last_starts(), now())

    def scripts(held: Held) -> Line:
        return lines.scripts_line(facts.read_scripts(of), in_use())

    def images(held: Held) -> Line:
        return lines.images_line(in_use())

    yield Probe("starts", "Starts", starts, "startup", "startup")
    yield Probe("scripts", "Start scripts", scripts, "startup", "startup")
    yield Probe("images", "Images", images, "startup", "servers")


def _data_probes(of: facts.Sources) -> Iterator[Probe]:
    def datasets(held: Held) -> Line:
        return facts.read_datasets(of)

    def disk(held: Held) -> Line:
        return lines.disk_line(facts.read_disks(of))

    def homes(held: Held) -> Line:
        return lines.homes_line(facts.read_homes(of))

    yield Probe("datasets", "Datasets", datasets, "datasets", "datasets")
    yield Probe("disk", "Shared disk", disk, "", "datasets")
    yield Probe("homes", "Homes", homes, "roster")


def _people_probes(of: facts.Sources) -> Iterator[Probe]:
    def people(held: Held) -> Line:
        return lines.people_line(facts.read_people(of))

    def shares(held: Held) -> Line:
        return facts.read_shares(of)

    asked = "GitHub or the hub"
    yield Probe("people", "Invitations", people, "roster", "roster", waits_for=asked)
    yield Probe("shares", "Shares", shares, "servers", "servers", waits_for=HUB)


def _work_probes(of: facts.Sources) -> Iterator[Probe]:
    """Yield what was done and is being done; the visitor sees that of the own areas only."""

    def jobs(held: Held) -> Line:
        return work_lines.jobs_line(facts.read_jobs(of, held))

    def canary(held: Held) -> Line:
        return work_lines.canary_line(facts.read_jobs(of, ("startup",)), now())

    def changes(held: Held) -> Line:
        return work_lines.changes_line(facts.read_changes(of, held), now())

    def bot(held: Held) -> Line:
        return work_lines.bot_line(read_bot(of.bot), now())

    yield Probe("bot", "Bot student", bot, "servers", "servers", waits_for=HUB, is_kept=False)
    yield Probe("jobs", "Jobs", jobs, "", "jobs")
    yield Probe("canary", "Canary", canary, "startup", "startup")
    yield Probe("changes", "Changes", changes, "", "audit")
