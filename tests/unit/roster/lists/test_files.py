"""Bytes to rows: encodings, separators, workbooks, and what is refused."""

from __future__ import annotations

import base64
import io
import zipfile
from datetime import datetime

import openpyxl
import pytest

from growth_admin.core.errors import InvalidInput
from growth_admin.roster.lists import read_list
from growth_admin.roster.models import FILE_LIMIT_BYTES, PEOPLE_LIMIT, ImportPreview, ImportRequest
from tests.roster_lists import asked

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
ROWS = [["Name", "E-mail", "GitHub"], ["Ada Lovelace", "ada@uni.example", "adalove"]]


def logins(preview: ImportPreview) -> list[tuple[int, str]]:
    """Return rows and logins."""
    return [(one.row, one.login) for one in preview.entries]


def workbook(*sheets: tuple[str, list[list[object]]], hidden: str = "") -> bytes:
    """Return an XLSX file with these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if title == hidden else "visible"
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def archive(**parts: bytes) -> bytes:
    """Return a ZIP file; ``__`` in a name is a slash, ``_`` a dot."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/").replace("_", "."), content)
    return data.getvalue()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_text_when_separated_and_ended_in_any_way_then_the_rows_are_the_same(
    separator: str, end: str
) -> None:
    text = end.join(separator.join(map(str, row)) for row in ROWS) + end
    preview = read_list(asked(text.encode()))
    assert logins(preview) == [(2, "adalove")]
    assert preview.format == ("tsv" if separator == "\t" else "csv")


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        *(("utf-8", ""), ("utf-8-sig", ""), ("utf-16", ""), ("utf-16-le", ""), ("utf-16-be", "")),
        *(("utf-32", ""), ("cp1252", "Windows-1252"), ("mac_roman", "Mac Roman")),
    ],
)
def test_text_when_in_any_encoding_then_accents_are_right(encoding: str, told: str) -> None:
    text = "Name,GitHub\nRené Müller,rene-m\nZoë Ångström,zoe-a\n"
    preview = read_list(asked(text.encode(encoding)))
    assert [one.name for one in preview.entries] == ["René Müller", "Zoë Ångström"]
    assert [told in one.message for one in preview.readings] == ([True] if told else [])


def test_text_when_from_central_europe_then_its_letters_are_right() -> None:
    preview = read_list(asked("Name,GitHub\nŁukasz Żak,lukasz-z\n".encode("cp1250")))
    assert preview.entries[0].name == "Łukasz Żak"


def test_text_when_utf8_was_saved_as_windows_then_names_are_repaired() -> None:
    broken = "Name,GitHub\nRené Müller,rene-m\n".encode().decode("cp1252")
    assert read_list(asked(broken)).entries[0].name == "René Müller"


def test_text_when_it_has_nul_bytes_then_they_are_left_out() -> None:
    assert logins(read_list(asked(b"Name,GitHub\nA\x00da,ada\x00love\n"))) == [(2, "adalove")]


def test_rows_when_ragged_empty_or_of_several_lines_then_numbers_are_the_spreadsheets() -> None:
    text = '\nName,GitHub,Note\n\n"Ada\nLovelace",adalove\n,,,,\nBob Ray,bobby-r,"a ""b"", c",,,\n'
    preview = read_list(asked(text))
    assert logins(preview) == [(4, "adalove"), (6, "bobby-r")]
    assert preview.entries[0].name == "Ada Lovelace"
    assert preview.entries[1].note == 'a "b", c'
    assert [column.title for column in preview.columns] == ["Name", "GitHub", "Note"]


def test_rows_when_a_quote_never_ends_then_nobody_is_swallowed() -> None:
    text = 'Name,GitHub\n"Ada,adalove\n' + "".join(f"Bob Ray,bob-{i}\n" for i in range(30))
    preview = read_list(asked(text))
    assert preview.rows == 31
    assert any("never closed" in one.message for one in preview.readings)


def test_rows_when_excel_names_the_separator_then_that_line_is_no_row() -> None:
    assert logins(read_list(asked("sep=;\r\nName;GitHub\r\nAda;adalove\r\n"))) == [(2, "adalove")]


def test_rows_when_a_markdown_table_is_pasted_then_the_rule_is_no_row() -> None:
    text = "| name | login |\n|:---|---|\n| Ada | adalove |\n| Bob | bobby-r |\n"
    assert [login for _, login in logins(read_list(asked(text)))] == ["adalove", "bobby-r"]


def test_workbook_when_read_then_numbers_dates_and_gaps_are_as_shown() -> None:
    rows: list[list[object]] = [
        ["Name", "GitHub", "github_id", "When", "Note"],
        [],
        ["Ada Lovelace", "adalove", 583231.0, datetime(2026, 1, 5, 10, 11), True],
        ["Bob Ray", 2024, None, None, None],
        ["Cy Twombly", datetime(2026, 3, 5), None, None, None],
    ]
    preview = read_list(asked(workbook(("Sheet1", rows)), filename="C:\\Users\\me\\list.xlsx"))
    assert (preview.format, preview.filename) == ("xlsx", "list.xlsx")
    assert logins(preview) == [(3, "adalove")]
    assert preview.entries[0].github_id == 583231
    assert preview.entries[0].note == "TRUE"
    assert [(one.row, one.value) for one in preview.problems] == [
        (4, "2024"),
        (5, "2026-03-05 00:00:00"),
    ]


def test_workbook_when_people_are_on_later_sheets_then_the_first_counts_and_others_are_told() -> (
    None
):
    sheets = [
        ("Read me", [["Summer school 2026"], ["ask Ada"]]),
        ("Draft", [["GitHub"], ["stale-1"]]),
        ("Students", ROWS),
        ("TAs", [["GitHub"], ["bobby-r"]]),
    ]
    preview = read_list(asked(workbook(*sheets, hidden="Draft")))
    assert logins(preview) == [(2, "adalove")]
    assert [one.column for one in preview.readings] == ["sheet TAs"]


def test_workbook_when_its_cells_are_text_that_looks_like_formulas_then_the_text_counts() -> None:
    book = openpyxl.Workbook()
    book.active.append(["GitHub"])
    book.active.append(["x"])
    book.active["A2"].value, book.active["A2"].data_type = "=adalove", "s"
    data = io.BytesIO()
    book.save(data)
    preview = read_list(asked(data.getvalue()))
    assert preview.entries == ()
    assert [one.value for one in preview.problems] == ["=adalove"]


REFUSED = [
    (b"  \n ", "empty"),
    (b"\xef\xbb\xbf", "empty"),
    (b"%PDF-1.7\n...", "PDF"),
    (b"<!DOCTYPE html><html><body>Log in</body></html>", "web page"),
    (b"\xef\xbb\xbf\n<html xmlns:x='urn:schemas-microsoft-com:office:excel'>", "web page"),
    (b"{\\rtf1 people}", "RTF"),
    (b"BEGIN:VCARD\nFN:Ada", "contact cards"),
    (b'{"people": []}', "JSON"),
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (b"\x1f\x8b\x08\x00", "gzip"),
    (bytes(range(256)) * 8, "not text"),
    (OLE, ".xls"),
    (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
    (b"PK\x03\x04 cut off", "damaged"),
    (archive(mimetype=b"application/vnd", content_xml=b"<x/>"), ".ods"),
    (archive(Index__Document_iwa=b"x"), "Numbers"),
    (archive(word__document_xml=b"x"), "Word"),
    (archive(xl__workbook_bin=b"x"), ".xlsb"),
    (archive(people_csv=b"login\nada\n"), "ZIP"),
    (archive(xl__workbook_xml=b"<x/>"), "damaged"),
    (archive(xl__workbook_xml=b"<x/>", xl__big_xml=b"0" * 50_000_000), "unpacks to"),
    (b"Name,GitHub\n", "nobody below"),
    (b"login," * 500 + b"\nx\n", "cells"),
]


@pytest.mark.parametrize(("data", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_file_when_it_is_no_list_then_a_sentence_says_what_it_is_and_what_to_do(
    data: bytes, words: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_list(asked(data, filename="people.csv"))
    assert words in caught.value.detail
    assert caught.value.hint


def test_request_when_nothing_or_both_or_no_base64_comes_then_it_is_refused() -> None:
    for request, words in (
        (ImportRequest(), "empty"),
        (ImportRequest(text="  \n"), "empty"),
        (ImportRequest(content="%%%"), "not base64"),
        (ImportRequest(content="bG9naW4"), "not base64"),
        (ImportRequest(text="ada", content="bG9naW4="), "came together"),
    ):
        with pytest.raises(InvalidInput) as caught:
            read_list(request)
        assert words in caught.value.detail


def test_request_when_the_browser_sends_a_data_url_then_it_is_read() -> None:
    content = "data:text/csv;base64," + base64.b64encode(b"login\nadalove\n").decode()
    assert logins(read_list(ImportRequest(content=content))) == [(2, "adalove")]


def test_file_when_too_big_then_it_is_refused_before_it_is_read() -> None:
    with pytest.raises(InvalidInput, match="at most"):
        read_list(asked(b"x" * (FILE_LIMIT_BYTES + 1)))


def test_list_when_it_has_too_many_people_then_it_is_refused_and_the_limit_itself_is_read() -> None:
    people = "login\n" + "\n".join(f"student-{i}" for i in range(PEOPLE_LIMIT))
    assert len(read_list(asked(people)).entries) == PEOPLE_LIMIT
    with pytest.raises(InvalidInput, match=f"at most {PEOPLE_LIMIT:,}"):
        read_list(asked(people + "\none-more"))


def test_workbook_when_it_has_entities_then_they_are_not_expanded() -> None:
    good = workbook(("People", ROWS))
    bomb = io.BytesIO()
    lol = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    with zipfile.ZipFile(io.BytesIO(good)) as source, zipfile.ZipFile(bomb, "w") as target:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                content = lol + content.replace(b"<sheetData>", b"<sheetData>&b;")
            target.writestr(part.filename, content)
    with pytest.raises(InvalidInput, match="damaged"):
        read_list(asked(bomb.getvalue()))


def test_workbook_when_a_row_claims_to_be_beyond_the_last_then_it_ends() -> None:
    good, far = workbook(("People", ROWS)), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as source, zipfile.ZipFile(far, "w") as target:
        for part in source.infolist():
            content = source.read(part).replace(b'<row r="2"', b'<row r="999999999"')
            content = content.replace(b'"A2"', b'"A999999999"').replace(b'"B2"', b'"B999999999"')
            target.writestr(part.filename, content.replace(b'"C2"', b'"C999999999"'))
    with pytest.raises(InvalidInput, match="too many cells"):
        read_list(asked(far.getvalue()))
