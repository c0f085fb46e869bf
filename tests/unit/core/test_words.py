"""Numbers as people write them."""

from __future__ import annotations

import pytest

from growth_admin.core.words import count, in_words


@pytest.mark.parametrize(
    ("size_bytes", "told"),
    [
        (None, "size unknown"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_400, "99.4 kB"),
        (123_456, "123 kB"),
        (999_949_000, "1.0 GB"),
        (3_200_000_000, "3.2 GB"),
        (5 * 10**16, "50000 TB"),
    ],
)
def test_size_when_told_then_it_has_the_unit_that_people_use(
    size_bytes: int | None, told: str
) -> None:
    assert in_words(size_bytes) == told


def test_count_when_it_is_one_then_the_noun_is_singular() -> None:
    assert (count(1, "file"), count(0, "file"), count(12_000, "file")) == (
        "1 file",
        "0 files",
        "12,000 files",
    )
