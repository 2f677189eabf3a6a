"""Files as offices send them are read whole, whatever wrote them, or refused in words."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import zipfile

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from qingdun.console.kernel import sheets
from qingdun.console.kernel.imports.reading import guessed
from qingdun.console.kernel.sheets import MOST_COLUMNS, read
from qingdun.console.whistles.listing import LISTS
from qingdun.errors import EmptyFile, InputError, QingdunError, UnreadableFile

HEAD = "预警编号,联系电话,预警等级,诈骗类型,预警时间,所属镇街,预警内容"
ROW = "A-1,17258010000,红色,冒充公检法,2026-03-03 10:05,源潭镇,接听境外电话"


def workbook(*lines: tuple[object, ...]) -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet()
    for number, line in enumerate(lines):
        sheet.write_row(number, 0, line)
    book.close()
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_csv_is_read_in_every_encoding_that_offices_use(encoding: str, newline: str) -> None:
    sheet = read(f"{HEAD}{newline}{ROW}{newline}".encode(encoding), 10)
    assert sheet.encoding == encoding.removesuffix("-sig")
    assert sheet.headings == HEAD.split(",")
    assert sheet.rows == [(2, ROW.split(","))]


def test_headings_suggest_what_columns_are() -> None:
    sheet = read(f"{HEAD}\n{ROW}\n".encode(), 10)
    kind = LISTS.kinds[0]
    assert guessed(kind, sheet.headings) == {
        "external_id": "预警编号", "number": "联系电话", "level": "预警等级", "scam_type": "诈骗类型",
        "raised_at": "预警时间", "region": "所属镇街", "note": "预警内容",
    }  # fmt: skip
    assert set(guessed(kind, sheet.headings)) == set(kind.names)


def test_lines_are_those_of_the_file() -> None:
    text = 'number,note\n\n1,"two\nlines"\n2,b\n,\n3,c\n'
    assert [(line, cells[0]) for line, cells in read(text.encode(), 10).rows] == [
        (3, "1"),
        (5, "2"),
        (7, "3"),
    ]


def test_separators_blank_headings_and_long_rows() -> None:
    sheet = read("号码;;号码\n1;2;3;4\n5\n".encode(), 10)
    assert sheet.headings == ["号码", "#2", "号码 #3"]
    assert sheet.rows == [(2, ["1", "2", "3", "4"]), (3, ["5", "", ""])]


def test_workbook_is_read_as_people_fill_it_in() -> None:
    at = dt.datetime(2026, 3, 3, 10, 5)  # noqa: DTZ001 (a spreadsheet knows no zone)
    sheet = read(
        workbook(("号码", "时间", "备注"), (17258010000, at, ""), (), ("17258010001", "", "=1+1")), 10
    )
    assert sheet.encoding == "xlsx"
    assert sheet.rows[0] == (2, ["17258010000", "2026-03-03 10:05:00", ""])
    assert sheet.rows[1][0] == 4


def test_a_title_over_the_table_and_cells_merged_downwards_are_read_as_they_look() -> None:
    book = Workbook()
    sheet = book.active
    for row in (
        ("全市预警下发表",), ("号码", "等级", "备注"), ("17258010000", "高", ""), ("17258010001", None, "二"),
        (None, None, None), ("17258010002", None, ""), ("17258010003", "低", ""),
    ):  # fmt: skip
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("B3:B6")
    file = io.BytesIO()
    book.save(file)
    read_as = read(file.getvalue(), 10)
    assert read_as.headings == ["号码", "等级", "备注"]
    assert [(line, cells[:2]) for line, cells in read_as.rows] == [
        (3, ["17258010000", "高"]), (4, ["17258010001", "高"]), (6, ["17258010002", "高"]),
        (7, ["17258010003", "低"]),
    ]  # fmt: skip
    assert read("号码\n17258010000\n".encode(), 10).headings == ["号码"]
    assert read("清远市,\n号码,等级\n1,高\n".encode(), 10).rows == [(3, ["1", "高"])]


def test_what_is_no_list_is_refused_in_words() -> None:
    with pytest.raises(EmptyFile):
        read(b" \n", 10)
    with pytest.raises(EmptyFile):
        read(b",,\n,,\n", 10)
    with pytest.raises(UnreadableFile):
        read(b"\xff\x00\x81\x00\xff", 10)
    whole = workbook(("号码",), ("1",))
    with pytest.raises(UnreadableFile):
        read(whole[: len(whole) // 2], 10)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as other:
        other.writestr("hello.txt", "no workbook")
    with pytest.raises(UnreadableFile):
        read(packed.getvalue(), 10)
    with pytest.raises(InputError):
        read(b"number\n1\n2\n3\n", 2)


def test_a_workbook_damaged_anywhere_is_read_or_refused_in_words() -> None:
    whole = workbook(tuple(HEAD.split(",")), tuple(ROW.split(",")))
    # Every place once: in the packed data, in the lengths, in the kinds of packing.
    for place in range(0, len(whole), 7):
        damaged = whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :]
        with contextlib.suppress(QingdunError):
            read(damaged, 10)


def test_rows_far_wider_than_a_table_do_not_fill_the_memory() -> None:
    far = 16_383  # the last column that a workbook knows
    book, file = io.BytesIO(), io.StringIO()
    with xlsxwriter.Workbook(book) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["号码", "备注"])
        for line in range(1, 4):
            sheet.write_string(line, 0, f"1725801000{line}")
            sheet.write_string(line, far, "x")
    file.write("号码,备注\n" + ("1" + ",2" * far + "\n") * 3)
    for data in (book.getvalue(), file.getvalue().encode()):
        rows = read(data, 10).rows
        assert len(rows) == 3
        assert all(len(cells) <= MOST_COLUMNS + 1 for _line, cells in rows)
    # That a row is too wide is still seen.
    assert len(read(file.getvalue().encode(), 10).rows[0][1]) > 2


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        sheet = read(data, 50)
    except QingdunError:
        return
    assert len(set(sheet.headings)) == len(sheet.headings)
    assert all(len(cells) >= len(sheet.headings) for _line, cells in sheet.rows)


@given(st.lists(st.lists(st.text(max_size=8), min_size=3, max_size=3), max_size=8))
def test_every_row_that_is_not_blank_is_there(rows: list[list[str]]) -> None:
    import csv

    file = io.StringIO()
    csv.writer(file).writerows([["a", "b", "c"], *rows])
    sheet = read(file.getvalue().encode("utf-8", "surrogatepass"), 50) if _plain(rows) else None
    if sheet is not None:
        assert len(sheet.rows) == sum(any(cell.strip() for cell in row) for row in rows)


def _plain(rows: list[list[str]]) -> bool:
    """Whether the text can be written as UTF-8 at all, and holds no NUL."""
    text = "".join(cell for row in rows for cell in row)
    return not any(0xD800 <= ord(letter) < 0xE000 or letter == "\x00" for letter in text)


def test_a_text_that_millions_of_cells_may_name_is_counted_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as made:
        sheet = made.add_worksheet()
        for line in range(12):
            sheet.write_row(line, 0, ["甲" * 100, "乙"])
    assert len(read(book.getvalue(), 100).rows) == 11
    monkeypatch.setattr(sheets, "MOST_TEXT", 1000)
    with pytest.raises(InputError, match="1000"):
        read(book.getvalue(), 100)
