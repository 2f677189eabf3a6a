"""Files of candidates: CSV and XLSX, with headings in Chinese or English; every row becomes a candidate.

What a row says is checked later, with the row's number; only a file that cannot be read at all is refused.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import ParseError

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from qingdun.console.kernel.sheets import check_workbook
from qingdun.console.lists import rules
from qingdun.console.lists.candidates import Candidate
from qingdun.console.lists.codes import EntityKind, ListName
from qingdun.console.lists.normal import LONGEST
from qingdun.contract.codes import scam_types
from qingdun.errors import InputError

COLUMNS = ("kind", "entity", "list", "reason", "scam_type", "until")
HEADINGS: dict[str, str] = {
    "kind": "类型",
    "entity": "对象",
    "list": "名单",
    "reason": "理由",
    "scam_type": "诈骗类型",
    "until": "截止日期",
}
SYNONYMS = {
    **dict.fromkeys(("手机号", "电话", "电话号码"), "number"),
    **dict.fromkeys(("短信", "短信端口"), "sender"),
    **dict.fromkeys(("域名", "网址"), "host"),
    **dict.fromkeys(("银行卡", "银行账户"), "account"),
    **dict.fromkeys(("短信内容", "文本"), "text"),
    "黑": "black",
    "灰": "grey",
    "白名单": "never_block",
}
"""What people write in files for our words."""
REQUIRED = ("kind", "entity", "reason")
MOST_BYTES = 20_000_000
_APOSTROPHE = re.compile(r"^'(?=[=+\-@])")


def read_candidates(name: str, data: bytes, default_list: str) -> list[Candidate]:
    """A candidate for every row that is not empty; `row` counts as the spreadsheet does, the heading is 1.

    Errors: InputError if the file is too large, in no format we read, or lacks a column.
    """
    if len(data) > MOST_BYTES:
        raise InputError(_("The file is larger than %(most)d MB.") % {"most": MOST_BYTES // 1_000_000})
    rows = _xlsx(data) if data[:2] == b"PK" else _csv(data)
    heading = next(rows, None)
    if heading is None:
        raise InputError(_("The file is empty."))
    places = _places(heading)
    found = []
    for number, row in enumerate(rows, start=2):
        cells = {column: row[at] if at < len(row) else "" for column, at in places.items()}
        if not any(cells.values()):
            continue
        found.append(_candidate(number, cells, default_list))
        if len(found) > rules.most_rows():
            raise InputError(
                _("The file has more than %(most)d rows; cut it into several.") % {"most": rules.most_rows()}
            )
    if not found:
        raise InputError(_("The file has a heading and no rows."))
    return found


def _xlsx(data: bytes) -> Iterator[list[str]]:
    check_workbook(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    except (InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError, IndexError) as error:
        raise InputError(_("The file is no spreadsheet that can be read.")) from error
    yield from rows


def _csv(data: bytes) -> Iterator[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InputError(_("The file is neither UTF-8 nor GB 18030, nor XLSX."))
    separator = max(",;\t", key=text.partition("\n")[0].count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False))
    except csv.Error as error:
        raise InputError(_("The file is no table that can be read.")) from error
    # A spreadsheet's apostrophe before what would be a formula is no part of the cell.
    yield from ([_APOSTROPHE.sub("", cell.strip()) for cell in row] for row in rows)


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime | dt.date):
        return cell.isoformat().removesuffix("T00:00:00")
    if isinstance(cell, float) and cell.is_integer():
        # Numbers that a spreadsheet took for numbers; from 16 digits on it has lost some.
        return str(int(cell)) if abs(cell) < 10**15 else f"{cell}"
    return str(cell).strip()


def _places(heading: Iterable[str]) -> dict[str, int]:
    known = {word: column for column, word in HEADINGS.items()} | {column: column for column in COLUMNS}
    known["类别"] = "kind"  # as the form beside it calls it
    places: dict[str, int] = {}
    for at, cell in enumerate(heading):
        column = known.get(cell.strip().lower())
        if column is not None:
            places.setdefault(column, at)
    missing = [f"{HEADINGS[column]} / {column}" for column in REQUIRED if column not in places]
    if missing:
        raise InputError(_("The file lacks the columns %(missing)s.") % {"missing": ", ".join(missing)})
    return places


def _candidate(number: int, cells: dict[str, str], default_list: str) -> Candidate:
    until, wrong = _date(cells.get("until", ""))
    return Candidate(
        kind=_code(cells["kind"], _words(EntityKind)),
        entity=cells["entity"][: LONGEST + 1],
        list_name=_code(cells.get("list", ""), _words(ListName)) or default_list,
        reason=cells["reason"],
        scam_type=_code(cells.get("scam_type", ""), _scam_words()),
        until=until,
        row=number,
        values=cells,
        fault=wrong,
    )


def _code(text: str, words: dict[str, str]) -> str:
    return words.get(text.strip().lower(), text.strip())


def _words(choices: type[EntityKind] | type[ListName]) -> dict[str, str]:
    found = {code: code for code in choices.values}
    found |= {word: code for word, code in SYNONYMS.items() if code in found}
    for language in ("zh-hans", "en"):
        with override(language):
            found |= {str(choice.label).lower(): choice.value for choice in choices}
    return found


def _scam_words() -> dict[str, str]:
    names = scam_types().names.values()
    return {word.lower(): name.code for name in names for word in (name.code, name.zh, name.en)}


def written_end(until: dt.datetime) -> str:
    """The end of a term as files name it: the last day it holds, with its time if it ends within a day.

    >>> from django.conf import settings
    >>> written_end(dt.datetime(2027, 1, 1, tzinfo=settings.CITY.zone))
    '2026-12-31'
    >>> written_end(dt.datetime(2026, 12, 31, 7, 30, tzinfo=dt.UTC))
    '2026-12-31T15:30:00+08:00'
    """
    here = timezone.localtime(until)
    if here.time() == dt.time.min:
        return f"{here.date() - dt.timedelta(days=1)}"
    return here.isoformat(timespec="seconds")


def _date(text: str) -> tuple[dt.datetime | None, str]:
    """The end of that day in the city's time, or that moment of it, and what is wrong with the text."""
    if not text:
        return None, ""
    if ":" in text:
        return _moment(text)
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"):
        try:
            day = dt.datetime.strptime(text, form)  # noqa: DTZ007 (made aware in the next line)
        except ValueError:
            continue
        return timezone.make_aware(day) + dt.timedelta(days=1), ""
    return None, _("Date: found “%(found)s”, expected as in 2026-12-31.") % {"found": text[:40]}


def _moment(text: str) -> tuple[dt.datetime | None, str]:
    """The moment, in the city's time unless it says another."""
    try:
        at = dt.datetime.fromisoformat(text.replace("/", "-"))
        return (at if at.tzinfo else timezone.make_aware(at)).astimezone(dt.UTC), ""
    except (ValueError, OverflowError):
        expected = _("Date: found “%(found)s”, expected as in 2026-12-31 or 2026-12-31 15:30.")
        return None, expected % {"found": text[:40]}
