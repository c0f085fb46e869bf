"""What a panel says where no panel can be shown: a sentence and a small table, at one moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Final

from growth_admin.client import GrowthClient
from growth_admin.core.errors import GrowthError
from growth_admin.core.schema import now
from growth_admin.core.words import count, in_words

LIMIT_ROWS: Final = 20


@dataclass(frozen=True)
class Summary:
    """A sentence, column names, and rows of text."""

    title: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def summarise(area: str) -> Summary:
    """Return the summary of an area now; a refusal is a summary too, never an exception."""
    try:
        return _SUMMARIES.get(area, _everything)(GrowthClient(timeout_s=10))
    except GrowthError as e:
        return Summary(f"{e.title}: {e.detail} {e.hint}".rstrip())


def as_html(summary: Summary) -> str:
    """Return the summary as HTML in which all data is escaped."""
    shown = summary.rows[:LIMIT_ROWS]
    head = "".join(f"<th>{escape(name)}</th>" for name in summary.columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in shown
    )
    more = len(summary.rows) - len(shown)
    rest = f"<p>and {more} more</p>" if more > 0 else ""
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if shown else ""
    moment = f"{now():%Y-%m-%d %H:%M} UTC"
    return f"<div><p>{escape(summary.title)} <small>({moment})</small></p>{table}{rest}</div>"


def _everything(client: GrowthClient) -> Summary:
    me = client.get_me()
    return Summary(f"growth-admin for {me.login}: {', '.join(me.areas) or 'no area is open'}")


def _overview(client: GrowthClient) -> Summary:
    found = client.overview.get_overview()
    rows = tuple((line.state, line.title, line.sentence) for line in found.lines)
    told = ", ".join(f"{number} {state}" for state, number in found.counts.items() if number)
    return Summary(f"The school today: {told}", ("is", "what", "in words"), rows)


def _startup(client: GrowthClient) -> Summary:
    scripts = client.startup.list_scripts().scripts
    rows = tuple(
        (s.name, f"r{s.live_revision}" if s.live_revision else "none", s.problem or "ok")
        for s in scripts
    )
    counts = client.startup.list_starts().counts
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    return Summary(
        f"Start scripts; last starts: {told or 'none yet'}", ("script", "live", "is"), rows
    )


def _datasets(client: GrowthClient) -> Summary:
    listed = client.datasets.list_datasets()
    rows = tuple(
        (d.name, d.current or "none", in_words(d.size_bytes), f"{d.receipts.behind} behind")
        for d in listed.datasets
    )
    free = in_words(listed.space.free_bytes)
    columns = ("dataset", "current", "size", "students")
    return Summary(f"{count(len(rows), 'dataset')}; {free} free", columns, rows)


def _upload(client: GrowthClient) -> Summary:
    jobs = client.jobs.list_jobs(area="datasets").jobs
    rows = tuple(
        (job.title, "paused" if job.is_paused else job.state, job.created_by) for job in jobs
    )
    return Summary(f"Publications: {count(len(rows), 'job')}", ("job", "state", "by"), rows)


def _roster(client: GrowthClient) -> Summary:
    listed = client.roster.list_people()
    # whoever hangs comes first: the table shows the beginning only
    people = sorted(listed.people, key=lambda person: person.state == "active")
    rows = tuple((p.name, p.login or p.email, p.team, p.state, p.detail) for p in people)
    told = ", ".join(f"{number} {state}" for state, number in listed.counts.items() if number)
    columns = ("name", "login", "team", "state", "in words")
    return Summary(f"Roster of {listed.organization}: {told or 'nobody yet'}", columns, rows)


def _servers(client: GrowthClient) -> Summary:
    servers = client.servers.list_servers().servers
    running = sum(server.state == "ready" for server in servers)
    rows = tuple((s.user, s.server_name, s.state) for s in servers)
    return Summary(f"{running} of {len(servers)} servers run", ("user", "server", "state"), rows)


def _images(client: GrowthClient) -> Summary:
    listed = client.images.list_images()
    counts = {row.digest: row.servers for row in client.images.get_timeline().usage}
    rows = tuple(
        (
            f"{row.name} *" if row.is_live else row.name,
            row.digest[:19],
            in_words(row.image.size_bytes) if row.image else row.problem,
            row.gate.state,
            str(counts.get(row.digest, "")),
        )
        for row in listed.tags
    )
    live = listed.digest[:19] or "not there yet"
    columns = ("tag (* students get it)", "digest", "size", "checks", "servers")
    return Summary(f"{listed.name}:{listed.tag} is {live}", columns, rows)


def _jobs(client: GrowthClient) -> Summary:
    jobs = client.jobs.list_jobs().jobs
    rows = tuple((job.title, job.state, job.created_by) for job in jobs)
    return Summary(f"{len(jobs)} jobs", ("job", "state", "by"), rows)


def _audit(client: GrowthClient) -> Summary:
    entries = client.audit.list_entries(limit=LIMIT_ROWS).entries
    rows = tuple((f"{e.time:%m-%d %H:%M}", e.user, e.action, e.target, e.result) for e in entries)
    return Summary("Last changes", ("time", "who", "what", "to", "result"), rows)


_SUMMARIES: Final[dict[str, Callable[[GrowthClient], Summary]]] = {
    "overview": _overview,
    "startup": _startup,
    "datasets": _datasets,
    "upload": _upload,
    "roster": _roster,
    "servers": _servers,
    "images": _images,
    "jobs": _jobs,
    "audit": _audit,
}
