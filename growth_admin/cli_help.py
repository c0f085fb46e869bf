"""``growth-admin servers help USER``: what is wrong with somebody's server, in a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any, Final

from growth_admin.cli_areas import add_verb, rooms_of, show
from growth_admin.core.errors import NotConfigured
from growth_admin.core.permissions import scope_of
from growth_admin.core.schema import to_rfc3339
from growth_admin.core.words import in_words
from growth_admin.servers.help.models import PastStart, UserHelp

LOG_LINES: Final = 15


def add_help(verbs: Any) -> None:
    """Add the verb."""
    verb = add_verb(verbs, "help", "say what is wrong with a user's server, and what to do", _help)
    verb.add_argument("server", help="user, or user/server")
    verb.add_argument(
        "--log-lines", type=int, default=LOG_LINES, metavar="N", help="of each log (%(default)s)"
    )


def _help(asked: argparse.Namespace) -> int:
    rooms = rooms_of(asked)
    if rooms.help_desk is None:
        raise NotConfigured(
            "This terminal does not belong to a server of a JupyterHub.",
            hint="Open a terminal in your own JupyterLab.",
        )
    user, _, server_name = asked.server.partition("/")
    # a terminal reads files as its user may; what it shows is decided by the areas of this server
    scopes = {scope_of(area) for area in rooms.settings.areas}
    told = rooms.help_desk.get_help(user, server_name, scopes=scopes)
    for note in told.notes:
        print(f"note: {note}", file=sys.stderr)
    return show(told, asked, list(_lines(told, asked.log_lines)))


def _lines(told: UserHelp, log_lines: int) -> Iterator[str]:
    for found in told.findings:
        yield f"{found.severity:<8} {found.sentence}"
        if found.next_step:
            yield f"         -> {found.next_step}"
    for server in told.servers:
        started = f", started {to_rfc3339(server.started)}" if server.started else ""
        said = f"; the hub says: {server.said}" if server.said else ""
        yield f"server   {server.server_name or 'default'}: {server.state}{started}{said}"
    access = told.access
    yield f"open     {access.url or ''} {access.detail} {access.hint}".rstrip()
    if told.home is not None:
        use = told.home
        yield (
            f"home     {use.percent:.0f} % of {in_words(use.disk_size_bytes)} used"
            f"{'' if use.files_bytes is None else f', their files {in_words(use.files_bytes)}'}"
        )
    for start in told.starts:
        yield _start(start)
    for log in told.logs:
        yield f"-- {log.name} ({in_words(log.size_bytes)})"
        yield from log.text.splitlines()[-log_lines:] if log_lines > 0 else ()


def _start(start: PastStart) -> str:
    scripts = ", ".join(
        f"{script.name} {script.state}"
        + (f" (exit {script.exit_code})" if script.exit_code else "")
        + (f" r{script.revision}" if script.revision else "")
        for script in start.scripts
    )
    when = to_rfc3339(start.started) if start.started else "?"
    took = f" {start.duration_s:.1f} s" if start.duration_s is not None else ""
    return f"start    {when} {start.state}{took}: {scripts} {start.image}".rstrip()
