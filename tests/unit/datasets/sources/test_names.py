"""Names from outside."""

from __future__ import annotations

import unicodedata

import pytest

from growth_admin.datasets.facts import SourceProblem
from growth_admin.datasets.sources.names import (
    disposition_name,
    distinct_names,
    is_attachment,
    safe_name,
    safe_path,
    safe_top_name,
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("data.csv", "data.csv"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("a/b\\c\x00d.txt", "a_b_c_d.txt"),
        ("..", "unnamed"),
        (".", "unnamed"),
        ("", "unnamed"),
        ("   ", "unnamed"),
        (".bashrc", ".bashrc"),
        ("name. ", "name"),
        ("evil\u202egpj.exe", "evil_gpj.exe"),
        ("u\u0308ber.txt", "\u00fcber.txt"),
    ],
)
def test_safe_name_when_text_is_hostile_then_it_is_one_plain_name(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_safe_name_when_too_long_then_it_is_cut_and_keeps_its_suffix() -> None:
    name = safe_name("ü" * 400 + ".tar.gz")
    assert name.endswith(".tar.gz")
    assert len(name.encode()) <= 255
    assert name == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("name", [".versions", ".staging", ".growth-stage-1", ".Growth-admin"])
def test_safe_top_name_when_the_hub_keeps_it_then_another_is_found(name: str) -> None:
    assert safe_top_name(name) == f"_{name}"
    assert safe_name(name) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/etc/passwd",
        "a/../b",
        "..",
        "./a",
        "a//b",
        "a\\b",
        "a\x00b",
        "a\nb",
        "a/" + "b" * 256,
        ".versions/x",
        ".growth-admin/a",
        "a/b/",
    ],
)
def test_safe_path_when_it_could_lead_elsewhere_then_it_is_refused(text: str) -> None:
    with pytest.raises(SourceProblem) as refused:
        safe_path(text)
    assert refused.value.code == "name_unsafe"
    assert refused.value.hint


def test_safe_path_when_plain_then_it_comes_back_composed() -> None:
    assert safe_path("a/u\u0308/.hidden") == "a/\u00fc/.hidden"


def test_distinct_names_when_alike_then_each_gets_its_own_whatever_the_order() -> None:
    rows = [("Data.csv", "id1"), ("data.csv", "id3"), ("data.csv", "id2"), ("data (2).csv", "id0")]
    names = dict(zip([key for _, key in rows], distinct_names(rows, is_top=True), strict=True))
    again = rows[::-1]
    assert names == dict(
        zip([k for _, k in again], distinct_names(again, is_top=True), strict=True)
    )
    assert len({name.casefold() for name in names.values()}) == 4
    assert names["id1"] == "Data.csv"


def test_distinct_names_when_composed_differently_then_they_do_not_collide() -> None:
    found = distinct_names([("\u00fc.txt", "1"), ("u\u0308.txt", "2")], is_top=False)
    assert sorted(found) == ["\u00fc (2).txt", "\u00fc.txt"]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="a b.zip"', "a b.zip"),
        ("attachment; filename=a.zip", "a.zip"),
        ("attachment; filename=\"x.zip\"; filename*=UTF-8''%e2%82%ac%20rates.zip", "€ rates.zip"),
        ("attachment; filename*=iso-8859-1'en'%A3.txt; filename=x", "£.txt"),
        ('attachment; filename="a\\"b;c.zip"', 'a"b;c.zip'),
        ("attachment; filename*=UTF-8''%ff%fe", ""),
        ("inline", ""),
        ("", ""),
        ('attachment; filename="\u00c3\u00bc.txt"', "ü.txt"),
        ('attachment; FileName = "up.txt"', "up.txt"),
    ],
)
def test_disposition_when_it_names_a_file_then_the_name_is_read(header: str, name: str) -> None:
    assert disposition_name(header) == name


def test_disposition_when_inline_then_it_is_no_attachment() -> None:
    assert is_attachment('Attachment; filename="a"')
    assert not is_attachment('inline; filename="a"')
    assert not is_attachment("")
