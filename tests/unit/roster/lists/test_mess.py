"""Mess of every kind: what was meant is found, and nothing is made up."""

from __future__ import annotations

import random
import re
import time
import unicodedata

import pytest

from growth_admin.core.errors import InvalidInput
from growth_admin.roster.lists import read_list
from growth_admin.roster.lists.logins import is_login
from growth_admin.roster.models import ImportPreview
from tests.roster_lists import MESS, asked, messy_list, somebody
from tests.unit.roster.lists import samples

SAMPLES = [value for name, value in vars(samples).items() if name.isupper()]
PIECES = (
    *(",", ";", "\t", "\n", "\r\n", '"', "'", "@", "<", ">", "|", " ", "\u00a0", "\u200b", "\x00"),
    *(
        "login",
        "GitHub",
        "e-mail",
        "Name",
        "ada@x.example",
        "adalove",
        "https://github.com/",
        "n/a",
    ),
    *("583231", "github.com/orgs/x", "Ada Lovelace", "=1+1", "é", "ｆ", "(", ")", "--", "sep=;\n"),
)


@pytest.mark.parametrize("seed", range(4))
def test_messy_form_when_read_then_exactly_two_rows_need_a_hand(seed: int) -> None:
    messy = messy_list(350, seed)
    preview = read_list(asked(messy.data, filename="form.csv"))
    assert preview.rows == messy.rows == 350
    assert [(one.row, one.column) for one in preview.problems] == [
        (350, "Email Address"),
        (351, "What is your GitHub username?"),
    ]
    assert len(preview.entries) == len(messy.people) - 2
    assert len(MESS) == 12


def test_messy_form_when_put_right_by_hand_then_everybody_is_who_they_are() -> None:
    messy = messy_list()
    preview = read_list(asked(messy.data, corrections=messy.by_hand))
    assert preview.problems == ()
    assert [(one.name, one.email, one.login.casefold()) for one in preview.entries] == [
        (who.name, who.email, who.login.casefold()) for who in messy.people
    ]


def test_messy_form_when_imported_again_then_the_entries_are_identical() -> None:
    messy = messy_list()
    assert read_list(asked(messy.data)) == read_list(asked(messy.data))
    assert read_list(asked(messy.data)).entries == read_list(asked(messy.text)).entries


def test_long_list_when_read_then_it_takes_less_than_a_second_of_work() -> None:
    rows = "".join(
        f"2026/01/05 9:00:00 AM GMT+1,{who.email},{who.name},https://github.com/{who.login},TA\r\n"
        for who in map(somebody, range(5_000))
    )
    request = asked("Timestamp,Email Address,Name,GitHub username,Role\r\n" + rows)
    start = time.process_time()
    preview = read_list(request, teams=("participants", "tas"))
    # 0.5 s on a quiet machine; the work of other processes is not counted
    assert time.process_time() - start < 1.5
    assert len(preview.entries) == 5_000


def _spoilt(dice: random.Random, text: str) -> str:
    """Return the text with some of it cut out, doubled, moved or replaced by rubbish."""
    for _ in range(dice.randint(1, 12)):
        at, to = sorted((dice.randrange(len(text) + 1), dice.randrange(len(text) + 1)))
        to = min(to, at + dice.choice((0, 1, 3, 40)))
        text = text[:at] + dice.choice((*PIECES, text[at:to] * 2, "")) + text[to:]
    return text


def _check(preview: ImportPreview, source: str) -> None:
    """Check what holds for every list: no login from nowhere, no entry with a problem."""
    letters = re.sub(r"[\s\x00\u200b\"]+", "", unicodedata.normalize("NFKC", source)).casefold()
    troubled = {one.row for one in preview.problems}
    for entry in preview.entries:
        assert entry.login or entry.email or entry.github_id
        assert entry.row not in troubled
        assert not entry.login or is_login(entry.login)
        assert entry.login.casefold() in letters
        assert entry.email.count("@") == bool(entry.email)
    seen = [entry.login.casefold() for entry in preview.entries if entry.login]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("sample", SAMPLES, ids=range(len(SAMPLES)))
def test_list_when_spoilt_at_random_then_it_is_read_or_refused_and_never_made_up(
    sample: str,
) -> None:
    for seed in range(60):
        text = _spoilt(random.Random(seed), sample)
        try:
            preview = read_list(asked(text), teams=("participants", "tas"))
        except InvalidInput as e:
            assert e.hint
            continue
        _check(preview, text)


def test_rubbish_when_handed_in_then_it_is_read_or_refused_and_never_made_up() -> None:
    for seed in range(600):
        dice = random.Random(seed)
        text = "".join(dice.choices(PIECES, k=dice.randint(1, 60)))
        try:
            _check(read_list(asked(text)), text)
        except InvalidInput as e:
            assert e.hint


def test_bytes_when_random_then_they_are_read_or_refused() -> None:
    starts = (b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf", b"login\n", b"\xd0\xcf\x11\xe0")
    for seed in range(300):
        dice = random.Random(seed)
        data = starts[seed % len(starts)] + dice.randbytes(dice.randint(1, 400))
        try:
            read_list(asked(data))
        except InvalidInput as e:
            assert e.hint
