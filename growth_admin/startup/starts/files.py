"""The files of one school's starts, remembered while they stay the same."""

from __future__ import annotations

from pathlib import Path

from growth_admin.core.errors import GrowthError
from growth_admin.core.paths import Paths
from growth_admin.startup.starts import reader
from growth_admin.startup.starts.models import SCRIPTS, StoredStart
from growth_admin.startup.starts.reader import Folder, LastRecord, Seen, ServerFiles


class StartFiles:
    """Reads what the reader module can read; threads may share it."""

    def __init__(self, paths: Paths) -> None:
        self._logs, self._records = paths.logs, paths.records
        self._last: dict[str, tuple[Seen, LastRecord]] = {}
        self._complaints: dict[tuple[str, str], tuple[Seen, str]] = {}

    def scan(self) -> Folder:
        """Return what lies in the logs folder now, and forget what is gone.

        Raises ``StorageUnavailable`` when the folder cannot be listed.
        """
        folder = reader.scan_logs(self._logs, self._records)
        for stem in [one for one in list(self._last) if one not in folder.servers]:
            self._last.pop(stem, None)
        for key in list(self._complaints):
            if key[0] not in folder.servers:
                self._complaints.pop(key, None)
        return folder

    def files_of(self, stem: str) -> ServerFiles:
        """Return the files that bear this name, without a look at the others' files."""
        files = ServerFiles(stem)
        if not stem or stem.startswith(".") or "/" in stem or "\0" in stem:
            return files
        files.records = reader.look(self._records_path(files))
        for script in SCRIPTS:
            if (seen := reader.look(self.log_path(files, script, 0))) is not None:
                files.logs[script] = seen
            if reader.look(self.log_path(files, script, 1)) is not None:
                files.previous.add(script)
        return files

    def last_record(self, files: ServerFiles) -> LastRecord | str:
        """Return the end of the records file, or why there is none; empty without a file."""
        if files.records is None:
            return ""
        known = self._last.get(files.stem)
        if known and known[0] == files.records:
            return known[1]
        try:
            tail = reader.read_tail(self._records_path(files), reader.RECORDS_LIMIT_BYTES)
        except GrowthError as error:
            return f"The records cannot be read. {error.detail}"
        last = reader.last_record(reader.record_lines(tail))
        self._last[files.stem] = (tail.seen, last)
        return last

    def list_records(self, files: ServerFiles) -> tuple[list[StoredStart], int]:
        """Return every record that can be read, oldest first, and how many lines cannot.

        Raises ``StorageUnavailable`` when the file cannot be read.
        """
        if files.records is None:
            return [], 0
        tail = reader.read_tail(self._records_path(files), reader.RECORDS_LIMIT_BYTES)
        parsed = [reader.parse_record(line) for line in reader.record_lines(tail)]
        records = [record for record in parsed if record is not None]
        return records, len(parsed) - len(records)

    def complaints(self, files: ServerFiles) -> dict[str, str]:
        """Return, by script, the line of its last log that looks like an error."""
        return {
            script: self._complaint(files, script, seen)
            for script in SCRIPTS
            if (seen := files.logs.get(script)) is not None and seen.size_bytes
        }

    def log_path(self, files: ServerFiles, script: str, which: int) -> Path:
        """Return where a log lies."""
        return self._logs / files.log_name(script, which)

    def _complaint(self, files: ServerFiles, script: str, seen: Seen) -> str:
        known = self._complaints.get((files.stem, script))
        if known and known[0] == seen:
            return known[1]
        try:
            tail = reader.read_tail(self.log_path(files, script, 0), reader.SIGNATURE_LIMIT_BYTES)
        except GrowthError as error:
            return f"The log cannot be read. {error.detail}"
        found = reader.last_complaint(tail.data)
        self._complaints[files.stem, script] = (tail.seen, found)
        return found

    def _records_path(self, files: ServerFiles) -> Path:
        return self._records / f"{files.stem}.jsonl"
