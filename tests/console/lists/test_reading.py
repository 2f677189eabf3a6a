"""Files in and out: headings in two languages, errors by row, nothing lost, no formula."""

# ruff: noqa: E501 (tables read better in few lines)

from __future__ import annotations

import datetime as dt
import io
import zipfile

import openpyxl
import pytest

from qingdun.console.lists import actions, reading, rules, tabling
from qingdun.console.lists.codes import Source
from qingdun.console.lists.models import Entry
from qingdun.console.lists.reading import read_candidates
from qingdun.errors import InputError
from tests.console.lists.conftest import Listed, People, hosts, propose

pytestmark = pytest.mark.django_db

CSV = (
    "类型,对象,名单,理由,诈骗类型,截止日期\r\n"
    "域名,bad.example.invalid,黑名单,仿冒银行,冒充公检法,2099-12-31\r\n"
    ",,,,,\r\n"
    "号码,'+86 172 5801 0001,,骚扰电话,,\r\n"
    '账户,6200 0000 0000 0017,灰名单,"涉案, 待核",,明年\r\n'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_the_encodings_of_spreadsheets(encoding: str) -> None:
    first, second, third = read_candidates("x.csv", CSV.encode(encoding), "black")
    assert (first.kind, first.entity, first.list_name, first.scam_type) == (
        "host", "bad.example.invalid", "black", "police",
    )  # fmt: skip
    assert first.until is not None
    assert first.until.isoformat() == "2100-01-01T00:00:00+08:00"
    assert (second.kind, second.list_name, second.row, second.fault) == ("number", "black", 4, "")
    assert (third.list_name, third.reason, third.row) == ("grey", "涉案, 待核", 5)
    assert "明年" in third.fault


def test_english_headings_tabs_and_unknown_columns() -> None:
    text = "Entity\tnote\tREASON\tkind\nbad.example.invalid\tx\tlooks like a bank\tHost\n"
    (found,) = read_candidates("x.txt", text.encode(), "grey")
    assert (found.kind, found.entity, found.reason, found.list_name) == (
        "host", "bad.example.invalid", "looks like a bank", "grey",
    )  # fmt: skip


def test_a_heading_may_be_the_words_of_the_form() -> None:
    (found,) = read_candidates("x.csv", "类别,对象,理由\n网站,bad.example.invalid,仿冒\n".encode(), "grey")
    assert found.kind == "host"


def xlsx(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_xlsx_with_numbers_dates_and_rounded_accounts(people: People) -> None:
    data = xlsx(
        ["kind", "entity", "reason", "until"],
        ["number", 17258010001, "数字单元格", dt.date(2099, 12, 31)],
        ["account", 6.22202123456789e18, "被表格改写", None],
        ["device", 350000000000001.0, "浮点", None],
    )
    found = read_candidates("x.xlsx", data, "grey")
    made = actions.propose(people.county, found, Source.FILE, "file-1", "x.xlsx")
    assert [e.entity for e in made.entries] == ["+8617258010001", "350000000000001"]
    assert [row.number for row in made.refused] == [3]
    assert "文本" in made.refused[0].reason or "text" in made.refused[0].reason


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xff\xfe\x00\xd8", b"PK\x03\x04 no zip", "类型,对象\n".encode(), "对象,理由\na.invalid,b\n".encode(),
        "类型,对象,理由\n".encode(),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(InputError):
        read_candidates("x", data, "black")


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(InputError):
        read_candidates("x.xlsx", out.getvalue(), "black")


def test_a_file_with_too_many_rows_or_bytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "most_rows", lambda: 2)
    rows = "".join(f"host,h{n}.example.invalid,because\n" for n in range(3))
    with pytest.raises(InputError, match="2"):
        read_candidates("x.csv", f"kind,entity,reason\n{rows}".encode(), "black")
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    with pytest.raises(InputError):
        read_candidates("x.csv", b"kind,entity,reason\n", "black")


@pytest.mark.parametrize(
    "formula", ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x.invalid")']
)
def test_what_looks_like_a_formula_is_a_text_in_what_we_write(formula: str) -> None:
    rows = [["a"], [formula]]
    line = tabling.as_csv(rows).decode("utf-8-sig").splitlines()[1]
    assert line.lstrip('"').startswith("'")
    cell = openpyxl.load_workbook(io.BytesIO(tabling.as_xlsx(rows))).worksheets[0]["A2"]
    assert (cell.data_type, cell.value) == ("s", formula)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_goes_out_comes_back_the_same(people: People, listed: Listed, form: str) -> None:
    for entity, kind in (
        ("+8617258010001", "number"), ("bad.example.invalid", "host"), ("6200000000000017", "account"),
    ):  # fmt: skip
        listed(entity, kind)
    stood = list(Entry.objects.order_by("pk").values_list("entity_kind", "entity", "list_name", "reason"))
    rows = list(tabling.entry_rows(Entry.objects.order_by("pk"), lambda one: one.entity))
    data = tabling.as_csv(rows) if form == "csv" else tabling.as_xlsx(rows)
    found = read_candidates("back", data, "grey")
    actions.reverse(people.analyst, [(e.pk, None) for e in Entry.objects.all()], "重新导入")
    made = actions.propose(people.county, found, Source.FILE, "back-1")
    assert not made.refused
    assert [(e.entity_kind, e.entity, e.list_name, e.reason) for e in made.entries] == stood


def test_refused_rows_go_out_with_their_reason_and_come_back_mended(people: People) -> None:
    text = "类型,对象,理由\n域名,qq.com,群发链接\n域名,ok.example.invalid,仿冒银行\n"
    made = actions.propose(
        people.county, read_candidates("x.csv", text.encode(), "black"), Source.FILE, "f-1", "x.csv"
    )
    (row,) = made.refused
    out = tabling.as_csv(tabling.refused_rows([row])).decode("utf-8-sig")
    assert row.reason in out
    again = read_candidates("x.csv", out.replace("qq.com", "qq.example.invalid").encode(), "black")
    assert [one.entity for one in again] == ["qq.example.invalid"]


def test_thousands_of_rows_in_one_go(people: People) -> None:
    made = propose(people.county, *hosts(3000))
    assert len(made.entries) == 3000
    rows = [(entry.pk, None) for entry in made.entries]
    assert all(done.ok for done in actions.approve(people.analyst, rows))
    assert all(done.ok for done in actions.approve(people.colleague, rows))
    assert Entry.objects.filter(state="active").count() == 3000
