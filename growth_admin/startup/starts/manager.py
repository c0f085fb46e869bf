"""What every start did: one row per server, the history of one, the log of one."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from growth_admin.core.errors import GrowthError, InvalidInput, NotFound
from growth_admin.core.paths import Paths
from growth_admin.startup.starts.accounts import Texts, start_of_record
from growth_admin.startup.starts.files import StartFiles
from growth_admin.startup.starts.grouping import group_errors
from growth_admin.startup.starts.logs import read_log
from growth_admin.startup.starts.models import (
    SCRIPTS,
    START_STATES,
    HubUserHint,
    LiveScript,
    LogText,
    Start,
    StartHistory,
    StartList,
    StartRow,
    StoredStart,
)
from growth_admin.startup.starts.names import Names
from growth_admin.startup.starts.reader import Folder, LastRecord, ServerFiles
from growth_admin.startup.starts.rows import Known, Rows, started_of

_NAMED_IN_NOTES: Final = 5


class StartTable:
    """Reads what the start chain left behind; falls back to the plain logs of the old hook.

    ``list_users`` gives the hub's users, ``live_sha256`` the hash of each live script,
    ``revision_number`` the number of a text in our history. Each may be absent or raise a
    ``GrowthError``: the table then comes without that, and a note says so.
    """

    def __init__(
        self,
        paths: Paths,
        *,
        list_users: Callable[[], Mapping[str, HubUserHint]] | None = None,
        live_sha256: Callable[[], Mapping[str, str]] | None = None,
        revision_number: Callable[[str, str], int | None] | None = None,
    ) -> None:
        self._list_users = list_users
        self._live_sha256 = live_sha256
        self._revision_number = revision_number
        self._files = StartFiles(paths)
        self._rows = Rows(self._files)

    def list_starts(self) -> StartList:
        """Return the last start of every server, the counts, and the errors in groups.

        Raises ``StorageUnavailable`` when the logs folder cannot be listed.
        """
        notes: list[str] = []
        folder = self._files.scan()
        known = self._known(notes)
        rows = self._list_rows(folder, known, notes)
        notes += folder.notes + _notes_on(rows, folder)
        counts = Counter(row.state for row in rows)
        return StartList(
            rows=tuple(rows),
            counts={state: counts[state] for state in START_STATES},
            groups=group_errors(rows),
            live=tuple(
                LiveScript(name=name, sha256=sha256, revision=known.texts.number(name, sha256))
                for name, sha256 in sorted(known.texts.live.items())
            ),
            unreadable_records=sum(row.unreadable_records for row in rows),
            notes=tuple(notes),
        )

    def list_account_numbers(self) -> dict[str, int]:
        """Return GitHub account numbers by hub user, as the last start of each was told.

        Raises ``StorageUnavailable`` when the logs folder cannot be listed.
        """
        found: dict[str, int] = {}
        for files in self._files.scan().servers.values():
            last = self._files.last_record(files)
            start = last.start if isinstance(last, LastRecord) else None
            if start and start.hub_user and not start.server_name and start.github_id.isdecimal():
                found[start.hub_user] = int(start.github_id)
        return found

    def get_history(self, user: str, server_name: str = "") -> StartHistory:
        """Return every start of one server that is known, newest first.

        Raises ``NotFound`` for a server that neither the files nor the hub know.
        """
        notes: list[str] = []
        known = self._known(notes)
        files = self._plainly_named(user, server_name)
        if files is None:
            row, files = self._find(user, server_name, known)
        else:
            row = self._rows.row_of(files, known)
        records, unreadable = self._read_records(files, notes)
        starts: list[Start] = [
            start_of_record(record, known.texts, files if index == 0 else None)
            for index, record in enumerate(reversed(records))
        ]
        if row.source != "record" and row.state != "never-started":
            starts.insert(0, Start(**{name: getattr(row, name) for name in Start.model_fields}))
        return StartHistory(
            user=row.user,
            server_name=row.server_name,
            starts=tuple(starts),
            unreadable_records=unreadable,
            notes=tuple(notes),
        )

    def get_log(self, user: str, script: str, server_name: str = "", which: int = 0) -> LogText:
        """Return the end of a log; ``which`` is 0 for the last start, 1 for the one before.

        Raises ``InvalidInput`` for another script, ``NotFound`` when there is no such log.
        """
        if script not in SCRIPTS or which not in (0, 1):
            raise InvalidInput(
                f"There is no log {which} of {script[:80]!r}.",
                hint=f"Logs are kept of {' and '.join(SCRIPTS)}, for the last two starts.",
            )
        files = self._plainly_named(user, server_name)
        if files is None:
            _, files = self._find(user, server_name, self._known([]))
        if script not in (files.previous if which else files.logs):
            raise NotFound(
                f"There is no log of {script} for {_spell(user, server_name)}"
                f"{' of the start before the last' if which else ''}.",
                hint="The script did not run, or the log could not be written.",
            )
        records, _ = self._read_records(files, [])
        record = records[-1 - which] if len(records) > which else None
        path = self._files.log_path(files, script, which)
        return read_log(path, user, server_name, script, record)

    def _read_records(self, files: ServerFiles, notes: list[str]) -> tuple[list[StoredStart], int]:
        try:
            return self._files.list_records(files)
        except GrowthError as error:
            notes.append(f"The records cannot be read. {error.detail}")
            return [], 0

    # -- what is beside the files

    def _known(self, notes: list[str]) -> Known:
        users: Mapping[str, HubUserHint] | None = None
        live: Mapping[str, str] = {}
        if self._list_users is None:
            notes.append("The hub's users are not known here: who never started is not listed.")
        else:
            try:
                users = self._list_users()
            except GrowthError as error:
                notes.append(f"Who never started is not listed. {error.detail}")
        try:
            live = self._live_sha256() if self._live_sha256 else {}
        except GrowthError as error:
            notes.append(f"Old revisions are not marked. {error.detail}")
        return Known(Names(users), Texts(live, self._number_finder(notes)), time.time())

    def _number_finder(self, notes: list[str]) -> Callable[[str, str], int | None]:
        """Return a look-up of revision numbers that gives up after its first failure."""
        ask = self._revision_number
        is_down = False

        def find(script: str, sha256: str) -> int | None:
            nonlocal is_down
            if ask is None or is_down:
                return None
            try:
                return ask(script, sha256)
            except GrowthError as error:
                is_down = True
                notes.append(f"Revisions are shown without numbers. {error.detail}")
                return None

        return find

    # -- rows

    def _list_rows(self, folder: Folder, known: Known, notes: list[str]) -> list[StartRow]:
        """Return one row per server, by name; of two spellings of a user the newer start wins."""
        found: dict[tuple[str, str], StartRow] = {}
        older: list[str] = []
        for files in folder.servers.values():
            row = self._rows.row_of(files, known)
            key = (row.user, row.server_name)
            if (other := found.get(key)) is not None:
                row, loser = (row, other) if started_of(row) > started_of(other) else (other, row)
                older.append(loser.nb_user)
            found[key] = row
        if older:
            notes.append(
                f"Older files under another spelling are left out: {_some(sorted(older))}."
            )
        for user, hint in (known.names.users or {}).items():
            if (user, "") not in found:
                found[user, ""] = self._rows.row_without_files(user, hint)
        return sorted(found.values(), key=lambda row: (row.user.casefold(), row.server_name))

    def _find(self, user: str, server_name: str, known: Known) -> tuple[StartRow, ServerFiles]:
        """Return the row of one server and its files."""
        folder = self._files.scan()
        found = [
            (row, files)
            for files in folder.servers.values()
            if (row := self._rows.row_of(files, known)).user == user
            and row.server_name == server_name
        ]
        if found:
            return max(found, key=lambda pair: started_of(pair[0]))
        if not server_name and known.names.is_hub_user(user):
            return self._rows.row_without_files(user, known.names.hint(user)), ServerFiles(user)
        raise NotFound(
            f"Nothing is known of a start of {_spell(user[:80], server_name[:80])}.",
            hint="The name is the hub's name of the user; look at the table of starts.",
        )

    def _plainly_named(self, user: str, server_name: str) -> ServerFiles | None:
        """Return the files that bear the hub's name, if their record says that they are right.

        This saves a look at everybody's files, and at the hub.
        """
        files = self._files.files_of(f"{user}--{server_name}" if server_name else user)
        last = self._files.last_record(files)
        record = last.start if isinstance(last, LastRecord) else None
        is_right = record and (record.hub_user, record.server_name) == (user, server_name)
        return files if is_right else None


def _spell(user: str, server_name: str) -> str:
    """Return a server as the hub writes it."""
    return f"{user}/{server_name}" if server_name else user


def _some(names: list[str]) -> str:
    """Return the first few names and how many more there are."""
    rest = len(names) - _NAMED_IN_NOTES
    listed = ", ".join(names[:_NAMED_IN_NOTES])
    return f"{listed} and {rest} more" if rest > 0 else listed


def _notes_on(rows: list[StartRow], folder: Folder) -> list[str]:
    """Return what the table as a whole must say."""
    notes: list[str] = []
    garbled = [_spell(row.user, row.server_name) for row in rows if row.unreadable_records]
    if garbled:
        lines = sum(row.unreadable_records for row in rows)
        what = "1 record is" if lines == 1 else f"{lines} records are"
        notes.append(f"{what} cut or garbled and left out: {_some(garbled)}.")
    plain = sum(row.source == "log" for row in rows)
    if plain:
        notes.append(
            f"Of {plain} {'server' if plain == 1 else 'servers'} there is only a plain log of the "
            "last start. The old hook keeps stdout only: exit codes and error output are not known."
        )
    if folder.refused:
        notes.append(
            "Not regular files, so not read (links, pipes, folders): "
            f"{_some(sorted(folder.refused))}."
        )
    return notes
