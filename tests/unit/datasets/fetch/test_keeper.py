"""Two threads make the same file last: the keeper's own, and the one that has fetched all of it."""

from __future__ import annotations

from pathlib import Path

from growth_admin.datasets.facts import RemoteFile
from growth_admin.datasets.fetch.halt import Halt
from growth_admin.datasets.fetch.journal import Journal
from growth_admin.datasets.fetch.keeper import Keeper
from growth_admin.datasets.fetch.options import Settings
from growth_admin.datasets.fetch.part import Part

PIECE = memoryview(b"x" * 4096)
PIECES = 4
FILES = 400


def test_part_when_it_is_whole_while_it_is_synced_then_it_is_closed_after_and_counted_once(
    tmp_path: Path,
) -> None:
    halt, journal = Halt(), Journal(tmp_path)
    keeper = Keeper(journal, tmp_path, halt, Settings(segment_bytes=4 * len(PIECE)))
    keeper.start()
    for number in range(FILES):
        part = Part(tmp_path, RemoteFile(f"{number}.dat", {}, PIECES * len(PIECE)), ())
        part.open()
        for piece in range(PIECES):  # each of them wakes the keeper
            start = piece * len(PIECE)
            part.write(PIECE, start)
            keeper.wrote(part, start, start + len(PIECE))
        keeper.settle(part)
        part.close()
        assert part.pending_bytes == 0, f"file {number}"
        assert halt.failure is None, f"file {number}: {halt.failure}"
    keeper.close()
    journal.close()
    assert halt.failure is None
