"""The fault table: what goes wrong at a source, where, and what comes of it.

Each row is a real download from a real server through the source, the fetcher and the publisher.
Lost: a download that should have come through and did not. Wrong: bytes under the published name
that are not one whole content of the source.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from growth_admin.core.errors import GrowthError
from growth_admin.datasets.facts import Checksum, FileRecord, SourceProblem
from growth_admin.datasets.fetch.fetcher import Fetcher
from growth_admin.datasets.fetch.options import FetchOptions
from growth_admin.datasets.models import SourceRecord
from growth_admin.datasets.publish.library import Library
from growth_admin.datasets.publish.records import VersionDraft
from growth_admin.datasets.sources.http import HttpSource
from tests.datasets.faulty_server import Fault, FaultyServer, Place, serving

SIZE = 1_200_000
SEGMENT = 256 << 10
CONTENT = random.Random(1).randbytes(SIZE)
OTHER = random.Random(2).randbytes(SIZE)
LONGER = OTHER + b"and more"
SHORTER = OTHER[: SIZE // 3]
MIDDLE = SIZE // 2
LAST = SIZE - 1
ALWAYS = tuple(range(1000))
LATER = tuple(range(1, 1000))


@dataclass(frozen=True)
class Row:
    """A line of the table. ``expected``: whole (the content), new (the other), or a code."""

    kind: str
    at: str
    faults: tuple[Fault, ...]
    expected: str = "whole"
    connections: int = 1
    checksum: bool = False
    forget_size: bool = False
    place: dict[str, Any] = field(default_factory=dict)
    may_repeat: bool = False

    @property
    def name(self) -> str:
        """What the row is called."""
        return f"{self.kind} at {self.at}, x{self.connections}"


def cut(at: int, *on: int) -> Fault:
    """Return a fault that ends a connection at a byte."""
    return Fault("cut", at, on or (0,))


def rows() -> Iterator[Row]:
    """Yield the table's rows."""
    for at in (0, 1, SEGMENT, MIDDLE, LAST):
        yield Row("cut", f"{at:,}", (cut(at),))
        yield Row("reset", f"{at:,}", (Fault("reset", at),), may_repeat=True)
        yield Row("cut, ranges", f"{at:,}", (Fault("cut", at, ALWAYS[:8]),), connections=4)
    for at in (1, MIDDLE, LAST):
        first = cut(at)
        yield Row(
            "cut 5 times", f"{at:,}+", tuple(cut(at + n, n) for n in range(5) if at + n < SIZE)
        )
        yield Row("range-start once", f"{at:,}", (first, Fault("range-start", on=(1,))))
        yield Row(
            "range-start always",
            f"{at:,}",
            (first, Fault("range-start", on=LATER)),
            may_repeat=True,
        )
        yield Row(
            "range-total once", f"{at:,}", (first, Fault("range-total", on=(1,))), may_repeat=True
        )
        yield Row(
            "no Content-Range",
            f"{at:,}",
            (first, Fault("no-content-range", on=LATER)),
            may_repeat=True,
        )
        yield Row(
            "multipart/byteranges",
            f"{at:,}",
            (first, Fault("multipart", on=(1, 2))),
            may_repeat=True,
        )
        yield Row(
            "200 to a range", f"{at:,}", (first, Fault("no-range", on=LATER)), may_repeat=True
        )
        yield Row("no ranges", f"{at:,}", (first,), place={"has_ranges": False}, may_repeat=True)
        yield Row("weak ETag", f"{at:,}", (first,), place={"etag": "weak"}, may_repeat=True)
        yield Row("no ETag", f"{at:,}", (first,), place={"etag": "none"}, may_repeat=True)
        change = (first, Fault("change", on=LATER))
        yield Row("changed", f"{at:,}", change, "new", place={"then": OTHER}, may_repeat=True)
        yield Row(
            "changed, If-Range ignored",
            f"{at:,}",
            change,
            "new",
            may_repeat=True,
            place={"then": OTHER, "checks_if_range": False},
        )
        yield Row(
            "changed, no ETag",
            f"{at:,}",
            change,
            "new",
            may_repeat=True,
            place={"then": OTHER, "etag": "none"},
        )
        yield Row(
            "changed and longer",
            f"{at:,}",
            change,
            "changed_during_download",
            place={"then": LONGER},
            may_repeat=True,
        )
        yield Row(
            "changed and longer, size unknown",
            f"{at:,}",
            change,
            "new",
            forget_size=True,
            place={"then": LONGER},
            may_repeat=True,
        )
        yield Row(
            "shrunk (416)",
            f"{at:,}",
            change,
            "new",
            forget_size=True,
            may_repeat=True,
            place={"then": SHORTER, "checks_if_range": False},
        )
        yield Row(
            "changed, checksum known",
            f"{at:,}",
            change,
            "checksum_mismatch",
            checksum=True,
            place={"then": OTHER, "etag": "none", "checks_if_range": False},
            may_repeat=True,
        )
        yield Row("truncated always", f"{at:,}", (cut(at, *ALWAYS),), "short_body")
        yield Row(
            "truncated, right length",
            f"{at:,}",
            (Fault("short-length", at, ALWAYS),),
            "changed_during_download",
        )
        yield Row(
            "byte flipped",
            f"{at:,}",
            (Fault("flip", at, ALWAYS),),
            "checksum_mismatch",
            checksum=True,
        )
        yield Row(
            "byte flipped once, resumed",
            f"{at:,}",
            (Fault("flip", at - 1), first),
            checksum=True,
            may_repeat=True,
        )
        yield Row("chunked, cut", f"{at:,}", (cut(at, 1, 2),), place={"has_length": False})
        yield Row("silence", f"{at:,}", (Fault("stall", at, value="1.5"),))
        yield Row("drip", f"{at:,}", (Fault("drip", at, value="0.6"),))
        yield Row("500 midway", f"{at:,}", (first, Fault("status", value="500", on=(1, 2))))
        yield Row(
            "503 Retry-After midway", f"{at:,}", (first, Fault("status", value="503 1", on=(1,)))
        )
        yield Row(
            "429 Retry-After midway", f"{at:,}", (first, Fault("status", value="429 1", on=(1,)))
        )
        yield Row(
            "quota that lasts",
            f"{at:,}",
            (first, Fault("status", value="429 3600", on=LATER)),
            "quota_client",
        )
        yield Row(
            "gone midway", f"{at:,}", (first, Fault("status", value="404", on=LATER)), "not_found"
        )
        yield Row(
            "refused midway", f"{at:,}", (first, Fault("status", value="403", on=LATER)), "refused"
        )
        yield Row("web page midway", f"{at:,}", (first, Fault("page", on=LATER)), "web_page")
        yield Row("nothing said midway", f"{at:,}", (first, Fault("silent", on=(1, 2))))
        yield Row("no HTTP midway", f"{at:,}", (first, Fault("garbage", on=(1,))))
        yield Row("no answer midway", f"{at:,}", (first, Fault("hang", value="1.5", on=(1,))))
        yield Row("redirect midway", f"{at:,}", (first, Fault("redirect", value="/moved", on=(1,))))
    yield Row("gzip-encoded", "the start", (Fault("gzip", on=ALWAYS),), may_repeat=True)
    yield Row(
        "gzip-encoded after a cut",
        "the middle",
        (cut(MIDDLE), Fault("gzip", on=LATER)),
        may_repeat=True,
    )
    yield Row("longer than announced", "the end", (Fault("long", on=ALWAYS),))
    yield Row(
        "redirect loop", "the start", (Fault("redirect", value="/data", on=ALWAYS),), "refused"
    )
    yield Row("source away", "the start", (Fault("silent", on=ALWAYS),), "unreachable")
    for kind, on in (
        ("range-start", (2, 3)),
        ("no-content-range", LATER),
        ("no-range", LATER),
        ("status", (1, 2)),
        ("silent", (1, 2, 3)),
        ("page", LATER),
        ("change", (3,)),
    ):
        fault = Fault(kind, on=on, value="503" if kind == "status" else "")
        expected = {"page": "web_page", "change": "new"}.get(kind, "whole")
        yield Row(
            f"{kind}, ranges",
            f"requests {on[0]}..",
            (fault,),
            expected,
            connections=4,
            place={"then": OTHER},
            may_repeat=True,
        )
    places: list[dict[str, Any]] = [{"has_ranges": False}, {"etag": "weak"}, {"has_length": False}]
    for place in places:
        on = (1,) if "has_length" in place else (0,)  # the look asks for a byte, lacking a length
        yield Row(
            f"{next(iter(place))}, ranges",
            "the start",
            (cut(MIDDLE, *on),),
            connections=4,
            place=place,
            may_repeat=True,
        )


class Quiet:
    """A control that lets everything go on."""

    def check(self) -> None:
        return

    def progress(
        self, done: float, total: float | None = None, *, unit: str = "", message: str = ""
    ) -> None:
        assert total is None or 0 <= done <= total

    def log(self, line: str) -> None:
        return


def attempt(row: Row, server: FaultyServer, data: Path) -> str:
    """Fetch and publish; return ``published`` or the code of the problem."""
    library = Library(data, user="ta")
    source = HttpSource(allow_private_addresses=True, timeout_s=1)
    stage = library.stage("job-1")
    (listed,) = source.list_files(f"{server.base}/data", limit_s=5, control=Quiet()).files
    if row.checksum:
        listed = replace(listed, checksum=Checksum("md5", hashlib.md5(CONTENT).hexdigest()))
    if row.forget_size:
        listed = replace(listed, size_bytes=None)
    should_come = row.expected in ("whole", "new")
    fetcher = Fetcher(
        segment_bytes=SEGMENT,
        range_bytes=SEGMENT // 2,
        retry_first_s=0.02,
        retry_limit_s=4 if should_come else 0.6,
    )
    options = FetchOptions(connections=row.connections)
    try:
        fetched = fetcher.fetch_all(source, [listed], stage, control=Quiet(), options=options)
    except SourceProblem as problem:
        assert problem.hint, problem.detail
        assert list((stage / "files").iterdir()) == []
        library.discard("job-1")
        return str(problem.code)
    records = [FileRecord(file.path, file.size_bytes, file.sha256) for file in fetched]
    draft = VersionDraft(SourceRecord(kind="http", link="test"), "ta")
    library.publish(stage, "stars", records, draft, control=Quiet())
    library.discard("job-1")
    return "published"


def verdict(row: Row, result: str, shown: Path, twice: int) -> str:
    """Return ``ok``, ``LOST``, ``WRONG`` or ``TWICE``."""
    content = {"whole": CONTENT, "new": row.place.get("then", b"")}.get(row.expected)
    if shown.exists() and shown.read_bytes() != content:
        return "WRONG"
    if content is None:
        return "ok" if result == row.expected else f"NOT {row.expected}"
    if result != "published":
        return "LOST"
    return "ok" if row.may_repeat or twice <= SEGMENT else "TWICE"


def test_source_when_it_fails_in_any_way_then_nothing_is_lost_and_nothing_wrong_is_shown(
    tmp_path: Path, say_at_the_end: Callable[[str], None]
) -> None:
    table, bad = [], []
    for number, row in enumerate(rows()):
        data = tmp_path / f"row-{number}"
        data.mkdir()
        with serving(FaultyServer()) as server:
            server.places["/data"] = Place(CONTENT, row.faults, **row.place)
            server.places["/moved"] = server.places["/data"]
            result = attempt(row, server, data)
            sent = sum(server.sent_bytes.values())
        twice = max(sent - SIZE, 0)
        said = verdict(row, result, data / "stars/data", twice)
        left = list((data / ".staging").iterdir())
        said = said if not left else f"GARBAGE {left[0].name}"
        table.append(f"{row.kind:36} {row.at:14} x{row.connections} {result:24} {twice:>9,} {said}")
        if said != "ok":
            bad.append(table[-1])
    head = f"{'kind':36} {'position':14} {'':2} {'result':24} {'twice':>9} verdict"
    foot = f"{len(table)} kinds x positions, not ok: {len(bad)}"
    say_at_the_end("\n".join((head, *table, foot)))
    assert len(table) >= 60
    assert bad == []


def test_problem_when_the_disk_fills_then_it_is_told_with_numbers_and_nothing_is_shown(
    small_disk: Path,
) -> None:
    with serving(FaultyServer()) as server:
        server.places["/data"] = Place(CONTENT, has_length=False)
        with pytest.raises(GrowthError, match="Free: ") as caught:
            attempt(Row("full", "", ()), server, small_disk)
    assert caught.value.kind == "storage-full"
    parts = list((small_disk / ".staging/job-1/fetch").glob("*.part"))
    assert sum(part.stat().st_size for part in parts) == 0
    assert not (small_disk / "stars").exists()
