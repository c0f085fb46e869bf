"""A process that fetches one address and publishes it; prints what it took as JSON.

``python -m tests.bench.fetch_child URL DATA CONNECTIONS``
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any


class Unwatched:
    """A control that nobody listens to."""

    def check(self) -> None:
        """Go on."""

    def progress(self, done: float, total: float | None = None, **words: Any) -> None:
        """Tell nobody."""

    def log(self, line: str) -> None:
        """Tell nobody."""


def peak_bytes() -> int:
    """Return the largest resident size that this process has had."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def main(url: str, data: str, connections: str) -> None:
    """Fetch, verify, sync, publish."""
    from growth_admin.datasets.facts import FileRecord
    from growth_admin.datasets.fetch.fetcher import Fetcher
    from growth_admin.datasets.fetch.options import FetchOptions
    from growth_admin.datasets.models import SourceRecord
    from growth_admin.datasets.publish.library import Library
    from growth_admin.datasets.publish.records import VersionDraft
    from growth_admin.datasets.sources.http import HttpSource

    control = Unwatched()
    library = Library(Path(data), user="bench")
    source = HttpSource(allow_private_addresses=True)
    stage = library.stage("bench-job")
    before_bytes, began_s, began_cpu_s = peak_bytes(), time.monotonic(), time.process_time()
    listing = source.list_files(url, limit_s=60, control=control)
    options = FetchOptions(connections=int(connections))
    fetched = Fetcher().fetch_all(source, listing.files, stage, control=control, options=options)
    fetched_s = time.monotonic()
    records = [FileRecord(file.path, file.size_bytes, file.sha256) for file in fetched]
    draft = VersionDraft(SourceRecord(kind="http", link=url), "bench", replaces="")
    library.publish(stage, "bench", records, draft, control=control)
    print(
        json.dumps(
            {
                "sha256": fetched[0].sha256,
                "grown_bytes": peak_bytes() - before_bytes,
                "fetch_s": round(fetched_s - began_s, 3),
                "publish_s": round(time.monotonic() - fetched_s, 3),
                "wall_s": time.monotonic() - began_s,
                "cpu_s": time.process_time() - began_cpu_s,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
