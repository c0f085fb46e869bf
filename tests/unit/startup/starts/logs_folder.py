"""A logs folder with real files, and a table that reads it."""

from __future__ import annotations

import json
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from growth_admin.core.paths import Paths
from growth_admin.startup.starts.manager import StartTable
from growth_admin.startup.starts.models import StartRow
from tests.bench.synthetic_school import start_record

HOUR_AGO = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


class LogsFolder:
    """``/home/admin/logs`` of one test."""

    def __init__(self, admin_root: Path) -> None:
        self.paths = Paths(admin_root, admin_root / "nfs")
        self.logs = self.paths.logs
        self.records = self.paths.records
        self.records.mkdir(parents=True)

    def record(self, user: str, state: str = "ok", **changes: Any) -> dict[str, Any]:
        """Return a record as the chain writes it, with ``changes``."""
        started = changes.pop("at", HOUR_AGO)
        server_name = changes.pop("server_name", "")
        script = changes.pop("script", {})
        record, _ = start_record(
            user, user, state, started, random.Random(1), server_name=server_name
        )
        record["scripts"][1].update(script)
        return {**record, **changes}

    def put_records(self, stem: str, *lines: dict[str, Any] | bytes, at: float = 0) -> Path:
        """Write a records file; bytes are written as they are."""
        path = self.records / f"{stem}.jsonl"
        encoded = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines]
        path.write_bytes(b"".join(one + b"\n" for one in encoded))
        self._touch(path, at)
        return path

    def put_log(self, name: str, text: bytes = b"hello\n", *, at: float = 0) -> Path:
        """Write a log, an hour old unless told."""
        path = Path(os.fsdecode(os.fsencode(self.logs) + b"/" + os.fsencode(name)))
        path.write_bytes(text)
        self._touch(path, at)
        return path

    def table(self, **beside: Any) -> StartTable:
        """Return a table of this folder."""
        return StartTable(self.paths, **beside)

    def row(self, user: str = "jane-doe", server_name: str = "", **beside: Any) -> StartRow:
        """Return one row of a fresh table."""
        rows = self.table(**beside).list_starts().rows
        (found,) = (r for r in rows if r.user == user and r.server_name == server_name)
        return found

    def _touch(self, path: Path, at: float) -> None:
        when = at or HOUR_AGO.timestamp() + 5
        os.utime(path, (when, when))
